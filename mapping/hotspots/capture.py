"""How much of what followed did a map capture: hits, PAI and PEI.

The same few lines judge a method while it is being chosen (`scoring`) and in public
(`evidence.backtest`), so that both mean the same by a hit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

AREA_SHARES: Final = (0.005, 0.01, 0.02, 0.05)
CHOICE_SHARES: Final = (0.001, *AREA_SHARES)
FEWEST_FLAGGED: Final = 20  # below this, one cell more or less decides, and no method is chosen by it


@dataclass(frozen=True)
class Capture:
    """What the highest cells of one map captured."""

    area_share: float
    cells: int
    events: float
    hits: float
    best_hits: float
    hit_rate: float
    pai: float
    pei: float


def flagged_cells(cells: int, area_share: float) -> int:
    """Return how many cells a share of the area is: at least one."""
    return max(1, round(area_share * cells))


def flag_weights(scores: FloatArray, flagged: int) -> FloatArray:
    """Say how far each cell is among the `flagged` highest: 1 yes, 0 no.

    Cells that tie for the last places share them evenly, which is what choosing among them
    at random would do on average.
    """
    threshold = np.partition(scores, -flagged)[-flagged]
    above = scores > threshold
    tied = scores == threshold
    weights = above.astype(np.float64)
    weights[tied] = (flagged - above.sum()) / tied.sum()
    return weights


def predictive_accuracy_index(
    *, hits: float, incidents: float, hotspot_km2: float, study_km2: float
) -> float:
    """Return the share of incidents captured over the share of the area used.

    References
    ----------
    Chainey, S., Tompson, L. & Uhlig, S. (2008). The utility of hotspot mapping for predicting
    spatial patterns of crime. Security Journal, 21, 4-28.
    """
    return (hits / incidents) / (hotspot_km2 / study_km2)


def measure(
    scores: FloatArray, events: FloatArray, area_shares: Sequence[float], *, total: float | None = None
) -> list[Capture]:
    """Measure what the highest-scored shares of the area captured of the events that followed.

    Parameters
    ----------
    scores : float array, shape (n,)
        One score per cell of the study area; higher is hotter. Ties count as expected hits.
    events : float array, shape (n,)
        Events that followed, per cell.
    area_shares : sequence of float
        Shares of the cells to flag, 0-1.
    total : float, optional
        All events that count, where some lie in the wards but in no study cell.

    Returns
    -------
    list of Capture
        One per share. `pei` is NaN, and `pai` and `hit_rate` too, when there was no event to
        capture.

    References
    ----------
    Hunt, J. M. (2016). Do crime hot spots move? (PEI: hits over the best hits possible in the
    same area; the ratio equals PAI over the best possible PAI.)
    """
    hottest = np.sort(scores)[::-1]
    held = np.flatnonzero(events)
    score_there, came = scores[held], events[held]
    best = np.concatenate([[0.0], np.cumsum(np.sort(came)[::-1])])
    whole = float(came.sum()) if total is None else float(total)
    captures = []
    for share in area_shares:
        flagged = flagged_cells(len(scores), share)
        threshold = hottest[flagged - 1]
        above = int(np.searchsorted(-hottest, -threshold, side="left"))
        tied = int(np.searchsorted(-hottest, -threshold, side="right")) - above
        hits = came[score_there > threshold].sum()
        hits += came[score_there == threshold].sum() * (flagged - above) / tied
        most = float(best[min(flagged, len(came))])
        captures.append(_capture(share, flagged, len(scores), whole, float(hits), most))
    return captures


def pool(captures: Sequence[Capture], study_cells: int) -> Capture:
    """Add up the captures of several periods at one share of the same area."""
    first = captures[0]
    events, hits, best = (
        float(sum(values))
        for values in zip(*((c.events, c.hits, c.best_hits) for c in captures), strict=True)
    )
    return _capture(first.area_share, first.cells, study_cells, events, hits, best)


def _capture(
    share: float, flagged: int, study_cells: int, events: float, hits: float, best: float
) -> Capture:
    pai = predictive_accuracy_index(
        hits=hits, incidents=events or float("nan"), hotspot_km2=flagged, study_km2=study_cells
    )  # cells are all of one size, so their numbers stand for areas
    return Capture(
        area_share=share,
        cells=flagged,
        events=events,
        hits=hits,
        best_hits=best,
        hit_rate=hits / (events or float("nan")),
        pai=pai,
        pei=hits / best if best else float("nan"),
    )


def judged_shares(cells: int, area_shares: Sequence[float] = CHOICE_SHARES) -> tuple[float, ...]:
    """Return the shares at which enough cells are flagged to judge by; the largest where none is."""
    enough = tuple(share for share in area_shares if flagged_cells(cells, share) >= FEWEST_FLAGGED)
    return enough or (max(area_shares),)


@dataclass(frozen=True)
class Flagged:
    """What the maps of one method flagged of the events that followed, map by map.

    Attributes
    ----------
    parts : float array, shape (shares, cells that held an event, of all maps)
        How far each such cell is among the flagged, 0-1.
    events : float array, shape (cells that held an event, of all maps)
    cells : int array, shape (cells that held an event, of all maps)
        Which cell each is, the same number on every map.
    best_hits : float array, shape (shares,)
        The most that could have been captured, all maps together.
    """

    parts: FloatArray
    events: FloatArray
    cells: npt.NDArray[np.int64]
    best_hits: FloatArray

    @property
    def pei(self) -> FloatArray:
        """PEI of all maps together, per share; NaN where there was nothing to capture."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.parts @ self.events / self.best_hits)


