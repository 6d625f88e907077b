import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping import categories
from mapping.errors import NotFoundError, SettingsError
from mapping.intake import layout
from mapping.intake.layout import Area, Column, Layout, PointColumns
from mapping.intake.layout_checks import KEYS
from mapping.intake.toml_text import written

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
identity = ["occurred_at", "easting", "northing"]
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

FULL = SMALL.replace(
    "[columns]",
    'kind = "reports"\nextracted = "last day"\nsensitive = ["easting"]\notherwise = "Noise"\n[columns]',
)


def test_a_layout_ships_for_every_source_a_partnership_holds():
    assert layout.names() == [
        "command-and-control", "councillor-reports", "deliberate-fires", "fly-tipping", "force-extract",
        "generic", "housing-asb", "intelligence", "noise-complaints", "police-uk", "timed-points",
        "warden-log",
    ]  # fmt: skip


@pytest.mark.parametrize("name", layout.names())
def test_every_layout_says_what_it_is_and_how_it_may_be_shared(name):
    found = layout.load(name)
    assert found.name == found.source == name
    assert found.handling == ("open" if name == "police-uk" else "P")
    assert found.kind == ("intelligence" if name == "intelligence" else "reports")
    assert found.extracted == ("month after" if name == "police-uk" else "last day")
    assert {"reference", "occurred_at", "category"} <= set(found.columns)
    assert found.time_zone == "Europe/London"
    assert found.is_sensitive("description") or name in ("police-uk", "timed-points", "warden-log")


def test_every_layout_is_in_the_readme():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert [name for name in layout.names() if f"| `{name}` |" not in readme] == []


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
    with pytest.raises(NotFoundError, match=r"there are: command-and-control, .*police-uk, timed-points"):
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


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "reports"', 'kind = "rumours"', "kind is 'rumours'"),
        ('extracted = "last day"', 'extracted = "today"', "extracted is 'today'"),
        ('sensitive = ["easting"]', 'sensitive = ["place"]', "'place' is not among its columns"),
        ('sensitive = ["easting"]', 'sensitive = "easting"', "sensitive is no list"),
        ('sensitive = ["easting"]', 'colour = "red"', "'colour' is not a key of a layout"),
        ('otherwise = "Noise"', 'otherwise = "Din"', "'Din' is not a category"),
        ('"Europe/London"', '"Europe/Newmouth"', "time_zone is 'Europe/Newmouth', which no clock keeps"),
        ('"Europe/London"', '"../London"', "time_zone is '../London'"),
        ('precision = "minute"', 'precision = "month"', "precision is month, so dates must be month too"),
        ('dates = "day first"', 'dates = "month"', "dates is month, so precision must be month too"),
        ("error_m = 10.0", "error_m = nan", "error_m is no number of metres"),
        ("error_m = 10.0", 'error_m = "10"', "error_m is no number of metres"),
        (
            "easting_m = [0, 1]",
            "easting_m = [1, 0]",
            "easting_m of area needs two numbers, the smaller first",
        ),
        ("easting_m = [0, 1]", "easting_m = [0, 1, 2]", "easting_m of area needs two numbers"),
        ("northing_m = [0, 1]", "", "area needs easting_m and northing_m"),
        ('names = ["x"]', 'names = "x"', "The column of easting does not list its names"),
        ('names = ["x"]', "names = []", "The column of easting needs one name at least"),
        ('names = ["x"]', 'names = [" "]', "A name of easting is blank"),
        ('names = ["x"]', 'names = ["x", 2]', "names of easting holds what is no text"),
        ('names = ["x"]', 'names = ["x\\ny"]', "holds a control character or a line break"),
        ('names = ["when"], required = true', 'names = ["when"], required = 1', "neither true nor false"),
        ('names = ["when"], required = true', 'names = ["when"], colour = true', "'colour' is nothing that"),
        ('occurred_at = { names = ["when"], required = true }', "", "It needs a column for occurred_at"),
        (
            'easting = { names = ["x"] }',
            'occurred_to_time = { names = ["x"] }',
            "nothing without 'occurred_to'",
        ),
        ('crs = "EPSG:27700"', "", "A pair of points needs x, y and crs"),
        ('name = "small"', 'name = "Small one"', "Its name may hold small letters, digits and hyphens"),
        ('identity = ["occurred_at", "easting", "northing"]', "", "Its rows cannot be told apart"),
    ],
)
def test_every_choice_and_type_of_a_layout_is_checked(old, new, said):
    assert old in FULL
    with pytest.raises(SettingsError, match=re.escape(said)):
        layout.parse(FULL.replace(old, new))


