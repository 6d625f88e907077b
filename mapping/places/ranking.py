"""Which of the places that a text may mean it does mean, how sure that is, or that it cannot be told.

Every candidate has a cost in wrong letters: those of its name, and what the other evidence weighs (see
`place_context`). The cheapest is meant where the next is dearer by `CLEAR`; else the text is ambiguous.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from mapping.places.gazetteer import GENERIC, SETTLEMENTS, STREET, Entries, Gazetteer
from mapping.places.name_index import TYPE_OTHER, NameIndex, split_type
from mapping.places.place_context import AGREES, DISAGREES, LOOSE, Circle, Vicinity
from mapping.places.place_words import name_key
from mapping.places.readings import Hit

CLEAR: Final = 0.55
PER_WRONG: Final = 0.3  # clearer by so much for every wrong letter but the first
_SAME_PLACE_M: Final = 250.0  # two of one name this close are one place to whoever goes there
_SAME_SPOT_M: Final = 40.0  # two of different names
_NEAR_OTHER_M: Final = 400.0  # of another name in the text: it says which one is meant
_FAR_OTHER_M: Final = 2_500.0
_MOST: Final = 40  # entries of one name that are weighed

# The logistic of `score`, fitted on texts made for it (see docs/methods.md).
BIAS: Final = 5.4
PER_LETTER: Final = -3.5
PER_LENGTH: Final = 0.3
PER_CLEARNESS: Final = 0.25
PER_WORD: Final = -1.3
PER_EVIDENCE: Final = 0.5
PER_CONFLICT: Final = -1.0
LEADING: Final = 3  # an unknown word right before a name, which may begin another name, counts so often
# A name cut short ("Linthorpe" for Linthorpe Road) may be that of a whole area, and a name that lies outside
# the ward, town or postcode said beside it may be another's: neither is ever as sure as a name in full.
DOUBTED: Final = 0.88
# "The Close" and nothing else may be a name or a log's word, and a name with another word before it and no
# kind, or of another kind of street, is another name: neither is matched.
PLAIN: Final = 0.6
ANOTHER: Final = 0.45
CLEAREST: Final = 3.0
LONGEST: Final = 10


@dataclass(frozen=True)
class Evidence:
    """What besides the name says which place is meant: circles, towns and the other names of the text.

    `is_told` says that the text itself holds some of it, so that its words are a place's.
    """

    circles: tuple[Circle, ...] = ()
    towns: frozenset[str] = frozenset()
    district: str = ""
    others: tuple[tuple[int, ...], ...] = ()  # rows of the entries that each other name may be
    vicinities: tuple[Vicinity, ...] = ()
    is_told: bool = False

    def weigh(self, row: int, gazetteer: Gazetteer, towns_of: "TownsOf") -> tuple[float, float]:
        """Return how much agrees with an entry (negative), and how much disagrees."""
        east, north = gazetteer.entries.members(row)
        if not len(east):
            east, north = gazetteer.entries.easting_m[[row]], gazetteer.entries.northing_m[[row]]
        ward = gazetteer.entries.ward_gss_code[row]
        found = [circle.weigh(east, north, ward) for circle in self.circles]
        if self.district and (own := gazetteer.entries.postcode_district[row]):
            found.append(AGREES if own == self.district else 0.0)
        if self.towns and (own_towns := towns_of.of(row)):
            found.append(AGREES if own_towns & self.towns else DISAGREES)
        for rows in self.others:
            away = min(self._apart(other, east, north, gazetteer) for other in rows)
            if away <= _NEAR_OTHER_M:
                found.append(AGREES)
            elif away > _FAR_OTHER_M:
                found.append(DISAGREES / 2)
        found += [one.weigh(east, north) for one in self.vicinities]
        return sum(one for one in found if one < LOOSE), sum(one for one in found if one >= LOOSE)

    @staticmethod
    def _apart(row: int, east: np.ndarray, north: np.ndarray, gazetteer: Gazetteer) -> float:
        other_east, other_north = gazetteer.entries.members(row)
        if not len(other_east):
            other_east, other_north = gazetteer.entries.easting_m[[row]], gazetteer.entries.northing_m[[row]]
        return float(np.hypot(east[:, None] - other_east, north[:, None] - other_north).min())


@dataclass(frozen=True)
class Candidate:
    """An entry that a text may mean."""

    row: int
    key: int
    distance: float
    agrees: float
    conflicts: float

    @property
    def cost(self) -> float:
        """Wrong letters, and what the evidence weighs."""
        return self.distance + self.agrees + self.conflicts


@dataclass(frozen=True)
class Ranked:
    """Candidates, the likeliest first, and how the first stands: its score, and whether it is clear."""

    candidates: tuple[Candidate, ...]
    score: float
    is_clear: bool


class Ranker:
    """Weighs the candidates of texts against one gazetteer."""

    def __init__(self, gazetteer: Gazetteer, index: NameIndex) -> None:
        self.gazetteer, self.index = gazetteer, index
        self._towns_of = TownsOf(gazetteer.entries)
        kinds = gazetteer.entries.kind
        self.is_settlement_row = np.isin(kinds.words, SETTLEMENTS)[kinds.codes]
        levels = gazetteer.entries.level
        self.is_street_row = (levels.words == STREET)[levels.codes]

    def rank(self, hit: Hit, evidence: Evidence, *, unexplained: int) -> Ranked:
        """Rank what a span of words may be; `unexplained` words of the text belong to no name."""
        found = [
            Candidate(row, near.key, near.distance, *evidence.weigh(row, self.gazetteer, self._towns_of))
            for near in hit.near
            for row in self.index.entries_of(near.key)[:_MOST].tolist()
        ]
        found.sort(key=lambda one: (one.cost, one.row))
        first = found[0]
        rival = next((one for one in found[1:] if self._is_another(first, one)), None)
        clearness = CLEAREST if rival is None else min(rival.cost - first.cost, CLEAREST)
        is_numbered = is_road_number(self.index.keys[first.key])
        is_vague = self.gazetteer.entries.kind[first.row] == GENERIC or is_numbered
        is_clear = clearness >= CLEAR + PER_WRONG * max(first.distance - 1.0, 0.0) and not (
            is_vague and first.agrees >= 0.0
        )
        score = self._score(first, clearness, unexplained + LEADING * hit.is_led)
        most = DOUBTED if hit.is_bare or is_numbered or first.conflicts > 0 else 1.0
        if hit.is_plain and not evidence.is_told:
            most = PLAIN
        if self._is_of_another(hit, first):
            most = ANOTHER
        return Ranked(tuple(found), min(score, most), is_clear)

    def _is_of_another(self, hit: Hit, first: Candidate) -> bool:
        """Say whether the words about a name, or its kind of street, make it another's."""
        kind = split_type(self.index.keys[first.key])[1]
        is_other_kind = bool(hit.kind and kind and hit.kind != kind) and first.distance >= TYPE_OTHER
        return is_other_kind or (hit.is_bare and hit.is_led)

    def _is_another(self, one: Candidate, other: Candidate) -> bool:
        """Say whether two candidates are two places to whoever goes there: by name, or by distance."""
        if one.row == other.row:
            return False
        entries = self.gazetteer.entries
        away = np.hypot(
            entries.easting_m[one.row] - entries.easting_m[other.row],
            entries.northing_m[one.row] - entries.northing_m[other.row],
        )
        return bool(away > (_SAME_PLACE_M if one.key == other.key else _SAME_SPOT_M))

    def _score(self, first: Candidate, clearness: float, unexplained: float) -> float:
        base, _ = split_type(self.index.keys[first.key])
        weight = (
            BIAS
            + PER_LETTER * first.distance
            + PER_LENGTH * min(len(base), LONGEST)
            + PER_CLEARNESS * clearness
            + PER_WORD * min(unexplained, 5)
            + PER_EVIDENCE * min(-first.agrees, 2.0)
            + PER_CONFLICT * first.conflicts
        )
        return 1.0 / (1.0 + math.exp(-weight))

    def is_settlement(self, hit: Hit) -> bool:
        """Say whether a name is that of a town or village, which says where rather than what."""
        rows = self.index.entries_of(hit.near[0].key)
        return bool(self.is_settlement_row[rows].all()) or self.names_town(self.index.keys[hit.near[0].key])

    def may_be_area(self, hit: Hit) -> bool:
        """Say whether a name may say where rather than what: a town, or a typeless name on a map."""
        if self.is_settlement(hit):
            return True
        key = hit.near[0].key
        is_named_street = bool(hit.kind or split_type(self.index.keys[key])[1])
        is_exact = hit.distance == 0.0 and not self.index.is_generic[key]
        return (
            is_exact
            and not (is_named_street or hit.is_plain)
            and bool(self.is_street_row[self.index.entries_of(key)].all())
        )

    def vicinity(self, hit: Hit, *, is_town: bool) -> Vicinity:
        """Return where the entries of a name lie; of a town with streets of its own it never disagrees."""
        entries, rows = self.gazetteer.entries, self.index.entries_of(hit.near[0].key)
        error = float(entries.error_m[rows].max())
        most = LOOSE / 2 if is_town else DISAGREES
        return Vicinity(entries.easting_m[rows], entries.northing_m[rows], error, most)

    def names_town(self, key: str) -> bool:
        """Say whether a key is the name of a borough or locality that entries lie in."""
        return self._towns_of.holds(key)


def is_road_number(key: str) -> bool:
    """Say whether a name is no more than a road's number: "a66" is many miles, with one point known."""
    return key[:1] in ("a", "b", "m") and key[1:].isdigit()


class TownsOf:
    """The borough and locality of each entry, as keys."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._borough = [name_key(word) for word in entries.borough.words.tolist()]
        self._locality = [name_key(word) for word in entries.locality.words.tolist()]
        self._all = frozenset(self._borough) | frozenset(self._locality)

    def of(self, row: int) -> frozenset[str]:
        """Return the towns that an entry lies in."""
        borough = self._borough[self._entries.borough.codes[row]]
        locality = self._locality[self._entries.locality.codes[row]]
        return frozenset(name for name in (borough, locality) if name)

    def holds(self, key: str) -> bool:
        """Say whether a key is the name of one of them."""
        return key in self._all
