"""Sites on the desk: lists, one place, forms that lose nothing, tables in and out, printed codes, which grid."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from chuangwen.journal.models import Event
from chuangwen.patrols.models import Patrol
from chuangwen.patrols.operations import finish_visit
from chuangwen.people.operations import put_unit
from chuangwen.places.listing import grid_finder
from chuangwen.places.models import Area, Site
from chuangwen.places.operations import put_area, put_site
from chuangwen.places.queries import grid_at
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM
from chuangwen.standards.models import Edition
from chuangwen.web.desk.files import Upload
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.rounds import small_edition, small_patrol
from tests.world import NOW, World

Enter = Callable[[str], Client]
HEADER = ("编码", "名称", "点位类型", "责任单位编码", "经度", "纬度", "联系电话")


def many_sites(count: int) -> None:
    """Further lanes of the compound's community."""
    for number in range(count):
        put_site(
            code=f"L-{number:03}", name=f"第{number:03}巷", point_type="LANE", owner_code="XT-01", lng="120.871", lat="32.012",
            area_code="A-XT-01", by=SYSTEM, now=NOW,
        )  # fmt: skip


def facts(**changes: Any) -> dict[str, Any]:
    """A new site as the form sends it."""
    return {
        "code": "S-9", "name": "新建路", "point_type": "LANE", "owner_code": "XT-01", "lng": "120.875", "lat": "32.015",
        "area_code": "", "address": "新建路1号", "contact_name": "王", "contact_phone": "0513-8500", "leader_name": "李",
        "active": "on", **changes,
    }  # fmt: skip


def table(*rows: tuple[str, ...], name: str = "点位.csv") -> SimpleUploadedFile:
    """A CSV file of sites."""
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows])
    return SimpleUploadedFile(name, out.getvalue().encode())


def small_patrol_of(world: World) -> Patrol:
    """A round by the edition that is there already."""
    return small_patrol(world, edition=Edition.objects.get())


ROW = ("S-10", "北街", "LANE", "XT-01", "120.875", "32.015", "13900005678")


@pytest.fixture(autouse=True)
def types(world: World) -> None:
    """The point types that the sites have."""
    small_edition()


# --- the list ---


def test_everybody_sees_the_places_of_the_own_branch(enter: Enter) -> None:
    for username, names in (
        ("clerk", ["文峰巷", "学田苑"]),
        ("wf_chief", ["文峰巷"]),
        ("wy_worker", ["学田苑"]),
        ("gz_clerk", []),
    ):
        assert [site.name for site in enter(username).get("/desk/sites/").context["page"].rows] == names


def test_the_list_is_narrowed_and_says_by_what(world: World, enter: Enter) -> None:
    clerk = enter("clerk")

    def listed(query: str) -> list[str]:
        return [site.code for site in clerk.get(f"/desk/sites/?{query}").context["page"].rows]

    assert listed("street=XT") == ["S-RES-1"]
    assert listed("point_type=LANE") == ["S-LANE-1"]
    assert listed("owner=物业") == ["S-RES-1"]
    assert listed("owner=wf-01") == ["S-LANE-1"]
    assert listed("q=南苑") == ["S-RES-1"]
    assert listed("q=南苑 巷") == []
    Site.objects.filter(code="S-LANE-1").update(active=False)
    assert listed("") == ["S-RES-1"]
    assert listed("active=no") == ["S-LANE-1"]
    page = read(clerk.get("/desk/sites/?street=XT&q=苑"))
    assert "共 1 个点位（街道：学田街道，名称、编码、地址：苑），按编码排列。" in page.words


def test_long_lists_come_in_pages(enter: Enter) -> None:
    many_sites(55)
    clerk = enter("clerk")
    first = clerk.get("/desk/sites/?point_type=LANE").context["page"]
    second = clerk.get("/desk/sites/" + first.next_url).context["page"]
    assert (len(first.rows), first.total, first.previous_url) == (50, 56, "")
    assert (len(second.rows), second.next_url, second.previous_url) == (6, "", "?point_type=LANE")
    assert clerk.get("/desk/sites/?page=-1&street=nowhere").status_code == 200


