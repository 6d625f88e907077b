"""The whole invented borough: ground, wards, roads, parks, places, and the spots reports are tied to."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from mapping.demo import places, roads, streets, words
from mapping.demo.land import Land, make_land
from mapping.demo.lines import FloatArray, lines_of, walk
from mapping.demo.places import Landmark, Park
from mapping.demo.roads import Road
from mapping.demo.wards import Wards, make_wards

_FRONTAGE_M: Final = 24.0
_COUNTRY_FRONTAGE_M: Final = 150.0
_FROM_MIDDLE_M: Final = 9.0
_PARK_M2: Final = 6_000.0  # one spot for so much of a park
_JUNCTION_M: Final = 32.0
_NEAR_M: Final = 75.0
_CENTRE_M: Final = 520.0
_INNER_M: Final = 1_450.0
_SPOTS_A_POSTCODE: Final = 15
_INWARD: Final = "ABDEFGHJLNPQRSTUWXYZ"  # letters that the second half of a postcode uses


@dataclass(frozen=True)
class Town:
    """Everything that stands still.

    `spots` has one row for each place a report can be tied to: `easting_m`, `northing_m`, `road` and
    `park` (numbers, -1 for none), `house`, `junction` (a second road, -1 for none), `near` (a
    landmark, -1 for none), `ward` (-1 outside), `zone` (centre, inner, suburb, country, park), `postcode`.
    """

    seed: int
    land: Land
    wards: Wards
    roads: list[Road]
    parks: list[Park]
    landmarks: list[Landmark]
    spots: pd.DataFrame


def make_town(seed: int) -> Town:
    """Build the borough of one seed; the same seed gives the same borough."""
    rngs = [np.random.default_rng([seed, stage]) for stage in range(6)]
    land = make_land(rngs[0])
    wards = make_wards(land, rngs[1])
    mains = roads.main_roads(land, rngs[2])
    blocks, cuts = roads.blocks(land, mains, rngs[2])
    parks = places.make_parks(land, mains, rngs[3])
    green = shapely.union_all([park.shape for park in parks]).buffer(6)
    cuts = [part for cut in cuts for part in lines_of(cut - green, at_least_m=90)]
    lines = streets.fill(land, blocks, green, rngs[4])
    network = streets.name_roads(mains, cuts, lines, rngs[4])
    landmarks = places.make_landmarks(land, wards, network, parks, rngs[5])
    spots = _spots(land, wards, network, parks, landmarks, rngs[5])
    return Town(seed, land, wards, network, parks, landmarks, spots)


def _spots(
    land: Land,
    wards: Wards,
    network: list[Road],
    parks: list[Park],
    landmarks: list[Landmark],
    rng: np.random.Generator,
) -> pd.DataFrame:
    frame = pd.concat([_frontages(land, network), _park_spots(parks, rng)], ignore_index=True)
    points = frame[["easting_m", "northing_m"]].to_numpy()
    dry = ~shapely.intersects_xy(land.river.buffer(12), points[:, 0], points[:, 1])
    frame, points = frame[dry].reset_index(drop=True), points[dry]
    marks = np.array([[mark.easting_m, mark.northing_m] for mark in landmarks])
    away, near = cKDTree(marks).query(points)
    ward = wards.index_of(points)
    return frame.assign(
        ward=ward,
        near=np.where(away <= _NEAR_M, near, -1),
        junction=_junctions(points, frame["road"].to_numpy(), network),
        zone=_zones(land, points, frame),
        postcode=_postcodes(frame["road"].to_numpy(), ward),
    )


def _frontages(land: Land, network: list[Road]) -> pd.DataFrame:
    """Return addresses on alternate sides of every road: close together in town, far apart outside."""
    shapely.prepare(land.urban)
    parts = []
    for number, road in enumerate(network):
        distances = np.arange(_FRONTAGE_M / 2, road.line.length, _FRONTAGE_M)
        here, left = walk(road.line, distances)
        order = np.arange(len(here))
        side = np.where(order % 2 == 0, _FROM_MIDDLE_M, -_FROM_MIDDLE_M)
        urban = shapely.contains_xy(land.urban, here[:, 0], here[:, 1])
        kept = urban | (order % int(_COUNTRY_FRONTAGE_M / _FRONTAGE_M) == 0)
        at = np.round(here + left * side[:, None], 0)
        house = np.where(urban, order + 1, 0)
        parts.append(np.column_stack([at, np.full(len(here), number), house])[kept])
    rows = np.vstack(parts)
    frame = pd.DataFrame(rows[:, :2], columns=["easting_m", "northing_m"])
    return frame.assign(road=rows[:, 2].astype(np.int64), house=rows[:, 3].astype(np.int64), park=-1)


def _park_spots(parks: list[Park], rng: np.random.Generator) -> pd.DataFrame:
    """Return places inside the parks: benches, playgrounds, paths."""
    rows = []
    for number, park in enumerate(parks):
        west, south, east, north = park.shape.bounds
        wanted = int(np.clip(park.shape.area / _PARK_M2, 3, 24))
        tried = np.round(rng.uniform([west, south], [east, north], (wanted * 6 + 30, 2)), 0)
        inside = tried[shapely.contains_xy(park.shape, tried[:, 0], tried[:, 1])][:wanted]
        rows.append(pd.DataFrame({"easting_m": inside[:, 0], "northing_m": inside[:, 1], "park": number}))
    return pd.concat(rows, ignore_index=True).assign(road=-1, house=0)


def _junctions(points: FloatArray, own: npt.NDArray[np.int64], network: list[Road]) -> npt.NDArray[np.int64]:
    """Return for each point the nearest other road within reach; -1 where it stands alone."""
    lines = np.array([road.line for road in network], dtype=object)
    at = shapely.points(points)
    point, road = shapely.STRtree(lines).query(at, predicate="dwithin", distance=_JUNCTION_M)
    other = road != own[point]
    point, road = point[other], road[other]
    away = shapely.distance(at[point], lines[road])
    order = np.lexsort((road, away, point))
    point, road = point[order], road[order]
    first = np.r_[True, point[1:] != point[:-1]] if len(point) else np.zeros(0, dtype=bool)
    found = np.full(len(points), -1)
    found[point[first]] = road[first]
    found[own < 0] = -1
    return found


def _zones(land: Land, points: FloatArray, frame: pd.DataFrame) -> npt.NDArray[np.str_]:
    away = np.hypot(*(points - land.centre).T)
    urban = shapely.contains_xy(land.urban, points[:, 0], points[:, 1]) & (frame["house"] > 0).to_numpy()
    zone = np.where(away < _INNER_M, "inner", "suburb")
    zone = np.where(away < _CENTRE_M, "centre", zone)
    zone = np.where(urban, zone, "country")
    return np.asarray(np.where(frame["park"] >= 0, "park", zone))


def _postcodes(road: npt.NDArray[np.int64], ward: npt.NDArray[np.int64]) -> list[str]:
    """Return an invented postcode for each spot on a road: up to three for the road's part in each ward.

    A real one has about fifteen addresses; the spots of a road come in their order along it.
    """
    letters = len(_INWARD)
    part = pd.DataFrame({"road": road, "ward": ward}).groupby(["road", "ward"])["road"]
    place, size = part.cumcount().to_numpy(), part.transform("size").to_numpy()
    block = place * np.minimum(3, -(-size // _SPOTS_A_POSTCODE)) // size
    return [
        f"{words.POSTCODE_AREA}{1 + w // 3} {1 + w % 3 * 3 + b}"
        f"{_INWARD[r // letters % letters]}{_INWARD[r % letters]}"
        if r >= 0 and w >= 0
        else ""
        for r, w, b in zip(road.tolist(), ward.tolist(), block.tolist(), strict=True)
    ]
