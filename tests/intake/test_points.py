import numpy as np
import pytest

from mapping.intake.layout import Area, load
from mapping.intake.points import read_points
from mapping.intake.row_issues import RowIssues
from mapping.intake.texts import as_texts

WARDEN, STREET, TIMED = load("warden-log"), load("police-uk"), load("timed-points")
TEES = Area(easting_m=(440_000, 480_000), northing_m=(500_000, 540_000))


def read(layout, *pairs, area=None):
    names = (layout.points[0].x, layout.points[0].y)
    cells = {field: as_texts([""] * len(pairs)) for field in layout.columns}
    for place, name in enumerate(names):
        cells[name] = as_texts([pair[place] for pair in pairs])
    issues = RowIssues(np.arange(1, len(pairs) + 1))
    points = read_points(cells, layout, issues, area=area)
    return points, issues.frame("f.csv")


def reason(layout, x, y, area=None):
    """Return whether a pair gave a point, and why it was flagged."""
    points, issues = read(layout, (x, y), area=area)
    assert set(issues["severity"]) <= {"flagged"}
    return bool(points.is_located[0]), " ".join(issues["reason"])


def test_metres_are_taken_as_they_are():
    points, issues = read(WARDEN, ("449500", "520500.25"))
    assert (points.easting_m[0], points.northing_m[0], len(issues)) == (449500.0, 520500.25, 0)


def test_degrees_become_metres():
    # Middlesbrough town hall, 54.5764 N 1.2344 W, is at about NZ 4959 2035
    points, issues = read(STREET, ("-1.2344", "54.5764"))
    assert abs(points.easting_m[0] - 449_590) < 60
    assert abs(points.northing_m[0] - 520_350) < 60
    assert len(issues) == 0


def test_a_blank_pair_has_no_point_and_no_flag():  # BAD 45
    assert reason(WARDEN, "", "") == (False, "")


@pytest.mark.parametrize(("x", "y"), [("0", "0"), ("0.0", "0.00"), ("-0", "0")])
def test_zero_zero_has_no_point_and_a_flag(x, y):  # BAD 45
    for layout in (WARDEN, STREET):
        located, why = reason(layout, x, y)
        assert not located
        assert why.startswith("0, 0 is where a system writes that it does not know")


def test_half_a_pair_is_flagged():
    assert reason(WARDEN, "449500", "") == (
        False, "only one of the two is filled; the row is kept without a point",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["NaN", "nan", "inf", "-inf", "1e309", "54N", "N/A", "0x10", "1_0", "12 3", "True"]
)
def test_what_is_no_finite_decimal_number_is_refused(text):  # BAD 48
    for layout in (WARDEN, STREET):
        assert reason(layout, text, "54.5")[0] is False
        assert "not two plain decimal numbers" in reason(layout, text, "54.5")[1]


def test_a_decimal_comma_is_refused_and_a_thousands_comma_read():  # BAD 48, 50
    assert reason(STREET, "-1,2344", "54,5764")[0] is False
    assert reason(WARDEN, "449,50", "520,50")[0] is False
    points, issues = read(WARDEN, ("449,500", "520,500.00"), ("1,449,500", "520500"))
    assert (points.easting_m[0], points.northing_m[0]) == (449_500.0, 520_500.0)
    assert issues["row"].tolist() == [2]  # 1,449,500 m is a number, but no place in Great Britain


def test_swapped_degrees_are_flagged_and_not_mapped():  # BAD 43
    located, why = reason(STREET, "54.5764", "-1.2344")
    assert not located
    assert why.startswith("the two look swapped; put the columns right")


def test_swapped_metres_are_found_by_the_area():  # BAD 44
    # 520500, 449500 is a field in Holderness: British soil, and not Tees
    assert reason(WARDEN, "520500", "449500") == (True, "")
    located, why = reason(WARDEN, "520500", "449500", area=TEES)
    assert not located
    assert why.startswith("the two look swapped")


def test_swapped_metres_of_the_far_north_need_no_area():  # BAD 44
    # Wick is at about 336000, 951000; nothing British has an easting of 951000
    assert "swapped" in reason(WARDEN, "951000", "336000")[1]


def test_outside_the_expected_area_is_kept_and_flagged():  # BAD 46
    assert reason(WARDEN, "300000", "300000", area=TEES) == (True, "lies outside the expected area")


def test_a_lost_minus_sign_is_named():  # BAD 46
    located, why = reason(STREET, "1.2344", "54.5764", area=TEES)
    assert located
    assert why == "lies outside the expected area; a minus sign seems to be lost"


@pytest.mark.parametrize(
    ("layout", "x", "y", "said"),
    [
        (WARDEN, "-1.2344", "54.5764", "looks like degrees"),
        (WARDEN, "1.2344", "52.5764", "looks like degrees"),
        (WARDEN, "449.5", "520.5", "looks like kilometres"),
        (WARDEN, "-137400", "7282000", "looks like Web Mercator"),
        (STREET, "-137400", "7282000", "looks like Web Mercator"),
        (STREET, "449500", "520500", "looks like metres"),
        (WARDEN, "NZ 494 203", "", "only one of the two"),
        (WARDEN, "NZ 494 203", "NZ 494 203", "a grid reference is not read here"),
        (STREET, "2.35", "48.86", "outside Great Britain"),  # Paris
        (WARDEN, "-449500", "520500", "outside Great Britain"),
    ],
)  # BAD 49
def test_other_systems_are_named_and_not_mapped(layout, x, y, said):
    located, why = reason(layout, x, y)
    assert not located
    assert said in why


def test_a_second_pair_speaks_only_where_the_first_is_blank():
    cells = {field: as_texts(["", ""]) for field in TIMED.columns}
    cells |= {
        "easting": as_texts(["", "0"]),
        "northing": as_texts(["", "0"]),
        "longitude": as_texts(["-1.2344"] * 2),
        "latitude": as_texts(["54.5764"] * 2),
    }
    issues = RowIssues(np.array([1, 2]))
    points = read_points({"occurred_at": as_texts(["", ""]), **cells}, TIMED, issues)
    assert points.is_located.tolist() == [True, False]
    assert issues.frame("f.csv")["row"].tolist() == [2]