def test_only_those_who_keep_the_places_are_offered_to_change_them(enter: Enter) -> None:
    for username, keeps in (("clerk", True), ("admin", True), ("leader", False), ("xt_chief", False)):
        client = enter(username)
        assert ("新增点位" in client.get("/desk/sites/").content.decode()) is keeps
        for address in ("/desk/sites/new/", "/desk/sites/import/", "/desk/areas/import/"):
            assert client.get(address).status_code == (200 if keeps else 403)


# --- one place ---


def test_a_place_with_its_facts_results_and_open_cases(world: World, enter: Enter) -> None:
    patrol = small_patrol_of(world)
    finish_visit(patrol_id=patrol.pk, site_id=world.compound.pk, rest_passes=True, by=world.actor("inspector"), now=NOW)
    case = world.case_at(Status.HANDLING)
    page = read(enter("clerk").get(f"/desk/sites/{world.compound.pk}/"))
    for words in (
        "学田苑物业",
        "居民小区",
        "A-XT-01",
        "13900001234",
        "楼道堆放杂物",
        case.number,
        "学田文峰日常巡查",
        "未办结的案件（1）",
    ):
        assert words in page.words
    assert "S-RES-1" in page.words


def test_a_telephone_number_is_whole_only_for_whom_it_concerns(world: World, enter: Enter) -> None:
    address = f"/desk/sites/{world.compound.pk}/"
    for username in ("clerk", "admin"):
        assert "13900001234" in enter(username).get(address).content.decode()
    for username in ("leader", "xt_chief", "inspector", "wy_worker"):
        html = enter(username).get(address).content.decode()
        assert "139****1234" in html
        assert "13900001234" not in html
    small_patrol_of(world)
    assert "13900001234" in enter("inspector").get(address).content.decode()
    assert "13900001234" not in enter("inspector2").get(address).content.decode()


def test_what_is_looked_at_in_a_place(world: World, enter: Enter) -> None:
    page = read(enter("wy_worker").get(f"/desk/sites/{world.compound.pk}/?view=checklist"))
    assert "道路平整无坑洼" in page.words
    assert "路面硬化、排水通畅" not in page.words
    assert "不合格须拍照" in page.words


def test_a_place_beyond_reach_is_not_found(world: World, enter: Enter) -> None:
    for username in ("wf_chief", "gz_clerk"):
        assert enter(username).get(f"/desk/sites/{world.compound.pk}/").status_code == 404
    assert enter("gz_clerk").post(f"/desk/sites/{world.compound.pk}/edit/", facts()).status_code == 404


def test_the_map_shows_the_point_in_its_area(world: World, enter: Enter) -> None:
    shown = enter("clerk").get(f"/desk/sites/{world.compound.pk}/").context["map"]
    assert shown["points"]["features"][0]["geometry"]["coordinates"] == [120.871, 32.011]
    assert [feature["properties"]["title"] for feature in shown["boundaries"]["features"]] == ["A-XT-01"]


# --- new and changed places ---


def test_a_new_place_finds_its_grid(enter: Enter) -> None:
    answer = enter("clerk").post("/desk/sites/new/", facts(owner_code="学田社区"))
    made = Site.objects.get(code="S-9")
    assert answer["Location"] == f"/desk/sites/{made.pk}/"
    assert made.area is not None
    assert (made.area.code, made.home.code, made.owner.code) == ("A-XT-01-G1", "XT-01-G1", "XT-01")
    assert made.lng == Decimal("120.875000")


