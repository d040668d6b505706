"""Two of the office decide at once: one decision, one dispatch. Proven on PostgreSQL."""

from datetime import timedelta

import pytest

from chuangwen.cases.models import Case
from chuangwen.journal.models import Event
from chuangwen.routing.models import Objection
from chuangwen.routing.objections import decide_objection, object_to_dispatch
from chuangwen.rules.case_flow import Status
from tests.domain.test_parallel import at_once, district
from tests.routing import objected
from tests.world import NOW, World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
__all__ = ["district"]
LATER = NOW + timedelta(minutes=30)


def test_of_parallel_decisions_one_wins(district: World) -> None:
    case = district.case_at(Status.DISPATCHED)
    objected(district, case)
    people = [district.actor(name) for name in ("clerk", "chief")]
    units = [district.unit(code).pk for code in ("CC-CG", "XT", "WF")]

    def decide(number: int) -> object:
        upheld = number % 2 == 0
        return decide_objection(
            case_id=case.pk, upheld=upheld, unit_id=units[number % 3], reason="照章", by=people[number % 2], now=LATER
        )

    assert at_once(6, decide) == {"done": 1, "refused": 5}
    found, after = Objection.objects.get(), Case.objects.get(pk=case.pk)
    assert found.outcome in {"upheld", "rejected"}
    assert after.unit_id == (found.given_to_id or case.unit_id)
    assert Event.objects.filter(kind__startswith="case.objection_").count() == 1


def test_of_parallel_objections_one_is_taken(district: World) -> None:
    case = district.case_at(Status.DISPATCHED)
    people = [district.actor(name) for name in ("wy_worker", "wy_chief")]

    def ask(number: int) -> object:
        return object_to_dispatch(
            case_id=case.pk,
            ground="其他",
            words="不归我们",
            by=people[number % 2],
            now=LATER,
            client_key=f"k{number % 2}",
        )

    ends = at_once(6, ask)
    assert ends["done"] == 1
    assert Objection.objects.count() == 1
