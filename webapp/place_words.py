"""What the pages about places say: counts, distances, chances and outcomes in words."""

import datetime as dt
import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mapping import wording
from mapping.store.place_answers import LARGEST_ERROR_M
from mapping.store.place_history import Decision
from mapping.store.place_reviews import Item, Told
from webapp import formatters
from webapp.formatters import counted, some

FIRST_ANSWERS: Final = 3
USUAL_ERROR_M: Final = 100.0

LEVEL_WORDS: Final = {
    "property": "building",
    "street": "street",
    "junction": "junction",
    "place": "place",
    "postcode": "postcode",
    "sector": "postcode sector, several streets",
    "district": "postcode district, many streets",
    "grid reference": "grid reference",
    "coordinates": "point",
    "snap point": "shared map point",
}
# From which score on, in words; scores are calibrated.
_CHANCES: Final = ((0.9, "Very likely"), (0.6, "Likely"), (0.3, "Possible"), (0.0, "A long shot"))


@dataclass(frozen=True)
class Choice:
    """One candidate as the page shows it: a number, words, and what the map draws."""

    number: int
    value: str
    name: str
    words: str
    level: str
    easting_m: float
    northing_m: float
    radius_m: float


def choices(found: Sequence[Mapping[str, Any]], wards: Sequence[str]) -> list[Choice]:
    """Put candidates into words, the likeliest first; `wards` names the ward of each, or is empty."""
    return [
        Choice(
            number=number + 1,
            value=_value(one),
            name=str(one["name"]),
            words=_words(number, found, wards[number]),
            level=str(one["level"]),
            easting_m=float(one["easting_m"]),
            northing_m=float(one["northing_m"]),
            radius_m=_radius(float(one["error_m"])),
        )
        for number, one in enumerate(found)
    ]


def _radius(error_m: float) -> float:
    """Return a radius that can be kept; a candidate that says none is known to a hundred metres or so."""
    return min(error_m, LARGEST_ERROR_M) if math.isfinite(error_m) and error_m > 0 else USUAL_ERROR_M


def _value(one: Mapping[str, Any]) -> str:
    """Name a candidate by what it is: when the gazetteer changed meanwhile, nothing else is meant by it."""
    facts = f"{one['name']}|{one['level']}|{one['easting_m']:.0f}|{one['northing_m']:.0f}"
    return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _words(number: int, found: Sequence[Mapping[str, Any]], ward: str) -> str:
    one = found[number]
    kind = formatters.sentence(LEVEL_WORDS.get(one["level"], one["level"]))
    where = f"{kind} in {ward}" if ward else f"{kind} outside these wards"
    return f"{where}, {_apart(number, found)}{chance(float(one['score']))}."


def _apart(number: int, found: Sequence[Mapping[str, Any]]) -> str:
    """Say how far a candidate is from the first, or the first from the others."""
    if len(found) < 2:
        return ""
    if number:
        return f"{distance(_metres(found[0], found[number]))} from number 1. "
    metres = [_metres(found[0], other) for other in found[1:]]
    if len(metres) == 1:
        return f"{distance(metres[0])} from number 2. "
    return f"{distance(min(metres))} to {distance(max(metres))} from the others. "


