"""Places that people set apart, each with a reason: what is reported at them is doubted, or left out.

A police station desk is known by its words (see `excluded`). What the words cannot say a person does:
the street on which a custody suite stands, or a large shop that deals with its own thefts. *Caution*
keeps a place's reports in every score and lists it last and with the reason; *exclusion* leaves them
out of squares, scores, tests and hotspots. In totals they stay, whichever it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import crs
from mapping.errors import PlaceRefusedError
from mapping.places.excluded import TERMS

CAUTION: Final = "caution"
EXCLUSION: Final = "exclusion"
TREATMENTS: Final = (CAUTION, EXCLUSION)
KINDS: Final = (*TERMS, "large shop", "shared map point", "other")

USUAL_RADIUS_M: Final = 50.0
LARGEST_RADIUS_M: Final = 500.0
LONGEST_NAME: Final = 120
LONGEST_REASON: Final = 500
LEAST_LETTERS: Final = 3
_MOST_NAMED: Final = 4
NOWHERE: Final = -1

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """One place set apart.

    Attributes
    ----------
    name : str
        What people call it, without a house number.
    kind : str
        One of `KINDS`.
    treatment : str
        caution or exclusion.
    easting_m, northing_m, radius_m : float
        A point of EPSG:27700, and how far around it reports count as its own.
    reason : str
        Why, in the words of whoever set it apart.
    place_id : int
        In the store; 0 for a place that is in none.
    """

    name: str
    kind: str
    treatment: str
    easting_m: float
    northing_m: float
    radius_m: float
    reason: str
    place_id: int = 0

    @property
    def caution(self) -> str:
        """The reason as a reader of a hotspot is told it."""
        kind = "" if self.kind == "other" else f" ({self.kind})"
        return f"{self.name}{kind} is set apart by the partnership: {self.reason.rstrip('. ')}."


@dataclass(frozen=True)
class Applied:
    """A place as a run used it: how many of the run's own reports it held, and in which ward it lies."""

    place: Place
    reports: int
    ward_gss_code: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what can be written as JSON and read by `stored`."""
        return {**asdict(self.place), "reports": self.reports, "ward_gss_code": self.ward_gss_code}


def problems_of(place: Place) -> dict[str, str]:
    """Say of each field what is wrong with it; empty where the place can be used."""
    told = {
        "name": _text_problem(place.name, "name", LONGEST_NAME, least=2),
        "kind": "" if place.kind in KINDS else f"Choose a kind: {', '.join(KINDS)}.",
        "treatment": "" if place.treatment in TREATMENTS else "Choose caution or exclusion.",
        "point": _point_problem(place.easting_m, place.northing_m),
        "radius_m": _radius_problem(place.radius_m),
        "reason": _text_problem(place.reason, "reason", LONGEST_REASON),
    }
    return {name: words for name, words in told.items() if words}


def check(place: Place) -> Place:
    """Return a place that can be used.

    Raises
    ------
    PlaceRefusedError
        Naming everything that is wrong with it.
    """
    problems = problems_of(place)
    if problems:
        raise PlaceRefusedError(list(problems.values()))
    return place


def _text_problem(text: str, what: str, longest: int, least: int = LEAST_LETTERS) -> str:
    if sum(letter.isalnum() for letter in text) < least:
        return f"Give the {what} in a few letters at least."
    if len(text) > longest:
        return f"Keep the {what} under {longest} characters."
    # A bar parts cautions from one another, and a line break would end a row of a file.
    if "|" in text or not text.isprintable():
        return f"Write the {what} on one line, without the sign |."
    return ""


def _point_problem(easting_m: float, northing_m: float) -> str:
    (west, east), (south, north) = crs.GB_EASTING_M, crs.GB_NORTHING_M
    if west <= easting_m <= east and south <= northing_m <= north:  # NaN is not
        return ""
    return "Give an easting and a northing in metres of the National Grid."


def _radius_problem(radius_m: float) -> str:
    return "" if 0 < radius_m <= LARGEST_RADIUS_M else f"Give a radius of 1 to {LARGEST_RADIUS_M:.0f} metres."


def place_of(incidents: pd.DataFrame, places: Sequence[Place]) -> IntArray:
    """Return, for each incident, the position in `places` of the one it lies at, shape (n,).

    Parameters
    ----------
    incidents : DataFrame, n rows, EPSG:27700
        With `easting_m` and `northing_m`; a row without a point lies at none (`NOWHERE`). Not changed.
    places : sequence of Place

    Notes
    -----
    On the edge of a circle is inside it. Where circles overlap a place that is left out comes before
    one that is doubted, then the nearer, then the first.
    """
    east, north = (incidents[name].to_numpy(dtype=np.float64) for name in ("easting_m", "northing_m"))
    found = np.full(len(incidents), NOWHERE, dtype=np.int64)
    nearest = np.full(len(incidents), np.inf)
    for treatment in (EXCLUSION, CAUTION):
        settled = found != NOWHERE
        for number, place in enumerate(places):
            if place.treatment != treatment:
                continue
            away = np.hypot(east - place.easting_m, north - place.northing_m)
            taken = ~settled & (away <= place.radius_m) & (away < nearest)
            found[taken], nearest[taken] = number, away[taken]
    return found


def is_left_out(at: IntArray, places: Sequence[Place]) -> npt.NDArray[np.bool_]:
    """Say of each answer of `place_of` whether it names a place that is left out."""
    return _has(at, places, EXCLUSION)


def cautions_of(at: IntArray, places: Sequence[Place]) -> npt.NDArray[np.object_]:
    """Return, for each answer of `place_of`, the caution of a place that is doubted, or nothing."""
    words = np.array([*(place.caution for place in places), ""], dtype=object)
    return np.where(_has(at, places, CAUTION), words[at], "")


def _has(at: IntArray, places: Sequence[Place], treatment: str) -> npt.NDArray[np.bool_]:
    return np.array([*(place.treatment == treatment for place in places), False], dtype=bool)[at]


def count(at: IntArray, places: Sequence[Place], wards: Sequence[str]) -> tuple[Applied, ...]:
    """Count the reports at each place, by the answers of `place_of` for a run's own reports."""
    held = np.bincount(at[at != NOWHERE], minlength=len(places))
    return tuple(
        Applied(place, int(reports), ward) for place, reports, ward in zip(places, held, wards, strict=True)
    )


