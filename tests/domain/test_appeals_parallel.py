"""Two people at once: one appeal a case, one decision. Proven on PostgreSQL."""

from datetime import timedelta

import pytest

from chuangwen.appeals.models import Appeal, Review
from chuangwen.appeals.operations import appeal_case, review_appeal
from chuangwen.journal.models import Event
from tests.appealing import about_case, closed_case, plea, review
from tests.domain.test_parallel import at_once, district
from tests.world import NOW, World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
__all__ = ["district"]
SOON = NOW + timedelta(hours=1)


def test_appeals_at_once_about_one_case_are_one(district: World) -> None:
    case = closed_case(district)
    people = [district.actor("wy_chief"), district.actor("xt_chief")]

    def raise_it(number: int) -> object:
        return appeal_case(case_id=case.pk, plea=plea(), by=people[number % 2], now=SOON, client_key=f"k{number}")

    assert at_once(4, raise_it) == {"done": 1, "refused": 3}
    assert (Appeal.objects.count(), Event.objects.filter(kind="appeal.raised").count()) == (1, 1)


def test_the_same_submission_at_once_is_one_appeal(district: World) -> None:
    case, by = closed_case(district), district.actor("wy_chief")
    ends = at_once(4, lambda _: appeal_case(case_id=case.pk, plea=plea(), by=by, now=SOON, client_key="same"))
    assert ends == {"done": 4}
    assert Appeal.objects.count() == 1


def test_decisions_at_once_are_one(district: World) -> None:
    appeal = about_case(district, closed_case(district), by="wy_chief", now=SOON)
    review(district, appeal, "propose", now=SOON)
    chief = district.actor("chief")

    def decide(number: int) -> object:
        outcome = "granted" if number % 2 else "refused"
        return review_appeal(appeal_id=appeal.pk, step="decide", outcome=outcome, reason="x", by=chief, now=SOON)

    assert at_once(4, decide) == {"done": 1, "refused": 3}
    assert Review.objects.filter(appeal=appeal, level=2).count() == 1
