from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.publishing import style


def test_breaks_rise_in_equal_ratios_and_are_round():
    # 100 scores, the hottest 5 % are 1, 2, 8, 16, 32: from 1 to 32 in five steps each is times 2,
    # so 1, 2, 4, 8, 16, and all of them are round already
    scores = np.concatenate([np.full(95, 0.01), [1, 2, 8, 16, 32]])
    assert style.score_breaks(scores) == (1.0, 2.0, 4.0, 8.0, 15.0)


def test_breaks_of_a_flat_map_are_one_class():
    assert style.score_breaks([3.0, 3.0, 3.0]) == (3.0,)


def test_nothing_expected_gives_no_class():
    assert style.score_breaks([0.0, np.nan]) == ()
    assert style.score_breaks([]) == ()


def test_a_score_on_a_limit_belongs_to_the_class_it_opens():
    assert style.class_of([0.5, 1.0, 1.9, 2.0, 99.0, np.nan], (1.0, 2.0)).tolist() == [-1, 0, 0, 1, 1, -1]


def test_labels_say_each_class():
    assert style.class_labels((0.5, 1.5, 20.0)) == ("0.5 to 1.5", "1.5 to 20", "20 or more")
    assert style.class_labels(()) == ()


def test_fewer_classes_keep_the_strongest_colour():
    assert style.class_colours(2) == style.RAMP[3:]
    assert style.class_hatches(1) == style.HATCHES[4:]
    assert style.class_colours(0) == ()


def _lightness(colour: str) -> float:
    """Return the luminance of WCAG 2.2, 0-1."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_ramp_darkens_at_every_step_so_that_it_reads_without_colour():
    light = [_lightness(colour) for colour in style.RAMP]
    assert light == sorted(light, reverse=True)
    assert all(a / b > 1.2 for a, b in pairwise(light))


@pytest.mark.parametrize("colour", [style.ACCENT, style.INK, style.QUIET_INK, style.CAUTION])
def test_text_colours_have_enough_contrast_on_white(colour: str):
    assert 1.05 / (_lightness(colour) + 0.05) >= 4.5


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200))
def test_breaks_always_rise_and_are_few(scores: list[float]):
    breaks = style.score_breaks(scores)
    assert list(breaks) == sorted(set(breaks))
    assert len(breaks) <= len(style.RAMP)
