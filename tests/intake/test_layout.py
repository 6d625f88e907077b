import pytest

from mapping import categories
from mapping.errors import NotFoundError, SettingsError
from mapping.intake import layout

SMALL = """
name = "small"
title = "Small"
source = "small"
source_agency = "Small"
handling = "P"
time_zone = "Europe/London"
precision = "minute"
dates = "day first"
match_level = "coordinates"
error_m = 10.0
[columns]
occurred_at = { names = ["when"], required = true }
easting = { names = ["x"] }
northing = { names = ["y"] }
[[points]]
x = "easting"
y = "northing"
crs = "EPSG:27700"
[area]
easting_m = [0, 1]
northing_m = [0, 1]
"""


def test_three_layouts_ship():
    assert layout.names() == ["police-uk", "timed-points", "warden-log"]


@pytest.mark.parametrize("name", layout.names())
def test_every_layout_says_what_it_is_and_how_it_may_be_shared(name):
    found = layout.load(name)
    assert found.name == found.source == name
    assert found.handling == ("open" if name == "police-uk" else "P")
    assert {"reference", "occurred_at", "category"} <= set(found.columns)
    assert found.time_zone == "Europe/London"


def test_police_points_are_snapped_and_say_so():
    found = layout.load("police-uk")
    assert (found.match_level, found.error_m, found.precision) == ("snap point", 100.0, "month")


def test_a_source_is_owned_by_the_agency_its_table_names_or_by_its_namesake():
    found = layout.load("warden-log")
    assert found.agency_of("warden-log") == "Council"
    assert found.agency_of("fire-deliberate") == "fire"
    assert found.agency_of("Riverside Homes") == "Riverside Homes"


def test_the_words_of_a_layout_lead_to_names_that_exist():
    for name in layout.names():
        for word, target in layout.load(name).categories.items():
            assert word == categories.folded(word)
            assert categories.find(target) == target


def test_an_unknown_layout_is_refused_with_those_there_are():
    with pytest.raises(NotFoundError, match="police-uk, timed-points, warden-log"):
        layout.load("../../secrets")


def test_a_small_layout_can_be_parsed():
    assert layout.parse(SMALL).label("occurred_at") == "when"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('handling = "P"', 'handling = "secret"', "handling is 'secret'"),
        ('dates = "day first"', 'dates = "guess"', "dates is 'guess'"),
        ("EPSG:27700", "EPSG:3857", "'EPSG:3857' is not a coordinate system"),
        ('x = "easting"', 'x = "longitude"', "'longitude' is not among its columns"),
        ("[[points]]", '[categories]\nGraffiti = "Paint"\n[[points]]', "'Paint' is not a category"),
        ('northing = { names = ["y"] }', 'height = { names = ["y"] }', "'height' is not a field"),
        ("error_m = 10.0\n", "", "does not say its error_m"),
    ],
)
def test_a_layout_that_names_what_is_not_there_is_refused(old, new, said):
    with pytest.raises(SettingsError, match=said):
        layout.parse(SMALL.replace(old, new))
