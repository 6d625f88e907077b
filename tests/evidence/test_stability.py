"""Stability and clumpiness, on maps that can be counted by eye."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.evidence.stability import clumpiness, kept_from_month_to_month
from mapping.hotspots.capture import flag_weights
from mapping.hotspots.grid import Grid


def square(side):
    return Grid(100.0, 0.0, 0.0, side, side, ("A",), np.zeros(side * side, dtype=np.int64))


def flags(side, *cells):
    weights = np.zeros(side * side)
    weights[list(cells)] = 1.0
    return weights


def test_jaccard_is_flagged_in_both_over_flagged_in_either():
    before, after = np.array([1.0, 1, 1, 0, 0]), np.array([0.0, 1, 1, 1, 0])
    # 2 in both, 4 in either; 2 of the 3 were kept
    assert kept_from_month_to_month([before, after]) == pytest.approx((2 / 4, 2 / 3))


def test_stability_is_the_mean_over_consecutive_months():
    one, other = np.array([1.0, 0, 0]), np.array([0.0, 1, 0])
    # kept, then left: (1 + 0) / 2
    assert kept_from_month_to_month([one, one, other]) == pytest.approx((0.5, 0.5))


def test_tied_cells_are_stable_only_as_far_as_chance_picks_them_again():
    # one place for four tied cells: the next month picks the same with probability 1/4
    weights = flag_weights(np.zeros(4), 1)
    jaccard, kept = kept_from_month_to_month([weights, weights])
    assert kept == pytest.approx(4 * (1 / 4) ** 2)
    assert jaccard == pytest.approx(0.25 / (2 - 0.25))


def test_one_map_has_no_stability():
    assert all(np.isnan(kept_from_month_to_month([np.array([1.0, 0])])))


def test_a_block_is_clumped_by_one():
    # 2 x 2 of 16: 4 shared edges, twice 8; 4 x 4 edges less the fewest outer 8 is 8: G = 1
    assert clumpiness(flags(4, 5, 6, 9, 10), square(4)) == pytest.approx(1.0)


def test_no_shared_edge_is_clumped_by_minus_one():
    assert clumpiness(flags(4, 0, 2, 9, 11), square(4)) == pytest.approx(-1.0)


def test_a_row_of_three_by_hand():
    # cells 0 1 2 of 25: 2 shared edges, twice 4; 12 edges less the fewest outer 8 (an L of three) is 4: G = 1
    assert clumpiness(flags(5, 0, 1, 2), square(5)) == pytest.approx(1.0)
    # 0 1 and 7: 1 shared edge, twice 2; G = 2/4 = 0.5, P = 3/25: (0.5 - 0.12) / (1 - 0.12)
    assert clumpiness(flags(5, 0, 1, 13), square(5)) == pytest.approx(0.38 / 0.88)


def test_tied_cells_share_as_many_edges_as_random_choices_would_on_average():
    # two of the four cells of a 2 x 2 square: of the 6 pairs 4 share an edge, so 2/3 shared edges
    # on average; G = 2 (2/3) / (8 - 6) = 2/3, P = 1/2: (2/3 - 1/2) / (1 - 1/2) = 1/3
    assert clumpiness(flag_weights(np.zeros(4), 2), square(2)) == pytest.approx(1 / 3)


def test_a_single_cell_and_a_full_map_lie_neither_together_nor_apart():
    assert np.isnan(clumpiness(flags(4, 3), square(4)))
    assert np.isnan(clumpiness(np.ones(16), square(4)))


def test_edges_out_of_the_study_area_are_edges_to_what_is_not_flagged():
    # only the two left columns of a 4 x 4 lattice are studied; cells 0 and 4 lie one above the other
    wards = np.tile([0, 0, -1, -1], 4).astype(np.int64)
    grid = Grid(100.0, 0.0, 0.0, 4, 4, ("A",), wards)
    # study cells 0, 1, 4, 5 ...: flag lattice cells 0 and 4, which share an edge: G = 2 / (8 - 6) = 1
    assert clumpiness(np.array([1.0, 0, 1, 0, 0, 0, 0, 0]), grid) == pytest.approx(1.0)


@given(st.lists(st.integers(0, 3), min_size=36, max_size=36), st.integers(2, 30))
def test_both_stay_within_their_bounds(scores, flagged):
    weights = flag_weights(np.array(scores, dtype=float), flagged)
    assert -1 - 1e-9 <= clumpiness(weights, square(6)) <= 1 + 1e-9
    jaccard, kept = kept_from_month_to_month([weights, weights])
    assert 0 < jaccard <= kept <= 1 + 1e-9
