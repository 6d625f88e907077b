"""Between what and what the coming period will lie: the whole area, and tenths of what is expected.

Cells are ordered by what is expected of them and cut into ten groups that each expect about a tenth of the
events: the first is a few streets, the last most of the map. How far the months already seen
were off, beyond what chance alone does to counts, sets the width.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from mapping.hotspots.grid import FloatArray, IntArray, sum_by
from mapping.hotspots.levels import Level
from mapping.hotspots.rehearsal import Rehearsal

GROUPS: Final = 10
TOTAL: Final = "total"
COLUMNS: Final = ("group", "cells", "expected", "low", "high")
LEAST_VARIATION: Final = 0.03  # relative, beyond chance: no total is known better than to 3 % of itself
UNKNOWN_VARIATION: Final = 0.12  # relative, where nothing was rehearsed
HALF_LIFE_MONTHS: Final = 4.0  # after a shock the next months are less sure than those before it
# Few months tell the variation badly: Student's quantile at 5 degrees of freedom over the normal's, squared.
DOUBTED_BY: Final = (2.015 / 1.645) ** 2
PRIOR_MONTHS: Final = 1.0  # how many rehearsed months the unknown variation weighs as much as
PRIOR_EVENTS: Final = 50.0  # a group's own ratio of came to expected is held to 1 as by so many events


@dataclass(frozen=True)
class Errors:
    """What was expected and what came in the rehearsed months.

    Attributes
    ----------
    expected, came : float arrays, shape (months, GROUPS)
        Whole events by tenths of what was expected.
    total_expected, total_came : float arrays, shape (months of the level,)
    placed_share : float
        Whole events over all, 0-1: of what is foretold, the groups' `came` shows so much.
    """

    expected: FloatArray
    came: FloatArray
    total_expected: FloatArray
    total_came: FloatArray
    placed_share: float = 1.0

    @classmethod
    def none(cls) -> "Errors":
        """Return what is known where nothing was rehearsed."""
        return cls(np.empty((0, GROUPS)), np.empty((0, GROUPS)), np.empty(0), np.empty(0))


def tenths(expected: FloatArray) -> IntArray:
    """Return the group of each cell, 0 for the hottest, each with about a tenth of what is expected."""
    order = np.argsort(-expected, kind="stable")
    total = float(expected.sum())
    group = np.zeros(len(expected), dtype=np.int64)
    if total <= 0:
        return group
    middle = (np.cumsum(expected[order]) - expected[order] / 2) / total
    group[order] = np.minimum((middle * GROUPS).astype(np.int64), GROUPS - 1)
    return group


def measure_errors(rehearsal: Rehearsal, forecasts: list[FloatArray], level: Level) -> Errors:
    """Add up, by tenths, what was expected of each rehearsed month and what came."""
    history = rehearsal.history
    placed = float(history.own_placed(0, len(history.days))[history.study].sum())
    share = placed / max(float(history.totals().sum()), 1.0)
    expected, came = [], []
    for origin, made, events in zip(rehearsal.origins, forecasts, rehearsal.events, strict=True):
        total = level.rate(history, origin) * history.days[origin] * share
        scaled = made * (total / max(float(made.sum()), 1e-300))
        group = tenths(scaled)
        expected.append(sum_by(group, scaled, GROUPS))
        came.append(sum_by(group, events, GROUPS))
    return Errors(np.array(expected), np.array(came), level.expected, level.came, share)


def variation(expected: FloatArray, came: FloatArray) -> float:
    """Return the squared relative variation beyond chance, of totals that were foretold, oldest first.

    The method of moments for negative-binomial counts: the mean of ((y - m)^2 - m) / m^2, the months
    weighted by m^2. Taken over all months alike and with the late ones counting more, and the
    larger of the two, so that a shock widens what follows it. It is held to `UNKNOWN_VARIATION` as by
    one more month, widened by what so few months leave in doubt, and never below `LEAST_VARIATION`.
    """
    faded = 0.5 ** (np.arange(len(expected))[::-1] / HALF_LIFE_MONTHS)
    found = max(_moments(expected, came, weights) for weights in (np.ones(len(expected)), faded))
    return max(found * DOUBTED_BY, LEAST_VARIATION**2)


def _moments(expected: FloatArray, came: FloatArray, weights: FloatArray) -> float:
    squares = float(weights @ expected**2)
    if squares == 0:  # nothing rehearsed, or nothing expected of this group
        return UNKNOWN_VARIATION**2
    prior = PRIOR_MONTHS * float((expected**2).mean())
    excess = float(weights @ ((came - expected) ** 2 - expected))
    return (excess + prior * UNKNOWN_VARIATION**2) / (squares + prior)


def interval(expected: FloatArray, errors: Errors, *, level: float = 0.9) -> pd.DataFrame:
    """Return expected events and their interval, in all and by tenths of what is expected.

    Parameters
    ----------
    expected : float array, shape (n,)
        Events expected per study cell in the coming period.
    errors : Errors
    level : float
        Chance that what comes lies between `low` and `high`, both included.

    Returns
    -------
    DataFrame
        `COLUMNS`: a row `total`, then rows `1` (the hottest cells) to `10`.

    Notes
    -----
    A group that held more or less than was expected of it in the rehearsed months is corrected by the
    ratio, and the ten are made to add up to the total again. The interval is of a negative-binomial count.
    It covers what the months already seen were like; it does not cover a change that has no precedent in
    them, a lockdown or a new way of recording.
    """
    group = tenths(expected)
    total = float(expected.sum())
    foretold = sum_by(group, expected, GROUPS)
    ratio = (errors.came.sum(axis=0) + PRIOR_EVENTS) / (errors.expected.sum(axis=0) + PRIOR_EVENTS)
    corrected = foretold * ratio
    corrected *= total / max(float(corrected.sum()), 1e-300)
    spread = _group_variation(errors, ratio)
    rows = [_row(TOTAL, len(expected), total, variation(errors.total_expected, errors.total_came), level)]
    cells = np.bincount(group, minlength=GROUPS)
    rows += [
        _row(str(k + 1), int(cells[k]), float(corrected[k]), float(spread[k]), level) for k in range(GROUPS)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _group_variation(errors: Errors, ratio: FloatArray) -> FloatArray:
    """Return each group's variation beyond chance: half its own, half that of all ten together."""
    expected = errors.expected * ratio
    own = np.array([variation(expected[:, k], errors.came[:, k]) for k in range(GROUPS)])
    return np.asarray((own + own.mean()) / 2)


