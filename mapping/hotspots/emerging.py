"""The history of a place in one word: new, persistent, sporadic and so on (emerging hotspots).

Each month says of each place whether it was hot or cold, and how far it stood from its share;
the class follows from these alone. How the months are judged is in `judge_steps`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from mapping.hotspots.grid import FloatArray
from mapping.hotspots.mann_kendall import assess_trend
from mapping.hotspots.null_model import Null
from mapping.hotspots.significance import control_fdr, upper_tail

BoolArray = npt.NDArray[np.bool_]
ObjectArray = npt.NDArray[np.object_]

MIN_STEPS: Final = 10
MOSTLY: Final = 0.9  # of all steps hot: intensifying, persistent, diminishing or historical
WINDOW: Final = 3  # months that a step's flags look at
FLAG_LEVEL: Final = 0.05  # share of false flags allowed in one step
TREND_LEVEL: Final = 0.05

NEW: Final = "new"
CONSECUTIVE: Final = "consecutive"
INTENSIFYING: Final = "intensifying"
PERSISTENT: Final = "persistent"
DIMINISHING: Final = "diminishing"
SPORADIC: Final = "sporadic"
OSCILLATING: Final = "oscillating"
HISTORICAL: Final = "historical"
NONE: Final = "none"
TOO_SHORT: Final = "too short"

# What each class means, as a sentence a councillor reads.
MEANINGS: Final = {
    NEW: "Hot for the first time in the latest month.",
    CONSECUTIVE: "Hot in each of the last months, and never before them.",
    INTENSIFYING: "Hot in nine of ten months or more, and getting worse.",
    PERSISTENT: "Hot in nine of ten months or more, without a clear rise or fall.",
    DIMINISHING: "Hot in nine of ten months or more, and easing.",
    SPORADIC: "Hot now, and on and off before.",
    OSCILLATING: "Hot now, but clearly quiet at times before.",
    HISTORICAL: "Hot in nine of ten months or more, but not in the latest.",
    NONE: "No pattern from month to month.",
    TOO_SHORT: "Fewer than ten months: too short to say how it has gone.",
}
# The classes that say something: all but "none" and "too short".
HISTORIES: Final = tuple(name for name in MEANINGS if name not in (NONE, TOO_SHORT))


@dataclass(frozen=True)
class Steps:
    """What each month says of each place, gaps left out: three arrays of shape (places, steps)."""

    hot: BoolArray
    cold: BoolArray
    scores: FloatArray


def classify(hot: BoolArray, cold: BoolArray, scores: FloatArray) -> ObjectArray:
    """Name the history of each place.

    With H the share of steps that are hot, the first that fits:

    - too short: fewer than ten steps;
    - new: hot in the last step and never before;
    - intensifying, diminishing, persistent: hot in the last step and H at least 90 %; the scores
      rise, fall (Mann-Kendall, two-sided 5 %), or do neither;
    - historical: not hot in the last step, H at least 90 %;
    - consecutive: one unbroken run of hot steps, two or more, that ends with the last; H below 90 %;
    - oscillating: hot in the last step, cold in some step, H below 90 %;
    - sporadic: hot in the last step, never cold, H below 90 %;
    - none: the rest.

    Parameters
    ----------
    hot, cold : bool arrays, shape (places, steps)
        Whether each place had clearly more, or fewer, than its share; oldest step first.
    scores : float array, shape (places, steps)
        How far it stood from its share; steps independent of each other.

    Returns
    -------
    object array of str, shape (places,)

    Raises
    ------
    ValueError
        The three differ in shape, or a step is both hot and cold.

    Notes
    -----
    Says how a place went, not why, and not that it will go on. "New" is of this record: what
    happened before its first month is not known. Where the published definitions overlap (a
    single run of hot months after a cold one) the first of the list is taken.

    References
    ----------
    Esri. How Emerging Hot Spot Analysis works. ArcGIS Pro documentation, Space Time Pattern
    Mining toolbox. (The eight classes of hot places.)
    """
    if not hot.shape == cold.shape == scores.shape or hot.ndim != 2:
        raise ValueError(f"Flags and scores must be tables alike; {hot.shape}, {cold.shape}, {scores.shape}.")
    if (hot & cold).any():
        raise ValueError("A place cannot be hot and cold in one step.")
    places, steps = hot.shape
    if steps < MIN_STEPS:
        return np.full(places, TOO_SHORT, dtype=object)
    times = hot.sum(axis=1)
    last, mostly = hot[:, -1], times >= MOSTLY * steps - 1e-9
    run = np.where(hot.all(axis=1), steps, np.argmin(hot[:, ::-1], axis=1))  # hot steps at the very end
    trend = np.zeros(places)
    always = np.flatnonzero(last & mostly)
    tau, p_value = assess_trend(scores[always])
    trend[always] = np.where(p_value < TREND_LEVEL, np.sign(tau), 0.0)
    return np.select(
        [
            last & (times == 1),
            last & mostly & (trend > 0),
            last & mostly & (trend < 0),
            last & mostly,
            mostly,
            last & (run == times),
            last & cold.any(axis=1),
            last,
        ],
        [NEW, INTENSIFYING, DIMINISHING, PERSISTENT, HISTORICAL, CONSECUTIVE, OSCILLATING, SPORADIC],
        default=NONE,
    ).astype(object)


def judge_steps(
    counts: FloatArray, totals: FloatArray, shares: npt.ArrayLike, month_days: npt.ArrayLike
) -> Steps:
    """Say of each month and place whether it was hot or cold, and how far from its share.

    A month alone holds too few reports to say anything of one street, so flags look at three
    months: the month and the two before it (the first two months share the window of the third).
    A flag is an exact binomial tail of the place's count in the window, given what its ward had,
    corrected over all places of that step; hot and cold are each looked for at 5 %. Scores are of
    the month alone, so that they do not overlap: twice the difference of the square roots of
    count and expected (each with 3/8 added), about one standard deviation a unit at any count.

    Parameters
    ----------
    counts : float array, shape (places, months)
        Whole incidents of each place, oldest month first.
    totals : float array, shape (places, months)
        Whole incidents of the ward (or wards) that each place is held against.
    shares : array-like of float in 0-1, shape (places,)
        Share of the ward's incidents that each place would hold if it did not stand out. A place
        with share 0 is not tested and never hot or cold.
    month_days : array-like of float, shape (months,)
        Days with data in each month; a month with none is no step.

    Returns
    -------
    Steps
        With as many steps as there are months with data.

    Notes
    -----
    Cold can only be seen where several reports are expected in three months. Places that were
    chosen because they are hot over all months pass more easily than places taken at random.
    Windows that overlap flag neighbouring months together: one burst can make three hot steps.

    References
    ----------
    Anscombe, F. (1948). The transformation of Poisson, binomial and negative-binomial data.
    Biometrika, 35, 246-254.
    """
    is_step = np.asarray(month_days, dtype=np.float64) > 0
    count, total = np.asarray(counts)[:, is_step], np.asarray(totals)[:, is_step]
    share = np.clip(np.asarray(shares, dtype=np.float64), 0.0, 1.0)
    hot, cold = np.zeros(count.shape, dtype=bool), np.zeros(count.shape, dtype=bool)
    tested = share > 0
    for step in range(count.shape[1]):
        until = max(step + 1, min(WINDOW, count.shape[1]))
        window = slice(max(0, until - WINDOW), until)
        came, whole = count[tested, window].sum(axis=1), total[tested, window].sum(axis=1)
        hot[tested, step] = control_fdr(upper_tail(came, whole, share[tested])) < FLAG_LEVEL
        cold[tested, step] = control_fdr(upper_tail(whole - came, whole, 1 - share[tested])) < FLAG_LEVEL
    expected = total * share[:, None]
    return Steps(hot, cold & ~hot, 2 * (np.sqrt(count + 3 / 8) - np.sqrt(expected + 3 / 8)))


def place_trends(
    counts: FloatArray, totals: FloatArray, shares: npt.ArrayLike, month_days: npt.ArrayLike
) -> ObjectArray:
    """Judge the months of some places, as `judge_steps` takes them, and name each history.

    Returns
    -------
    object array of str, shape (places,)
    """
    steps = judge_steps(counts, totals, shares, month_days)
    return classify(steps.hot, steps.cold, steps.scores)


def cell_trends(counts: FloatArray, null: Null, month_days: npt.ArrayLike) -> ObjectArray:
    """Name the history of every study cell, held against its ward month by month.

    Parameters
    ----------
    counts : float array, shape (study cells, months)
        Whole incidents, oldest month first.
    null : Null
        Over the same cells.
    month_days : array-like of float, shape (months,)
        Days with data in each month; a month with none is no step.

    Returns
    -------
    object array of str, shape (study cells,)
    """
    by_month = [null.ward_totals(month)[null.ward] for month in np.asarray(counts).T]
    return place_trends(counts, np.column_stack(by_month), null.share, month_days)
