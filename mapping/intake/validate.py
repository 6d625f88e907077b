"""Rows of a table to reports and row issues: every row becomes one or the other.

Rejected: a row of the wrong width or one that swallowed others, a repeated heading, no date that can
be read or believed, no reference where the layout needs one, text that cannot be stored. Everything
else is kept, and what is doubtful about it is flagged. A value refused as a coordinate leaves its row
without a point rather than refusing it, because unplaced records stay in every total.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import schema
from mapping.errors import SettingsError
from mapping.intake import row_issues
from mapping.intake.extracts import with_last_day
from mapping.intake.fields import Fields, Reading, read_fields
from mapping.intake.headings import match_columns, with_heading
from mapping.intake.keys import Ordinals, report_keys
from mapping.intake.layout import Area, Layout
from mapping.intake.meanings import unknown_words
from mapping.intake.moments import month_labels
from mapping.intake.readers import SourceTable
from mapping.intake.row_issues import RowIssues
from mapping.intake.swallowed_rows import swallowed_lines
from mapping.intake.texts import Texts, cells_of, clean

SHORTEST_KEY: Final = 16  # bytes
BLOCK_ROWS: Final = 50_000  # at a time, so that memory follows the reports and not the file
RowNumbers = npt.NDArray[np.int64]
_MOMENTS: Final = ("occurred_from", "occurred_to", "reported_at")
_NUMBERS: Final = ("row", "easting_m", "northing_m", "error_m", "extracted_on")


def to_reports(
    table: SourceTable,
    layout: Layout,
    *,
    now: dt.datetime,
    source: str | None = None,
    area: Area | None = None,
    extracted_on: dt.date | None = None,
    ordinals: Ordinals | None = None,
    complainant_key: bytes | None = None,
    messages: list[str] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Turn a table into reports, or intelligence items, and row issues.

    Parameters
    ----------
    table : SourceTable
        Its rows are read once.
    layout : Layout
        What its columns mean.
    now : datetime with a time zone
        Later moments are in the future, and refused.
    source : str, optional
        Replaces the layout's name of the source where a row does not name its own.
    area : Area, optional
        Where its points are expected (see `points.read_points`).
    extracted_on : date, optional
        Day of the extract; holds before what rows and layout say (see `extracts`).
    ordinals : Ordinals, optional
        Shared by the tables of one read, so that identical rows in two of them stay apart.
    complainant_key : bytes, optional
        What complainant references are hashed under, at least 16 bytes; the plain ones are in
        nothing that is returned. A run that stores nothing may pass a random one.
    messages : list of str, optional
        Receives sentences that hold for the table as a whole.

    Returns
    -------
    (reports, issues, rows_in)
        REPORTS of `mapping.schema` (INTELLIGENCE for a layout of intelligence) and ROW_ISSUES;
        rows_in = reports + distinct rejected rows.

    Raises
    ------
    SettingsError
        The file names its complainants, and there is no key to hash them under.
    FileRefusedError
        With every problem of the heading, or when the table turns out unreadable on the way.
    """
    headed = with_heading(table, layout)
    positions = match_columns(headed.columns, layout).positions
    key = _required_key(complainant_key) if "complainant" in positions else b""
    ordinals = Ordinals() if ordinals is None else ordinals
    named = layout.source_named(source or layout.source)
    reading = Reading(layout, now, named, area, extracted_on, ordinals, key)
    reports, issues, rows_in, rows = [], [], 0, iter(headed.rows)
    while block := list(islice(rows, BLOCK_ROWS)):
        found, wrong = _read_block(block, rows_in, positions, headed, reading)
        reports.append(found)
        issues.append(wrong)
        rows_in += len(block)
    kept = with_last_day(_concatenated(reports, layout.kind), layout, now)
    if messages is not None:
        messages += unknown_words(reading.unknown, layout)
    doubts = _doubts(headed, kept)
    return kept, row_issues.merged([*issues, row_issues.from_records(doubts)]), rows_in


def _doubts(table: SourceTable, kept: pd.DataFrame) -> list[dict[str, str | int]]:
    """Return what the reader doubted about rows that were accepted."""
    if not table.doubts:
        return []
    accepted = set(kept["row"])
    return [
        row_issues.one(table.name, row, "", reason, row_issues.FLAGGED)
        for row, reason in table.doubts.items()
        if row in accepted
    ]