def _row(
    name: str, cells: int, expected: float, spread: float, level: float
) -> tuple[str, int, float, float, float]:
    from scipy.stats import nbinom

    if expected <= 0:
        return name, cells, 0.0, 0.0, 0.0
    size = 1.0 / spread
    tails = nbinom.ppf([(1 - level) / 2, (1 + level) / 2], size, size / (size + expected))
    return name, cells, expected, float(tails[0]), float(tails[1])


def place_intervals(
    monthly: FloatArray, usual: FloatArray, foretold: FloatArray, *, level: float = 0.9
) -> tuple[FloatArray, FloatArray]:
    """Return between what and what single places will lie.

    Parameters
    ----------
    monthly : float array, shape (places, months)
        Whole events of each place.
    usual : float array, shape (months,)
        Events of the whole area, which say how busy each month was.
    foretold : float array, shape (places,)
        Events foretold of each place in the coming period.
    level : float

    Returns
    -------
    low, high : float arrays, shape (places,)
        Of a negative-binomial count: the variation of months about a place's own level, half its own
        and half that of all places, widened for so few months; and what its own count leaves in doubt
        of that level (1 over the count).

    Notes
    -----
    A place that was chosen because it was high will on average be a little lower than it was; that is in
    what is foretold, where the method shrinks, and not here.
    """
    from scipy.stats import nbinom

    if not len(monthly):
        return np.empty(0), np.empty(0)
    share = usual / max(float(usual.sum()), 1.0)
    own = monthly.sum(axis=1)
    expected = own[:, None] * share
    excess, squares = (monthly - expected) ** 2 - expected * (1 - share), expected**2
    pooled = float(excess.sum()) / max(float(squares.sum()), 1.0)
    alone = excess.sum(axis=1) / np.maximum(squares.sum(axis=1), 1.0)
    beyond = np.maximum((np.maximum(alone, 0.0) + pooled) / 2 * DOUBTED_BY, LEAST_VARIATION**2)
    size = 1.0 / (beyond + 1.0 / np.maximum(own, 1.0))
    chance = size / (size + np.maximum(foretold, 1e-9))
    return nbinom.ppf((1 - level) / 2, size, chance), nbinom.ppf((1 + level) / 2, size, chance)
