"""The months already seen, each foretold from those before it: what methods are fitted on and compared by."""

from typing import Final

import numpy as np
import numpy.typing as npt

from mapping.errors import TooLittleDataError
from mapping.hotspots.grid import FloatArray
from mapping.hotspots.history import History, Scorer
from mapping.hotspots.mixture import Mixture, components, fit_weights

FIRST_ORIGIN: Final = 2  # months of history before the first month that is foretold
MOST_ORIGINS: Final = 6
MOST_ORIGINS_LONG: Final = 12  # where two years and more are known
LONG_MONTHS: Final = 24


def origins(history: History) -> list[int]:
    """List the months of the history that are foretold from those before them, oldest first."""
    last = history.whole_months()
    most = MOST_ORIGINS_LONG if last >= LONG_MONTHS else MOST_ORIGINS
    possible = [o for o in range(FIRST_ORIGIN, last) if history.days[o] > 0 and history.span(0, o) > 0]
    return possible[-most:]


def _inside(history: History, months: list[int]) -> list[npt.NDArray[np.bool_]]:
    """Say of each origin which study cells belong to its study area, shape (study cells,) each.

    All of them; but where the study area was drawn around the events (no cell of it is without one),
    a cell that was still empty at an origin is there only because something came later. Such cells
    would teach that where nothing happened most will, so they are left out of that origin.
    """
    if history.everything_placed(0, history.whole_months())[history.study].min(initial=1.0) == 0:
        return [np.ones(len(history.study), dtype=bool)] * len(months)
    return [history.everything_placed(0, o)[history.study] > 0 for o in months]


class Rehearsal:
    """The parts of every origin, so that fitting with one month left out costs nothing more.

    What came is told by whole events alone: a doubtful one is no witness of where it happened.

    Attributes
    ----------
    history : History
    origins : list of int
    names : tuple of str
        The parts of `mixed`.
    rates : list of float array, shape (parts, study cells)
        Per origin, events a day.
    events : list of float array, shape (study cells,)
        What came, per origin.
    inside : list of bool array, shape (study cells,)
        The study area as it would have been drawn at each origin.
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
        self.inside = _inside(history, self.origins)
        self.rates = [rates * inside for (_, rates), inside in zip(made, self.inside, strict=True)]
        self.events = [
            history.own_placed(o, o + 1)[history.study] * inside
            for o, inside in zip(self.origins, self.inside, strict=True)
        ]

    def foretell(self, scorer: Scorer) -> list[FloatArray]:
        """Score every rehearsed month from the months before it: events a day per study cell."""
        return [scorer(self.history, o) * inside for o, inside in zip(self.origins, self.inside, strict=True)]

    def fit(self, *, without: int | None = None) -> Mixture:
        """Fit `mixed` on every rehearsed month, but for the one at position `without`.

        The weights are those for whole events; their level is then raised to that of all.
        """
        kept = [k for k in range(len(self.origins)) if k != without]
        return Mixture(self.names, self.weigh(kept, range(len(self.names))) * self.level(kept))

    def weigh(self, kept: list[int], parts: range | list[int]) -> FloatArray:
        """Fit the weights of some `parts` on the origins at the positions `kept`, shape (parts,)."""
        chosen = list(parts)
        rates = np.concatenate(
            [self.rates[k][chosen] * self.history.days[self.origins[k]] for k in kept], axis=1
        )
        return fit_weights(rates, np.concatenate([self.events[k] for k in kept]))

    def level(self, kept: list[int]) -> float:
        """Return all events of the rehearsed months over the whole ones: 1 where no place is in doubt."""
        if self.history.spread is None:
            return 1.0
        whole = sum(float(self.events[k].sum()) for k in kept)
        months = [self.origins[k] for k in kept]
        doubtful = float(self.history.spread.own[months].sum())
        return (whole + doubtful) / whole if whole else 1.0

    def likelihood(self, expected: list[FloatArray]) -> float:
        """Return the Poisson log-likelihood of what came, given events a day per origin.

        The level of each month is set to what came: only where the events fall is compared. A
        hundredth of the expectation is laid evenly, so that an event where none was expected
        costs dearly and not everything.
        """
        total = 0.0
        for rate, came in zip(expected, self.events, strict=True):
            share = 0.99 * rate / max(float(rate.sum()), 1e-300) + 0.01 / len(rate)
            seen = came > 0
            total += float(came[seen] @ np.log(share[seen]))
        return total
