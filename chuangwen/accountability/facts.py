"""What a ladder is held against, out of the records: released places, orders with deadlines, items from above.

Units stand under their codes. Evidence is a kind with its number, such as `case:33`, so that a page can lead there.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, Q

from chuangwen.accountability.appealed import granted_since
from chuangwen.accountability.models import Commitment
from chuangwen.cases.models import Case
from chuangwen.directives.queries import MissedItem, missed_items
from chuangwen.people.models import Unit
from chuangwen.rules.case_flow import Status
from chuangwen.rules.ladder_files import IN_PARTS, Ladder, Trigger
from chuangwen.rules.ladders import Facts, Item, Order, Standing, moment
from chuangwen.rules.permissions import Actor
from chuangwen.scores.models import FairFigures, ScoreLine

BACK: Final = timedelta(days=200)  # how far back anything is looked at: six months and a bit
CORRECTION_ORDER: Final = "整改令"  # what 整改任务书 is called in a ladder of orders
_NOT_OWED = [Status.REFUSED.value, Status.CANCELLED.value, Status.SUSPENDED.value, Status.FORCE_CLOSED.value]


def facts_for(ladder: Ladder, *, actor: Actor, path: str, now: datetime) -> tuple[Facts, dict[str, Unit]]:
    """The facts of a branch (unit path) that this ladder needs, and the units by code; loads nothing it does not need."""
    units: dict[str, Unit] = {}
    standings: tuple[Standing, ...] = ()
    orders: tuple[Order, ...] = ()
    items: tuple[Item, ...] = ()
    if ladder.has(Trigger.LAST_PLACE, Trigger.BELOW):
        standings = tuple(_standings(path, now, units))
    if ladder.has(Trigger.ORDER):
        orders = (*_correction_orders(path, now, units), *_own_orders(path, now, units))
    if ladder.has(Trigger.UNDECLARED):
        items = tuple(_items(actor, now, units))
    names = {code: unit.name for code, unit in units.items()}
    return Facts(standings, orders, items, (), names), units


# --- places ---


def _standings(path: str, now: datetime, units: dict[str, Unit]) -> list[Standing]:
    rows = ScoreLine.objects.filter(
        sheet__scope__path=path, sheet__released_at__isnull=False, sheet__released_at__lte=now,
        sheet__period_end__gte=(now - BACK).date(),
    ).select_related("unit", "sheet").defer("parts", "reasons", "basis", "sheet__rule_text")  # fmt: skip
    lines = list(rows.order_by("sheet__period_start", "sheet_id", "unit_id"))
    fair = _fair_figures({line.sheet_id for line in lines})
    units |= {line.unit.code: line.unit for line in lines}
    granted = granted_since(path, lines, now)
    titles = _titles(lines)
    return [
        _standing(
            line, titles[line.sheet.rule_name], fair.get((line.sheet_id, line.unit_name), {}), granted.get(line.pk, ())
        )
        for line in lines
    ]  # fmt: skip


def _fair_figures(sheets: Iterable[int]) -> dict[tuple[int, str], Mapping[str, Any]]:
    rows = FairFigures.objects.filter(sheet__in=list(sheets)).values_list("sheet_id", "units")
    return {(sheet, row["unit"]): row for sheet, found in rows for row in found}


def _titles(lines: Sequence[ScoreLine]) -> dict[str, str]:
    """Rule name -> what its league is called; two rules of one title are told apart."""
    titles = {line.sheet.rule_name: line.sheet.rule_title for line in lines}
    twice = {title for title in titles.values() if list(titles.values()).count(title) > 1}
    return {name: f"{title}（{name}）" if title in twice else title for name, title in titles.items()}


def _standing(line: ScoreLine, title: str, fair: Mapping[str, Any], appeals: tuple[str, ...]) -> Standing:
    league = IN_PARTS.join(word for word in (title, str(line.sheet.get_league_display()), line.league) if word)
    return Standing(
        unit=line.unit.code, league=league, start=line.sheet.period_start, end=line.sheet.period_end, place=line.place,
        score=Decimal(line.total_shown) if line.total_shown else None, observations=fair.get("observations"),
        adjusted=fair.get("place_adjusted"), best=fair.get("best"), worst=fair.get("worst"),
        appeals=appeals, evidence=f"score:{line.sheet_id}:{line.unit_id}",
    )  # fmt: skip


# --- orders ---


def _correction_orders(path: str, now: datetime, units: dict[str, Unit]) -> list[Order]:
    """整改任务书 by unit, where a case was not handed in by the order's deadline nor by its own later one."""
    rows = Case.objects.standing().filter(
        Q(rectified_at=None) | Q(rectified_at__gt=F("order__deadline")), order__isnull=False, order__deadline__lt=now,
        order__deadline__gte=now - BACK, unit__path__startswith=path,
    ).exclude(status__in=_NOT_OWED)  # fmt: skip
    found: dict[tuple[int, int], list[Case]] = {}
    for case in rows.select_related("order", "unit").defer("text", "reply").order_by("id"):
        if case.order is not None and case.unit is not None and _late(case, now):
            found.setdefault((case.order_id or 0, case.unit_id or 0), []).append(case)
            units[case.unit.code] = case.unit
    return [_correction_order(cases) for cases in found.values()]


