"""PAI, PEI and hits, worked with a pencil."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.hotspots import capture


def test_pai_is_share_of_incidents_over_share_of_area():
    # 30 of 120 incidents is 25 %; 2 of 40 km2 is 5 %; 25 / 5 = 5
    assert capture.predictive_accuracy_index(hits=30, incidents=120, hotspot_km2=2, study_km2=40) == 5.0


def test_hits_pai_and_pei_of_ten_cells():
    scores = np.array([9.0, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    events = np.array([2.0, 0, 0, 5, 0, 0, 3, 0, 0, 0])
    found = capture.measure(scores, events, [0.2])[0]
    # two cells flagged: the first two, which hold 2 of 10 events; the best two hold 5 + 3 = 8
    assert (found.cells, found.hits, found.best_hits) == (2, 2.0, 8.0)
    assert found.hit_rate == pytest.approx(0.2)
    assert found.pai == pytest.approx(0.2 / 0.2)
    assert found.pei == pytest.approx(2 / 8)


def test_tied_cells_share_the_last_places():
    # one place left for three cells with score 1: each is flagged one third
    weights = capture.flag_weights(np.array([5.0, 1, 1, 1]), 2)
    assert weights == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])
    found = capture.measure(np.array([5.0, 1, 1, 1]), np.array([4.0, 3, 0, 0]), [0.5])[0]
    assert found.hits == pytest.approx(4 + 3 / 3)


def test_at_least_one_cell_is_flagged():
    assert capture.flagged_cells(100, 0.001) == 1
    assert capture.flagged_cells(59_782, 0.01) == 598


def test_events_in_no_study_cell_still_count_in_the_total():
    found = capture.measure(np.array([1.0, 0]), np.array([6.0, 2]), [0.5], total=12)[0]
    assert found.hit_rate == pytest.approx(6 / 12)
    assert found.events == 12


def test_no_event_gives_no_number_rather_than_a_false_one():
    found = capture.measure(np.array([1.0, 0]), np.zeros(2), [0.5])[0]
    assert np.isnan(found.pai) and np.isnan(found.pei) and np.isnan(found.hit_rate)


def test_pooled_months_add_up_before_dividing():
    scores = np.array([2.0, 1.0])
    months = [capture.measure(scores, np.array(came), [0.5])[0] for came in ([3.0, 1.0], [0.0, 4.0])]
    pooled = capture.pool(months, 2)
    # hits 3 + 0 of 4 + 4 events; the best possible would be 3 + 4
    assert (pooled.hits, pooled.events, pooled.best_hits) == (3.0, 8.0, 7.0)
    assert pooled.pai == pytest.approx((3 / 8) / 0.5)
    assert pooled.pei == pytest.approx(3 / 7)


@given(st.lists(st.integers(0, 9), min_size=2, max_size=40), st.randoms())
def test_the_whole_area_captures_everything_and_a_perfect_map_has_pei_one(events, random):
    came = np.array(events, dtype=float)
    scores = came + 0.0
    if came.sum() == 0:
        return
    whole = capture.measure(np.array([random.random() for _ in events]), came, [1.0])[0]
    assert whole.pai == pytest.approx(1.0)
    assert capture.measure(scores, came, [0.3])[0].pei == pytest.approx(1.0)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), min_size=2, max_size=30),
    st.sampled_from([0.05, 0.2, 0.5, 1.0]),
)
def test_hits_are_the_flag_weights_times_the_events(cells, share):
    scores, events = (np.array(values, dtype=float) for values in zip(*cells, strict=True))
    found = capture.measure(scores, events, [share])[0]
    assert found.hits == pytest.approx(capture.flag_weights(scores, found.cells) @ events)
    assert found.best_hits == pytest.approx(np.sort(events)[::-1][: found.cells].sum())


def test_what_both_flag_tells_nothing_of_their_difference():
    came = [np.array([4.0, 3, 2, 0])]
    one = capture.flag([np.array([9.0, 8, 0, 0])], came, [0.5])  # flags the cells of 4 and 3: 7 hits
    other = capture.flag([np.array([9.0, 0, 8, 0])], came, [0.5])  # 4 and 2: 6 hits
    gain = capture.gain_of(one, other)
    # one hit more of the best 7; the cells that differ hold 3 and 2: the root of 9 + 4, over 7
    assert gain.mean == pytest.approx(1 / 7)
    assert gain.error == pytest.approx(13**0.5 / 7)
    assert one.pei == pytest.approx([1.0]) and other.pei == pytest.approx([6 / 7])


def test_maps_of_several_months_add_up_before_dividing():
    scores, came = np.array([2.0, 1.0]), [np.array([3.0, 1.0]), np.array([0.0, 4.0])]
    # hits 3 + 0; the best possible is 3 + 4
    assert capture.flag([scores, scores], came, [0.5]).pei == pytest.approx([3 / 7])


def test_a_cell_that_is_busy_every_month_is_one_piece_of_evidence_and_not_many():
    one, other, came = np.array([9.0, 0, 0]), np.array([0, 9.0, 0]), np.array([5.0, 4.0, 0])
    gain = capture.gain_of(
        capture.flag([one] * 4, [came] * 4, [0.3]), capture.flag([other] * 4, [came] * 4, [0.3])
    )
    # 4 x 5 hits against 4 x 4, of the best 20; two cells of 20 and 16: the root of 400 + 256
    assert gain.mean == pytest.approx(4 / 20)
    assert gain.error == pytest.approx(656**0.5 / 20)


def test_a_method_gains_nothing_on_itself():
    held = capture.flag([np.arange(40.0)], [np.arange(40.0) % 3], [0.1, 0.5])
    gain = capture.gain_of(held, held)
    assert gain.mean == 0 and gain.error == 0


def test_shares_of_few_cells_judge_nothing_unless_there_is_no_other():
    assert capture.judged_shares(60_000) == capture.CHOICE_SHARES
    assert capture.judged_shares(1_000) == (0.02, 0.05)  # 20 and 50 cells; 1 % is 10
    assert capture.judged_shares(100) == (0.05,)