def test_the_same_new_place_twice_is_one_place(enter: Enter) -> None:
    clerk = enter("clerk")
    first, second = (clerk.post("/desk/sites/new/", facts()) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Event.objects.filter(kind__startswith="site.", facts__name="新建路").count() == 1


def test_a_code_that_is_taken_does_not_overwrite_the_place(world: World, enter: Enter) -> None:
    answer = enter("clerk").post("/desk/sites/new/", facts(code="S-LANE-1"))
    assert answer.status_code == 422
    assert "编码“S-LANE-1”已经是点位“文峰巷”的" in answer.content.decode()
    world.lane.refresh_from_db()
    assert world.lane.name == "文峰巷"


def test_every_objection_to_a_place_at_once_and_nothing_lost(enter: Enter) -> None:
    wrong = facts(
        code="含空格 1", name="", point_type="NONE", owner_code="没有的单位", lng="东经120", lat="320", area_code="A-9",
        contact_phone="问门卫", address="东大街八号",
    )  # fmt: skip
    page = read(enter("clerk").post("/desk/sites/new/", wrong))
    assert page.status == 422
    for sentence in (
        "编码只用字母、数字、横线和下划线", "没有找到单位“没有的单位”", "经度“东经120”不是数字", "纬度“320”超出范围",
        "没有编码为“A-9”的区域", "电话只写数字",
    ):  # fmt: skip
        assert sentence in page.words
    assert page.ids >= {"id_name_error", "id_point_type_error"}
    assert 'value="东大街八号"' in page.html
    assert 'value="没有的单位"' in page.html
    assert not Site.objects.filter(address="东大街八号").exists()


def test_a_name_that_two_units_have_asks_for_the_code(world: World, enter: Enter) -> None:
    put_unit(code="WF-09", name="学田社区", kind="community", parent_code="WF", by=SYSTEM, now=NOW)
    answer = enter("clerk").post("/desk/sites/new/", facts(owner_code="学田社区"))
    assert "有 2 个单位叫“学田社区”，请填编码：WF-09、XT-01。" in answer.content.decode()


def test_a_place_is_changed(world: World, enter: Enter) -> None:
    clerk, address = enter("clerk"), f"/desk/sites/{world.lane.pk}/edit/"
    form = read(clerk.get(address)).forms[""]
    answer = clerk.post(address, form.filled(leader_name="区领导", point_type="LANE", active="on"))
    world.lane.refresh_from_db()
    assert answer.status_code == 302
    assert world.lane.leader_name == "区领导"
    assert world.lane.active


def test_what_somebody_else_saved_meanwhile_is_shown_not_lost(world: World, enter: Enter) -> None:
    clerk, address = enter("clerk"), f"/desk/sites/{world.compound.pk}/edit/"
    form = read(clerk.get(address)).forms[""]
    Site.objects.filter(pk=world.compound.pk).update(leader_name="新领导")
    answer = clerk.post(address, form.filled(address="学田南苑2号", point_type="RES", active="on"))
    page = read(answer)
    assert page.status == 409
    for words in (
        "您打开这一页以后，有人改过",
        "您填的：学田南苑2号",
        "现在已保存的：学田南苑1号",
        "现在已保存的：新领导",
    ):
        assert words in page.words
    assert 'value="学田南苑2号"' in page.html
    again = page.forms[""].filled(point_type="RES", leader_name="新领导", active="on")
    assert clerk.post(address, again).status_code == 302
    world.compound.refresh_from_db()
    assert (world.compound.address, world.compound.leader_name) == ("学田南苑2号", "新领导")


def test_saving_without_a_change_says_so(world: World, enter: Enter) -> None:
    clerk, address = enter("clerk"), f"/desk/sites/{world.compound.pk}/edit/"
    form = read(clerk.get(address)).forms[""]
    answer = clerk.post(address, form.filled(point_type="RES", active="on"), follow=True)
    assert "没有改动。" in answer.content.decode()


# --- tables ---


def test_a_table_is_looked_at_first_and_taken_only_when_confirmed(enter: Enter) -> None:
    clerk = enter("clerk")
    page = read(clerk.post("/desk/sites/import/", {"file": table(ROW)}))
    assert page.status == 200
    assert "“点位.csv”可以导入" in page.words
    assert not Site.objects.filter(code="S-10").exists()
    confirming = page.forms["confirm"]
    page = read(clerk.post("/desk/sites/import/", confirming.fields, follow=True))
    assert "已导入：新增 1 个点位，修改 0 个点位，未变 0 个点位。" in page.words
    assert Site.objects.get(code="S-10").home.code == "XT-01-G1"
    answer = clerk.post("/desk/sites/import/", confirming.fields, follow=True)
    assert "新增 0 个点位，修改 0 个点位，未变 1 个点位" in answer.content.decode()


def test_every_bad_row_of_a_table_is_named_and_nothing_is_taken(enter: Enter) -> None:
    rows = [("S-11", "", "LANE", "XT-01", "120.8", "32", ""), ROW, (*ROW[:2], "不认识", "没有", "x", "32", "")]
    page = read(enter("clerk").post("/desk/sites/import/", {"file": table(*rows)}))
    assert page.status == 422
    for words in ("第 2 行「名称」", "第 4 行「点位类型」", "第 4 行「经度」", "没有导入任何内容"):
        assert words in page.words
    assert Site.objects.count() == 2


def test_rows_that_read_well_but_fit_nowhere_are_named_too(enter: Enter) -> None:
    rows = [(*ROW[:3], "XX-1", *ROW[4:]), (*ROW[:3], "XX-2", *ROW[4:])]
    page = read(enter("clerk").post("/desk/sites/import/", {"file": table(*rows)}))
    assert page.status == 422
    for words in ("没有编码为“XX-1”的单位", "没有编码为“XX-2”的单位", "与第 2 行重复"):
        assert words in page.words


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件是空的"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "这不是 CSV 或 Excel 文件"),
        (b"\xd0\xcf\x11\xe0 old", "旧版 .xls"),
        ("随便写的字".encode(), "没有找到表头"),
    ],
)
def test_a_wrong_file_is_refused_with_what_to_do(enter: Enter, content: bytes, sentence: str) -> None:
    answer = enter("clerk").post("/desk/sites/import/", {"file": SimpleUploadedFile("a.xlsx", content)})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_no_file_or_a_spoilt_confirmation_is_refused(enter: Enter) -> None:
    clerk = enter("clerk")
    assert "请先选择文件" in clerk.post("/desk/sites/import/", {}).content.decode()
    answer = clerk.post("/desk/sites/import/", {"step": "confirm", "content": "???"})
    assert answer.status_code == 422
    assert "文件内容在传送中损坏了" in answer.content.decode()


