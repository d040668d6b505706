"""总览: how much came in, what is open and overdue now, where, and how well it is put right. Every figure is a link."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuangwen.cases.figures import Day, Figures, Group, UnitLoad, figures
from chuangwen.cases.filters import CaseFilter
from chuangwen.http import actor_of, door, now_of
from chuangwen.people.queries import streets
from chuangwen.rules.permissions import Actor, Permission
from chuangwen.web.desk.links import case_list
from chuangwen.web.desk.periods import Days, PeriodForm, today_of
from chuangwen.web.wording import percent, thousands

TOP_UNITS, TOP_CRITERIA = 15, 10
MOST_DAYS = 45  # a longer period is drawn by weeks
Chart = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class _Links:
    """The filters that every link of the page starts from: of now, and of the period."""

    now: CaseFilter
    period: CaseFilter


def street_choices(actor: Actor) -> list[tuple[str, str]]:
    """The streets that this person can narrow a page to."""
    scopes = tuple(actor.scopes())
    return [(unit.code, unit.name) for unit in streets() if unit.path.startswith(scopes)]


@door(Permission.DASHBOARD_SEE)
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The figures of a period and of now, for the cases that this person may see."""
    actor, now = actor_of(request), now_of(request)
    form = PeriodForm(request.GET, today=today_of(now), streets=street_choices(actor))
    days, street = form.days, form.chosen_street
    found = figures(actor, since=days.since, until=days.until, street=street, now=now, top=TOP_CRITERIA)
    narrow = CaseFilter(street=street)
    links = _Links(narrow, replace(narrow, since=days.since.isoformat(), until=days.until.isoformat()))
    context = {
        "form": form,
        "narrowed": any(request.GET.values()),
        "days": days,
        "now": now,
        "standing": _standing(found, links),
        "period": _of_the_period(found, links),
        "flow": _flow(found.days, days, narrow),
        "units": _units(found.units, narrow, tuple(actor.scopes())),
        "undispatched": sum(unit.open for unit in found.units if not unit.name),
        "more_units": max(0, len(_named(found.units)) - TOP_UNITS),
        "criteria": _criteria(found.criteria, links.period),
        "types": _types(found.point_types, links.period),
        "streets": _streets(found.streets, links.period),
        "empty": not (found.total.opened or found.open or any(day.closed for day in found.days)),
    }
    return render(request, "desk/dashboard.html", context)


# --- cards ---


def _card(label: str, value: str, wanted: CaseFilter, **more: Any) -> dict[str, Any]:
    return {"label": label, "value": value, "url": case_list(wanted), **more}


def _standing(found: Figures, links: _Links) -> list[dict[str, Any]]:
    """What is so at this moment, whenever it was reported."""
    late = {"tone": "bad", "icon": "clock-exclamation", "note": _("过了期限还没提交整改")} if found.overdue else {}
    return [
        _card(_("在办"), thousands(found.open), replace(links.now, state="open"), unit=_("件"), note=_("还没有办结")),
        _card(_("超期"), thousands(found.overdue), replace(links.now, late="now", sort="due"), unit=_("件"), **late),
        _card(
            _("返工在办"), thousands(found.reworked), replace(links.now, state="open", rework="1"),
            unit=_("件"), note=_("核查没通过，退回重办"),
        ),
    ]  # fmt: skip


def _of_the_period(found: Figures, links: _Links) -> list[dict[str, Any]]:
    """What became of the cases reported in the period. A rate leads to the cases that keep it below 100 %."""
    total = found.total
    late = _("%(late)s 件没有按期，共应提交 %(all)s 件")
    again = _("%(again)s 件退回重办过，共提交 %(all)s 件")
    return [
        _card(_("新立案"), thousands(total.opened), links.period, unit=_("件")),
        _card(
            _("按期整改率"), percent(total.on_time_rate), replace(links.period, late="ever"),
            note=late % {"late": thousands(total.late), "all": thousands(total.late + total.on_time)},
        ),
        _card(
            _("一次核查通过率"), percent(total.first_pass_rate), replace(links.period, rework="1", handed_in="1"),
            note=again % {"again": thousands(total.handed_in_reworked), "all": thousands(total.handed_in)},
        ),
    ]  # fmt: skip


# --- charts ---


