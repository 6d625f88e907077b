"""Parks, shops, schools and the rest: what people name when they say where something happened."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from mapping.demo import words
from mapping.demo.land import Land
from mapping.demo.lines import FloatArray, blob, walk
from mapping.demo.roads import Road
from mapping.demo.wards import Wards

_PARK_GAP_M: Final = 850.0
_PARADE_GAP_M: Final = 560.0
_PARADES: Final = 15


@dataclass(frozen=True)
class Park:
    """Green ground. `kind`: park, country park, links or school field."""

    name: str
    kind: str
    shape: shapely.Geometry


@dataclass(frozen=True)
class Landmark:
    """A named place on a street. `kind` is in words, e.g. shops, school, hospital."""

    name: str
    kind: str
    easting_m: float
    northing_m: float


def make_parks(land: Land, roads: list[Road], rng: np.random.Generator) -> list[Park]:
    """Lay out parks in the built-up ground, one country park, golf links and the school fields."""
    tarmac = shapely.union_all([road.line for road in roads]).buffer(13)
    dry = land.borough - tarmac - land.river.buffer(18)
    town = land.urban - shapely.Point(land.village).buffer(900)
    middles = _apart(
        town.buffer(-90), rng, gap_m=_PARK_GAP_M, count=9, avoid=land.centre[None, :], avoid_m=450
    )
    names = list(rng.permutation(words.PARKS))
    parks = [
        Park(names.pop(), "park", blob(middle, rng.uniform(85, 175), rng, stretch=rng.uniform(1, 1.8)))
        for middle in middles
    ]
    middle = land.centre
    west = shapely.box(middle[0] - 6_000, middle[1] - 3_500, middle[0] - 2_300, middle[1] + 3_500)
    coast = land.ground.boundary.buffer(260) - shapely.Point(land.centre).buffer(2_300)
    for kind, where, radius_m in (("country park", west, 330), ("links", coast, 210)):
        room = (where & land.borough.buffer(-250)) - land.urban.buffer(100) - land.river.buffer(200)
        spot = _apart(room, rng, gap_m=0, count=1, avoid=land.village[None, :], avoid_m=900)
        name = words.COUNTRY_PARK if kind == "country park" else words.LINKS
        parks += [Park(name, kind, blob(middle, radius_m, rng, stretch=1.5)) for middle in spot]
    taken = shapely.union_all([park.shape for park in parks]).buffer(60)
    schools = _apart(
        town.buffer(-70) - taken, rng, gap_m=900, count=8, avoid=land.centre[None, :], avoid_m=500
    )
    parks += [
        Park(f"{stem} Playing Field", "school field", blob(middle, rng.uniform(48, 62), rng))
        for stem, middle in zip(rng.permutation(words.STEMS), schools, strict=False)
    ]
    return [Park(park.name, park.kind, _largest(park.shape & dry)) for park in parks]


def make_landmarks(
    land: Land, wards: Wards, roads: list[Road], parks: list[Park], rng: np.random.Generator
) -> list[Landmark]:
    """Place shops, schools and services on streets; every name is given once."""
    on_streets = _street_points([road for road in roads if road.kind != "residential"], land.urban)
    all_streets = _street_points(roads, land.urban)
    found = _core(land, all_streets, rng)
    found += _parades(land, on_streets[_gap(on_streets, land.village[None, :]) > 1_000], rng)
    found += _schools(wards, [park for park in parks if park.kind == "school field"], all_streets, rng)
    taken = np.array([[mark.easting_m, mark.northing_m] for mark in found])
    town = on_streets[np.hypot(*(on_streets - land.village).T) > 1_200]
    wanted = [(words.HOSPITAL, "hospital", 1_250, 1_900), (words.POLICE_STATION, "police station", 380, 700)]
    stems = list(rng.permutation(words.STEMS))
    for suffix, kind in (*words.OTHER_PLACES, *words.OTHER_PLACES[:3], *words.OTHER_PLACES[2:]):
        wanted.append((f"{stems.pop()} {suffix}", kind, 650, 2_600))
    for name, kind, nearest_m, farthest_m in wanted:
        away, gap = np.hypot(*(town - land.centre).T), _gap(town, taken)
        fits = (away > nearest_m) & (away < farthest_m) & (gap > 190)
        point = town[rng.choice(np.flatnonzero(fits))]
        found.append(Landmark(name, kind, float(point[0]), float(point[1])))
        taken = np.vstack([taken, point])
    shop = _snapped(land.village, all_streets)
    return [*found, Landmark(f"{words.VILLAGE_WARD} Stores", "shops", float(shop[0]), float(shop[1]))]


def _largest(geometry: shapely.Geometry) -> shapely.Geometry:
    return max(shapely.get_parts(geometry), key=lambda part: float(part.area), default=geometry)


def _apart(
    ground: shapely.Geometry,
    rng: np.random.Generator,
    *,
    gap_m: float,
    count: int,
    avoid: FloatArray,
    avoid_m: float,
) -> FloatArray:
    """Return up to `count` points in `ground`, `gap_m` from one another and `avoid_m` from `avoid`."""
    shapely.prepare(ground)
    west, south, east, north = ground.bounds
    tried = rng.uniform([west, south], [east, north], (4_000, 2))
    tried = tried[shapely.contains_xy(ground, tried[:, 0], tried[:, 1])]
    tried = tried[_gap(tried, avoid) > avoid_m]
    kept = np.empty((0, 2))
    for point in tried:
        if len(kept) < count and (len(kept) == 0 or np.hypot(*(kept - point).T).min() >= gap_m):
            kept = np.vstack([kept, point])
    return kept


def _gap(points: FloatArray, others: FloatArray) -> FloatArray:
    """Return the distance from each point to the nearest of `others`."""
    return np.asarray(np.hypot(*(points[:, None, :] - others[None, :, :]).transpose(2, 0, 1)).min(axis=1))


def _street_points(roads: list[Road], urban: shapely.Geometry) -> FloatArray:
    points = np.vstack([walk(road.line, np.arange(15.0, road.line.length, 30.0))[0] for road in roads])
    shapely.prepare(urban)
    return np.asarray(points[shapely.contains_xy(urban, points[:, 0], points[:, 1])])


def _snapped(point: FloatArray, streets: FloatArray) -> FloatArray:
    return np.asarray(streets[np.argmin(np.hypot(*(streets - point).T))])


def _core(land: Land, streets: FloatArray, rng: np.random.Generator) -> list[Landmark]:
    """Return the town centre's own places, spread round the middle and not on one heap."""
    turns = rng.uniform(0, 2 * np.pi) + np.arange(len(words.CORE_PLACES)) * 2 * np.pi / len(words.CORE_PLACES)
    marks = []
    for (name, kind), turn in zip(words.CORE_PLACES, turns, strict=True):
        wanted = land.centre + rng.uniform(140, 330) * np.array([np.cos(turn), np.sin(turn)])
        spot = _snapped(wanted, streets)
        marks.append(Landmark(name, kind, float(spot[0]), float(spot[1])))
    return marks


