"""Expected events per cell in the coming period.

A cell's own count is the best single witness of what it will hold next, and a poor one where
counts are small. `mixed` therefore shrinks it: the expected rate is a weighted sum of

- own: the cell's own rate over the whole history,
- recent: its own rate over the last three months,
- near, wide: the category's rate smoothed by Gaussian kernels,
- others: the rate of all categories in the cell, scaled to this category's total,
- others near: the same, smoothed,
- places: the ward's rate spread over the cells that are known to hold a report of any kind,
- ward: the ward's rate spread over all its cells.

Weights are those under which the months already seen would have been most likely, each month
foretold from the months before it (Poisson likelihood, rolling origins). There is nothing to tune
by hand and nothing random. See `docs/methods.md`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from mapping.errors import MappingError, TooLittleDataError
from mapping.hotspots.capture import AREA_SHARES, Capture, mean_pei, measure, pool
from mapping.hotspots.grid import FloatArray, Grid, IntArray, sum_by
from mapping.hotspots.spreading import Spread

METHODS: Final = ("auto", "count", "kernel", "mixed")
KERNEL_BANDWIDTHS_M: Final = (100.0, 150.0, 250.0)
NEAR_M: Final = 150.0
WIDE_M: Final = 400.0
RECENT_MONTHS: Final = 3
FIRST_ORIGIN: Final = 2  # months of history before the first month that is foretold
MOST_ORIGINS: Final = 6
EM_STEPS: Final = 200
SETTLED: Final = 1e-6

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
    """

    grid: Grid
    months: IntArray
    cells: IntArray
    is_own: npt.NDArray[np.bool_]
    days: FloatArray
    spread: Spread | None = None
    study: IntArray = field(init=False)
    ward: IntArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "study", self.grid.study_cells)
        object.__setattr__(self, "ward", self.grid.ward_of_cell[self.study])

    @property
    def has_others(self) -> bool:
        """Whether any event is of another category."""
        return not bool(self.is_own.all()) or (self.spread is not None and self.spread.has_others)

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

    def span(self, first: int, end: int) -> float:
        """Return the days with data from month `first` up to `end`."""
        return float(self.days[first:end].sum())

    def until(self, end: int) -> "History":
        """Return what was known before month `end`."""
        stop = int(np.searchsorted(self.months, end))
        return History(
            self.grid, self.months[:stop], self.cells[:stop], self.is_own[:stop], self.days[:end],
            self.spread and self.spread.until(end),
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


def components(history: History, end: int) -> tuple[tuple[str, ...], FloatArray]:
    """Make the parts that `mixed` weighs, from the months before `end`.

    Returns
    -------
    names : tuple of str
    rates : float array, shape (parts, study cells)
        Each part as events a day per study cell, and each on the scale of the category's total.
    """
    span = history.span(0, end)
    own_lattice = history.own(0, end)
    own = own_lattice[history.study]
    recent_from = max(0, end - RECENT_MONTHS)
    parts = {
        "own": own / span,
        "recent": history.own(recent_from, end)[history.study] / max(history.span(recent_from, end), 1.0),
        "near": smooth(own_lattice, history.grid, NEAR_M)[history.study] / span,
        "wide": smooth(own_lattice, history.grid, WIDE_M)[history.study] / span,
    }
    everything = history.everything(0, end)
    if history.has_others:
        scale = own.sum() / max(everything[history.study].sum(), 1.0) / span
        parts["others"] = everything[history.study] * scale
        parts["others near"] = smooth(everything, history.grid, NEAR_M)[history.study] * scale
    # A place that can hold a report is one where a report was placed: doubt falls on fields as well.
    used = history.everything_placed(0, end)[history.study] > 0
    parts["places"] = _spread_evenly(own, history.ward, used) / span
    parts["ward"] = _spread_evenly(own, history.ward, np.ones_like(used)) / span
    return tuple(parts), np.array(list(parts.values()))


def _spread_evenly(counts: FloatArray, ward: IntArray, holds: npt.NDArray[np.bool_]) -> FloatArray:
    """Give each of a ward's cells that `holds` an equal part of the ward's total."""
    wards = int(ward.max()) + 1 if len(ward) else 0
    total = sum_by(ward, counts, wards)
    room = sum_by(ward, holds, wards)
    return np.where(holds, (total / np.maximum(room, 1.0))[ward], 0.0)


def fit_weights(rates: FloatArray, events: FloatArray) -> FloatArray:
    """Find the non-negative weights of the parts that make the events most likely.

    Expectation-maximisation for a Poisson mixture of fixed parts; it converges to the one
    maximum, because the likelihood is concave in the weights.

    Parameters
    ----------
    rates : float array, shape (parts, n)
        What each part expects in each cell and month.
    events : float array, shape (n,)
        What came.

    Returns
    -------
    float array, shape (parts,)

    References
    ----------
    Dempster, A., Laird, N. & Rubin, D. (1977). Maximum likelihood from incomplete data via the
    EM algorithm. JRSS B, 39(1), 1-38.
    """
    seen = events > 0
    some, came = rates[:, seen], events[seen]
    totals = rates.sum(axis=1)
    usable = totals > 0
    weights = np.where(usable, 1.0 / max(usable.sum(), 1), 0.0)
    for _ in range(EM_STEPS):
        expected = np.maximum(weights @ some, 1e-300)
        before = weights
        weights = np.divide(
            weights * (some @ (came / expected)), totals, out=np.zeros_like(weights), where=usable
        )
        if np.abs(weights - before).max() < SETTLED:
            break
    return weights


def origins(history: History) -> list[int]:
    """List the months of the history that are foretold from those before them, oldest first."""
    last = len(history.days)
    possible = [o for o in range(FIRST_ORIGIN, last) if history.days[o] > 0 and history.span(0, o) > 0]
    return possible[-MOST_ORIGINS:]


def score_count(history: History, end: int) -> FloatArray:
    """Expect of each study cell what it held before: events a day."""
    return history.own(0, end)[history.study] / history.span(0, end)


def score_kernel(history: History, end: int, *, bandwidth_m: float) -> FloatArray:
    """Expect what a Gaussian kernel spreads from what was there before: events a day."""
    return smooth(history.own(0, end), history.grid, bandwidth_m)[history.study] / history.span(0, end)


class Mixture:
    """The weights of `mixed`, fitted once and used at any month."""

    def __init__(self, names: tuple[str, ...], weights: FloatArray) -> None:
        self.names = names
        self.weights = weights

    def __call__(self, history: History, end: int) -> FloatArray:
        """Expect the weighted sum of the parts: events a day per study cell."""
        return np.asarray(self.weights @ components(history, end)[1])

    def describe(self) -> str:
        """Say what share of the weight each part has, largest first."""
        order = np.argsort(-self.weights, kind="stable")
        share = self.weights / self.weights.sum()
        said = [f"{self.names[k]} {share[k]:.2f}" for k in order if share[k] >= 0.005]
        return f"mixed ({', '.join(said)})"


class Rehearsal:
    """The months already seen, each foretold from those before it.

    Holds the parts of every origin so that fitting with one month left out costs nothing more.
    What came is told by whole events alone: a doubtful one is no witness of where it happened.
    """

    def __init__(self, history: History) -> None:
        self.history = history
        self.origins = origins(history)
        if not self.origins:
            raise TooLittleDataError(
                f"{len(history.days)} months of data are too few to rehearse on; at least "
                f"{FIRST_ORIGIN + 1} months are needed to choose a method. Use `count` instead."
            )
        made = [components(history, origin) for origin in self.origins]
        self.names = made[0][0]
        self.rates = [rates for _, rates in made]
        self.events = [history.own_placed(o, o + 1)[history.study] for o in self.origins]

    def fit(self, *, without: int | None = None) -> Mixture:
        """Fit `mixed` on every rehearsed month, but for the one at position `without`.

        The weights are those for whole events; their level is then raised to that of all.
        """
        kept = [k for k in range(len(self.origins)) if k != without]
        rates = np.concatenate([self.rates[k] * self.history.days[self.origins[k]] for k in kept], axis=1)
        weights = fit_weights(rates, np.concatenate([self.events[k] for k in kept]))
        return Mixture(self.names, weights * self._level(kept))

    def _level(self, kept: list[int]) -> float:
        """Return all events of the rehearsed months over the whole ones: 1 where no place is in doubt."""
        if self.history.spread is None:
            return 1.0
        whole = sum(float(self.events[k].sum()) for k in kept)
        months = [self.origins[k] for k in kept]
        doubtful = float(self.history.spread.own[months].sum())
        return (whole + doubtful) / whole if whole else 1.0

    def forecasts(self) -> dict[str, list[FloatArray]]:
        """Foretell every rehearsed month by every method; `mixed` never sees the month it foretells."""
        made: dict[str, list[FloatArray]] = {"count": [score_count(self.history, o) for o in self.origins]}
        for bandwidth_m in KERNEL_BANDWIDTHS_M:
            made[kernel_name(bandwidth_m)] = [
                score_kernel(self.history, o, bandwidth_m=bandwidth_m) for o in self.origins
            ]
        if len(self.origins) > 1:
            made["mixed"] = [self.fit(without=k).weights @ self.rates[k] for k in range(len(self.origins))]
        return made


def kernel_name(bandwidth_m: float) -> str:
    """Name a kernel method by its bandwidth, e.g. `kernel 150 m`."""
    return f"kernel {bandwidth_m:.0f} m"


@dataclass(frozen=True)
class Choice:
    """The method that draws the map, and why.

    Attributes
    ----------
    method : str
        `count`, `kernel 150 m` ... or `mixed`.
    description : str
        The method with its weights.
    reason : str
        One sentence.
    scorer : callable
        History and month to events a day per study cell.
    rehearsed : list of (method, Capture)
        What each method held of the rehearsed months together.
    """

    method: str
    description: str
    reason: str
    scorer: Scorer
    rehearsed: list[tuple[str, Capture]]


def choose(history: History, *, method: str = "auto") -> Choice:
    """Choose how to score, by what would have held in the months already seen.

    `auto` keeps the plain count unless another method's mean PEI over the rehearsed months is
    higher by more than the standard error of that difference.

    Raises
    ------
    MappingError
        The method has no such name.
    """
    if method not in METHODS:
        raise MappingError(f"'{method[:30]}' is not a method; choose one of {', '.join(METHODS)}.")
    if not history.is_own.any():
        raise TooLittleDataError(
            "No incident of these categories lies on the grid, so nothing can be foretold."
        )
    try:
        rehearsal = Rehearsal(history)
    except TooLittleDataError:
        if method in ("kernel", "mixed"):
            raise
        return Choice(
            "count",
            "count",
            "Too few months to compare methods, so what happened before is counted.",
            score_count,
            [],
        )
    forecasts = rehearsal.forecasts()
    if method == "mixed" and "mixed" not in forecasts:
        raise TooLittleDataError(
            "`mixed` needs at least four months of data to fit its weights; use `count`."
        )
    captured = {
        name: [measure(made, came, AREA_SHARES) for made, came in zip(scores, rehearsal.events, strict=True)]
        for name, scores in forecasts.items()
    }
    pei = {name: np.array([mean_pei(month) for month in months]) for name, months in captured.items()}
    name, reason = _pick(pei, method)
    scorer: Scorer = rehearsal.fit() if name == "mixed" else named_scorer(name)
    description = scorer.describe() if isinstance(scorer, Mixture) else name
    return Choice(name, description, reason, scorer, _pooled(captured, len(history.study)))


def _pick(pei: dict[str, FloatArray], method: str) -> tuple[str, str]:
    """Pick a method's name by its rehearsed PEI, shape (origins,), and say why."""
    mean = {
        name: float(np.nanmean(values)) if np.isfinite(values).any() else 0.0 for name, values in pei.items()
    }
    if method in pei:
        return method, f"Asked for: {method}."
    kernels = [name for name in pei if name.startswith("kernel")]
    if method == "kernel":
        best = max(kernels, key=lambda name: mean[name])
        return best, f"The kernel whose rehearsed PEI was highest ({mean[best]:.2f})."
    best = max(pei, key=lambda name: mean[name])
    gain = pei[best] - pei["count"]
    gain = gain[np.isfinite(gain)]
    error = float(gain.std(ddof=1) / np.sqrt(len(gain))) if len(gain) > 1 else float("inf")
    if best != "count" and len(gain) and gain.mean() > error:
        return best, (
            f"In {len(gain)} rehearsed months it reached {mean[best]:.3f} of the best possible (PEI); "
            f"counting what happened before reached {mean['count']:.3f}."
        )
    return "count", (
        f"Nothing beat counting what happened before (PEI {mean['count']:.2f}) by more than its own error."
    )


def named_scorer(name: str) -> Scorer:
    """Return the scorer of a fixed method: `count` or `kernel 150 m`."""
    if name == "count":
        return score_count
    bandwidth_m = float(name.split()[1])
    return lambda history, end: score_kernel(history, end, bandwidth_m=bandwidth_m)


def _pooled(captured: dict[str, list[list[Capture]]], study_cells: int) -> list[tuple[str, Capture]]:
    """Add up, per method and share of the area, what the rehearsed months together held."""
    return [
        (name, pool(months, study_cells))
        for name, by_month in captured.items()
        for months in zip(*by_month, strict=True)
    ]
