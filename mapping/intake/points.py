"""Coordinates as sources write them: numbers checked, metres out, nothing mapped off its area.

A value that is no coordinate never refuses its row: the row is kept without a point, flagged with
what is wrong, and stays in every total. Columns that look swapped are not swapped back here,
because only the person who made the file knows whether all of it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import crs
from mapping.intake.layout import GREAT_BRITAIN, Area, Layout, PointColumns
from mapping.intake.row_issues import Mask, RowIssues
from mapping.intake.texts import Texts

Floats = npt.NDArray[np.float64]

KEPT: Final = "; the row is kept without a point"
OUTSIDE_AREA: Final = "lies outside the expected area"
# A comma, or a blank of whatever width, one and the same throughout.
_THOUSANDS: Final = re.compile(
    r"[+-]?\d{1,3}(?P<mark>[, \u00a0\u2009\u202f])\d{3}(?:(?P=mark)\d{3})*(\.\d+)?", re.ASCII
)
_GRID_REFERENCE: Final = re.compile(r"[HJNOST][A-HJ-Z]\s*\d{2,5}\s*\d{2,5}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Points:
    """Where n things happened: metres, EPSG:27700, NaN where there is no point."""

    easting_m: Floats
    northing_m: Floats

    @property
    def is_located(self) -> Mask:
        """Say which of them have a point."""
        return ~np.isnan(self.easting_m)


def read_points(
    cells: Mapping[str, Texts], layout: Layout, issues: RowIssues, *, area: Area | None = None
) -> Points:
    """Read the points of a layout, flagging what cannot be one.

    Parameters
    ----------
    cells : mapping of field to array of str, shape (n,)
        Trimmed cells.
    layout : Layout
        Names the pairs of columns, in the order in which they are tried, and their CRS.
    issues : RowIssues
        Receives a flag for every value refused or doubted.
    area : Area, optional
        Where the points are expected, instead of the layout's own area. A pair that lies outside
        and would lie inside when swapped is refused as swapped; any other point outside it is kept
        and flagged. Swapped eastings and northings can land on British soil, so only an area of
        about the size of the borough finds them all.

    Returns
    -------
    Points
        A blank pair has no point and no flag; `0, 0`, half a pair, what is not a finite decimal
        number and what lies outside Great Britain have no point and a flag.
    """
    easting, northing = (np.full(len(cells["occurred_at"]), np.nan) for _ in range(2))
    blank = np.ones(len(easting), dtype=bool)  # a later pair speaks only where every earlier one is silent
    for pair in layout.points:
        found = _read_pair(cells, pair, layout, issues, blank, area or layout.area)
        easting = np.where(blank, found.easting_m, easting)
        northing = np.where(blank, found.northing_m, northing)
        blank = blank & (cells[pair.x] == "") & (cells[pair.y] == "")
    return Points(easting, northing)


def _read_pair(
    cells: Mapping[str, Texts], pair: PointColumns, layout: Layout, issues: RowIssues, rows: Mask, area: Area
) -> Points:
    label = f"{layout.label(pair.x)}, {layout.label(pair.y)}"
    in_metres = pair.crs == crs.BNG
    (x, x_blank, x_bad), (y, y_blank, y_bad) = (_numbers(cells[name], in_metres) for name in (pair.x, pair.y))
    half = rows & (x_blank ^ y_blank)
    bad = rows & ~half & (x_bad | y_bad)
    zero = rows & (x == 0) & (y == 0)
    issues.flag(half, label, f"only one of the two is filled{KEPT}")
    _flag_unread(cells[pair.x], cells[pair.y], bad, label, issues)
    issues.flag(zero, label, f"0, 0 is where a system writes that it does not know the place{KEPT}")
    usable = rows & ~(x_blank | y_blank | bad | zero)
    points = _in_metres(np.where(usable, x, np.nan), np.where(usable, y, np.nan), pair.crs)
    swapped = usable & ~inside(points, area)
    if swapped.any():
        swapped &= inside(
            _in_metres(np.where(swapped, y, np.nan), np.where(swapped, x, np.nan), pair.crs), area
        )
    issues.flag(swapped, label, f"the two look swapped; put the columns right and import again{KEPT}")
    abroad = usable & ~swapped & ~inside(points, GREAT_BRITAIN)
    _flag_abroad(x, y, abroad, in_metres, label, issues)
    outside = usable & ~swapped & ~abroad & ~inside(points, area)
    _flag_outside(x, y, outside, pair.crs, area, label, issues)
    kept = usable & ~swapped & ~abroad
    return Points(np.where(kept, points.easting_m, np.nan), np.where(kept, points.northing_m, np.nan))


def _numbers(texts: Texts, in_metres: bool) -> tuple[Floats, Mask, Mask]:
    """Return numbers, which cells are blank, and which are filled but no finite decimal number."""
    codes, distinct = pd.factorize(texts)
    values, bad = _read_numbers(np.asarray(distinct, dtype=object), in_metres)
    return values[codes], texts == "", bad[codes]


def _read_numbers(texts: Texts, in_metres: bool) -> tuple[Floats, Mask]:
    values = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(dtype=float, copy=True)
    bad = (texts != "") & ~np.isfinite(values)
    if in_metres:  # 445,300 is a thousand separator in metres and a decimal comma in degrees
        for place in np.flatnonzero(bad):
            if found := _THOUSANDS.fullmatch(texts[place]):
                values[place] = float(texts[place].replace(found["mark"], ""))
        bad &= ~np.isfinite(values)
    values[bad] = np.nan
    return values, bad


def _in_metres(x: Floats, y: Floats, system: str) -> Points:
    if system == crs.BNG:
        return Points(x, y)
    codes, distinct = pd.factorize(x + 1j * y, use_na_sentinel=False)  # published points repeat
    easting, northing = crs.to_bng(distinct.real, distinct.imag)
    return Points(easting[codes], northing[codes])


def inside(points: Points, area: Area) -> Mask:
    """Say which points lie in a rectangle; a row without a point does not."""
    east, north = points.easting_m, points.northing_m
    return (
        (east >= area.easting_m[0])
        & (east <= area.easting_m[1])
        & (north >= area.northing_m[0])
        & (north <= area.northing_m[1])
    )


def _flag_unread(x: Texts, y: Texts, bad: Mask, label: str, issues: RowIssues) -> None:
    reference = np.zeros(len(bad), dtype=bool)
    for place in np.flatnonzero(bad):
        reference[place] = any(_GRID_REFERENCE.fullmatch(text) for text in (x[place], y[place]))
    issues.flag(reference, label, f"a grid reference is not read here; write metres{KEPT}")
    issues.flag(bad & ~reference, label, f"not two plain decimal numbers{KEPT}")


def _flag_abroad(x: Floats, y: Floats, abroad: Mask, in_metres: bool, label: str, issues: RowIssues) -> None:
    """Flag points that lie nowhere in Great Britain, saying what the numbers look like instead."""
    if not abroad.any():
        return
    with np.errstate(invalid="ignore"):
        degrees = abroad & (np.abs(x) <= 180) & (np.abs(y) <= 90) & in_metres
        kilometres = abroad & ~degrees & (x > 0) & (x <= 700) & (y > 0) & (y <= 1_300) & in_metres
        mercator = abroad & (x > -1_000_000) & (x < 250_000) & (y > 6_300_000) & (y < 8_700_000)
        metres = abroad & (x > 1_000) & (y > 1_000) & (not in_metres)
    other = abroad & ~(degrees | kilometres | mercator | metres)
    issues.flag(degrees, label, f"looks like degrees; metres on British National Grid are needed{KEPT}")
    issues.flag(kilometres, label, f"looks like kilometres; metres are needed{KEPT}")
    issues.flag(
        mercator,
        label,
        f"looks like Web Mercator; {'British National Grid' if in_metres else 'WGS 84'} is needed{KEPT}",
    )
    issues.flag(metres & ~mercator, label, f"looks like metres; degrees (WGS 84) are needed{KEPT}")
    issues.flag(other, label, f"lies outside Great Britain{KEPT}")


def _flag_outside(
    x: Floats, y: Floats, outside: Mask, system: str, area: Area, label: str, issues: RowIssues
) -> None:
    sign = np.zeros(len(outside), dtype=bool)
    if system == crs.WGS84 and outside.any():
        sign = outside & inside(_in_metres(np.where(outside, -x, np.nan), y, system), area)
    issues.flag(sign, label, f"{OUTSIDE_AREA}; a minus sign seems to be lost")
    issues.flag(outside & ~sign, label, OUTSIDE_AREA)
