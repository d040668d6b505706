"""Two hands on one file at once: one opening, one decision, one event. Proven on PostgreSQL."""

import pytest

from chuangwen.accountability import operations as work
from chuangwen.accountability.ladder_operations import draft_ladder, force_ladder
from chuangwen.accountability.models import File, LadderVersion
from chuangwen.accountability.moving import Said
from chuangwen.journal.queries import events_of
from chuangwen.rules.accountability_flow import FileStatus
from tests.accountable import file_at, in_force, last_twice
from tests.domain.test_parallel import at_once, district
from tests.world import NOW, World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
__all__ = ["district"]  # the fixture


def test_two_decisions_are_one(district: World) -> None:
    file = file_at(district, FileStatus.PROPOSED)
    leaders = [district.actor("leader"), district.actor("leader2")]
    outcomes = ("uphold", "no_action")
    ends = at_once(
        4,
        lambda number: work.decide(
            file_id=file.pk, said=Said("理由", outcome=outcomes[number % 2]), by=leaders[number % 2], now=NOW
        ),
    )
    assert ends == {"done": 1, "refused": 3}
    assert [event.kind for event in events_of("accountability", file.pk)].count("accountability.decide") == 1
    assert file.acts.filter(move="decide").count() == 1


def test_one_occasion_is_opened_once(district: World) -> None:
    found, ladder = last_twice(district), LadderVersion.objects.get()
    openers = [district.actor("clerk"), district.actor("chief")]
    ends = at_once(
        4,
        lambda number: work.open_file(
            ladder_id=ladder.pk, unit_id=found.unit.pk, rung="second", occasion=found.entry.key, by=openers[number % 2],
            now=NOW, client_key=f"k-{number % 2}",
        ),
    )  # fmt: skip
    assert ends == {"done": 2, "refused": 2}
    assert File.objects.count() == 1


def test_one_version_of_a_ladder_is_in_force(district: World) -> None:
    first = in_force(district)
    draft = draft_ladder(text=first.text, by=district.actor("clerk"), now=NOW)
    chief = district.actor("chief")
    ends = at_once(3, lambda _: force_ladder(ladder_id=draft.pk, by=chief, now=NOW))
    assert ends == {"done": 1, "refused": 2}
    assert LadderVersion.objects.filter(in_force_at__isnull=False, replaced_at=None).count() == 1
