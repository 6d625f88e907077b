"""What a layout may say: its fields, its choices, and every problem of one that cannot be used.

People write layouts by hand and the mapping screen puts them together, so nothing about the text
is taken for granted: every key, type and name is looked at, and all problems are told at once.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from mapping import categories, crs

FIELDS: Final = (
    "reference",
    "occurred_at",
    "occurred_time",
    "occurred_to",
    "occurred_to_time",
    "reported_at",
    "reported_time",
    "extracted_at",
    "category",
    "closing",
    "description",
    "opinion",
    "place",
    "postcode",
    "area_code",
    "agency",
    "source",
    "outcome",
    "grading",
    "handling",
    "conditions",
    "restricted_to",
    "complainant",
    "easting",
    "northing",
    "longitude",
    "latitude",
    "grid_reference",
)
KINDS: Final = ("reports", "intelligence")
HANDLING: Final = ("open", "P", "C")  # from loosest to strictest
PRECISIONS: Final = ("minute", "day", "month")
DATES: Final = ("day first", "month first", "year first", "month")
EXTRACTED: Final = ("", "month after", "last day")

NEEDED: Final = (
    "name", "title", "source", "source_agency", "handling", "time_zone", "precision", "dates", "match_level",
    "error_m", "columns",
)  # fmt: skip
TEXTS: Final = (
    "kind", "name", "title", "source", "source_agency", "handling", "time_zone", "precision", "dates",
    "extracted", "otherwise", "attribution", "place_prefix", "match_level",
)  # fmt: skip
LISTS: Final = ("identity", "sensitive", "no_place", "skip_files")
WORD_TABLES: Final = ("agencies", "categories")
KEYS: Final = (*TEXTS, "error_m", *LISTS, *WORD_TABLES, "columns", "points", "area")
_CHOICES: Final = {
    "kind": KINDS, "handling": HANDLING, "precision": PRECISIONS, "dates": DATES, "extracted": EXTRACTED,
}  # fmt: skip
_MOST_CHARS: Final = 500
_MOST_NAMES: Final = 60
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# A clock reading belongs to the date beside it, and half a point is no point.
_NEEDS: Final = {
    "occurred_time": "occurred_at", "occurred_to_time": "occurred_to", "reported_time": "reported_at",
    "easting": "northing", "northing": "easting", "longitude": "latitude", "latitude": "longitude",
}  # fmt: skip
# Who gave a piece of intelligence is never stored, and reports have no second opinion.
_FOREIGN: Final = {
    "intelligence": ("source", "complainant", "outcome"),
    "reports": ("opinion",),
}
_SOURCE_NAMES: Final = re.compile(
    r"\b(source('?s)? (name|identity|id|ref|reference|details|address|phone)|(name|identity) of (the )?source"
    r"|informants?|informer|handlers?|chis|pseudonym|true identity)\b"
)


def problems(raw: Mapping[str, Any]) -> list[str]:
    """Return everything that forbids using a layout, one sentence each; nothing where it is sound."""
    missing = [key for key in NEEDED if key not in raw]
    found = [f"It does not say its {', '.join(missing)}."] if missing else []
    found += [f"'{_said(key)}' is not a key of a layout." for key in raw if key not in KEYS]
    found += [problem for check in _CHECKS for problem in check(raw)]
    # What follows from other parts can be told only when those parts are there and sound.
    return found or [problem for check in _CROSS_CHECKS for problem in check(raw)]


def names_a_source(heading: str) -> bool:
    """Say whether a column seems to hold who gave the intelligence, or who handles that person."""
    return _SOURCE_NAMES.search(re.sub(r"[\s_\-]+", " ", heading.casefold()).strip()) is not None


def _texts(raw: Mapping[str, Any]) -> Iterator[str]:
    for key in TEXTS:
        if key in raw:
            yield from _text_problems(raw[key], key)
    for key, allowed in _CHOICES.items():
        if key in raw and raw[key] not in allowed:
            choices = ", ".join(word or "left out" for word in allowed)
            yield f"{key} is '{_said(raw[key])}'; it may be {choices}."
    for key in ("title", "source", "source_agency", "match_level"):
        if raw.get(key) == "":
            yield f"{key} is empty."
    if isinstance(raw.get("name"), str) and not _NAME.fullmatch(raw["name"]):
        yield "Its name may hold small letters, digits and hyphens, 60 at most."
    zone = raw.get("time_zone")
    if isinstance(zone, str) and not _is_zone(zone):
        yield f"time_zone is '{_said(zone)}', which no clock keeps; write Europe/London."


def _numbers(raw: Mapping[str, Any]) -> Iterator[str]:
    if "error_m" in raw and not (_is_number(raw["error_m"]) and 0 <= raw["error_m"] <= 100_000):
        yield "error_m is no number of metres from 0 to 100,000."
    area = raw.get("area")
    if area is None:
        return
    if not isinstance(area, Mapping) or set(area) != {"easting_m", "northing_m"}:
        yield "area needs easting_m and northing_m, each two numbers."
        return
    for key, pair in area.items():
        sound = isinstance(pair, list | tuple) and len(pair) == 2 and all(map(_is_number, pair))
        if not sound or not pair[0] < pair[1]:
            yield f"{key} of area needs two numbers, the smaller first."


def _lists(raw: Mapping[str, Any]) -> Iterator[str]:
    for key in LISTS:
        if not isinstance(raw.get(key, []), list | tuple):
            yield f"{key} is no list."
        else:
            for item in raw.get(key, ()):
                yield from _text_problems(item, key)
    for key in WORD_TABLES:
        if not isinstance(raw.get(key, {}), Mapping):
            yield f"{key} is no table."
        else:
            for word, target in raw.get(key, {}).items():
                yield from (*_text_problems(word, key), *_text_problems(target, key))
    if isinstance(raw.get("categories"), Mapping):
        for target in raw["categories"].values():
            if isinstance(target, str) and categories.find(target) != target:
                yield f"'{_said(target)}' is not a category."
    otherwise = raw.get("otherwise", "")
    if isinstance(otherwise, str) and otherwise and categories.find(otherwise) != otherwise:
        yield f"'{_said(otherwise)}' is not a category."


def _columns(raw: Mapping[str, Any]) -> Iterator[str]:
    columns = raw.get("columns", {})
    if not isinstance(columns, Mapping):
        yield "columns is no table."
        return
    for field, column in columns.items():
        if field not in FIELDS:
            yield f"'{_said(field)}' is not a field."
        if not isinstance(column, Mapping) or not isinstance(column.get("names"), list | tuple):
            yield f"The column of {_said(field)} does not list its names."
            continue
        for key, value in column.items():
            if key not in ("names", "required", "filled"):
                yield f"'{_said(key)}' is nothing that a column says."
            elif key != "names" and not isinstance(value, bool):
                yield f"{key} of {_said(field)} is neither true nor false."
        if not 0 < len(column["names"]) <= _MOST_NAMES:
            yield f"The column of {_said(field)} needs one name at least and {_MOST_NAMES} at most."
        for name in column["names"]:
            yield from _text_problems(name, f"names of {_said(field)}")
            if isinstance(name, str) and not name.strip():
                yield f"A name of {_said(field)} is blank."


def _points(raw: Mapping[str, Any]) -> Iterator[str]:
    pairs = raw.get("points", [])
    if not isinstance(pairs, list | tuple):
        yield "points is no list."
        return
    for pair in pairs:
        if not isinstance(pair, Mapping) or set(pair) != {"x", "y", "crs"}:
            yield "A pair of points needs x, y and crs, and nothing else."
        elif pair["crs"] not in (crs.BNG, crs.WGS84):
            yield f"'{_said(pair['crs'])}' is not a coordinate system read here."
        else:
            yield from (*_text_problems(pair["x"], "x of points"), *_text_problems(pair["y"], "y of points"))


def _fields_that_are_there(raw: Mapping[str, Any]) -> Iterator[str]:
    columns = raw["columns"]
    named = [*raw.get("identity", ()), *raw.get("sensitive", ())]
    named += [pair[axis] for pair in raw.get("points", ()) for axis in ("x", "y")]
    for name in named:
        if name not in columns:
            yield f"'{_said(name)}' is not among its columns."
    for field, other in _NEEDS.items():
        if field in columns and other not in columns:
            yield f"'{field}' says nothing without '{other}', which is not among its columns."
    if "occurred_at" not in columns:
        yield "It needs a column for occurred_at: without a date nothing can be counted."


def _rows_that_can_be_told_apart(raw: Mapping[str, Any]) -> Iterator[str]:
    reference = raw["columns"].get("reference", {})
    if not (reference.get("filled") and reference.get("required")) and not raw.get("identity"):
        yield "Its rows cannot be told apart: require and fill a reference, or list an identity."
    if raw["precision"] == "month" and raw["dates"] != "month":
        yield "precision is month, so dates must be month too."
    if raw["dates"] == "month" and raw["precision"] != "month":
        yield "dates is month, so precision must be month too."


def _what_is_kept_apart(raw: Mapping[str, Any]) -> Iterator[str]:
    """Keep a complainant out of every other field, and a source's identity out of intelligence."""
    columns, kind = raw["columns"], raw.get("kind", "reports")
    for field in _FOREIGN[kind]:
        if field in columns:
            yield f"A layout of {kind} has no field '{field}'."
    if "complainant" in raw.get("identity", ()):
        yield "'complainant' may not tell rows apart: what is kept of it is a keyed hash alone."
    plain = {fold(name) for name in columns.get("complainant", {}).get("names", ())}
    for field, column in columns.items():
        if field != "complainant" and plain & {fold(name) for name in column["names"]}:
            yield f"'complainant' and '{field}' name the same column, which would be stored in plain words."
        if kind == "intelligence" and any(map(names_a_source, column["names"])):
            yield f"A name of {field} seems to hold who the source is, which is never stored."


_CHECKS: Final[tuple[Callable[[Mapping[str, Any]], Iterator[str]], ...]] = (
    _texts, _numbers, _lists, _columns, _points,
)  # fmt: skip
_CROSS_CHECKS: Final[tuple[Callable[[Mapping[str, Any]], Iterator[str]], ...]] = (
    _fields_that_are_there, _rows_that_can_be_told_apart, _what_is_kept_apart,
)  # fmt: skip


def fold(name: str) -> str:
    """Fold a column name: no byte order mark, case, or difference between space, `_` and `-`."""
    return re.sub(r"[\s_\-]+", " ", name.replace("\ufeff", "").casefold()).strip()


def _text_problems(value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{where} holds what is no text."
    elif len(value) > _MOST_CHARS:
        yield f"{where} holds a text of more than {_MOST_CHARS} characters."
    elif _CONTROL.search(value):
        yield f"{where} holds a control character or a line break."


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return bool(name)


def _said(value: Any) -> str:
    """Quote what somebody wrote, short and on one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(value)[:40])