def _row(label: str, *cells: tuple[float | None, str]) -> Row:
    """One line of a chart: its values, each with where it leads."""
    rows = [{"value": value, "href": href} for value, href in cells]
    return {"label": label, "values": [value for value, _href in cells], "href": cells[0][1], "cells": rows}


def _chart(title: str, unit: str, series: list[str], rows: Iterable[Row], *, horizontal: bool = False) -> Chart:
    return {"title": title, "unit": unit, "series": series, "rows": list(rows), "horizontal": horizontal}


def _flow(days: Sequence[Day], chosen: Days, narrow: CaseFilter) -> Chart:
    title = _("每周新立案和结案") if chosen.count > MOST_DAYS else _("每天新立案和结案")
    stretches = _weeks(days) if chosen.count > MOST_DAYS else [[day] for day in days]
    return _chart(title, _("件"), [_("新立案"), _("结案")], (_stretch(each, narrow) for each in stretches))


def _weeks(days: Sequence[Day]) -> list[list[Day]]:
    weeks: dict[date, list[Day]] = {}
    for day in days:
        weeks.setdefault(day.day - timedelta(days=day.day.weekday()), []).append(day)
    return list(weeks.values())


def _stretch(days: Sequence[Day], narrow: CaseFilter) -> Row:
    first, last = days[0].day.isoformat(), days[-1].day.isoformat()
    label = dateformat.format(days[0].day, _("n月j日"))
    return _row(
        _("%(day)s起") % {"day": label} if len(days) > 1 else label,
        (sum(day.opened for day in days), case_list(replace(narrow, since=first, until=last))),
        (sum(day.closed for day in days), case_list(replace(narrow, ended_since=first, ended_until=last))),
    )


def _named(units: Iterable[UnitLoad]) -> list[UnitLoad]:
    return [unit for unit in units if unit.name]


def _units(units: Sequence[UnitLoad], narrow: CaseFilter, scopes: tuple[str, ...]) -> Chart:
    rows = [_unit_row(unit, narrow, scopes) for unit in _named(units)[:TOP_UNITS]]
    return _chart(_("各单位在办和超期"), _("件"), [_("在办"), _("超期")], rows, horizontal=True)


def _unit_row(unit: UnitLoad, narrow: CaseFilter, scopes: tuple[str, ...]) -> Row:
    """A unit beyond the own branches, and a district itself, cannot be chosen in the case list: figures without links."""
    if not unit.code or not unit.path.startswith(scopes):
        return _row(unit.name, (unit.open, ""), (unit.overdue, ""))
    here = replace(narrow, unit=unit.code)
    return _row(
        unit.name,
        (unit.open, case_list(replace(here, state="open"))),
        (unit.overdue, case_list(replace(here, late="now"))),
    )


def _criteria(groups: Sequence[Group], period: CaseFilter) -> Chart:
    rows = [
        _row(
            f"{group.name} {group.code}".strip(), (group.tally.opened, case_list(replace(period, criterion=group.code)))
        )
        for group in groups
    ]
    return _chart(_("最常查出的问题"), _("件"), [_("新立案")], rows, horizontal=True) | {"labelWidth": 240}


def _types(groups: Sequence[Group], period: CaseFilter) -> Chart:
    rows = [
        _row(
            group.name or _("没有点位"),
            (group.tally.opened, case_list(replace(period, point_type=group.code)) if group.code else ""),
        )
        for group in groups
    ]
    return _chart(_("各类点位的新立案"), _("件"), [_("新立案")], rows, horizontal=True)


def _streets(groups: Sequence[Group], period: CaseFilter) -> Chart:
    """The lowest rate first; a street where nothing was due yet has no rate and no bar."""
    rated = sorted((g for g in groups if g.code and g.tally.on_time_rate is not None), key=_rate)
    rows = [
        _row(group.name, (round(100 * _rate(group), 1), case_list(replace(period, street=group.code, late="ever"))))
        for group in rated
    ]
    return _chart(_("各街道按期整改率"), "%", [_("按期整改率")], rows, horizontal=True)


def _rate(group: Group) -> float:
    rate = group.tally.on_time_rate
    return rate if rate is not None else 0.0


urls = [path("dashboard/", dashboard, name="dashboard")]
