"""What is going on just now: Kulldorff's space-time permutation scan.

Cylinders stand on the map: a circle around a place where incidents happened, and the last days of the
period. Each is compared with what the place usually has and what those days have everywhere, so neither a
busy street nor a busy week stands out on its own; only the two together do. The most surprising
cylinder of all is held against the most surprising one of maps whose times were shuffled, which pays for
having looked at all of them.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.errors import MappingError, PeriodError, TooLittleDataError
from mapping.hotspots.dated import dated_points
from mapping.hotspots.grid import FloatArray, IntArray, sum_by

DRAWS: Final = 999
RADII_M: Final = (50.0, 100.0, 150.0, 200.0, 300.0, 400.0)
MAX_DAYS: Final = 21
MOST_CLUSTERS: Final = 10
LEAST_INCIDENTS: Final = 2  # one incident is no cluster, however quiet its place
COLUMNS: Final = (
    "easting_m", "northing_m", "radius_m", "from_on", "to_on", "observed", "expected",
    "log_likelihood_ratio", "p_value",
)  # fmt: skip
_ROUNDING: Final = 1e-9
_EPOCH: Final = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class _Circles:
    """Circles around every place: circle c * radii + r has centre c and reaches `radii_m[r]`.

    `ring_of` lists, place after place, the smallest circle around each centre that takes the place in; those
    of place p stand from `starts[p]` to `starts[p + 1]`.
    """

    places: FloatArray
    radii_m: FloatArray
    starts: IntArray
    ring_of: IntArray

    @property
    def size(self) -> int:
        return len(self.places) * len(self.radii_m)

    def rings(self, places: IntArray) -> tuple[IntArray, IntArray]:
        """Return the rings that each of `places` lies in, and which of `places` each is of."""
        number = self.starts[places + 1] - self.starts[places]
        which = np.repeat(np.arange(len(places)), number)
        before = np.repeat(self.starts[places] - (np.cumsum(number) - number), number)
        return self.ring_of[before + np.arange(len(which))], which

    def sum_within(self, of_place: npt.ArrayLike) -> FloatArray:
        """Add up a number per place over each circle, shape (places, radii)."""
        number = np.diff(self.starts)
        in_ring = sum_by(self.ring_of, np.repeat(np.asarray(of_place, dtype=np.float64), number), self.size)
        return np.cumsum(in_ring.reshape(len(self.places), -1), axis=1)


@dataclass(frozen=True)
class _Cylinders:
    """What stays the same whatever the order of the times, for every circle and number of days.

    Attributes
    ----------
    expected : float array, shape (places, radii, days)
        Incidents in the circle times incidents in the last days, over all incidents.
    slope, level : float arrays
        The log likelihood ratio of a count c is `of_count[c] - c * slope - level`.
    of_count : float array, shape (incidents + 1,)
    """

    circles: _Circles
    days: int
    expected: FloatArray
    slope: FloatArray
    level: FloatArray
    of_count: FloatArray

    def observe(self, places: IntArray, days_ago: IntArray) -> IntArray:
        """Count recent incidents in each cylinder, shape (places, radii, days)."""
        ring, which = self.circles.rings(places)
        flat = np.bincount(ring * self.days + days_ago[which], minlength=self.circles.size * self.days)
        by_ring = flat.reshape(self.expected.shape)
        return np.asarray(by_ring.cumsum(axis=1).cumsum(axis=2))

    def surprise(self, count: IntArray) -> FloatArray:
        """Return the log likelihood ratio of each cylinder; 0 where it holds no more than expected."""
        ratio = self.of_count[count] - count * self.slope - self.level
        is_more = (count > self.expected) & (count >= LEAST_INCIDENTS)
        return np.where(is_more, np.maximum(ratio, 0.0), 0.0)


def scan_space_time(
    easting_m: npt.ArrayLike,
    northing_m: npt.ArrayLike,
    day: npt.ArrayLike,
    *,
    end_on: dt.date,
    radii_m: tuple[float, ...] = RADII_M,
    max_days: int = MAX_DAYS,
    most_clusters: int = MOST_CLUSTERS,
    draws: int = DRAWS,
    seed: int,
) -> pd.DataFrame:
    """Find where the last days hold more incidents than place and time alone would give.

    Parameters
    ----------
    easting_m, northing_m : array-like of float, shape (n,), EPSG:27700
    day : array-like of int, shape (n,)
        Whole local days from 1 January 1970, as `near_repeats.local_days` counts them.
    end_on : date
        The day the period ends, itself not included: every cylinder reaches up to it.
    radii_m : tuple of float
        Circles tried around each place, rising; a place on the edge is inside.
    max_days : int
        The longest cylinder; all shorter ones are tried. Less than the days the incidents span.
    most_clusters : int
        Most rows to return.
    draws : int
        Shuffles of the times; at least 99.
    seed : int

    Returns
    -------
    DataFrame, one row per cluster, the most surprising first
        `easting_m`, `northing_m`, `radius_m` (to the farthest place inside), `from_on`, `to_on` (not
        included), `observed`, `expected`, `log_likelihood_ratio` and `p_value`: (1 + shuffled maps whose
        best cylinder is at least as surprising) / (draws + 1). No two circles hold the same place. Empty
        where no cylinder holds two incidents and more than expected; not every row is significant.

    Raises
    ------
    MappingError
        A point is missing, or lengths, radii, days or draws cannot be used.
    PeriodError
        An incident lies on or after `end_on`.
    TooLittleDataError
        Fewer than four incidents, or all within `max_days`: nothing says what is usual.

    Notes
    -----
    A p-value refers to the single most surprising cylinder of a whole map, so it needs no correction and is
    careful for every row after the first. A place whose reports start or stop within the period (a new
    source, a new estate) looks like a cluster. Scanned every day, one in twenty days alarms by chance.

    References
    ----------
    Kulldorff, M., Heffernan, R., Hartman, J., Assuncao, R. & Mostashari, F. (2005). A space-time permutation
    scan statistic for disease outbreak detection. PLoS Medicine, 2(3), e59.
    """
    points, days_ago = _checked(easting_m, northing_m, day, end_on, radii_m, max_days, draws)
    places, place_of = np.unique(points, axis=0, return_inverse=True)
    place_of = place_of.ravel()
    cylinders = _lay_cylinders(
        _draw_circles(places, np.array(radii_m, np.float64)), place_of, days_ago, max_days
    )
    is_recent = days_ago < max_days
    recent = days_ago[is_recent]
    observed = cylinders.observe(place_of[is_recent], recent)
    surprise = cylinders.surprise(observed)
    rng = np.random.default_rng(seed)
    best = np.empty(draws)
    for draw in range(draws):
        # Which incidents are recent is all that shuffled times change; the recent days stay the same.
        moved = place_of[rng.permutation(len(place_of))[: len(recent)]]
        best[draw] = cylinders.surprise(cylinders.observe(moved, recent)).max()
    chosen = _pick_apart(cylinders.circles, surprise, most_clusters)
    return _describe(cylinders, chosen, observed, surprise, best, end_on)


def _checked(
    easting_m: npt.ArrayLike,
    northing_m: npt.ArrayLike,
    day: npt.ArrayLike,
    end_on: dt.date,
    radii_m: tuple[float, ...],
    max_days: int,
    draws: int,
) -> tuple[FloatArray, IntArray]:
    """Return points and whole days before the last day of the period, once all can be used."""
    points, days = dated_points(easting_m, northing_m, day)
    if not radii_m or radii_m[0] < 0 or (np.diff(radii_m) <= 0).any():
        raise MappingError("Radii must rise from 0 m or more.")
    if draws < 99 or max_days < 1:
        raise MappingError(f"At least 99 draws and 1 day are needed, not {draws} and {max_days}.")
    days_ago = (end_on - _EPOCH).days - 1 - days
    late = int((days_ago < 0).sum())
    if late:
        raise PeriodError(f"{late} of {len(days)} incidents lie on or after {end_on}; end the period later.")
    if len(points) < 4 or days_ago.max() < max_days:
        raise TooLittleDataError(
            f"{len(points)} incidents within {max_days} days do not say what is usual; give at least 4, and "
            "a longer period than the longest cylinder."
        )
    return points, days_ago


def _draw_circles(places: FloatArray, radii_m: FloatArray) -> _Circles:
    from scipy.spatial import KDTree

    linked = KDTree(places).query_pairs(radii_m[-1] * (1 + 1e-9), output_type="ndarray")
    itself = np.arange(len(places))
    centre = np.concatenate([itself, linked[:, 0], linked[:, 1]])
    place = np.concatenate([itself, linked[:, 1], linked[:, 0]])
    gap = np.linalg.norm(places[centre] - places[place], axis=1)
    ring = np.searchsorted(radii_m, gap, side="left")
    is_inside = ring < len(radii_m)
    ring_of = (centre * len(radii_m) + ring)[is_inside]
    order = np.argsort(place[is_inside], kind="stable")
    number = np.bincount(place[is_inside], minlength=len(places))
    return _Circles(places, radii_m, np.concatenate([[0], np.cumsum(number)]), ring_of[order])


def _lay_cylinders(circles: _Circles, place_of: IntArray, days_ago: IntArray, days: int) -> _Cylinders:
    """Work out what every cylinder is expected to hold, and all of its ratio but the count.

    With c observed, m expected and N incidents the ratio is c log(c / m) + (N - c) log((N - c) / (N - m)).
    """
    total = len(place_of)
    in_circle = circles.sum_within(np.bincount(place_of, minlength=len(circles.places)))
    in_days = np.cumsum(np.bincount(days_ago[days_ago < days], minlength=days)).astype(np.float64)
    expected = in_circle[:, :, None] * in_days / total
    inside, outside = _log(expected), _log(total - expected)
    count = np.arange(total + 1, dtype=np.float64)
    of_count = count * _log(count) + (total - count) * _log(total - count)
    return _Cylinders(circles, days, expected, inside - outside, total * outside, of_count)


def _log(values: FloatArray) -> FloatArray:
    """Take logarithms; 0 of 0, which is only ever multiplied by 0."""
    return np.log(values, out=np.zeros(values.shape), where=values > 0)


def _pick_apart(circles: _Circles, surprise: FloatArray, most: int) -> list[tuple[int, int, int]]:
    """Take the most surprising cylinder, then the next whose circle shares no place with one taken."""
    left = surprise.copy()
    is_taken = np.zeros(len(circles.places))
    chosen: list[tuple[int, int, int]] = []
    while len(chosen) < most and left.max() > _ROUNDING:
        centre, radius, days = (int(index) for index in np.unravel_index(left.argmax(), left.shape))
        chosen.append((centre, radius, days))
        is_taken[_places_inside(circles, centre, radius)] = 1.0
        left[circles.sum_within(is_taken) > 0] = 0.0
    return chosen


def _places_inside(circles: _Circles, centre: int, radius: int) -> IntArray:
    gap = np.linalg.norm(circles.places - circles.places[centre], axis=1)
    return np.flatnonzero(gap <= circles.radii_m[radius])


def _describe(
    cylinders: _Cylinders,
    chosen: list[tuple[int, int, int]],
    observed: IntArray,
    surprise: FloatArray,
    best: FloatArray,
    end_on: dt.date,
) -> pd.DataFrame:
    places = cylinders.circles.places
    rows = []
    for at in chosen:
        centre, radius, days = at
        inside = places[_places_inside(cylinders.circles, centre, radius)]
        rows.append(
            (
                *places[centre].tolist(),
                float(np.linalg.norm(inside - places[centre], axis=1).max()),
                end_on - dt.timedelta(days=days + 1),
                end_on,
                int(observed[at]),
                float(cylinders.expected[at]),
                float(surprise[at]),
                float((1 + (best >= surprise[at] - _ROUNDING).sum()) / (len(best) + 1)),
            )
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
