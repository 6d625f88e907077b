"""How numbers, chance and places are said, the same on every page, map and sheet."""

import math
import re
from collections.abc import Sequence
from typing import Any, Final

_LONGEST_PLACE: Final = 60
_BEFORE_A_PLACE: Final = re.compile(
    r"^\s*(?:on\s+or\s+near|on/near|near|nr|outside|o/s|opposite|opp|rear\s+of|r/o|behind|flats\s+at|at)"
    r"(?![\w/])[\s:,.]*",
    re.IGNORECASE,
)
_DOOR: Final = re.compile(
    r"^\s*(?:(?:flat|apartment|apt|unit|room|no\.?|number|house)\s+(?:\d{1,4}[a-z]?|[a-z])\b[\s,]*)?"
    r"(?:\d{1,4}[a-z]?(?:\s*[-–/&]\s*\d{1,4}[a-z]?)?\b[\s,]*)?",
    re.IGNORECASE,
)
_POSTCODE: Final = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.IGNORECASE)

CAUTION_SEPARATOR: Final = " | "
LIST_SEPARATOR: Final = "; "
UNNAMED_PLACE: Final = "Place without a name"
EXCESS, RISE = "more than its share", "rise"  # what stands out at a hotspot: `schema.HOTSPOTS`, `excess_kind`


def public_place(text: str) -> str:
    """Return the street or landmark in a place text, without house number or postcode.

    Says nothing about names of people that someone wrote into the field: those cannot be found here.
    """
    place = without_door(_POSTCODE.sub("", text))
    place = " ".join("".join(letter for letter in place if letter.isprintable()).split()).strip(" ,;.")
    return place if len(place) <= _LONGEST_PLACE else place[: _LONGEST_PLACE - 1].rstrip() + "…"


def without_door(text: str) -> str:
    """Return a place text without what stands before the street: `outside`, flat and house number."""
    return _DOOR.sub("", _BEFORE_A_PLACE.sub("", text), count=1)


def quantity(value: float) -> str:
    """Write a number that was estimated: whole from 10 up, one decimal below."""
    if not math.isfinite(value):
        return "unknown"
    if 0 < value < 0.1:
        return "under 0.1"
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}".removesuffix(".0")


def reports(count: int) -> str:
    """Write a count of reports: `1 report`, `1,204 reports`."""
    return f"{count:,} report{'' if count == 1 else 's'}"


def counted(hotspot: Any, *, period: str = "", against: str = "") -> str:
    """Say what a hotspot's reports are held against: its share of its ward, or its own earlier months.

    Parameters
    ----------
    hotspot : named tuple with the columns of `schema.HOTSPOTS`
    period : str, optional
        The days counted, as a sentence goes on: ` from 1 January to 30 September 2025`.
    against : str, optional
        What is expected of it, as a sentence goes on: ` if its ward's reports fell evenly`.

    Returns
    -------
    str
        E.g. `31 reports, 14 expected (2.2 times; very unlikely to be chance)`, or, where the last
        months are what stands out, `31 reports, 20 of them in the last three months (...)`.
    """
    p_value = hotspot.p_value_fdr if math.isfinite(hotspot.p_value_fdr) else hotspot.p_value
    told, doubt = reports(int(hotspot.incident_count)) + period, chance(p_value)
    if hotspot.excess_kind == RISE:
        lately = sum(int(count) for count in hotspot.monthly_counts.split()[-3:])
        return f"{told}, {lately:,} of them in the last three months" + (f" ({doubt})" if doubt else "")
    times = [f"{quantity(hotspot.rate_ratio)} times"] if math.isfinite(hotspot.rate_ratio) else []
    said = "; ".join([*times, doubt] if doubt else times)
    return f"{told}, {quantity(hotspot.expected_count)} expected{against}" + (f" ({said})" if said else "")


def foretold(hotspot: Any) -> str:
    """Say how many events are foretold: `about 14`, and where it is known between what and what."""
    said = f"about {quantity(hotspot.forecast_count)}"
    if not math.isfinite(hotspot.low_count):
        return said
    return f"{said} (9 times in 10 between {int(hotspot.low_count):,} and {int(hotspot.high_count):,})"


def linked(joined: int, doubtful: int) -> list[str]:
    """Say what several sources told of, where there is anything to say."""
    said = []
    if joined:
        tell = "tells" if joined == 1 else "tell"
        said.append(f"{reports(joined)} {tell} of an event that another source told of too; it counts once.")
    if doubtful:
        may = "pair of reports" if doubtful == 1 else "pairs of reports"
        said.append(
            f"{doubtful:,} {may} of different sources may each be one event; they count apart until a "
            "person joins them."
        )
    return said


def chance(p_value: float) -> str:
    """Say how easily chance alone would do this; empty where it was not tested."""
    if not math.isfinite(p_value):
        return ""
    if p_value < 0.01:
        return "very unlikely to be chance"
    return "unlikely to be chance" if p_value < 0.05 else "could be chance"


def split_texts(text: str, separator: str) -> tuple[str, ...]:
    """Split a joined text of a frame into its parts, leaving out the empty ones."""
    return tuple(part.strip() for part in text.split(separator.strip()) if part.strip())


def join_words(words: Sequence[str]) -> str:
    """Join words as a sentence does: `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
