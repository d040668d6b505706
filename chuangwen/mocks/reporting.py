"""The report of a mock examination as plain facts: what is shown live, and what a release freezes."""

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chuangwen.mocks.figures import Settled, settled
from chuangwen.mocks.models import Mock
from chuangwen.rules.mock_rates import FAIL, PASS, Dimension, Rate, rates_by, score_rate, shared_view

MOST_WORST = 20


def report_of(mock: Mock, *, now: datetime) -> dict[str, Any]:
    """Total and rates by method, item, type and street, the criteria that failed most, and what was left out."""
    return facts_of(mock, settled(mock), now=now)


def facts_of(mock: Mock, found: Settled, *, now: datetime) -> dict[str, Any]:
    """The same from what is settled already."""
    design: dict[str, Any] = {"population": found.population, "drawn": found.drawn}
    total = score_rate(found.rows, **design)
    both = sum(one.both for one in shared_view(found.pairs))
    return {
        "name": mock.name, "edition": str(mock.edition), "as_of": now.isoformat(),
        "places_planned": sum(mock.plan.values()), "population": sum(found.population.values()),
        "criteria": len({row.criterion for row in found.rows if row.verdict in (PASS, FAIL)}), "total": asdict(total),
        "by": {str(kind): _group(rates_by(kind, found.rows, **design)) for kind in Dimension},
        "worst": _worst(found), "single": found.single, "disputed": found.disputed, "waiting": found.waiting,
        "both": both, "same": sum(one.same for one in shared_view(found.pairs)),
    }  # fmt: skip


def _group(rates: dict[str, Rate]) -> list[dict[str, Any]]:
    return [{"name": name, **asdict(rate)} for name, rate in rates.items()]


def _worst(found: Settled) -> list[dict[str, Any]]:
    failed = Counter(row.criterion for row in found.rows if row.verdict == FAIL)
    seen = Counter(row.criterion for row in found.rows if row.verdict in (PASS, FAIL))
    order = sorted(failed, key=lambda code: (-failed[code], -failed[code] / seen[code], code))
    return [
        {
            "code": code, "text": found.criteria[code].text, "type": str(found.criteria[code].point_type or ""),
            "failed": failed[code], "seen": seen[code],
        }
        for code in order[:MOST_WORST]
    ]  # fmt: skip
