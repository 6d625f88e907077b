"""What is unusual now: the last 24 hours and 7 days against normal, by ward and category.

Two counts are compared exactly: given both, how the events fall on now and on before is binomial where they
come independently, and beta-binomial where they come in clumps; no rate has to be known.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.errors import TooLittleDataError
from mapping.hotspots.grid import FloatArray, IntArray
from mapping.hotspots.moments import middles_of, spans_of
from mapping.hotspots.significance import control_fdr, upper_tail
from mapping.periods import LONDON
from mapping.wording import chance, quantity, reports

WINDOWS_DAYS: Final = (1, 7)
HISTORY_WEEKS: Final = 13  # a quarter: long enough to know a rate, short enough to stay in the season
MIN_WEEKS: Final = 4
# An event must be known to within half the window, or nobody can say on which side of its edge it lies.
KNOWN_SHARE: Final = 0.5
LEAST_EXCESS: Final = (
    1e-3  # of the dispersion over 1; with less the beta-binomial is the binomial, and overflows
)

COLUMNS: Final = {
    "category": "",
    "ward_gss_code": "",
    "window_days": "1 or 7",
    "count": "events in the window",
    "normal": "events of the time before, per window",
    "ratio": "count / normal; infinite where there were none before",
    "dispersion": "variance of the windows before over their mean; 1 or more",
    "p_value": "one-sided, exact: at least this many by chance, given all events and the dispersion",
    "p_value_fdr": "corrected over all wards and categories of one window",
    "left_out": "events of now and before whose time is not known well enough",
    "words": "one sentence without the place",
}


def two_poisson_p(
    count: npt.ArrayLike,
    exposure: npt.ArrayLike,
    before: npt.ArrayLike,
    exposure_before: npt.ArrayLike,
    dispersion: npt.ArrayLike = 1.0,
) -> FloatArray:
    """Return the chance of at least `count` events now if the rate were what it was before.

    Parameters
    ----------
    count, before : array-like of whole numbers, shape (n,)
        Events now and before.
    exposure, exposure_before : array-like of float above 0, shape (n,) or ()
        Lengths of time (or numbers of like windows) that they were counted over.
    dispersion : array-like of float, 1 or more, shape (n,) or ()
        Variance of a count over its mean: 1 where events come independently, more where one quarrel
        brings four calls.

    Notes
    -----
    Exact and one-sided. With a dispersion d above 1 the counts are negative binomial, of variance d
    times their mean; given all N events, those of now are then beta-binomial with the share of time as
    mean and N / (d - 1) as concentration. The dispersion is taken as known: where it is estimated too
    low, the unusual is found too often.

    References
    ----------
    Przyborowski, J. & Wilenski, H. (1940). Homogeneity of results in testing samples from Poisson
    series. Biometrika, 31, 313-323.
    Johnson, N. L., Kemp, A. W. & Kotz, S. (2005). Univariate Discrete Distributions, 3rd edition,
    chapter 6 (the negative hypergeometric, or beta-binomial, as negative binomials given their sum).
    """
    now, then = np.asarray(count, dtype=np.float64), np.asarray(before, dtype=np.float64)
    length, length_before = np.asarray(exposure, dtype=np.float64), np.asarray(exposure_before, np.float64)
    excess = np.broadcast_to(np.asarray(dispersion, dtype=np.float64) - 1.0, now.shape)
    firm = np.divide(now + then, excess, out=np.full(now.shape, np.inf), where=excess >= LEAST_EXCESS)
    return upper_tail(now, now + then, length / (length + length_before), firm)


def exceedances(
    incidents: pd.DataFrame,
    *,
    now: pd.Timestamp,
    data_from: pd.Timestamp,
    same_weekday: bool = True,
    weeks: int = HISTORY_WEEKS,
) -> pd.DataFrame:
    """Hold the last 24 hours and the last 7 days of each category and ward against normal.

    Parameters
    ----------
    incidents : DataFrame
        In a ward, with `category`, `ward_gss_code`, `occurred_from`, `occurred_to` (UTC) and
        `time_precision`.
    now : Timestamp, UTC
        End of the windows, not included: the last moment the sources are complete to.
    data_from : Timestamp, UTC
        First moment the sources speak of.
    same_weekday : bool
        Whether 24 hours are held against the same 24 hours of the weeks before, or else
        against all days of those weeks. Seven days always hold one of each.
    weeks : int
        The most weeks that make "before"; they end where the last seven days begin.

    Returns
    -------
    DataFrame
        As `COLUMNS`, the most unusual first; a row for each ward, category and window with an
        event then or now; empty where there is none.

    Raises
    ------
    TooLittleDataError
        There are fewer than four whole weeks before the last seven days.

    Notes
    -----
    Only events known to within half the window count: none known to the month, and to the day only
    in the seven days. Windows are days of the clock, so one with a change of clocks is
    an hour longer or shorter. Late reports make the latest window look quiet, never busy.
    Events that come in clumps widen the test: by the variance over the mean of the row's own windows
    before, or by that of all wards of its category together where that is more, as few windows tell
    little of one row. Doubt so falls on the side of saying nothing.
    A row says that there is more than before, not that it matters.
    """
    age_hours = _ages(incidents, now)
    length = min(weeks, (_clock(now) - _clock(data_from)) // pd.Timedelta(weeks=1) - 1)
    if length < MIN_WEEKS:
        raise TooLittleDataError(
            f"Only {max(0, length)} whole weeks come before the last seven days; at least {MIN_WEEKS} are "
            "needed to say what is normal. Bring in an older extract."
        )
    looked_at = (age_hours > 0) & (age_hours <= 7 * 24 * (length + 1))
    key = pd.MultiIndex.from_frame(incidents.loc[looked_at, ["category", "ward_gss_code"]])
    groups = key.unique().sort_values()
    group, kind = groups.get_indexer(key), groups.codes[0].astype(np.int64)
    spans, age_hours = spans_of(incidents)[looked_at], age_hours[looked_at]
    coarse = (incidents.loc[looked_at, "time_precision"] == "month").to_numpy()
    frames = []
    for days in WINDOWS_DAYS:
        known = ~coarse & (spans <= KNOWN_SHARE * 24 * days + 1)  # the longest day has 25 hours
        told = _compare(group, kind, age_hours, known, days, length, same_weekday=same_weekday)
        frames.append(groups.to_frame(index=False).assign(window_days=days, **told))
    found = pd.concat(frames, ignore_index=True)
    found = found[(found["count"] > 0) | (found["normal"] > 0)]
    facts = (found[name] for name in ("count", "normal", "window_days", "p_value_fdr"))
    found = found.assign(words=[_say(*row) for row in zip(*facts, strict=True)])
    order = found.sort_values(
        ["p_value_fdr", "p_value", "count"], ascending=[True, True, False], kind="stable"
    )
    return order[list(COLUMNS)].reset_index(drop=True)


def _clock(moment: pd.Timestamp) -> pd.Timestamp:
    return moment.tz_convert(LONDON).tz_localize(None)


def _ages(incidents: pd.DataFrame, now: pd.Timestamp) -> FloatArray:
    """Return how long before `now` each event lies by the clock, in hours; 0 or less from `now` on.

    An event lies at the middle of what is known of it; of one whose window reaches past `now`, the
    past part alone is possible.
    """
    start = incidents["occurred_from"]
    middle = middles_of(incidents)
    past = start + (now - start) / 2
    middle = middle.where((middle < now) | (start >= now), past)
    clock = middle.dt.tz_convert(LONDON).dt.tz_localize(None)
    return np.asarray((_clock(now) - clock).dt.total_seconds(), dtype=np.float64) / 3600


def _compare(
    group: IntArray,
    kind: IntArray,
    age_hours: FloatArray,
    known: npt.NDArray[np.bool_],
    days: int,
    weeks: int,
    *,
    same_weekday: bool,
) -> dict[str, npt.NDArray[np.generic]]:
    """Count now and before by group and test; `age_hours` is above 0 and within the weeks looked at.

    `kind` is the category of each group, as a number.
    """
    size = len(kind)
    day = np.ceil(age_hours / 24).astype(np.int64) - 1  # 0 for the last 24 hours
    is_now = known & (day < days)
    before = known & (day >= 7)
    window, like = (day - 7) // days, weeks * 7 // days
    if days == 1 and same_weekday:
        before &= day % 7 == 0
        window, like = day // 7 - 1, weeks
    count = np.bincount(group[is_now], minlength=size)
    windows = np.bincount(group[before] * like + window[before], minlength=size * like).reshape(size, like)
    earlier = windows.sum(axis=1)
    normal = earlier / like
    dispersion = _dispersion(windows, kind)
    p_value = two_poisson_p(count, 1.0, earlier, float(like), dispersion)
    corrected, tested = np.ones(size), count + earlier > 0
    corrected[tested] = control_fdr(p_value[tested])
    return {
        "count": count,
        "normal": normal,
        "ratio": np.divide(count, normal, out=np.where(count > 0, np.inf, np.nan), where=normal > 0),
        "dispersion": dispersion,
        "p_value": p_value,
        "p_value_fdr": corrected,
        "left_out": np.bincount(group[~known], minlength=size),
    }


def _dispersion(windows: IntArray, kind: IntArray) -> FloatArray:
    """Return variance over mean of each row's windows, or of its kind's together where that is more."""
    mean, variance = windows.mean(axis=1), windows.var(axis=1, ddof=1)
    own = np.divide(variance, mean, out=np.ones(len(mean)), where=mean > 0)
    means, variances = np.bincount(kind, weights=mean), np.bincount(kind, weights=variance)
    shared = np.divide(variances, means, out=np.ones(len(means)), where=means > 0)
    return np.asarray(np.maximum(np.maximum(own, shared[kind]), 1.0))


def _say(count: int, normal: float, days: int, p_value: float) -> str:
    window = "24 hours" if days == 1 else f"{days} days"
    usual = f"{quantity(normal)} normal" if normal > 0 else "none before"
    times = f"{quantity(count / normal)} times; " if normal > 0 and count > 0 else ""
    return f"{reports(count)} in the last {window}, {usual} ({times}{chance(p_value)})."
