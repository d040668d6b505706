"""The working calendar: a year at a glance, days and years changed, a small sum of deadlines."""

import calendar as months
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.calendar_seed import CalendarDaySeed
from chuangwen.rules.deadlines import due_at
from chuangwen.rules.limits import LimitUnit, parse_limit
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.standards.calendar import set_day, set_year
from chuangwen.standards.calendar_files import export_year, import_year, read_year
from chuangwen.standards.queries import calendar_days, calendar_years, work_calendar
from chuangwen.web.desk.due_words import counted_days
from chuangwen.web.desk.files import download, upload_of
from chuangwen.web.wording import BEIJING

FIRST, LAST = 2000, 2100
WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")
_SATURDAY = 5


@dataclass(frozen=True)
class Cell:
    """One day of a month: `mark` is 休 or 班 where it differs from the plain week."""

    day: date
    working: bool
    mark: str
    name: str
    today: bool


def _cell(day: date, known: Mapping[date, Any], today: date) -> Cell:
    entry = known.get(day)
    plain = day.weekday() < _SATURDAY
    working = plain if entry is None else entry.is_working
    mark = "" if working == plain else _("班") if working else _("休")
    return Cell(day, working, mark, entry.name if entry else "", day == today)


def _year_of(request: HttpRequest) -> int:
    text = request.GET.get("year") or request.POST.get("year") or ""
    year = int(text) if text.isdecimal() and len(text) == 4 else now_of(request).year
    return max(FIRST, min(year, LAST))


def _page(request: HttpRequest, year: int, status: int = 200, **more: Any) -> HttpResponse:
    today = now_of(request).date()
    days = calendar_days(year)
    known = {row.day: row for row in days}
    weeks = months.Calendar().monthdatescalendar
    grid = [
        (
            month,
            [[_cell(day, known, today) if day.month == month else None for day in week] for week in weeks(year, month)],
        )
        for month in range(1, 13)
    ]
    years = {entry.year: entry for entry in calendar_years()}
    marked = [cell for _m, rows in grid for week in rows for cell in week if cell and cell.mark]
    context: dict[str, Any] = {
        "year": year, "grid": grid, "weekdays": WEEKDAYS, "entry": years.get(year), "years": sorted(years, reverse=True),
        "previous": year - 1 if year > FIRST else None, "next": year + 1 if year < LAST else None, "marked": marked,
        "may_edit": may(actor_of(request), Permission.CALENDAR_EDIT), "day_form": DayForm(prefix="day"), "now": now_of(request),
        "actions": [
            {"label": _("算期限"), "url": reverse("web:desk:calendar-due"), "icon": "clock"},
            {"label": _("导出这一年"), "url": f"{reverse('web:desk:calendar-export')}?year={year}", "icon": "download"},
        ],
    }  # fmt: skip
    return render(request, "desk/calendar.html", context | more, status=status)


