"""Tables of harm weights: the one that ships, and a partnership's own."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.categories import CATEGORIES
from mapping.errors import SettingsError
from mapping.hotspots.harm_tables import CAMBRIDGE, parse, stored

OWN = """
name = "Our weights"
source = "Partnership board, minute 7"
dated = 2025-04-01
unit = "points"
[categories]
"ASB" = 1.5
"Burglary" = 20
[offences]
"  Burglary  DWELLING " = 40
"""


def test_the_table_that_ships_holds_the_seven_values_and_no_other():
    assert CAMBRIDGE.offences == {
        "homicide": 5475, "attempted murder": 3285, "rape": 1825, "firearms": 730, "serious assault": 547,
        "robbery": 365, "common assault": 19,
    }  # fmt: skip
    # Robbery is the one category here that is an offence of it; the merged ones of police.uk have no weight.
    assert CAMBRIDGE.categories == {"Robbery": 365}
    assert "second-hand" in CAMBRIDGE.credit and "(2016), in days" in CAMBRIDGE.credit


def test_a_partnership_gives_its_own_table():
    table = parse(OWN)
    assert (table.name, table.dated, table.unit) == ("Our weights", "2025-04-01", "points")
    # An alias is read as the category it stands for, and a word without regard to case and spaces.
    assert table.categories == {"Anti-social behaviour": 1.5, "Burglary": 20.0}
    assert table.offences == {"burglary dwelling": 40.0}


def test_a_table_is_kept_with_its_run_and_read_back():
    assert stored(json.loads(json.dumps(CAMBRIDGE.as_dict()))) == CAMBRIDGE
    assert stored(None) is None and stored({}) is None


@pytest.mark.parametrize(
    ("line", "instead", "reason"),
    [
        ('source = "Partnership board, minute 7"\n', "", "lacks source"),
        ("dated = 2025-04-01\n", "", "lacks dated"),
        ("dated = 2025-04-01", 'dated = "last spring"', "Write dated as"),
        ('unit = "points"', 'unit = "points"\ncolour = "red"', "colour is not known"),
        ('"ASB" = 1.5', '"Burglery" = 1.5', "Line 1 of categories names no category"),
        ('"ASB" = 1.5', '"burglary" = 1.5', "Line 2 of categories weighs what another line weighs"),
        ('"Burglary" = 20', '"Burglary" = -1', "Line 2 of categories needs a number"),
        ('"Burglary" = 20', '"Burglary" = nan', "needs a number"),
        ('"Burglary" = 20', '"Burglary" = true', "needs a number"),
        ('"Burglary" = 20', '"Burglary" = "20"', "needs a number"),
        ("[categories]", "categories = 3\n[other]", "categories must be a table"),
        ('"Burglary" = 20', '"Burglary" = ', "not readable as TOML"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(line, instead, reason):
    assert line in OWN
    with pytest.raises(SettingsError, match=reason):
        parse(OWN.replace(line, instead))


def test_every_reason_is_said_at_once_and_no_more_than_a_page_holds():
    with pytest.raises(SettingsError) as refused:
        parse("[offences]\n" + "\n".join(f'"o{number}" = -1' for number in range(20)))
    assert str(refused.value).count("needs a number") == 6  # ten reasons, four of them missing texts
    assert str(refused.value).endswith("And 14 more.")


def test_a_table_without_weights_is_none():
    with pytest.raises(SettingsError, match="weighs nothing"):
        parse(OWN[: OWN.index("[categories]")])


@given(
    st.dictionaries(
        st.sampled_from([each.name for each in CATEGORIES]),
        st.floats(0, 1_000_000) | st.integers(0, 1_000_000),
        min_size=1,
    )
)
def test_what_is_written_is_what_is_read(weights):
    lines = "\n".join(f"{json.dumps(name)} = {weight!r}" for name, weight in weights.items())
    text = f'name = "n"\nsource = "s"\ndated = "2020"\nunit = "days"\n[categories]\n{lines}'
    assert parse(text).categories == weights
