"""Cases walk their life through the real operations."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from chuangwen.cases import extensions, orders
from chuangwen.cases import operations as cases
from chuangwen.cases.filters import CaseFilter, page_of
from chuangwen.cases.models import Case
from chuangwen.cases.queries import case_for, counts, to_do
from chuangwen.journal.models import Event
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from tests.world import BEIJING, NOW, PEOPLE, World, photo_id


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_reached_through_operations_and_leaves_a_trace(world: World, status: Status) -> None:
    case = world.case_at(status)
    assert case.flow_status is status
    last = Event.objects.filter(subject_kind="case", subject_id=case.pk).latest("id")
    assert last.facts["to"] == status.value


@pytest.mark.parametrize("username", [row[0] for row in PEOPLE])
def test_list_and_door_agree_for_everybody_at_every_status(world: World, username: str) -> None:
    for status in Status:
        world.case_at(status)
        world.case_at(status, site=world.lane) if status in {Status.REPORTED, Status.ACCEPTED} else None
    actor = world.actor(username)
    listed = set(Case.objects.visible_to(actor).values_list("pk", flat=True))
    allowed = {
        case.pk for case in Case.objects.select_related("home", "unit") if may(actor, Permission.CASE_SEE, case.thing())
    }
    assert listed == allowed


def test_nobody_verifies_what_their_unit_rectified(world: World) -> None:
    case = world.case_at(Status.RECTIFIED)
    with pytest.raises(Refused):
        cases.verify(case_id=case.pk, by=world.actor("wy_worker"), now=NOW)
    assert cases.verify(case_id=case.pk, by=world.actor("inspector"), now=NOW).flow_status is Status.VERIFIED


def test_the_deadline_follows_the_working_calendar_and_is_stored(world: World) -> None:
    start = datetime(2020, 6, 24, 16, 58, tzinfo=BEIJING)
    case = world.case_at(Status.DISPATCHED, now=start)
    assert case.due_at == datetime(2020, 6, 28, 11, 0, tzinfo=BEIJING)
    assert not case.is_late(datetime(2020, 6, 28, 11, 0, tzinfo=BEIJING))
    assert case.is_late(datetime(2020, 6, 28, 11, 1, tzinfo=BEIJING))


def test_time_of_checking_is_not_held_against_the_unit(world: World) -> None:
    case = world.case_at(Status.RECTIFIED)
    due = case.due_at
    assert due is not None
    later = NOW + timedelta(hours=2)
    back = cases.reject(case_id=case.pk, reason="仍有杂物", by=world.actor("inspector"), now=later)
    assert back.rework_count == 1
    assert back.due_at is not None
    assert back.due_at > due


def test_a_repeated_submission_is_harmless(world: World) -> None:
    case = world.case_at(Status.REPORTED)
    for _ in range(3):
        cases.accept(case_id=case.pk, by=world.actor("clerk"), now=NOW, client_key="k1")
    assert Event.objects.filter(kind="case.accept", subject_id=case.pk).count() == 1


def test_somebody_elses_edit_in_between_gives_both_texts(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    cases.add_note(case_id=case.pk, note="请注意楼道", by=world.actor("clerk"), now=NOW)
    cases.rectify(case_id=case.pk, note="已清", by=world.actor("wy_chief"), now=NOW)
    with pytest.raises(Conflict) as refusal:
        cases.rectify(case_id=case.pk, note="我清的", by=world.actor("wy_worker"), now=NOW, seen_version=case.version)
    assert refusal.value.yours == "我清的"
    assert refusal.value.theirs == "已清"


def test_every_objection_is_named_at_once(world: World) -> None:
    case = world.case_at(Status.DISPATCHED)
    with pytest.raises(Refused) as refusal:
        cases.return_back(case_id=case.pk, reason="", by=world.actor("clerk"), now=NOW)
    assert len(refusal.value.objections) == 2


def test_after_photos_are_needed_where_there_was_one_before(world: World) -> None:
    by = world.actor("inspector")
    case = world.case_at(Status.HANDLING, photo_ids=[photo_id(by)])
    with pytest.raises(Refused, match="整改后的照片"):
        cases.rectify(case_id=case.pk, note="已清", by=world.actor("wy_worker"), now=NOW)
    worker = world.actor("wy_worker")
    done = cases.rectify(case_id=case.pk, note="已清", photo_ids=[photo_id(worker, "red")], by=worker, now=NOW)
    assert done.photos.count() == 2


def test_an_extension_adds_the_limit_once_more_and_at_most_twice(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    due = case.due_at
    for expected in (1, 2):
        extensions.ask_extension(case_id=case.pk, reason="等配件", by=world.actor("wy_chief"), now=NOW)
        extensions.decide_extension(case_id=case.pk, granted=True, by=world.actor("clerk"), now=NOW)
        case.refresh_from_db()
        assert case.extension_count == expected
    assert case.due_at is not None
    assert due is not None
    assert case.due_at > due
    with pytest.raises(Refused, match="最多延期"):
        extensions.ask_extension(case_id=case.pk, reason="再等", by=world.actor("wy_chief"), now=NOW)


def test_an_order_puts_many_cases_under_one_deadline(world: World) -> None:
    ids = [world.case_at(status).pk for status in (Status.REPORTED, Status.HANDLING, Status.RETURNED)]
    deadline = datetime(2020, 8, 20, 18, 0, tzinfo=BEIJING)
    order = orders.issue_order(
        number="崇创整〔2020〕1号", title="市测评反馈问题整改", issuer="市文明办", deadline=deadline, case_ids=ids,
        by=world.actor("clerk"), now=NOW,
    )  # fmt: skip
    assert order.cases.count() == 3
    assert Case.objects.get(pk=ids[1]).due_at == deadline
    cases.accept(case_id=ids[0], by=world.actor("clerk"), now=NOW)
    sent = cases.dispatch(case_id=ids[0], unit_id=world.unit("XT-01-WY").pk, by=world.actor("clerk"), now=NOW)
    assert sent.due_at == deadline


def test_another_district_sees_nothing(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    with pytest.raises(NotFound):
        case_for(world.actor("gz_clerk"), case.pk)


def test_search_combines_with_filters_and_pages_by_key(world: World) -> None:
    for number in range(7):
        world.open_case(title=f"路灯不亮 {number}", text="A3楼前")
    world.open_case(title="占道经营")
    clerk = world.actor("clerk")
    seen: list[int] = []
    key = ""
    while True:
        page = page_of(clerk, CaseFilter(q="路灯 a3楼", state="open"), now=NOW, after=key, size=3)
        seen += [case.pk for case in page.rows]
        key = page.next_key
        if not key:
            break
    assert len(seen) == len(set(seen)) == 7
    assert page.total == 7
    assert page_of(clerk, CaseFilter(q="灯"), now=NOW).total == 7
    assert page_of(clerk, CaseFilter(q="路亮"), now=NOW).total == 0


def test_the_work_list_names_what_waits_for_each(world: World) -> None:
    handling, checking, new = (world.case_at(s) for s in (Status.HANDLING, Status.RECTIFIED, Status.REPORTED))
    assert [case.pk for case in to_do(world.actor("wy_worker"))] == [handling.pk]
    assert checking.pk in [case.pk for case in to_do(world.actor("inspector"))]
    assert [case.pk for case in to_do(world.actor("clerk"))] == [new.pk]
    assert not to_do(world.actor("leader")).exists()


def test_figures_agree_with_the_list(world: World) -> None:
    for status in Status:
        world.case_at(status)
    clerk = world.actor("clerk")
    figures = counts(clerk, CaseFilter(), NOW)
    assert figures.opened == len(Status)
    assert figures.open == page_of(clerk, CaseFilter(state="open"), now=NOW).total
    later = NOW + timedelta(days=30)
    assert counts(clerk, CaseFilter(), later).overdue == page_of(clerk, CaseFilter(late="now"), now=later).total == 2


def test_a_picture_that_somebody_else_brought_in_cannot_be_made_ones_own(world: World) -> None:
    theirs = photo_id(world.actor("inspector"), "blue")
    case = world.case_at(Status.HANDLING)
    worker = world.actor("wy_worker")
    with pytest.raises(NotFound, match="重新选择照片"):
        cases.rectify(case_id=case.pk, note="已清", photo_ids=[theirs], by=worker, now=NOW)
    assert photo_id(worker, "blue") == theirs  # the same bytes, brought in by the worker as well
    done = cases.rectify(case_id=case.pk, note="已清", photo_ids=[theirs], by=worker, now=NOW)
    assert done.photos.count() == 1


def test_a_clock_that_runs_behind_is_no_error(world: World) -> None:
    case = world.case_at(Status.RECTIFIED)
    early = NOW - timedelta(hours=1)
    back = cases.reject(case_id=case.pk, reason="仍有杂物", by=world.actor("inspector"), now=early)
    assert back.flow_status is Status.HANDLING


def test_the_offices_own_hours_are_those_that_count(world: World, settings: Any) -> None:
    settings.OFFICE_HOURS = ((time(9), time(12)), (time(13), time(17)))
    cache.clear()
    start = datetime(2020, 6, 24, 15, 58, tzinfo=BEIJING)
    case = world.case_at(Status.DISPATCHED, now=start)  # at 16:00: one hour is left today, three on the working Sunday
    assert case.due_at == datetime(2020, 6, 28, 12, 0, tzinfo=BEIJING)