class DayForm(forms.Form):
    """One day."""

    day = forms.DateField(label=gettext_lazy("日期"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    is_working = forms.ChoiceField(
        label=gettext_lazy("这一天"), widget=forms.RadioSelect,
        choices=[("no", gettext_lazy("休息")), ("yes", gettext_lazy("上班"))],
    )  # fmt: skip
    name = forms.CharField(
        label=gettext_lazy("说明"), max_length=60, help_text=gettext_lazy("如 端午节、调休上班、防汛值守。")
    )


@door(Permission.STANDARD_SEE)
@require_safe
def year(request: HttpRequest) -> HttpResponse:
    """Twelve months, with the days that differ from the plain week."""
    return _page(request, _year_of(request))


@door(Permission.CALENDAR_EDIT)
@require_POST
def one_day(request: HttpRequest) -> HttpResponse:
    """One day is a working day, or a day of rest."""
    form = DayForm(request.POST, prefix="day")
    if not form.is_valid():
        return _page(request, _year_of(request), 422, day_form=form)
    facts = form.cleaned_data
    working = facts["is_working"] == "yes"
    set_day(day=facts["day"], is_working=working, name=facts["name"], by=actor_of(request), now=now_of(request))
    words = _("%(day)s 已记为上班日。") if working else _("%(day)s 已记为休息日。")
    messages.success(request, words % {"day": facts["day"].isoformat()})
    return redirect(f"{reverse('web:desk:calendar')}?year={facts['day'].year}")


@door(Permission.CALENDAR_EDIT)
@require_POST
def official(request: HttpRequest) -> HttpResponse:
    """The year as it stands has been published by the State Council; the paper is named."""
    shown, source = _year_of(request), request.POST.get("source", "")
    days = [CalendarDaySeed(row.day, row.is_working, row.name) for row in calendar_days(shown)]
    try:
        set_year(year=shown, days=days, official=True, source=source, by=actor_of(request), now=now_of(request))
    except Refused as refusal:
        return _page(request, shown, 422, objections=refusal.objections, source=source)
    messages.success(request, _("%(year)d 年已标为正式公布。") % {"year": shown})
    return redirect(f"{reverse('web:desk:calendar')}?year={shown}")


# --- files ---


@door(Permission.STANDARD_SEE)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The days of a year that differ from the plain week."""
    shown = _year_of(request)
    return download(export_year(shown), _("工作日历 %(year)d.csv") % {"year": shown})


@door(Permission.CALENDAR_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A year out of a table: looked at, then confirmed; it takes the place of that whole year."""
    typed = request.POST
    is_official, source = typed.get("official") == "1", typed.get("source", "")
    context: dict[str, Any] = {
        "official": is_official, "source": source, "crumbs": [{"label": _("工作日历"), "url": reverse("web:desk:calendar")}],
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "desk/calendar_import.html", context)
    objections = [_("标为正式公布时，请写明文件依据。")] if is_official and not source.strip() else []
    try:
        file = upload_of(request)
        context["upload"] = file
        wanted = read_year(file.content)
        context |= {"wanted": wanted, "known": {row.day: row for row in calendar_days(wanted.year)}}
        if typed.get("step") == "confirm" and not objections:
            return _import(request, file.content, is_official, source)
    except (BadInput, Refused) as refusal:
        objections += refusal.objections
    status = 422 if objections else 200
    return render(request, "desk/calendar_import.html", context | {"objections": objections}, status=status)


def _import(request: HttpRequest, content: bytes, is_official: bool, source: str) -> HttpResponse:
    entry, changed = import_year(
        content=content, official=is_official, source=source, by=actor_of(request), now=now_of(request)
    )
    words = _("%(year)d 年的日历已换成文件里的。") if changed else _("%(year)d 年的日历没有变化。")
    messages.success(request, words % {"year": entry.year})
    return redirect(f"{reverse('web:desk:calendar')}?year={entry.year}")


# --- the sum ---


@door(Permission.STANDARD_SEE)
@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """When a limit that starts now, or whenever, is used up, and why."""
    typed = request.GET
    usual = now_of(request).astimezone(BEIJING)
    start_text, limit_text = typed.get("start") or f"{usual:%Y-%m-%dT%H:%M}", typed.get("limit", "").strip()
    context: dict[str, Any] = {
        "start": start_text, "limit": limit_text, "units": [unit.label for unit in LimitUnit], "now": now_of(request),
        "crumbs": [{"label": _("工作日历"), "url": reverse("web:desk:calendar")}],
    }  # fmt: skip
    if limit_text:
        context |= _sum(start_text, limit_text)
    return render(request, "desk/calendar_due.html", context, status=422 if context.get("objections") else 200)


def _sum(start_text: str, limit_text: str) -> dict[str, Any]:
    objections: list[str] = []
    start = _start(start_text)
    if start is None:
        objections.append(_("开始时间“%(text)s”读不懂，请写成 2020-06-24 09:00。") % {"text": start_text})
    limit = parse_limit(limit_text)
    if limit is None:
        words = "、".join(unit.label for unit in LimitUnit)
        sentence = _("时限“%(text)s”读不懂，请写一个数字和一个单位，如 4工作时。可用单位：%(units)s。")
        objections.append(sentence % {"text": limit_text, "units": words})
    if start is None or limit is None:
        return {"objections": objections}
    calendar = work_calendar()
    try:
        found = due_at(start, limit, calendar)
    except BadInput as refusal:
        return {"objections": refusal.objections}
    days = counted_days(start, found, limit, calendar)
    return {
        "found": found, "read": limit, "days": _named(days), "cut": bool(days) and days[-1].day < found.at.date(),
        "hours": _(" 和 ").join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in calendar.hours),
        "day_length": calendar.day_length.total_seconds() / 3600,
    }  # fmt: skip


def _start(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "T", 1))
    except ValueError:
        return None
    return moment.replace(tzinfo=BEIJING) if moment.tzinfo is None else moment


def _named(days: Sequence[Any]) -> list[tuple[Any, str, str]]:
    """Each counted day with its weekday and, where the calendar has one, its name."""
    names: dict[date, str] = {}
    for shown in {day.day.year for day in days}:
        names |= {row.day: row.name for row in calendar_days(shown)}
    return [(day, WEEKDAYS[day.day.weekday()], names.get(day.day, "")) for day in days]


urls = [
    path("calendar/", year, name="calendar"),
    path("calendar/day/", one_day, name="calendar-day"),
    path("calendar/official/", official, name="calendar-official"),
    path("calendar/export/", export, name="calendar-export"),
    path("calendar/import/", upload, name="calendar-import"),
    path("calendar/due/", due, name="calendar-due"),
]
