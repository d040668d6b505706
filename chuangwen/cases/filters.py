"""The filters of the case list: one bag of values from any edge, one condition, one order, one page by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from chuangwen.cases.models import Case, CaseQuerySet
from chuangwen.cases.search import matching
from chuangwen.people.models import Unit
from chuangwen.rules.case_flow import FINISHED, OPEN, RUNNING, Status
from chuangwen.rules.case_standards import CaseKind
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput

BEIJING = ZoneInfo("Asia/Shanghai")
PAGE_SIZE, MOST_ON_A_PAGE = 50, 200

# name of the order -> (field, descending); the id breaks ties, so that a page boundary is one exact row.
ORDERS: dict[str, tuple[str, bool]] = {
    "newest": ("id", True),
    "oldest": ("id", False),
    "due": ("act_by", False),
    "reported": ("reported_at", True),
}
STATES: dict[str, Q] = {
    "open": Q(status__in=[status.value for status in OPEN]),
    "running": Q(status__in=[status.value for status in RUNNING]),
    "done": Q(status__in=[status.value for status in FINISHED]),
}
ORIGINS = {
    "finding": "巡查发现",
    "message": "群众来信",
    "report": "人工上报",
    "recheck": "抽查复核",
    "resident": "群众扫码",
    "supervision": "督查发现",
    "survey": "问卷意见",
    "whistle": "街道吹哨",
}
FROM_RESIDENTS = ("message", "resident")  # nobody is named as reporter, and somebody waits for an answer


@dataclass(frozen=True)
class CaseFilter:
    """What the list is narrowed to; empty strings mean: all. Days are inclusive, in Beijing time.

    own: "1" leaves the units below the chosen one out; item: 小类 of the case standard. since, until: the day it was
    reported; ended_since, ended_until: the day it was closed. merged: "1" shows reports merged into another case, too.
    """

    q: str = ""
    state: str = ""
    status: str = ""
    unit: str = ""
    own: str = ""
    street: str = ""
    point_type: str = ""
    criterion: str = ""
    severity: str = ""
    origin: str = ""
    kind: str = ""
    item: str = ""
    late: str = ""
    rework: str = ""
    order: str = ""
    site: str = ""
    since: str = ""
    until: str = ""
    handed_in: str = ""
    ended_since: str = ""
    ended_until: str = ""
    merged: str = ""
    sort: str = "newest"

    @classmethod
    def read(cls, values: Mapping[str, str]) -> "CaseFilter":
        """From the query of an address; every objection is named at once."""
        known = {field.name: str(values.get(field.name, "")).strip() for field in fields(cls)}
        known["sort"] = known["sort"] or "newest"
        found = cls(**known)
        if objections := found.objections():
            raise BadInput(objections)
        return found

    def objections(self) -> list[str]:
        """What in this filter cannot be understood."""
        choices = {
            "state": (self.state, {*STATES, ""}),
            "status": (self.status, {*[status.value for status in Status], ""}),
            "sort": (self.sort, set(ORDERS)),
            "severity": (self.severity, {"V", "A", "B", "C", ""}),
            "late": (self.late, {"now", "ever", "no", ""}),
            "rework": (self.rework, {"1", ""}),
            "own": (self.own, {"1", ""}),
            "merged": (self.merged, {"1", ""}),
            "kind": (self.kind, {*[kind.value for kind in CaseKind], ""}),
            "handed_in": (self.handed_in, {"1", ""}),
        }
        objections = [
            f"筛选条件 {name}=“{value}”不认识。" for name, (value, known) in choices.items() if value not in known
        ]
        for name in ("since", "until", "ended_since", "ended_until"):
            text = getattr(self, name)
            if text and _day(text) is None:
                objections.append(f"日期 {name}=“{text}”应写成 2020-06-28。")
        for name, text in (("order", self.order), ("site", self.site)):
            if text and not _is_row(text):
                objections.append(f"筛选条件 {name}=“{text}”应是编号。")
        return objections

    def query(self, **changes: str) -> str:
        """This filter as the query of an address, with changes."""
        changed = replace(self, **changes)
        pairs = {field.name: getattr(changed, field.name) for field in fields(changed)}
        return urlencode(
            {name: value for name, value in pairs.items() if value and (name, value) != ("sort", "newest")}
        )

    def active(self) -> dict[str, str]:
        """The conditions that narrow the list, for telling people why they see these."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) and f.name != "sort"}


