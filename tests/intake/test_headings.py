import pytest

from mapping.errors import FileRefusedError
from mapping.intake.headings import match_columns, with_heading
from mapping.intake.layout import load
from mapping.intake.layout_checks import fold
from mapping.intake.readers import SourceTable


def table_of(columns, *rows):
    return SourceTable("rows.csv", list(columns), [list(row) for row in rows])


WARDEN = load("warden-log")
NEEDED = ["reference", "occurred_at", "category"]


def test_order_case_spaces_and_byte_order_mark_do_not_matter():  # BAD 5, 6
    found = match_columns(["CATEGORY ", " Occurred-At", "\ufeffReference"], WARDEN)
    assert found.positions == {"category": 0, "occurred_at": 1, "reference": 2}
    assert found.problems == ()


def test_missing_columns_are_all_named_at_once():  # BAD 3
    (problem,) = match_columns(["occurred_at", "street"], WARDEN).problems
    assert "needs the columns 'reference' and 'category'" in problem
    assert "it has 2 columns" in problem


def test_one_fat_column_is_blamed_on_its_separator():  # BAD 8
    assert "one column only" in match_columns(["reference:occurred_at:category"], WARDEN).problems[0]


def test_a_column_that_comes_twice_is_named():  # BAD 4
    (problem,) = match_columns([*NEEDED, "Easting", "easting "], WARDEN).problems
    assert problem == "The column 'Easting' comes 2 times; keep one."


def test_unknown_columns_have_no_effect_even_with_tempting_names():  # BAD 7
    found = match_columns([*NEEDED, "is_admin", "handling_code"], WARDEN)
    assert set(found.positions) == set(NEEDED)


def test_of_two_names_for_one_field_the_layouts_first_is_read_and_said():
    found = match_columns(["ref", "reference", "occurred_at", "category"], WARDEN)
    assert found.positions["reference"] == 1
    assert "'reference' was read as reference; 'ref' could be it too." in found.messages


def test_columns_that_may_be_missing_are_said():
    (message,) = match_columns(NEEDED, WARDEN).messages
    assert message.startswith("It has no column reported_at, description, address, postcode, easting")


def test_a_heading_below_title_rows_is_found_and_said():  # BAD 15
    table = table_of(
        ["Warden service", "", ""], ["January 2025", "", ""], NEEDED, ["W1", "1/1/2025", "Noise"]
    )
    headed = with_heading(table, WARDEN)
    assert (headed.columns, list(headed.rows)) == (NEEDED, [["W1", "1/1/2025", "Noise"]])
    assert headed.messages[0] == "The heading was found below 2 other rows."


def test_without_any_heading_the_first_rows_problems_are_told():
    with pytest.raises(FileRefusedError, match="needs the columns"):
        with_heading(table_of(["W1", "1/1/2025", "Noise"], ["W2", "1/1/2025", "Noise"]), WARDEN)


def test_folding_a_name():
    assert fold("\ufeff Post_Code-Area ") == "post code area"
