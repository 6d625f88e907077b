"""Main roads, and the blocks between them that later fill with streets."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.ops import split

from mapping.demo.land import RIVERSIDE_M, Land
from mapping.demo.lines import FloatArray, bend, faces, lines_of, longest, smooth

_LARGEST_BLOCK_M2 = 210_000.0
_SMALLEST_BLOCK_M2 = 12_000.0


@dataclass(frozen=True)
class Road:
    """One named line, EPSG:27700. `kind`: main, secondary, residential or lane."""

    name: str
    kind: str
    line: shapely.LineString


def main_roads(land: Land, rng: np.random.Generator) -> list[Road]:
    """Return the radials, the bridges, both ring roads, the promenade and the village's lane."""
    dry = land.borough.buffer(900).intersection(land.ground.buffer(-110))
    south, north = _sides(land, dry)
    bridgehead = land.centre + np.array([rng.uniform(-60, 60), 640])
    roads = [
        ("Strand Road", _riverside(land, rng).intersection(south)),
        ("Drovers Way", _radial(land.centre, 214, rng).intersection(south)),
        ("Saltway", _radial(land.centre, 258, rng).intersection(south)),
        ("Lighthouse Road", _radial(land.centre, 306, rng).intersection(south)),
        ("Bridge Street", shapely.LineString(np.vstack([land.centre, bridgehead]))),
        ("North Cliff Road", _radial(bridgehead, 62, rng).intersection(north)),
        ("Moor Road", _radial(bridgehead, 108, rng).intersection(north)),
        ("Abbey Road", _radial(bridgehead, 152, rng).intersection(north)),
        ("Ring Road", _ring(land.centre, 1_050, rng).intersection(dry)),
        ("Outer Ring", _ring(land.centre + np.array([-150, 0]), 2_150, rng).intersection(dry)),
    ]
    found = [Road(name, "main", longest(_joined(line))) for name, line in roads]
    found += _promenade(land)
    lane = _lane(land.village, [road.line for road in found], rng)
    return [road for road in found if road.line.length > 100] + [Road("Thornmere Lane", "main", lane)]


def blocks(
    land: Land, roads: list[Road], rng: np.random.Generator
) -> tuple[list[shapely.Polygon], list[shapely.LineString]]:
    """Cut the built-up ground along `roads`, then in two again and again until every block is small.

    Returns
    -------
    (blocks, cuts)
        The blocks, and the lines that cut them: the town's secondary roads.
    """
    outlines = [part.exterior for part in shapely.get_parts(land.urban)]
    whole = faces([*outlines, *[road.line for road in roads]])
    inside = land.urban.buffer(1)
    waiting = [f for f in whole if inside.contains(f.representative_point()) and f.area > _SMALLEST_BLOCK_M2]
    done: list[shapely.Polygon] = []
    cuts: list[shapely.LineString] = []
    while waiting:
        block = waiting.pop()
        if block.area <= _LARGEST_BLOCK_M2 * rng.uniform(0.6, 1.5):
            done.append(block)
            continue
        cut = _cut(block, rng)
        pieces = sorted(shapely.get_parts(split(block, cut)), key=lambda p: (p.centroid.x, p.centroid.y))
        if len(pieces) < 2:
            done.append(block)
            continue
        cuts += lines_of(cut.intersection(block), at_least_m=90)
        waiting += pieces
    return done, cuts


def _sides(land: Land, dry: shapely.Geometry) -> tuple[shapely.Geometry, shapely.Geometry]:
    bank = shapely.LineString(land.river_line)
    halves = [half - land.river.buffer(RIVERSIDE_M) for half in shapely.get_parts(split(land.ground, bank))]
    halves.sort(key=lambda half: half.centroid.y)
    return halves[0].intersection(dry), halves[-1].intersection(dry)


def _joined(geometry: shapely.Geometry) -> shapely.Geometry:
    return shapely.line_merge(geometry) if geometry.geom_type == "MultiLineString" else geometry


def _radial(start: FloatArray, degrees: float, rng: np.random.Generator) -> shapely.LineString:
    reach = np.array([0, 500, 1_300, 2_400, 3_900, 6_000, 9_500])
    angle = np.deg2rad(degrees + rng.uniform(-6, 6) + np.r_[0, 0, rng.normal(0, 6, len(reach) - 2)])
    points = start + reach[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return shapely.LineString(bend(smooth(points, rounds=2), rng, roughness=0.03, step_m=160))


def _riverside(land: Land, rng: np.random.Generator) -> shapely.LineString:
    """Return the road west along the south bank, drifting away from the water."""
    x = np.linspace(land.centre[0], land.river_line[0, 0], 14)
    bank = np.interp(x, land.river_line[:, 0], land.river_line[:, 1])
    gap = np.linspace(290, 520, len(x)) + np.r_[0, rng.normal(0, 35, len(x) - 1)]
    line = np.column_stack([x, bank - gap])
    line[0] = land.centre
    return shapely.LineString(smooth(line, rounds=2))


def _ring(centre: FloatArray, radius_m: float, rng: np.random.Generator) -> shapely.LineString:
    angle = np.linspace(-0.12 * np.pi, 1.88 * np.pi, 15)
    reach = radius_m * (1 + rng.normal(0, 0.045, len(angle)))
    reach[-1] = reach[0]
    points = centre + np.column_stack([reach * np.cos(angle), reach * np.sin(angle)])
    return shapely.LineString(smooth(points, rounds=2))


def _promenade(land: Land) -> list[Road]:
    """Return the sea front, a road on each side of the river."""
    shore = land.ground.buffer(-125, quad_segs=4).simplify(15).boundary
    front = (shore & land.borough.buffer(-110)) & shapely.Point(land.centre).buffer(2_500)
    parts = lines_of(front - land.river.buffer(140), at_least_m=350)
    parts = sorted((p for p in parts if p.centroid.x > land.centre[0] + 300), key=lambda p: p.centroid.y)
    names = ("South Promenade", "North Promenade")
    return [Road(name, "main", part) for name, part in zip(names, parts, strict=False)]


def _lane(
    village: FloatArray, lines: list[shapely.LineString], rng: np.random.Generator
) -> shapely.LineString:
    """Return the lane through the village to the nearest main road, and 300 m beyond."""
    near = min(lines, key=lambda line: line.distance(shapely.Point(village)))
    end = shapely.get_coordinates(shapely.line_interpolate_point(near, near.project(shapely.Point(village))))[
        0
    ]
    back = village + (village - end) / np.hypot(*(village - end)) * 300
    return shapely.LineString(bend(np.vstack([back, village, end]), rng, roughness=0.06, step_m=150))


def _cut(block: shapely.Polygon, rng: np.random.Generator) -> shapely.LineString:
    """Return a bent line across the narrow way of `block`, near its middle."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(block))[:4]
    first, second = box[1] - box[0], box[2] - box[1]
    long, short = (first, second) if np.hypot(*first) >= np.hypot(*second) else (second, first)
    middle = box.mean(axis=0) + long * rng.uniform(-0.09, 0.09)
    tilt = long * rng.uniform(-0.06, 0.06)
    ends = np.vstack([middle - short * 0.75 - tilt, middle + short * 0.75 + tilt])
    return shapely.LineString(smooth(bend(ends, rng, roughness=0.05, step_m=250), rounds=1))
