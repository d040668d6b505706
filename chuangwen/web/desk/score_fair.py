"""公平对照: beside the published places the same findings without the strictness of who looked, and how sure a place is."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.fair_ranking import FEW_CHECKS
from chuangwen.rules.permissions import Permission
from chuangwen.scores.fair import Fair, fair_of
from chuangwen.scores.queries import sheet_for
from chuangwen.web.desk.periods import Days


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}%"


def _points(change: float) -> str:
    return f"{100 * change:+.1f}"


def _row(sheet_id: int, fair: Fair, lowest: float, width: float) -> dict[str, Any]:
    rank, line = fair.rank, fair.line
    change = fair.change
    return {
        "unit": rank.unit, "place": line.place if line else None, "adjusted_place": rank.place_adjusted,
        "between": str(rank.best) if rank.best == rank.worst else f"{rank.best}–{rank.worst}", "tier": rank.tier,
        "raw": _percent(rank.raw), "adjusted": _percent(rank.adjusted),
        "range": f"{_percent(rank.low)}–{_percent(rank.high)}", "checks": rank.observations,
        "drawn": [f"{100 * (rate - lowest) / width:.1f}" for rate in (rank.low, rank.adjusted, rank.high)],
        "small": _percent(rank.small_area) if rank.small_area is not None and rank.own_share is not None else "",
        "own": _("自身占 %(share)d%%") % {"share": round(100 * (rank.own_share or 0))},
        "few": rank.observations < FEW_CHECKS,
        "change": _points(change[0]) if change else "",
        "surely": change is not None and (change[1] > 0 or change[2] < 0),
        "change_range": f"{_points(change[1])}～{_points(change[2])}" if change else "",
        "parts": [(part.label, f"{part.change:+.2f}") for part in fair.parts],
        "url": reverse("web:desk:score-line", args=[sheet_id, line.unit_id]) if line else "",
    }  # fmt: skip


def _rows(sheet_id: int, found: Sequence[Fair]) -> list[dict[str, Any]]:
    lowest = min((fair.rank.low for fair in found), default=0.0)
    width = max((fair.rank.high for fair in found), default=1.0) - lowest or 1.0
    return [_row(sheet_id, fair, lowest, width) for fair in found]


@door(Permission.SCORE_SEE)
@require_safe
def fair(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Place, the places that cannot be excluded, tier, rate as seen and rate with an average inspector."""
    sheet = sheet_for(actor_of(request), sheet_id)
    figures, before, found = fair_of(sheet)
    context = {
        "sheet": sheet, "days": Days(sheet.period_start, sheet.period_end), "figures": figures, "before": before,
        "rows": _rows(sheet.pk, found), "now": now_of(request),
        "before_days": Days(before.period_start, before.period_end) if before else None,
        "crumbs": [
            {"label": _("计分排名"), "url": reverse("web:desk:scores")},
            {"label": _("得分表"), "url": reverse("web:desk:score", args=[sheet.pk])},
        ],
    }  # fmt: skip
    return render(request, "desk/score_fair.html", context)


urls = [path("scores/<int:sheet_id>/fair/", fair, name="score-fair")]
