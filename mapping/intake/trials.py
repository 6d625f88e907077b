"""Trying a layout out: how the first rows of a file, and its dates, would be read.

Nothing is kept. What is shown here is what an import would make of the same rows, because the same
functions read them.
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from mapping.intake import layout as layouts
from mapping.intake.layout import Area, Layout
from mapping.intake.looks import is_twice_the_same, orders_of
from mapping.intake.moments import read_windows
from mapping.intake.readers import SourceTable
from mapping.intake.row_issues import REJECTED
from mapping.intake.samples import Sample
from mapping.intake.texts import as_texts
from mapping.intake.validate import to_reports

EXAMPLES: Final = 2  # of the file's own dates, read out beside each order


@dataclass(frozen=True)
class TriedRow:
    """One row as it would be read; `refused` gives the reasons why it would not be.

    `occurred_from` is UTC or None; `place` is in the source's words, for a page to make public.
    """

    row: int
    refused: tuple[str, ...]
    doubts: tuple[str, ...]
    stated_category: str = ""
    category: str = ""
    occurred_from: dt.datetime | None = None
    occurred_to: dt.datetime | None = None
    time_precision: str = ""
    place: str = ""
    postcode: str = ""
    easting_m: float | None = None
    northing_m: float | None = None
    handling_code: str = ""


@dataclass(frozen=True)
class ReadDate:
    """A date as it is written, and what it is read as; None where it cannot be."""

    text: str
    at: dt.datetime | None
    precision: str


def try_rows(sample: Sample, layout: Layout, *, now: dt.datetime, area: Area | None = None) -> list[TriedRow]:
    """Read the first rows of a sample as a layout says, its points expected in an area.

    Raises
    ------
    FileRefusedError
        The layout does not find its columns in the file.
    """
    table = SourceTable(sample.name, list(sample.columns), [list(row) for row in sample.first])
    key = secrets.token_bytes(32)  # callers' references are hashed under it, shown nowhere and forgotten
    reports, issues, rows_in = to_reports(table, layout, now=now, area=area, complainant_key=key)
    read: dict[int, Any] = dict(zip(reports["row"].tolist(), reports.itertuples(index=False), strict=True))
    return [_tried(number, read.get(number), issues) for number in range(1, rows_in + 1)]


def _tried(number: int, row: Any, issues: pd.DataFrame) -> TriedRow:
    own = issues[issues["row"] == number]
    told = [
        (severity, f"{field} {reason}".strip())
        for field, reason, severity in own[["field", "reason", "severity"]].itertuples(index=False)
    ]
    refused = tuple(text for severity, text in told if severity == REJECTED)
    doubts = tuple(text for severity, text in told if severity != REJECTED)
    if row is None:
        return TriedRow(number, refused, doubts)
    return TriedRow(
        row=number,
        refused=(),
        doubts=doubts,
        stated_category=row.stated_category,
        category=row.category,
        occurred_from=_moment(row.occurred_from),
        occurred_to=_moment(row.occurred_to),
        time_precision=row.time_precision,
        place=row.place_text,
        postcode=row.postcode,
        easting_m=None if pd.isna(row.easting_m) else float(row.easting_m),
        northing_m=None if pd.isna(row.northing_m) else float(row.northing_m),
        handling_code=row.handling_code,
    )


def read_dates(texts: Sequence[str], order: str) -> list[ReadDate]:
    """Read dates in an order of day, month and year, on the London clock."""
    layout = replace(layouts.load(layouts.names()[0]), dates=order, time_zone="Europe/London")
    windows = read_windows(as_texts([text.strip() for text in texts]), layout)
    return [
        ReadDate(text, None if np.isnat(start) else _moment(pd.Timestamp(start, tz="UTC")), str(precision))
        for text, start, precision in zip(texts, windows.start, windows.precision, strict=True)
    ]


def telling_dates(values: Sequence[str]) -> list[str]:
    """Choose dates that show what an order means: one that two orders read differently, one they do not."""
    said = list(dict.fromkeys(text.strip() for text in values if orders_of(text)))
    either = [text for text in said if {"day first", "month first"} <= orders_of(text)]
    differing = [text for text in either if not is_twice_the_same(text)]
    only = [text for text in said if text not in either]
    chosen = [*differing[:1], *only[:1]]
    chosen += [text for text in (*differing, *said) if text not in chosen]
    return list(dict.fromkeys(chosen))[:EXAMPLES]


def _moment(value: Any) -> dt.datetime | None:
    return None if pd.isna(value) else pd.Timestamp(value).to_pydatetime()
