"""Travel times by road from the office's own OSRM server (https://project-osrm.org, table service).

Only coordinates of sites and starts are sent; a few hundred places are asked for in blocks, as the server's usual limit
is a hundred coordinates.
"""

import json
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from typing import Any

from django.conf import settings

BLOCK = 50  # rows and columns of one question
MOST_READ = 4 * 1024 * 1024
NO_ROAD = 65_535  # seconds: what the server finds no way for
Point = tuple[float, float]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The office named one server; it cannot send us to another."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def table_url(base: str, rows: Sequence[Point], columns: Sequence[Point]) -> str:
    """The question for the seconds from each of `rows` to each of `columns`, points as (latitude, longitude)."""
    places = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in (*rows, *columns))
    sources = ";".join(str(at) for at in range(len(rows)))
    targets = ";".join(str(at) for at in range(len(rows), len(rows) + len(columns)))
    return f"{base.rstrip('/')}/{places}?annotations=duration&sources={sources}&destinations={targets}"


def _block(rows: Sequence[Point], columns: Sequence[Point]) -> list[list[int]] | None:
    try:
        with _OPENER.open(table_url(settings.TRAVEL_URL, rows, columns), timeout=settings.NOTICE_TIMEOUT) as answer:
            found = json.loads(answer.read(MOST_READ))["durations"]
        return [[_seconds(entry) for entry in _whole(row, len(columns))] for row in _whole(found, len(rows))]
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return None


def _whole(rows: Any, count: int) -> list[Any]:
    if not isinstance(rows, list) or len(rows) != count:
        raise ValueError("not the table that was asked for")
    return rows


def _seconds(entry: Any) -> int:
    return NO_ROAD if entry is None else min(max(round(float(entry)), 0), NO_ROAD)


def road_table(points: Sequence[Point]) -> tuple[tuple[int, ...], ...] | None:
    """Seconds from every point to every point; None when the server does not answer as it should."""
    if not settings.TRAVEL_URL.startswith(("http://", "https://")):
        return None
    table: list[tuple[int, ...]] = []
    for top in range(0, len(points), BLOCK):
        rows = points[top : top + BLOCK]
        lines: list[list[int]] = [[] for _ in rows]
        for left in range(0, len(points), BLOCK):
            found = _block(rows, points[left : left + BLOCK])
            if found is None:
                return None
            for line, part in zip(lines, found, strict=True):
                line.extend(part)
        table += [tuple(line) for line in lines]
    return tuple(table)
