"""Papers say what the figures say, add up, name nobody, and stay as they were released."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.run import Run
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.bulletins.checks import holds, words_of
from chuangwen.bulletins.facts import Span, case_figures, case_figures_by, figures_by_unit
from chuangwen.bulletins.models import Paper
from chuangwen.bulletins.official.word import paper_docx
from chuangwen.bulletins.operations import draft_paper, edit_paper, period_of, release_paper, withdraw_draft
from chuangwen.bulletins.papers import official
from chuangwen.bulletins.queries import check_paper, paper_for, papers_for, public_paper, released_papers
from chuangwen.bulletins.writing import Cell, Draft, Figure, Table, points_text, ratio, span_text, totals
from chuangwen.cases import operations as cases
from chuangwen.cases.filters import CaseFilter, page_of
from chuangwen.cases.models import Case
from chuangwen.cases.queries import counts
from chuangwen.journal.models import Event
from chuangwen.people.operations import put_unit
from chuangwen.rules.case_flow import Status
from chuangwen.rules.official_paper import digest
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.scores.models import ScoreSheet
from chuangwen.scores.operations import compute_sheet, discard_sheet
from tests.campaign_world import special
from tests.walks import JULY, NOTE, june, release_shown
from tests.world import BEIJING, NOW, PEOPLE, World

WEDNESDAY = NOW.date()
EVENING = NOW.replace(hour=18, minute=30)
MONDAY = datetime(2020, 6, 29, 8, 0, tzinfo=BEIJING)
MOMENTS = {"daily": EVENING, "weekly": MONDAY, "monthly": JULY}
PLAINTIFF = "居民赵六投诉楼上，电话13812345678"


def draft(world: World, kind: str, *, by: str = "clerk", day: date = WEDNESDAY, now: datetime | None = None) -> Paper:
    """The paper of this kind over the day of the walks."""
    return draft_paper(kind=kind, day=day, by=world.actor(by), now=now or MOMENTS[kind])


def release(world: World, paper: Paper, *, by: str = "chief", now: datetime | None = None) -> Paper:
    """The chief makes it official; the score sheet under it first."""
    moment = now or MOMENTS[paper.kind]
    if paper.sheet is not None and not paper.sheet.is_released:
        release_shown(sheet_id=paper.sheet.pk, by=world.actor("chief"), now=moment)
    return release_paper(paper_id=paper.pk, by=world.actor(by), now=moment)


def busy(world: World) -> None:
    """The June of the walks, and reports of other kinds and at other stages."""
    june(world)
    world.open_case(title=PLAINTIFF, text=PLAINTIFF, origin_kind="message", criterion_code="", site=world.lane)
    world.open_case(title="无标准", standard=None, criterion_code="", severity="V", by="xt_chief")
    for status in (Status.HANDLING, Status.SUSPENDED, Status.CANCELLED, Status.REFUSED, Status.FORCE_CLOSED):
        world.case_at(status)


def figures(paper: Paper) -> dict[str, Any]:
    """Key -> value."""
    return {figure["key"]: figure["value"] for figure in paper.figures}


def table(paper: Paper, key: str) -> Mapping[str, Any]:
    """One table of a paper."""
    found: Mapping[str, Any] = next(t for s in paper.sections for t in s["tables"] if t["key"] == key)
    return found


def words(paper: Paper) -> str:
    """Everything that can be read in a paper."""
    return "\n".join(words_of(paper.sections))


# --- Arithmetic ---


def nantong(**changed: int) -> Draft:
    """The December 2016 bulletin of Nantong in our form, as published or with figures changed."""
    said = {"total": 12184, "events": 10281, "components": 1903, "due": 12806, "on_time": 12461, "late": 345, **changed}
    units = {"通州": 12, "崇川": 234, "港闸": 58, "开发区": 30, "公安": 1, "交通": 6, "电信": 4}
    paper = Draft("月排名")
    paper.section("案件")
    paper.say(
        paper.tell(Figure("total", "受理", said["total"], "件", adds=("events", "components"))), "，",
        paper.tell_parts(
            Figure("events", "事件", said["events"], "件"), Figure("components", "部件", said["components"], "件")
        ), "，", paper.tell(Figure("due", "应结案", said["due"], "件")), "，",
        paper.tell(Figure("on_time", "按期结案", said["on_time"], "件")), "，",
        paper.tell(Figure("late", "超期", said["late"], "件", minus=("due", "on_time"), column=("late", 1))), "，",
        paper.tell(Figure("rate", "按期结案率", "97.31%", "", ratio=("on_time", "due"))), "。",
    )  # fmt: skip
    rows: list[list[Cell]] = [[name, count] for name, count in units.items()]
    paper.show(Table("late", "各单位超期", ["单位", "超期"], rows, totals(rows, "合计", 2)))
    top: list[list[Cell]] = [["乱堆物", 1372, ratio(1372, 12184)], ["非法小广告", 522, ratio(522, 12184)]]
    paper.show(Table("top", "高发", ["小类", "件数", "占比"], top, rates={"2": (1, "total")}))
    return paper


def test_a_published_bulletin_holds() -> None:
    paper = nantong()
    assert holds(*stored(paper)) == []
    assert [row[2] for row in paper.sections[0].tables[1].rows] == ["11.26%", "4.28%"]


def stored(paper: Draft) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A draft as the database gives it back."""
    sections, numbers = json.loads(json.dumps([paper.sections_json(), paper.figures_json()]))
    return sections, numbers


