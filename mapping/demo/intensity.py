"""How much ordinarily happens where: the background that planted places must stand out from.

Three things make it uneven: the town centre draws trouble, districts differ (slow random waves),
and streets and addresses differ (lognormal). Then it is levelled: no place may expect more than
`LEVEL_RATIO` times what its surroundings do, nor two thirds of the 36 incidents in 12 months that
make the weakest patrol-grade place (`CEILING_SHARE`). Real streets vary more than that. Here
whatever is steeper is planted and written down, because otherwise nobody could say whether a
hotspot that was found is one.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from mapping.demo.lines import FloatArray
from mapping.demo.town import Town

LEVEL_RATIO: Final = 1.6  # within 75 m, against the mean within 300 m
CEILING_SHARE: Final = 1 / 560  # of the whole background within 75 m: about 24 incidents in 12 months
_NEAR_M: Final = 75.0
_AROUND_M: Final = 300.0
_ROUNDS: Final = 30
_WAVES: Final = 24
_DISTRICT_SD: Final = 0.28
_STREET_SD: Final = 0.38
_ADDRESS_SD: Final = 0.55

# What each kind of ground draws, per spot, by what happened. Not listed: 1.
AFFINITY: Final = {
    "centre": {
        "Shoplifting": 4.0,
        "Theft from the person": 4.0,
        "Public order": 2.0,
        "Violence and sexual offences": 1.6,
        "Bicycle theft": 2.0,
        "Robbery": 2.0,
        "Anti-social behaviour": 1.5,
        "Burglary": 0.6,
        "Noise": 0.5,
        "Neighbour complaint": 0.3,
        "Fly-tipping": 0.4,
        "Off-road vehicles": 0.05,
    },
    "inner": {"Drugs": 1.4, "Fly-tipping": 1.5, "Neighbour complaint": 1.3, "Off-road vehicles": 0.4},
    "suburb": {"Public order": 0.7, "Shoplifting": 0.5, "Drugs": 0.8},
    "country": {
        "Burglary": 1.5,
        "Fly-tipping": 6.0,
        "Off-road vehicles": 6.0,
        "Animals": 5.0,
        "Shoplifting": 0.0,
    },
    "park": {
        "Off-road vehicles": 9.0,
        "Deliberate fire": 7.0,
        "ASB nuisance": 3.0,
        "ASB environmental": 3.0,
        "Burglary": 0.0,
        "Noise": 0.0,
        "Neighbour complaint": 0.0,
        "Shoplifting": 0.0,
        "Vehicle crime": 0.1,
        "Violence and sexual offences": 0.5,
    },
}
_ZONE_LEVEL: Final = {"centre": 1.0, "inner": 1.0, "suburb": 1.0, "country": 0.35, "park": 0.8}


@dataclass(frozen=True)
class Background:
    """`share`: of all background incidents, what falls on each spot; `by_category`: the same per category."""

    share: FloatArray
    by_category: dict[str, FloatArray]


def background(town: Town, mix: dict[str, float], rng: np.random.Generator) -> Background:
    """Spread the background over the spots.

    Parameters
    ----------
    town : Town
    mix : dict
        The share of each category in all background incidents, summing to 1.

    Returns
    -------
    Background
        `share`, shape (n,), sums to 1; each of `by_category`, shape (n,), sums to 1.
    """
    spots = town.spots
    points = spots[["easting_m", "northing_m"]].to_numpy()
    away = np.hypot(*(points - town.land.centre).T)
    pull = 1 + 0.5 * np.exp(-((away / 1_700) ** 2))
    level = spots["zone"].map(_ZONE_LEVEL).to_numpy()
    street = _street_factor(spots["road"].to_numpy(), len(town.roads), rng)
    address = np.clip(np.exp(rng.normal(0, _ADDRESS_SD, len(spots))), 0.3, 3.0)
    weights = pull * level * _districts(points, rng) * street * address
    zones = spots["zone"].to_numpy()
    drawn = np.array([weights * _affinity(zones, category) for category in mix])
    shares = np.array(list(mix.values()))[:, None] * drawn / drawn.sum(axis=1, keepdims=True)
    share = _levelled(points, shares.sum(axis=0))
    shares = shares * (share / shares.sum(axis=0))
    by_category = dict(zip(mix, shares / shares.sum(axis=1, keepdims=True), strict=True))
    return Background(share, by_category)


def within(points: FloatArray, weights: FloatArray, centres: FloatArray, radius_m: float) -> FloatArray:
    """Return the sum of `weights` within `radius_m` of each centre, shape (m,)."""
    held = cKDTree(points).query_ball_point(centres, radius_m)
    return np.array([weights[members].sum() for members in held])


def _affinity(zones: npt.NDArray[np.str_], category: str) -> FloatArray:
    factor = {zone: table.get(category, 1.0) for zone, table in AFFINITY.items()}
    return np.asarray(pd.Series(zones).map(factor), dtype=np.float64)


def _districts(points: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return slow waves over the map, log-normal with about `_DISTRICT_SD`."""
    turn, phase = rng.uniform(0, 2 * np.pi, (2, _WAVES))
    length = rng.uniform(900, 2_600, _WAVES)
    direction = np.column_stack([np.cos(turn), np.sin(turn)]) * (2 * np.pi / length)[:, None]
    heights = np.cos((points - points.mean(axis=0)) @ direction.T + phase).sum(axis=1)
    return np.asarray(np.exp(_DISTRICT_SD * heights / np.sqrt(_WAVES / 2)))


def _street_factor(road: npt.NDArray[np.int64], count: int, rng: np.random.Generator) -> FloatArray:
    factor = np.clip(np.exp(rng.normal(0, _STREET_SD, count)), 0.4, 2.4)
    return np.asarray(np.where(road >= 0, factor[road], 1.0))


def _levelled(points: FloatArray, weights: FloatArray) -> FloatArray:
    """Lower every place that expects more than its surroundings, or the whole borough, allow."""
    pairs = cKDTree(points).query_pairs(_AROUND_M, output_type="ndarray")
    near = pairs[np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T) <= _NEAR_M]
    share_of_area = (_NEAR_M / _AROUND_M) ** 2
    for _ in range(_ROUNDS):
        weights = weights / weights.sum()
        held, around = _sums(near, weights), _sums(pairs, weights)
        allowed = LEVEL_RATIO * share_of_area * np.maximum(around, 0.4 * np.median(around))
        allowed = np.minimum(allowed, CEILING_SHARE)
        if (held <= allowed * 1.01).all():
            break
        excess = np.minimum(1, allowed / held)
        lowered = excess.copy()  # by the worst of all places that a spot counts towards
        np.minimum.at(lowered, near[:, 0], excess[near[:, 1]])
        np.minimum.at(lowered, near[:, 1], excess[near[:, 0]])
        weights = weights * np.sqrt(lowered)  # half-way, because its neighbours are lowered as well
    return weights / weights.sum()


def _sums(pairs: npt.NDArray[np.int64], weights: FloatArray) -> FloatArray:
    """Return each spot's weight with those it is paired with."""
    count = len(weights)
    return np.asarray(
        weights
        + np.bincount(pairs[:, 0], weights[pairs[:, 1]], minlength=count)
        + np.bincount(pairs[:, 1], weights[pairs[:, 0]], minlength=count)
    )
