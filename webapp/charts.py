"""Charts drawn by the server: plain shapes with class names, so that no style needs to be inline.

Everything here is pure; the template draws what these say and puts the same figures in a table.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from mapping.hotspots.aoristic import hour_profile

WIDTH: Final = 680
HEIGHT: Final = 240
LEFT: Final = 44
TOP: Final = 26
BOTTOM: Final = 44
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BLOCK_HOURS: Final = 3


@dataclass(frozen=True)
class Bar:
    """One month: where its bar stands in the drawing, and what it says."""

    month: str
    count: int
    x: float
    y: float
    width: float
    height: float
    label: str
    is_last: bool


@dataclass(frozen=True)
class MonthChart:
    """Bars, grid lines as (y, value), and the height of what is usual a month, or None."""

    bars: tuple[Bar, ...]
    grid: tuple[tuple[float, int], ...]
    usual_a_month: float | None
    usual_y: float | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


def month_chart(months: Sequence[str], counts: Sequence[int], expected_count: float) -> MonthChart:
    """Lay out counts by month.

    Parameters
    ----------
    months : labels such as `2025-01`, oldest first
    counts : whole incidents of each, same length
    expected_count : what the place usually has over all these months; NaN where not known

    Raises
    ------
    ValueError
        The two differ in length.
    """
    if len(months) != len(counts):
        raise ValueError(f"{len(months)} months came with {len(counts)} counts; there must be one for each.")
    usual = None if math.isnan(expected_count) or not counts else expected_count / len(counts)
    step = _step(max([*counts, usual or 0, 1]))
    top_value = step * math.ceil(max([*counts, usual or 0, 1]) / step)
    base, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP

    def level(value: float) -> float:
        return round(base - room * value / top_value, 1)

    slot = (WIDTH - LEFT) / max(1, len(counts))
    bars = tuple(
        Bar(
            month=month,
            count=count,
            x=round(LEFT + slot * index + slot * 0.15, 1),
            y=level(count),
            width=round(slot * 0.7, 1),
            height=round(base - level(count), 1),
            label=_label(month, index, len(months)),
            is_last=index == len(months) - 1,
        )
        for index, (month, count) in enumerate(zip(months, counts, strict=True))
    )
    grid = tuple((level(value), value) for value in range(0, top_value + 1, step))
    return MonthChart(bars, grid, usual, None if usual is None else level(usual))


def _step(largest: float) -> int:
    """Return a round distance between grid lines that gives three to six of them."""
    for step in (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000):
        if largest / step <= 5:
            return step
    return 10 ** math.ceil(math.log10(largest / 5))


def _label(month: str, index: int, total: int) -> str:
    """Name every month of a short series, every third of a long one; the year where it begins."""
    if total > 12 and index % 3:
        return ""
    day = dt.date(int(month[:4]), int(month[5:7]), 1)
    return f"{day:%b %Y}" if index == 0 or (total <= 12 and day.month == 1) or total > 12 else f"{day:%b}"


@dataclass(frozen=True)
class WeekTable:
    """Reports by day and block of hours: rows of (day, [(reports, shade 0-4), ...]).

    A report known between two moments lies in parts in the blocks between them.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[float, int], ...]], ...]
    timed: int
    untimed: int


def week_table(incidents: pd.DataFrame) -> WeekTable:
    """Count incidents by weekday and three-hour block of the London clock.

    Only those whose hours are known are placed (`aoristic.hour_profile`); the others are counted as untimed.
    """
    profile = hour_profile(incidents)
    grid = profile.weights.reshape(7, -1, BLOCK_HOURS).sum(axis=2).round(1)
    largest = max(4.0, float(grid.max()))  # one or two reports are never the strongest shade
    rows = tuple(
        (day, tuple((float(count), _shade(float(count), largest)) for count in line))
        for day, line in zip(DAYS, grid, strict=True)
    )
    heads = tuple(f"{hour:02d}–{hour + BLOCK_HOURS:02d}" for hour in range(0, 24, BLOCK_HOURS))
    return WeekTable(heads, rows, profile.timed, profile.left_out)


def _shade(count: float, largest: float) -> int:
    """Return 0 for nothing, else one of four shades by share of the largest."""
    return math.ceil(4 * count / largest)
