"""Units, people, areas and sites from files: all or nothing, the same file twice changes nothing, exports come back."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from chuangwen.journal.models import Event
from chuangwen.people.imports import import_people, import_units
from chuangwen.people.models import Post, Unit, User
from chuangwen.people.spreadsheets import (
    PersonRow,
    UnitRow,
    export_people,
    export_units,
    read_people,
    read_units,
)
from chuangwen.places.imports import import_areas, import_sites
from chuangwen.places.models import Area, Site
from chuangwen.places.queries import grid_at
from chuangwen.places.spreadsheets import (
    ELSEWHERE,
    export_areas,
    export_areas_geojson,
    export_sites,
    read_areas,
    read_sites,
)
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.rules.tables import ImportReport
from tests.world import NOW, PEOPLE, UNITS, World

TYPES = {"RES": "居民小区", "LANE": "背街小巷"}
LATER = NOW + timedelta(days=400)


def units(text: str, *, dry_run: bool = False) -> ImportReport:
    """Import units from CSV text."""
    rows = read_units(f"编码,名称,类别,上级编码\n{text}".encode())
    return import_units(rows=rows, by=SYSTEM, now=NOW, dry_run=dry_run)


def people(text: str, header: str = "账号,姓名,电话,单位编码,岗位,任职起,任职止") -> ImportReport:
    """Import people from CSV text."""
    return import_people(rows=read_people(f"{header}\n{text}".encode()), by=SYSTEM, now=NOW)


def sites(text: str, header: str = "编码,名称,点位类型,责任单位编码,经度,纬度") -> ImportReport:
    """Import sites from CSV text."""
    return import_sites(rows=read_sites(f"{header}\n{text}".encode(), TYPES), by=SYSTEM, now=NOW)


def areas(text: str, header: str = "编码,名称,类别,上级编码,属地单位编码") -> ImportReport:
    """Import areas from CSV text."""
    return import_areas(rows=read_areas(f"{header}\n{text}".encode()), by=SYSTEM, now=NOW)


def square(west: float, south: float, side: float = 0.01) -> dict[str, object]:
    """A square of so many degrees."""
    ring = [(west, south), (west + side, south), (west + side, south + side), (west, south + side), (west, south)]
    return {"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6)] for x, y in ring]]}


# --- units ---


@pytest.mark.django_db
def test_units_come_in_with_parents_in_any_order() -> None:
    assert units("XT-01,学田社区,社区,XT\nXT,学田街道,street,CC\nCC,崇川区,区,\n") == ImportReport(3)
    assert Unit.objects.get(code="XT-01").path == "/CC/XT/XT-01/"
    assert Unit.objects.get(code="XT-01").parent == Unit.objects.get(code="XT")
    assert Event.objects.filter(kind="unit.created").count() == 3


def test_the_same_units_twice_change_nothing(world: World) -> None:
    content = export_units(Unit.objects.all())
    for file in (content, export_units(Unit.objects.all(), as_csv=True)):
        before = Event.objects.count()
        assert import_units(rows=read_units(file), by=SYSTEM, now=LATER) == ImportReport(0, 0, len(UNITS))
        assert Event.objects.count() == before


def test_a_unit_that_moves_takes_its_branch_along(world: World) -> None:
    assert units("XT,学田街道,街道,GZ\nXT-01,学田社区,社区,XT\n") == ImportReport(0, 2, 0)
    assert Unit.objects.get(code="XT-01-G1").path == "/NT/GZ/XT/XT-01/XT-01-G1/"
    (event,) = Event.objects.filter(kind="unit.changed", facts__path="/NT/GZ/XT/")
    assert event.facts["before"]["path"] == "/NT/CC/XT/"


def test_a_dry_run_counts_and_writes_nothing(world: World) -> None:
    before = Event.objects.count()
    report = units("XT,学田街道办,街道,CC\nNEW,新街道,街道,CC\nWF,文峰街道,街道,CC\n", dry_run=True)
    assert report == ImportReport(1, 1, 1)
    assert Unit.objects.get(code="XT").name == "学田街道"
    assert Event.objects.count() == before


def test_rings_doubles_and_strangers_are_all_named_and_nothing_is_written(world: World) -> None:
    report = units(
        "A,甲,街道,B\nB,乙,街道,C\nC,丙,街道,A\nNT,南通市,市,XT\nD,丁,街道,没有\nD,戊,街道,CC\n不行,己,街道,CC\n"
    )
    assert [problem.split("：")[0] for problem in report.problems] == [
        "第 2 行「上级编码」", "第 5 行「上级编码」", "第 6 行「上级编码」", "第 7 行「编码」", "第 8 行",
    ]  # fmt: skip
    assert "A → B → C → A" in report.problems[0]
    assert "CC → NT → XT → CC" in report.problems[1]
    assert Unit.objects.count() == len(UNITS)


def test_a_column_that_is_missing_leaves_things_as_they_are(world: World) -> None:
    Unit.objects.filter(code="WF").update(active=False)
    rows = read_units("编码,名称,类别\nWF,文峰街道办,街道\n".encode())
    assert import_units(rows=rows, by=SYSTEM, now=NOW) == ImportReport(0, 1, 0)
    unit = Unit.objects.get(code="WF")
    assert (unit.name, unit.active, unit.path) == ("文峰街道办", False, "/NT/CC/WF/")


def test_only_those_who_manage_people_and_places_import(world: World) -> None:
    clerk, worker = world.actor("clerk"), world.actor("xt01_worker")
    attempts: tuple[Callable[[], object], ...] = (
        lambda: import_units(rows=[], by=clerk, now=NOW),
        lambda: import_people(rows=[], by=clerk, now=NOW),
        lambda: import_areas(rows=[], by=worker, now=NOW),
        lambda: import_sites(rows=[], by=worker, now=NOW),
    )
    for attempt in attempts:
        with pytest.raises(Refused):
            attempt()
    assert import_units(rows=[UnitRow("N", "新", "other")], by=world.actor("admin"), now=NOW).created == 1
    assert import_sites(rows=[], by=clerk, now=NOW) == ImportReport()


@pytest.mark.django_db
def test_a_thousand_units_take_one_statement_each(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    rows = [UnitRow(f"U{n}", f"单位{n}", "other", f"U{n // 10}" if n else "") for n in range(1000)]
    with django_assert_max_num_queries(1100):  # one event a unit, the rest in bulk
        assert import_units(rows=rows, by=SYSTEM, now=NOW).created == 1000


def test_a_tree_too_deep_for_a_path_is_named(world: World) -> None:
    rows = [UnitRow(f"{'X' * 30}{n:02}", "深", "other", f"{'X' * 30}{n - 1:02}" if n else "CC") for n in range(14)]
    report = import_units(rows=rows, by=SYSTEM, now=NOW)
    assert len(report.problems) == 3
    assert "层级太深" in report.problems[0]


# --- people ---


def test_people_come_in_with_their_posts(world: World) -> None:
    report = people(
        "li_ming,李明,13900000001,XT,单位负责人,2020-05-01,\nli_ming,李明,13900000001,WF,承办人,2020-06-01,2020-12-31\nwang,王芳,,,,,\n"
    )
    assert report == ImportReport(2)
    user = User.objects.get(username="li_ming")
    assert not user.has_usable_password()
    assert user.must_change_password
    posts = Post.objects.filter(user=user).order_by("id").values_list("unit__code", "role", "starts_on", "ends_on")
    assert list(posts) == [
        ("XT", "unit_chief", date(2020, 5, 1), None),
        ("WF", "unit_worker", date(2020, 6, 1), date(2020, 12, 31)),
    ]


def test_the_same_people_twice_change_nothing(world: World) -> None:
    people("wang,王芳,,,,,\n")
    Post.objects.filter(user__username="grid").update(ends_on=date(2020, 3, 1))
    for as_csv in (False, True):
        before = Event.objects.count()
        rows = read_people(export_people(User.objects.order_by("pk"), as_csv=as_csv))
        assert import_people(rows=rows, by=SYSTEM, now=LATER) == ImportReport(0, 0, len(PEOPLE) + 1)
        assert Event.objects.count() == before


def test_a_post_without_a_first_day_begins_with_the_import_and_only_once(world: World) -> None:
    text = "wang,王芳,XT,承办人\ngrid,网格员甲,XT-01-G1,网格员\n"
    rows = read_people(f"账号,姓名,单位编码,岗位\n{text}".encode())
    assert import_people(rows=rows, by=SYSTEM, now=NOW) == ImportReport(1, 0, 1)
    assert import_people(rows=rows, by=SYSTEM, now=LATER) == ImportReport(0, 0, 2)
    assert Post.objects.get(user__username="wang").starts_on == NOW.date()


def test_a_last_day_and_a_new_phone_change_what_is_there(world: World) -> None:
    report = people("grid,网格员甲,13900000009,XT-01-G1,网格员,2020-01-01,2020-06-30\n")
    assert report == ImportReport(0, 1, 0)
    assert Post.objects.get(user__username="grid").ends_on == date(2020, 6, 30)
    assert User.objects.get(username="grid").phone == "13900000009"
    people("grid,网格员甲,否\n", header="账号,姓名,在用")
    user = User.objects.get(username="grid")
    assert (user.is_active, user.phone) == (False, "13900000009")
    assert Event.objects.filter(kind="user.deactivated", subject_id=user.pk).exists()


def test_everything_wrong_with_people_is_named_and_nothing_is_written(world: World) -> None:
    report = people(
        "Wang,王芳,,XT,承办人,,\nli,李明,,没有,承办人,,\nli,李鸣,,XT,,2020-01-01,\nli,李明,1,XT,承办人,2020-02-01,2020-01-01\n"
        "zhao,赵,,XT,承办人,,\nzhao,赵,,XT,承办人,2020-01-01,\nqian,钱,,,,,2020-01-01\n"
    )
    assert [problem.split("：")[0] for problem in report.problems] == [
        "第 2 行「账号」", "第 3 行「单位编码」", "第 4 行「岗位」", "第 4 行「姓名」", "第 5 行「任职止」",
        "第 5 行「电话」", "第 7 行「账号」", "第 8 行「岗位」", "第 8 行「任职起」",
    ]  # fmt: skip
    assert User.objects.count() == len(PEOPLE)


def test_nobody_locks_themselves_out_by_an_import(world: World) -> None:
    admin = world.actor("admin")
    report = import_people(rows=[PersonRow("admin", "管理员", active=False)], by=admin, now=NOW)
    assert "不能停用自己的账号" in report.problems[0]


# --- areas ---


def test_areas_come_in_with_boundaries_and_parents_in_any_order(world: World) -> None:
    boundary = json.dumps(square(120.9, 32.0)).replace('"', '""')
    text = f'B-G1,文峰网格,网格,B,WF-01,"{boundary}"\nB,文峰社区,社区,,WF-01,\n'
    header = "编码,名称,类别,上级编码,属地单位编码,边界"
    assert areas(text, header) == ImportReport(2)
    assert Area.objects.get(code="B-G1").parent == Area.objects.get(code="B")
    found = grid_at(120.905, 32.005)
    assert found is not None
    assert found.code == "B-G1"
    assert areas(text, header) == ImportReport(0, 0, 2)


def test_areas_go_out_and_come_back_unchanged(world: World) -> None:
    areas("B,文峰社区,社区,,WF-01\nC,里,小区,B,WF-01\n")
    every = Area.objects.select_related("parent", "unit").order_by("code")
    for content, count in (
        (export_areas(every), 4),
        (export_areas(every, as_csv=True), 4),
        (export_areas_geojson(every), 2),
    ):
        before = Event.objects.count()
        assert import_areas(rows=read_areas(content), by=SYSTEM, now=LATER) == ImportReport(0, 0, count)
        assert Event.objects.count() == before


def test_a_boundary_too_long_for_a_cell_stays_and_goes_by_geojson(world: World) -> None:
    ring = [[round(120.9 + n / 1e4, 6), 32.0] for n in range(4000)]
    long = {"type": "Polygon", "coordinates": [[*ring, [120.95, 32.1], ring[0]]]}
    Area.objects.filter(code="A-XT-01").update(boundary=long)
    every = Area.objects.select_related("parent", "unit").order_by("code")
    (row, _) = read_areas(export_areas(every))
    assert row.boundary == ELSEWHERE
    assert import_areas(rows=[row], by=SYSTEM, now=NOW) == ImportReport(0, 0, 1)
    assert import_areas(rows=read_areas(export_areas_geojson(every)), by=SYSTEM, now=NOW) == ImportReport(0, 0, 2)
    Area.objects.filter(code="A-XT-01").update(boundary=None)
    assert "还没有边界" in import_areas(rows=[row], by=SYSTEM, now=NOW).problems[0]


def test_a_geojson_file_sets_boundaries_of_known_areas(world: World) -> None:
    feature = {"type": "Feature", "properties": {"编码": "A-XT-01-G1", "面积": 3}, "geometry": square(121.0, 31.0)}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False).encode("utf-8-sig")
    assert import_areas(rows=read_areas(content), by=SYSTEM, now=NOW) == ImportReport(0, 1, 0)
    area = Area.objects.get(code="A-XT-01-G1")
    assert (area.boundary, area.name) == (square(121.0, 31.0), "A-XT-01-G1")
    found = grid_at(121.005, 31.005)
    assert found == area
    assert areas("A-XT-01-G1,网格,网格,XT-01-G1,清除\n", "编码,名称,类别,属地单位编码,边界") == ImportReport(0, 1, 0)
    assert Area.objects.get(code="A-XT-01-G1").boundary is None


def test_everything_wrong_with_areas_is_named(world: World) -> None:
    crossed = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    rows = [
        *((f"X{n}", boundary) for n, boundary in enumerate([crossed, {"type": "Point", "coordinates": [1, 1]}, {}])),
        ("X3", square(500_000, 3_500_000, 100)),
    ]
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": "x", "kind": "网格", "unit_code": "没有"},
            "geometry": b,
        }
        for code, b in rows
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    report = import_areas(rows=read_areas(content), by=SYSTEM, now=NOW)
    assert sum("没有编码为“没有”的单位" in problem for problem in report.problems) == 4
    assert [p.split("：")[1][:4] for p in report.problems if "边界" in p.split("：")[0]] == [
        "边界自相", "边界须是", "边界不是", "坐标超出",
    ]  # fmt: skip
    named = areas("P,甲,网格,Q,WF-01\nQ,乙,社区,P,WF-01\nP,丙,网格,,WF-01\n").problems
    assert any("P → Q → P" in problem or "重复" in problem for problem in named)
    assert Area.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"type": "FeatureCollection", "features": [', "没有写完整"),
        (b'{"type": "Topology"}', "FeatureCollection"),
        (b'{"type": "FeatureCollection", "features": []}', "没有图形"),
        (b'{"type": "FeatureCollection", "features": [{"properties": null}]}', "属性里没有"),
        (b'{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:3857"}},"features":[1]}', "坐标系"),
        (b"{" + b'"a":[' * 100_000, "没有写完整"),
    ],
)
def test_a_geojson_file_that_cannot_be_read_gets_a_sentence(content: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_areas(content)


def test_a_ring_that_is_there_already_is_named_too(world: World) -> None:
    one, other = Area.objects.order_by("code")
    Area.objects.filter(pk=one.pk).update(parent=other)
    Area.objects.filter(pk=other.pk).update(parent=one)
    (problem,) = areas("B,文峰社区,社区,A-XT-01,WF-01\n").problems
    assert problem.startswith("「上级编码」：上级关系绕成了一圈：A-XT-01 → A-XT-01-G1 → A-XT-01。")


def test_new_areas_must_say_what_they_are(world: World) -> None:
    content = json.dumps({"type": "Feature", "properties": {"code": "N"}, "geometry": square(121.0, 31.0)}).encode()
    report = import_areas(rows=read_areas(content), by=SYSTEM, now=NOW)
    assert [problem.split("」")[0] for problem in report.problems] == [
        "第 1 行「名称", "第 1 行「类别", "第 1 行「属地单位编码"
    ]  # fmt: skip


# --- sites ---


def test_sites_come_in_by_name_or_code_of_their_type_and_find_their_grid(world: World) -> None:
    assert sites("S1,新苑,居民小区,XT-01-WY,120.875,32.015\nS2,后巷,LANE,WF-01,120.5,31.5\n") == ImportReport(2)
    site = Site.objects.get(code="S1")
    assert (site.point_type, site.street, site.home) == ("RES", world.unit("XT"), world.unit("XT-01-G1"))
    assert (site.lng, site.active, len(site.token) > 8) == (Decimal("120.875000"), True, True)
    assert Site.objects.get(code="S2").home == world.unit("WF-01")
    assert Event.objects.filter(kind="site.created", subject_id=site.pk).count() == 1


def test_the_same_sites_twice_change_nothing(world: World) -> None:
    sites("S1,=新苑,居民小区,XT-01-WY,120.875,32.015\n")
    every = Site.objects.select_related("owner", "area").order_by("code")
    for as_csv in (False, True):
        before = Event.objects.count()
        rows = read_sites(export_sites(every, TYPES, as_csv=as_csv), TYPES)
        assert import_sites(rows=rows, by=SYSTEM, now=LATER) == ImportReport(0, 0, 3)
        assert Event.objects.count() == before


def test_a_site_that_is_not_described_in_full_keeps_what_it_has(world: World) -> None:
    token = world.compound.token
    report = sites("S-RES-1,学田南苑,居民小区,XT-01-WY,120.871,32.011\n")
    assert report == ImportReport(0, 1, 0)
    site = Site.objects.get(code="S-RES-1")
    assert site.area is not None
    assert (site.area.code, site.contact_name, site.token) == ("A-XT-01", "物业经理", token)
    header = "编码,名称,点位类型,责任单位编码,经度,纬度,联系人,在用"
    sites("S-RES-1,学田南苑,居民小区,XT-01-WY,120.875,32.015,,否\n", header)
    site = Site.objects.get(code="S-RES-1")
    assert site.area is not None
    assert (site.area.code, site.contact_name, site.active) == ("A-XT-01-G1", "", False)


def test_everything_wrong_with_sites_is_named_and_nothing_is_written(world: World) -> None:
    header = "编码,名称,点位类型,责任单位编码,所在区域编码,经度,纬度"
    report = sites(
        "S1,甲,居民小区,没有,无,32.015,75.5\nS2,乙,LANE,WF-01,,120.5,31.5\nS2,丙,LANE,WF-01,,120.5,31.5\n", header
    )
    assert [problem.split("：")[0] for problem in report.problems] == [
        "第 2 行「责任单位编码」", "第 2 行「所在区域编码」", "第 2 行「经度」", "第 4 行「编码」",
    ]  # fmt: skip
    assert Site.objects.count() == 2
    with pytest.raises(BadInput, match="“广场”不认识，可用：居民小区、背街小巷"):
        sites("S1,甲,广场,WF-01,120,32\n")
