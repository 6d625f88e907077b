"""Moran's I, the general G and join counts against every order of a few values, counted out."""

from itertools import permutations

import numpy as np
import pytest
from scipy.sparse import csr_array

from mapping.errors import FlatCountsError, MappingError
from mapping.hotspots import autocorrelation as auto

# six places, linked unevenly so that no sum of weights is a special case
LINKS = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (1, 4), (4, 5)]
VALUES = np.array([0.0, 1.0, 4.0, 2.0, 7.0, 3.0])


def both_ways(links, size):
    first, second = np.array(links).T
    half = csr_array((np.ones(len(links)), (first, second)), shape=(size, size))
    return half + half.T


WEIGHTS = both_ways(LINKS, 6)
BY_ROW = csr_array(WEIGHTS / WEIGHTS.sum(axis=1)[:, None])


def test_moran_by_hand():
    # 0, 0, 3, 3 on a line: differences -1.5 -1.5 1.5 1.5, squares 9. Links both ways:
    # 2 * (2.25 - 2.25 + 2.25) = 4.5 over 6 weights: I = 4 / 6 * 4.5 / 9 = 1/3
    found = auto.morans_i([0, 0, 3, 3], both_ways([(0, 1), (1, 2), (2, 3)], 4))
    assert found.statistic == pytest.approx(1 / 3)
    assert found.expectation == pytest.approx(-1 / 3)


@pytest.mark.parametrize("weights", [WEIGHTS, BY_ROW], ids=["binary", "row-standardised"])
@pytest.mark.parametrize("measure", [auto.morans_i, auto.general_g])
def test_expectation_and_variance_are_those_over_every_order(measure, weights):
    every = [measure(np.array(order), weights).statistic for order in permutations(VALUES)]
    found = measure(VALUES, weights)
    assert found.expectation == pytest.approx(np.mean(every))
    assert found.variance == pytest.approx(np.var(every))


def test_join_count_expects_what_every_order_of_the_marks_gives():
    marks = [True, True, True, False, False, False]
    every = [auto.join_count(order, WEIGHTS).statistic for order in permutations(marks)]
    found = auto.join_count(marks, WEIGHTS)
    assert found.statistic == 2  # 0-1 and 1-2
    assert found.expectation == pytest.approx(np.mean(every))
    assert found.variance == pytest.approx(np.var(every))


def test_moran_under_normality_has_the_variance_of_normal_draws():
    rng = np.random.default_rng(5)
    drawn = [auto.morans_i(rng.normal(size=6), WEIGHTS).statistic for _ in range(4000)]
    found = auto.morans_i(VALUES, WEIGHTS, under="normality")
    # the standard error of a variance over 4,000 draws is about sqrt(2 / 4000) = 2.2 % of it
    assert np.var(drawn) == pytest.approx(found.variance, rel=0.09)


def test_a_deviate_and_its_one_sided_p_value():
    found = auto.Gathering(statistic=3.0, expectation=1.0, variance=4.0)
    assert found.deviate == 1.0
    assert found.p_value == pytest.approx(0.158655, abs=1e-6)  # the normal table at 1


@pytest.mark.parametrize("measure", [auto.morans_i, auto.general_g, auto.join_count])
def test_equal_values_and_unusable_weights_are_refused(measure):
    with pytest.raises(FlatCountsError):
        measure(np.ones(6), WEIGHTS)
    with pytest.raises(FlatCountsError, match="fewer than 4"):
        measure([0, 1, 1], both_ways([(0, 1), (1, 2)], 3))
    with pytest.raises(MappingError, match="none of them to itself"):
        measure(VALUES > 2, csr_array(np.eye(6)))


def test_the_general_g_needs_two_places_with_something_and_nothing_below_zero():
    with pytest.raises(FlatCountsError, match="Only one place"):
        auto.general_g([0, 0, 5, 0, 0, 0], WEIGHTS)
    with pytest.raises(MappingError, match="below 0"):
        auto.general_g([-1, 0, 5, 0, 0, 0], WEIGHTS)
