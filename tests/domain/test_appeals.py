"""A unit objects, two people review, and what is granted is not counted while the raw fact stays; months wait for it."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from chuangwen.appeals.models import Appeal, Review, Window
from chuangwen.appeals.operations import appeal_case, escalate_appeal, put_terms
from chuangwen.appeals.queries import (
    appeal_for,
    appeal_photo_for,
    appeals_for,
    counts_for,
    granted_for,
    listed,
    may_appeal_case,
    may_review,
    to_review,
    window_of,
)
from chuangwen.bulletins.models import Paper
from chuangwen.bulletins.operations import draft_paper, release_paper, withdraw_draft
from chuangwen.bulletins.queries import check_paper
from chuangwen.cases.models import Case
from chuangwen.journal.models import Event
from chuangwen.patrols.models import Finding
from chuangwen.rules.appeals import Terms
from chuangwen.rules.case_flow import Status
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.scores.models import ScoreLine, ScoreSheet
from chuangwen.scores.observations import findings_within
from chuangwen.scores.operations import compute_sheet, discard_sheet, release_sheet
from chuangwen.scores.queries import league_table, line_for, recompute, sheet_for
from chuangwen.scores.reach import everything_in
from chuangwen.scores.showing import correct_sheet, show_sheet
from tests.appealing import (
    OVER,
    about_case,
    about_finding,
    about_part,
    closed_case,
    late_case,
    plea,
    review,
    settled,
    shown_june,
)
from tests.walks import JULY, june
from tests.world import NOW, PEOPLE, World, photo_id

FIRST, LAST = date(2020, 6, 1), date(2020, 6, 30)


def totals(sheet: ScoreSheet) -> dict[str, str]:
    """Street -> total."""
    return {line.unit_name: line.total_shown for line in ScoreLine.objects.filter(sheet=sheet)}


def line(sheet: ScoreSheet, name: str = "文峰街道") -> ScoreLine:
    """The line of one street."""
    return ScoreLine.objects.get(sheet=sheet, unit_name=name)


# --- raising ---


def test_the_handling_unit_appeals_a_closed_case_once_within_its_days(world: World) -> None:
    case = closed_case(world)
    chief = world.actor("wy_chief")
    assert may_appeal_case(chief, case, NOW + timedelta(hours=1))
    taken = photo_id(chief)
    appeal = appeal_case(
        case_id=case.pk, plea=plea(photos=[taken]), by=chief, now=NOW + timedelta(hours=1), client_key="k1"
    )
    assert (appeal.state, appeal.unit.code, appeal.act_by) == ("raised", "XT-01-WY", datetime(2020, 6, 29, 18, tzinfo=JULY.tzinfo))  # fmt: skip
    again = appeal_case(case_id=case.pk, plea=plea(), by=chief, now=NOW + timedelta(hours=2), client_key="k1")
    assert again == appeal
    with pytest.raises(Refused, match="只能申诉一次"):
        appeal_case(case_id=case.pk, plea=plea(), by=world.actor("xt_chief"), now=NOW + timedelta(hours=2))
    assert Event.objects.filter(kind="appeal.raised", subject_id=appeal.pk).count() == 1
    assert appeal_photo_for(world.actor("clerk"), appeal.pk, taken).pk == taken
    with pytest.raises(NotFound):
        appeal_photo_for(world.actor("clerk"), appeal.pk, photo_id(chief, "red"))


def test_every_objection_to_an_appeal_is_named_at_once(world: World) -> None:
    case = closed_case(world)
    with pytest.raises(Refused) as refusal:
        appeal_case(
            case_id=case.pk, plea=plea("forget", ground="随便", words=" "), by=world.actor("clerk"), now=NOW + timedelta(days=9)
        )  # fmt: skip
    assert len(refusal.value.objections) == 5
    with pytest.raises(NotFound):
        about_case(world, case, by="gz_clerk")
    with pytest.raises(Refused, match="期限已过"):
        about_case(world, world.case_at(Status.HANDLING), by="wy_chief", now=NOW + timedelta(minutes=9))


def test_the_days_to_appeal_are_data(world: World) -> None:
    case = closed_case(world)
    late = NOW + timedelta(days=12)
    assert not may_appeal_case(world.actor("wy_chief"), case, late)
    put_terms(terms=Terms(appeal_days=10), by=world.actor("chief"), now=NOW)
    assert may_appeal_case(world.actor("wy_chief"), case, late)
    with pytest.raises(Refused, match="主任制定"):
        put_terms(terms=Terms(), by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="写明理由"):
        put_terms(terms=Terms(window_days=0), by=world.actor("chief"), now=NOW)
    with pytest.raises(Conflict):
        put_terms(terms=Terms(), by=world.actor("chief"), now=NOW, seen_version=0)


@pytest.mark.parametrize("username", [row[0] for row in PEOPLE])
def test_the_unit_those_above_it_office_and_leaders_see_an_appeal(world: World, username: str) -> None:
    appeal = about_case(world, closed_case(world), by="wy_chief", now=NOW + timedelta(hours=1))
    sees = {"clerk", "chief", "leader", "wy_chief", "wy_worker", "xt01_worker", "xt_chief"}
    assert appeals_for(world.actor(username)).exists() is (username in sees)
    if username not in sees:
        with pytest.raises(NotFound):
            appeal_for(world.actor(username), appeal.pk)


# --- reviewing ---


def test_two_people_review_and_the_second_decides(world: World) -> None:
    case = closed_case(world)
    appeal = about_case(world, case, by="wy_chief", now=NOW + timedelta(hours=1))
    with pytest.raises(Refused, match="待初审"):
        review(world, appeal, "decide")
    with pytest.raises(Refused, match="不由您办"):
        review(world, appeal, "propose", by="chief")
    proposed = review(world, appeal, "propose", client_key="p1")
    assert (proposed.state, proposed.outcome, granted_for([appeal.unit_id], FIRST, LAST)) == ("proposed", "", [])
    assert review(world, appeal, "propose", client_key="p1").version == proposed.version
    with pytest.raises(Conflict, match="待决定"):
        review(world, appeal, "decide", seen_version=1)
    decided = review(world, appeal, "decide", seen_version=proposed.version)
    assert (decided.state, decided.outcome, decided.effect, decided.act_by) == (
        "decided",
        "granted",
        "not_overdue",
        None,
    )
    with pytest.raises(Refused, match="已决定"):
        review(world, appeal, "decide", "refused")
    [fact] = granted_for([appeal.unit_id], FIRST, LAST)
    assert (fact.case_id, fact.effect.value, fact.about) == (case.pk, "not_overdue", f"案件 {case.number}")
    assert granted_for([appeal.unit_id], FIRST, LAST, known_at=NOW) == []
    assert Case.objects.get(pk=case.pk).version == case.version


def test_who_checked_the_case_does_not_review_its_appeal(world: World) -> None:
    from chuangwen.people import operations as people
    from chuangwen.rules.permissions import SYSTEM, Role

    appeal = about_case(world, closed_case(world), by="wy_chief", now=NOW + timedelta(hours=1))
    people.appoint(
        username="inspector2", unit_code="CC-WM", role=Role.OFFICE_CLERK, starts_on=date(2020, 1, 1), by=SYSTEM, now=NOW
    )
    assert not may_review(world.actor("inspector2"), appeal)
    with pytest.raises(Refused, match="您经办过这一项"):
        review(world, appeal, "propose", by="inspector2")
    assert may_review(world.actor("clerk"), appeal)
    assert to_review(world.actor("clerk")).get() == appeal


def test_the_database_keeps_one_word_a_level_and_one_a_person(world: World) -> None:
    appeal = about_case(world, closed_case(world), by="wy_chief", now=NOW + timedelta(hours=1))
    review(world, appeal, "propose")
    first = Review.objects.get(appeal=appeal)
    for level, by in ((1, world.actor("chief").user_id), (2, first.by_id)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.create(appeal=appeal, level=level, outcome="refused", reason="x", by_id=by or 0, at=NOW)


def test_a_refusal_goes_to_the_next_level_once(world: World) -> None:
    appeal = about_case(world, closed_case(world), by="wy_chief", now=NOW + timedelta(hours=1))
    settled(world, appeal, "refused")
    with pytest.raises(Refused, match="负责人提出"):
        escalate_appeal(
            appeal_id=appeal.pk, words="仍有异议", by=world.actor("wy_worker"), now=JULY + timedelta(hours=2)
        )
    up = escalate_appeal(
        appeal_id=appeal.pk, words="仍有异议", by=world.actor("wy_chief"), now=JULY + timedelta(hours=2)
    )
    assert (up.state, up.outcome) == ("escalated", "refused")
    assert to_review(world.actor("leader")).get() == appeal
    done = review(world, appeal, "finish", now=JULY + timedelta(hours=3))
    assert (done.state, done.outcome, done.effect) == ("finished", "granted", "not_overdue")
    with pytest.raises(Refused, match="不能申请复核"):
        escalate_appeal(appeal_id=appeal.pk, words="再来", by=world.actor("wy_chief"), now=JULY + timedelta(hours=4))


def test_a_refusal_is_final_where_the_terms_say_so(world: World) -> None:
    put_terms(terms=Terms(escalation_days=0), by=world.actor("chief"), now=NOW)
    appeal = about_case(world, closed_case(world), by="wy_chief", now=NOW + timedelta(hours=1))
    settled(world, appeal, "refused")
    with pytest.raises(Refused, match="不能申请复核"):
        escalate_appeal(
            appeal_id=appeal.pk, words="仍有异议", by=world.actor("wy_chief"), now=JULY + timedelta(hours=2)
        )


def test_what_is_undecided_past_its_limit_is_shown_to_the_office(world: World) -> None:
    appeal = about_case(world, closed_case(world), by="wy_chief", now=NOW + timedelta(hours=1))
    clerk = world.actor("clerk")
    assert not listed(clerk, late=True, now=NOW + timedelta(days=1)).exists()
    assert listed(clerk, late=True, now=JULY).get() == appeal
    assert listed(clerk, late=True, mine=True, now=JULY).get() == appeal
    assert not listed(world.actor("chief"), mine=True, now=JULY).exists()


# --- what is granted is not counted ---


def test_a_granted_case_is_not_late_in_the_corrected_sheet_and_nothing_else_changes(world: World) -> None:
    june(world)
    sheet = shown_june(world)
    appeal = settled(world, about_case(world, late_case()))
    assert recompute(sheet) == []  # as of its own moment
    corrected = correct_sheet(sheet_id=sheet.pk, by=world.actor("clerk"), now=JULY + timedelta(hours=2))
    assert (totals(sheet), totals(corrected)) == (
        {"学田街道": "86.36", "文峰街道": "25.00"},
        {"学田街道": "86.36", "文峰街道": "40.00"},
    )
    row = line(corrected)
    assert f"按期整改率：申诉成立，不计 1 项（申诉 {appeal.pk} 号）。" in row.reasons
    assert row.basis["rectification"]["appealed"] == [late_case().pk]
    assert (len(row.basis["rectification"]["cases"]), row.basis["rectification"]["late"]) == (2, [])
    assert row.basis["field"] == line(sheet).basis["field"]
    assert line(corrected, "学田街道").basis == line(sheet, "学田街道").basis
    assert recompute(corrected) == []
    assert late_case().is_late(JULY)
    opened = line_for(
        world.actor("wf_chief"), corrected.pk, world.unit("WF").pk, part="rectification", group="appealed"
    )
    assert opened.cases == [late_case()]


def test_a_new_computation_leaves_out_what_was_granted_before(world: World) -> None:
    june(world)
    case = Case.objects.get(criterion_code="LANE-01")
    settled(world, about_case(world, case, "not_reworked", now=NOW + timedelta(hours=5)), now=NOW + timedelta(hours=6))
    sheet = compute_sheet(rule_name="district-month", start=FIRST, end=LAST, by=world.actor("clerk"), now=JULY)
    assert line(sheet).basis["rework"]["reworked"] == []
    assert totals(sheet)["文峰街道"] == "35.00"
    assert recompute(sheet) == []


def test_a_case_that_was_no_fault_counts_nowhere_and_neither_does_its_finding(world: World) -> None:
    june(world)
    case, sheet = late_case(), shown_june(world)
    settled(world, about_case(world, case, "not_counted"))
    corrected = correct_sheet(sheet_id=sheet.pk, by=world.actor("clerk"), now=JULY + timedelta(hours=2))
    finding = Finding.objects.get(case=case)
    basis = line(corrected).basis
    assert (basis["field"]["appealed"], basis["field"]["failed"] == [finding.pk]) == ([finding.pk], False)
    assert all(case.pk not in basis[key]["cases"] for key in ("rectification", "rework"))
    assert recompute(corrected) == []
    eye = everything_in(world.unit("CC"))
    assert finding not in findings_within(eye, FIRST, LAST)
    assert finding in findings_within(eye, FIRST, LAST, appealed=True)


def test_a_finding_and_a_whole_part_can_be_appealed_while_the_sheet_is_shown(world: World) -> None:
    june(world)
    sheet = shown_june(world)
    failed = Finding.objects.get(criterion__code="LANE-01")
    passed = Finding.objects.filter(verdict="pass", visit__site__street__code="XT").first()
    assert passed is not None
    with pytest.raises(Refused, match="只有不合格"):
        about_finding(world, sheet, passed.pk, by="xt_chief")
    with pytest.raises(Refused, match="责任单位的负责人或承办人"):
        about_finding(world, sheet, failed.pk, by="xt_chief")
    settled(world, about_finding(world, sheet, failed.pk, "not_this_unit"))
    settled(world, about_part(world, sheet, "rework"))
    with pytest.raises(Refused, match="只能申诉一次"):
        about_part(world, sheet, "rework")
    with pytest.raises(Refused, match="期限已过"):
        about_part(world, sheet, "field", now=OVER)
    corrected = correct_sheet(sheet_id=sheet.pk, by=world.actor("clerk"), now=JULY + timedelta(hours=2))
    row = line(corrected)
    assert (row.basis["field"]["appealed"], row.basis["rework"]["cases"]) == ([failed.pk], [])
    assert [part["imputed"] for part in row.parts] == [False, False, True]
    assert recompute(corrected) == []


def drop_the_note(row: ScoreLine) -> None:
    row.basis["rectification"]["late"] = row.basis["rectification"].pop("appealed")


def leave_out_more(row: ScoreLine) -> None:
    row.basis["rework"]["appealed"] = row.basis["rework"]["reworked"]
    row.basis["rework"]["reworked"] = []


@pytest.mark.parametrize("forge", [drop_the_note, leave_out_more])
def test_a_recomputation_finds_what_no_appeal_took_out(world: World, forge: object) -> None:
    june(world)
    sheet = shown_june(world)
    settled(world, about_case(world, late_case()))
    corrected = correct_sheet(sheet_id=sheet.pk, by=world.actor("clerk"), now=JULY + timedelta(hours=2))
    row = line(corrected)
    forge(row)  # type: ignore[operator]  # one of the functions above
    row.save()
    assert any("申诉" in fault for fault in recompute(corrected))


# --- a month is shown before it is released ---


def test_a_month_waits_for_its_window_and_its_appeals_each_by_name(world: World) -> None:
    june(world)
    draft = compute_sheet(rule_name="district-month", start=FIRST, end=LAST, by=world.actor("clerk"), now=JULY)
    chief = world.actor("chief")
    with pytest.raises(Refused, match="请先公示"):
        release_sheet(sheet_id=draft.pk, by=chief, now=OVER)
    with pytest.raises(NotFound):
        sheet_for(world.actor("wf_chief"), draft.pk)
    show_sheet(sheet_id=draft.pk, by=world.actor("clerk"), now=JULY)
    assert sheet_for(world.actor("wf_chief"), draft.pk) == draft
    with pytest.raises(NotFound):
        sheet_for(world.actor("gz_clerk"), draft.pk)
    appeal, other = about_case(world, late_case()), about_part(world, draft, "field")
    with pytest.raises(Refused) as refusal:
        release_sheet(sheet_id=draft.pk, by=chief, now=OVER - timedelta(minutes=1))
    assert [sentence.split("（")[0] for sentence in refusal.value.objections] == [
        "公示期到7月6日18时为止，期满后才能发布。", f"申诉 {appeal.pk} 号", f"申诉 {other.pk} 号",
    ]  # fmt: skip
    settled(world, appeal)
    settled(world, other, "refused", now=OVER - timedelta(hours=1))
    with pytest.raises(Refused) as refusal:
        release_sheet(sheet_id=draft.pk, by=chief, now=OVER)
    assert len(refusal.value.objections) == 2
    assert "可以申请复核" in refusal.value.objections[0]
    assert "文峰街道有申诉已经成立，得分表还没有更正" in refusal.value.objections[1]
    with pytest.raises(Refused, match="不能删除"):
        discard_sheet(sheet_id=draft.pk, by=chief, now=OVER)
    corrected = correct_sheet(sheet_id=draft.pk, by=world.actor("clerk"), now=OVER)
    assert release_sheet(sheet_id=corrected.pk, by=chief, now=OVER + timedelta(days=2)).is_released
    window = Window.objects.get()
    assert window.counts == {"raised": 2, "granted": 1, "partly": 0, "refused": 1, "undecided": 0}
    with pytest.raises(Refused, match="已经发布"):
        correct_sheet(sheet_id=draft.pk, by=world.actor("clerk"), now=OVER + timedelta(days=2))


def test_what_is_not_over_or_already_shown_is_not_shown(world: World) -> None:
    june(world)
    early = compute_sheet(rule_name="district-month", start=FIRST, end=LAST, by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="重新计算再公示"):
        show_sheet(sheet_id=early.pk, by=world.actor("clerk"), now=JULY)
    sheet = shown_june(world)
    with pytest.raises(Refused, match="已经公示"):
        show_sheet(sheet_id=sheet.pk, by=world.actor("clerk"), now=JULY)
    with pytest.raises(Refused, match="没有成立的申诉"):
        correct_sheet(sheet_id=sheet.pk, by=world.actor("clerk"), now=JULY)
    with pytest.raises(NotFound):
        show_sheet(sheet_id=sheet.pk, by=world.actor("gz_clerk"), now=JULY)


def test_a_sheet_shown_anew_is_the_one_to_release(world: World) -> None:
    june(world)
    first, second = shown_june(world), shown_june(world, now=JULY + timedelta(minutes=1))
    with pytest.raises(Refused, match="又公示了另一份"):
        release_sheet(sheet_id=first.pk, by=world.actor("chief"), now=OVER)
    assert release_sheet(sheet_id=second.pk, by=world.actor("chief"), now=OVER).is_released


# --- the monthly ranking says so ---


def monthly(world: World, now: datetime) -> Paper:
    """The ranking of June."""
    return draft_paper(kind="monthly", day=NOW.date(), by=world.actor("clerk"), now=now)


def words(paper: Paper, heading: str = "公示与申诉") -> str:
    """What one section says."""
    section = next(one for one in paper.sections if one["heading"].endswith(heading))
    return "\n".join([*section["paragraphs"], *(str(table["rows"]) for table in section["tables"])])


def figures(paper: Paper) -> dict[str, object]:
    """Key -> value."""
    return {figure["key"]: figure["value"] for figure in paper.figures}


def test_the_ranking_prints_objections_and_the_lines_they_changed(world: World) -> None:
    june(world)
    sheet = shown_june(world)
    settled(world, about_case(world, late_case()))
    settled(world, about_part(world, sheet, "field"), "refused")
    corrected = correct_sheet(sheet_id=sheet.pk, by=world.actor("clerk"), now=OVER)
    release_sheet(sheet_id=corrected.pk, by=world.actor("chief"), now=OVER)
    paper = monthly(world, OVER)
    assert paper.sheet == corrected
    said = words(paper)
    assert "自7月1日9时至7月6日18时向各单位公示，共 3 个工作日" in said
    assert "收到申诉 2 件，其中申诉成立 1 件、不成立 1 件" in said
    assert "['文峰街道', '2', '25.00', '2', '40.00']" in said
    assert f"案件 {late_case().number}" in said
    found = figures(paper)
    assert (found["late.raw"], found["late.appealed"], found["late"], found["on_time"], found["late.WF"]) == (
        1,
        1,
        0,
        3,
        0,
    )
    assert "另有 1 件申诉成立，不计" in words(paper, "案件办理")
    assert check_paper(paper) == []
    assert release_paper(paper_id=paper.pk, by=world.actor("chief"), now=OVER).is_released


def test_a_ranking_drafted_before_the_release_is_brought_up_to_date_by_it(world: World) -> None:
    june(world)
    sheet = shown_june(world)
    paper = monthly(world, JULY)
    assert "收到申诉 0 件" in words(paper)
    settled(world, about_part(world, sheet, "field"), "refused")
    release_sheet(sheet_id=sheet.pk, by=world.actor("chief"), now=OVER)
    out = release_paper(paper_id=paper.pk, by=world.actor("chief"), now=OVER)
    assert "收到申诉 1 件，其中不成立 1 件" in words(out)
    assert (out.figures[-1]["section"], check_paper(Paper.objects.get(pk=out.pk))) == (
        next(n for n, one in enumerate(out.sections) if one["heading"].endswith("公示与申诉")),
        [],
    )


def test_a_window_of_no_days_is_printed_with_its_reason(world: World) -> None:
    june(world)
    put_terms(terms=Terms(window_days=0, window_note="迎检期间顺延"), by=world.actor("chief"), now=NOW)
    sheet = shown_june(world)
    release_sheet(sheet_id=sheet.pk, by=world.actor("chief"), now=JULY)
    paper = monthly(world, JULY)
    assert "没有安排公示期，原因：迎检期间顺延。" in words(paper)
    withdraw_draft(paper_id=paper.pk, by=world.actor("chief"), now=JULY)


def test_counts_add_up_and_are_those_of_the_month(world: World) -> None:
    june(world)
    sheet = shown_june(world)
    settled(world, about_case(world, late_case(), "neither"), "partly", effect="not_overdue")
    about_part(world, sheet, "field")
    counts = counts_for("/NT/CC/", FIRST, LAST)
    assert (counts.raised, counts.partly, counts.undecided) == (2, 1, 1)
    assert counts.raised == counts.granted + counts.partly + counts.refused + counts.undecided
    assert counts_for("/NT/CC/", date(2020, 5, 1), date(2020, 5, 31)).raised == 0
    window = window_of(sheet.pk)
    assert window is not None
    assert [appeal.window for appeal in Appeal.objects.order_by("pk")] == [None, window]
    assert league_table(sheet).part_labels == [part["label"] for part in window.parts]
