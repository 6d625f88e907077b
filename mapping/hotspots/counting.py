"""Scores that need no fitting, or one number: counts, kernels, and counts in which what is old fades."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from mapping.hotspots.grid import FloatArray
from mapping.hotspots.history import History, Scorer, smooth

KERNEL_BANDWIDTHS_M: Final = (100.0, 150.0, 250.0)
HALF_LIVES_MONTHS: Final = (2.0, 4.0, 8.0, 16.0)


def score_count(history: History, end: int) -> FloatArray:
    """Expect of each study cell what it held before: events a day."""
    return history.own(0, end)[history.study] / history.span(0, end)


def score_kernel(history: History, end: int, *, bandwidth_m: float) -> FloatArray:
    """Expect what a Gaussian kernel spreads from what was there before: events a day."""
    return smooth(history.own(0, end), history.grid, bandwidth_m)[history.study] / history.span(0, end)


def fade(history: History, end: int, *, half_life_months: float) -> tuple[FloatArray, float]:
    """Add up own events and days before month `end`, each half as much for every half-life it is old.

    Returns
    -------
    counts : float array, shape (study cells,)
    days : float
        A gap has neither events nor days, so it changes nothing but the age of what came before it.
    """
    weight = 0.5 ** ((end - 1 - np.arange(end)) / half_life_months)
    stop = int(np.searchsorted(history.months, end))
    own = history.is_own[:stop]
    weights = weight[history.months[:stop][own]]
    counts = history.grid.count(history.cells[:stop][own], weights)[history.study]
    if history.spread is not None:
        counts = counts + weight @ history.spread.own[:end]
    return counts, float(weight @ history.days[:end])


def score_fading(history: History, end: int, *, half_life_months: float) -> FloatArray:
    """Expect of each study cell its own rate, in which what is old fades (`fade`): events a day."""
    counts, days = fade(history, end, half_life_months=half_life_months)
    return np.asarray(counts / days)


def kernel_name(bandwidth_m: float) -> str:
    """Name a kernel method by its bandwidth, e.g. `kernel 150 m`."""
    return f"kernel {bandwidth_m:.0f} m"


@dataclass(frozen=True)
class Kernel:
    """Score by a kernel of one bandwidth."""

    bandwidth_m: float

    def __call__(self, history: History, end: int) -> FloatArray:
        """Score as `score_kernel`."""
        return score_kernel(history, end, bandwidth_m=self.bandwidth_m)


@dataclass(frozen=True)
class Fading:
    """Score by counts that fade with one half-life."""

    half_life_months: float

    def __call__(self, history: History, end: int) -> FloatArray:
        """Score as `score_fading`."""
        return score_fading(history, end, half_life_months=self.half_life_months)

    def describe(self) -> str:
        """Say the half-life."""
        return f"recency (half as much for every {self.half_life_months:g} months)"


def named_scorer(name: str) -> Scorer:
    """Return the scorer of a fixed method: `count` or `kernel 150 m`."""
    return score_count if name == "count" else Kernel(float(name.split()[1]))