def stored(counts: Mapping[str, Any], ward: str = "") -> tuple[Applied, ...]:
    """Read which places a stored run used, all or those of one ward; none of a run from before."""
    return tuple(
        Applied(
            Place(**{name: told[name] for name in Place.__dataclass_fields__}),
            int(told["reports"]),
            told["ward_gss_code"],
        )
        for told in counts.get("set_apart", ())
        if not ward or told["ward_gss_code"] == ward
    )


def sentences(applied: Iterable[Applied]) -> tuple[str, ...]:
    """Say under a map what is left out of it and what is doubted, each place with its reports."""
    by_treatment: dict[str, list[Applied]] = {EXCLUSION: [], CAUTION: []}
    for one in applied:
        by_treatment[one.place.treatment].append(one)
    words = {
        EXCLUSION: "left out of squares and hotspots, not of totals",
        CAUTION: "set apart with a caution",
    }
    return tuple(
        f"{_counted(len(found))} {words[treatment]}: {_named(found)}."
        for treatment, found in by_treatment.items()
        if found
    )


def _counted(number: int) -> str:
    return "1 place is" if number == 1 else f"{number} places are"


def _named(applied: Sequence[Applied]) -> str:
    ordered = sorted(applied, key=lambda one: (-one.reports, one.place.name))
    told = [
        f"{one.place.name} ({one.reports:,} report{'' if one.reports == 1 else 's'})"
        for one in ordered[:_MOST_NAMED]
    ]
    more = len(ordered) - len(told)
    return "; ".join([*told, f"and {more} more"] if more else told)
