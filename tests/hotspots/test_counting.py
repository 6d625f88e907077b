"""Counts that fade, worked with a pencil."""

import numpy as np
import pytest

from mapping.hotspots import counting
from mapping.hotspots.history import History
from tests.hotspots.histories import history, lattice


def test_an_event_one_half_life_old_counts_half():
    past = history([(0, 3), (1, 3), (2, 7)], months=3)
    score = counting.score_fading(past, 3, half_life_months=1.0)
    # weights of the months 1/4, 1/2, 1: cell 3 holds 0.75 and cell 7 holds 1, of 1.75 x 30 days
    assert score[3] == pytest.approx(0.75 / 52.5)
    assert score[7] == pytest.approx(1.0 / 52.5)


def test_a_count_that_never_fades_is_the_plain_count():
    past = history([(0, 3), (1, 3), (2, 7)], months=3)
    assert counting.score_fading(past, 3, half_life_months=np.inf) == pytest.approx(
        counting.score_count(past, 3)
    )


def test_a_gap_fades_nothing_away_but_age():
    days = np.array([30.0, 0.0, 30.0])
    past = History(lattice(), np.array([0, 2]), np.array([3, 3]), np.ones(2, bool), days)
    # 1/4 and 1 events in (1/4 + 1) x 30 days
    assert counting.score_fading(past, 3, half_life_months=1.0)[3] == pytest.approx(1 / 30)


def test_a_fixed_method_is_found_by_its_name():
    past = history([(0, 3), (1, 3)], months=2)
    assert np.array_equal(counting.named_scorer("count")(past, 2), counting.score_count(past, 2))
    assert np.array_equal(
        counting.named_scorer(counting.kernel_name(150))(past, 2),
        counting.score_kernel(past, 2, bandwidth_m=150.0),
    )
