"""Near repeats: whether one incident raises the chance of another close by, soon after.

Knox's test counts pairs of incidents that are close in both place and time, and asks how often that many
would be if the same times had fallen on the same places in any other order. The near-repeat table does it
for bands of distance and days. Pairs are found once; only the times are shuffled.

Days are whole days of the London calendar, so that 0 is "same day" and 1 is "the day after", whatever the
hour. Only incidents known to the day may enter: month-only data says nothing about days.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.errors import MappingError, TooLittleDataError
from mapping.hotspots.dated import dated_points
from mapping.hotspots.grid import FloatArray, IntArray

Metric = Literal["euclidean", "manhattan"]

DRAWS: Final = 999
# Near repeats of burglary reach about 400 m and six weeks; what patrols can act on is the first three.
WITHIN_M: Final = 400.0
DISTANCE_LIMITS_M: Final = (0.0, 100.0, 200.0, 300.0, 400.0)
DAY_LIMITS: Final = (0, 1, 8, 15, 22, 29, 36, 43)
WITHIN_DAYS: Final = 42
MOST_PAIRS: Final = 100_000_000  # 8 bytes each
_POWERS: Final = {"euclidean": 2, "manhattan": 1}
_CHUNK: Final = 1 << 18  # pairs at a time, so that what is worked on stays in the processor's cache


@dataclass(frozen=True)
class Knox:
    """Pairs close in place and time beside what chance would give.

    Attributes
    ----------
    observed, expected : float arrays, shape (2, 2)
        Pairs of incidents: rows close in place, then not; columns close in time, then not. Expected
        keeps both margins.
    variance : float
        Of the count close in both, over every order of the times, exactly.
    poisson_p_value : float
        Chance of at least so many close in both, were they Poisson: quick, and too sure of itself where
        the variance is above the expected count.
    p_value : float
        The same over shuffled times, (1 + draws at least as high) / (draws + 1).
    """

    observed: FloatArray
    expected: FloatArray
    variance: float
    poisson_p_value: float
    p_value: float

    @property
    def ratio(self) -> float:
        """Observed over expected pairs close in both."""
        return float(self.observed[0, 0] / self.expected[0, 0])

    @property
    def deviate(self) -> float:
        """Standard deviations above what is expected, by the exact variance."""
        return float((self.observed[0, 0] - self.expected[0, 0]) / np.sqrt(self.variance))


@dataclass(frozen=True)
class _Pairs:
    """Pairs of incidents near in place: band k holds the pairs from `starts[k]` to `starts[k + 1]`."""

    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    starts: IntArray


def knox(
    easting_m: npt.ArrayLike,
    northing_m: npt.ArrayLike,
    day: npt.ArrayLike,
    *,
    within_m: float = WITHIN_M,
    within_days: int = WITHIN_DAYS,
    metric: Metric = "euclidean",
    draws: int = DRAWS,
    seed: int,
) -> Knox:
    """Test whether incidents close in place are close in time more often than chance (Knox).

    Parameters
    ----------
    easting_m, northing_m : array-like of float, shape (n,), metres
    day : array-like of int, shape (n,)
        Whole days, as `local_days` counts them.
    within_m, within_days : float, int
        What is close; a pair at the limit is.
    metric : {"euclidean", "manhattan"}
    draws : int
        Shuffles of the times; at least 99.
    seed : int

    Raises
    ------
    MappingError
        A point is missing, lengths or limits cannot be used, or there are too many near pairs.
    TooLittleDataError
        Fewer than four incidents, or no two close in place, or none in time.

    Notes
    -----
    Where incidents move about with the seasons, closeness comes from that too: the test speaks of the whole
    period and area, and of no single place. Points snapped to street centres lie closer than they were.

    References
    ----------
    Knox, E. G. (1964). The detection of space-time interactions. Applied Statistics, 13(1), 25-30.
    David, F. N. & Barton, D. E. (1966). Two space-time interaction tests for epidemicity. British Journal
    of Preventive and Social Medicine, 20(1), 44-48. (The variance.)
    """
    from scipy.stats import poisson

    limits = np.array([within_m], dtype=np.float64)
    ends = np.array([0, within_days + 1], dtype=np.int64)
    pairs, days = _near_pairs(easting_m, northing_m, day, limits, ends, metric, draws)
    in_time = _count_by_lag(days, ends)[0]
    in_place, every = len(pairs.first), len(days) * (len(days) - 1) / 2
    if in_place == 0 or in_time == 0:
        raise TooLittleDataError(
            f"No two of {len(days)} incidents are close in place, or none in time, so nothing can be "
            "compared. Take a longer period or a larger area."
        )
    seen = _cumulative(days, pairs, ends)[0, 0]
    at_least = _count_at_least(days, pairs, ends, draws, seed)[0, 0]
    expected = in_place * in_time / every
    return Knox(
        observed=_two_by_two(float(seen), in_place, in_time, every),
        expected=_two_by_two(expected, in_place, in_time, every),
        variance=_variance(days, pairs, within_days),
        poisson_p_value=float(poisson.sf(seen - 1, expected)),
        p_value=float((1 + at_least) / (draws + 1)),
    )


def near_repeat_table(
    easting_m: npt.ArrayLike,
    northing_m: npt.ArrayLike,
    day: npt.ArrayLike,
    *,
    distance_limits_m: tuple[float, ...] = DISTANCE_LIMITS_M,
    day_limits: tuple[int, ...] = DAY_LIMITS,
    metric: Metric = "euclidean",
    draws: int = DRAWS,
    seed: int,
) -> pd.DataFrame:
    """Tabulate pairs of incidents by distance and days between them, against shuffled times.

    Parameters
    ----------
    easting_m, northing_m : array-like of float, shape (n,), metres
    day : array-like of int, shape (n,)
        Whole days, as `local_days` counts them.
    distance_limits_m : tuple of float
        Upper ends of the bands, each included; 0 first makes "same place" a band of its own.
    day_limits : tuple of int
        Ends of half-open bands of days, from 0: (0, 1, 8) is the same day and 1 to 7 days.
    metric : {"euclidean", "manhattan"}
    draws, seed : int
        As for `knox`.

    Returns
    -------
    DataFrame, one row per band of distance and of days
        `distance_band`, `time_band` (in words), `observed` (pairs), `expected` (exact mean over all orders of
        the times), `knox_ratio` (observed / expected; NaN where nothing is expected) and `p_value`
        (one-sided).
        The last bands are all that lies farther and later, so that every pair is in the table once.

    Raises
    ------
    MappingError, TooLittleDataError
        As for `knox`.

    Notes
    -----
    Each incident that is followed soon by several makes several pairs; a ratio of 2 is not twice the risk.
    No p-value is corrected for the number of bands.

    References
    ----------
    Ratcliffe, J. H. & Rengert, G. F. (2008). Near-repeat patterns in Philadelphia shootings. Security
    Journal, 21, 58-76.
    Johnson, S. D. et al. (2007). Space-time patterns of risk: a cross national assessment of residential
    burglary victimization. Journal of Quantitative Criminology, 23, 201-219.
    """
    limits = np.array(distance_limits_m, dtype=np.float64)
    ends = np.array(day_limits, dtype=np.int64)
    pairs, days = _near_pairs(easting_m, northing_m, day, limits, ends, metric, draws)
    every = len(days) * (len(days) - 1) // 2
    by_place = np.append(np.diff(pairs.starts), every - len(pairs.first))
    by_lag = _bands(_count_by_lag(days, ends), every)
    seen = _table(_cumulative(days, pairs, ends), pairs, by_lag)
    at_least = _count_at_least(days, pairs, ends, draws, seed, by_lag)
    expected = np.outer(by_place, by_lag) / every
    rows, columns = _distance_words(limits), _day_words(ends)
    return pd.DataFrame(
        {
            "distance_band": np.repeat(rows, len(columns)),
            "time_band": np.tile(columns, len(rows)),
            "observed": seen.ravel(),
            "expected": expected.ravel(),
            "knox_ratio": np.divide(
                seen, expected, out=np.full(seen.shape, np.nan), where=expected > 0
            ).ravel(),
            "p_value": ((1.0 + at_least) / (draws + 1.0)).ravel(),
        }
    )


def _near_pairs(
    easting_m: npt.ArrayLike,
    northing_m: npt.ArrayLike,
    day: npt.ArrayLike,
    limits: FloatArray,
    ends: IntArray,
    metric: Metric,
    draws: int,
) -> tuple[_Pairs, IntArray]:
    """Check what came, and find every pair within the largest distance, by band."""
    points, days = dated_points(easting_m, northing_m, day)
    if len(limits) == 0 or limits[0] < 0 or (np.diff(limits) <= 0).any():
        raise MappingError("Distances must rise from 0 or more.")
    if len(ends) < 2 or ends[0] != 0 or (np.diff(ends) <= 0).any():
        raise MappingError("Days must be whole numbers that rise from 0, with at least one band.")
    if draws < 99:
        raise MappingError(f"{draws} draws cannot tell 1 in 100; give at least 99.")
    if len(points) < 4:
        raise TooLittleDataError(f"{len(points)} incidents are too few to tell; at least 4 are needed.")
    return _pairs_within(points, limits, _POWERS[metric]), days


def _pairs_within(points: FloatArray, limits: FloatArray, power: int) -> _Pairs:
    """Find the pairs by way of the distinct places: incidents stack on few of them."""
    from scipy.spatial import KDTree

    places, place_of = np.unique(points, axis=0, return_inverse=True)
    number = np.bincount(place_of.ravel(), minlength=len(places))
    members = np.argsort(place_of.ravel(), kind="stable").astype(np.int32)
    begins = np.cumsum(number) - number
    # A hair past the limit, then by our own distance: the tree rounds in its own way.
    linked = KDTree(places).query_pairs(limits[-1] * (1 + 1e-9), p=power, output_type="ndarray")
    gap = np.linalg.norm(places[linked[:, 0]] - places[linked[:, 1]], ord=power, axis=1)
    stacked = np.flatnonzero(number > 1)
    one = np.concatenate([stacked, linked[:, 0]])
    other = np.concatenate([stacked, linked[:, 1]])
    band = np.searchsorted(limits, np.concatenate([np.zeros(len(stacked)), gap]), side="left")
    size = number[one] * number[other]
    total = int(size[band < len(limits)].sum())
    if total > MOST_PAIRS:
        raise MappingError(
            f"About {total:,} pairs of incidents lie that near, more than {MOST_PAIRS:,}. "
            "Take one category, a shorter period or a smaller distance."
        )
    found: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]] = []
    starts = [0]
    for of_band in range(len(limits)):
        chosen = np.flatnonzero(band == of_band)
        piece_of = (np.cumsum(size[chosen]) - 1) // (8 * _CHUNK)
        parts = np.split(chosen, np.flatnonzero(np.diff(piece_of)) + 1)
        pieces = [_expand(one[part], other[part], number, begins, members) for part in parts]
        found += pieces
        starts.append(starts[-1] + sum(len(first) for first, _ in pieces))
    first = np.concatenate([piece[0] for piece in found])
    second = np.concatenate([piece[1] for piece in found])
    return _Pairs(first, second, np.array(starts, dtype=np.int64))


def _expand(one: IntArray, other: IntArray, number: IntArray, begins: IntArray, members: Any) -> Any:
    """Turn pairs of places into pairs of incidents; a place with itself gives each pair once."""
    size = number[one] * number[other]
    pair = np.repeat(np.arange(len(one)), size)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size)
    row, column = np.divmod(within, number[other][pair])
    is_once = (one != other)[pair] | (row < column)
    pair, row, column = pair[is_once], row[is_once], column[is_once]
    return members[begins[one][pair] + row], members[begins[other][pair] + column]


def _cumulative(days: IntArray, pairs: _Pairs, ends: IntArray) -> IntArray:
    """Count pairs per distance band with fewer days between them than each end but the first."""
    narrow = days - days.min()
    small = narrow.astype(np.int16 if narrow.max() < 2**15 else np.int32)
    plain_ends = ends[1:].tolist()  # numpy's own whole numbers would widen every comparison to 64 bits
    counts = np.zeros((len(pairs.starts) - 1, len(ends) - 1), dtype=np.int64)
    for band, (start, stop) in enumerate(pairwise(pairs.starts.tolist())):
        for low in range(start, stop, _CHUNK):
            part = slice(low, min(low + _CHUNK, stop))
            # `take` is twice as fast here as brackets, and this line is most of what a draw costs
            lag = np.abs(small.take(pairs.first[part]) - small.take(pairs.second[part]))
            counts[band] += [np.count_nonzero(lag < end) for end in plain_ends]
    return counts


def _count_at_least(
    days: IntArray, pairs: _Pairs, ends: IntArray, draws: int, seed: int, by_lag: IntArray | None = None
) -> IntArray:
    """Count the shuffles that hold at least as many pairs as seen: per cumulative count, or per cell."""
    rng = np.random.default_rng(seed)

    def tabulate(when: IntArray) -> IntArray:
        counted = _cumulative(when, pairs, ends)
        return counted if by_lag is None else _table(counted, pairs, by_lag)

    seen = tabulate(days)
    at_least = np.zeros(seen.shape, dtype=np.int64)
    for _ in range(draws):
        at_least += tabulate(rng.permutation(days)) >= seen
    return at_least


def _table(cumulative: IntArray, pairs: _Pairs, by_lag: IntArray) -> IntArray:
    """Complete the counts of near pairs by what lies later and farther, from the margins."""
    near = np.array(
        [_bands(row, total) for row, total in zip(cumulative, np.diff(pairs.starts), strict=True)]
    )
    return np.vstack([near, by_lag - near.sum(axis=0)])


def _bands(cumulative: IntArray, total: int) -> IntArray:
    return np.diff(cumulative, prepend=0, append=total)


def _count_by_lag(days: IntArray, ends: IntArray) -> IntArray:
    """Count all pairs with fewer days between them than each end but the first."""
    ordered = np.sort(days)
    itself_and_before = np.arange(1, len(days) + 1)
    return np.array([(np.searchsorted(ordered, ordered + end) - itself_and_before).sum() for end in ends[1:]])


def _two_by_two(both: float, in_place: float, in_time: float, every: float) -> FloatArray:
    return np.array([[both, in_place - both], [in_time - both, every - in_place - in_time + both]])


def _variance(days: IntArray, pairs: _Pairs, within_days: int) -> float:
    """Return the variance of the count close in both over every order of the times.

    Two close pairs are the same, share an incident or share none; the chance that both are close in time
    differs between the three, and the squared count is the sum over all.
    """
    n = len(days)
    ordered = np.sort(days)
    close = np.searchsorted(ordered, ordered + within_days, side="right")
    in_time = (close - np.searchsorted(ordered, ordered - within_days) - 1).astype(np.float64)
    in_place = (np.bincount(pairs.first, minlength=n) + np.bincount(pairs.second, minlength=n)).astype(float)
    near, soon = in_place.sum() / 2, in_time.sum() / 2
    near_sharing, soon_sharing = (float((degree * (degree - 1)).sum()) for degree in (in_place, in_time))
    same = near * soon * 2 / (n * (n - 1))
    sharing = near_sharing * soon_sharing / (n * (n - 1) * (n - 2))
    near_apart, soon_apart = near * (near - 1) - near_sharing, soon * (soon - 1) - soon_sharing
    apart = 4 * near_apart * soon_apart / (n * (n - 1) * (n - 2) * (n - 3))
    return float(same + sharing + apart - same**2)


def _distance_words(limits: FloatArray) -> list[str]:
    words = ["same place" if limits[0] == 0 else f"up to {limits[0]:g} m"]
    words += [f"up to {high:g} m" if low == 0 else f"{low:g}-{high:g} m" for low, high in pairwise(limits)]
    return [*words, f"over {limits[-1]:g} m"]


def _day_words(ends: IntArray) -> list[str]:
    words = []
    for low, high in pairwise(ends.tolist()):
        if high == low + 1:
            words.append("same day" if low == 0 else "1 day" if low == 1 else f"{low} days")
        else:
            words.append(f"{low}-{high - 1} days")
    return [*words, f"{ends[-1]} days or more"]
