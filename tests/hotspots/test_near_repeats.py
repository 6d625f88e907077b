"""Knox and near-repeat tables against pairs counted by hand, every order of the times, and pointpats."""

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointpats import Knox as TheirKnox

from mapping.errors import CoarseTimesError, MappingError, TooLittleDataError
from mapping.hotspots import dated, near_repeats

# Four incidents: A and B at one place, C 300 m east of it, D 1,000 m north; on days 0, 1, 1 and 10.
EAST = [0.0, 0.0, 300.0, 0.0]
NORTH = [0.0, 0.0, 0.0, 1000.0]
DAY = [0, 1, 1, 10]


def test_a_table_of_four_incidents_by_hand():
    # AB 0 m, 1 day; AC 300 m, 1 day; BC 300 m, same day; AD 1,000 m, 10 days; BD and CD farther, 9 days
    table = near_repeats.near_repeat_table(
        EAST, NORTH, DAY, distance_limits_m=(0, 400), day_limits=(0, 1, 8), seed=1
    )
    assert list(table["distance_band"].unique()) == ["same place", "up to 400 m", "over 400 m"]
    assert list(table["time_band"].unique()) == ["same day", "1-7 days", "8 days or more"]
    assert table["observed"].to_numpy().reshape(3, 3).tolist() == [[0, 1, 0], [1, 1, 0], [0, 0, 3]]
    # by place 1, 2 and 3 pairs of 6; by days 1, 2 and 3: 1 * 1 / 6, 1 * 2 / 6, ...
    expected = np.outer([1, 2, 3], [1, 2, 3]) / 6
    assert table["expected"].to_numpy().reshape(3, 3) == pytest.approx(expected)
    assert table["knox_ratio"].iloc[1] == pytest.approx(1 / (2 / 6))


def test_a_pair_at_the_limit_is_close():
    at_limit = near_repeats.knox(EAST, NORTH, DAY, within_m=300, within_days=9, seed=1)
    # close in place: AB, AC, BC; in time all but AD
    assert at_limit.observed.tolist() == [[3, 0], [2, 1]]
    below = near_repeats.knox(EAST, NORTH, DAY, within_m=299.9, within_days=8, seed=1)
    assert below.observed.tolist() == [[1, 0], [2, 3]]


def test_manhattan_distance_goes_round_the_corner():
    east, north, day = [0.0, 300.0, 5000.0, 9000.0], [0.0, 400.0, 0.0, 0.0], [0, 0, 5, 9]
    straight = near_repeats.knox(east, north, day, within_m=500, within_days=0, seed=1)
    assert straight.observed[0, 0] == 1  # 3-4-5
    with pytest.raises(TooLittleDataError, match="No two of 4"):
        near_repeats.knox(east, north, day, within_m=500, within_days=0, metric="manhattan", seed=1)


SIX_EAST = np.array([0.0, 50.0, 120.0, 90.0, 600.0, 640.0])
SIX_DAY = np.array([0, 2, 3, 9, 9, 12])


def close_pairs(order):
    return sum(
        abs(SIX_EAST[i] - SIX_EAST[j]) <= 100 and abs(order[i] - order[j]) <= 3
        for i, j in combinations(range(6), 2)
    )


