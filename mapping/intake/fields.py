"""A row's cells to a report's fields: who says it, what, when and where."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mapping import categories
from mapping.intake.gradings import read_grading
from mapping.intake.keys import Ordinals, looks_rounded
from mapping.intake.layout import Area, Layout
from mapping.intake.moments import Moments, following_month, read_occurred, read_reported
from mapping.intake.points import read_points
from mapping.intake.postcodes import normalise
from mapping.intake.row_issues import RowIssues
from mapping.intake.texts import Texts, as_texts, composed, each, is_nothing, mask_of

Cells = Mapping[str, Texts]
Fields = dict[str, Any]  # name of a REPORTS column -> array of shape (n,); moments without a zone are UTC


@dataclass(frozen=True)
class Reading:
    """How one read is done: by which layout, when, as whom, and what it has numbered so far."""

    layout: Layout
    now: dt.datetime
    source: str
    area: Area | None
    extracted_on: dt.date | None
    ordinals: Ordinals


def read_fields(cells: Cells, reading: Reading, issues: RowIssues) -> Fields:
    """Read every field of n rows but the row number and the key, telling `issues` what is wrong."""
    return {
        **_who(cells, reading, issues),
        **_what(cells, reading.layout, issues),
        **_when(cells, reading, issues),
        **_where(cells, reading, issues),
    }


def _who(cells: Cells, reading: Reading, issues: RowIssues) -> Fields:
    layout, n = reading.layout, len(cells["occurred_at"])
    source = each(_cell(cells, "source", n), lambda text: text or reading.source)
    owner = each(source, layout.agency_of)
    agency = _cell(cells, "agency", n)
    return {
        "source": source,
        "source_agency": np.where(agency == "", owner, agency),
        "reference": _references(cells, layout, issues),
        **_handling(cells, n, layout, issues),
        "restricted_to": _blank(n),
        "complainant_hash": _blank(n),
    }


def _references(cells: Cells, layout: Layout, issues: RowIssues) -> Texts:
    label = layout.label("reference")
    # One by one: nearly every reference is different from all others, so `each` would only cost.
    references = as_texts(["" if is_nothing(text) else composed(text) for text in cells["reference"]])
    if layout.columns["reference"].filled:
        issues.reject(
            references == "", label, "is blank or says that there is none, and every row needs its own"
        )
    issues.flag(looks_rounded(references), label, "looks like a number that a spreadsheet has rounded")
    return references


def _handling(cells: Cells, n: int, layout: Layout, issues: RowIssues) -> Fields:
    names = ("source_grade", "assessment_grade", "handling_code", "conditions")
    if "grading" not in cells:
        return {name: _blank(n) for name in names} | {
            "handling_code": np.full(n, layout.handling, dtype=object)
        }
    texts = cells["grading"]

    def said(name: str) -> Texts:
        return each(texts, lambda text: getattr(read_grading(text, handling=layout.handling), name))

    doubts = said("doubt")
    for reason in sorted(set(doubts) - {""}):
        issues.flag(doubts == reason, layout.label("grading"), reason)
    return {name: said(name) for name in names}


def _what(cells: Cells, layout: Layout, issues: RowIssues) -> Fields:
    n, label = len(cells["occurred_at"]), layout.label("category")

    def found(text: str) -> str:
        return layout.categories.get(categories.folded(text)) or categories.find(text) or ""

    names = each(cells["category"], found)
    unknown, blank = names == "", cells["category"] == ""
    issues.flag(blank, label, f"is blank; kept as '{categories.UNMAPPED}'")
    issues.flag(
        unknown & ~blank, label, f"is not in the layout's list of categories; kept as '{categories.UNMAPPED}'"
    )
    return {
        "category": np.where(unknown, categories.UNMAPPED, names),
        "stated_category": cells["category"],
        "description": _cell(cells, "description", n),
        "outcome": each(_cell(cells, "outcome", n), str),
    }


def _when(cells: Cells, reading: Reading, issues: RowIssues) -> Fields:
    layout, n = reading.layout, len(cells["occurred_at"])
    occurred = read_occurred(cells["occurred_at"], layout, reading.now, issues)
    reported = _no_moment(n)
    if "reported_at" in layout.columns:
        reported = read_reported(cells["reported_at"], occurred, layout, reading.now, issues)
    if reading.extracted_on is not None:
        extracted = np.full(n, reading.extracted_on.isoformat(), dtype="datetime64[us]")
    elif layout.extracted == "month after":
        extracted = following_month(occurred.start, layout.time_zone)
    else:
        extracted = _no_moment(n)
    return {
        "occurred_from": occurred.start,
        "occurred_to": occurred.end,
        "time_precision": occurred.precision,
        "reported_at": reported,
        "extracted_on": extracted,
    }


def _where(cells: Cells, reading: Reading, issues: RowIssues) -> Fields:
    layout, n = reading.layout, len(cells["occurred_at"])
    points = read_points(cells, layout, issues, area=reading.area)
    postcode, refused = _blank(n), _blank(n)
    if "postcode" in cells:
        postcode, refused = _postcodes(cells["postcode"], layout, issues)
    place = each(_cell(cells, "place", n), lambda text: _place_name(text, layout))
    for row in np.flatnonzero(refused != ""):  # what is no postcode may still help to find the place
        place[row] = ", ".join(filter(None, (place[row], refused[row])))
    return {
        "place_text": place,
        "postcode": postcode,
        "stated_area": each(_cell(cells, "area_code", n), str),
        "easting_m": points.easting_m,
        "northing_m": points.northing_m,
        "error_m": np.where(points.is_located, layout.error_m, np.nan),
        "match_level": np.where(points.is_located, layout.match_level, "").astype(object),
    }


def _place_name(text: str, layout: Layout) -> str:
    """Drop the words a source puts before every place, and those it writes for no place."""
    prefix = layout.place_prefix.strip()
    if prefix and (text == prefix or text.startswith(f"{prefix} ")):
        text = text[len(prefix) :].strip()
    return "" if text in layout.no_place else text


def _postcodes(texts: Texts, layout: Layout, issues: RowIssues) -> tuple[Texts, Texts]:
    """Return postcodes in one spelling, and the words of those cells that hold none."""
    said = mask_of(texts, lambda text: not is_nothing(text))
    found = each(texts, lambda text: normalise(text)[0])
    mended = mask_of(texts, lambda text: normalise(text)[1])
    label = layout.label("postcode")
    issues.flag(said & mended, label, "had a letter O or I where only a digit can stand; read as the digit")
    issues.flag(said & (found == ""), label, "is no postcode; its words were added to the place")
    return found, np.where(said & (found == ""), texts, "").astype(object)


def _cell(cells: Cells, field: str, n: int) -> Texts:
    return cells.get(field, _blank(n))


def _no_moment(n: int) -> Moments:
    return np.full(n, "NaT", dtype="datetime64[us]")


def _blank(n: int) -> Texts:
    return np.full(n, "", dtype=object)