def _parades(land: Land, streets: FloatArray, rng: np.random.Generator) -> list[Landmark]:
    tried = streets[rng.permutation(len(streets))]
    tried = tried[np.hypot(*(tried - land.centre).T) > 650]
    kept = np.empty((0, 2))
    for point in tried:
        if len(kept) < _PARADES and (len(kept) == 0 or np.hypot(*(kept - point).T).min() >= _PARADE_GAP_M):
            kept = np.vstack([kept, point])
    stems = rng.permutation(words.STEMS)[: len(kept)]
    kinds = rng.choice(words.PARADE_KINDS, len(kept))
    return [
        Landmark(f"{stem} {kind}", "shops", float(x), float(y))
        for stem, kind, (x, y) in zip(stems, kinds, kept, strict=True)
    ]


def _schools(
    wards: Wards, fields: list[Park], streets: FloatArray, rng: np.random.Generator
) -> list[Landmark]:
    marks, used = [], set()
    for field in fields:
        gate = _snapped(shapely.get_coordinates(field.shape.centroid)[0], streets)
        ward = wards.names[wards.index_of(gate[None, :])[0]]
        kind = str(rng.choice(words.SCHOOL_KINDS))
        stem = ward if ward not in used else str(rng.choice(words.STEMS))
        used.add(ward)
        marks.append(Landmark(f"{stem} {kind}", "school", float(gate[0]), float(gate[1])))
    return marks
