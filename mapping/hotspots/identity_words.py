"""What became of a place since the last run, in sentences."""

from collections.abc import Iterable
from typing import Final

from mapping import wording
from mapping.hotspots import identity
from mapping.periods import british_date, parse_date

LISTED: Final = 8  # places that are gone and named; of more only the number is said

_COUNTED: Final = {2: "Two", 3: "Three", 4: "Four"}
_BECAME: Final = {
    identity.FIRST_SEEN: "First found in this run.",
    identity.GROWN: "Grown by more than a third since the last run.",
    identity.SHRUNK: "Shrunk by more than a third since the last run.",
    identity.RETURNED: "Found in an earlier run, gone in the last one, and back.",
}


def became(hotspot_id: str, said: str, before: str, seen_since_on: str) -> str:
    """Say what became of a place, and since when every run found it; nothing where runs were not compared.

    Parameters
    ----------
    hotspot_id, said, before, seen_since_on : str
        `hotspot_id`, `identity`, `before` and `seen_since_on` of `schema.HOTSPOTS`.
    """
    came_from = wording.split_texts(before, wording.LIST_SEPARATOR)
    told = [_BECAME.get(said, "")]
    if said == identity.MERGED:
        count = _COUNTED.get(len(came_from), str(len(came_from)))
        told.append(f"{count} places of the last run grew together here: {wording.join_words(came_from)}.")
    if said == identity.SPLIT:
        told.append(
            f"{wording.join_words(came_from)} of the last run became several places; this is one of them."
        )
    if hotspot_id in came_from and said != identity.RETURNED:
        told.append(_every_run(seen_since_on))
    return " ".join(part for part in told if part)


def _every_run(since_on: str) -> str:
    if not since_on:
        return "Found in the last run too."
    return f"Found in every run since the one whose reports begin on {british_date(parse_date(since_on))}."


def gone(places: Iterable[tuple[str, str]]) -> str:
    """Name the places that were hotspots in the last run and are not now; nothing where there is none.

    Parameters
    ----------
    places : iterable of (hotspot_id, place_name)
    """
    named = [
        f"{wording.public_place(name) or wording.UNNAMED_PLACE} ({hotspot_id})" for hotspot_id, name in places
    ]
    if not named:
        return ""
    more = len(named) - LISTED
    shown = [*named[:LISTED], f"{more} more"] if more > 0 else named
    return f"Gone since last time: {wording.join_words(shown)}."
