"""What residents may read of a released campaign: a snapshot of name, aim, areas, days and figures; no person, no place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chuangwen.campaigns.coverage import Place
from chuangwen.campaigns.figures import SpecialFigures
from chuangwen.campaigns.models import Campaign
from chuangwen.rules.coverage import tally
from chuangwen.rules.trends import CANNOT_SHOW, said_plainly


def public_facts(
    campaign: Campaign, now: datetime, *, places: Sequence[Place] = (), figures: SpecialFigures | None = None
) -> dict[str, Any]:
    """Plain JSON of the moment: {title, aim, kind, areas, starts_on, ends_on, as_of, coverage, trend}."""
    return {
        "title": campaign.title,
        "aim": campaign.aim,
        "kind": campaign.kind,
        "areas": [unit.name for unit in campaign.areas.all()],
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
        "as_of": now.isoformat(),
        "conclusion": campaign.conclusion,
        "coverage": _coverage(places) if campaign.is_dragnet else None,
        "trend": _trend(figures) if figures is not None else None,
    }


def _coverage(places: Sequence[Place]) -> dict[str, int]:
    found = tally(place.state for place in places)
    return {"done": found.done, "left": found.left, "unreachable": found.unreachable, "total": found.total}


def _trend(figures: SpecialFigures) -> dict[str, Any]:
    weeks = [
        [week.isoformat(), figures.inside.counts.get(week, 0), figures.outside.counts.get(week, 0)]
        for week in figures.weeks.all
    ]
    words = said_plainly(figures.difference) if figures.difference else ()
    return {"weeks": weeks, "words": list(words), "limits": list(CANNOT_SHOW)}
