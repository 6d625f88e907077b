from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.intake.layout import HANDLING, Column, load
from mapping.intake.row_issues import RowIssues
from mapping.intake.sharing import read_sharing
from mapping.intake.texts import as_texts

FIELDS = ("grading", "handling", "conditions", "restricted_to")


def share(*, kind="reports", handling="P", **cells):
    """Read one row; returns what is known of it, and the reasons it was flagged or refused for."""
    columns = {"occurred_at": Column(("when",))} | {field: Column((field,)) for field in cells}
    layout = replace(load("warden-log"), kind=kind, handling=handling, columns=columns)
    issues = RowIssues(np.array([1]))
    texts = {field: as_texts([text]) for field, text in {"occurred_at": "", **cells}.items()}
    found = read_sharing(texts, layout, issues)
    frame = issues.frame("f.csv")
    return {name: values[0] for name, values in found.items()}, frame[
        ["field", "severity", "reason"]
    ].values.tolist()


def code(**cells):
    return share(**cells)[0]["handling_code"]


def test_a_row_that_says_nothing_is_handled_as_its_source():
    for handling in HANDLING:
        assert code(handling=handling) == handling
    assert share(grading="", conditions="", restricted_to="") == (
        {"source_grade": "", "assessment_grade": "", "legacy_grading": "", "handling_code": "P",
         "conditions": "", "restricted_to": ""},
        [],
    )  # fmt: skip


def of_source(handling, text):
    """The handling of a row with a handling cell, in a source handled as `handling`."""
    columns = {"occurred_at": Column(("when",)), "handling": Column(("handling",))}
    layout = replace(load("warden-log"), handling=handling, columns=columns)
    texts = {"occurred_at": as_texts([""]), "handling": as_texts([text])}
    return read_sharing(texts, layout, RowIssues(np.array([1])))["handling_code"][0]


@pytest.mark.parametrize(
    ("source", "row", "found"),
    [
        ("open", "", "open"), ("open", "open", "open"), ("open", "P", "P"), ("open", "C", "C"),
        ("P", "", "P"), ("P", "open", "P"), ("P", "P", "P"), ("P", "C", "C"), ("P", "who knows", "C"),
        ("C", "", "C"), ("C", "open", "C"), ("C", "P", "C"), ("open", "OFFICIAL-SENSITIVE", "P"),
        ("open", "OFFICIAL", "open"), ("P", "OFFICIAL-SENSITIVE", "P"), ("C", "OFFICIAL", "C"),
    ],
)  # fmt: skip
def test_a_row_may_be_stricter_than_its_source_and_never_looser(source, row, found):  # BAD 64
    assert of_source(source, row) == found


def test_of_two_codes_the_stricter_holds():
    grades = {"occurred_at": as_texts([""] * 3), "grading": as_texts(["2B P", "2B C", "2B"]),
              "handling": as_texts(["C", "P", "P"])}  # fmt: skip
    columns = {field: Column((field,)) for field in grades}
    issues = RowIssues(np.array([1, 2, 3]))
    found = read_sharing(grades, replace(load("warden-log"), columns=columns), issues)
    assert found["handling_code"].tolist() == ["C", "C", "P"]  # the last has its letter in the other column
    assert len(issues.frame("f.csv")) == 0


def test_conditions_make_a_row_c_and_a_p_beside_them_is_said():
    found, issues = share(conditions="Not for patrol")
    assert (found["handling_code"], found["conditions"], issues) == ("C", "Not for patrol", [])
    found, issues = share(grading="2B P A1", conditions="Not for patrol")
    assert (found["handling_code"], found["conditions"]) == ("C", "A1 Not for patrol")
    assert issues == [["conditions", "flagged", "gives conditions beside a P, so the row is handled as C"]]
    assert share(conditions="None")[0]["handling_code"] == "P"
    assert share(conditions="unknown")[0]["handling_code"] == "C"


@pytest.mark.parametrize("field", ["grading", "conditions", "restricted_to"])
@pytest.mark.parametrize("text", ["SECRET", "TOP SECRET", "UK SECRET"])
def test_what_is_marked_above_official_is_refused(field, text):
    _, issues = share(**{field: text})
    reason = "is marked SECRET or TOP SECRET; this system takes OFFICIAL and OFFICIAL-SENSITIVE, no more"
    assert [field, "rejected", reason] in issues


def test_the_word_secret_in_a_sentence_is_no_marking():
    assert share(conditions="Keep secret where it came from")[1] == []


@pytest.mark.parametrize(
    ("text", "agencies"),
    [
        ("police", "police"), ("Police; Fire", "Police|Fire"), ("police|housing", "police|housing"),
        ("Police, Fire and Housing", "Police|Fire|Housing"),
        ("Riverside  Homes & Police", "Riverside Homes|Police"),
        ("none", ""), ("-", ""), ("No", ""), ("yes", "yes"), ("unknown", "unknown"), ("|", "|"),
        (" ; ", " ; "),
    ],
)  # fmt: skip
def test_a_restriction_names_agencies_and_one_that_names_none_stays(text, agencies):
    assert share(restricted_to=text)[0]["restricted_to"] == agencies


def test_reports_keep_an_old_grading_in_words_and_intelligence_as_it_was_written():  # BAD 64
    found, issues = share(grading="B24")
    assert found["conditions"] == "Old 5x5x5 grading B24, not reinterpreted."
    assert (found["handling_code"], found["source_grade"], len(issues)) == ("C", "", 1)
    found, _ = share(kind="intelligence", grading="B24")
    assert (found["legacy_grading"], found["conditions"], found["handling_code"]) == ("B24", "", "C")


def test_intelligence_without_a_word_about_handling_is_c():  # BAD 64
    for cells in ({"grading": ""}, {"grading": "2B"}, {"grading": "", "conditions": ""}):
        found, issues = share(kind="intelligence", **cells)
        assert found["handling_code"] == "C"
        assert "handled as C" in issues[0][2]
    assert share(kind="intelligence", grading="2B P")[0]["handling_code"] == "P"
    found, issues = share(grading="2B")
    assert (found["handling_code"], issues[0][2]) == (
        "C",
        "has no handling letter, so the row is handled as C",
    )


CELL = st.sampled_from(
    ["", "P", "C", "open", "2B P", "1A C A1", "B24", "3E", "OFFICIAL", "OFFICIAL-SENSITIVE C", "zzz", "5"]
)


@given(st.sampled_from(["open", "P", "C"]), st.sampled_from(["reports", "intelligence"]), CELL, CELL, CELL)
def test_no_row_is_ever_looser_than_its_source(source, kind, grading, handling, conditions):
    columns = {field: Column((field,)) for field in ("occurred_at", *FIELDS)}
    layout = replace(load("warden-log"), kind=kind, handling=source, columns=columns)
    cells = dict.fromkeys(("occurred_at", *FIELDS), as_texts([""])) | {
        "grading": as_texts([grading]), "handling": as_texts([handling]),
        "conditions": as_texts([conditions]),
    }  # fmt: skip
    found = read_sharing(cells, layout, RowIssues(np.array([1])))
    level = HANDLING.index(found["handling_code"][0])
    assert level >= HANDLING.index(source)
    if found["conditions"][0] or (kind == "intelligence" and not (grading + handling)):
        assert found["handling_code"][0] == "C"