def test_expectation_variance_and_p_value_are_those_over_every_order_of_the_times():
    every = [close_pairs(order) for order in permutations(SIX_DAY)]
    found = near_repeats.knox(SIX_EAST, np.zeros(6), SIX_DAY, within_m=100, within_days=3, draws=9999, seed=2)
    assert found.observed[0, 0] == close_pairs(SIX_DAY)
    assert found.expected[0, 0] == pytest.approx(np.mean(every))
    assert found.variance == pytest.approx(np.var(every))
    exact = np.mean(np.array(every) >= close_pairs(SIX_DAY))
    assert found.p_value == pytest.approx(exact, abs=4 * 0.5 / np.sqrt(9999))
    assert found.deviate == pytest.approx((close_pairs(SIX_DAY) - np.mean(every)) / np.std(every))


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 40)), min_size=4, max_size=25),
    st.sampled_from(["euclidean", "manhattan"]),
)
def test_every_pair_is_in_the_table_once_and_in_the_band_where_counting_puts_it(incidents, metric):
    east, north, day = np.array(incidents).T
    limits, ends = (0.0, 150.0, 300.0), (0, 1, 3, 15)
    table = near_repeats.near_repeat_table(
        east * 100.0, north * 100.0, day, distance_limits_m=limits, day_limits=ends, metric=metric,
        draws=99, seed=1,
    )  # fmt: skip
    counted = np.zeros((4, 4), dtype=int)
    for i, j in combinations(range(len(day)), 2):
        apart = (east[i] - east[j]) * 100.0, (north[i] - north[j]) * 100.0
        distance = np.hypot(*apart) if metric == "euclidean" else abs(apart[0]) + abs(apart[1])
        lag = abs(day[i] - day[j])
        counted[sum(distance > limit for limit in limits), sum(lag >= end for end in ends[1:])] += 1
    assert table["observed"].to_numpy().reshape(4, 4).tolist() == counted.tolist()
    # margins are kept, and so is the number of pairs
    expected = table["expected"].to_numpy().reshape(4, 4)
    assert expected.sum(axis=0) == pytest.approx(counted.sum(axis=0))
    assert expected.sum(axis=1) == pytest.approx(counted.sum(axis=1))
    assert table["p_value"].between(0.01, 1).all()


def test_moving_or_shuffling_all_incidents_changes_no_count():
    rng = np.random.default_rng(4)
    east, north, day = rng.uniform(0, 2000, 80), rng.uniform(0, 2000, 80), rng.integers(0, 200, 80)
    order = rng.permutation(80)
    first = near_repeats.near_repeat_table(east, north, day, draws=99, seed=1)
    other = near_repeats.near_repeat_table(
        east[order] + 1000, north[order], day[order] + 365, draws=99, seed=1
    )
    kept = ["distance_band", "time_band", "observed", "expected"]
    assert first[kept].equals(other[kept])


def test_knox_is_that_of_pointpats():
    rng = np.random.default_rng(6)
    points, day = rng.uniform(0, 1000, (60, 2)), rng.integers(0, 60, 60)
    theirs = TheirKnox(points, day[:, None].astype(float), delta=200, tau=10, permutations=99)
    ours = near_repeats.knox(points[:, 0], points[:, 1], day, within_m=200, within_days=10, seed=1)
    assert ours.observed.tolist() == theirs.observed.tolist()
    assert ours.expected == pytest.approx(theirs.expected)
    # 0.5 / sqrt(99) is one standard error of theirs at most
    assert ours.p_value == pytest.approx(theirs.p_sim, abs=4 * 0.5 / np.sqrt(99))


def test_planted_repeats_are_found_and_shuffled_times_are_not():
    rng = np.random.default_rng(8)
    east, north, day = rng.uniform(0, 5000, 120), rng.uniform(0, 5000, 120), rng.integers(0, 365, 120)
    # 40 more, each within 70 m and 5 days of one of those
    again = rng.integers(0, 120, 40)
    east = np.append(east, east[again] + rng.uniform(-50, 50, 40))
    north = np.append(north, north[again] + rng.uniform(-50, 50, 40))
    soon = np.append(day, day[again] + rng.integers(0, 6, 40))
    planted = near_repeats.knox(east, north, soon, within_m=100, within_days=7, seed=1)
    assert planted.observed[0, 0] >= 40
    assert planted.p_value == 0.001
    # under chance at most 5 % and two standard errors of it over 100 maps: 0.05 + 2 * 0.0218
    below = [
        near_repeats.knox(
            east, north, rng.permutation(soon), within_m=300, within_days=21, draws=99, seed=k
        ).p_value
        <= 0.05
        for k in range(100)
    ]
    assert np.mean(below) <= 0.05 + 2 * 0.0218


