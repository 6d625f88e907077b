"""Counts shrunk to what their surroundings expect, worked with a pencil."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.hotspots.rehearsal import Rehearsal
from mapping.hotspots.shrunken import Shrunk, fit_shrunk, shrink
from tests.hotspots.histories import bump


def test_the_posterior_mean_lies_between_prior_and_count():
    # prior 0.1 a day, 5 events in 10 days, strength 1: 0.1 x (1 + 5) / (1 + 0.1 x 10) = 0.3
    assert shrink(np.array([0.1]), np.array([5.0]), 10.0, 1.0) == pytest.approx([0.3])
    # strength 9: 0.1 x 14 / 10 = 0.14
    assert shrink(np.array([0.1]), np.array([5.0]), 10.0, 9.0) == pytest.approx([0.14])


@given(st.floats(1e-4, 1), st.integers(0, 50), st.floats(1, 400), st.floats(0.1, 10))
def test_it_is_never_outside_prior_and_count(prior, count, days, strength):
    made = float(shrink(np.array([prior]), np.array([float(count)]), days, strength)[0])
    low, high = sorted([prior, count / days])
    assert low * (1 - 1e-9) <= made <= high * (1 + 1e-9)


def test_places_that_differ_little_from_their_surroundings_are_held_to_them():
    rehearsal = Rehearsal(bump(np.random.default_rng(1), months=8, a_month=120))
    shrunk, foretold = fit_shrunk(rehearsal)
    assert shrunk.strength == 10.0  # the hill is smooth, so a cell's own count says little more
    assert len(foretold) == len(rehearsal.origins)


def test_without_a_half_life_the_description_says_none():
    shrunk = fit_shrunk(Rehearsal(bump(np.random.default_rng(1), months=8, a_month=120)))[0]
    assert "half-life" not in Shrunk(shrunk.prior, 1.0).describe()
    assert "half-life 4 months" in Shrunk(shrunk.prior, 1.0, 4.0).describe()
