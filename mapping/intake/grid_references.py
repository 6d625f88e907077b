"""Grid references in a column of their own: letters and figures to metres, with the size of the square.

A grid reference names a square and not a point. Its centre is taken, and half the square's diagonal
is added to the error of the layout, so that NZ 49 20 is not drawn as sharply as NZ 49412 20357.
"""

import numpy as np

from mapping.grid_squares import parse
from mapping.intake.layout import GREAT_BRITAIN, Area, Layout
from mapping.intake.points import KEPT, Floats, Points, inside
from mapping.intake.row_issues import RowIssues
from mapping.intake.texts import Texts, each, is_nothing, mask_of


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