def flag(scores: Sequence[FloatArray], events: Sequence[FloatArray], area_shares: Sequence[float]) -> Flagged:
    """Flag the highest cells of each map and keep what that says of the cells that held an event.

    Parameters
    ----------
    scores, events : sequences of float array, shape (n,)
        One of each per map.
    area_shares : sequence of float
    """
    parts, came, cells, best = [], [], [], np.zeros(len(area_shares))
    for made, followed in zip(scores, events, strict=True):
        held = np.flatnonzero(followed)
        most = np.concatenate([[0.0], np.cumsum(np.sort(followed[held])[::-1])])
        flagged = [flagged_cells(len(made), share) for share in area_shares]
        best += [most[min(count, len(held))] for count in flagged]
        parts.append([flag_weights(made, count)[held] for count in flagged])
        came.append(followed[held])
        cells.append(held)
    return Flagged(np.concatenate(parts, axis=1), np.concatenate(came), np.concatenate(cells), best)


@dataclass(frozen=True)
class Gain:
    """By how much one method's PEI is above another's on the same events, and the error of that.

    Attributes
    ----------
    mean, error : float
        Averaged over the shares.
    by_share, error_by_share : float arrays, shape (shares,)
    """

    mean: float
    error: float
    by_share: FloatArray
    error_by_share: FloatArray


def gain_of(method: Flagged, other: Flagged) -> Gain:
    """Compare two methods' PEI on the same events.

    An event in a cell that both flag, or neither, tells nothing of the difference. So with x the gain in
    hits of one cell over all maps together, the gain is the sum of x and its variance the sum of its
    squares: cells are what might have turned out otherwise, and not single events, because a cell that
    was busy in one month is busy in the next. Where a cell holds one event or none the two are the same.
    """
    possible = np.where(method.best_hits > 0, method.best_hits, np.inf)
    gained = (method.parts - other.parts) / possible[:, None] * method.events
    size = int(method.cells.max(initial=-1)) + 1
    by_cell = np.array([np.bincount(method.cells, hits, minlength=size) for hits in gained])
    mean = by_cell.mean(axis=0)
    return Gain(
        float(mean.sum()),
        float(np.sqrt((mean**2).sum())),
        by_cell.sum(axis=1),
        np.sqrt((by_cell**2).sum(axis=1)),
    )
