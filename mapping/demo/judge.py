"""Hold a run's hotspots against what was planted. Shares no code with what found them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from mapping.demo.truth import CAUTIONED, FOUND
from mapping.errors import PeriodError
from mapping.schema import require

# A place needs so many months behind it before anyone could be expected to see it, and so many
# months of quiet before naming it is an error rather than a late answer.
MONTHS_TO_SHOW: Final = 3
MONTHS_TO_FADE: Final = 6


@dataclass(frozen=True)
class Verdict:
    """What was found of what was there.

    Attributes
    ----------
    recall : float
        Share of the places due in that month with a hotspot's centre within reach; NaN where none is due.
    precision : float
        Share of hotspots that lie at a planted place; stacks that carry a caution are left out of it.
        NaN where nothing was reported.
    found, missed : tuple of str
        Ids of places that were due.
    wrong : tuple of str
        Ids of hotspots at no planted place, at one long over, or at a stack without a caution.
    matches : dict
        Hotspot id to place id, for every hotspot within reach of a planted place.
    """

    recall: float
    precision: float
    found: tuple[str, ...]
    missed: tuple[str, ...]
    wrong: tuple[str, ...]
    matches: dict[str, str]


def load_truth(path: Path) -> dict[str, Any]:
    """Read truth.json."""
    return dict(json.loads(Path(path).read_text(encoding="utf-8")))


def judge(
    hotspots: pd.DataFrame, truth: dict[str, Any], *, at_month: str, within_m: float = 150.0
) -> Verdict:
    """Compare hotspots reported at the end of a month with what was planted by then.

    Parameters
    ----------
    hotspots : DataFrame, n rows, EPSG:27700
        With `hotspot_id`, `easting_m`, `northing_m` and `cautions`, the ward's top few already chosen.
        Not changed.
    truth : dict
        As `load_truth` returns it.
    at_month : str
        The last month the run knew of, as `2026-09`.
    within_m : float
        A hotspot whose centre is this close to a planted centre is at that place.

    Raises
    ------
    PeriodError
        The truth has no such month.
    """
    require(hotspots, ["hotspot_id", "easting_m", "northing_m", "cautions"], "hotspots")
    if at_month not in truth["months"]:
        raise PeriodError(f"The truth runs from {truth['months'][0]} to {truth['months'][-1]}.")
    now = truth["months"].index(at_month)
    nearest = _nearest(hotspots, truth["places"], within_m)
    matches = {str(spot): place["place_id"] for spot, place in nearest.items() if place}
    due = [place["place_id"] for place in truth["places"] if _is_due(place, now)]
    found = tuple(place for place in due if place in matches.values())
    cautioned = {
        str(spot) for spot, text in zip(hotspots["hotspot_id"], hotspots["cautions"], strict=True) if text
    }
    left_out = {spot for spot, place in nearest.items() if place and _is_stack(place) and spot in cautioned}
    wrong = tuple(
        spot
        for spot, place in nearest.items()
        if spot not in left_out and not (place and _may_be_named(place, now))
    )
    counted = len(hotspots) - len(left_out)
    return Verdict(
        recall=len(found) / len(due) if due else float("nan"),
        precision=1 - len(wrong) / counted if counted else float("nan"),
        found=found,
        missed=tuple(place for place in due if place not in found),
        wrong=wrong,
        matches=matches,
    )


def _nearest(
    hotspots: pd.DataFrame, places: list[dict[str, Any]], within_m: float
) -> dict[str, dict[str, Any] | None]:
    """Return for each hotspot the planted place nearest to its centre, None where none is in reach."""
    centres = np.array([[place["easting_m"], place["northing_m"]] for place in places])
    found: dict[str, dict[str, Any] | None] = {}
    for row in hotspots[["hotspot_id", "easting_m", "northing_m"]].itertuples(index=False):
        away = np.hypot(centres[:, 0] - row.easting_m, centres[:, 1] - row.northing_m)
        number = int(away.argmin())
        found[str(row.hotspot_id)] = places[number] if away[number] <= within_m else None
    return found


def _is_stack(place: dict[str, Any]) -> bool:
    return bool(place["expected"] == CAUTIONED)


def _is_due(place: dict[str, Any], now: int) -> bool:
    """Say whether a run that knows the months up to `now` should name this place."""
    active = np.array(place["events_per_month"]) > 0
    if place["kind"] == "fading":  # while it lasted it was a hotspot like any other
        full = np.array(place["events_per_month"]) >= max(place["events_per_month"])
        return bool(full[now] and active[: now + 1].sum() >= MONTHS_TO_SHOW)
    return bool(place["expected"] == FOUND and active[now] and active[: now + 1].sum() >= MONTHS_TO_SHOW)


def _may_be_named(place: dict[str, Any], now: int) -> bool:
    """Say whether naming this place is right, or at least not wrong: it lasts, or ended not long ago."""
    if _is_stack(place):
        return False
    recent = place["events_per_month"][max(0, now + 1 - MONTHS_TO_FADE) : now + 1]
    return any(value > 0 for value in recent)
