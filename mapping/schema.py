"""What each frame that walks through the house must contain.

Frames are pandas (or geopandas) frames. A step asks `require` for what it needs and may
rely on it; it adds columns to a copy and never changes what it was handed.
"""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from mapping.errors import MissingColumnsError

# One row per accepted row of a source. Text is never missing, only empty; a number or a
# moment that is not known is NaN or NaT.
REPORTS: Final = {
    "row": "data row in its file, from 1",
    "source": "who holds the record, e.g. police-uk, warden-log",
    "source_agency": "agency that owns the record",
    "reference": "the source's own reference; empty where it gives none",
    "report_key": "stable and unique: source and reference, or source, period, content and ordinal",
    "category": "name in `mapping.categories`",
    "stated_category": "the source's own words or code for what happened, or empty",
    "occurred_from": "UTC; start of the window in which it happened",
    "occurred_to": "UTC; end of that window, not included; equal to occurred_from for a known moment",
    "time_precision": "minute, day or month: the coarser of both ends; no finer time is ever shown",
    "reported_at": "UTC; when it was reported, NaT where not said",
    "place_text": "the place in the source's words",
    "postcode": "as `AB12 3CD`, or empty",
    "stated_area": "LSOA, ward or beat that the source states (of a form, the ward's GSS code), or empty",
    "easting_m": "metres, EPSG:27700; NaN where there is no point",
    "northing_m": "metres, EPSG:27700; NaN where there is no point",
    "error_m": "radius that holds the truth with 95 %; NaN where there is no point",
    "match_level": "coordinates, grid reference, snap point, street, postcode, place; or empty",
    "description": "free text of the source",
    "outcome": "last known outcome, or empty",
    "handling_code": "open, P or C; never looser than its source",
    "conditions": "text and action codes (A1 A2 S1 S2) that travel with a C record, or empty",
    "restricted_to": "agencies separated by `|` that alone may see it; empty for no restriction",
    "source_grade": "1, 2 or 3 where the source grades its accounts, or empty",
    "assessment_grade": "A to E where graded, or empty",
    "complainant_hash": "keyed hash (HMAC-SHA256, hexadecimal) of the complainant reference, or empty",
    "extracted_on": "day of the extract: declared, said by the row, or by the layout's rule; NaT if unknown",
}

# One row per accepted row of an intelligence source: assessed, graded 3x5x2, never counted. Columns
# that REPORTS has too mean the same here; an item is no report and belongs to no incident.
INTELLIGENCE: Final = {
    **{name: said for name, said in REPORTS.items() if name not in ("outcome", "complainant_hash")},
    "description": "what is known, as fact",
    "opinion": "what a professional makes of it, kept apart from the fact",
    "legacy_grading": "an old 5x5x5 grading as it was written, never reinterpreted, or empty",
}

# Why a row was refused or flagged. `severity`: rejected (not stored) or flagged (stored, doubtful).
ROW_ISSUES: Final = {"file": "", "row": "data row from 1", "field": "column", "reason": "", "severity": ""}

# What `places.wards.place` adds to reports joined into incidents. `placement`: in ward, outside, unlocated.
PLACED: Final = {
    "incident_id": "unique",
    "ward_gss_code": "ward, or empty when outside every ward or unlocated",
    "placement": "in ward, outside or unlocated",
}

# How a record came by its point, beside `REPORTS`; absent where nothing was looked up.
FOUND: Final = {
    "place_status": "given, matched, ambiguous, unmatched, pinned, set aside; empty where nothing was said",
    "place_score": "how sure the finding is, 0-1; NaN where nothing was looked up",
}

WARDS: Final = {"ward_gss_code": "nine characters", "ward_name": "", "geometry": "polygon, EPSG:27700"}

