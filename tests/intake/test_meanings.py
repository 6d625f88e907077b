from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from mapping.intake.layout import load
from mapping.intake.meanings import finder, read_meaning, unknown_words
from mapping.intake.row_issues import RowIssues
from mapping.intake.texts import as_texts

LOG = load("command-and-control")


def mean(layout=LOG, **cells):
    issues, unknown = RowIssues(np.arange(1, len(next(iter(cells.values()))) + 1)), Counter()
    texts = {field: as_texts(said) for field, said in cells.items()}
    n = len(next(iter(cells.values())))
    found = read_meaning({"occurred_at": as_texts([""] * n), **texts}, layout, issues, unknown)
    rows = list(zip(found["category"], found["stated_category"], strict=True))
    return rows, issues.frame("f.csv")[["row", "field"]].values.tolist(), unknown


def test_a_closing_that_is_known_wins_and_any_other_leaves_the_category():
    rows, issues, unknown = mean(
        category=["Noise", "Noise", "Noise", "Martians", "Martians", ""],
        closing=["AS22", "no trace", "", "AS23", "no trace", "no trace"],
    )
    assert rows == [
        ("ASB nuisance", "AS22"),
        ("Noise", "Noise"),
        ("Noise", "Noise"),
        ("ASB environmental", "AS23"),
        ("Other report", "Martians"),
        ("Other report", "no trace"),
    ]
    assert issues == [[5, "Type"], [6, "Type"]]
    assert unknown == {"Martians": 1, "no trace": 1}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("AS22 - Nuisance", "ASB nuisance"), ("AS22: NUISANCE YOUTHS", "ASB nuisance"),
        ("as22", "ASB nuisance"), ("AS22 Nuisance", "ASB nuisance"), ("AS022", "ASB nuisance"),
        ("AS22/1", "ASB nuisance"), ("AS220", ""),
        ("Noise - music", "Noise"), ("NOISE: ALARM", "Noise"), ("Burglary (dwelling)", "Burglary"),
        ("Burglary \u2013 dwelling", "Burglary"), ("Noise-music", ""), ("A noise", ""), ("- Noise", ""),
        ("N\u043eise", ""),  # a Cyrillic o
    ],
)  # fmt: skip  # BAD 28, 66
def test_a_code_or_a_head_with_words_behind_it_is_known(text, name):
    assert finder(LOG)(text) == name


def test_a_layout_that_says_what_else_a_row_is_flags_nothing():
    tips = load("fly-tipping")
    rows, issues, unknown = mean(tips, category=["Tyres", "", "Noise"])
    assert rows == [("Fly-tipping", "Tyres"), ("Fly-tipping", ""), ("Noise", "Noise")]
    assert (issues, unknown) == ([], {"Tyres": 1})
    assert mean(replace(LOG, otherwise="Noise"), occurred_at=["", ""])[0] == [("Noise", "")] * 2


def test_words_nobody_knows_are_counted_and_the_commonest_named():
    unknown = Counter({"b": 3, "a" * 40: 2, "\x1b[31mred": 1, "d": 1, "e": 1, "f": 9, "g" * 41: 1})
    (message,) = unknown_words(unknown, LOG)
    assert message == (
        "7 different words or codes for what happened, in 18 rows, are not in the layout's list "
        f"('f', 'b', '{'a' * 40}', ...); read as 'Other report'."
    )
    (message,) = unknown_words(Counter({"\x1b[31mred": 2, "x": 2}), LOG)
    assert "(' [31mred', 'x')" in message
    assert unknown_words(Counter(), LOG) == []


def test_what_reads_like_free_text_is_counted_and_never_named():
    unknown = Counter(
        {"Mrs Smith of Holly Road says that they were here again": 1, "noise at no. 4 " * 4: 1, "x": 7}
    )
    (message,) = unknown_words(unknown, LOG)
    assert message.startswith(
        "3 different words or codes for what happened, in 9 rows, are not in the layout's list;"
    )


def test_words_that_do_not_recur_may_be_names_and_are_not_named():
    # 7 rows of 4 words: less than two rows to a word
    (message,) = unknown_words(Counter({"J Smith": 4, "A Jones": 1, "B Brown": 1, "C Green": 1}), LOG)
    assert message == (
        "4 different words or codes for what happened, in 7 rows, are not in the layout's list; "
        "read as 'Other report'."
    )


def test_words_of_a_sensitive_field_are_not_named():
    (message,) = unknown_words(Counter({"x": 2}), replace(LOG, sensitive=("category",)))
    assert "'x'" not in message
