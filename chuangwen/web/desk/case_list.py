"""The list of cases: its conditions as a form, why these are shown, one page by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import quote

from django import forms
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chuangwen.cases.filters import ORIGINS, PAGE_SIZE, CaseFilter, Page, page_of
from chuangwen.cases.queries import saved_views
from chuangwen.cases.worklist import Case
from chuangwen.http import Context, actor_of, now_of
from chuangwen.rules.case_flow import STATUS_LABELS
from chuangwen.rules.case_standards import CaseKind
from chuangwen.rules.permissions import Permission, Thing, may
from chuangwen.rules.refusals import BadInput
from chuangwen.standards.queries import point_types
from chuangwen.web.desk.case_labels import LATE_WORDS, SORT_WORDS, STATE_WORDS, Clock, case_url, clock_of, words_of
from chuangwen.web.desk.lists import choices_of
from chuangwen.web.desk.unit_choice import UnitName, common_units, find_unit
from chuangwen.web.looks import SEVERITY_LOOKS, STATUS_LOOKS

SIZES = (PAGE_SIZE, 100, 200)
MOST_IN_AN_ORDER = 500
TYPES_KEPT = 60  # seconds that names of point types are remembered, like the working calendar
NAMES = [field.name for field in fields(CaseFilter)]
ALWAYS_OPEN = ("status", "street", "unit", "late", "severity")


@dataclass(frozen=True)
class Line:
    """One row of the list."""

    case: Case
    url: str
    clock: Clock | None


def type_names() -> Mapping[str, str]:
    """Code and name of every point type, in order."""
    known: dict[str, str] | None = cache.get("desk.type_names")
    if known is None:
        known = {row.code: row.name for row in point_types()}
        cache.set("desk.type_names", known, TYPES_KEPT)
    return known


class CaseFilterForm(forms.Form):
    """The conditions as inputs; hidden ones are those that only links set."""

    q = forms.CharField(label=_("编号或关键词"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    status = forms.ChoiceField(label=_("状态"), required=False)
    late = forms.ChoiceField(label=_("期限"), required=False)
    street = forms.ChoiceField(label=_("街道"), required=False)
    unit = forms.CharField(
        label=_("责任单位"), required=False, widget=forms.TextInput(attrs={"list": "cw-units", "autocomplete": "off"})
    )
    severity = forms.ChoiceField(label=_("等级"), required=False)
    state = forms.ChoiceField(label=_("办理阶段"), required=False)
    point_type = forms.ChoiceField(label=_("点位类型"), required=False)
    criterion = forms.CharField(
        label=_("测评标准编码"), required=False, widget=forms.TextInput(attrs={"maxlength": 20})
    )
    origin = forms.ChoiceField(label=_("来源"), required=False)
    kind = forms.ChoiceField(label=_("部件或事件"), required=False)
    rework = forms.ChoiceField(label=_("返工"), required=False)
    since = forms.CharField(label=_("上报日期从"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.CharField(label=_("到"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    sort = forms.ChoiceField(label=_("排列"), required=False)
    size = forms.ChoiceField(label=_("每页"), required=False)
    order = forms.CharField(required=False, widget=forms.HiddenInput)
    site = forms.CharField(required=False, widget=forms.HiddenInput)
    own = forms.CharField(required=False, widget=forms.HiddenInput)
    handed_in = forms.CharField(required=False, widget=forms.HiddenInput)
    item = forms.CharField(required=False, widget=forms.HiddenInput)
    ended_since = forms.CharField(required=False, widget=forms.HiddenInput)
    ended_until = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, values: Mapping[str, str], streets: Sequence[UnitName]) -> None:
        super().__init__(initial=dict(values), auto_id="filter-%s")
        choices: dict[str, Any] = {
            "status": choices_of([(status.value, STATUS_LOOKS[status.value].label) for status in STATUS_LABELS]),
            "late": choices_of(list(LATE_WORDS.items())),
            "street": choices_of([(unit.code, unit.name) for unit in streets]),
            "severity": choices_of([(code, look.label) for code, look in SEVERITY_LOOKS.items()]),
            "state": choices_of(list(STATE_WORDS.items())),
            "point_type": choices_of(type_names()),
            "origin": choices_of(ORIGINS),
            "kind": choices_of([(kind.value, kind.value) for kind in CaseKind]),
            "rework": choices_of({"1": str(_("返过工"))}),
            "sort": list(SORT_WORDS.items()),
            "size": [(str(size), str(size)) for size in SIZES],
        }
        for name, rows in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = rows

    def main_fields(self) -> Sequence[forms.BoundField]:
        """The conditions that are asked for most, beside the words."""
        return [self[name] for name in ALWAYS_OPEN]

    def more_fields(self) -> Sequence[forms.BoundField]:
        """The others that a person sets."""
        return [field for field in self.visible_fields() if field.name not in {"q", *ALWAYS_OPEN}]

    def more_are_set(self) -> bool:
        """Whether a condition outside the first row narrows the list."""
        defaults = {"sort": "newest", "size": str(PAGE_SIZE), "state": self.initial.get("state")}  # tabs show the state
        return any(
            (value := self.initial.get(field.name, "")) and value != defaults.get(field.name)
            for field in self.more_fields()
        )


def _size(text: str) -> int:
    return int(text) if text in {str(size) for size in SIZES} else PAGE_SIZE


def read_filter(request: HttpRequest) -> tuple[CaseFilter, UnitName | None, Sequence[tuple[UnitName, str]]]:
    """The filter of the address, the unit it names, and the units to offer. The unit may be given by name too."""
    actor, text = actor_of(request), request.GET.get("unit", "").strip()
    offered = common_units(actor, text)
    found = next((unit for unit, _kind in offered if text in {unit.code, str(unit)}), None)
    if text and found is None:
        found = find_unit(actor, text)
    wanted = CaseFilter.read({name: request.GET.get(name, "") for name in NAMES})
    return replace(wanted, unit=found.code if found else ""), found, offered


def _row_names(wanted: CaseFilter, rows: Sequence[Case]) -> Mapping[str, str]:
    """Names of site and order, which any row of the list knows."""
    names = {"site": str(_("所选点位")), "order": str(_("所选整改任务书"))}
    if wanted.site and rows and rows[0].site:
        names["site"] = rows[0].site.name
    if wanted.order and rows and rows[0].order:
        names["order"] = rows[0].order.number
    return names


def filter_words(
    wanted: CaseFilter, unit: UnitName | None, offered: Sequence[tuple[UnitName, str]], rows: Sequence[Case]
) -> Sequence[str]:
    """Why these: the active conditions as words."""
    by_code = {row.code: row.name for row, _kind in offered}
    names = {
        **_row_names(wanted, rows),
        "unit": unit.name if unit else "",
        "street": by_code.get(wanted.street, wanted.street),
        "point_type": type_names().get(wanted.point_type, wanted.point_type),
    }
    return words_of(wanted, names)


def _tabs(wanted: CaseFilter) -> Sequence[Mapping[str, Any]]:
    here = (wanted.state, wanted.status, wanted.late)
    tabs = (
        (_("全部"), ("", "", "")),
        (_("未办结"), ("open", "", "")),
        (_("超期未提交"), ("", "", "now")),
        (_("待核查"), ("", "rectified", "")),
        (_("已办结"), ("done", "", "")),
    )
    return [
        {
            "label": label,
            "url": f"?{wanted.query(state=state, status=status, late=late)}",
            "active": here == (state, status, late),
        }
        for label, (state, status, late) in tabs
    ]


def _page_context(wanted: CaseFilter, page: Page, *, size: int, after: str) -> Context:
    query = wanted.query()
    more = "&".join(part for part in (query, f"size={size}" if size != PAGE_SIZE else "") if part)
    return {
        "page": page,
        "lines": [Line(case, case_url(case), clock_of(case)) for case in page.rows],
        "next_url": f"?{more}{'&' if more else ''}after={quote(page.next_key)}" if page.next_key else "",
        "first_url": f"?{more}" if after else "",
        "export_url": f"{reverse('web:desk:cases-export')}?{query}",
        "order_all_url": f"{reverse('web:desk:order-new')}?all=1&{query}" if page.total <= MOST_IN_AN_ORDER else "",
    }


def may_report(request: HttpRequest) -> bool:
    """Whether this person can report anywhere."""
    actor = actor_of(request)
    return any(may(actor, Permission.CASE_REPORT, Thing(home=scope)) for scope in actor.scopes())


def list_context(request: HttpRequest) -> Context:
    """Everything on the page. A filter that cannot be understood is named, and then nothing is listed."""
    actor, now = actor_of(request), now_of(request)
    context: Context = {
        "now": now, "saved": saved_views(actor), "may_report": may_report(request), "search_query": request.GET.get("q", ""),
        "may_order": may(actor, Permission.ORDER_ISSUE), "objections": (), "offered": (),
    }  # fmt: skip
    try:
        wanted, unit, offered = read_filter(request)
        size, after = _size(request.GET.get("size", "")), request.GET.get("after", "")
        page = page_of(actor, wanted, now=now, after=after, size=size)
    except BadInput as refusal:
        form = CaseFilterForm(request.GET.dict(), [])
        return context | {
            "objections": refusal.objections,
            "form": form,
            "wanted": CaseFilter(),
            "tabs": _tabs(CaseFilter()),
        }
    values = {field: getattr(wanted, field) for field in NAMES} | {"size": str(size), "unit": str(unit) if unit else ""}
    streets = [row for row, kind in offered if kind == "street"]
    return context | {
        "form": CaseFilterForm(values, streets), "offered": [row for row, _kind in offered], "wanted": wanted,
        "query": wanted.query(), "words": filter_words(wanted, unit, offered, page.rows), "tabs": _tabs(wanted),
        **_page_context(wanted, page, size=size, after=after),
    }  # fmt: skip
