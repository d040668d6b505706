"""What is due by the clock: done once for its moment, and what cannot be done says why without looking like a breakdown."""

from datetime import timedelta

import pytest

from chuangwen.bulletins.models import Paper
from chuangwen.bulletins.operations import draft_paper, release_paper
from chuangwen.jobs.loops import tick_once
from chuangwen.jobs.timetable import TIMETABLE
from chuangwen.journal.models import Run
from tests.world import NOW, World


@pytest.mark.django_db
def test_an_empty_house_has_no_papers_to_draft_and_says_what_is_missing(caplog: pytest.LogCaptureFixture) -> None:
    assert tick_once(NOW)
    errors = dict(Run.objects.values_list("name", "error"))
    assert set(errors) == {entry.name for entry in TIMETABLE}
    assert "请先建立街道" in errors["起草周通报"]
    assert errors["补充工作日历"] == ""
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert not any(record.exc_info for record in caplog.records)


def test_every_piece_is_done_once_for_its_moment(world: World) -> None:
    assert tick_once(NOW)
    assert set(Paper.objects.values_list("kind", flat=True)) == {"daily", "weekly", "monthly"}
    assert not tick_once(NOW + timedelta(seconds=1))
    assert Paper.objects.count() == 3


def test_a_bulletin_that_is_out_already_is_no_breakdown(world: World, caplog: pytest.LogCaptureFixture) -> None:
    last_week = NOW.date() - timedelta(days=7)
    paper = draft_paper(kind="weekly", day=last_week, by=world.actor("clerk"), now=NOW)
    release_paper(paper_id=paper.pk, by=world.actor("chief"), now=NOW)
    tick_once(NOW)
    assert "已经发布" in Run.objects.get(name="起草周通报").error
    assert not any(record.exc_info for record in caplog.records)


def test_a_breakdown_of_one_piece_leaves_the_others_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_given: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("chuangwen.jobs.timetable.resume_due", broken)
    tick_once(NOW)
    assert Run.objects.get(name="恢复到期挂账").error == "RuntimeError: disk full"
    assert Run.objects.filter(error="").exclude(finished_at=None).count() == len(TIMETABLE) - 1
