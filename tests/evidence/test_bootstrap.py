"""The bootstrap of many maps at once."""

import numpy as np
import pytest

from mapping.evidence.bootstrap import Flagged, draw_hits, interval


def test_hits_are_binomial_about_what_was_seen():
    # 30 of 100 events inside: standard error sqrt(100 x 0.3 x 0.7) = 4.58
    hits = draw_hits([Flagged(np.array([[1.0, 0.0]]), np.array([30.0, 70.0]), 100)], seed=1)
    assert hits.mean() == pytest.approx(30, abs=0.5)
    assert hits.std() == pytest.approx(4.58, abs=0.3)
    assert interval(hits[:, 0]) == pytest.approx((21, 39), abs=1)


def test_events_in_no_cell_count_in_what_is_drawn():
    # 30 of 300: standard error sqrt(300 x 0.1 x 0.9) = 5.2
    hits = draw_hits([Flagged(np.array([[1.0, 0.0]]), np.array([30.0, 70.0]), 300)], seed=1)
    assert hits.std() == pytest.approx(5.2, abs=0.3)


def test_tests_add_up_and_maps_share_their_draws():
    weights = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    test = Flagged(weights, np.array([20.0, 20.0, 60.0]), 100)
    hits = draw_hits([test, test], seed=3)
    assert np.array_equal(hits[:, 0], hits[:, 2])  # the same map on the same draws
    # twice 20 of 100; the difference of two counts of one draw: 2 x 100 (0.2 + 0.2) = 80
    assert hits.mean(axis=0) == pytest.approx([40, 40, 40], abs=1)
    assert (hits[:, 0] - hits[:, 1]).var() == pytest.approx(80, rel=0.12)


def test_grouping_cells_draws_what_single_cells_would():
    # every cell of its own kind or all of one kind: the same spread of the total
    events = np.full(10, 7.0)
    one_kind = draw_hits([Flagged(np.full((1, 10), 0.5), events, 140)], seed=5)[:, 0]
    # 0.5 x Binomial(140, 0.5): mean 35, standard deviation 0.5 sqrt(35) = 2.96
    assert one_kind.mean() == pytest.approx(35, abs=0.3)
    assert one_kind.std() == pytest.approx(2.96, abs=0.2)


def test_a_test_without_events_adds_nothing_and_a_seed_repeats():
    test = Flagged(np.array([[1.0]]), np.array([5.0]), 10)
    empty = Flagged(np.array([[1.0]]), np.array([0.0]), 0)
    assert np.array_equal(draw_hits([test, empty], seed=2), draw_hits([test], seed=2))
    assert not draw_hits([empty], seed=2).any()