CELLS: Final = {
    "cell_id": "south-west corner, e.g. E445300N517200",
    "easting_m": "centre",
    "northing_m": "centre",
    "ward_gss_code": "ward of the centre",
    "incident_count": "whole incidents of the period, those known to within one cell",
    "score": "expected events in the coming period; higher is hotter",
    "expected_count": "incidents expected here in the period if the ward's total were spread by its baseline",
    "p_value": "one-sided, exact: at least this many by chance",
    "p_value_fdr": "corrected over the borough",
    "is_hot": "passed the significance rule",
    "trend": "emerging class, or empty where it was not classed",
    "gi_star_z": "local clustering of counts, in standard deviations; NaN where it was not scored",
}

HOTSPOTS: Final = {
    "hotspot_id": "stable from run to run within a chain of runs",
    "rank": "1 is the first to go to, borough-wide",
    "ward_gss_code": "ward that holds most of it",
    "ward_name": "",
    "other_wards": "names of further wards it touches, separated by `; `",
    "incident_count": "whole incidents inside its shape in the period",
    "expected_count": "what its points would hold if its ward's incidents fell evenly",
    "rate_ratio": "incident_count / expected_count",
    "p_value": "one-sided",
    "p_value_fdr": "corrected over the borough",
    "harm_score": "sum of known weights; NaN where no weight is known",
    "trend": "class of its history, a key of `hotspots.emerging.MEANINGS`",
    "peak_hours": "e.g. Fri-Sat 18:00-22:00; empty where times are not known",
    "top_categories": "name and count, separated by `; `",
    "sources": "name and count, separated by `; `",
    "area_m2": "",
    "radius_m": "farthest incident from the centre",
    "cautions": "sentences separated by ` | `",
    "place_name": "the commonest place text among its incidents",
    "easting_m": "centre",
    "northing_m": "centre",
    "forecast_count": "events foretold for the coming period inside its cells",
    "recorded_at_place": "whether reports are recorded here rather than happening here",
    "monthly_counts": "whole incidents a month over the period, separated by spaces, oldest first",
    "identity": "first seen, continued, grown, shrunk, split, merged or returned; empty where not followed",
    "before": "ids of the hotspots of the last run it came from, separated by `; `",
    "seen_since_on": "ISO date; start of the first period it was found in",
    "change": "rising, new, steady, falling or too short: the last months against those before",
    "harm_rank": "1 for the largest sum of square roots of known weights; NaN where none is known",
    "weighted_share": "share of its incidents whose category has a harm weight, 0-1; NaN where not weighed",
    "last_seen_on": "ISO date of its latest incident, YYYY-MM where only the month is known, or empty",
    "source_mix": "who sees it and who does not, in sentences",
    "capped_count": "reports not counted, because one caller made too many at one place",
    "clumpiness": "share of its reports on its busiest point, 0-1",
    "excess_kind": "more than its share, or rise; empty where not said",
    "low_count": "events foretold: lower end of the 90 % interval",
    "high_count": "events foretold: upper end of the 90 % interval",
    "geometry": "polygon or, along streets that do not meet, multipolygon, EPSG:27700",
}

PROPOSALS: Final = {
    "proposal_id": "",
    "hotspot_id": "",
    "rank": "borough-wide",
    "ward_rank": "within its ward",
    "ward_gss_code": "",
    "ward_name": "",
    "place_name": "",
    "response": "joint patrol, problem-solving, more information first, or check the place",
    "headline": "one sentence: what, where, when",
    "reasons": "sentences separated by ` | `",
    "cautions": "sentences separated by ` | `",
    "easting_m": "",
    "northing_m": "",
}


def require(frame: pd.DataFrame, columns: Sequence[str], name: str) -> None:
    """Refuse `frame` unless it has every one of `columns`.

    Raises
    ------
    MissingColumnsError
        Naming the frame and every column that is not there.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise MissingColumnsError(name, missing)


def empty_issues() -> pd.DataFrame:
    """Return the frame that says nothing is wrong."""
    return pd.DataFrame({column: [] for column in ROW_ISSUES}).astype({"row": "int64"})