def test_every_problem_is_told_at_once():
    text = FULL.replace("error_m = 10.0", "error_m = -1").replace('"P"', '"Q"').replace("[0, 1]", "[1, 1]")
    with pytest.raises(SettingsError) as refused:
        layout.parse(text)
    for said in ("handling is 'Q'", "error_m is no number", "easting_m of area", "northing_m of area"):
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ('source = { names = ["source"] }', "A layout of intelligence has no field 'source'"),
        ('complainant = { names = ["who"] }', "A layout of intelligence has no field 'complainant'"),
        (
            'description = { names = ["Source name"] }',
            "A name of description seems to hold who the source is",
        ),
        ('agency = { names = ["CHIS"] }', "A name of agency seems to hold who the source is"),
    ],
)
def test_an_intelligence_layout_cannot_read_who_the_source_is(column, said):
    text = FULL.replace('kind = "reports"', 'kind = "intelligence"')
    with pytest.raises(SettingsError, match=said):
        layout.parse(text.replace("[columns]", f"[columns]\n{column}"))


def test_a_complainant_is_read_by_no_other_field_and_tells_no_rows_apart():
    text = FULL.replace("[columns]", '[columns]\ncomplainant = { names = ["Caller"] }')
    assert layout.parse(text).is_sensitive("complainant")
    with pytest.raises(SettingsError, match="'complainant' and 'place' name the same column"):
        layout.parse(text.replace("[columns]", '[columns]\nplace = { names = [" caller"] }'))
    with pytest.raises(SettingsError, match="'complainant' may not tell rows apart"):
        layout.parse(text.replace('identity = ["occurred_at"', 'identity = ["complainant"'))
    with pytest.raises(SettingsError, match="A layout of reports has no field 'opinion'"):
        layout.parse(text.replace("complainant", "opinion"))


@pytest.mark.parametrize("name", layout.names())
def test_a_layout_that_ships_is_written_and_read_back_equal(name):
    assert layout.parse(layout.to_toml(layout.load(name))) == layout.load(name)


WORDS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029"), min_size=1, max_size=20
)
NAMES = st.lists(WORDS.filter(str.strip), min_size=1, max_size=3).map(tuple)
COLUMNS = st.dictionaries(
    st.sampled_from(["reference", "category", "place", "description", "postcode"]),
    st.builds(Column, NAMES, st.booleans(), st.booleans()),
)


@given(
    title=WORDS, words=st.lists(WORDS, max_size=3).map(tuple), columns=COLUMNS,
    agencies=st.dictionaries(WORDS, WORDS, max_size=3), error_m=st.floats(0, 1e5),
    mapped=st.dictionaries(WORDS.map(categories.folded), st.sampled_from(["Noise", "Drugs"]), max_size=3),
)  # fmt: skip
def test_any_layout_is_written_and_read_back_equal(title, words, columns, agencies, error_m, mapped):
    made = Layout(
        "made-here", title, title, title, "C", "Europe/London", "minute", "month first", title, error_m,
        columns={"occurred_at": Column(('a "b" \\ c', "#x")), **columns},
        points=(), area=Area((0.5, 1.0), (2.0, 3.0)), categories=mapped, agencies=agencies,
        identity=("occurred_at",), extracted="last day", attribution=title, no_place=words, skip_files=words,
        otherwise="Noise", sensitive=("occurred_at",),
    )  # fmt: skip
    assert layout.parse(layout.to_toml(made)) == made
    pair = PointColumns("easting", "northing", "EPSG:27700")
    both = {"easting": Column(("x",)), "northing": Column(("y",))}
    more = replace(made, columns={**made.columns, **both}, points=(pair,))
    assert layout.parse(layout.to_toml(more)) == more


HOSTILE = st.recursive(
    st.one_of(st.text(max_size=8), st.integers(), st.floats(), st.booleans()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(KEYS)), HOSTILE)
def test_no_value_of_any_key_does_more_than_refuse_the_layout(key, value):
    raw = {**tomllib.loads(FULL), key: value}
    text = written({name: item for name, item in raw.items() if item is not None})
    try:
        layout.parse(text)
    except SettingsError as refused:
        assert "\n" not in str(refused)


@pytest.mark.parametrize(
    "text",
    ["", "name = ", "a = 1\na = 2", "a = " + "[" * 100_000, "x" * 200_001, "\x00", "name = 2025-01-01",
     "[[name]]", "a = 1e999999999",
     'name = "\\ud800"', "points = 3", "columns = []", "area = 5", "identity = [{}]"],
)  # fmt: skip
def test_hostile_text_is_refused_in_one_sentence(text):
    with pytest.raises(SettingsError, match="The layout"):
        layout.parse(text)
