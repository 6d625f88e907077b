"""Exact tails and the false-discovery rule against sums done by hand and published tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from mapping.errors import TooLittleDataError
from mapping.hotspots import significance


def test_tail_of_three_coins_by_hand():
    # at least 2 heads of 3: (3 + 1) / 8
    assert significance.upper_tail([2.0], [3.0], [0.5])[0] == pytest.approx(0.5)
    # all 3: 1 / 8; none or more is certain
    assert significance.upper_tail([3.0, 0.0], [3.0, 3.0], [0.5, 0.5]) == pytest.approx([0.125, 1.0])


@given(st.integers(0, 200), st.integers(0, 200), st.floats(0.001, 0.999))
def test_tail_is_the_binomial_survival_function(count, rest, share):
    total = count + rest
    ours = significance.upper_tail([float(count)], [float(total)], [share])[0]
    assert ours == pytest.approx(binom.sf(count - 1, total, share), rel=1e-8, abs=1e-12)


def test_false_discovery_rate_as_benjamini_and_hochberg_print_it():
    # Benjamini & Hochberg (1995), section 3.2: 15 p-values of the rt-PA trial; at 0.05 the first four
    # are called (0.0095 <= 4/15 * 0.05 = 0.013), the fifth (0.0201 > 0.0167) is not.
    p_values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
        0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
    ]  # fmt: skip
    corrected = significance.control_fdr(p_values)
    assert list(corrected <= 0.05) == [True] * 4 + [False] * 11
    assert corrected[3] == pytest.approx(0.0095 * 15 / 4)


@given(st.lists(st.floats(0, 1), max_size=50))
def test_corrected_values_keep_the_order_and_never_fall_below(p_values):
    raw = np.array(p_values)
    corrected = significance.control_fdr(raw)
    assert (corrected >= raw - 1e-15).all() and (corrected <= 1).all()
    order = np.argsort(raw, kind="stable")
    assert (np.diff(corrected[order]) >= -1e-15).all()


def test_baseline_spreads_a_ward_over_the_cells_that_can_hold_a_report():
    ward = np.array([0] * 6 + [1] * 6)
    can_hold = np.array([True, True, True, True, True, False] + [True] * 5 + [False])
    baseline = significance.even_baseline(ward, can_hold)
    counts = np.array([10.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0])
    # ward 0 has 10 incidents over 5 usable cells, ward 1 has 5 over 5; a field gets none
    assert list(baseline.expected(counts)) == [2.0] * 5 + [0.0] + [1.0] * 5 + [0.0]


def test_too_few_cells_are_refused_with_the_number_needed():
    with pytest.raises(TooLittleDataError, match="at least 10"):
        significance.even_baseline(np.zeros(9, dtype=np.int64), np.ones(9, dtype=bool))


def test_under_an_even_spread_hardly_any_map_has_a_hot_cell():
    rng = np.random.default_rng(1)
    ward = np.repeat(np.arange(4), 100)
    baseline = significance.even_baseline(ward, np.ones(400, dtype=bool))
    hot = 0
    for _ in range(200):
        counts = np.concatenate([rng.multinomial(300, np.full(100, 0.01)) for _ in range(4)]).astype(float)
        hot += bool((significance.assess_cells(counts, baseline)[1] < 0.05).any())
    # at most 0.05 of maps, and three standard errors of that over 200 maps
    assert hot / 200 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
