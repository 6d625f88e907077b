"""The spread that every place is held against, and how much places ordinarily differ."""

import numpy as np
import pytest

from mapping.errors import TooLittleDataError
from mapping.hotspots.null_model import ALIKE, LEAST_ALIKE, fit_null

WARD = np.repeat(np.arange(4), 200)


def drawn(rng, shape=None, mean=6.0):
    """Counts of 4 wards of 200 cells, Poisson about rates that are equal or gamma with `shape`."""
    rate = mean if shape is None else mean * rng.gamma(shape, size=800) / shape
    return rng.poisson(rate, 800).astype(float)


def test_a_ward_is_spread_evenly_over_the_cells_that_can_hold_a_report():
    ward = np.array([0] * 6 + [1] * 6)
    everything = np.array([12.0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 7, 0])
    counts = np.array([10.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0])
    null = fit_null(counts, ward, everything)
    # ward 0 has 10 incidents over 5 usable cells, ward 1 has 5 over 5; a field gets none
    assert list(null.expected(counts)) == [2.0] * 5 + [0.0] + [1.0] * 5 + [0.0]
    assert list(null.cells) == [5.0, 5.0]


def test_too_few_cells_are_refused_with_the_number_needed():
    with pytest.raises(TooLittleDataError, match="at least 10"):
        fit_null(np.ones(9), np.zeros(9, dtype=np.int64), np.ones(9))


def test_places_that_are_alike_are_read_as_nearly_alike():
    shapes = [fit_null(drawn(np.random.default_rng(k)), WARD, np.ones(800) * 99).shape for k in range(10)]
    # a Poisson has no limit; of 200 cells a shape above 30 (a spread of 18 %) cannot be told from it
    assert np.median(shapes) > 30


def test_ordinary_differences_are_read_from_the_counts():
    shapes = [
        fit_null(drawn(np.random.default_rng(k), 6.0), WARD, np.ones(800) * 99).shape for k in range(10)
    ]
    assert 4.5 < np.exp(np.log(shapes).mean()) < 8.0  # drawn with 6


def test_hotspots_do_not_pass_themselves_off_as_ordinary():
    counts = drawn(np.random.default_rng(3), 20.0)
    with_hotspots = counts.copy()
    with_hotspots[::25] += 60  # 8 of each ward's 200 cells
    plain, hot = (fit_null(c, WARD, np.full(800, 999.0)).shape for c in (counts, with_hotspots))
    assert np.median(hot) > 0.5 * np.median(plain)


def test_what_is_steeper_than_ordinary_is_not_taken_for_it():
    null = fit_null(drawn(np.random.default_rng(5), 0.4), WARD, np.full(800, 999.0))
    assert null.shape == pytest.approx(LEAST_ALIKE)
    assert np.isfinite(null.concentration).all()
    assert null.concentration == pytest.approx(LEAST_ALIKE * 200)


def test_cells_known_by_their_own_reports_alone_are_read_as_never_empty():
    rng = np.random.default_rng(7)
    counts = drawn(rng, None, mean=1.2)  # three in ten cells stay empty, and are then not known at all
    null = fit_null(counts, WARD, counts)
    assert np.median(null.shape) > 30  # without that reading the missing zeros look like evenness or excess
    assert (null.share[counts == 0] == 0).all()


def test_alike_means_a_plain_binomial():
    null = fit_null(np.ones(800), WARD, np.ones(800) * 9)
    assert (null.shape == ALIKE).all() and np.isinf(null.concentration).all()
