"""Streets inside the blocks: terraces near the centre, estates and crescents farther out."""

from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from shapely.ops import substring

from mapping.demo import words
from mapping.demo.land import Land
from mapping.demo.lines import FloatArray, lines_of
from mapping.demo.roads import Road

_SHORTEST_M: Final = 55.0
_LONGEST_M: Final = 620.0
_FROM_EDGE_M: Final = 32.0  # a street closer than this to the block's own road would repeat it
_WAVE_M: Final = 640.0


def fill(
    land: Land, blocks: list[shapely.Polygon], parks: shapely.Geometry, rng: np.random.Generator
) -> list[tuple[str, shapely.LineString]]:
    """Fill every block with streets, cut where a park or the river is.

    Returns
    -------
    list of (pattern, line)
        `pattern`: terrace, estate, suburb or works; it decides what the street is called.
    """
    streets: list[tuple[str, shapely.LineString]] = []
    wave = rng.uniform(0, 2 * np.pi, 4)
    for block in blocks:
        middle = shapely.get_coordinates(block.centroid)[0]
        pattern = _pattern(float(np.hypot(*(middle - land.centre))), rng)
        lines = _crescents(block, rng) if pattern == "suburb" else _grid(block, pattern, wave, rng)
        core = block.buffer(-_FROM_EDGE_M)
        for line in lines:
            streets += [(pattern, part) for part in _trimmed(line, block, core, parks)]
    return streets


def name_roads(
    mains: list[Road],
    cuts: list[shapely.LineString],
    streets: list[tuple[str, shapely.LineString]],
    rng: np.random.Generator,
) -> list[Road]:
    """Give every line a name that no other has, and break the longest streets in two."""
    kinds = {
        "secondary": words.SECONDARY_KINDS,
        "terrace": words.TERRACE_KINDS,
        "estate": words.ESTATE_KINDS,
        "suburb": words.SUBURB_KINDS,
        "works": words.WORKS_KINDS,
    }
    used = {road.name for road in mains}
    roads = list(mains)
    for pattern, line in [("secondary", cut) for cut in cuts] + streets:
        for part in _halves(line):
            rank = "secondary" if pattern == "secondary" else "residential"
            roads.append(Road(_fresh_name(kinds[pattern], used, rng), rank, part))
    return roads


def _pattern(from_centre_m: float, rng: np.random.Generator) -> str:
    chance = np.clip((from_centre_m - 500) / 1_600, 0, 1)
    weights = np.array([1.2 - 1.2 * chance, 0.25 + 0.5 * chance, 0.95 * chance, 0.07])
    return str(rng.choice(["terrace", "estate", "suburb", "works"], p=weights / weights.sum()))


def _grid(
    block: shapely.Polygon, pattern: str, wave: FloatArray, rng: np.random.Generator
) -> list[shapely.LineString]:
    """Return rows along the block and a few streets across, bent together by one slow wave."""
    across_m, along_m = {"terrace": (68, 200), "estate": (98, 250), "works": (170, 300)}[pattern]
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(block))[:4]
    sides = np.array([box[1] - box[0], box[2] - box[1]])
    long = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
    forward = long / np.hypot(*long)
    sideways = np.array([-forward[1], forward[0]])
    middle, reach = box.mean(axis=0), np.hypot(*(box[2] - box[0])) / 2 + 60
    steps = np.linspace(-reach, reach, int(2 * reach / 35) + 2)
    lines = []
    for step_m, one, other in ((across_m, forward, sideways), (along_m, sideways, forward)):
        offsets = np.arange(-reach, reach, step_m) + rng.uniform(0, step_m)
        offsets += rng.normal(0, step_m * 0.06, len(offsets))
        for offset in offsets:
            points = middle + steps[:, None] * one + offset * other
            lines.append(shapely.LineString(_waved(points, wave, 5 if pattern == "terrace" else 16)))
    return lines


def _waved(points: FloatArray, wave: FloatArray, amplitude_m: float) -> FloatArray:
    x, y = points[:, 0] / _WAVE_M * 2 * np.pi, points[:, 1] / _WAVE_M * 2 * np.pi
    dx = np.sin(y + wave[0]) + 0.5 * np.sin(1.7 * x + 0.6 * y + wave[1])
    dy = np.sin(x + wave[2]) + 0.5 * np.sin(1.6 * y - 0.7 * x + wave[3])
    return np.asarray(points + amplitude_m * np.column_stack([dx, dy]))


def _crescents(block: shapely.Polygon, rng: np.random.Generator) -> list[shapely.LineString]:
    """Return curved streets about a point outside the block, and short spokes that join them."""
    middle = shapely.get_coordinates(block.centroid)[0]
    turn = rng.uniform(0, 2 * np.pi)
    away = np.sqrt(block.area) * rng.uniform(0.8, 1.5)
    hub = middle + away * np.array([np.cos(turn), np.sin(turn)])
    far = away + np.sqrt(block.area) * 1.2
    lines = []
    radii = np.arange(60 + rng.uniform(0, 40), far, 102) + rng.normal(0, 4)
    for radius in radii:
        angle = np.linspace(0, 2 * np.pi, max(int(radius / 4), 24))
        wobble = radius * (1 + 0.03 * np.sin(3 * angle + turn))
        lines.append(
            shapely.LineString(hub + np.column_stack([wobble * np.cos(angle), wobble * np.sin(angle)]))
        )
    for inner, outer in pairwise(radii):
        count = max(int(2 * np.pi * inner / 330), 2)
        for angle in rng.uniform(0, 2 * np.pi) + np.arange(count) * 2 * np.pi / count:
            ray = np.array([np.cos(angle), np.sin(angle)])
            lines.append(
                shapely.LineString(np.vstack([hub + (inner * 0.98) * ray, hub + (outer * 1.02) * ray]))
            )
    return lines


def _trimmed(
    line: shapely.LineString, block: shapely.Polygon, core: shapely.Polygon, parks: shapely.Geometry
) -> list[shapely.LineString]:
    """Return the parts of `line` in `block` that neither hug its edge nor run through a park."""
    inside = line.intersection(block)
    if inside.is_empty:
        return []
    if inside.intersects(parks):
        inside = inside.difference(parks)
    return [
        part
        for part in lines_of(inside, at_least_m=_SHORTEST_M)
        if part.intersection(core).length > 0.35 * part.length
    ]


def _halves(line: shapely.LineString) -> list[shapely.LineString]:
    if line.length <= _LONGEST_M:
        return [line]
    count = int(np.ceil(line.length / _LONGEST_M))
    ends = np.linspace(0, line.length, count + 1)
    return [substring(line, ends[i], ends[i + 1]) for i in range(count)]


def _fresh_name(kinds: tuple[str, ...], used: set[str], rng: np.random.Generator) -> str:
    while True:
        name = f"{words.STEMS[rng.integers(len(words.STEMS))]} {kinds[rng.integers(len(kinds))]}"
        if name not in used:
            used.add(name)
            return name
