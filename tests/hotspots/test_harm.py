"""Harm beside the count."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.hotspots.harm import add_up, compare_orders, harm_of, rank_by_harm, said
from mapping.hotspots.harm_tables import CAMBRIDGE


def happened(*rows):
    return pd.DataFrame(rows, columns=["category", "stated_category"])


def test_the_source_s_own_word_comes_before_the_category_and_nothing_is_invented():
    told = happened(
        ("Robbery", "Robbery of personal property"),
        ("Violence and sexual offences", "  COMMON   Assault"),
        ("Violence and sexual offences", "Violence and sexual offences"),
        ("Burglary", ""),
        ("Anti-social behaviour", None),
    )
    np.testing.assert_array_equal(harm_of(told, CAMBRIDGE), [365, 19, np.nan, np.nan, np.nan])


def test_nothing_weighs_nothing():
    assert harm_of(happened(), CAMBRIDGE).shape == (0,)
    nothing = add_up([])
    assert math.isnan(nothing.score) and math.isnan(nothing.weighted_share)


def test_the_merged_categories_of_open_data_have_no_weight(real_data):
    from mapping.intake import read_reports
    from mapping.intake.layout import load

    file = real_data / "police_uk" / "cleveland" / "2025-01-cleveland-street.csv.gz"
    taken = read_reports([file], load("police-uk"), now=pd.Timestamp("2026-01-01", tz="UTC"))
    weights = harm_of(taken.reports, CAMBRIDGE)
    known = taken.reports.loc[~np.isnan(weights), "category"]
    assert set(known) == {"Robbery"}
    assert set(weights[~np.isnan(weights)]) == {365.0}


def test_a_place_adds_up_what_is_known_and_says_of_how_much():
    # 365 + 19 + 19 = 403 in 3 of 4 reports; the roots are 19.105 + 2 x 4.359 = 27.823
    place = add_up([365, 19, np.nan, 19])
    assert (place.score, place.weighted_share) == (403, 0.75)
    assert place.root_sum == pytest.approx(27.823, abs=1e-3)


def test_a_place_without_any_weight_has_no_score():
    place = add_up([np.nan, np.nan])
    assert math.isnan(place.score) and math.isnan(place.root_sum)
    assert place.weighted_share == 0


def test_a_homicide_weighs_as_17_common_assaults_and_not_as_288():
    # 5475 / 19 = 288.2; sqrt(5475) / sqrt(19) = 73.99 / 4.36 = 16.98
    homicide, assaults = add_up([5475]), [add_up([19] * count) for count in (16, 17, 288)]
    assert [place.root_sum > homicide.root_sum for place in assaults] == [False, True, True]
    assert [place.score > homicide.score for place in assaults] == [False, False, False]


def test_even_places_share_the_better_rank_and_the_unknown_have_none():
    np.testing.assert_array_equal(rank_by_harm([5.0, 9.0, np.nan, 5.0, 1.0]), [2, 1, np.nan, 2, 4])


@given(st.lists(st.sampled_from([19.0, 365.0, 5475.0, float("nan")]), max_size=30))
def test_one_more_known_report_never_lowers_a_place(weights):
    before, after = add_up(weights), add_up([*weights, 19.0])
    assert after.score > np.nan_to_num(before.score)
    assert after.root_sum > np.nan_to_num(before.root_sum)
    assert add_up(weights[::-1]).root_sum == pytest.approx(before.root_sum, nan_ok=True)


def test_how_far_two_orders_differ():
    # Of five, the third has no weight; the others are 1, 2, 3, 4 by reports and 4, 2, 3, 1 by harm:
    # differences 3, 0, 0, 3, so 1 - 6 x 18 / (4 x 15) = -0.8
    orders = compare_orders(list("ABCDE"), [1, 2, 3, 4, 5], [4, 2, np.nan, 3, 1])
    assert (orders.places, orders.movers) == (4, (("A", 1, 4), ("E", 4, 1)))
    assert orders.spearman == pytest.approx(-0.8)
    assert orders.sentence == (
        "Among the 4 hotspots with a known weight the order by harm differs from that by reports foretold "
        "(rank correlation -0.80). Counted among these alone, A is number 4 by harm, 1 by reports foretold; "
        "E is number 1 by harm, 4 by reports foretold."
    )


def test_the_same_order_is_said_to_be_the_same():
    orders = compare_orders(list("ABCD"), [1, 2, 3, 4], [1, 2, 3, 4])
    assert orders.sentence == (
        "Among the 4 hotspots with a known weight the order by harm is much that by reports foretold (rank "
        "correlation 1.00)."
    )


def test_too_few_or_all_even_is_not_compared():
    assert compare_orders(list("ABC"), [1, 2, 3], [3, 2, 1]).sentence == ""
    assert compare_orders(list("ABCD"), [1, 2, 3, 4], [1, 1, 1, 1]).sentence == ""
    assert compare_orders([], [], []).sentence == ""


def test_places_where_reports_are_recorded_are_not_compared():
    left_out = [True, True, True, True, False]
    orders = compare_orders(list("ABCDE"), [1, 2, 3, 4, 5], [2, 3, 4, 5, 1], compared=left_out)
    assert (orders.places, orders.spearman, orders.movers) == (4, pytest.approx(1.0), ())


def test_harm_is_said_with_how_many_reports_carry_a_weight():
    assert said(403.0, 0.75, reports=4, table=CAMBRIDGE) == (
        "403 days of harm. 3 of the 4 reports carry a weight; for the others none is known."
    )
    assert said(365.0, 0.25, reports=4, table=CAMBRIDGE).startswith(
        "365 days of harm. 1 of the 4 reports carries"
    )
    assert said(38.0, 1.0, reports=2, table=CAMBRIDGE) == "38 days of harm; every report carries a weight."
    assert said(365.0, 0.05, reports=20, table=CAMBRIDGE).endswith(
        "none is known. So few say little about the place."
    )
    assert said(float("nan"), 0.0, reports=4, table=CAMBRIDGE) == ""
