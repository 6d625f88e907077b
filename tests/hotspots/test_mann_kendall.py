"""Mann-Kendall by hand, and against scipy's Kendall tau."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mapping.hotspots.mann_kendall import assess_trend


def test_five_rising_values_have_the_chance_of_two_orders_in_120():
    # S = 10 of 10 pairs; only 1 2 3 4 5 and its reverse are as extreme: 2 / 5! = 0.016667
    tau, p_value = assess_trend([[1, 2, 3, 4, 5]])
    assert tau[0] == 1
    assert p_value[0] == pytest.approx(2 / 120)


def test_four_values_with_one_pair_out_of_order():
    # 1 2 4 3: 5 rises, 1 fall, S = 4. Orders of four with 0 or 1 pair out of order: 1 + 3, twice: 8 / 24
    tau, p_value = assess_trend([[1, 2, 4, 3]])
    assert tau[0] == pytest.approx(4 / 6)
    assert p_value[0] == pytest.approx(8 / 24)


def test_a_tie_takes_its_part_out_of_the_variance():
    # 1 1 2 3: S = 5; variance (4*3*13 - 2*1*9) / 18 = 138/18; z = (5 - 1) / 2.76887 = 1.44464
    p_value = assess_trend([[1, 1, 2, 3]])[1]
    assert p_value[0] == pytest.approx(2 * stats.norm.sf(4 / np.sqrt(138 / 18)))


def test_a_flat_row_has_no_trend():
    tau, p_value = assess_trend([[2.0] * 12])
    assert (tau[0], p_value[0]) == (0, 1)


@given(st.permutations(list(range(12))))
def test_without_ties_it_is_scipy_s_exact_kendall(order):
    tau, p_value = assess_trend([order])
    expected = stats.kendalltau(np.arange(12), order, method="exact")
    assert tau[0] == pytest.approx(expected.statistic)
    assert p_value[0] == pytest.approx(expected.pvalue)


@given(st.lists(st.integers(0, 5), min_size=12, max_size=12).filter(lambda row: len(set(row)) > 1))
def test_with_ties_it_is_scipy_s_normal_but_for_continuity(row):
    # scipy leaves the correction for continuity out: take its standard deviation, and put it in
    values = np.array(row, dtype=float)
    score = sum(np.sign(values[j] - values[i]) for i in range(12) for j in range(i + 1, 12))
    p_value = assess_trend([values])[1][0]
    if len(set(row)) == 12 or score == 0:
        return
    z = stats.norm.isf(stats.kendalltau(np.arange(12), values, method="asymptotic").pvalue / 2)
    assert p_value == pytest.approx(2 * stats.norm.sf(z * (abs(score) - 1) / abs(score)))


def test_rows_are_tested_apart_and_turning_one_turns_its_tau():
    rows = np.random.default_rng(4).poisson(3, size=(50, 14)).astype(float)
    tau, p_value = assess_trend(rows)
    turned_tau, turned_p = assess_trend(rows[:, ::-1])
    assert np.allclose(turned_tau, -tau) and np.allclose(turned_p, p_value)
    assert assess_trend(rows[7:8])[1][0] == p_value[7]


def test_false_alarms_keep_their_level():
    rows = np.random.default_rng(5).normal(size=(4000, 12))
    # 5 % of 4,000 is 200, two standard errors 28
    assert (assess_trend(rows)[1] < 0.05).sum() <= 228


def test_a_value_not_known_is_refused():
    with pytest.raises(ValueError, match="known values"):
        assess_trend([[1.0, np.nan]])
