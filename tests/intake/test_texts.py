import numpy as np
import pytest

from mapping.intake.layout import load
from mapping.intake.row_issues import RowIssues
from mapping.intake.texts import as_texts, cells_of, clean, each, is_nothing

WARDEN = load("warden-log")


def cleaned(field, text):
    issues = RowIssues(np.array([1]))
    found = clean({field: as_texts([text])}, WARDEN, issues)[field][0]
    return found, issues.frame("f.csv")[["severity", "reason"]].values.tolist()


def test_rows_become_one_array_of_trimmed_texts_per_field_of_the_layout():
    cells = cells_of([[" W1 ", "x"], ["W2", "y"]], {"reference": 0}, WARDEN)
    assert cells["reference"].tolist() == ["W1", "W2"]
    assert cells["postcode"].tolist() == ["", ""]
    assert set(cells) == set(WARDEN.columns)


def test_each_asks_once_per_distinct_text():
    asked = []
    found = each(as_texts(["a", "b", "a"]), lambda text: asked.append(text) or text.upper())
    assert (found.tolist(), asked) == (["A", "B", "A"], ["a", "b"])
    assert each(as_texts([]), str).tolist() == []


@pytest.mark.parametrize("text", ["", "-", "N/A", "na", "None", "NULL", "not known", "#N/A"])
def test_words_that_say_there_is_nothing(text):
    assert is_nothing(text)


@pytest.mark.parametrize("text", ["0", "NA-12", "Nannette", "unknown male"])
def test_words_that_say_something(text):
    assert not is_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+44", "-5", "@SUM(A1)", "＝1+1", "<script>alert(1)</script>", "${7*7} `x` {{7*7}} </script>",
        "'; DROP TABLE reports; --", "NA", "None", "Null", "O'Brien", "\u202eevil\u200b", "e\u0301" * 40,
    ],
)  # fmt: skip  # BAD 27, 29, 67, 68, 69
def test_words_are_kept_as_they_came(text):
    assert cleaned("description", text) == (text, [])


@pytest.mark.parametrize("text", ["a\x00b", "caf\udcff"])
def test_a_nul_or_a_stray_byte_refuses_its_row(text):  # BAD 23, 24
    assert cleaned("description", text)[1] == [
        ["rejected", "holds a NUL or a byte that is not valid in the file's encoding"]
    ]


@pytest.mark.parametrize("text", ["W1\x1b[31m", "W1\r\nW2", "W1\u2028W2", "W1\x85"])
def test_control_characters_in_a_reference_refuse_its_row(text):  # BAD 26
    assert cleaned("reference", text)[1] == [["rejected", "holds control characters or a line break"]]


def test_control_characters_elsewhere_are_taken_out_and_flagged():  # BAD 26
    assert cleaned("description", "red\x1b[31m\x07") == (
        "red[31m", [["flagged", "held control characters, which were taken out"]],
    )  # fmt: skip


def test_line_breaks_stay_in_a_description_and_become_spaces_elsewhere():  # BAD 11
    assert cleaned("description", "one\r\ntwo\tthree") == ("one\r\ntwo\tthree", [])
    assert cleaned("place", "1 High Street\nNewmouth") == ("1 High Street Newmouth", [])


def test_long_text_is_cut_and_flagged():  # BAD 18
    found, wrong = cleaned("description", "x" * 300_000)
    assert len(found) == 10_000
    assert wrong == [["flagged", "is longer than 10,000 characters and was cut there"]]
    assert cleaned("reference", "x" * 201)[1] == [["rejected", "is longer than 200 characters"]]
