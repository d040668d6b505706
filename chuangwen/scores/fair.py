"""Beside the published score: the same findings with the strictness of who looked taken out, and how sure a place is.

Worked out once after a sheet was computed, from exactly the findings that its field part rests on; never part of the
published total, never a figure about a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

import numpy as np
from django.db import transaction

from chuangwen.journal.operations import record
from chuangwen.patrols.models import Verdict
from chuangwen.rules.check_tables import CheckTable
from chuangwen.rules.fair_ranking import ROTATION, UnitRank, fair_ranking, moved
from chuangwen.rules.permissions import SYSTEM, Actor
from chuangwen.scores.models import FairFigures, ScoreLine, ScoreSheet
from chuangwen.scores.observations import findings_within
from chuangwen.scores.queries import sheets_for
from chuangwen.scores.reach import everything_in

FEWEST: Final = 2  # units: a single one is compared with nobody
SEED: Final = 1
_EAST: Final = 8 * 3600  # Beijing, in seconds


def work_out_fair_figures(*, sheet_id: int, now: datetime) -> bool:
    """Fit the model for one sheet; repeatable. Returns whether there was work.

    Nothing is kept for a sheet without field findings in at least two units: there is nothing to compare.
    """
    sheet = ScoreSheet.objects.filter(pk=sheet_id, fair=None).select_related("scope").first()
    table = _table(sheet) if sheet is not None else None
    if sheet is None or table is None:
        return False
    found = fair_ranking(table, seed=SEED)
    with transaction.atomic():
        if FairFigures.objects.filter(sheet=sheet).exists():
            return False
        FairFigures.objects.create(
            sheet=sheet, units=[_row(unit) for unit in found.units], warnings=list(found.warnings),
            spread=float(np.std([one.strictness for one in found.inspectors])), checks=len(table), computed_at=now,
        )  # fmt: skip
        record(
            kind="score.fair", subject_kind="score_sheet", subject_id=sheet.pk, by=SYSTEM, now=now, checks=len(table),
            seed=SEED,
        )  # fmt: skip
    return True


def _row(unit: UnitRank) -> dict[str, Any]:
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(unit).items()}


def _table(sheet: ScoreSheet) -> CheckTable | None:
    """The findings behind the field part of every line, as a table of checks; None where there is nothing to compare."""
    unit_of = {
        pk: line.unit_name
        for line in ScoreLine.objects.filter(sheet=sheet).only("unit_name", "basis")
        for pk in line.basis.get("field", {}).get("findings", [])
    }
    seen = findings_within(
        everything_in(sheet.scope), sheet.period_start, sheet.period_end, known_at=sheet.computed_at
    ).exclude(verdict=Verdict.NA)
    rows = [
        Check(unit_of[pk], f"{name}（{number}）", site, criterion, at, verdict, weight)
        for pk, name, number, site, criterion, at, verdict, weight in seen.order_by("pk").values_list(
            "pk", "visit__inspector__display_name", "visit__inspector_id", "visit__site__code", "criterion__code",
            "found_at", "verdict", "criterion__weight",
        )
        if pk in unit_of
    ]  # fmt: skip
    return as_checks(rows) if len({row.unit for row in rows}) >= FEWEST else None


class Check(NamedTuple):
    """One finding as the model sees it."""

    unit: str
    inspector: str
    site: str
    criterion: str
    at: datetime
    verdict: str
    weight: Decimal


def as_checks(rows: Sequence[Check]) -> CheckTable:
    """Findings as numbers; hours are those of Beijing."""
    names, codes = {}, {}
    for name in ("unit", "inspector", "site", "criterion"):
        column = [getattr(row, name) for row in rows]
        index = {value: at for at, value in enumerate(dict.fromkeys(column))}
        names[name] = tuple(index)
        codes[name] = np.fromiter((index[value] for value in column), dtype=np.int64, count=len(rows))
    seconds = np.array([int(row.at.timestamp()) + _EAST for row in rows], dtype=np.int64)
    passed = np.array([float(row.verdict == Verdict.PASS) for row in rows])
    weight = np.array([float(row.weight) for row in rows])
    return CheckTable(names, codes, seconds, passed, weight)


# --- looking at them ---


@dataclass(frozen=True)
class PartChange:
    """How many points more or less a part of the rule gives than last time."""

    label: str
    change: Decimal


@dataclass(frozen=True)
class Fair:
    """One unit beside its published place. Rates are 0 to 1; `change` is (now minus last time, low, high)."""

    rank: UnitRank
    line: ScoreLine | None
    change: tuple[float, float, float] | None
    parts: Sequence[PartChange]


def fair_of(sheet: ScoreSheet) -> tuple[FairFigures | None, ScoreSheet | None, Sequence[Fair]]:
    """The figures of a sheet, the sheet of last time that they are held against, and a row for each unit."""
    figures = FairFigures.objects.filter(sheet=sheet).first()
    if figures is None:
        return None, None, ()
    before = last_time(sheet)
    lines = {line.unit_name: line for line in ScoreLine.objects.filter(sheet=sheet).defer("basis")}
    earlier = {line.unit_name: line for line in ScoreLine.objects.filter(sheet=before).defer("basis")} if before else {}
    ranks = _ranks(figures)
    changes = moved(ranks, _ranks(before.fair)) if before else {}
    rows = [
        Fair(
            rank,
            lines.get(rank.unit),
            changes.get(rank.unit),
            _part_changes(lines.get(rank.unit), earlier.get(rank.unit)),
        )
        for rank in ranks
    ]
    return figures, before, rows


def last_time(sheet: ScoreSheet) -> ScoreSheet | None:
    """The released sheet of the same branch and rule whose period ended last before this one began, if it has figures."""
    rows = ScoreSheet.objects.filter(
        scope=sheet.scope, rule_name=sheet.rule_name, released_at__isnull=False, period_end__lt=sheet.period_start,
        fair__isnull=False,
    )  # fmt: skip
    return rows.select_related("fair").order_by("-period_end", "-id").first()


def _ranks(figures: FairFigures) -> list[UnitRank]:
    return [UnitRank(**row) for row in figures.units]


def rotation_hints(actor: Actor) -> list[str]:
    """What the newest figures say about who should look where, for whoever plans rounds: groups of inspectors that never
    met at a place, and visits that would connect them. Empty when all is well. One statement.
    """
    newest = FairFigures.objects.filter(sheet__in=sheets_for(actor).order_by().values("pk")).order_by(
        "-sheet__period_end", "-id"
    )
    said = newest.values_list("warnings", flat=True).first() or []
    return [warning for warning in said if warning.startswith(ROTATION)]


def _part_changes(line: ScoreLine | None, before: ScoreLine | None) -> list[PartChange]:
    if line is None or before is None:
        return []
    points: Mapping[str, Decimal] = {part["key"]: Decimal(part["points"]) for part in before.parts}
    return [
        PartChange(part["label"], Decimal(part["points"]) - points[part["key"]])
        for part in line.parts
        if part["key"] in points
    ]
