"""Grid references of the Ordnance Survey: letters and figures to metres, with the size of the square.

A grid reference names a square and not a point. Its centre is taken, and half the square's diagonal
is added to the error of the layout, so that NZ 49 20 is not drawn as sharply as NZ 49412 20357.

References
----------
Ordnance Survey (2020). A guide to coordinate systems in Great Britain, section 7.
"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from mapping.intake.layout import GREAT_BRITAIN, Area, Layout
from mapping.intake.points import KEPT, Floats, Points, inside
from mapping.intake.row_issues import RowIssues
from mapping.intake.texts import Texts, each, is_nothing, mask_of

_LETTERED: Final = re.compile(
    r"([A-HJ-Z])\s?([A-HJ-Z])[\s,]*(?:(\d{2,5})[\s,]+(\d{2,5})|((?:\d\d){2,5}))", re.ASCII
)
_FIGURES: Final = re.compile(r"(\d{6})[, ]{0,2}(\d{6})", re.ASCII)  # easting and northing in one cell
_LETTERS: Final = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # a 5 by 5 square, without the I
_SQUARE_M: Final = 100_000
_MOST: Final = (7, 13)  # squares of 100 km eastward and northward


@dataclass(frozen=True)
class Square:
    """A square of the National Grid: its south-west corner and its side, in metres."""

    easting_m: int
    northing_m: int
    side_m: int


def parse(text: str) -> Square | None:
    """Read a grid reference of four to ten figures; None where it is none.

    `NZ 494 203` is the square of 100 m whose corner is 449400, 520300. Spaces and case are free.
    Twelve figures are an easting and a northing in whole metres.
    """
    whole = _FIGURES.fullmatch(text.strip())
    if whole:
        return Square(int(whole[1]), int(whole[2]), 1)
    found = _LETTERED.fullmatch(text.strip().upper())
    if found is None:
        return None
    packed = found[5] or ""
    half = len(packed) // 2
    figures = (packed[:half], packed[half:]) if packed else (found[3], found[4])
    if len(figures[0]) != len(figures[1]):
        return None
    first, second = (_LETTERS.index(letter) for letter in (found[1], found[2]))
    # The grid of large squares starts two squares west and counts down from its north-west corner.
    east = (first - 2) % 5 * 5 + second % 5
    north = 19 - first // 5 * 5 - second // 5
    if not (east < _MOST[0] and 0 <= north < _MOST[1]):
        return None
    side = 10 ** (5 - len(figures[0]))
    return Square(east * _SQUARE_M + int(figures[0]) * side, north * _SQUARE_M + int(figures[1]) * side, side)


def add_grid_references(
    points: Points, texts: Texts, layout: Layout, issues: RowIssues, *, area: Area
) -> tuple[Points, Floats]:
    """Give rows without coordinates the centre of the square that their grid reference names.

    Parameters
    ----------
    points : Points, shape (n,)
        From the coordinate columns, which hold where both speak. Not changed.
    texts : array of str, shape (n,)
        Grid references; blank where there is none.
    area : Area
        Where the points are expected.

    Returns
    -------
    (points, side_m)
        `side_m` is the side of the square that a point was taken from, and 0 for other points.
        A centre farther from the coordinates than the errors of both explain is flagged with the
        distance.
    """
    label = layout.label("grid_reference")
    said = (texts != "") & ~mask_of(texts, is_nothing)
    squares = each(np.where(said, texts, "").astype(object), parse)
    centres, side = _centres(squares)
    read = centres.is_located
    alone = read & ~points.is_located
    issues.flag(said & ~read, label, "is no grid reference such as NZ 494 203, and was passed over")
    abroad = alone & ~inside(centres, GREAT_BRITAIN)
    issues.flag(abroad, label, f"lies outside Great Britain{KEPT}")
    issues.flag(alone & ~abroad & ~inside(centres, area), label, "lies outside the expected area")
    _flag_apart(points, centres, side, layout, issues)
    taken = alone & ~abroad
    placed = Points(
        np.where(taken, centres.easting_m, points.easting_m),
        np.where(taken, centres.northing_m, points.northing_m),
    )
    return placed, np.where(taken, side, 0.0)


def half_diagonal_m(side_m: Floats) -> Floats:
    """Return how far the farthest corner of a square lies from its centre, in metres."""
    return np.asarray(side_m / np.sqrt(2.0), dtype=np.float64)


def _centres(squares: Texts) -> tuple[Points, Floats]:
    nothing = (np.nan, np.nan, 0.0)
    numbers = np.array(
        [
            nothing
            if one is None
            else (one.easting_m + one.side_m / 2, one.northing_m + one.side_m / 2, one.side_m)
            for one in squares
        ],
        dtype=np.float64,
    ).reshape(-1, 3)
    return Points(numbers[:, 0], numbers[:, 1]), numbers[:, 2]


def _flag_apart(points: Points, centres: Points, side: Floats, layout: Layout, issues: RowIssues) -> None:
    """Flag grid references that lie farther from the coordinates than both can be wrong."""
    apart = np.hypot(points.easting_m - centres.easting_m, points.northing_m - centres.northing_m)
    far = apart > 2 * layout.error_m + half_diagonal_m(side)  # NaN, where one of them is silent, is not
    for metres in np.unique(_rounded(apart[far])):
        where = far.copy()
        where[far] = _rounded(apart[far]) == metres
        issues.flag(
            where,
            layout.label("grid_reference"),
            f"lies about {_length(float(metres))} from the coordinates, which were taken",
        )


def _rounded(metres: Floats) -> Floats:
    """Round to one figure, so that the distances of a file stay few."""
    unit = 10.0 ** np.floor(np.log10(np.maximum(metres, 1.0)))
    return np.asarray(np.round(metres / unit) * unit, dtype=np.float64)


def _length(metres: float) -> str:
    return f"{metres / 1000:,.0f} km" if metres >= 1000 else f"{metres:,.0f} m"
