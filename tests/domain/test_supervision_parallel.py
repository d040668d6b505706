"""Two taps at once: one task of today, one round on the spot, one report. Proven on PostgreSQL."""

from datetime import timedelta

import pytest

from chuangwen.intake.models import ResidentReport
from chuangwen.intake.operations import report_at
from chuangwen.patrols.models import Patrol
from chuangwen.patrols.operations import start_patrol
from chuangwen.supervision.models import Remark, Task
from chuangwen.supervision.operations import prepare_due
from chuangwen.supervision.remarks import note_seen
from tests.domain.test_parallel import at_once, district
from tests.rounds import small_edition
from tests.supervised import ordered
from tests.world import NOW, World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
__all__ = ["district"]


def test_notes_at_once_make_one_task_of_today(district: World) -> None:
    leader = district.actor("leader")
    ends = at_once(6, lambda n: note_seen(task_id=None, text=f"第{n}处", by=leader, now=NOW, client_key=f"k{n % 3}"))
    assert ends == {"done": 6}
    assert (Task.objects.count(), Remark.objects.count()) == (1, 3)


def test_a_round_on_the_spot_begins_once(district: World) -> None:
    small_edition()
    inspector = district.actor("inspector")
    assert at_once(4, lambda _: start_patrol(site_id=district.compound.pk, by=inspector, now=NOW)) == {"done": 4}
    assert Patrol.objects.count() == 1


def test_a_report_that_arrives_twice_is_one(district: World) -> None:
    ends = at_once(
        4, lambda _: report_at(site=district.compound, text="堆物", sender="10.0.0.1", now=NOW, client_key="same")
    )
    assert ends == {"done": 4}
    assert ResidentReport.objects.count() == 1


def test_two_workers_prepare_a_turn_once(district: World) -> None:
    ordered(district, kind="regular", repeat="weekly")
    near = NOW + timedelta(days=5)
    assert at_once(4, lambda _: prepare_due(now=near)) == {"done": 1, "nothing": 3}
    assert Task.objects.count() == 2
