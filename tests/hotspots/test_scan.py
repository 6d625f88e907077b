"""The space-time permutation scan against sums done by hand, a slow plain one, and planted clusters."""

import datetime as dt
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.errors import MappingError, PeriodError, TooLittleDataError
from mapping.hotspots import scan

END = dt.date(1971, 1, 1)  # day 365
LAST = 364

# Eight incidents: A had one long ago and three on the last day, B four over the weeks before.
EAST = np.array([0.0] * 4 + [1000.0] * 4)
NORTH = np.zeros(8)
DAY = LAST - np.array([0, 0, 0, 20, 10, 15, 20, 25])


def test_eight_incidents_by_hand():
    # A holds 4 of 8, the last day 3 of 8: expected 4 * 3 / 8 = 1.5, observed 3.
    # 3 log(3 / 1.5) + 5 log(5 / 6.5) = 2.0794 - 1.3118 = 0.7676
    found = scan.scan_space_time(
        EAST, NORTH, DAY, end_on=END, radii_m=(50.0,), max_days=5, draws=9999, seed=1
    )
    assert len(found) == 1
    row = found.iloc[0]
    assert (row["easting_m"], row["northing_m"], row["radius_m"]) == (0.0, 0.0, 0.0)
    assert (row["from_on"], row["to_on"]) == (dt.date(1970, 12, 31), END)
    assert (row["observed"], row["expected"]) == (3, 1.5)
    assert row["log_likelihood_ratio"] == pytest.approx(3 * np.log(2) + 5 * np.log(5 / 6.5))
    # Shuffled, the three of the last day are any three of eight: all at A or all at B in 2 * 4 of 56 ways.
    assert row["p_value"] == pytest.approx(8 / 56, abs=4 * 0.35 / np.sqrt(9999))


def test_a_radius_takes_in_the_place_on_its_edge_and_says_how_far_it_reaches():
    east = np.array([0.0, 80.0, 80.0, 2000.0, 2000.0, 2000.0, 2000.0])
    day = LAST - np.array([0, 0, 1, 30, 31, 32, 33])
    found = scan.scan_space_time(
        east, np.zeros(7), day, end_on=END, radii_m=(50.0, 80.0), max_days=7, draws=99, seed=1
    )
    # all three together within two days: 3 * 3 / 7 expected
    assert found["observed"].iloc[0] == 3
    assert found["expected"].iloc[0] == pytest.approx(9 / 7)
    assert found["radius_m"].iloc[0] == 80.0
    assert found["from_on"].iloc[0] == END - dt.timedelta(days=2)


def plain_scan(east, north, day, radii, max_days):
    """Return the largest ratio, the long way round: every centre, radius and number of days."""
    total, best = len(day), 0.0
    for centre, radius, days in product(range(total), radii, range(1, max_days + 1)):
        near = np.hypot(east - east[centre], north - north[centre]) <= radius
        late = day > LAST - days
        count, due = int((near & late).sum()), near.sum() * late.sum() / total
        if count >= 2 and count > due:
            rest = (total - count) * np.log((total - count) / (total - due)) if count < total else 0.0
            best = max(best, count * np.log(count / due) + rest)
    return best


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 30)), min_size=4, max_size=25))
def test_the_best_cylinder_is_that_of_the_plain_scan(incidents):
    east, north, ago = np.array(incidents).T
    if ago.max() < 10:
        return
    east, north, day = east * 60.0, north * 60.0, LAST - ago
    found = scan.scan_space_time(
        east, north, day, end_on=END, radii_m=(0.0, 60.0, 130.0), max_days=10, draws=99, seed=1
    )
    best = plain_scan(east, north, day, (0.0, 60.0, 130.0), 10)
    assert (found["log_likelihood_ratio"].iloc[0] if len(found) else 0.0) == pytest.approx(best, abs=1e-9)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_shuffled_times_keep_what_each_place_and_each_day_holds(seed):
    # What a cylinder is expected to hold is the mean over all orders, so circles of disjoint places add up.
    rng = np.random.default_rng(seed)
    place_of, ago = rng.integers(0, 6, 40), rng.integers(0, 20, 40)
    circles = scan._draw_circles(np.column_stack([np.arange(6) * 1000.0, np.zeros(6)]), np.array([50.0]))
    cylinders = scan._lay_cylinders(circles, place_of, ago, 7)
    moved = rng.permutation(place_of)
    for places in (place_of, moved):
        observed = cylinders.observe(places[ago < 7], ago[ago < 7])
        in_days = [(ago <= day).sum() for day in range(7)]
        assert observed[:, 0, :].sum(axis=0).tolist() == in_days
        assert cylinders.expected[:, 0, :].sum(axis=0) == pytest.approx(in_days)