def test_many_incidents_at_one_place_make_each_pair_once():
    # 3,000 at one place: more than are worked on at a time, 3,000 * 2,999 / 2 pairs
    day = np.arange(3000) % 2
    found = near_repeats._pairs_within(np.zeros((3000, 2)), np.array([0.0, 100.0]), 2)
    assert found.starts.tolist() == [0, 4_498_500, 4_498_500]
    # the same day: 1,500 * 1,499 / 2 twice
    assert near_repeats._cumulative(day, found, np.array([0, 1, 2]))[0].tolist() == [2_248_500, 4_498_500]


# --- which incidents may enter -------------------------------------------------------------------


def incidents(*rows):
    return pd.DataFrame(
        {
            "occurred_from": pd.to_datetime([row[0] for row in rows], utc=True),
            "occurred_to": pd.to_datetime([row[1] for row in rows], utc=True),
            "time_precision": [row[2] for row in rows],
        }
    )


def test_days_are_those_of_the_london_calendar():
    # 23:30 UTC on 30 June is half past midnight on 1 July in London
    rows = incidents(
        ("2025-06-30T23:30", "2025-06-30T23:30", "minute"), ("2025-06-30T22:30", "2025-06-30T22:30", "minute")
    )
    first, second = dated.local_days(rows)
    assert first - second == 1
    assert first == (pd.Timestamp("2025-07-01") - pd.Timestamp("1970-01-01")).days


def test_a_night_is_known_to_the_day_and_a_weekend_or_a_month_is_not():
    rows = incidents(
        ("2025-06-06T21:00", "2025-06-07T06:00", "minute"),  # a night
        ("2025-06-05T23:00", "2025-06-06T23:00", "day"),
        ("2025-10-25T23:00", "2025-10-27T00:00", "day"),  # 25 hours: the clocks go back
        ("2025-06-06T17:00", "2025-06-09T08:00", "minute"),  # Friday to Monday
        ("2025-05-31T23:00", "2025-06-30T23:00", "month"),
    )
    assert dated.known_to_the_day(rows).tolist() == [True, True, True, False, False]
    with pytest.raises(CoarseTimesError, match="2 of 5 incidents are not known to the day") as caught:
        dated.local_days(rows)
    assert (caught.value.coarse, caught.value.total) == (2, 5)


def test_police_uk_months_are_refused(make_incidents):
    months = make_incidents([(400_500, 300_500, "2025-06", 4)])
    with pytest.raises(CoarseTimesError, match="4 of 4"):
        dated.local_days(months)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"easting_m": [np.nan, 0, 0, 0]}, "1 of 4 incidents have no point"),
        ({"day": [0.5, 1, 2, 3]}, "whole day"),
        ({"distance_limits_m": (200, 100)}, "must rise"),
        ({"day_limits": (1, 2)}, "rise from 0"),
        ({"draws": 10}, "at least 99"),
    ],
)
def test_what_cannot_be_counted_is_refused(change, said):
    given = {"easting_m": EAST, "northing_m": NORTH, "day": DAY, "seed": 1, **change}
    with pytest.raises(MappingError, match=said):
        near_repeats.near_repeat_table(**given)


def test_too_many_near_pairs_are_refused_before_they_are_made():
    size = 20_000  # all at one place: 20,000 squared is over the most
    with pytest.raises(MappingError, match="Take one category"):
        near_repeats.knox(np.zeros(size), np.zeros(size), np.zeros(size, dtype=int), seed=1)


def test_three_incidents_are_too_few():
    with pytest.raises(TooLittleDataError, match="at least 4"):
        near_repeats.knox([0, 0, 0], [0, 0, 0], [0, 1, 2], seed=1)
