"""A row's cells to a report's fields: who says it, what, when and where."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mapping import categories
from mapping.intake.clocks import NO_TIME, Moments, joined
from mapping.intake.extracts import extract_days, read_extracted
from mapping.intake.grid_references import add_grid_references, half_diagonal_m
from mapping.intake.keys import Ordinals, complainant_hashes, has_invisible, looks_rounded
from mapping.intake.layout import Area, Layout, own_sources
from mapping.intake.meanings import read_meaning
from mapping.intake.moments import read_occurred, read_reported, until
from mapping.intake.points import read_points
from mapping.intake.row_issues import RowIssues
from mapping.intake.sharing import read_sharing
from mapping.intake.texts import LONGEST_NOTHING, Texts, composed, each, is_nothing, mask_of
from mapping.postcodes import normalise

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
    complainant_key: bytes = b""
    unknown: Counter[str] = field(default_factory=Counter)  # words for what happened that no table knows


def read_fields(cells: Cells, reading: Reading, issues: RowIssues) -> Fields:
    """Read every field of n rows but the row number and the key, telling `issues` what is wrong."""
    return {
        **_who(cells, reading, issues),
        **read_sharing(cells, reading.layout, issues),
        **read_meaning(cells, reading.layout, issues, reading.unknown),
        **_said(cells),
        **_when(cells, reading, issues),
        **_where(cells, reading, issues),
    }


def _who(cells: Cells, reading: Reading, issues: RowIssues) -> Fields:
    layout, n = reading.layout, len(cells["occurred_at"])
    if "source" in cells:
        source = _sources(cells["source"], reading, issues)
        owner = each(source, layout.agency_of)
    else:
        source = np.full(n, reading.source, dtype=object)
        owner = np.full(n, layout.agency_of(reading.source), dtype=object)
    agency = each(_cell(cells, "agency", n), str)
    complainant = _blank(n)
    if "complainant" in cells:
        complainant = complainant_hashes(cells["complainant"], reading.complainant_key)
    return {
        "source": source,
        "source_agency": np.where(agency == "", owner, agency),
        "reference": _references(cells, layout, issues) if "reference" in cells else _blank(n),
        "complainant_hash": complainant,
    }


def _sources(texts: Texts, reading: Reading, issues: RowIssues) -> Texts:
    """Return the source that each row names, and refuse the rows that name another layout's.

    Such a row would take the place of that source's own report of the same reference, with the wrong
    owner and handling. Kept under this layout's source it could take the place of a report of this
    one instead, so it is refused, and said where it belongs. Sources that no layout is made for, such
    as a new partner's, are taken as they are.
    """
    layout = reading.layout
    source = each(texts, lambda text: layout.source_named(text) or reading.source)
    known = {layout.source, reading.source, *layout.agencies}
    foreign = mask_of(source, lambda name: name not in known and categories.folded(name) in own_sources())
    reason = "names a source that has a layout of its own; import the row by that one, or leave this blank"
    issues.reject(foreign, layout.label("source"), reason)
    return source


def _references(cells: Cells, layout: Layout, issues: RowIssues) -> Texts:
    label = layout.label("reference")
    references = cells["reference"].copy()
    for place, text in enumerate(references):  # nearly all differ, so `each` would only cost
        if len(text) <= LONGEST_NOTHING or not text.isascii():
            references[place] = "" if is_nothing(text) else composed(text)
    if layout.columns["reference"].filled:
        issues.reject(
            references == "", label, "is blank or says that there is none, and every row needs its own"
        )
    unseen = "holds characters that nobody sees; they make no other reference"
    issues.flag(has_invisible(references), label, unseen)
    issues.flag(looks_rounded(references), label, "looks like a number that a spreadsheet has rounded")
    return references


def _said(cells: Cells) -> Fields:
    n = len(cells["occurred_at"])
    return {
        "description": _cell(cells, "description", n),
        "opinion": _cell(cells, "opinion", n),
        "outcome": each(_cell(cells, "outcome", n), str),
    }


def _when(cells: Cells, reading: Reading, issues: RowIssues) -> Fields:
    layout, now = reading.layout, reading.now
    occurred = read_occurred(_clock_cells(cells, "occurred"), layout, now, issues)
    if "occurred_to" in cells:
        occurred = until(occurred, _clock_cells(cells, "occurred_to"), layout, now, issues)
    nothing: Moments = np.full(len(occurred.start), NO_TIME)
    reported = stated = nothing
    if "reported_at" in cells:
        reported = read_reported(_clock_cells(cells, "reported"), occurred, layout, now, issues)
    if "extracted_at" in cells and reading.extracted_on is None:
        stated = read_extracted(cells["extracted_at"], layout, now, issues)
    return {
        "occurred_from": occurred.start,
        "occurred_to": occurred.end,
        "time_precision": occurred.precision,
        "reported_at": reported,
        "extracted_on": extract_days(stated, occurred, layout, reading.extracted_on),
    }


def _clock_cells(cells: Cells, name: str) -> Texts:
    """Return the dates of a field with the times of the column beside them, where there is one."""
    dates = cells[name if name in cells else f"{name}_at"]
    return joined(dates, cells[f"{name}_time"]) if f"{name}_time" in cells else dates


def _where(cells: Cells, reading: Reading, issues: RowIssues) -> Fields:
    layout, n = reading.layout, len(cells["occurred_at"])
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
        **_point(cells, reading, issues),
    }


def _point(cells: Cells, reading: Reading, issues: RowIssues) -> Fields:
    layout, n = reading.layout, len(cells["occurred_at"])
    points = read_points(cells, layout, issues, area=reading.area)
    side_m = np.zeros(n)
    if "grid_reference" in cells:
        area = reading.area or layout.area
        points, side_m = add_grid_references(points, cells["grid_reference"], layout, issues, area=area)
        refused = (side_m > 0) & np.any(
            [cells[pair.x] != "" for pair in layout.points] or [[False] * n], axis=0
        )
        issues.flag(refused, layout.label("grid_reference"), "gives the point, the coordinates being refused")
    level = np.where(side_m > 0, "grid reference", layout.match_level)
    return {
        "easting_m": points.easting_m,
        "northing_m": points.northing_m,
        "error_m": np.where(points.is_located, layout.error_m + half_diagonal_m(side_m), np.nan),
        "match_level": np.where(points.is_located, level, "").astype(object),
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


def _cell(cells: Cells, name: str, n: int) -> Texts:
    return cells[name] if name in cells else _blank(n)


def _blank(n: int) -> Texts:
    return np.full(n, "", dtype=object)