def _metres(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    return math.hypot(one["easting_m"] - other["easting_m"], one["northing_m"] - other["northing_m"])


def distance(metres: float) -> str:
    """Write `30 m`, `450 m`, `1.2 km` or `15 km`."""
    if metres < 995:
        return f"{max(10, round(metres, -1)):.0f}\u00a0m"
    return f"{metres / 1000:.1f}\u00a0km" if metres < 9950 else f"{metres / 1000:.0f}\u00a0km"


def chance(score: float) -> str:
    """Say how likely a candidate is the one."""
    return next((words for least, words in _CHANCES if score >= least), _CHANCES[-1][1])


def records(reports: int, intelligence: int, *, in_words: bool = False) -> str:
    """Write `7 reports`, `1 report and 2 intelligence items`."""
    write = some if in_words else counted
    parts = [
        write(count, noun)
        for count, noun in ((reports, "report"), (intelligence, "intelligence item"))
        if count
    ]
    return " and ".join(parts) or write(0, "report")


def queue_finding(items: Sequence[Item]) -> str:
    """Say how many places wait, and what the first answers would do."""
    if not items:
        return "No place waits for an answer"
    reports = sum(item.reports for item in items)
    count_of = (lambda item: item.reports) if reports else (lambda item: item.records)
    noun, total = ("report", reports) if reports else ("intelligence item", sum(map(count_of, items)))
    start = formatters.sentence(f"{some(len(items), 'place')} could not be found")
    if len(items) <= FIRST_ANSWERS:
        each = "it" if len(items) == 1 else "them"
        return f"{start}; answering {each} would place {counted(total, noun)}"
    first = sum(map(count_of, items[:FIRST_ANSWERS]))
    return f"{start}; answering the first three would place {first:,} of {counted(total, noun)}"


def waiting(items: Sequence[Item], last_import: Collection[int]) -> str:
    """Say how many places wait, and how many of them came with the last import."""
    fresh = sum(not item.import_ids.isdisjoint(last_import) for item in items)
    text = f"{counted(len(items), 'place')} could not be found"
    if fresh == len(items):
        return f"{text} in the last import"
    return f"{text}, {fresh:,} of them in the last import" if fresh else text


def found_line(statuses: Mapping[str, int]) -> str:
    """Say what looking the words of an import up came to; empty where none were looked up."""
    parts = [
        (statuses.get("matched", 0), "found"),
        (statuses.get("pinned", 0) + statuses.get("set aside", 0), "answered by a person"),
        (statuses.get("ambiguous", 0), "may be one of several places"),
        (statuses.get("unmatched", 0), "not found"),
    ]
    total = sum(count for count, _ in parts)
    if not total:
        return ""
    told = wording.join_words([f"{count:,} {words}" for count, words in parts if count])
    return f"Of {counted(total, 'record')} that say where in words: {told}."


def said_by(item: Item) -> str:
    """Say how many records say these words, and how lately: `Seven reports say this, the newest of ...`."""
    who = formatters.sentence(records(item.reports, item.intelligence, in_words=True))
    verb = "says" if item.records == 1 else "say"
    if item.newest_at is None:
        return f"{who} {verb} this, without a date."
    when = formatters.date(item.newest_at)
    return (
        f"{who} {verb} this, of {when}." if item.records == 1 else f"{who} {verb} this, the newest of {when}."
    )


def fit(item: Item, found: int, *, has_gazetteer: bool) -> str:
    """Say what the gazetteer makes of the words."""
    if not has_gazetteer:
        return "Nothing was looked up: no gazetteer was built here."
    if not found:
        return "The gazetteer knows nothing like it."
    if not item.is_ambiguous:
        return f"Nothing fits well; {some(found, 'place')} {'comes' if found == 1 else 'come'} nearest."
    return formatters.sentence(f"{some(found, 'place')} {'fits' if found == 1 else 'fit'}.")


def names_counted(pairs: Sequence[tuple[str, int]], most: int = 4) -> str:
    """Write `Noise 5, Drugs 2 and 3 more`."""
    shown = [f"{name}\u00a0{count:,}" for name, count in pairs[:most]]
    more = len(pairs) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def told(one: Told) -> tuple[str, str, str]:
    """Return when, what and from where of one record; no finer time than its source gave."""
    if one.occurred_from is None:
        when = "no date"
    elif one.time_precision == "month":
        when = formatters.month(f"{formatters.local(one.occurred_from):%Y-%m}")
    elif one.time_precision == "day":
        when = formatters.date(one.occurred_from)
    else:
        when = formatters.moment(one.occurred_from)
    what = one.category if one.kind == "reports" else f"{one.category} (intelligence)"
    return when, what, one.source


def outcome(decision: Decision, ward_names: Mapping[str, str]) -> str:
    """Say what an answer did: `7 reports placed at Pallister Park, in Beechwood`."""
    who = records(decision.reports, decision.intelligence)
    if decision.answer == "set aside":
        return f"{who} set aside"
    ward = ward_names.get(decision.ward_gss_code, "")
    where = f"at {decision.name}" if decision.name else "where you put the pin"
    return f"{who} placed {where}" + (f", in {ward}" if ward else ", outside these wards")


def point(easting_m: float, northing_m: float) -> str:
    """Write a point as it can be typed again."""
    return f"{easting_m:.0f}, {northing_m:.0f}"


def when(at: dt.datetime) -> str:
    """Write when an answer was given."""
    return formatters.moment(at)
