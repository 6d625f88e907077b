import pytest

from mapping.intake.layout import load
from mapping.intake.swallowed_rows import swallowed_lines

LOG = load("warden-log")
DATE = "03/04/2025 18:30"


def lines(*rows, separator=",", date_place=1):
    return swallowed_lines(rows, separator, date_place, LOG).tolist()


def test_a_cell_that_holds_the_beginning_of_the_next_row_is_found():
    # reference, date, kind, place: the quote of W1's kind is closed in W2's
    assert lines(["W1", DATE, f"Noise,1 High Street\nW2,{DATE},Noise", "2 Low Road"]) == [2]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_whole_rows_and_blank_lines_between_are_found_too(end):
    between = end.join((f"W2,{DATE},Drugs,High Street", "", f"W3,{DATE},Drugs,Low Road"))
    cell = f"Noise,1 High Street{end}{between}{end}W4,{DATE},Noise"
    assert lines(["W0", DATE, "x", "y"], ["W1", DATE, cell, "2 Low Road"]) == [0, 5]


def test_the_date_may_stand_behind_the_cell():
    # reference, kind, place, date: W1's own date ended up in its kind
    cell = f"Noise, loud,High Street,{DATE}\nW2,Noise"
    assert lines(["W1", cell, "Low Road", DATE], date_place=3) == [2]


def test_more_commas_than_columns_hide_nothing():
    assert lines(["W1", DATE, f"Noise, and more, of it,Street\nW2,{DATE},Noise, loud", "Low Road"]) == [2]


@pytest.mark.parametrize(
    "cell",
    [
        "one, two\nthree, four, five",  # no date
        f"one, two\n{DATE}, three, four",  # a date elsewhere
        f"one\nW2,{DATE},Noise",  # not the rest of its row
        f"one, two\nW2,{DATE}",  # not the beginning of the next
        f"one, two, W2,{DATE},Noise",  # one line
    ],
)
def test_texts_with_commas_and_line_breaks_are_sound(cell):
    assert lines(["W1", DATE, cell, "Low Road"]) == [0]


def test_another_separator_is_looked_for_where_the_file_has_one_and_none_in_a_workbook():
    row = ["W1", DATE, f"Noise;1 High Street\nW2;{DATE};Noise", "2 Low Road"]
    assert lines(row, separator=";") == [2]
    assert lines(row, separator=",") == lines(row, separator="") == [0]
    assert len(swallowed_lines([], ",", 1, LOG)) == 0