@pytest.mark.parametrize("key", ["total", "events", "components", "due", "on_time", "late"])
@given(wrong=st.integers(1, 300))
def test_one_changed_figure_is_found(key: str, wrong: int) -> None:
    right = {figure["key"]: figure["value"] for figure in nantong().figures_json()}
    assert holds(*stored(nantong(**{key: right[key] + wrong})))


@given(st.lists(st.integers(0, 500), min_size=1, max_size=6), st.integers(0, 5), st.integers(1, 50))
def test_a_total_row_is_held_to_its_rows(parts: list[int], place: int, wrong: int) -> None:
    rows: list[list[Cell]] = [[f"街道{number}", count] for number, count in enumerate(parts)]
    paper = Draft("表")
    paper.section("表")
    paper.show(Table("t", "表", ["街道", "件数"], rows, totals(rows, "合计", 2)))
    sections, numbers = stored(paper)
    assert holds(sections, numbers) == []
    sections[0]["tables"][0]["rows"][place % len(parts)][1] += wrong
    assert len(holds(sections, numbers)) == 1


def test_words_that_say_another_number_are_found() -> None:
    sections, numbers = stored(nantong())
    sections[0]["paragraphs"][0] = sections[0]["paragraphs"][0].replace("按期结案 12461", "按期结案 12641")
    assert holds(sections, numbers) == ["“一、案件”写的是“按期结案 12641”，系统数字是 12461，请改回或删去。"]


def test_a_number_may_be_left_unsaid() -> None:
    sections, numbers = stored(nantong())
    sections[0]["paragraphs"] = ["本月情况见表。"]
    assert holds(sections, numbers) == []


# --- What the papers say ---


@pytest.mark.parametrize("kind", MOMENTS)
def test_every_paper_of_a_busy_month_holds(world: World, kind: str) -> None:
    busy(world)
    assert check_paper(draft(world, kind)) == []


@pytest.mark.parametrize("kind", MOMENTS)
def test_every_paper_of_an_empty_district_holds_and_says_so(world: World, kind: str) -> None:
    paper = draft(world, kind)
    assert check_paper(paper) == []
    assert "没有" in words(paper)


@pytest.mark.parametrize("kind", MOMENTS)
def test_every_figure_with_an_address_opens_as_many_cases(world: World, kind: str) -> None:
    busy(world)
    paper, clerk = draft(world, kind), world.actor("clerk")
    opened = [figure for figure in paper.figures if figure["check"].startswith("cases?")]
    assert len(opened) >= 5
    for figure in opened:
        wanted = CaseFilter.read(dict(parse_qsl(figure["check"].removeprefix("cases?"))))
        assert page_of(clerk, wanted, now=MOMENTS[kind]).total == figure["value"], figure


