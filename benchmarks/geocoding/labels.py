"""Which places the words of a query fit once the noise is undone: the label comes from here.

The rule, for a query made from one street:

- A rival is any other name of the reference (held-out streets included) that the words are as near to as to
  the true name, in edits (insert, drop, replace, swap). Where a rival lies in the region that is given, the
  words do not tell which was meant, whatever the writer had in mind, and the query is not asked. So a name
  that is one edit from another is a trap only while the noise stays nearer to the truth.
- What is left are the places of the true name that the region given allows. One: answerable. In two or more
  neighbourhoods (no two points of them within 1.5 km): ambiguous by construction. In one neighbourhood, but
  several places: perhaps one long road, perhaps not; not asked.
- A name without its type ("Pallister") fits every street of that first part, so these count as one name.
- A town may be meant as the borough or as the post town (Eston is "Middlesbrough, TS6"). Where the two
  readings give different labels, the query is not asked.
- Where a held-out street is among the places, what is right depends on the gazetteer; not asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from benchmarks.geocoding.misspell import fold, without_type
from benchmarks.geocoding.reference import BOROUGHS, Reference

AS_ONE_STREET_M: Final = 400.0
# Post towns and localities by what follows the street in a log: word -> (borough, postcode districts).
TOWNS: Final = {
    "Middlesbrough": ("Middlesbrough", ("TS1", "TS2", "TS3", "TS4", "TS5", "TS6", "TS7", "TS8", "TS9")),
    "Stockton": ("Stockton-on-Tees", ("TS16", "TS17", "TS18", "TS19", "TS20", "TS21")),
    "Hartlepool": ("Hartlepool", ("TS24", "TS25", "TS26", "TS27")),
    "Redcar": ("Redcar and Cleveland", ("TS10", "TS11")),
}
SPELLINGS: Final = {
    "Middlesbrough": ("Middlesbrough", "Middlesbrough", "M'bro", "boro", "MIDDLESBOROUGH", "Mbro"),
    "Stockton": ("Stockton", "Stockton-on-Tees", "Stockton on Tees", "stockton"),
    "Hartlepool": ("Hartlepool", "H'pool", "hartlepool"),
    "Redcar": ("Redcar", "redcar"),
}


@dataclass(frozen=True)
class Region:
    """What is given besides the name; an empty value was not given.

    `town` is a word of the text (borough or post town); the others are exact and may stand in the text or in
    a field of their own. `near` is the point of a full postcode: within 400 m of it.
    """

    town: str = ""
    borough: str = ""
    ward_gss_code: str = ""
    district: str = ""
    sector: str = ""
    near: tuple[float, float] | None = None


NOWHERE: Final = Region()


@dataclass(frozen=True)
class Label:
    """The verdict on a query: the expected status, and the places it fits."""

    status: str
    places: tuple[str, ...]


class Labeller:
    """Finds the places that words and a region fit."""

    def __init__(self, reference: Reference) -> None:
        streets = reference.anchors[reference.anchors["place"] != ""]
        self._reference = reference
        self._neighbourhood = dict(zip(streets["place"], streets["neighbourhood"], strict=True))
        self._held_out = set(streets.loc[streets["is_held_out_street"], "place"])
        self._sets = {
            column: streets.groupby("place")[column].agg(set).to_dict()
            for column in ("borough", "ward_gss_code", "district", "sector")
        }
        self._by_name: dict[str, list[str]] = {}
        for name, place in dict.fromkeys(zip(streets["name"], streets["place"], strict=True)):
            self._by_name.setdefault(fold(name), []).append(place)
        self.names = sorted(self._by_name)
        self._bases = [without_type(name) for name in self.names]

    def of(self, name: str, readings: Iterable[str], region: Region, *, typed: bool = True) -> Label | None:
        """Label a query for the street `name` whose words read, folded, as any of `readings`.

        Parameters
        ----------
        typed : bool
            The words still hold the kind of street; otherwise `readings` are compared with first parts too.

        Returns
        -------
        Label or None
            None where the words do not fairly tell; see the module.
        """
        fitting = self._nearest_names(fold(name), tuple(readings), typed)
        if fitting is None:
            return None
        own, rivals = fitting
        if not self._held_out.isdisjoint(own):
            return None
        if any(self._allows(place, reading) for place in rivals for reading in _readings(region)):
            return None
        labels = {
            self._count([place for place in own if self._allows(place, one)]) for one in _readings(region)
        }
        return labels.pop() if len(labels) == 1 else None

    def distance_to_nearest(self, text: str) -> int:
        """Edits from folded text to the nearest of all names."""
        return int(process.cdist([text], self.names, scorer=OSA.distance)[0].min())

    def base_similarity(self, text: str, *, leave_out: str = "") -> float:
        """The greatest likeness (1 is equal) of the first part of folded text to that of any name but one."""
        names = [base for name, base in zip(self.names, self._bases, strict=True) if name != leave_out]
        return float(process.cdist([without_type(text)], names, scorer=OSA.normalized_similarity)[0].max())

    def _nearest_names(
        self, name: str, readings: tuple[str, ...], typed: bool
    ) -> tuple[list[str], list[str]] | None:
        """Places of the true name and places of rivals; None where the words only hint at a longer name."""
        distance = process.cdist(list(readings), self.names, scorer=OSA.distance).min(axis=0)
        base = without_type(name)
        own = np.array([other == name for other in self.names])
        if not typed:
            to_base = process.cdist(list(readings), self._bases, scorer=OSA.distance).min(axis=0)
            distance = np.minimum(distance, to_base)
            own = np.array(
                [base in (other, first) for other, first in zip(self.names, self._bases, strict=True)]
            )
            words = set(readings[0].split())
            if any(
                words <= set(other.split()) for other, mine in zip(self.names, own, strict=True) if not mine
            ):
                return None
        rivals = (distance <= distance[own].min()) & ~own
        return self._places(own), self._places(rivals)

    def _places(self, chosen: np.ndarray) -> list[str]:
        return [place for at in np.flatnonzero(chosen) for place in self._by_name[self.names[at]]]

    def _allows(self, place: str, region: Region) -> bool:
        given = {
            column: getattr(region, column)
            for column in ("borough", "ward_gss_code", "district", "sector")
            if getattr(region, column)
        }
        if any(value not in self._sets[column][place] for column, value in given.items()):
            return False
        if region.town and not _in_post_town(region.town, self._sets["district"][place]):
            return False
        if region.near is None:
            return True
        gaps = self._reference.points_of(place) - np.asarray(region.near)
        return bool(np.hypot(gaps[:, 0], gaps[:, 1]).min() <= AS_ONE_STREET_M)

    def _count(self, places: list[str]) -> Label | None:
        if len(places) == 1:
            return Label("matched", tuple(places))
        if len({self._neighbourhood[place] for place in places if place}) == len(places) > 1 and self._apart(
            places
        ):
            return Label("ambiguous", tuple(sorted(places)))
        return None

    def _apart(self, places: list[str]) -> bool:
        """Whether the nearest two of them are too far apart to be one street under two names."""
        middles = np.array([self._reference.points_of(place).mean(axis=0) for place in places])
        gaps = np.hypot(*(middles[:, None] - middles[None]).transpose(2, 0, 1))
        return bool(gaps[np.triu_indices(len(places), 1)].min() > AS_ONE_STREET_M)


def _in_post_town(town: str, districts: set[str]) -> bool:
    return not districts.isdisjoint(TOWNS[town][1])


def _readings(region: Region) -> list[Region]:
    """A town as the borough, as the post town; one reading where no town is given."""
    if not region.town:
        return [region]
    borough = TOWNS[region.town][0]
    rest = {"ward_gss_code": region.ward_gss_code, "district": region.district, "sector": region.sector}
    return [region, Region(borough=borough, near=region.near, **rest)]


def town_of(borough: str, district: str) -> str:
    """The town that borough and post town agree on for a place, or nothing."""
    for town, (held_by, districts) in TOWNS.items():
        if held_by == borough and district in districts:
            return town
    return ""


assert set(BOROUGHS.values()) == {borough for borough, _ in TOWNS.values()}