def town(seed, *, size=300, places=60):
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 3000, (places, 2))
    share = rng.gamma(0.7, size=places)
    at = points[rng.choice(places, size, p=share / share.sum())]
    return at, rng.integers(0, 365, size), rng


def test_a_planted_cluster_is_found_where_and_when_it_is():
    points, day, rng = town(3)
    middle = np.array([1500.0, 1500.0])
    points = np.vstack([points, middle + rng.uniform(-60, 60, (9, 2))])
    day = np.append(day, LAST - rng.integers(0, 5, 9))
    found = scan.scan_space_time(points[:, 0], points[:, 1], day, end_on=END, seed=1)
    first = found.iloc[0]
    assert first["p_value"] == 0.001
    assert np.hypot(first["easting_m"] - 1500, first["northing_m"] - 1500) <= 85  # 60 * sqrt(2)
    assert first["observed"] >= 7
    assert first["from_on"] >= END - dt.timedelta(days=6)


def test_under_chance_at_most_one_map_in_twenty_has_a_cluster():
    is_found = []
    for seed in range(200):
        points, day, _ = town(seed, size=150, places=40)
        found = scan.scan_space_time(
            points[:, 0], points[:, 1], day, end_on=END, most_clusters=1, draws=99, seed=seed
        )
        is_found.append(len(found) > 0 and found["p_value"].iloc[0] <= 0.05)
    # two standard errors over 200 maps: 2 * sqrt(0.05 * 0.95 / 200) = 0.031
    assert np.mean(is_found) <= 0.05 + 0.031


def test_a_busy_place_and_a_busy_week_are_no_cluster_on_their_own():
    rng = np.random.default_rng(9)
    # place 0 has ten times the others' incidents all year, and the last week everywhere twice its share
    places = np.column_stack([np.arange(12) * 1000.0, np.zeros(12)])
    number = np.array([200] + [20] * 11)
    at = np.repeat(places, number, axis=0)
    busy = np.where(np.arange(365) >= 358, 2.0, 1.0)
    day = rng.choice(365, len(at), p=busy / busy.sum())
    found = scan.scan_space_time(at[:, 0], at[:, 1], day, end_on=END, seed=1)
    assert found["p_value"].iloc[0] > 0.05


def test_clusters_share_no_place_and_come_the_most_surprising_first():
    points, day, _ = town(5, size=600)
    found = scan.scan_space_time(points[:, 0], points[:, 1], day, end_on=END, draws=99, seed=1)
    assert len(found) > 2
    assert found["log_likelihood_ratio"].is_monotonic_decreasing
    assert found["p_value"].is_monotonic_increasing
    taken = [
        {tuple(p) for p in points if np.hypot(p[0] - row.easting_m, p[1] - row.northing_m) <= row.radius_m}
        for row in found.itertuples()
    ]
    assert sum(len(one) for one in taken) == len(set.union(*taken))


def test_a_seed_gives_the_same_clusters_and_moving_the_map_moves_them():
    points, day, _ = town(6)
    first, again, moved = (
        scan.scan_space_time(points[:, 0] + shift, points[:, 1], day, end_on=END, draws=99, seed=2)
        for shift in (0, 0, 1024)
    )
    assert first.equals(again)
    assert moved["observed"].tolist() == first["observed"].tolist()
    assert (moved["easting_m"] - first["easting_m"]).to_numpy() == pytest.approx(1024.0)


def test_nothing_recent_gives_an_empty_frame_with_its_columns():
    found = scan.scan_space_time(EAST, NORTH, DAY - 30, end_on=END, max_days=5, draws=99, seed=1)
    assert found.empty
    assert list(found.columns) == list(scan.COLUMNS)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"easting_m": np.full(8, np.nan)}, MappingError, "8 of 8 incidents have no point"),
        ({"day": DAY + 1}, PeriodError, "3 of 8 incidents lie on or after 1971-01-01"),
        ({"day": DAY.astype(float)}, MappingError, "whole day"),
        ({"radii_m": (100.0, 50.0)}, MappingError, "must rise"),
        ({"draws": 5}, MappingError, "At least 99 draws"),
        ({"max_days": 100}, TooLittleDataError, "do not say what is usual"),
    ],
)
def test_what_cannot_be_scanned_is_refused(change, error, said):
    given = {"easting_m": EAST, "northing_m": NORTH, "day": DAY, "end_on": END, "seed": 1, **change}
    with pytest.raises(error, match=said):
        scan.scan_space_time(**given)
