"""A small district with names. `case_at(status)` walks a case there through the real operations."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Model
from PIL import Image

from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case
from chuangwen.evidence.operations import store_photo
from chuangwen.journal.models import Event
from chuangwen.people import operations as people
from chuangwen.people.models import Post, Unit, User
from chuangwen.people.queries import actor_by_username, unit_by_code
from chuangwen.places import operations as places
from chuangwen.places.models import Area, Site
from chuangwen.places.queries import forget_boundaries
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM, Actor, Role
from chuangwen.standards.calendar import seed_calendar
from chuangwen.standards.models import CalendarDay, CalendarYear, CaseStandard
from chuangwen.standards.queries import standard_for

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2020, 6, 24, 9, 0, tzinfo=BEIJING)  # a Wednesday; 25 to 27 June are holidays, Sunday the 28th works
PASSWORD = "kong-gang-1920"  # of the test accounts only

UNITS = (  # code, name, kind, parent
    ("NT", "南通市", "city", ""),
    ("CC", "崇川区", "district", "NT"),
    ("CC-WM", "区文明办", "district_office", "CC"),
    ("CC-CG", "区城管局", "department", "CC"),
    ("CC-SCJG", "区市场监管局", "regulator", "CC"),
    ("XT", "学田街道", "street", "CC"),
    ("XT-01", "学田社区", "community", "XT"),
    ("XT-01-WY", "学田苑物业", "property_firm", "XT-01"),
    ("XT-01-G1", "学田社区第一网格", "grid", "XT-01"),
    ("WF", "文峰街道", "street", "CC"),
    ("WF-01", "文峰社区", "community", "WF"),
    ("GZ", "港闸区", "district", "NT"),
    ("GZ-WM", "港闸文明办", "district_office", "GZ"),
)
PEOPLE = (  # account, name, role, unit
    ("admin", "管理员", Role.SYSTEM_ADMIN, "CC-WM"),
    ("clerk", "周文", Role.OFFICE_CLERK, "CC-WM"),
    ("chief", "陆主任", Role.OFFICE_CHIEF, "CC-WM"),
    ("leader", "区领导", Role.LEADER, "CC"),
    ("inspector", "巡查员甲", Role.INSPECTOR, "CC-WM"),
    ("inspector2", "巡查员乙", Role.INSPECTOR, "CC-WM"),
    ("xt_chief", "学田负责人", Role.UNIT_CHIEF, "XT"),
    ("xt01_worker", "学田社区承办人", Role.UNIT_WORKER, "XT-01"),
    ("wy_worker", "物业承办人", Role.UNIT_WORKER, "XT-01-WY"),
    ("wy_chief", "物业负责人", Role.UNIT_CHIEF, "XT-01-WY"),
    ("grid", "网格员甲", Role.GRID_WORKER, "XT-01-G1"),
    ("wf_chief", "文峰负责人", Role.UNIT_CHIEF, "WF"),
    ("cg_worker", "城管承办人", Role.UNIT_WORKER, "CC-CG"),
    ("gz_clerk", "港闸专员", Role.OFFICE_CLERK, "GZ-WM"),
)


_TABLES: tuple[type[Model], ...] = (CalendarYear, CalendarDay, Unit, User, Post, Area, Site, CaseStandard, Event)


@dataclass(frozen=True)
class World:
    """Handles to the small district."""

    compound: Site
    lane: Site

    def actor(self, username: str) -> Actor:
        """Who this account is today."""
        return actor_by_username(username, NOW.date())

    def unit(self, code: str) -> Unit:
        """The unit with this code."""
        return unit_by_code(code)

    def open_case(
        self, *, now: datetime = NOW, by: str = "inspector", site: Site | None = None, **given: object
    ) -> Case:
        """A reported case at the compound, by the manhole standard."""
        site = site or self.compound
        fields: dict[str, Any] = {
            "title": "楼道堆放杂物", "text": "3号楼2单元楼道堆放纸箱", "home": site.home, "street": site.street, "site": site,
            "origin_kind": "report", "standard": standard_for("T-4WH"), "severity": "A", "criterion_code": "RES-10",
        }  # fmt: skip
        return cases.open_case(**{**fields, **given}, by=self.actor(by), now=now)

    def case_at(self, status: Status, *, now: datetime = NOW, **given: Any) -> Case:
        """A case that came to this status the way cases do, a minute a step."""
        case = self.open_case(now=now, **given)
        for path in _PATHS[status]:
            now += timedelta(minutes=1)
            getattr(self, f"_{path}")(case.pk, now)
        return Case.objects.select_related("home", "unit", "standard", "order", "street", "site").get(pk=case.pk)

    def _accept(self, pk: int, now: datetime) -> None:
        cases.accept(case_id=pk, by=self.actor("clerk"), now=now)

    def _refuse(self, pk: int, now: datetime) -> None:
        cases.refuse(case_id=pk, reason="不在受理范围", by=self.actor("clerk"), now=now)

    def _dispatch(self, pk: int, now: datetime) -> None:
        cases.dispatch(case_id=pk, unit_id=self.unit("XT-01-WY").pk, by=self.actor("clerk"), now=now)

    def _return_back(self, pk: int, now: datetime) -> None:
        cases.return_back(case_id=pk, reason="不属于本单位管理", by=self.actor("wy_worker"), now=now)

    def _receive(self, pk: int, now: datetime) -> None:
        cases.receive(case_id=pk, by=self.actor("wy_worker"), now=now)

    def _rectify(self, pk: int, now: datetime) -> None:
        cases.rectify(case_id=pk, note="已清理", by=self.actor("wy_worker"), now=now)

    def _verify(self, pk: int, now: datetime) -> None:
        cases.verify(case_id=pk, by=self.actor("inspector2"), now=now)

    def _close(self, pk: int, now: datetime) -> None:
        cases.close(case_id=pk, by=self.actor("clerk"), now=now)

    def _force_close(self, pk: int, now: datetime) -> None:
        cases.force_close(case_id=pk, reason="责任单位已撤销", by=self.actor("chief"), now=now)

    def _cancel(self, pk: int, now: datetime) -> None:
        cases.cancel(case_id=pk, reason="重复上报", by=self.actor("chief"), now=now)

    def _suspend(self, pk: int, now: datetime) -> None:
        until = now + timedelta(days=30)
        cases.suspend(case_id=pk, reason="须等道路大修", until=until, by=self.actor("chief"), now=now)


_PATHS: dict[Status, tuple[str, ...]] = {
    Status.REPORTED: (),
    Status.REFUSED: ("refuse",),
    Status.ACCEPTED: ("accept",),
    Status.DISPATCHED: ("accept", "dispatch"),
    Status.RETURNED: ("accept", "dispatch", "return_back"),
    Status.HANDLING: ("accept", "dispatch", "receive"),
    Status.RECTIFIED: ("accept", "dispatch", "receive", "rectify"),
    Status.VERIFIED: ("accept", "dispatch", "receive", "rectify", "verify"),
    Status.CLOSED: ("accept", "dispatch", "receive", "rectify", "verify", "close"),
    Status.FORCE_CLOSED: ("accept", "dispatch", "force_close"),
    Status.CANCELLED: ("accept", "cancel"),
    Status.SUSPENDED: ("accept", "dispatch", "receive", "suspend"),
}


def picture(colour: str = "grey", size: tuple[int, int] = (64, 48)) -> bytes:
    """The bytes of a small plain JPEG."""
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def photo_id(by: Actor, colour: str = "grey") -> int:
    """A stored plain picture."""
    return store_photo(data=picture(colour), by=by, now=NOW).pk


Rows = list[list[Model]]
Statement = tuple[str, Any]
_ROWS: dict[str, Rows] = {}  # the district as it was first built, by password
_INSERTS: dict[str, list[Statement]] = {}  # what writes these rows


def build(password: str = "") -> World:
    """The whole small district: through the real operations the first time, then as the same rows again."""
    if password not in _ROWS:
        world = _build(password)
        _ROWS[password] = [list(model._default_manager.all()) for model in _TABLES]
        return world
    if password in _INSERTS:
        _write(_INSERTS[password])
    else:
        _INSERTS[password] = _written(_ROWS[password])
    forget_boundaries()
    sites = Site.objects.select_related("home__parent", "street__parent", "owner__parent", "area__unit").in_bulk(
        field_name="code"
    )
    return World(compound=sites["S-RES-1"], lane=sites["S-LANE-1"])


def _written(rows: Rows) -> list[Statement]:
    """Let Django write the rows, and keep its statements: to find them takes ten times as long as to run them."""
    statements: list[Statement] = []

    def keep(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        statements.append((sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(keep):
        for model, group in zip(_TABLES, rows, strict=True):
            model._default_manager.bulk_create(group)
    return statements


def _write(statements: list[Statement]) -> None:
    with connection.cursor() as cursor:
        for sql, values in statements:
            cursor.execute(sql, values)


def _build(password: str) -> World:
    seed_calendar(years=[2019, 2020, 2021], by=SYSTEM, now=NOW)
    for code, name, kind, parent in UNITS:
        people.put_unit(code=code, name=name, kind=kind, parent_code=parent, by=SYSTEM, now=NOW)
    for username, name, role, unit in PEOPLE:
        user, _ = people.put_user(username=username, display_name=name, by=SYSTEM, now=NOW)
        user.must_change_password = False
        if password:
            user.set_password(password)
        user.save()
        people.appoint(username=username, unit_code=unit, role=role, starts_on=date(2020, 1, 1), by=SYSTEM, now=NOW)
    for code, unit, kind in (("A-XT-01", "XT-01", "community"), ("A-XT-01-G1", "XT-01-G1", "grid")):
        places.put_area(code=code, name=code, kind=kind, unit_code=unit, boundary=_square(kind), by=SYSTEM, now=NOW)
    compound, _ = places.put_site(
        code="S-RES-1", name="学田苑", point_type="RES", owner_code="XT-01-WY", lng="120.871000", lat="32.011000",
        area_code="A-XT-01", address="学田南苑1号", contact_name="物业经理", contact_phone="13900001234", by=SYSTEM, now=NOW,
    )  # fmt: skip
    lane, _ = places.put_site(
        code="S-LANE-1", name="文峰巷", point_type="LANE", owner_code="WF-01", lng="120.901000", lat="32.001000",
        by=SYSTEM, now=NOW,
    )  # fmt: skip
    CaseStandard.objects.create(
        book="测试册", code="T-4WH", kind="事件", class_name="市容环境", item="楼道堆物", condition="楼道堆放杂物",
        limit_text="4工作时", limit_amount=Decimal(4), limit_unit="working_hours", closes_when="清理",
    )  # fmt: skip
    return World(compound=compound, lane=lane)


def _square(kind: str) -> dict[str, object]:
    side = 0.01 if kind == "grid" else 0.02
    west, south = 120.87, 32.01
    ring = [(west, south), (west + side, south), (west + side, south + side), (west, south + side), (west, south)]
    return {"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6)] for x, y in ring]]}
