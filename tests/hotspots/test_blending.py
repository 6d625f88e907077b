"""The mean of several methods, by hand."""

import numpy as np
import pytest

from mapping.hotspots.blending import Blend, blend
from mapping.hotspots.counting import Kernel, score_count
from tests.hotspots.histories import history


def test_it_is_the_geometric_mean_at_the_mean_total():
    # roots of 1 x 4 and 4 x 4 are 2 and 4, together 6; the totals are 5 and 8, their mean 6.5
    made = blend([np.array([1.0, 4.0]), np.array([4.0, 4.0])])
    assert made == pytest.approx([2 * 6.5 / 6, 4 * 6.5 / 6])


def test_a_method_blended_with_itself_is_itself():
    one = np.array([0.5, 2.0, 1.0])
    assert blend([one, one]) == pytest.approx(one)


def test_a_method_that_expects_nothing_somewhere_does_not_empty_the_cell():
    assert (blend([np.array([0.0, 2.0]), np.array([1.0, 1.0])]) > 0).all()


def test_it_says_what_it_is_made_of():
    past = history([(0, 3), (1, 3)], months=2)
    made = Blend(("count", "kernel 100 m"), (score_count, Kernel(100.0)))
    assert made.describe() == "blend of count, kernel 100 m"
    assert made(past, 2).argmax() == 3
