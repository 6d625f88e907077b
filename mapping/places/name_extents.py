"""How far an address of a street or place can lie from the point that stands for it.

See "The gazetteer" in docs/methods.md for the formulas, the reasons and what was measured.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from mapping.places.gazetteer import GENERIC, SETTLEMENTS
from mapping.places.postcode_extents import HELD

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

ON_STREET_M: Final = 150.0  # a postcode farther than this from every street lies on one that is not known
PRIOR_POINTS: Final = 4.0  # how many points of its own the spread of other streets is worth
LEAST_TO_LEARN: Final = 200  # postcodes on streets; with fewer the values of Teesside are taken
MOST_POINTS: Final = 4  # streets of this many points and more are one class
SPREAD_M: Final = 66.0
ENOUGH_POINTS: Final = 20
# Radius over spread for streets of 0, 1, 2, 3, 4 and more points beside the one that stands for it.
FACTORS: Final = (1.7, 1.8, 1.8, 1.8, 1.8)
LEAST_M: Final = 30.0
SET_BACK_M: Final = 25.0  # a house from the middle of its road

DEFAULT_M: Final = 150.0  # places of which nothing more is known
_BY_KIND: Final = {
    "city": 5_000.0, "town": 2_500.0, "suburb": 900.0, "village": 600.0, "hamlet": 300.0, "settlement": 500.0,
    "estate": 400.0, "industrial estate": 400.0, "park": 300.0, "woodland": 500.0, "water": 500.0,
    "golf course": 400.0, "sports ground": 200.0, "shops": 120.0, "shop": 40.0, "hospital": 250.0,
    "school": 150.0, "college": 200.0, "station": 100.0, "cemetery": 200.0, "farm": 200.0,
    "junction": 50.0, "crossroads": 50.0, "roundabout": 80.0, "corner": 50.0, "house": 25.0, "flats": 50.0,
    "building": 40.0, "property": 25.0, "pub": 40.0, "caravan park": 200.0, GENERIC: 100.0,
}  # fmt: skip


@dataclass(frozen=True)
class Learned:
    """What the streets of these files say of streets: their spread and the factor for each class."""

    spread_m: float = SPREAD_M
    factors: tuple[float, ...] = FACTORS
    postcodes: int = 0


def on_streets(east: Floats, north: Floats, anchors: Floats, street: Numbers) -> tuple[Numbers, Numbers]:
    """Say which points lie on which street: that of the nearest anchor, within 150 m.

    Parameters
    ----------
    east, north : array, shape (n,)
        NaN where there is no point.
    anchors : array, shape (a, 2)
        Anchor points of streets.
    street : array of int, shape (a,)

    Returns
    -------
    (rows, streets)
        Rows of the points that lie on a street, and the street of each.
    """
    held = np.flatnonzero(~np.isnan(east))
    if not len(held) or not len(anchors):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    points = np.column_stack((east[held], north[held]))
    away, nearest = cKDTree(anchors).query(points, distance_upper_bound=ON_STREET_M)
    is_on = np.isfinite(away)
    return held[is_on], street[nearest[is_on]]


def central(entry: Numbers, points: Floats, candidate: npt.NDArray[np.bool_], count: int) -> Numbers:
    """Return for each entry the row of the candidate with the least mean square distance to its points.

    That is the candidate nearest to their mean. `entry` numbers the rows 0 to `count` - 1 and every entry
    has a candidate; of two that are as near, the first row.
    """
    size = np.bincount(entry, minlength=count)
    middle = np.column_stack([np.bincount(entry, points[:, axis], minlength=count) / size for axis in (0, 1)])
    away = np.hypot(*(points - middle[entry]).T)
    away[~candidate] = np.inf
    order = np.lexsort((np.arange(len(entry)), away.round(3), entry))
    return order[np.concatenate(([0], np.cumsum(size)[:-1]))]


def learn(entry: Numbers, square: Floats, is_postcode: npt.NDArray[np.bool_], count: int) -> Learned:
    """Learn from postcodes on streets how far streets reach.

    Each postcode is foretold from the other points of its street (leaving it out), and the factor of a
    class is the one that would have held 95 % of them.

    Parameters
    ----------
    entry : array of int, shape (m,)
        Street of each point.
    square : array, shape (m,)
        Squared distance from the point that stands for the street; 0 for that point itself.
    is_postcode : array of bool, shape (m,)
        Which points are postcodes; the others are anchors.
    count : int
        Number of streets.
    """
    total = np.bincount(entry, square, minlength=count)
    others = np.bincount(entry, minlength=count) - 1
    if is_postcode.sum() < LEAST_TO_LEARN:
        return Learned()
    spread = float(np.sqrt(square[is_postcode].mean()))
    mine, street = square[is_postcode], entry[is_postcode]
    left = others[street] - 1
    foretold = (PRIOR_POINTS * spread**2 + total[street] - mine) / (PRIOR_POINTS + left)
    ratio = np.sqrt(mine / foretold)
    kind = np.minimum(left, MOST_POINTS)
    factors = [
        _rank(ratio[kind == number]) if (kind == number).sum() >= LEAST_TO_LEARN / 2 else _rank(ratio)
        for number in range(MOST_POINTS + 1)
    ]
    return Learned(spread, tuple(factors), int(is_postcode.sum()))


def _rank(values: Floats) -> float:
    """Return the value that holds 95 % of these, and of the next one drawn."""
    rank = min(int(np.ceil(HELD * (len(values) + 1))), len(values))
    return float(np.partition(values, rank - 1)[rank - 1])


def street_errors(total: npt.NDArray[Any], others: Numbers, learned: Learned) -> Floats:
    """Return the radius of streets that have points and no extent.

    With k = 4 points' worth of prior spread s, n points of its own beside the one that stands for it and
    the sum S of their squared distances: f(n) sqrt((k s^2 + S) / (k + n)).
    """
    factor = np.array(learned.factors)[np.minimum(others, MOST_POINTS)]
    radius = factor * np.sqrt((PRIOR_POINTS * learned.spread_m**2 + total) / (PRIOR_POINTS + others))
    return np.maximum(radius, LEAST_M)


def reach_of_own(owner: Numbers, square: Floats, count: int) -> Floats:
    """Return the distance that holds 95 % of an entry's own points, where it has `ENOUGH_POINTS`; else 0.

    What other streets teach is little beside that: a road out of town reaches farther than its houses.
    """
    size = np.bincount(owner, minlength=count)
    order = np.lexsort((square, owner))
    first = np.concatenate(([0], np.cumsum(size)[:-1]))
    rank = np.minimum(np.ceil(HELD * size).astype(np.int64), np.maximum(size, 1)) - 1
    reach = np.zeros(count)
    enough = size >= ENOUGH_POINTS
    reach[enough] = np.sqrt(square[order[first[enough] + rank[enough]]])
    return reach


def box_errors(point: Floats, box: Floats) -> Floats:
    """Return the radius of entries with an extent: 95 % of the way to its farthest corner, and a garden."""
    across = np.maximum(point[:, 0] - box[:, 0], box[:, 2] - point[:, 0])
    along = np.maximum(point[:, 1] - box[:, 1], box[:, 3] - point[:, 1])
    return np.maximum(HELD * np.hypot(across, along) + SET_BACK_M, LEAST_M)


def kind_error(kind: str) -> float:
    """Return the radius of a place of which only the kind is known."""
    return _BY_KIND.get(kind, DEFAULT_M)


def is_settlement(kind: str) -> bool:
    """Say whether a kind is one that other places lie in."""
    return kind in SETTLEMENTS
