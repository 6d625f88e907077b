"""Expected events: the parts by hand, the weights by likelihood, the choice by what would have held."""

import dataclasses

import numpy as np
import pytest

from mapping.errors import MappingError, TooLittleDataError
from mapping.hotspots import scoring
from mapping.hotspots.spreading import Spread
from tests.hotspots.histories import history, lattice


def test_count_expects_what_was_there_before():
    past = history([(0, 3), (0, 3), (1, 3), (2, 7)], months=3)
    score = scoring.score_count(past, 3) * 30  # a 30-day month
    assert score[3] == pytest.approx(3 / 3)
    assert score[7] == pytest.approx(1 / 3)
    assert score.sum() == pytest.approx(4 / 3)


def test_only_the_months_before_are_looked_at():
    past = history([(0, 3), (1, 5), (2, 5)], months=3)
    assert scoring.score_count(past, 1)[5] == 0
    assert scoring.components(past, 1)[1][:, 5].max() < scoring.components(past, 3)[1][:, 5].max()


def test_a_gap_is_not_a_quiet_month():
    days = np.array([30.0, 0.0, 30.0])
    past = scoring.History(lattice(), np.array([0, 2]), np.array([3, 3]), np.ones(2, bool), days)
    # two events in sixty days with data, not in ninety
    assert scoring.score_count(past, 3)[3] * 30 == pytest.approx(1.0)


def test_every_part_is_on_the_scale_of_the_category_s_total():
    rng = np.random.default_rng(0)
    events = [(m, int(c)) for m in range(4) for c in rng.integers(0, 40, 50)]
    past = history(events, months=4, is_own=rng.random(200) < 0.4)
    names, rates = scoring.components(past, 4)
    total = past.own(0, 4).sum() / 120
    for name, rate in zip(names, rates, strict=True):
        if name not in (
            "near",
            "wide",
            "others near",
            "recent",
            "fading",
        ):  # kernels lose what leaves the lattice
            assert rate.sum() == pytest.approx(total), name


def test_places_part_spreads_a_ward_only_over_cells_that_hold_a_report():
    # ward A holds 4 own events; cells 0 and 1 are its only cells with any report
    past = history([(0, 0), (0, 0), (1, 0), (1, 1)], months=2)
    names, rates = scoring.components(past, 2)
    places = rates[names.index("places")] * 60
    assert places[0] == places[1] == pytest.approx(2.0)
    assert places[2] == 0


def test_weights_find_the_mixture_that_made_the_events():
    rng = np.random.default_rng(5)
    parts = rng.gamma(1.0, 1.0, (3, 20_000))
    events = rng.poisson(np.array([0.7, 0.0, 0.3]) @ parts).astype(float)
    # standard errors are about 0.01 at this size
    assert scoring.fit_weights(parts, events) == pytest.approx([0.7, 0.0, 0.3], abs=0.04)


def test_weights_make_the_expected_total_the_observed_total():
    rng = np.random.default_rng(6)
    parts, events = rng.gamma(1.0, 1.0, (4, 500)), rng.poisson(2.0, 500).astype(float)
    # a property of the maximum: sum of expected = sum of observed
    assert (scoring.fit_weights(parts, events) @ parts).sum() == pytest.approx(events.sum(), rel=1e-3)


def test_a_part_that_expects_nothing_gets_no_weight():
    parts = np.array([[1.0, 1.0], [0.0, 0.0]])
    assert list(scoring.fit_weights(parts, np.array([2.0, 4.0]))) == pytest.approx([3.0, 0.0])


def test_auto_keeps_the_plain_count_where_nothing_beats_it():
    # every month the same cells, so what happened before is exactly what comes
    past = history([(m, c) for m in range(6) for c in (3, 3, 3, 17, 17, 25)], months=6)
    chosen = scoring.choose(past)
    assert chosen.method == "count"
    assert "by more than its own error" in chosen.reason


def test_auto_leaves_the_plain_count_where_sparse_events_follow_their_surroundings():
    rng = np.random.default_rng(8)
    grid = lattice(40, 40)
    row, column = np.divmod(np.arange(1600), 40)
    rate = np.exp(-((row - 20) ** 2 + (column - 20) ** 2) / 40.0)
    events = [(m, int(c)) for m in range(8) for c in rng.choice(1600, 60, p=rate / rate.sum())]
    chosen = scoring.choose(history(events, months=8, grid=grid))
    assert chosen.method != "count"


def test_two_months_are_too_few_to_choose_and_it_says_so():
    past = history([(0, 3), (1, 3)], months=2)
    assert scoring.choose(past).method == "count"
    with pytest.raises(TooLittleDataError, match="at least 3 months"):
        scoring.choose(past, method="mixed")


def test_an_unknown_method_is_refused_with_those_known():
    with pytest.raises(MappingError, match="auto, count, kernel, recency, shrunk, mixed, boosted, blend"):
        scoring.choose(history([(0, 3)], months=1), method="magic")


def test_the_same_events_in_another_order_give_the_same_scores():
    rng = np.random.default_rng(9)
    events = [(m, int(c)) for m in range(6) for c in rng.integers(0, 40, 30)]
    one, other = history(events, months=6), history(list(reversed(events)), months=6)
    first, second = scoring.choose(one, method="mixed"), scoring.choose(other, method="mixed")
    assert np.array_equal(first.scorer(one, 6), second.scorer(other, 6))


def with_doubt(past, weight):
    """Add so much doubtful weight to every study cell in every month."""
    surface = np.full((len(past.days), len(past.study)), weight)
    return dataclasses.replace(past, spread=Spread(surface, surface))


def test_doubtful_events_are_weights_in_every_score_and_counts_in_none():
    past = history([(0, 3), (1, 3)], months=2)
    doubtful = with_doubt(past, 0.25)
    assert doubtful.own(0, 2)[3] == pytest.approx(2.5) and doubtful.own(0, 2)[4] == pytest.approx(0.5)
    assert doubtful.own_placed(0, 2)[3] == 2 and doubtful.own_placed(0, 2)[4] == 0
    assert scoring.score_count(doubtful, 2)[4] * 60 == pytest.approx(0.5)
    assert doubtful.until(1).own(0, 2)[3] == pytest.approx(1.25)
    assert np.array_equal(doubtful.placed_only().own(0, 2), past.own(0, 2))


def test_doubt_makes_no_cell_a_place_that_can_hold_a_report():
    past = with_doubt(history([(0, 0), (0, 0), (1, 0), (1, 1)], months=2), 0.5)
    names, rates = scoring.components(past, 2)
    places = rates[names.index("places")] * 60
    # ward A: 4 whole events and 0.5 in each of 20 cells and 2 months, on the two cells that hold a report
    assert places[0] == places[1] == pytest.approx((4 + 20) / 2)
    assert places[2] == 0


def test_rehearsed_months_are_told_by_whole_events_alone():
    past = history([(m, c) for m in range(6) for c in (3, 3, 17, 25)], months=6)
    rehearsal = scoring.Rehearsal(with_doubt(past, 0.1))
    assert [came.sum() for came in rehearsal.events] == [4] * 4
    # 4 whole and 0.1 in each of 40 cells a month: twice the level
    assert rehearsal.level([0, 1]) == pytest.approx(2.0)
    assert scoring.Rehearsal(past).level([0, 1]) == 1.0
