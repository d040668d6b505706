"""Many hands at once on a whistle: one number each, one confirmation, one end, one closing. Proven on PostgreSQL."""

from datetime import timedelta

import pytest

from chuangwen.cases.models import Case
from chuangwen.journal.models import Event
from chuangwen.whistles import operations as whistles
from chuangwen.whistles.models import Summons, Whistle
from tests.domain.test_parallel import at_once, district
from tests.whistling import GOOD, blown, reported, said, staffed, summons_of
from tests.world import NOW, World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
__all__ = ["district"]


def events(kind: str) -> int:
    """How often the journal has it."""
    return Event.objects.filter(kind=f"whistle.{kind}").count()


def test_numbers_taken_at_once_have_no_gap_and_one_key_is_one_whistle(district: World) -> None:
    staffed(district)
    street, call = district.actor("xt_chief"), said(district)
    ends = at_once(6, lambda n: whistles.blow(said=call, by=street, now=NOW, client_key=f"k{n % 3}"))
    assert ends == {"done": 6}
    assert sorted(Whistle.objects.values_list("serial", flat=True)) == [1, 2, 3]


def test_parallel_confirmations_and_closings_give_one(district: World) -> None:
    staffed(district)
    whistle = blown(district)
    pk, department, street = summons_of(whistle, "CC-CG").pk, district.actor("cg_worker"), district.actor("xt_chief")
    assert at_once(4, lambda _: whistles.confirm(summons_id=pk, by=department, now=NOW)) == {"done": 4}
    assert events("confirmed") == 1
    assert at_once(4, lambda _: whistles.arrive(summons_id=pk, by=department, now=NOW)) == {"done": 1, "refused": 3}
    ends = at_once(4, lambda _: whistles.finish(summons_id=pk, words="清完", by=department, now=NOW))
    assert ends == {"done": 1, "refused": 3}
    assert Case.objects.get(pk=whistle.case_id).parts_open == 1
    whistles.see_arrival(summons_id=pk, came=True, by=street, now=NOW)
    reported(district, whistle, "CC-SCJG", now=NOW)
    ratings = dict.fromkeys(Summons.objects.values_list("pk", flat=True), GOOD)
    later = NOW + timedelta(hours=1)
    ends = at_once(
        4,
        lambda _: whistles.close_whistle(whistle_id=whistle.pk, outcome="好了", ratings=ratings, by=street, now=later),
    )
    assert ends == {"done": 1, "refused": 3}
    assert events("closed") == 1


def test_two_departments_finish_at_once_and_the_count_is_right(district: World) -> None:
    staffed(district)
    whistle = blown(district)
    for code in ("CC-CG", "CC-SCJG"):
        reported(district, whistle, code, now=NOW, until="arrived")
    acts = [
        (summons_of(whistle, "CC-CG").pk, district.actor("cg_worker")),
        (summons_of(whistle, "CC-SCJG").pk, district.actor("sc_chief")),
    ]
    ends = at_once(2, lambda n: whistles.finish(summons_id=acts[n][0], words="好了", by=acts[n][1], now=NOW))
    assert ends == {"done": 2}
    assert Case.objects.get(pk=whistle.case_id).parts_open == 0
