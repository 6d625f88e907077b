import pytest

from mapping.intake.gradings import Grading, read_grading


def test_a_blank_grading_takes_the_handling_of_its_source():
    assert read_grading("", handling="P") == Grading("", "", "P", "", "")
    assert read_grading("", handling="open").handling_code == "open"


@pytest.mark.parametrize("text", ["2B P", "2bp", " 2 B  P "])
def test_a_3x5x2_grading_is_read(text):  # BAD 64
    assert read_grading(text, handling="P") == Grading("2", "B", "P", "", "")


def test_a_row_may_be_stricter_than_its_source_and_never_looser():
    assert read_grading("1A C", handling="P").handling_code == "C"
    assert read_grading("1A P", handling="C").handling_code == "C"
    assert read_grading("1A P", handling="open").handling_code == "P"


def test_action_codes_travel_as_conditions():
    assert read_grading("2B C A1, S2", handling="P") == Grading("2", "B", "C", "A1 S2", "")


def test_a_grading_without_its_handling_letter_is_c():
    assert read_grading("2B", handling="P") == Grading(
        "2", "B", "C", "", "has no handling letter, so the row is handled as C"
    )


@pytest.mark.parametrize("text", ["B24", "E41", "b 2 4"])
def test_an_old_grading_is_kept_in_words_and_never_reinterpreted(text):  # BAD 64
    found = read_grading(text, handling="P")
    assert (found.source_grade, found.assessment_grade, found.handling_code) == ("", "", "C")
    assert found.conditions.startswith("Old 5x5x5 grading ")


@pytest.mark.parametrize("text", ["4A P", "2F P", "2B X", "P", "good", "2B P extra"])
def test_what_is_no_grading_is_c_and_said(text):  # BAD 64
    found = read_grading(text, handling="P")
    assert (found.source_grade, found.handling_code) == ("", "C")
    assert found.doubt
