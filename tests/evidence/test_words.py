"""The evidence in sentences."""

import pandas as pd
import pytest

from mapping.evidence.words import describe, line

METHOD = "mixed (own 0.80, near 0.20)"


def rows(**changes):
    count = {
        "ward": "", "method": "count", "area_share": 0.01, "cells": 60, "events": 1000.0, "hits": 370.0,
        "hit_rate": 0.37, "pei": 0.74, "origins": 3, "judged": True, "gain_over_count": 0.0, "gain_low": 0.0,
        "gain_high": 0.0, "kept_share": 0.9,
    }  # fmt: skip
    mixed = count | {
        "method": "mixed", "hits": 390.0, "hit_rate": 0.39, "pei": 0.78, "gain_over_count": 20.0,
        "gain_low": 8.0, "gain_high": 31.0, "kept_share": 0.82,
    }  # fmt: skip
    return pd.DataFrame([count, mixed | changes])


def plain(text):
    return text.replace("\u00a0", " ")


def test_what_was_held_stands_beside_the_count_and_the_best():
    # the best is the hit rate over PEI: 0.39 / 0.78 = 0.5
    assert plain(describe(rows(), METHOD).sentence) == (
        "In the last three months the places this method chose held 39 % of the reports that followed, in "
        "1 % of the area; counting what happened before: 37 %; the best anyone could have done: 50 %."
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "That is between 8 and 31 more of 1,000 reports than counting: unlikely to be chance."),
        (
            {"gain_low": -5.0},
            "The difference to counting could be chance: between 5 fewer and 31 more of 1,000 reports.",
        ),
        (
            {"gain_over_count": -20.0, "gain_low": -31.0, "gain_high": -8.0},
            "That is between 8 and 31 fewer of 1,000 reports than counting: unlikely to be chance.",
        ),
        ({"judged": False, "cells": 12}, ""),
    ],
)
def test_the_difference_is_said_with_its_doubt(changes, said):
    assert describe(rows(**changes), METHOD).doubt == said


def test_a_map_of_counts_has_nothing_to_be_compared_with():
    held = describe(rows(), "count")
    assert held.doubt.startswith("The method is to count what happened before")
    assert "counting what happened before" not in held.sentence


def test_stability_is_squares_of_ten():
    assert describe(rows(), METHOD).stable == (
        "About 8 of 10 squares chosen one month were chosen again the next."
    )
    assert describe(rows(kept_share=float("nan")), METHOD).stable == ""


def test_too_little_to_judge_by_says_what_is_too_little():
    assert describe(rows(judged=False, cells=12, events=40.0), METHOD).caution == (
        "Only 12 squares and 40 reports: shown, but too few to judge a method by."
    )
    assert describe(rows(judged=False, cells=1), METHOD).caution.startswith("Only 1 square: ")
    assert describe(rows(), METHOD).caution == ""


def test_a_ward_is_told_by_its_own_rows_or_not_at_all():
    both = pd.concat([rows(), rows(hit_rate=0.5).assign(ward="E05")])
    assert "held 50" in describe(both, METHOD, ward="E05", area="Beechwood").sentence
    assert "of Beechwood" in describe(both, METHOD, ward="E05", area="Beechwood").sentence
    assert describe(both, METHOD, ward="E06").sentence == ""
    assert "held 39" in describe(both, METHOD).sentence


def test_rows_of_an_older_run_say_what_they_know():
    old = rows()[["method", "area_share", "cells", "events", "hits", "hit_rate", "pei"]]
    held = describe(old, METHOD)
    assert held.sentence.startswith("In trial months the places this method chose held 39")
    assert (held.doubt, held.stable, held.caution) == ("", "", "")


def test_no_evidence_says_nothing():
    assert describe(pd.DataFrame(), METHOD).sentence == ""
    assert line(pd.DataFrame(), METHOD) == ""
    assert describe(rows(), "kernel 150 m").sentence == ""


def test_the_line_under_a_map_is_short():
    assert plain(line(rows(), METHOD)) == (
        "1 % of the area held 39 % of what followed in trial months; counting alone, 37 %"
    )
