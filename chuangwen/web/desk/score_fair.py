"""公平对照: beside the published places the same findings without the strictness of who looked, and how sure a place is."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.fair_ranking import FEW_CHECKS
from chuangwen.rules.permissions import Permission
from chuangwen.scores.fair import Fair, PartChange, fair_of
from chuangwen.scores.queries import sheet_for
from chuangwen.web.desk.periods import Days


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}%"


def _points(change: float) -> str:
    return f"{100 * change:+.1f}"


def _moved(parts: Sequence[PartChange], furthest: Decimal) -> list[dict[str, Any]]:
    """A bar for each part and one for their sum, from the middle to the left (points lost) or to the right (points won)."""
    whole = [PartChange(_("合计"), sum((part.change for part in parts), Decimal()))] if len(parts) > 1 else []
    return [_bar(part, furthest) for part in (*parts, *whole)]


def _bar(part: PartChange, furthest: Decimal) -> dict[str, Any]:
    length = 50 * float(abs(part.change) / furthest)
    return {
        "label": part.label, "change": f"{part.change:+.2f}", "lost": part.change < 0,
        "start": f"{50 - length if part.change < 0 else 50:.1f}", "length": f"{length:.1f}",
    }  # fmt: skip


def _furthest(found: Sequence[Fair]) -> Decimal:
    """The longest bar of the page: all bars have one scale."""
    sums = [abs(sum((part.change for part in fair.parts), Decimal())) for fair in found]
    return max([*sums, *(abs(part.change) for fair in found for part in fair.parts)], default=Decimal()) or Decimal(1)


def _row(sheet_id: int, fair: Fair, lowest: float, width: float, furthest: Decimal) -> dict[str, Any]:
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
        "moved": _moved(fair.parts, furthest),
        "url": reverse("web:desk:score-line", args=[sheet_id, line.unit_id]) if line else "",
    }  # fmt: skip


def _rows(sheet_id: int, found: Sequence[Fair]) -> list[dict[str, Any]]:
    lowest = min((fair.rank.low for fair in found), default=0.0)
    width = max((fair.rank.high for fair in found), default=1.0) - lowest or 1.0
    furthest = _furthest(found)
    return [_row(sheet_id, fair, lowest, width, furthest) for fair in found]


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
