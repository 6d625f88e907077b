"""Past events by month and cell: what every score is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from mapping.hotspots.grid import FloatArray, Grid, IntArray
from mapping.hotspots.spreading import Spread

NO_DAY: Final = -1
WHOLE_MONTH_DAYS: Final = 28.0  # what is shorter is a month that has not ended

Scorer = Callable[["History", int], FloatArray]


@dataclass(frozen=True)
class History:
    """Past events by month and cell.

    Events whose place is known to within one cell are whole and in their cell; doubtful ones are
    weights laid over several. Scores are made of both, what is tested or judged of whole ones alone.

    Attributes
    ----------
    grid : Grid
    months : int array, shape (n,)
        Month of each whole event, 0 for the oldest; sorted.
    cells : int array, shape (n,)
        Cell of each whole event; `OFF_GRID` events are not here.
    is_own : bool array, shape (n,)
        Whether the event is of the category being scored.
    days : float array, shape (months in the history,)
        Length of each month in days; 0 where the month holds no data at all (a gap is not a
        quiet month).
    spread : Spread, optional
        The doubtful events.
    day : int array, shape (n,), optional
        Calendar days from the first day of month 0 to each whole event, where its date is known;
        `NO_DAY` where only its month is. Needed by the near-repeat part alone.
    month_starts : int array, shape (months + 1,), optional
        Calendar days from the first day of month 0 to that of each month and of the one after the
        last; needed with `day`, because `days` says nothing of the length of a gap.
    """

    grid: Grid
    months: IntArray
    cells: IntArray
    is_own: npt.NDArray[np.bool_]
    days: FloatArray
    spread: Spread | None = None
    day: IntArray | None = None
    month_starts: IntArray | None = None
    study: IntArray = field(init=False)
    ward: IntArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "study", self.grid.study_cells)
        object.__setattr__(self, "ward", self.grid.ward_of_cell[self.study])

    @property
    def has_others(self) -> bool:
        """Whether any event is of another category."""
        return not bool(self.is_own.all()) or (self.spread is not None and self.spread.has_others)

    @property
    def has_days(self) -> bool:
        """Whether the date of most own events is known, and not their month alone."""
        if self.day is None or self.month_starts is None or not self.is_own.any():
            return False
        return bool((self.day[self.is_own] != NO_DAY).mean() > 0.5)

    def own(self, first: int, end: int) -> FloatArray:
        """Add up own events per lattice cell from month `first` up to but not including `end`.

        Doubtful ones count with the part that each cell has of them.
        """
        counts = self.own_placed(first, end)
        return counts if self.spread is None else self._add(self.spread.own[first:end], counts)

    def everything(self, first: int, end: int) -> FloatArray:
        """Add up events of all categories per lattice cell, as `own`."""
        counts = self.everything_placed(first, end)
        return counts if self.spread is None else self._add(self.spread.everything[first:end], counts)

    def own_placed(self, first: int, end: int) -> FloatArray:
        """Count own whole events per lattice cell, half-open as `own`."""
        return self._count(first, end, own_only=True)

    def everything_placed(self, first: int, end: int) -> FloatArray:
        """Count whole events of all categories per lattice cell, half-open as `own`."""
        return self._count(first, end, own_only=False)

    def own_between(self, first_day: int, end_day: int) -> FloatArray:
        """Count own whole events per lattice cell from `first_day` up to but not including `end_day`."""
        if self.day is None:
            return np.zeros(self.grid.size)
        chosen = self.is_own & (self.day >= max(first_day, 0)) & (self.day < end_day)
        return self.grid.count(self.cells[chosen])

    def totals(self) -> FloatArray:
        """Add up own events of each month in the study area, shape (months,)."""
        inside = self.is_own & (self.grid.ward_of_cell[self.cells] >= 0)
        counts = np.bincount(self.months[inside], minlength=len(self.days)).astype(np.float64)
        return counts if self.spread is None else counts + self.spread.own.sum(axis=1)

    def span(self, first: int, end: int) -> float:
        """Return the days with data from month `first` up to `end`."""
        return float(self.days[first:end].sum())

    def whole_months(self) -> int:
        """Return the number of months up to the last that has ended: a month begun is left out."""
        length = len(self.days)
        while length and 0 < self.days[length - 1] < WHOLE_MONTH_DAYS:
            length -= 1
        return length

    def until(self, end: int) -> "History":
        """Return what was known before month `end`."""
        stop = int(np.searchsorted(self.months, end))
        return History(
            self.grid, self.months[:stop], self.cells[:stop], self.is_own[:stop], self.days[:end],
            self.spread and self.spread.until(end),
            None if self.day is None else self.day[:stop],
            None if self.month_starts is None else self.month_starts[: end + 1],
        )  # fmt: skip

    def placed_only(self) -> "History":
        """Return the history as if the doubtful events had never been told."""
        return replace(self, spread=None)

    def _count(self, first: int, end: int, *, own_only: bool) -> FloatArray:
        start, stop = np.searchsorted(self.months, [first, end])
        cells = self.cells[start:stop]
        return self.grid.count(cells[self.is_own[start:stop]] if own_only else cells)

    def _add(self, doubtful: FloatArray, counts: FloatArray) -> FloatArray:
        counts[self.study] += doubtful.sum(axis=0)
        return counts


def smooth(counts: FloatArray, grid: Grid, bandwidth_m: float) -> FloatArray:
    """Spread lattice counts by a Gaussian kernel; `bandwidth_m` is its standard deviation.

    Counts beyond the lattice are taken as none; the margin keeps that away from the wards.
    """
    from scipy.ndimage import gaussian_filter

    surface = counts.reshape(grid.rows, grid.columns)
    spread = gaussian_filter(surface, bandwidth_m / grid.cell_size_m, mode="constant", truncate=4.0)
    return np.asarray(spread).ravel()
