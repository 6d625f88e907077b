"""When a place was last reported, and how much of it is of late: no finer than its reports know."""

import datetime as dt
import re
from typing import Final

import numpy as np
import pandas as pd

from mapping import wording
from mapping.hotspots.trends import RECENT_MONTHS
from mapping.periods import LONDON, british_date, local_months, month_label

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MONTH: Final = re.compile(r"\d{4}-\d\d")


def last_seen_on(incidents: pd.DataFrame) -> str:
    """Return the last day on which anything began here, or the month where no more is known.

    Parameters
    ----------
    incidents : DataFrame
        One place's, with `occurred_from` (UTC) and `time_precision`. Not changed.

    Returns
    -------
    str
        The last local day (`2026-09-14`) of those that are known to the day in the last month that
        holds any incident; that month (`2026-09`) where none in it is; empty where nothing is dated.
    """
    dated = incidents[incidents["occurred_from"].notna()]
    if dated.empty:
        return ""
    months = local_months(dated["occurred_from"])
    of_last = months == months.max()
    to_the_day = of_last & (dated["time_precision"] != "month").to_numpy(dtype=bool)
    if not to_the_day.any():
        return month_label(int(months.max()))
    moment = dated.loc[to_the_day, "occurred_from"].max()
    return moment.tz_convert(LONDON).date().isoformat()


def recent_share(monthly: np.ndarray) -> float:
    """Return the share of a place's incidents that came in the last three months, 0-1.

    Parameters
    ----------
    monthly : array of whole numbers, shape (months,)
        Incidents of each month of the period, oldest first.

    Returns
    -------
    float
        NaN where the period has no more than three months, so that all of it is of late, or where
        nothing came.
    """
    counts = np.asarray(monthly, dtype=np.float64)
    if len(counts) <= RECENT_MONTHS or counts.sum() == 0:
        return float("nan")
    return float(counts[-RECENT_MONTHS:].sum() / counts.sum())


def said(last_seen: str, monthly: np.ndarray) -> str:
    """Say when a place was last reported and what share of its reports is of late.

    Parameters
    ----------
    last_seen : str
        As `last_seen_on` gives it.
    monthly : array of whole numbers, shape (months,)
        As for `recent_share`.
    """
    parts = []
    if _DAY.fullmatch(last_seen):
        parts.append(f"Last reported on {british_date(dt.date.fromisoformat(last_seen))}.")
    elif _MONTH.fullmatch(last_seen):
        parts.append(f"Last reported in {dt.date.fromisoformat(f'{last_seen}-01'):%B %Y}; no day is known.")
    share = recent_share(monthly)
    if np.isfinite(share):
        recent, total = int(np.sum(monthly[-RECENT_MONTHS:])), int(np.sum(monthly))
        parts.append(
            f"{recent:,} of its {wording.reports(total)} ({100 * share:.0f}\u00a0%) came in the last "
            f"{RECENT_MONTHS} of {len(monthly)} months."
        )
    return " ".join(parts)
