"""What the page of places set apart says: the finding, what each treatment does, why a point is suggested."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from mapping import wording
from mapping.hotspots import portrait
from mapping.places.set_apart import EXCLUSION, NOWHERE, Applied, Place, place_of
from mapping.store.excluded_places import Kept
from webapp import formatters

MOST_SUGGESTED: Final = 8
SAME_POINT_M: Final = 25.0  # what was turned down this close by is not suggested again
AROUND_M: Final = 25.0  # the radius that is offered for a point: wider takes the street in

DOES: Final = {
    "caution": "Counted in every square and total. Listed last, with the reason as a caution.",
    "exclusion": "Counted in totals only: its reports are in no square, test or hotspot.",
}


@dataclass(frozen=True)
class Suggestion:
    """A point that may be a place where reports are recorded, and why it looks like one."""

    token: str
    name: str
    recorded_kind: str
    easting_m: float
    northing_m: float
    reports: int
    around: int
    why: str
    mix: str


def suggestion(stack: Any, loaded: pd.DataFrame, token: str) -> Suggestion:
    """Put one row of `places.excluded.suggest_stacks` into words, from the reports it is made of."""
    east, north = float(stack.easting_m), float(stack.northing_m)
    away = np.hypot(loaded["easting_m"] - east, loaded["northing_m"] - north)
    times = wording.quantity(stack.times_typical)
    why = f"{times} times as many as a usual point, and much of everything: check what this point stands for."
    if stack.recorded_kind:
        why = (
            f"{times} times as many as a usual point. Its words say {stack.recorded_kind}, so maps list it "
            "last with a caution already."
        )
    return Suggestion(
        token=token,
        name=formatters.place(stack.place_name),
        recorded_kind=stack.recorded_kind,
        easting_m=east,
        northing_m=north,
        reports=int(stack.incident_count),
        around=int((away <= AROUND_M).sum()),
        why=why,
        mix=portrait.list_counts(loaded.loc[away == 0, "category"]).replace(";", ","),
    )


def still_open(
    stacks: pd.DataFrame, active: Sequence[Kept], turned_down: Sequence[Kept]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part stacks into those to ask about and those turned down before; what is set apart is in neither."""
    places = [kept.place for kept in active]
    stacks = stacks[place_of(stacks, places) == NOWHERE]
    refused = [_around(kept.place) for kept in turned_down]
    was_refused = place_of(stacks, refused) != NOWHERE
    return stacks[~was_refused].head(MOST_SUGGESTED), stacks[was_refused].head(MOST_SUGGESTED)


def _around(place: Place) -> Place:
    return Place(
        place.name, place.kind, EXCLUSION, place.easting_m, place.northing_m, SAME_POINT_M, place.reason
    )


def finding(active: Sequence[Kept], suggested: int) -> str:
    """Say how many places are set apart, and how many more look as if they should be."""
    count = len(active)
    start = f"{formatters.some(count, 'place')} {'is' if count == 1 else 'are'} set apart"
    if not count:
        start = "nothing is set apart by hand"
    if not suggested:
        return formatters.sentence(start)
    more = formatters.some(suggested, "more point" if count else "point")
    verb = "looks like a place" if suggested == 1 else "look like places"
    return formatters.sentence(f"{start}; {more} {verb} where reports are recorded")


def held(place: Place, used: Sequence[Applied], run_id: int) -> str:
    """Say how many reports a place held in the newest map, or that no map knows of it yet."""
    for one in used:
        if one.place.place_id == place.place_id:
            return f"{wording.reports(one.reports)} in run {run_id}."
    return "Takes effect when the maps are drawn again." if run_id else "No map was drawn yet."


def waiting(active: Sequence[Kept], used: Sequence[Applied]) -> int:
    """Count the places that were added, changed or ended since the newest map."""
    return len({kept.place.place_id for kept in active} ^ {one.place.place_id for one in used})
