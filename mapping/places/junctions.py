"""Where two streets meet, from the points that are known of each, and which words say that they do."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from mapping.places.gazetteer import Gazetteer
from mapping.places.place_query import COMMON, PlaceQuery
from mapping.places.readings import Span

# Points of two streets that meet lie this close: anchor points and postcodes stand up to half a block off.
MEETING_M: Final = 260.0
_APART_M: Final = 400.0  # two meetings of the same names, this far apart, are two junctions
# Between two names, alone or with other common words: "A and B", "A at B", "A o/s B", "A to B".
_JOINING: Final = frozenset(("and", "at", "between", "junction", "outside", "to"))
_MOST_BETWEEN: Final = 4  # words from one name to the other


def are_joined(query: PlaceQuery, first: Span, second: Span) -> bool:
    """Say whether a text names two streets as one place: where they meet, or between them."""
    first, second = sorted((first, second))
    if first.phrase == second.phrase:
        between = query.phrases[first.phrase][first.end : second.start]
        says = not _JOINING.isdisjoint(between)
    elif second.phrase == first.phrase + 1:
        after, before = query.phrases[first.phrase][first.end :], query.phrases[second.phrase][: second.start]
        between = (*after, *before)
        says = second.phrase in query.joined or not _JOINING.isdisjoint((*after[-1:], *before[:1]))
    else:
        return False
    return (says or query.is_junction) and len(between) <= _MOST_BETWEEN and COMMON.issuperset(between)


@dataclass(frozen=True)
class Meeting:
    """Where two streets come nearest: the middle of the gap between their points."""

    first: int
    second: int
    easting_m: float
    northing_m: float
    gap_m: float
    is_sole: bool

    @property
    def error_m(self) -> float:
        """Radius that holds the junction: it lies somewhere about the gap between the nearest points."""
        return 35.0 + 1.4 * self.gap_m


def meet(gazetteer: Gazetteer, firsts: list[int], seconds: list[int]) -> Meeting | None:
    """Return where an entry of the first name comes nearest to one of the second, if they meet at all."""
    found = sorted(
        (
            one
            for a in dict.fromkeys(firsts)
            for b in dict.fromkeys(seconds)
            if a != b and (one := _nearest(gazetteer, a, b)) is not None
        ),
        key=lambda one: (one[2], one[0], one[1]),
    )
    if not found:
        return None
    first, second, gap, east, north = found[0]
    elsewhere = any(np.hypot(other[3] - east, other[4] - north) > _APART_M for other in found[1:])
    return Meeting(first, second, east, north, gap, not elsewhere)


def _nearest(gazetteer: Gazetteer, first: int, second: int) -> tuple[int, int, float, float, float] | None:
    east, north = gazetteer.entries.members(first)
    other_east, other_north = gazetteer.entries.members(second)
    if not len(east) or not len(other_east):
        return None
    away = np.hypot(east[:, None] - other_east, north[:, None] - other_north)
    a, b = np.unravel_index(int(away.argmin()), away.shape)
    gap = float(away[a, b])
    if gap > MEETING_M:
        return None
    return first, second, gap, float(east[a] + other_east[b]) / 2, float(north[a] + other_north[b]) / 2
