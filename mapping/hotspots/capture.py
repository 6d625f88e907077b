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


def mean_pei(captures: Sequence[Capture]) -> float:
    """Average PEI over the shares of one map: one number to compare methods by."""
    return float(np.mean([capture.pei for capture in captures]))
