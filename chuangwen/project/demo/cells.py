"""Irregular cells that tile: Voronoi pieces of pieces, bent by one smooth warp, snapped to six decimals.

Everything is cut with straight lines first; then all lines together are bent by the same smooth map and noded once on
a grid of 1e-6 degrees. Every smallest cell is a face of that one drawing, and each larger area is the union of its
faces, so nothing can gape or overlap. Positions are plausible, not real.
"""

import math
import random
from collections.abc import Sequence
from typing import Any

import shapely
from shapely import MultiPoint, Point, Polygon

SNAP = 1e-6  # degrees, about 0.1 m
STEP = 0.0016  # lines are bent at least every 150 m or so
CANDIDATES = 10
SETTLE = 2

# Drawn by hand: the river side runs along the west and south.
OUTLINE: tuple[tuple[float, float], ...] = (
    (120.8060, 32.0780),
    (120.8040, 32.0660),
    (120.8065, 32.0540),
    (120.8110, 32.0430),
    (120.8125, 32.0320),
    (120.8155, 32.0220),
    (120.8170, 32.0120),
    (120.8200, 32.0010),
    (120.8255, 31.9900),
    (120.8320, 31.9800),
    (120.8410, 31.9700),
    (120.8510, 31.9600),
    (120.8620, 31.9510),
    (120.8750, 31.9440),
    (120.8880, 31.9390),
    (120.9020, 31.9350),
    (120.9160, 31.9350),
    (120.9270, 31.9410),
    (120.9350, 31.9500),
    (120.9420, 31.9610),
    (120.9450, 31.9740),
    (120.9445, 31.9880),
    (120.9460, 32.0010),
    (120.9455, 32.0150),
    (120.9465, 32.0290),
    (120.9450, 32.0430),
    (120.9440, 32.0570),
    (120.9390, 32.0700),
    (120.9300, 32.0810),
    (120.9180, 32.0900),
    (120.9020, 32.0940),
    (120.8860, 32.0930),
    (120.8700, 32.0960),
    (120.8520, 32.0950),
    (120.8350, 32.0920),
    (120.8180, 32.0870),
)


def outline() -> Polygon:
    """The straight outline of the district before bending."""
    return Polygon(OUTLINE)


def around(centres: Sequence[tuple[float, float]], whole: Polygon, rng: random.Random) -> list[Polygon]:
    """One cell for each centre, in the order given; centres move a little with the seed."""
    while True:
        moved = [Point(x + rng.uniform(-0.0015, 0.0015), y + rng.uniform(-0.0015, 0.0015)) for x, y in centres]
        cells = _voronoi(moved, whole)
        if cells:
            return cells


def split(whole: Polygon, count: int, rng: random.Random) -> list[Polygon]:
    """The polygon in `count` pieces of similar size, each in one part."""
    while True:
        seeds = _spread(whole, count, rng)
        for _ in range(SETTLE):
            cells = _voronoi(seeds, whole)
            if not cells:
                break
            seeds = [
                cell.representative_point() if not cell.contains(cell.centroid) else cell.centroid for cell in cells
            ]
        cells = _voronoi(seeds, whole)
        if cells:
            return cells


def _middle(cell: Polygon) -> Point:
    return cell.centroid if cell.contains(cell.centroid) else cell.representative_point()


def _spread(whole: Polygon, count: int, rng: random.Random) -> list[Point]:
    """Points far from each other: of several candidates the one farthest from those chosen so far."""
    chosen = [point_inside(whole, rng)]
    while len(chosen) < count:
        candidates = [point_inside(whole, rng) for _ in range(CANDIDATES)]
        chosen.append(max(candidates, key=lambda one: min(one.distance(other) for other in chosen)))
    return chosen


def point_inside(whole: Polygon, rng: random.Random) -> Point:
    """A random point strictly inside, with six decimals."""
    west, south, east, north = whole.bounds
    shapely.prepare(whole)
    while True:
        x, y = round(rng.uniform(west, east), 6), round(rng.uniform(south, north), 6)
        if shapely.contains_xy(whole, x, y):
            return Point(x, y)


def _voronoi(seeds: Sequence[Point], whole: Polygon) -> list[Polygon]:
    """The whole cut among the seeds in their order, or nothing if a cell would fall in two parts."""
    cells = shapely.voronoi_polygons(MultiPoint(list(seeds)), extend_to=whole, ordered=True)
    pieces = [piece.intersection(whole) for piece in cells.geoms]
    return pieces if all(isinstance(piece, Polygon) and not piece.is_empty for piece in pieces) else []


def bend_and_snap(cells: Sequence[Polygon]) -> list[Polygon]:
    """The cells bent by one smooth map and snapped to six decimals, in the same order, sharing every border exactly."""
    lines = shapely.union_all([cell.boundary for cell in cells], grid_size=SNAP)
    bent = shapely.transform(shapely.segmentize(lines, STEP), _warp)
    drawing = shapely.union_all(list(bent.geoms), grid_size=SNAP)
    faces = list(shapely.polygonize(list(drawing.geoms)).geoms)
    inner = [shapely.transform(cell.representative_point(), _warp) for cell in cells]
    point_no, face_no = shapely.STRtree(faces).query(inner, predicate="within")
    if len(faces) != len(cells) or sorted(point_no) != list(range(len(cells))):
        raise ArithmeticError("样例边界未能一一对应，请更换随机种子。")
    found = dict(zip(point_no.tolist(), face_no.tolist(), strict=True))
    return [shapely.normalize(faces[found[index]]) for index in range(len(cells))]


def _warp(positions: Any) -> Any:
    """A few sine waves over an array of (x, y) rows: bends about 100 m, too gently to fold."""
    turn, bent = 2 * math.pi, positions.copy()
    for row, (x, y) in enumerate(positions.tolist()):
        across = 0.0008 * math.sin(turn * y / 0.017 + 1.1) + 0.0004 * math.sin(turn * (x + y) / 0.0062)
        along = 0.0007 * math.sin(turn * x / 0.015 + 0.4) + 0.0004 * math.sin(turn * (x - 1.3 * y) / 0.0071 + 2.0)
        bent[row] = x + across, y + along
    return bent


def merge(cells: Sequence[Polygon]) -> Polygon:
    """Neighbouring cells as one area with exactly their outer border."""
    merged = shapely.coverage_union_all(list(cells))
    if not isinstance(merged, Polygon):
        raise ArithmeticError("样例边界未能合并成一整块，请更换随机种子。")
    return shapely.normalize(merged)


def geojson(area: Polygon) -> dict[str, Any]:
    """A GeoJSON polygon, six decimals, ring closed, exterior anticlockwise (RFC 7946)."""
    right_hand = shapely.orient_polygons(area)
    rings = [right_hand.exterior, *right_hand.interiors]
    return {
        "type": "Polygon",
        "coordinates": [[[round(x, 6), round(y, 6)] for x, y in ring.coords] for ring in rings],
    }
