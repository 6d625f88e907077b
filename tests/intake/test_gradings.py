import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.intake.gradings import Grading, Handling, is_too_high, read_grading, read_handling


@pytest.mark.parametrize("text", ["2B P", "2bp", " 2 B  P ", "2/B/P", "2-B-P", "2.B,P"])
def test_a_3x5x2_grading_is_read(text):  # BAD 64
    assert read_grading(text) == Grading("2", "B", "P")


def test_a_blank_cell_says_nothing():
    assert read_grading("  ") == Grading()
    assert read_handling("") == Handling()


def test_action_codes_are_read_beside_the_grading():
    assert read_grading("2B C A1, S2") == Grading("2", "B", "C", "A1 S2")
    assert read_handling("C: A1/S2") == Handling("C", "A1 S2") == read_handling("C A1 S2")


def test_a_grading_without_its_handling_letter_does_not_say_one():
    assert read_grading("2B") == Grading("2", "B", "")


@pytest.mark.parametrize("text", ["B24", "E41", "b 2 4", "B/2/4"])
def test_an_old_grading_is_kept_as_written_and_never_reinterpreted(text):  # BAD 64
    found = read_grading(text)
    assert (found.source_grade, found.assessment_grade, found.letter, found.legacy) == ("", "", "C", text)
    assert found.doubt == "is an old 5x5x5 grading: kept as written, and the row is handled as C"


@pytest.mark.parametrize("text", ["4A P", "2F P", "2B X", "P", "good", "2B P extra", "2", "22B P", "２B P"])
def test_what_is_no_grading_says_c_and_why(text):  # BAD 64
    found = read_grading(text)
    assert (found.source_grade, found.assessment_grade, found.letter) == ("", "", "C")
    assert found.doubt


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("P", "P"), ("c", "C"), ("Open", "open"), ("Code P", "P"), ("Handling code: C", "C"),
        ("P - Lawful sharing permitted", "P"), ("Lawful sharing permitted", "P"),
        ("C (lawful sharing permitted with conditions)", "C"),
        ("Lawful sharing permitted with conditions", "C"),
        ("OFFICIAL", ""), ("OFFICIAL P", "P"), ("OFFICIAL-SENSITIVE", ""), ("P / OFFICIAL-SENSITIVE", "P"),
        ("Official: Sensitive - C", "C"),
    ],
)  # fmt: skip
def test_a_handling_code_is_read_in_the_words_that_systems_use(text, letter):
    found = read_handling(text)
    assert (found.letter, found.doubt) == (letter, "")
    assert found.is_sensitive == ("sensitive" in text.casefold())


@pytest.mark.parametrize(
    "text", ["1", "5", "Restricted", "P but ask first", "PC", "yes", "CONFIDENTIAL", "P C"]
)
def test_a_handling_code_nobody_knows_says_c(text):  # BAD 64
    assert read_handling(text).letter == "C"
    assert read_handling(text).doubt == "is no handling code (P or C), so the row is handled as C"


@pytest.mark.parametrize("text", ["SECRET", "Top Secret", "UK SECRET", "P SECRET", "TOP\tSECRET//X"])
def test_markings_above_official_are_known(text):
    assert is_too_high(text)
    assert not is_too_high("OFFICIAL-SENSITIVE")
    assert not is_too_high("secretary")


@given(st.text(max_size=20))
def test_any_text_gives_one_of_the_known_answers(text):
    assert read_grading(text).letter in ("", "P", "C")
    assert read_handling(text).letter in ("", "open", "P", "C")
    if text.strip():
        assert read_grading(text) != Grading()
