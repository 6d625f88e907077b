"""Does a series go up or down all along? Mann and Kendall's rank test, for many series at once.

Only the order of the values counts, so that one wild month cannot make a trend.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from mapping.hotspots.grid import FloatArray

EXACT_STEPS: Final = 40  # with so few steps and no ties every order is counted; beyond, the normal is as good


def assess_trend(values: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Test each row for a steady rise or fall.

    Parameters
    ----------
    values : array-like of float, shape (places, steps)
        Oldest step first; every value known.

    Returns
    -------
    tau : float array, shape (places,)
        Kendall's tau-a between time and value: 1 where every later value is larger, -1 where every
        later one is smaller.
    p_value : float array, shape (places,)
        Two-sided. Exact where a row has no ties and at most forty steps; else normal, with the
        correction for ties and for continuity. 1 where there are fewer than two different values.

    Raises
    ------
    ValueError
        `values` is not a table, or some value is not known.

    Notes
    -----
    Supposes that steps are independent of each other: series made of overlapping windows look
    like trends more often than the p-value says.

    References
    ----------
    Mann, H. (1945). Nonparametric tests against trend. Econometrica, 13, 245-259.
    Kendall, M. (1975). Rank correlation methods, 4th ed. Griffin. (Variance with ties.)
    """
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise ValueError(f"Needs a table of known values, a row per place; {rows.shape} came.")
    steps = rows.shape[1]
    score, ties = _score_and_ties(rows)
    variance = (steps * (steps - 1) * (2 * steps + 5) - ties) / 18
    p_value = _normal_p(score, variance)
    if steps <= EXACT_STEPS:
        untied = ties == 0
        p_value[untied] = _exact_p(steps)[np.abs(score[untied]).astype(np.int64)]
    return score / max(1, steps * (steps - 1) // 2), p_value


def _score_and_ties(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return rises less falls over all pairs of steps, and the sum of t(t-1)(2t+5) over ties of t values."""
    places, steps = rows.shape
    score = np.zeros(places)
    alike = np.zeros(rows.shape)  # how many other values of its row each value is tied with
    for step in range(steps - 1):
        later, now = rows[:, step + 1 :], rows[:, step : step + 1]
        score += np.sign(later - now).sum(axis=1)
        same = later == now
        alike[:, step] += same.sum(axis=1)
        alike[:, step + 1 :] += same
    # each of the t values of a tie has t - 1 others, so t of them add up to t(t-1)(2t+5)
    return score, (alike * (2 * (alike + 1) + 5)).sum(axis=1)


def _normal_p(score: FloatArray, variance: FloatArray) -> FloatArray:
    from scipy.special import ndtr

    distance = np.maximum(np.abs(score) - 1, 0.0)
    z = np.divide(distance, np.sqrt(variance), out=np.zeros(len(score)), where=variance > 0)
    return np.asarray(np.minimum(1.0, 2 * ndtr(-z)))


def _exact_p(steps: int) -> FloatArray:
    """Return the two-sided p-value of each |score| 0, 1, 2, ... when all orders are equally likely."""
    chance = np.ones(1)  # of 0, 1, 2, ... pairs out of order
    for length in range(2, steps + 1):  # the newest value may stand before 0 to length-1 of the others
        chance = np.convolve(chance, np.full(length, 1.0 / length))
    pairs = len(chance) - 1
    score = np.abs(pairs - 2 * np.arange(pairs + 1))
    at_least = np.bincount(score, weights=chance, minlength=pairs + 1)[::-1].cumsum()[::-1]
    return np.minimum(at_least, 1.0)
