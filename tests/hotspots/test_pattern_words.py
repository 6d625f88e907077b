"""The sentences of near repeats, clusters and gathering."""

import datetime as dt

from mapping.hotspots import pattern_words as words


def test_a_category_inside_a_sentence_keeps_its_letters_where_they_are_initials():
    assert words.lower_name("Burglary") == "burglary"
    assert words.lower_name("ASB nuisance") == "ASB nuisance"


def test_a_near_repeat_is_said_in_times_and_in_chance():
    said = words.near_repeat(
        "Burglary", ratio=2.26, observed=37, expected=16.4, p_value=0.005, within_m=200.0
    )
    assert said == (
        "After one report of burglary, another within 200 m in the next week is 2.3 times as common as "
        "chance alone would make it (37 pairs seen, 16 expected); very unlikely to be chance."
    )


def test_what_rounds_to_once_is_no_more_common():
    # 103 of 100 is 1.03, which would read as "1.0 times as common"
    said = words.near_repeat("Noise", ratio=1.03, observed=103, expected=100, p_value=0.4, within_m=200.0)
    assert said.endswith("is no more common than chance alone would make it (103 pairs seen, 100 expected).")


def test_few_pairs_are_too_few_to_tell_unless_they_beat_chance():
    told = {"ratio": 1.5, "observed": 1, "expected": 0.67, "within_m": 200.0}
    assert words.near_repeat("Robbery", p_value=0.4, **told) == (
        "Too few pairs of robbery within 200 m and a week of each other to tell (1 pair seen, 0.7 expected)."
    )
    assert words.near_repeat("Robbery", p_value=0.01, **told).startswith("After one report of robbery")


def test_why_days_are_not_counted_says_the_share():
    told = {"placed": 450, "least": 20, "only_months": True}
    assert words.days_unknown("Drugs", known=0, **told) == (
        "Of all 450 placed reports of drugs only the month is known (0 % are known to the day), so days "
        "between reports cannot be counted."
    )
    # 9 of 450 is 2 %; 2 of 450 is 0.4 %
    assert "9 of 450 placed reports of drugs (2 %) are known to the day" in words.days_unknown(
        "Drugs", known=9, **told
    )
    assert "(under 1 %)" in words.days_unknown("Drugs", known=2, **told)
    few = words.days_unknown("Drugs", placed=1, known=1, only_months=False, least=20)
    assert few == "1 report of drugs can be placed; at least 20 are needed."


def test_a_cluster_of_one_day_is_on_it_and_of_more_from_the_first_to_the_last():
    told = {"place": "Eden Road", "ward": "West", "observed": 9, "expected": 2.1, "p_value": 0.02}
    end = dt.date(2025, 6, 13)  # not included
    assert words.cluster("Burglary", from_on=dt.date(2025, 6, 12), to_on=end, **told) == (
        "Eden Road (West): 9 reports of burglary on 12 June 2025 where 2.1 would be usual; "
        "unlikely to be chance."
    )
    assert "from 3 June 2025 to 12 June 2025" in words.cluster(
        "Burglary", from_on=dt.date(2025, 6, 3), to_on=end, **told
    )


def test_how_many_stand_out_agrees_with_its_verb():
    end = dt.date(2025, 7, 1)
    assert words.live(0, days=21, end_on=end) == "Nothing stands out in the 21 days to 30 June 2025."
    assert words.live(1, days=21, end_on=end).startswith("1 place stands out in")
    assert words.live(3, days=21, end_on=end).startswith("3 places stand out in")


def test_gathering_is_claimed_only_where_it_beats_chance():
    told = {"moran": 0.31, "placed": 60, "half": 3, "cells": 100}
    gathers = words.gathering("Noise", p_value=0.005, **told)
    assert gathers.startswith("Noise gathers:") and "Moran's I 0.31" in gathers
    assert "half of its 60 reports lie in 3 of 100 squares" in gathers
    assert "no gathering" in words.gathering("Noise", p_value=0.3, **told)
