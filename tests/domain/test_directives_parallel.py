"""Two at once: a share is handed in once, a paper registered once, a month's time given out once. Proven on PostgreSQL."""

from datetime import date

import pytest

from chuangwen.burden.models import Claim
from chuangwen.burden.operations import claim, put_budget
from chuangwen.directives.models import Declaration, Directive, Report
from chuangwen.rules.burden import Demand
from chuangwen.rules.permissions import Role
from tests.directed import given_to, handed_in, received, said_late
from tests.domain.test_parallel import at_once, district
from tests.world import NOW, World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
__all__ = ["district"]


def test_a_paper_is_registered_once(district: World) -> None:
    assert at_once(4, lambda _: received(district, client_key="same")) == {"done": 4}
    assert Directive.objects.count() == 1


def test_a_share_is_handed_in_once(district: World) -> None:
    item = given_to(district, "XT-01")
    ends = at_once(4, lambda _: handed_in(district, item, "XT-01", "xt01_worker"))
    assert ends == {"done": 1, "refused": 3}
    assert Report.objects.count() == 1


def test_a_delay_is_declared_once(district: World) -> None:
    item = given_to(district, "XT-01")
    ends = at_once(4, lambda _: said_late(district, item, "XT-01", "xt01_worker"))
    assert ends == {"done": 1, "refused": 3}
    assert Declaration.objects.count() == 1


def test_the_last_hours_of_a_month_are_given_out_once(district: World) -> None:
    june, home, clerk = date(2020, 6, 1), district.unit("CC"), district.actor("clerk")
    put_budget(role="inspector", month=june, minutes=100, by=district.actor("chief"), now=NOW)
    demand = [Demand(Role.INSPECTOR, june, 60)]
    ends = at_once(4, lambda n: claim(home=home, subject=("campaign", n), title="x", demands=demand, by=clerk, now=NOW))
    assert ends == {"done": 1, "refused": 3}
    assert Claim.objects.count() == 1
