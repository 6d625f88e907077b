"""Exact tails and the false-discovery rule against sums done by hand and published tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom

from mapping.hotspots import significance
from mapping.hotspots.null_model import fit_null


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


@given(st.integers(1, 60), st.integers(0, 80), st.floats(0.01, 0.9), st.floats(0.5, 400.0))
def test_loose_tail_is_the_sum_of_the_beta_binomial(count, rest, share, concentration):
    total = count + rest
    ours = significance.upper_tail([float(count)], [float(total)], [share], [concentration])[0]
    terms = betabinom.pmf(
        np.arange(count, total + 1), total, concentration * share, concentration * (1 - share)
    )
    assert ours == pytest.approx(terms.sum(), rel=1e-7, abs=1e-11)


def test_loose_tail_by_hand():
    # Two of two, share a half, concentration 2: both beta parameters are 1, so 0, 1 and 2 are equally likely
    assert significance.upper_tail([2.0], [2.0], [0.5], [2.0])[0] == pytest.approx(1 / 3)
    assert significance.upper_tail([1.0], [2.0], [0.5], [2.0])[0] == pytest.approx(2 / 3)


def test_a_firm_share_is_the_plain_binomial():
    firm = significance.upper_tail([9.0], [100.0], [0.03], [1e9])[0]
    assert firm == pytest.approx(binom.sf(8, 100, 0.03), rel=1e-4)


def test_under_an_even_spread_hardly_any_map_has_a_hot_cell():
    rng = np.random.default_rng(1)
    ward = np.repeat(np.arange(4), 100)
    hot = 0
    for _ in range(200):
        counts = np.concatenate([rng.multinomial(300, np.full(100, 0.01)) for _ in range(4)]).astype(float)
        null = fit_null(counts, ward, np.ones(400) + counts)
        hot += bool((significance.assess_cells(counts, null)[1] < 0.05).any())
    # at most 0.05 of maps, and three standard errors of that over 200 maps
    assert hot / 200 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
