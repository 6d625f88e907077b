import math

import pytest

from mapping.typed_points import read


@pytest.mark.parametrize(
    ("text", "east", "north", "rounding"),
    [
        ("NZ 494 203", 449_450, 520_350, 70.7),  # the middle of a square of 100 m, half its diagonal
        ("nz4941220357", 449_412.5, 520_357.5, 0),
        ("449412 520357", 449_412, 520_357, 0),
        ("449412520357", 449_412.5, 520_357.5, 0),
        ("449412.5, 520357.25", 449_412.5, 520_357.25, 0),
        ("E 449412 m, N 520357 m", 449_412, 520_357, 0),
        ("  400000 ,1000000 ", 400_000, 1_000_000, 0),  # seven figures in the far north
    ],
)
def test_metres_and_grid_references(text, east, north, rounding):
    found = read(text)
    assert (found.easting_m, found.northing_m) == (east, north)
    assert found.rounding_m == pytest.approx(rounding, abs=0.05)


@pytest.mark.parametrize(
    "text", ["52.6580, 1.7161", "1.7161 52.6580", "52.6580 N, 1.7161 E", "52.6580° N; 1.7161° E"]
)
def test_degrees_in_either_order(text):
    """The OSTN15 test point in Norfolk (52 39 28.8282, 1 42 57.8663) is 651409.804, 313177.450."""
    found = read(text)
    assert (found.easting_m, found.northing_m) == pytest.approx((651_410, 313_177), abs=8)
    assert found.rounding_m == pytest.approx(111_320 * 1e-4 * math.sqrt(0.5))


def test_a_longitude_west_is_read_by_its_sign_or_its_letter():
    assert read("54.5742, -1.2354") == read("54.5742 N 1.2354 W") != read("54.5742, 1.2354")


def test_a_postcode_is_left_to_the_gazetteer():
    assert read(" ts1 2ab ").postcode == "TS1 2AB"
    assert math.isnan(read("TS12AB").easting_m)


@pytest.mark.parametrize(
    "text",
    ["", " ", "the park", "12", "12, 14", "NZ 49", "91.5, 200.1", "48.85, 2.35", "1e9 2e9", "nan nan",
     "54.57 E, 1.2 N", "999999 999999 999999", "٤٤٩٤١٢ ٥٢٠٣٥٧", "4494125203571", "TS1",
     "-449412, 520357", "a" * 5000],
)  # fmt: skip
def test_what_is_no_place_is_none(text):
    assert read(text) is None
