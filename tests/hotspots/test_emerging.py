"""Classes of history, each written out month by month."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mapping.hotspots import emerging
from mapping.hotspots.null_model import ALIKE, Null

RISE = np.arange(10.0)
FLAT = np.array([1.0, 2, 1, 2, 1, 2, 1, 2, 1, 2])


def even(ward, can_hold):
    """Spread each ward evenly over the cells that can hold a report."""
    room = np.bincount(ward, weights=can_hold)
    return Null(ward, can_hold / room[ward], np.full(len(room), ALIKE))


def name(flags, scores=FLAT):
    """Read `.` as neither, H as hot, C as cold."""
    letters = np.array([list(flags)])
    return emerging.classify(letters == "H", letters == "C", np.array([scores]))[0]


@pytest.mark.parametrize(
    ("flags", "scores", "expected"),
    [
        (".........H", FLAT, "new"),
        ("C........H", FLAT, "new"),  # cold before does not make it less new
        ("........HH", FLAT, "consecutive"),
        ("..HHHHHHHH", FLAT, "consecutive"),  # 8 of 10 is below nine tenths
        (".HHHHHHHHH", RISE, "intensifying"),  # 9 of 10; all 45 pairs rise
        ("HHHHHHHHHH", FLAT, "persistent"),
        ("HHHHH.HHHH", FLAT, "persistent"),
        ("HHHHHHHHHH", RISE[::-1], "diminishing"),
        ("H..H.....H", FLAT, "sporadic"),
        ("H..C.....H", FLAT, "oscillating"),
        ("C......HHH", FLAT, "consecutive"),  # both fit; the unbroken run comes first in the list
        ("HHHHHHHHH.", RISE, "historical"),
        ("HHHHHHHH..", FLAT, "none"),  # 8 of 10, and over
        ("..........", FLAT, "none"),
        ("CCCCCCCCCC", FLAT, "none"),
        (".........C", FLAT, "none"),
    ],
)
def test_each_class_by_hand(flags, scores, expected):
    assert name(flags, scores) == expected


def test_nine_steps_are_too_short():
    assert name("HHHHHHHHH", FLAT[:9]) == "too short"


def test_every_class_has_words_that_end():
    assert all(said.endswith(".") for said in emerging.MEANINGS.values())


@given(arrays(np.int8, (20, 12), elements=st.integers(-1, 1)))
def test_every_history_has_exactly_one_class_that_fits_its_last_month(flags):
    hot, cold = flags == 1, flags == -1
    named = emerging.classify(hot, cold, np.zeros(flags.shape))
    assert set(named) <= set(emerging.MEANINGS)
    assert (np.isin(named, ["historical", "none"]) == ~hot[:, -1]).all()


def test_a_step_both_hot_and_cold_is_refused():
    both = np.ones((1, 10), dtype=bool)
    with pytest.raises(ValueError, match="hot and cold"):
        emerging.classify(both, both, np.zeros((1, 10)))


def judge(counts, totals, share, days=None):
    steps = len(counts)
    return emerging.judge_steps(
        np.array([counts], dtype=float),
        np.array([totals], dtype=float),
        [share],
        np.full(steps, 30.0) if days is None else days,
    )


def test_flags_look_at_three_months_and_the_first_two_share_the_third_s():
    # share 1/10 of 10 a month. Three months: 30 reports, and 6 or more of Bin(30, 0.1) has p 0.0732,
    # 7 or more 0.0258: hot from 7. Windows: 1+1+5 = 7 (steps 1-3), 1+5+0 = 6, 5+0+1 = 6, 0+1+1 = 2
    assert judge([1, 1, 5, 0, 1, 1], [10] * 6, 0.1).hot.tolist() == [[True, True, True, False, False, False]]


def test_a_place_that_goes_quiet_is_cold():
    # share 1/2 of 10 a month; 10 of 30: 0.0494; 5 of 30: 1.6e-4; none: 2^-30
    found = judge([5] * 6 + [0] * 3, [10] * 9, 0.5)
    assert found.cold.tolist() == [[False] * 6 + [True] * 3]


def test_gap_months_are_no_steps():
    days = np.array([31.0, 0, 30, 31])
    assert judge([1, 0, 1, 1], [10, 0, 10, 10], 0.1, days).hot.shape == (1, 3)


def test_the_ward_s_own_rise_is_nobody_s_score():
    # 4 a month of 40, then 8 of 80, share 1/10: always as expected, score 0
    assert np.allclose(judge([4] * 5 + [8] * 5, [40] * 5 + [80] * 5, 0.1).scores, 0)


def test_a_score_is_about_standard_deviations():
    # 2 (sqrt(9.375) - sqrt(4.375)) = 2 (3.0619 - 2.0917) = 1.9404; plainly, (9 - 4) / sqrt(4) = 2.5
    assert judge([9], [40], 0.1).scores[0, 0] == pytest.approx(1.9404, abs=1e-4)


def test_even_wards_have_hardly_a_class_and_a_planted_street_has_its_own():
    rng = np.random.default_rng(8)
    ward = np.repeat([0, 1], 200)
    null = even(ward, np.ones(400, dtype=bool))
    counts = rng.poisson(0.5, size=(400, 12)).astype(float)
    counts[7] += 4  # four more a month, all along: half a report is expected
    counts[300, -3:] += 4  # and four more in the last three months
    named = emerging.cell_trends(counts, null, np.full(12, 30.0))
    assert named[7] == "persistent"
    assert named[300] in ("consecutive", "new")
    others = np.delete(named, [7, 300])
    assert (others != "none").sum() <= 4  # one in a hundred


def test_thirty_thousand_cells_are_named_without_a_loop_over_them():
    ward = np.arange(30_000) % 25
    null = even(ward, np.ones(30_000, dtype=bool))
    counts = np.random.default_rng(1).poisson(0.1, size=(30_000, 24)).astype(float)
    assert emerging.cell_trends(counts, null, np.full(24, 30.0)).shape == (30_000,)


def test_cells_that_can_hold_nothing_have_no_pattern():
    can_hold = np.arange(40) < 20
    null = even(np.zeros(40, dtype=np.int64), can_hold)
    named = emerging.cell_trends(np.zeros((40, 10)), null, np.full(10, 30.0))
    assert set(named) == {"none"}
