from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.grid_squares import Square, parse
from mapping.intake.grid_references import add_grid_references, half_diagonal_m
from mapping.intake.layout import Area, Column, load
from mapping.intake.points import Points
from mapping.intake.row_issues import RowIssues
from mapping.intake.texts import as_texts

LOG = replace(load("warden-log"), columns={"grid_reference": Column(("grid ref",))})
TEES = Area(easting_m=(440_000, 480_000), northing_m=(500_000, 540_000))
NOWHERE = (np.nan, np.nan)


@pytest.mark.parametrize("text", ["NZ 494 203", "NZ494203", "nz 494203", " NZ  494,203 "])
def test_a_reference_of_six_figures_names_a_square_of_100_metres(text):
    # NZ is four squares of 100 km east and five north of the grid's origin
    assert parse(text) == Square(449_400, 520_300, 100)


@pytest.mark.parametrize(
    ("text", "square"),
    [
        ("NZ4920", (449_000, 520_000, 1000)),
        ("NZ 49 20", (449_000, 520_000, 1000)),
        ("NZ 4940 2030", (449_400, 520_300, 10)),
        ("NZ 49412 20357", (449_412, 520_357, 1)),
        ("SU 387 148", (438_700, 114_800, 100)),  # the example of the Ordnance Survey's guide
        ("TQ 30 80", (530_000, 180_000, 1000)),  # Charing Cross
        ("NN 166 712", (216_600, 771_200, 100)),  # Ben Nevis
        ("HP 61 15", (461_000, 1_215_000, 1000)),  # Unst
        ("OV 00 00", (500_000, 500_000, 1000)),
        ("SV 00 00", (0, 0, 1000)),
        ("449412 520357", (449_412, 520_357, 1)),  # easting and northing in one cell
        ("449412,520357", (449_412, 520_357, 1)),
        ("449412520357", (449_412, 520_357, 1)),
    ],
)
def test_references_known_from_the_map_are_read(text, square):
    assert parse(text) == Square(*square)


@pytest.mark.parametrize(
    "text",
    [
        "", "NZ", "NZ 4 2", "NZ 494 20", "NZ 49 2030", "IZ 494 203", "NI 494 203", "AA 494 203", "ZZ 494 203",
        "NZ 494203 1", "N 494 203", "NZA 494 203", "NZ 494123 203123", "494 203", "4494125203570",
        "NZ ٤٩٤ ٢٠٣", "H1 494",
    ],
)  # fmt: skip
def test_what_names_no_square_of_the_grid_is_none(text):
    assert parse(text) is None


@given(st.integers(0, 699_999), st.integers(0, 1_299_999), st.integers(2, 5))
def test_every_place_lies_in_the_square_that_its_reference_names(easting, northing, figures):
    letters = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
    east, north = easting // 100_000, northing // 100_000
    # squares of 500 km and of 100 km, counted from the north-west corner, ten squares west and north of S
    first = letters[(2 + east // 5) + 5 * (3 - north // 5)]
    second = letters[east % 5 + 5 * (4 - north % 5)]
    side = 10 ** (5 - figures)
    text = f"{first}{second} {easting % 100_000 // side:0{figures}d} {northing % 100_000 // side:0{figures}d}"
    square = parse(text)
    assert square.side_m == side
    assert square.easting_m <= easting < square.easting_m + side
    assert square.northing_m <= northing < square.northing_m + side


def add(*rows, area=TEES):
    """Each row is a grid reference and the point that the coordinate columns gave."""
    points = Points(*(np.array([row[axis] for row in rows], dtype=float) for axis in (1, 2)))
    issues = RowIssues(np.arange(1, len(rows) + 1))
    placed, side = add_grid_references(points, as_texts([row[0] for row in rows]), LOG, issues, area=area)
    points_after = list(zip(placed.easting_m.tolist(), placed.northing_m.tolist(), strict=True))
    return points_after, side.tolist(), issues.frame("f.csv")[["row", "severity", "reason"]].values.tolist()


def test_the_centre_of_the_square_is_the_point_and_its_half_diagonal_the_doubt():
    points, side, issues = add(("NZ 494 203", *NOWHERE))
    assert (points, side, issues) == ([(449_450.0, 520_350.0)], [100.0], [])
    # the corner of a square of 100 m lies sqrt(50^2 + 50^2) = 70.7 m from its centre
    assert round(float(half_diagonal_m(np.array([100.0]))[0]), 1) == 70.7


def test_coordinates_hold_where_both_speak():
    # 449400, 520300 is in the square, 70.7 m from its centre
    points, side, issues = add(("NZ 494 203", 449_400.0, 520_300.0))
    assert (points, side, issues) == ([(449_400.0, 520_300.0)], [0.0], [])


@pytest.mark.parametrize(
    ("north_m", "said"),
    [
        (520_350 + 120, ""),  # 2 x 25 m of error and 70.7 m of square explain 120.7 m
        (520_350 + 122, "about 100 m"),
        (520_350 + 1_240, "about 1 km"),
        (520_350 + 23_000, "about 20 km"),
    ],
)
def test_a_disagreement_beyond_the_errors_of_both_is_flagged_with_its_distance(north_m, said):
    points, _, issues = add(("NZ 494 203", 449_450.0, float(north_m)))
    assert points == [(449_450.0, float(north_m))]
    assert [row[2] for row in issues] == (
        [f"lies {said} from the coordinates, which were taken"] if said else []
    )


def test_what_is_no_reference_leaves_the_row_without_a_point_and_is_said():
    points, side, issues = add(
        ("NZ 494 20", *NOWHERE), ("N/A", *NOWHERE), ("", *NOWHERE), ("I9", 449_400.0, 520_300.0)
    )
    assert np.isnan(points[:3]).all()
    assert points[3] == (449_400.0, 520_300.0)
    assert side == [0.0] * 4
    said = "is no grid reference such as NZ 494 203, and was passed over"
    assert issues == [[1, "flagged", said], [4, "flagged", said]]


def test_squares_outside_the_area_are_flagged_and_those_in_the_sea_not_mapped():
    points, _, issues = add(("TQ 30 80", *NOWHERE), ("SV 00 00", *NOWHERE))
    assert points[0] == (530_500.0, 180_500.0)
    assert np.isnan(points[1]).all()
    assert [row[2] for row in issues] == [
        "lies outside the expected area",
        "lies outside Great Britain; the row is kept without a point",
    ]


def test_nothing_in_gives_nothing_out():
    assert add() == ([], [], [])