def empty_reports(kind: str = "reports") -> pd.DataFrame:
    """Return REPORTS (or INTELLIGENCE) without a row, with the types they have when there are some."""
    moments = dict.fromkeys(("occurred_from", "occurred_to", "reported_at"), "datetime64[us, UTC]")
    numbers = dict.fromkeys(("easting_m", "northing_m", "error_m"), "float64")
    types = {**moments, **numbers, "row": "int64", "extracted_on": "datetime64[us]"}
    return pd.DataFrame({name: pd.Series([], dtype=types.get(name, "str")) for name in _columns_of(kind)})


def _columns_of(kind: str) -> Mapping[str, str]:
    return schema.INTELLIGENCE if kind == "intelligence" else schema.REPORTS


def _required_key(key: bytes | None) -> bytes:
    if key is None or len(key) < SHORTEST_KEY:
        raise SettingsError(
            "The file names its complainants, which are kept as keyed hashes alone, and no key of "
            f"{SHORTEST_KEY} bytes or more was given; nothing was read."
        )
    return key


def _concatenated(parts: list[pd.DataFrame], kind: str) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else empty_reports(kind)


def _read_block(
    block: list[list[str]], rows_before: int, positions: dict[str, int], table: SourceTable, reading: Reading
) -> tuple[pd.DataFrame, pd.DataFrame]:
    numbers = np.arange(rows_before + 1, rows_before + len(block) + 1)
    rows, numbers, misfits = _fitting(block, numbers, table)
    issues = RowIssues(numbers)
    layout = reading.layout
    _reject_swallowing(swallowed_lines(rows, table.separator, positions["occurred_at"], layout), issues)
    cells = clean(cells_of(rows, positions, layout), layout, issues)
    reports = _reports(cells, numbers, reading, issues)
    return reports, row_issues.merged([misfits, issues.frame(table.name)])


def _fitting(
    block: list[list[str]], numbers: RowNumbers, table: SourceTable
) -> tuple[list[list[str]], RowNumbers, pd.DataFrame]:
    """Part the rows that fit the heading from those that do not."""
    heading = list(table.columns)
    width = len(heading)
    if set(map(len, block)) == {width} and heading not in block:
        return block, numbers, schema.empty_issues()
    fits, wrong = np.ones(len(block), dtype=bool), []
    for place, row in enumerate(block):
        if len(row) != width:
            if len(row) > width and not any(map(str.strip, row[width:])):
                block[place] = row[:width]  # empty cells to the right of the table are no values
                continue
            fits[place] = False
            wrong.append(
                row_issues.one(table.name, int(numbers[place]), "", _misfit(row, width), row_issues.REJECTED)
            )
        elif row == heading:
            fits[place] = False
            reason = "repeats the heading"
            wrong.append(row_issues.one(table.name, int(numbers[place]), "", reason, row_issues.REJECTED))
    if fits.all():
        return block, numbers, schema.empty_issues()
    kept = [row for row, is_kept in zip(block, fits, strict=True) if is_kept]
    return kept, numbers[fits], row_issues.from_records(wrong)


def _reject_swallowing(lines: RowNumbers, issues: RowIssues) -> None:
    """Refuse the rows that swallowed others: they mix two incidents, and a flag would leave that counted."""
    for count in np.unique(lines[lines > 0]):
        reason = f"holds {count:,} lines of the file as one cell, with a row in it, so a quote may be missing"
        issues.reject(lines == count, "", reason)


def _misfit(row: Sequence[str], width: int) -> str:
    lines = sum(cell.count("\n") for cell in row) + 1
    spread = f" over {lines:,} lines, so a quote may be missing" if lines > 1 else ""
    return f"has {len(row)} values where the heading has {width} columns{spread}"


def _reports(
    cells: dict[str, Texts], numbers: RowNumbers, reading: Reading, issues: RowIssues
) -> pd.DataFrame:
    found = read_fields(cells, reading, issues)
    kept = ~issues.rejected
    if not kept.any():
        return empty_reports(reading.layout.kind)
    if not kept.all():
        found = {name: values[kept] for name, values in found.items()}
        cells = {field: values[kept] for field, values in cells.items()}
    months = month_labels(found["occurred_from"], reading.layout.time_zone)
    keys = report_keys(cells, found["source"], found["reference"], months, reading.layout, reading.ordinals)
    return _frame({**found, "row": numbers[kept], "report_key": keys}, reading.layout.kind)


def _frame(fields: Fields, kind: str) -> pd.DataFrame:
    """Put fields into their frame: its order, UTC moments, text as text."""
    return pd.DataFrame({name: _column(name, fields[name]) for name in _columns_of(kind)})


def _column(name: str, values: Any) -> Any:
    if name in _MOMENTS:
        return pd.DatetimeIndex(values).tz_localize("UTC")
    return values if name in _NUMBERS else pd.array(values, dtype="str")
