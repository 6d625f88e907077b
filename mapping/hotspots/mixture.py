"""The weighted mixture: a cell's own count shrunk towards its surroundings, its ward and its other troubles.

A cell's own count is the best single witness of what it will hold next, and a poor one where
counts are small. `mixed` therefore expects a weighted sum of

- own: the cell's own rate over the whole history,
- recent, fading: its own rate over the last three months, and with a half-life of six months,
- near, wide: the category's rate smoothed by Gaussian kernels,
- others, others recent: the rate of all categories in the cell, over the whole history and over the
  last three months, scaled to this category's total,
- others near: the same, smoothed,
- places: the ward's rate spread over the cells that are known to hold a report of any kind,
- ward: the ward's rate spread over all its cells,
- repeats: what came in the last weeks within a short walk, where dates are known (`near_repeat_scores`).

Weights are those under which the months already seen would have been most likely, each month
foretold from the months before it (Poisson likelihood, rolling origins). There is nothing to tune
by hand and nothing random. See `docs/methods.md`.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mapping.hotspots.counting import score_fading
from mapping.hotspots.grid import FloatArray, IntArray, sum_by
from mapping.hotspots.history import History, smooth
from mapping.hotspots.near_repeat_scores import repeats

NEAR_M: Final = 150.0
WIDE_M: Final = 400.0
RECENT_MONTHS: Final = 3
FADING_MONTHS: Final = 6.0
EM_STEPS: Final = 200
SETTLED: Final = 1e-6


def components(history: History, end: int) -> tuple[tuple[str, ...], FloatArray]:
    """Make the parts that `mixed` weighs, from the months before `end`.

    Returns
    -------
    names : tuple of str
    rates : float array, shape (parts, study cells)
        Each part as events a day per study cell, and each on the scale of the category's total.
    """
    span, study = history.span(0, end), history.study
    own_lattice = history.own(0, end)
    own = own_lattice[study]
    recent = max(0, end - RECENT_MONTHS)
    parts = {
        "own": own / span,
        "recent": history.own(recent, end)[study] / max(history.span(recent, end), 1.0),
        "fading": score_fading(history, end, half_life_months=FADING_MONTHS),
        "near": smooth(own_lattice, history.grid, NEAR_M)[study] / span,
        "wide": smooth(own_lattice, history.grid, WIDE_M)[study] / span,
    }
    everything = history.everything(0, end)
    if history.has_others:
        scale = own.sum() / max(everything[study].sum(), 1.0) / span
        late = history.everything(recent, end)[study]
        parts["others"] = everything[study] * scale
        parts["others recent"] = late * (own.sum() / span / max(late.sum(), 1.0))
        parts["others near"] = smooth(everything, history.grid, NEAR_M)[study] * scale
    # A place that can hold a report is one where a report was placed: doubt falls on fields as well.
    used = history.everything_placed(0, end)[study] > 0
    parts["places"] = spread_evenly(own, history.ward, used) / span
    parts["ward"] = spread_evenly(own, history.ward, np.ones_like(used)) / span
    parts.update(repeats(history, end))
    return tuple(parts), np.array(list(parts.values()))


def spread_evenly(counts: FloatArray, ward: IntArray, holds: npt.NDArray[np.bool_]) -> FloatArray:
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


class Mixture:
    """The weights of `mixed`, fitted once and used at any month."""

    def __init__(self, names: tuple[str, ...], weights: FloatArray) -> None:
        self.names = names
        self.weights = weights

    def __call__(self, history: History, end: int) -> FloatArray:
        """Expect the weighted sum of the parts: events a day per study cell."""
        names, rates = components(history, end)
        weights = dict(zip(self.names, self.weights.tolist(), strict=True))
        return np.asarray(np.array([weights.get(name, 0.0) for name in names]) @ rates)

    def describe(self) -> str:
        """Say what share of the weight each part has, largest first."""
        order = np.argsort(-self.weights, kind="stable")
        share = self.weights / self.weights.sum()
        said = [f"{self.names[k]} {share[k]:.2f}" for k in order if share[k] >= 0.005]
        return f"mixed ({', '.join(said)})"

    def as_dict(self) -> dict[str, Any]:
        """Return what can be written as JSON."""
        return {name: float(weight) for name, weight in zip(self.names, self.weights, strict=True)}
