"""Two people freeze the same order at once: one number each, or one copy where the words are the same."""

from datetime import timedelta

import pytest

from chuangwen.bulletins.final_copies import ORDER, freeze
from chuangwen.bulletins.models import FinalCopy
from chuangwen.cases.orders import issue_order
from chuangwen.rules.case_flow import Status
from tests.domain.test_parallel import at_once, district
from tests.world import NOW, World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
__all__ = ["district"]


def _ordered(world: World) -> int:
    return issue_order(
        number="崇创整〔2020〕2号", title="整改任务书", issuer="区文明办", deadline=NOW + timedelta(days=9), note="",
        case_ids=[world.case_at(Status.HANDLING).pk], by=world.actor("clerk"), now=NOW,
    ).pk  # fmt: skip


@pytest.mark.parametrize("key", ["same", ""])
def test_it_is_frozen_once(district: World, key: str) -> None:
    order, chief = _ordered(district), district.actor("chief")
    ends = at_once(4, lambda _: freeze(kind=ORDER, subject_id=order, by=chief, now=NOW, client_key=key or None))
    assert ends == ({"done": 4} if key else {"done": 1, "refused": 3})
    assert [copy.serial for copy in FinalCopy.objects.all()] == [1]