def test_a_file_too_large_is_refused_before_it_is_read(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chuangwen.web.desk.files.LARGEST", 100)
    answer = enter("clerk").post("/desk/sites/import/", {"file": SimpleUploadedFile("a.csv", b"x" * 101)})
    assert "请拆成几个文件再交" in answer.content.decode()
    carried = Upload("a.csv", b"x" * 101).carried
    answer = enter("clerk").post("/desk/sites/import/", {"step": "confirm", "content": carried})
    assert answer.status_code == 422
    assert "请拆成几个文件再交" in answer.content.decode()


def test_the_export_follows_the_filter_and_imports_without_a_change(world: World, enter: Enter) -> None:
    clerk = enter("clerk")
    answer = clerk.get("/desk/sites/export/?street=XT")
    assert answer["Content-Disposition"].endswith("%E7%82%B9%E4%BD%8D.xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=2) if row[0].value] == ["S-RES-1"]
    page = read(clerk.post("/desk/sites/import/", {"file": SimpleUploadedFile("a.xlsx", answer.content)}))
    assert "与系统里的完全一样" in page.words


def test_an_export_has_whole_telephone_numbers_only_for_those_who_keep_them(enter: Enter) -> None:
    def numbers(username: str) -> set[object]:
        sheet = load_workbook(io.BytesIO(enter(username).get("/desk/sites/export/").content)).worksheets[0]
        return {cell.value for row in sheet.iter_rows(min_row=2) for cell in row}

    assert "13900001234" in numbers("clerk")
    assert numbers("xt_chief") & {"13900001234", "139****1234"} == {"139****1234"}


def test_the_blank_table_has_headers_and_no_rows(enter: Enter) -> None:
    sheet = load_workbook(io.BytesIO(enter("clerk").get("/desk/sites/export/?template=1").content)).worksheets[0]
    assert sheet.max_row == 1


# --- areas and grids ---


def test_boundaries_come_in_as_geojson_and_go_out_again(world: World, enter: Enter) -> None:
    clerk = enter("clerk")
    out = clerk.get("/desk/areas/export.geojson?kind=grid")
    collection = json.loads(out.content)
    assert [feature["properties"]["code"] for feature in collection["features"]] == ["A-XT-01-G1"]
    collection["features"][0]["geometry"]["coordinates"] = [
        [[120.9, 32.0], [120.91, 32.0], [120.91, 32.01], [120.9, 32.01], [120.9, 32.0]]
    ]
    file = SimpleUploadedFile("边界.geojson", json.dumps(collection).encode())
    page = read(clerk.post("/desk/areas/import/", {"file": file}))
    confirming = page.forms["confirm"]
    assert clerk.post("/desk/areas/import/", confirming.fields).status_code == 302
    moved = grid_at(Decimal("120.905"), Decimal("32.005"))
    assert moved is not None
    assert moved.code == "A-XT-01-G1"


def test_a_boundary_that_is_none_is_refused_by_number(enter: Enter) -> None:
    feature = {
        "type": "Feature",
        "properties": {"code": "A-XT-01-G1"},
        "geometry": {"type": "Point", "coordinates": [1, 2]},
    }
    file = SimpleUploadedFile("a.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}).encode())
    page = read(enter("clerk").post("/desk/areas/import/", {"file": file}))
    assert page.status == 422
    assert "Polygon" in page.words


def test_areas_are_listed_within_reach(world: World, enter: Enter) -> None:
    assert [area.code for area in enter("clerk").get("/desk/areas/?kind=grid").context["page"].rows] == ["A-XT-01-G1"]
    assert enter("wf_chief").get("/desk/areas/").context["page"].rows == []
    sheet = load_workbook(io.BytesIO(enter("clerk").get("/desk/areas/export.xlsx").content)).worksheets[0]
    assert sheet.max_row == 3


def test_which_grid_holds_a_position(enter: Enter) -> None:
    clerk = enter("clerk")
    page = read(clerk.get("/desk/sites/grid/?lng=120.875&lat=32.015"))
    assert "A-XT-01-G1" in page.words
    assert "学田社区第一网格" in page.words
    assert "A-XT-01-G1" in read(clerk.get("/desk/sites/grid/?lng=120.875，32.015")).words
    assert "这个位置不在任何网格内" in read(clerk.get("/desk/sites/grid/?lng=110&lat=30")).words


def test_coordinates_that_are_none_are_refused_both_at_once(enter: Enter) -> None:
    page = read(enter("clerk").get("/desk/sites/grid/?lng=abc&lat=99"))
    assert page.status == 422
    assert "经度“abc”不是数字" in page.words
    assert "纬度“99”超出范围" in page.words


def test_many_positions_find_the_same_grids_as_one(world: World) -> None:
    square = Area.objects.get(code="A-XT-01-G1").boundary
    put_area(code="A-ZZ", name="重叠", kind="grid", unit_code="XT-01", boundary=square, by=SYSTEM, now=NOW)
    find = grid_finder()
    for step in range(-3, 14):
        lng, lat = Decimal("120.87") + Decimal(step) / 1000, Decimal("32.01") + Decimal(step * 2 % 11) / 1000
        one, many = grid_at(lng, lat), find(lng, lat)
        assert (one and one.code) == (many and many.code)


# --- printed codes ---


def test_codes_lead_to_the_place(world: World, enter: Enter, settings: Any) -> None:
    settings.SITE_URL = "https://wm.example.cn/"
    page = enter("clerk").get("/desk/sites/codes/?street=XT")
    html = page.content.decode()
    address = f"https://wm.example.cn/field/q/{world.compound.token}/"
    assert segno.make(address, error="m", micro=False).svg_inline(border=4, light="#fff", omitsize=True) in html
    assert html.count('<figure class="cw-code">') == 1
    assert "只能在这台电脑上打开" not in html


def test_codes_stand_twelve_on_a_sheet(enter: Enter) -> None:
    many_sites(25)
    page = enter("clerk").get("/desk/sites/codes/")
    assert [len(sheet) for sheet in page.context["sheets"]] == [12, 12, 3]
    assert "只能在这台电脑上打开" in page.content.decode()


def test_codes_of_places_beyond_reach_are_not_printed(enter: Enter) -> None:
    assert enter("gz_clerk").get("/desk/sites/codes/").context["sheets"] == []


# --- statements ---


def test_statements(world: World, enter: Enter) -> None:
    many_sites(60)
    patrol = small_patrol_of(world)
    finish_visit(patrol_id=patrol.pk, site_id=world.compound.pk, rest_passes=True, by=world.actor("inspector"), now=NOW)
    for minute in range(3):
        world.open_case(now=NOW + timedelta(minutes=minute))
    clerk, inspector = enter("clerk"), enter("inspector")
    with budget("GET /desk/sites/"):
        clerk.get("/desk/sites/?street=XT")
    for client in (clerk, inspector):
        with budget("GET /desk/sites/{site_id}/"):
            client.get(f"/desk/sites/{world.compound.pk}/")
    with budget("GET /desk/sites/{site_id}/"):
        clerk.get(f"/desk/sites/{world.compound.pk}/?view=checklist")
    with budget("GET /desk/sites/codes/"):
        clerk.get("/desk/sites/codes/")
