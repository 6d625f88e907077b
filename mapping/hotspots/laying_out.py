"""A period's incidents laid out by month and cell: what scores and tests are made of."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import periods
from mapping.errors import TooLittleDataError
from mapping.hotspots.dated import known_to_the_day, local_days
from mapping.hotspots.grid import OFF_GRID, FloatArray, Grid, IntArray
from mapping.hotspots.history import NO_DAY
from mapping.hotspots.placed import is_coarse
from mapping.hotspots.scoring import History
from mapping.hotspots.spreading import ANYWHERE, Spread, spread_by_month
from mapping.periods import Period

_EPOCH = dt.date(1970, 1, 1).toordinal()


def build_history(
    incidents: pd.DataFrame, grid: Grid, period: Period, categories: Sequence[str] = ()
) -> History:
    """Lay the located incidents of a period out by month and cell, the margin's included.

    Those known to within one cell lie whole in theirs. Coarse ones in a ward are spread over where
    they may lie; coarse ones outside every ward say nothing about any cell here and are left out.

    Raises
    ------
    TooLittleDataError
        None of them lies on the grid in that period, or none is known to within one cell.
    """
    located = incidents[(incidents["placement"] != "unlocated") & period.holds(incidents["occurred_from"])]
    in_doubt = is_coarse(located, grid.cell_size_m)
    doubtful = located[in_doubt & (located["placement"] == "in ward").to_numpy(dtype=bool)]
    located = located[~in_doubt]
    cells = grid.cell_of(located["easting_m"], located["northing_m"])
    located, cells = located[cells != OFF_GRID], cells[cells != OFF_GRID]
    if located.empty:
        raise TooLittleDataError(_nothing_placed(doubtful, grid, period))
    months, is_own = months_of(located, period), is_of(located, categories)
    order = np.argsort(months, kind="stable")
    days = month_days(period)
    known = np.concatenate([months, months_of(doubtful, period)])
    days[np.bincount(known, minlength=len(days)) == 0] = 0.0
    spread = _spread(doubtful, grid, period, categories, len(days)) if len(doubtful) else None
    day, month_starts = _days_of(located.iloc[order], period)
    return History(grid, months[order], cells[order], is_own[order], days, spread, day, month_starts)


def _days_of(incidents: pd.DataFrame, period: Period) -> tuple[IntArray, IntArray]:
    """Count each incident's day from the first of the period's first month, and where its months begin."""
    first = periods.month_number(period.start_on)
    starts = [periods.month_start(first + k).toordinal() for k in range(len(period.months()) + 1)]
    known = known_to_the_day(incidents)
    day = np.full(len(incidents), NO_DAY, dtype=np.int64)
    day[known] = local_days(incidents[known]) + _EPOCH - starts[0]
    return day, np.array(starts, dtype=np.int64) - starts[0]


def _nothing_placed(doubtful: pd.DataFrame, grid: Grid, period: Period) -> str:
    if doubtful.empty:
        return f"No located incident lies in these wards from {period}."
    return (
        f"None of the {len(doubtful):,} located incidents in these wards from {period} is known to within "
        f"one cell of {grid.cell_size_m:g} m; use cells of {np.ceil(doubtful['error_m'].median()):.0f} m, "
        "to which half of them are known."
    )


def months_of(incidents: pd.DataFrame, period: Period) -> IntArray:
    """Return the number of the month of each incident: 0 for the period's first, shape (n,)."""
    return periods.local_months(incidents["occurred_from"]) - periods.month_number(period.start_on)


def is_of(incidents: pd.DataFrame, categories: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Say of each incident whether it is of the categories; of any where none is named, shape (n,)."""
    if not categories:
        return np.ones(len(incidents), dtype=bool)
    return incidents["category"].isin(categories).to_numpy(dtype=bool)


def _spread(
    doubtful: pd.DataFrame, grid: Grid, period: Period, categories: Sequence[str], length: int
) -> Spread:
    """Spread coarse reports; one that states its ward by its code is kept to that ward."""
    stated = pd.Index(grid.ward_gss_codes).get_indexer(pd.Index(doubtful["stated_area"]))
    return spread_by_month(
        grid,
        easting_m=doubtful["easting_m"].to_numpy(dtype=np.float64),
        northing_m=doubtful["northing_m"].to_numpy(dtype=np.float64),
        error_m=doubtful["error_m"].to_numpy(dtype=np.float64),
        ward=np.where(stated >= 0, stated, ANYWHERE),
        months=months_of(doubtful, period),
        is_own=is_of(doubtful, categories),
        length=length,
    )


def month_days(period: Period) -> FloatArray:
    """Return how many days of the period lie in each of its months."""
    numbers = [periods.month_number(period.start_on) + k for k in range(len(period.months()))]
    return np.array(
        [
            (
                min(periods.month_start(n + 1), period.end_on) - max(periods.month_start(n), period.start_on)
            ).days
            for n in numbers
        ],
        dtype=np.float64,
    )