def test_figures_mean_what_the_case_list_means(world: World) -> None:
    busy(world)
    span = Span(world.unit("CC"), date(2020, 6, 1), date(2020, 6, 30), JULY)
    ours, theirs = case_figures(span, span.cases()), counts(world.actor("clerk"), span.cases(), JULY)
    assert theirs.opened == 10
    for name in ("opened", "handed_in", "on_time", "overdue", "closed", "reworked"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert ours.on_time / ours.due == theirs.on_time_rate
    by_status = case_figures_by(span, span.cases(), "status")
    assert sum(row.opened for row in by_status.values()) == ours.opened
    assert sum(row.dropped for row in by_status.values()) == ours.dropped == 3
    by_unit = figures_by_unit(span, span.cases())
    assert [(row.name, row.figures.late) for row in by_unit if row.figures.late] == [("文峰街道", 1), ("学田街道", 1)]
    assert sum(row.figures.opened for row in by_unit) == ours.opened


def test_a_departments_cases_stand_beside_the_streets(world: World) -> None:
    case = world.open_case()
    cases.accept(case_id=case.pk, by=world.actor("clerk"), now=NOW)
    cases.dispatch(case_id=case.pk, unit_id=world.unit("CC-CG").pk, by=world.actor("clerk"), now=NOW)
    paper = draft(world, "monthly")
    assert table(paper, "late")["rows"] == [["区城管局", 1, 0, 1, "0.00%"]]
    assert figures(paper)["late.CC-CG"] == figures(paper)["late"] == 1


def test_the_daily_brief_says_what_was_looked_at_and_what_is_serious(world: World) -> None:
    busy(world)
    paper = draft(world, "daily")
    assert paper.title == "崇川区文明城市创建日巡查简报（2020年6月24日）"
    said = figures(paper)
    assert (said["visits"], said["sites"], said["judged"], said["failed"]) == (3, 3, 7, 3)
    assert said["field_rate"] == "57.14%"
    assert (said["origin.finding"], said["origin.message"], said["origin.report"]) == (3, 1, 6)
    assert (said["handed_in"], said["finished"]) == (2, 3)
    assert table(paper, "serious")["rows"][0] == ["否决类", "学田苑", "尚未派遣", "其他问题", case_number("V")]
    assert "截至6月24日18时30分，在办案件 4 件，其中超期未整改 1 件。" in words(paper)


def case_number(severity: str) -> str:
    """The number of the first case of this severity."""
    return Case.objects.filter(severity=severity).order_by("pk")[0].number


def test_the_weekly_bulletin_counts_found_put_right_and_open_by_street(world: World) -> None:
    busy(world)
    paper = draft(world, "weekly")
    assert paper.title.endswith("（2020年6月22日至28日）")
    assert table(paper, "by_street")["rows"] == [["文峰街道", 3, 2, 1, 0, 1], ["学田街道", 7, 1, 3, 3, 1]]
    assert table(paper, "by_street")["total"] == ["合计", 10, 3, 4, 3, 2]
    assert "截至6月29日8时，已提交整改 3 件、未整改 4 件、不再办理 3 件；超期 2 件" in words(paper)
    assert [row[0] for row in table(paper, "by_type")["rows"]] == ["背街小巷", "居民小区"]
    assert [len(t["rows"]) for s in paper.sections for t in s["tables"] if t["key"].startswith("problems.")] == [3, 7]


def test_a_place_is_well_done_only_when_everything_there_is_put_right_in_time(world: World) -> None:
    june(world)
    assert table(draft(world, "weekly"), "points_well")["rows"] == [["学田苑", "学田苑物业", 1]]
    world.open_case(now=NOW + timedelta(days=1))
    withdraw_draft(paper_id=Paper.objects.get().pk, by=world.actor("clerk"), now=MONDAY)
    assert figures(draft(world, "weekly"))["points_well"] == 0


def test_a_place_that_needed_a_second_try_is_not_among_the_well_done(world: World) -> None:
    walks = june(world)
    bad = walks.walk(walks.second_compound(), now=NOW + timedelta(days=1), RES_11="fail")
    walks.put_right(bad["RES_11"], now=NOW + timedelta(days=1, hours=1), rework=True)
    assert [row[0] for row in table(draft(world, "weekly"), "points_well")["rows"]] == ["学田苑"]


def test_places_behind_are_named_with_their_unit(world: World) -> None:
    world.case_at(Status.HANDLING)
    case = world.case_at(Status.RECTIFIED, now=NOW)
    cases.reject(case_id=case.pk, reason="仍有", by=world.actor("inspector"), now=NOW + timedelta(hours=1))
    assert table(draft(world, "weekly"), "points_behind")["rows"] == [["学田苑", "学田苑物业", 2, 1]]


def test_the_monthly_ranking_is_the_one_of_its_sheet_and_says_why_the_last_is_last(world: World) -> None:
    busy(world)
    paper = draft(world, "monthly")
    assert paper.sheet is not None
    assert [row[:2] for row in table(paper, "ranking")["rows"]] == [["1", "学田街道"], ["2", "文峰街道"]]
    said = figures(paper)
    assert said["events"] + said["components"] + said["unsorted"] == said["opened"] == 10
    assert said["on_time"] + said["late"] == said["due"] == 4
    assert said["on_time_rate"] == "50.00%"
    last = paper.sections[-1]["paragraphs"][0]
    assert last.startswith("（一）文峰街道。列第 2 位")
    assert "超期 1 件" in last
    assert "“路面没有积水坑洼”1 处" in last


def test_a_special_campaign_stands_in_the_month_with_the_problems_of_its_kinds_and_streets(world: World) -> None:
    june(world)
    world.open_case(site=world.lane)  # of the same kind, in another street
    special(world)
    mine = table(draft(world, "monthly"), "campaigns")["rows"]
    held = Case.objects.filter(standard__code="T-4WH", street=world.unit("XT"), reported_at__month=6).count()
    assert held > 0
    assert mine == [["楼道堆物专项整治", held, 0, held]]


def test_the_commonest_criteria_come_with_share_and_change_to_the_month_before(world: World) -> None:
    june(world)
    for _ in range(2):
        world.open_case(criterion_code="LANE-01", now=NOW - timedelta(days=30))
    paper = draft(world, "monthly")
    assert table(paper, "top")["rows"][0] == ["1", "路面没有积水坑洼", 1, "33.33%", 2, -1]
    assert "上月上报 2 件，与上月相比增加 1 件" in words(paper)


def test_a_month_is_compared_with_the_month_before_and_every_figure_opens_its_cases(world: World) -> None:
    june(world)
    for day in (25, 30):
        world.open_case(criterion_code="LANE-01", origin_kind="resident", now=NOW - timedelta(days=day))
    world.open_case(criterion_code="LANE-01", origin_kind="supervision")
    paper = draft(world, "monthly")
    said = figures(paper)
    assert said["from.finding"] + said["from.supervision"] == said["from_all"] == said["opened"] == 4
    assert said["special"] == 1
    origins = {row[0]: row[1:] for row in table(paper, "origins")["rows"]}
    assert origins["督查发现"] == [1, "25.00%", 0, 1]
    assert origins["群众扫码"] == [0, "0.00%", 2, -2]
    items = table(paper, "items")["rows"]
    assert sum(row[2] for row in items) == said["items"] == 4
    assert sum(row[4] for row in items) == 2
    assert said["items_rate"] == "100.00%"
    text = words(paper)
    assert "文峰街道本月上报" in text
    assert "文峰街道上月上报" in text
    assert check_paper(paper) == []
    for figure in paper.figures:
        page, _, query = figure["check"].partition("?")
        if page == "cases":
            wanted = CaseFilter.read(dict(parse_qsl(query)))
            found = page_of(world.actor("clerk"), wanted, now=JULY).total
            assert found == figure["value"], figure["label"]


def test_a_share_is_compared_in_percentage_points() -> None:
    paper = Draft("月")
    paper.section("案件")
    counts = {"on_time": 9, "due": 10, "on_time_before": 4, "due_before": 5}
    for key, count in counts.items():
        paper.note(Figure(key, key, count, "件"))
    paper.note(Figure("now", "按期整改率", "90.00%", "", ratio=("on_time", "due")))
    paper.note(Figure("then", "上月按期整改率", "80.00%", "", ratio=("on_time_before", "due_before")))
    paper.say(
        paper.tell(Figure("by", "按期整改率比上月", points_text("90.00%", "80.00%"), "", points=("now", "then"))), "。"
    )
    sections, numbers = stored(paper)
    assert sections[0]["paragraphs"] == ["按期整改率比上月提高 10.00 个百分点。"]
    assert holds(sections, numbers) == []
    numbers[-1]["value"] = numbers[-1]["text"] = "提高 11.00 个百分点"
    assert len(holds(sections, numbers)) == 2
    assert (points_text("80.00%", "80.00%"), points_text("1.00%", "—")) == ("持平", "—")


def test_a_ranking_with_too_few_streets_comments_on_nobody(world: World) -> None:
    paper = draft(world, "monthly")
    assert figures(paper)["ranked"] == 0
    assert paper.sections[-1]["paragraphs"] == ["参加排名的街道不足两个，不作末位点评。"]
    assert "文峰街道：各部分都没有观测，不参加本次排名，也不按零分计。" in words(paper)


@pytest.mark.parametrize("kind", MOMENTS)
def test_nobody_is_named_in_a_paper(world: World, kind: str) -> None:
    busy(world)
    world.open_case(title=PLAINTIFF, text=PLAINTIFF, origin_kind="message", criterion_code="RES-10")
    cases.open_case(
        title=PLAINTIFF, text=PLAINTIFF, origin_kind="message", home=world.unit("XT-01"), street=world.unit("XT"),
        place="3号楼赵六家门口", severity="A", by=world.actor("clerk"), now=NOW,
    )  # fmt: skip
    paper = release(world, draft(world, kind))
    text = words(paper) + "\n".join(paragraphs(paper))
    residents = [PLAINTIFF, "赵六", "13812345678", NOTE, "王先生", "13900005678", "物业经理", "13900001234"]
    staff = [name for _, name, *_ in PEOPLE if name not in {"区领导", "管理员"}]
    assert [word for word in (*residents, *staff) if word in text] == []


def test_another_district_has_no_part_in_it(world: World) -> None:
    busy(world)
    with pytest.raises(NotFound):
        draft_paper(kind="daily", day=NOW.date(), by=world.actor("clerk"), now=NOW, scope_code="GZ")
    paper = draft(world, "daily", by="gz_clerk")
    assert figures(paper)["opened"] == 0
    assert paper.issuer == "港闸文明办"


# --- From draft to release ---


def test_drafting_again_gives_the_draft_that_exists(world: World) -> None:
    first = draft(world, "weekly")
    again = draft_paper(kind="weekly", day=date(2020, 6, 28), by=SYSTEM, now=MONDAY + timedelta(hours=1))
    assert again.pk == first.pk
    assert Event.objects.filter(kind="paper.drafted").count() == 1
    withdraw_draft(paper_id=first.pk, by=world.actor("clerk"), now=MONDAY)
    assert draft(world, "weekly").pk != first.pk


def test_the_house_drafts_in_the_offices_name_but_never_releases(world: World) -> None:
    busy(world)
    paper = draft_paper(kind="monthly", day=date(2020, 6, 30), by=SYSTEM, now=JULY)
    assert (paper.scope.code, paper.issuer, paper.drafted_by) == ("CC", "区文明办", "系统")
    with pytest.raises(Refused, match="主任发布"):
        release_paper(paper_id=paper.pk, by=SYSTEM, now=JULY)


def test_an_office_where_nobody_writes_papers_does_not_sign_them(world: World) -> None:
    put_unit(code="CC-AA", name="区网格中心", kind="district_office", parent_code="CC", by=SYSTEM, now=NOW)
    assert draft_paper(kind="weekly", day=NOW.date(), by=SYSTEM, now=MONDAY).issuer == "区文明办"


def test_numbers_run_by_kind_and_year(world: World) -> None:
    days = [date(2020, 6, 24), date(2020, 6, 28), date(2020, 12, 31), date(2021, 1, 1)]
    numbers = []
    for day in days:
        now = datetime(day.year, day.month, day.day, 18, 30, tzinfo=BEIJING)
        numbers.append(release(world, draft(world, "daily", day=day, now=now), now=now).number)
    weekly = release(world, draft(world, "weekly"))
    assert numbers == [
        "创文简报〔2020〕第1期", "创文简报〔2020〕第2期", "创文简报〔2020〕第3期", "创文简报〔2021〕第1期",
    ]  # fmt: skip
    assert weekly.number == "创文通报〔2020〕第1期"


def test_a_released_paper_never_changes(world: World) -> None:
    busy(world)
    paper = release(world, draft(world, "weekly"))
    before = packed(Paper.objects.get(pk=paper.pk))
    chief = world.actor("chief")
    with pytest.raises(Refused, match="内容不能再改"):
        edit_paper(paper_id=paper.pk, texts={0: "改"}, by=chief, now=MONDAY, seen_version=None)
    with pytest.raises(Refused, match="内容不能再改"):
        withdraw_draft(paper_id=paper.pk, by=chief, now=MONDAY)
    with pytest.raises(Refused, match="内容不能再改"):
        release_paper(paper_id=paper.pk, by=chief, now=MONDAY)
    with pytest.raises(Refused, match="已经发布（创文通报〔2020〕第1期）"):
        draft(world, "weekly")
    world.case_at(Status.CLOSED)
    assert packed(Paper.objects.get(pk=paper.pk)) == before


def test_people_put_it_in_their_own_words(world: World) -> None:
    busy(world)
    paper = draft(world, "weekly")
    edited = edit_paper(
        paper_id=paper.pk, texts={0: "本周巡查情况如下。\n\n  巡查重点是背街小巷。\x08 "}, title="第26周通报",
        by=world.actor("clerk"), now=MONDAY, seen_version=paper.version,
    )  # fmt: skip
    assert edited.sections[0]["paragraphs"] == ["本周巡查情况如下。", "巡查重点是背街小巷。"]
    assert edited.sections[0]["tables"] == paper.sections[0]["tables"]
    assert (edited.title, edited.edited_by, edited.version) == ("第26周通报", "周文", 2)
    assert release(world, edited).is_released


def test_somebody_elses_edit_in_between_gives_both_texts(world: World) -> None:
    paper = draft(world, "daily")
    edit_paper(paper_id=paper.pk, texts={0: "甲写的"}, by=world.actor("chief"), now=EVENING, seen_version=1)
    with pytest.raises(Conflict, match="陆主任刚刚改过") as refusal:
        edit_paper(paper_id=paper.pk, texts={0: "乙写的"}, by=world.actor("clerk"), now=EVENING, seen_version=1)
    assert refusal.value.yours == "乙写的"
    assert "甲写的" in refusal.value.theirs
    with pytest.raises(Conflict):
        release_paper(paper_id=paper.pk, by=world.actor("chief"), now=EVENING, seen_version=1)


def test_a_paper_whose_words_contradict_its_figures_is_not_released(world: World) -> None:
    busy(world)
    paper = draft(world, "daily")
    text = "\n".join(paper.sections[1]["paragraphs"]).replace("超期未整改 1 件", "超期未整改 0 件")
    edit_paper(paper_id=paper.pk, texts={1: text}, by=world.actor("clerk"), now=EVENING, seen_version=None)
    with pytest.raises(Refused, match="写的是“超期未整改 0”，系统数字是 1"):
        release(world, paper)


@pytest.mark.parametrize("secret", ["联系13912345678", "电话0513-85123456", "证件320602199001011234"])
def test_personal_data_is_not_taken_into_a_paper(world: World, secret: str) -> None:
    paper = draft(world, "daily")
    with pytest.raises(Refused, match="不写个人信息"):
        edit_paper(paper_id=paper.pk, texts={0: secret}, by=world.actor("clerk"), now=EVENING, seen_version=None)


def test_nobody_releases_what_they_drafted_or_edited_last(world: World) -> None:
    own = draft(world, "daily", by="chief")
    with pytest.raises(Refused, match="这份草稿是您起草的，发布须由另一人把关。请另一位主任发布"):
        release(world, own)
    withdraw_draft(paper_id=own.pk, by=world.actor("chief"), now=EVENING)
    paper = draft(world, "daily")
    for username, text in (("clerk", "专员写的。"), ("chief", "主任改的。")):
        edit_paper(paper_id=paper.pk, texts={0: text}, by=world.actor(username), now=EVENING, seen_version=None)
    with pytest.raises(Refused, match=r"是您最后修改的.*请由专员看过并保存一次"):
        release(world, paper)
    assert not Paper.objects.get(pk=paper.pk).is_released
    edit_paper(paper_id=paper.pk, texts={}, by=world.actor("clerk"), now=EVENING, seen_version=None)
    assert release(world, paper).sections[0]["paragraphs"] == ["主任改的。"]


def test_what_was_released_is_frozen_by_its_hash_in_the_journal(world: World) -> None:
    busy(world)
    paper = release(world, draft(world, "weekly"))
    kept = Event.objects.get(kind="paper.released", subject_id=paper.pk).facts["content"]
    world.case_at(Status.CLOSED)
    assert digest(official(Paper.objects.get(pk=paper.pk))) == kept
    Paper.objects.filter(pk=paper.pk).update(title="换过的标题")
    assert digest(official(Paper.objects.get(pk=paper.pk))) != kept


def test_every_objection_to_an_edit_is_named_at_once(world: World) -> None:
    paper = draft(world, "daily")
    with pytest.raises(Refused) as refusal:
        edit_paper(
            paper_id=paper.pk, texts={7: "联系13912345678"}, title="长" * 161, by=world.actor("clerk"), now=EVENING,
            seen_version=None,
        )  # fmt: skip
    assert len(refusal.value.objections) == 3


def test_a_ranking_waits_for_its_sheet_and_is_held_to_it(world: World) -> None:
    busy(world)
    chief = world.actor("chief")
    paper = draft(world, "monthly")
    assert paper.sheet is not None
    with pytest.raises(Refused, match="请先发布得分表"):
        release_paper(paper_id=paper.pk, by=chief, now=JULY)
    with pytest.raises(Refused, match="请先撤回那份草稿"):
        discard_sheet(sheet_id=paper.sheet.pk, by=chief, now=JULY)
    assert ScoreSheet.objects.filter(pk=paper.sheet.pk).exists()
    other = compute_sheet(
        rule_name="field-rate", start=date(2020, 6, 1), end=date(2020, 6, 30), by=world.actor("clerk"), now=JULY
    )
    release_shown(sheet_id=other.pk, by=chief, now=JULY)
    with pytest.raises(Refused, match="本期已发布另一份得分表"):
        release_paper(paper_id=paper.pk, by=chief, now=JULY)
    withdraw_draft(paper_id=paper.pk, by=chief, now=JULY)
    assert draft(world, "monthly").sheet == other


def test_a_ranking_altered_behind_the_systems_back_is_not_released(world: World) -> None:
    busy(world)
    paper = draft(world, "monthly")
    rows = table(paper, "ranking")["rows"]
    rows[0][1], rows[1][1] = rows[1][1], rows[0][1]
    paper.save()
    with pytest.raises(Refused, match="排名表与得分表不一致"):
        release(world, paper)


def test_a_paper_drafted_before_its_last_day_is_not_released(world: World) -> None:
    paper = draft(world, "weekly", now=EVENING)
    with pytest.raises(Refused, match="最后一天之前起草"):
        release(world, paper)
    early = draft(world, "monthly", now=EVENING)
    with pytest.raises(Refused):
        release_paper(paper_id=early.pk, by=world.actor("chief"), now=JULY)


def test_drafting_refuses_with_every_objection(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        draft(world, "yearly", by="xt_chief", day=date(2020, 8, 1), now=NOW)
    assert len(refusal.value.objections) == 3


SEES_DRAFT = {"clerk", "chief", "leader"}
SEES_RELEASED = SEES_DRAFT | {"xt_chief", "xt01_worker", "wy_worker", "wy_chief", "wf_chief", "cg_worker"}


def test_units_and_residents_see_a_paper_once_it_is_released(world: World) -> None:
    paper = draft(world, "daily")
    everybody = [row[0] for row in PEOPLE]
    assert {name for name in everybody if papers_for(world.actor(name)).exists()} == SEES_DRAFT
    assert not released_papers().exists()
    with pytest.raises(NotFound):
        public_paper(paper.pk)
    release(world, paper)
    assert {name for name in everybody if papers_for(world.actor(name)).exists()} == SEES_RELEASED
    assert public_paper(paper.pk).number == "创文简报〔2020〕第1期"
    assert [row.pk for row in released_papers("CC", "daily")] == [paper.pk]
    assert not released_papers("CC", "weekly").exists()
    with pytest.raises(NotFound):
        paper_for(world.actor("gz_clerk"), paper.pk)


@pytest.mark.parametrize("username", ["gz_clerk", "xt_chief", "leader"])
def test_strangers_to_the_office_change_nothing(world: World, username: str) -> None:
    paper = draft(world, "daily")
    by = world.actor(username)
    with pytest.raises(Refused):
        edit_paper(paper_id=paper.pk, texts={0: "改"}, by=by, now=EVENING, seen_version=None)
    with pytest.raises(Refused):
        release_paper(paper_id=paper.pk, by=by, now=EVENING)
    with pytest.raises(Refused):
        withdraw_draft(paper_id=paper.pk, by=by, now=EVENING)
    with pytest.raises(Refused, match="主任发布"):
        release_paper(paper_id=paper.pk, by=world.actor("clerk"), now=EVENING)
    assert Paper.objects.get() == paper


@pytest.mark.parametrize(
    ("kind", "day", "period"),
    [
        ("daily", date(2020, 6, 28), (date(2020, 6, 28), date(2020, 6, 28))),
        ("weekly", date(2020, 6, 28), (date(2020, 6, 22), date(2020, 6, 28))),
        ("weekly", date(2020, 6, 29), (date(2020, 6, 29), date(2020, 7, 5))),
        ("monthly", date(2020, 2, 29), (date(2020, 2, 1), date(2020, 2, 29))),
        ("monthly", date(2020, 12, 1), (date(2020, 12, 1), date(2020, 12, 31))),
    ],
)
def test_a_day_belongs_to_one_paper_of_each_kind(kind: str, day: date, period: tuple[date, date]) -> None:
    assert period_of(kind, day) == period


def test_titles_do_not_repeat_year_and_month() -> None:
    assert span_text(date(2020, 6, 22), date(2020, 6, 28)) == "2020年6月22日至28日"
    assert span_text(date(2020, 6, 29), date(2020, 7, 5)) == "2020年6月29日至7月5日"
    assert span_text(date(2020, 12, 28), date(2021, 1, 3)) == "2020年12月28日至2021年1月3日"


# --- The file ---


def packed(paper: Paper) -> bytes:
    """The file of a paper, drawn anew."""
    return paper_docx(official(paper))


def paragraphs(paper: Paper) -> Iterator[str]:
    """Every text of the file: paragraphs and cells."""
    document = Document(io.BytesIO(packed(paper)))
    yield from (paragraph.text.replace("\n", "") for paragraph in document.paragraphs)
    yield from (cell.text for grid in document.tables for row in grid.rows for cell in row.cells)


@pytest.mark.parametrize("kind", MOMENTS)
def test_the_file_holds_every_word_and_is_always_the_same(world: World, kind: str) -> None:
    busy(world)
    paper = Paper.objects.get(pk=release(world, draft(world, kind)).pk)
    text = "\n".join(paragraphs(paper))
    missing = [
        word for word in (paper.title, paper.number, paper.issuer, *words_of(paper.sections)) if word not in text
    ]
    assert missing == []
    assert packed(paper) == packed(Paper.objects.get(pk=paper.pk))


def test_the_file_follows_the_layout_of_official_documents(world: World) -> None:
    busy(world)
    paper = draft(world, "monthly")
    document = Document(io.BytesIO(packed(paper)))
    page = document.sections[0]
    assert [round((side or Mm(0)).mm) for side in (page.page_width, page.page_height)] == [210, 297]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round((edge or Mm(0)).mm) for edge in margins] == [37, 35, 28, 26]
    assert document.settings.odd_and_even_pages_header_footer
    outer = (page.footer.paragraphs[0].alignment, page.even_page_footer.paragraphs[0].alignment)
    assert [str(side).split(" ")[0] for side in outer] == ["RIGHT", "LEFT"]
    faces = {
        run.text.replace("\n", ""): (face(run), run.font.size)
        for paragraph in document.paragraphs
        for run in paragraph.runs
    }
    assert faces["一、案件办理"] == ("黑体", Pt(16))
    assert faces["（一）文峰街道。"] == ("楷体_GB2312", Pt(16))
    assert faces[paper.sections[0]["paragraphs"][0]] == ("仿宋_GB2312", Pt(16))
    assert faces[paper.title] == ("方正小标宋简体", Pt(22))
    assert any("草稿" in paragraph.text for paragraph in document.paragraphs)


def face(run: Run) -> str | None:
    """The typeface of the Chinese characters of a run."""
    fonts = run._r.get_or_add_rPr().rFonts
    return None if fonts is None else fonts.get(qn("w:eastAsia"))


def test_the_file_names_no_person_as_its_author(world: World) -> None:
    archive = zipfile.ZipFile(io.BytesIO(packed(draft(world, "daily"))))
    about = archive.read("docProps/core.xml").decode()
    assert "区文明办" in about
    assert "周文" not in about
    assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
