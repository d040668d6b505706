"""Several people press the same button at once: one list, one result. Proven on PostgreSQL."""

import pytest
from django.db import connection

from chuangwen.rechecks.models import Draw, Second, Task
from chuangwen.rechecks.operations import decide_draw
from chuangwen.rechecks.tasks import judge_again
from chuangwen.rules.refusals import Refused
from tests.domain.test_parallel import at_once
from tests.rechecking import AFTER, NUMBERS, a_week, decided, published, task_on_visit
from tests.world import World, build

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def district(transactional_db: None) -> World:
    """The small district, really committed, on PostgreSQL."""
    assert connection.vendor == "postgresql", "这项检验只在 PostgreSQL 上有意义，请用 tools/postgres.sh run 运行。"
    return build()


def test_four_at_once_publish_one_list(district: World) -> None:
    a_week(district)
    assert at_once(4, lambda _: published(district)) == {"done": 1, "refused": 3}
    assert Draw.objects.count() == 1


def test_four_at_once_with_different_numbers_draw_once(district: World) -> None:
    a_week(district)
    draw, clerk = published(district), district.actor("clerk")

    def decide(number: int) -> Draw:
        numbers = [*NUMBERS[:1], [number + 1], *NUMBERS[2:]]
        return decide_draw(draw_id=draw.pk, numbers=numbers, numbers_from="公告", by=clerk, now=AFTER)

    assert at_once(4, decide) == {"done": 1, "refused": 3}
    assert Task.objects.count() == draw.size


def test_one_verdict_sent_four_times_is_one_case(district: World) -> None:
    _, visits = a_week(district)
    task, by = task_on_visit(decided(district), visits[0]), district.actor("inspector2")

    def judge(_: int) -> Second:
        return judge_again(
            task_id=task.pk, criterion_code="RES-01", verdict="fail", client_key="same", by=by, now=AFTER
        )

    assert at_once(4, judge) == {"done": 4}
    row = Second.objects.get(task=task, criterion__code="RES-01")
    assert row.case is not None
    with pytest.raises(Refused):
        judge_again(task_id=task.pk, criterion_code="NO", verdict="pass", by=by, now=AFTER)
