"""The list of cases, one case, its photos, saved conditions, the list as a workbook, a report by hand."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.cases import operations as cases
from chuangwen.cases.filters import CaseFilter, page_of
from chuangwen.cases.models import Case, SavedView
from chuangwen.cases.views import MOST_VIEWS, save_view
from chuangwen.evidence.models import Photo
from chuangwen.evidence.operations import make_thumbnail
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import Permission, may
from chuangwen.standards.models import CaseStandard, PointType
from chuangwen.standards.queries import work_calendar
from tests.budgets import budget
from tests.edges.desk_pages import Page, read
from tests.routing import held_already
from tests.world import NOW, World, photo_id, picture

Enter = Callable[[str], Client]


@pytest.fixture(autouse=True)
def ten_o_clock(monkeypatch: pytest.MonkeyPatch, wednesday: None) -> None:
    """An hour after the cases began to walk."""
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW + timedelta(hours=1))


def listed(page: Page) -> set[int]:
    """The cases that a list shows."""
    found = [
        link.removeprefix("/desk/cases/").removesuffix("/") for link in page.links if link.startswith("/desk/cases/")
    ]
    return {int(text) for text in found if text.isdecimal()}


# --- the list ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["clerk", "leader", "inspector", "xt_chief", "wf_chief", "wy_worker", "gz_clerk"])
def test_everybody_finds_the_cases_they_may_see(world: World, enter: Enter, username: str) -> None:
    for status in Status:
        world.case_at(status)
    world.open_case(site=world.lane)
    page = read(enter(username).get("/desk/cases/"))
    assert listed(page) == set(Case.objects.visible_to(world.actor(username)).values_list("pk", flat=True))


def test_the_list_says_how_many_and_why_these(world: World, enter: Enter) -> None:
    PointType.objects.create(code="RES", name="居民小区")
    late = world.case_at(Status.HANDLING, now=NOW - timedelta(days=5))
    world.case_at(Status.HANDLING)
    query = {
        "late": "now",
        "street": "XT",
        "unit": "XT-01-WY",
        "point_type": "RES",
        "severity": "A",
        "since": "2020-06-01",
    }
    page = read(enter("clerk").get("/desk/cases/", query))
    assert listed(page) == {late.pk}
    assert "1 件：学田苑物业、学田街道、居民小区、重大、超期未提交、2020年6月1日起上报" in page.words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"state": "open"}, "未办结"),
        ({"status": "suspended"}, "挂账中"),
        ({"origin": "report"}, "人工上报"),
        ({"rework": "1"}, "返过工"),
        ({"criterion": "RES-10"}, "测评标准 RES-10"),
        ({"until": "2020-06-24"}, "2020年6月24日前（含）上报"),
        ({"q": "楼道"}, "含“楼道”"),
        ({"unit": "学田苑物业"}, "学田苑物业"),
        ({"late": "ever", "sort": "due", "size": "100"}, "超过期限"),
        ({"ended_since": "2020-06-01", "ended_until": "2020-06-30"}, "2020年6月1日起办结"),
        ({"handed_in": "1"}, "已提交整改"),
        ({"kind": "事件"}, "事件"),
        ({"unit": "学田苑物业", "own": "1"}, "不含下级单位"),
    ],
)
def test_each_condition_narrows_the_list_and_is_said(
    world: World, enter: Enter, query: dict[str, str], words: str
) -> None:
    for status in Status:
        world.case_at(status)
    page = read(enter("clerk").get("/desk/cases/", query))
    assert page.status == 200
    assert words in page.words
    given = {**query, "unit": "XT-01-WY"} if "unit" in query else query
    wanted = CaseFilter.read(given)
    now = NOW + timedelta(hours=1)
    assert listed(page) == {case.pk for case in page_of(world.actor("clerk"), wanted, now=now).rows}


def test_a_filter_that_cannot_be_understood_is_named_and_nothing_is_listed(world: World, enter: Enter) -> None:
    world.open_case()
    page = read(enter("clerk").get("/desk/cases/", {"status": "asleep", "since": "gestern"}))
    assert page.status == 422
    assert "status=“asleep”不认识" in page.words
    assert "日期 since=“gestern”应写成 2020-06-28" in page.words
    assert not listed(page)
    vague = read(enter("clerk").get("/desk/cases/", {"unit": "社区"}))
    assert (vague.status, "对应不止一个单位" in vague.words) == (422, True)
    assert read(enter("clerk").get("/desk/cases/", {"after": "x~y"})).status == 422


def test_pages_follow_each_other_without_a_gap(world: World, enter: Enter) -> None:
    for number in range(120):
        world.open_case(title=f"第{number}件", now=NOW - timedelta(minutes=number // 3))
    client, seen, address = enter("clerk"), [], "/desk/cases/?sort=due&state=open"
    while address:
        page = read(client.get(address))
        seen += sorted(listed(page))
        onward = [link for link in page.links if "after=" in link]
        address = f"/desk/cases/{onward[0]}" if onward else ""
    assert len(seen) == len(set(seen)) == 120
    assert "回到第一页" in page.words


def test_an_empty_list_says_what_to_do(world: World, enter: Enter) -> None:
    assert "还没有案件" in read(enter("clerk").get("/desk/cases/")).words
    assert "去掉一两个条件再看" in read(enter("clerk").get("/desk/cases/?status=closed")).words


def test_no_phone_number_stands_in_a_list(world: World, enter: Enter) -> None:
    world.open_case()
    for username in ("clerk", "leader", "inspector"):
        assert world.compound.contact_phone not in enter(username).get("/desk/cases/").content.decode()


@pytest.mark.parametrize("query", ["", "?unit=XT&street=XT&state=open&q=第&point_type=RES", "?unit=XT-01-WY&late=now"])
def test_the_cost_of_the_list(world: World, enter: Enter, query: str) -> None:
    for number in range(55):
        world.case_at(Status.HANDLING, title=f"第{number}件")
    client = enter("clerk")
    client.get("/desk/cases/")  # the names of point types are remembered for a minute
    with budget("GET /desk/cases/"):
        assert client.get(f"/desk/cases/{query}").status_code == 200


# --- conditions that a person keeps --------------------------------------------------------------------------------


def test_conditions_are_kept_used_and_forgotten(world: World, enter: Enter) -> None:
    client = enter("clerk")
    form = read(client.get("/desk/cases/?state=open&street=XT&sort=due")).forms["/desk/cases/views/"]
    answer = client.post(form.action, form.filled(name="学田未办结"))
    assert answer["Location"] == "/desk/cases/?state=open&street=XT&sort=due"
    page = read(client.get("/desk/cases/"))
    assert "/desk/cases/?state=open&street=XT&sort=due" in page.links
    assert "学田未办结" not in read(enter("chief").get("/desk/cases/")).words
    view = SavedView.objects.get()
    assert enter("chief").post(f"/desk/cases/views/{view.pk}/forget/").status_code == 404
    assert client.post(f"/desk/cases/views/{view.pk}/forget/").status_code == 302
    assert not SavedView.objects.exists()


def test_the_same_name_takes_the_new_conditions(world: World, enter: Enter) -> None:
    client = enter("clerk")
    for state in ("open", "done"):
        assert client.post("/desk/cases/views/", {"name": "常看", "state": state}).status_code == 302
    assert [(view.name, view.query) for view in SavedView.objects.all()] == [("常看", "state=done")]


def test_a_name_or_conditions_missing_is_said_on_the_same_list(world: World, enter: Enter) -> None:
    case = world.open_case()
    page = read(enter("clerk").post("/desk/cases/views/", {"name": " ", "state": "open"}))
    assert page.status == 422
    assert "请给这组条件起个名字" in page.words
    assert listed(page) == {case.pk}
    empty = read(enter("clerk").post("/desk/cases/views/", {"name": "字" * 41}))
    assert empty.status == 422
    for number in range(MOST_VIEWS):
        save_view(name=f"第{number}组", query="state=open", by=world.actor("clerk"), now=NOW)
    full = read(enter("clerk").post("/desk/cases/views/", {"name": "再来一组", "state": "open"}))
    assert f"最多存 {MOST_VIEWS} 组" in full.words


# --- the list as a workbook ----------------------------------------------------------------------------------------


def whole(answer: Any) -> bytes:
    """The bytes of an answer that is sent piece by piece."""
    return b"".join(answer.streaming_content)


def sheets(answer: Any) -> dict[str, list[Any]]:
    """The workbook of an answer: sheet name to its rows."""
    book = openpyxl.load_workbook(io.BytesIO(whole(answer)))
    return {sheet.title: [tuple(cell.value for cell in row) for row in sheet.iter_rows()] for sheet in book}


def test_the_workbook_holds_exactly_the_filtered_cases_and_says_why(world: World, enter: Enter) -> None:
    late = world.case_at(Status.HANDLING, now=NOW - timedelta(days=5), title='=HYPERLINK("http://x","y")')
    world.case_at(Status.HANDLING)
    page = read(enter("clerk").get("/desk/cases/?late=now&street=XT"))
    (address,) = {link for link in page.links if "export" in link}
    answer = enter("clerk").get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    book = sheets(answer)
    head, *rows = book["案件"]
    assert len(rows) == 1
    row = dict(zip(head, rows[0], strict=True))
    assert (row["编号"], row["状态"], row["超期"]) == (Case.objects.get(pk=late.pk).number, "整改中", "是")
    assert row["整改期限"] is not None
    why = dict(book["说明"])
    assert (why["件数"], why["筛选条件"]) == (1, "学田街道、超期未提交")


def test_a_text_is_never_a_formula_and_residents_words_stay_in_the_case(world: World, enter: Enter) -> None:
    world.open_case(title="=1+1", text="+CMD", place="@x")
    world.open_case(title="来信", text="我家住302，电话13900001234", origin_kind="message", origin_id=1)
    answer = enter("clerk").get("/desk/cases/export.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(whole(answer)))["案件"]
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert {cells["=1+1"], cells["+CMD"], cells["@x"]} == {"s"}
    assert not any("13900001234" in str(value) for value in cells)


def test_only_visible_cases_are_exported_and_too_many_are_refused(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        world.open_case()
    assert len(sheets(enter("gz_clerk").get("/desk/cases/export.xlsx"))["案件"]) == 1
    monkeypatch.setattr("chuangwen.web.desk.cases.MOST_ROWS", 2)
    refused = enter("clerk").get("/desk/cases/export.xlsx")
    assert (refused.status_code, "请再加条件缩小范围" in refused.content.decode()) == (400, True)


# --- one case ------------------------------------------------------------------------------------------------------


def test_the_page_says_who_must_act_by_when_and_by_which_standard(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING)
    other = read(enter("clerk").get(f"/desk/cases/{case.pk}/"))
    assert "等学田苑物业整改，今天 15:02 前提交" in other.words
    own = read(enter("wy_worker").get(f"/desk/cases/{case.pk}/"))
    assert "下一步由您办 请整改，今天 15:02 前提交" in own.words
    for words in ("T-4WH 楼道堆物", "楼道堆放杂物", "4工作时", "清理", "学田南苑1号"):
        assert words in own.words


def test_before_and_after_stand_side_by_side_and_the_history_has_names_and_words(world: World, enter: Enter) -> None:
    inspector, worker = world.actor("inspector"), world.actor("wy_worker")
    before, after = photo_id(inspector), photo_id(worker, "red")
    case = world.case_at(Status.HANDLING, photo_ids=[before])
    cases.rectify(case_id=case.pk, note="纸箱已清走", photo_ids=[after], by=worker, now=NOW)
    page = read(enter("clerk").get(f"/desk/cases/{case.pk}/"))
    for photo in (before, after):
        assert f"/desk/cases/{case.pk}/photos/{photo}/" in page.links
    assert "纸箱已清走" in page.words
    assert "物业承办人" in page.words
    assert page.words.rindex("提交整改 物业承办人") < page.words.rindex("上报 巡查员甲")


def test_the_phone_of_a_site_is_whole_only_for_those_who_act(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING)
    phone = world.compound.contact_phone
    seen = {
        who: phone in enter(who).get(f"/desk/cases/{case.pk}/").content.decode()
        for who in ("clerk", "wy_worker", "leader")
    }
    assert seen == {"clerk": True, "wy_worker": True, "leader": False}
    assert "139****1234" in enter("leader").get(f"/desk/cases/{case.pk}/").content.decode()


def test_a_case_of_another_district_looks_like_an_unknown_one(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING)
    answers = [enter("gz_clerk").get(f"/desk/cases/{number}/") for number in (case.pk, 999_999)]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_photo_is_private_and_goes_through_the_door_of_its_case(world: World, enter: Enter) -> None:
    photo = photo_id(world.actor("inspector"))
    case, other = world.case_at(Status.HANDLING, photo_ids=[photo]), world.case_at(Status.HANDLING, site=world.lane)
    address = f"/desk/cases/{case.pk}/photos/{photo}/"
    answer = enter("clerk").get(address)
    assert whole(answer) == picture()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private")
    make_thumbnail(photo_id=photo)
    small = enter("clerk").get(f"{address}?small=1")
    assert whole(small) != picture()
    assert enter("wf_chief").get(address).status_code == 404
    assert enter("clerk").get(f"/desk/cases/{other.pk}/photos/{photo}/").status_code == 404
    default_storage.delete(Photo.objects.get(pk=photo).path)
    assert enter("clerk").get(address).status_code == 404


@pytest.mark.parametrize("status", list(Status))
def test_the_cost_of_one_case(world: World, enter: Enter, status: Status) -> None:
    case = world.case_at(status)
    held_already()
    for username in ("clerk", "xt_chief", "wy_chief", "chief", "inspector2"):
        client = enter(username)
        with budget("GET /desk/cases/{case_id}/"):
            answer = client.get(f"/desk/cases/{case.pk}/")
        seen = may(world.actor(username), Permission.CASE_SEE, case.thing())
        assert answer.status_code == (200 if seen else 404)


# --- a report by hand ----------------------------------------------------------------------------------------------


def test_a_site_is_found_and_a_report_with_a_picture_becomes_a_case(world: World, enter: Enter) -> None:
    client = enter("clerk")
    found = read(client.get("/desk/cases/new/", {"where": "学田"}))
    assert f"?site={world.compound.pk}" in found.links
    form = read(client.get(f"/desk/cases/new/?site={world.compound.pk}")).forms["/desk/cases/new/"]
    upload = SimpleUploadedFile("x.jpg", picture(), "image/jpeg")
    typed = {"title": "单元门坏了", "text": "关不上", "standard": "T-4WH", "photo": upload}
    answer = client.post(form.action, form.filled(**typed))
    case = Case.objects.get()
    assert answer["Location"] == f"/desk/cases/{case.pk}/"
    assert case.standard is not None
    assert (case.site, case.standard.code, case.severity, case.photos.count()) == (world.compound, "T-4WH", "B", 1)
    again = {**form.filled(**typed), "photo": SimpleUploadedFile("x.jpg", picture(), "image/jpeg")}
    assert client.post(form.action, again)["Location"] == answer["Location"]
    assert Case.objects.count() == 1


def test_a_place_without_a_site_needs_words_or_a_position(world: World, enter: Enter) -> None:
    client = enter("clerk")
    form = read(client.get("/desk/cases/new/?anywhere=1")).forms["/desk/cases/new/"]
    refused = read(client.post(form.action, form.filled(title="", text="写了一半", standard="不存在的标准")))
    assert refused.status == 422
    assert "没有找到立案标准“不存在的标准”" in refused.words
    assert "写了一半" in refused.words
    nowhere = read(client.post(form.action, form.filled(title="")))
    assert "请用一句话写明问题" in nowhere.words
    assert "请选择点位、定位，或写明位置" in nowhere.words
    assert client.post(form.action, form.filled(title="坑洼", lng="120.875", lat="32.015")).status_code == 302
    assert Case.objects.get().home.code == "XT-01-G1"


def test_a_picture_of_a_refused_report_is_kept(world: World, enter: Enter) -> None:
    client = enter("clerk")
    form = read(client.get("/desk/cases/new/?anywhere=1")).forms["/desk/cases/new/"]
    upload = SimpleUploadedFile("x.jpg", picture(), "image/jpeg")
    refused = read(client.post(form.action, form.filled(title="", place="路口", photo=upload)))
    assert (refused.status, "已收下 1 张照片" in refused.words) == (422, True)
    again = refused.forms["/desk/cases/new/"]
    assert client.post(again.action, again.filled(title="坑洼", place="路口")).status_code == 302
    assert Case.objects.get().photos.count() == 1


def test_a_standard_in_two_books_is_asked_about(world: World, enter: Enter) -> None:
    known = CaseStandard.objects.get()
    CaseStandard.objects.create(
        book="另一册", code="T-4WH", kind="事件", class_name="市容环境", item="楼道堆物", condition="另一条件",
        limit_text="1工作日", limit_amount=1, limit_unit="working_days", closes_when="清理",
    )  # fmt: skip
    client = enter("clerk")
    fields = {"title": "堆物", "place": "路口", "client_key": "a"}
    vague = read(client.post("/desk/cases/new/", {**fields, "standard": "T-4WH"}))
    assert (vague.status, "对应不止一条立案标准" in vague.words) == (422, True)
    chosen = client.post("/desk/cases/new/", {**fields, "standard": f"T-4WH 楼道堆物（{known.book}）"})
    assert chosen.status_code == 302
    assert Case.objects.get().standard == known


def test_the_leader_reports_nothing_and_a_site_of_another_branch_is_not_there(world: World, enter: Enter) -> None:
    assert enter("leader").get("/desk/cases/new/")["Location"] == "/desk/cases/"
    assert "您的岗位不上报案件" in read(enter("leader").get("/desk/cases/new/", follow=True)).words
    assert enter("wf_chief").get(f"/desk/cases/new/?site={world.compound.pk}").status_code == 404
    assert "学田苑" not in read(enter("wf_chief").get("/desk/cases/new/?where=学田苑")).links


@pytest.mark.parametrize("with_picture", [False, True])
def test_the_cost_of_a_report(world: World, enter: Enter, with_picture: bool) -> None:
    client = enter("clerk")
    work_calendar()
    with budget("GET /desk/cases/new/"):
        client.get(f"/desk/cases/new/?site={world.compound.pk}")
    fields: dict[str, Any] = {"title": "堆物", "site": world.compound.pk, "standard": "T-4WH", "client_key": "a"}
    if with_picture:
        fields["photo"] = SimpleUploadedFile("x.jpg", picture(), "image/jpeg")
        with budget("POST /desk/cases/new/ with one picture"):
            assert client.post("/desk/cases/new/", fields).status_code == 302
    else:
        with budget("POST /desk/cases/new/"):
            assert client.post("/desk/cases/new/", fields).status_code == 302


def test_a_unit_alone_or_with_the_units_below_it(world: World, enter: Enter) -> None:
    world.case_at(Status.HANDLING)
    clerk = enter("clerk")
    unit = Case.objects.get().unit
    assert unit is not None
    assert unit.parent is not None
    above = unit.parent.code
    assert rows_of(clerk.get("/desk/cases/", {"unit": above})) == 1
    assert rows_of(clerk.get("/desk/cases/", {"unit": above, "own": "1"})) == 0
    assert rows_of(clerk.get("/desk/cases/", {"unit": unit.code, "own": "1"})) == 1


def test_components_and_events_are_told_apart(world: World, enter: Enter) -> None:
    found = world.case_at(Status.HANDLING)
    assert found.standard is not None
    other = {"部件": "事件", "事件": "部件"}[found.standard.kind]
    clerk = enter("clerk")
    assert rows_of(clerk.get("/desk/cases/", {"kind": found.standard.kind})) == 1
    assert rows_of(clerk.get("/desk/cases/", {"kind": other})) == 0
    assert clerk.get("/desk/cases/", {"kind": "什么"}).status_code in {400, 422}


def rows_of(answer: Any) -> int:
    """How many cases a list page counts."""
    return int(answer.context["page"].total)