def _is_row(text: str) -> bool:
    """Whether this can be the id of a row: plain digits, no more than the database holds."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def _late(cases: CaseQuerySet, which: str, now: datetime) -> CaseQuerySet:
    running_late = Q(status__in=[status.value for status in RUNNING], due_at__lt=now)
    handed_in_late = Q(rectified_at__gt=F("due_at"))
    if which == "now":
        return cases.filter(running_late)
    if which == "ever":
        return cases.filter(running_late | handed_in_late)
    return cases.filter(due_at__isnull=False, rectified_at__lte=F("due_at")) if which == "no" else cases


def narrowed(actor: Actor, wanted: CaseFilter, now: datetime) -> CaseQuerySet:
    """The visible cases that the filter leaves, in no order yet."""
    cases = Case.objects.visible_to(actor)
    if not wanted.merged and not _is_number(wanted.q):
        cases = cases.standing()
    if wanted.state:
        cases = cases.filter(STATES[wanted.state])
    plain = {
        "status": wanted.status, "street__code": wanted.street, "point_type": wanted.point_type,
        "criterion_code": wanted.criterion, "severity": wanted.severity, "origin_kind": wanted.origin,
        "order_id": wanted.order, "site_id": wanted.site, "standard__kind": wanted.kind,
        "standard__item": wanted.item,
    }  # fmt: skip
    cases = cases.filter(**{field: value for field, value in plain.items() if value})
    if wanted.unit:
        cases = _of_unit(cases, wanted.unit, alone=bool(wanted.own))
    if wanted.rework:
        cases = cases.filter(rework_count__gt=0)
    if wanted.handed_in:
        cases = cases.filter(rectified_at__isnull=False)
    cases = _between(cases, "reported_at", wanted.since, wanted.until)
    if wanted.ended_since or wanted.ended_until:
        # A finished case keeps the moment it ended in act_by too; that is the indexed one (a test holds both together).
        cases = _between(cases.filter(STATES["done"]), "act_by", wanted.ended_since, wanted.ended_until)
    return _search(_late(cases, wanted.late, now), wanted.q)


def _of_unit(cases: CaseQuerySet, code: str, *, alone: bool) -> CaseQuerySet:
    if alone:
        return cases.filter(unit__code=code)
    path = Unit.objects.filter(code=code).values_list("path", flat=True).first()
    return cases.filter(unit_id__in=Unit.objects.filter(path__startswith=path or "//").values("pk"))


def _between(cases: CaseQuerySet, moment: str, since: str, until: str) -> CaseQuerySet:
    first, last = _day(since), _day(until)
    if first:
        cases = cases.filter(**{f"{moment}__gte": _midnight(first)})
    if last:
        cases = cases.filter(**{f"{moment}__lt": _midnight(last + timedelta(days=1))})
    return cases


def _is_number(query: str) -> bool:
    """A case number: day and row."""
    return len(query) == 15 and _is_row(query)


def _search(cases: CaseQuerySet, query: str) -> CaseQuerySet:
    if _is_number(query):
        return cases.filter(pk=int(query[8:]))
    return matching(cases, query) if query else cases


@dataclass(frozen=True)
class Page:
    """Some rows, and the keys from which the list goes on; `total` is exact up to `total_cap`."""

    rows: Sequence[Case]
    next_key: str
    total: int
    capped: bool


TOTAL_CAP = 10_000


def _after_key(field: str, descending: bool, key: str) -> Q:
    raw, _, row = key.rpartition("~")
    if not _is_row(row):
        raise BadInput("翻页位置不认识，请从第一页开始。")
    beyond = "lt" if descending else "gt"
    if field == "id":
        return Q(**{f"id__{beyond}": int(row)})
    try:
        value = datetime.fromisoformat(raw)
    except ValueError as error:
        raise BadInput("翻页位置不认识，请从第一页开始。") from error
    if value.tzinfo is None:
        raise BadInput("翻页位置不认识，请从第一页开始。")
    return Q(**{f"{field}__{beyond}": value}) | Q(**{field: value, f"id__{beyond}": int(row)})


def _key_of(case: Case, field: str) -> str:
    return f"~{case.pk}" if field == "id" else f"{getattr(case, field).isoformat()}~{case.pk}"


def page_of(
    actor: Actor, wanted: CaseFilter, *, now: datetime, after: str = "", size: int = PAGE_SIZE, count: bool = True
) -> Page:
    """One page by key: as fast on the last page as on the first. Three statements at most."""
    size = max(1, min(size, MOST_ON_A_PAGE))
    field, descending = ORDERS[wanted.sort]
    cases = narrowed(actor, wanted, now)
    total = cases.order_by()[: TOTAL_CAP + 1].count() if count else 0
    if after:
        cases = cases.filter(_after_key(field, descending, after))
    sign = "-" if descending else ""
    order = (f"{sign}id",) if field == "id" else (f"{sign}{field}", f"{sign}id")
    rows = list(
        cases.select_related("site", "street", "unit", "home").defer("text", "reply").order_by(*order)[: size + 1]
    )
    next_key = _key_of(rows[size - 1], field) if len(rows) > size else ""
    return Page(rows[:size], next_key, min(total, TOTAL_CAP), total > TOTAL_CAP)
