"""The lines of a new sheet, and the sheet that an operation changes."""

from collections.abc import Mapping

from chuangwen.people.models import Unit
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.scoring import Line, Rule, Sheet
from chuangwen.scores.basis import Basis
from chuangwen.scores.models import ScoreLine, ScoreSheet
from chuangwen.scores.reach import manages


def lines_from(
    sheet: ScoreSheet,
    rule: Rule,
    result: Sheet,
    by_name: Mapping[str, Unit],
    basis: Mapping[int, Basis],
    told: Mapping[str, list[str]],
) -> list[ScoreLine]:
    """The ranked lines and those left out, each with its reasons and what it rests on."""
    ranked = [
        ScoreLine(
            sheet=sheet, unit=by_name[line.unit], unit_name=line.unit, league=line.league, place=line.place,
            total_shown=f"{line.total_shown:f}", total_exact=f"{line.total_exact:f}", parts=_parts(rule, line),
            reasons=[*told[line.unit], *line.reasons], basis=basis[by_name[line.unit].pk],
        )
        for line in result.lines
    ]  # fmt: skip
    left_out = [
        ScoreLine(
            sheet=sheet, unit=by_name[left.unit], unit_name=left.unit, reasons=[*told[left.unit], left.reason],
            basis=basis[by_name[left.unit].pk],
        )
        for left in result.left_out
    ]  # fmt: skip
    return [*ranked, *left_out]


def _parts(rule: Rule, line: Line) -> list[dict[str, object]]:
    return [
        {
            "key": part.key, "label": part.label, "value": f"{mark.value:f}", "weight": f"{mark.weight:f}",
            "points": f"{mark.points:f}", "imputed": mark.imputed,
        }
        for part in rule.parts
        for mark in (line.parts[part.key],)
    ]  # fmt: skip


def locked_sheet(sheet_id: int, by: Actor) -> ScoreSheet:
    """The sheet with its branch locked, so that two releases of one period cannot pass each other."""
    scope_id = ScoreSheet.objects.filter(pk=sheet_id).values_list("scope_id", flat=True).first()
    if scope_id is None:
        raise NotFound
    Unit.objects.select_for_update().get(pk=scope_id)
    rows = ScoreSheet.objects.select_for_update(of=("self",)).select_related("scope", "corrects")
    sheet = rows.filter(pk=sheet_id).first()
    if sheet is None or not manages(by, sheet.scope):
        raise NotFound
    return sheet