def _late(case: Case, now: datetime) -> bool:
    due = max(moment for moment in (case.due_at, case.order.deadline if case.order else None) if moment)
    return due < now and (case.rectified_at is None or case.rectified_at > due)


def _correction_order(cases: Sequence[Case]) -> Order:
    order, unit = cases[0].order, cases[0].unit
    assert order is not None
    assert unit is not None
    handed_in = [case.rectified_at for case in cases if case.rectified_at is not None]
    return Order(
        unit.code, CORRECTION_ORDER, f"{order.number} {order.title}（{len(cases)} 件）", order.issued_at, order.deadline,
        max(handed_in) if len(handed_in) == len(cases) else None, f"order:{order.pk}", tuple(f"case:{case.pk}" for case in cases),
    )  # fmt: skip


def _own_orders(path: str, now: datetime, units: dict[str, Unit]) -> list[Order]:
    """Orders that were themselves a measure of a file, such as 督查令."""
    rows = Commitment.objects.filter(
        file__home__path=path, withdrawn_at=None, due__lt=now, due__gte=now - BACK
    ).exclude(order_label="")  # fmt: skip
    found = []
    for one in rows.select_related("file__unit").order_by("id"):
        units[one.file.unit.code] = one.file.unit
        evidence = f"commitment:{one.pk}"
        order = Order(
            one.file.unit.code, one.order_label, one.file.number, one.given_at, one.due, one.done_at, evidence,
            (f"file:{one.file_id}",),
        )  # fmt: skip
        found.append(order)
    return found


# --- items from above ---


def _items(actor: Actor, now: datetime, units: dict[str, Unit]) -> list[Item]:
    missed = missed_items(actor, now=now, since=now - BACK)
    rows = Unit.objects.in_bulk({one.unit_id for one in missed})
    units |= {unit.code: unit for unit in rows.values()}
    return [_item(one, rows[one.unit_id]) for one in missed]


def _item(one: MissedItem, unit: Unit) -> Item:
    """A declaration counts for the deadline that it was made for; one for an earlier deadline is told beside it."""
    mine = [said for said in one.declared if said.before == one.deadline]
    others = [said for said in one.declared if said.before != one.deadline]
    earlier = f"曾为 {moment(others[-1].before)} 的期限申报过（{others[-1].ground}）。" if others else ""
    return Item(
        unit.code, f"{one.directive_number} 第 {one.item_number} 项 {one.text}", one.deadline, one.handed_in_at,
        mine[0].declared_at if mine else None, mine[0].ground if mine else "", f"directive:{one.item_id}:{one.part_id}", earlier,
    )  # fmt: skip
