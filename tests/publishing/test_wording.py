import math
from collections.abc import Callable

from mapping.publishing.view import MapView
from mapping.publishing.wording import describe


def _first(view: MapView, **changes: object):
    return next(view.hotspots.assign(**changes).itertuples(index=False))


def test_counts_are_said_against_what_was_expected_and_with_their_doubt(make_view: Callable[..., MapView]):
    # 31 / 14.2 = 2.18
    assert (
        describe(_first(make_view()), number=1).counts
        == "31 reports, 14 expected (2.2 times; very unlikely to be chance)."
    )


def test_a_hotspot_that_was_not_tested_says_no_chance(make_view: Callable[..., MapView]):
    row = _first(make_view(), p_value=math.nan, p_value_fdr=math.nan, rate_ratio=math.nan)
    assert describe(row, number=1).counts == "31 reports, 14 expected."


def test_the_uncorrected_p_value_is_used_only_where_no_corrected_one_is(make_view: Callable[..., MapView]):
    corrected = _first(make_view(), p_value=0.001, p_value_fdr=0.03)
    assert "; unlikely to be chance" in describe(corrected, number=1).counts
    raw_only = _first(make_view(), p_value=0.2, p_value_fdr=math.nan)
    assert "could be chance" in describe(raw_only, number=1).counts


def test_place_has_no_house_number(make_view: Callable[..., MapView]):
    assert describe(_first(make_view(), place_name="12 Eden Road"), number=1).place == "Eden Road"


def test_a_place_without_a_name_says_so(make_view: Callable[..., MapView]):
    assert describe(_first(make_view(), place_name="On or near "), number=1).place == "Place without a name"


def test_wards_rank_time_and_categories_are_said(make_view: Callable[..., MapView]):
    words = describe(_first(make_view(), other_wards="Eastgate; Northgate"), number=7, show_rank=True)
    assert words.number == 7
    assert words.where == "Westgate, also in Eastgate, Northgate, rank 1 overall"
    assert words.when == "Busiest Fri-Sat 18:00-22:00."
    assert words.what == "Mostly Burglary 4, Drugs 2."


def test_unknown_things_are_left_out_rather_than_guessed(make_view: Callable[..., MapView]):
    words = describe(_first(make_view(), peak_hours="", top_categories="", cautions="", change=""), number=1)
    assert (words.when, words.what, words.cautions, words.trend) == ("", "", (), "")


def test_cautions_are_split_into_sentences(make_view: Callable[..., MapView]):
    assert describe(_first(make_view(), cautions="One. | Two."), number=1).cautions == ("One.", "Two.")
