"""What a geocoder answers: matched with a point and a radius, ambiguous with candidates, or unmatched."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import pandas as pd

MATCHED: Final = "matched"
AMBIGUOUS: Final = "ambiguous"
UNMATCHED: Final = "unmatched"

_NAN: Final = float("nan")


@dataclass(frozen=True)
class LocalName:
    """What people here call a place, learned from an answer: EPSG:27700, metres."""

    name: str
    match_level: str
    easting_m: float
    northing_m: float
    error_m: float


@dataclass(frozen=True)
class Answer:
    """Where a text is; without a point where it is not matched.

    Attributes
    ----------
    status : str
        matched, ambiguous or unmatched.
    level : str
        property, street, junction, place, postcode, sector, district, coordinates, grid reference, or "".
    score : float
        0-1; of answers at 0.9 and more, 99 in 100 are right.
    easting_m, northing_m, error_m : float
        EPSG:27700; the radius holds the truth 95 times in 100.
    ward_gss_code, name : str
        Ward of the point, where known, and what was matched.
    disagreement : str
        What speaks against it, with the distance, or "".
    candidates : tuple of dict
        What else it may be, or what was nearest, the likeliest first.
    """

    status: str = UNMATCHED
    level: str = ""
    score: float = 0.0
    easting_m: float = _NAN
    northing_m: float = _NAN
    error_m: float = _NAN
    ward_gss_code: str = ""
    name: str = ""
    disagreement: str = ""
    candidates: tuple[dict[str, Any], ...] = ()

    def apart_m(self, easting_m: float, northing_m: float) -> float:
        """Return how far it lies from a point."""
        return math.hypot(self.easting_m - easting_m, self.northing_m - northing_m)

    def as_candidate(self) -> dict[str, Any]:
        """Return it as one candidate among others."""
        return {name: getattr(self, name) for name in CANDIDATE}


CANDIDATE: Final = ("name", "level", "score", "easting_m", "northing_m", "error_m", "ward_gss_code")
ANSWERS: Final = ("query", *(field.name for field in fields(Answer)))


def ambiguous(listed: Sequence[Answer], *, score: float, disagreement: str = "") -> Answer:
    """Answer that it may be any of these."""
    candidates = tuple(one.as_candidate() for one in listed)
    return Answer(AMBIGUOUS, score=min(score, 0.5), disagreement=disagreement, candidates=candidates)


def scored(answer: Answer, score: float) -> Answer:
    """Return an answer with another score."""
    return replace(answer, score=score)


def in_words(metres: float) -> str:
    """Write a distance: 340 m, 4.7 km."""
    return f"{metres / 1000:,.1f} km" if metres >= 1000 else f"{metres:,.0f} m"


def to_frame(texts: Sequence[str], answers: Sequence[Answer]) -> pd.DataFrame:
    """Put answers beside their texts, as `ANSWERS`."""
    columns = {name: [getattr(one, name) for one in answers] for name in ANSWERS[1:]}
    return pd.DataFrame({"query": list(texts)} | columns, columns=list(ANSWERS))
