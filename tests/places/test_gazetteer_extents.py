"""How far an address can lie from the point that stands for it: by hand, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.places import name_extents, postcode_extents
from mapping.places.name_groups import CHAIN_M, chains


def points_as_boxes(points):
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    return np.hstack((points, points))


def test_a_chain_is_as_long_as_its_gaps_are_short():
    # 0, 500, 1000 chain; 1700 is 700 away from all of them; the last has another name
    box = points_as_boxes([(0, 0), (500, 0), (1000, 0), (1700, 0), (0, 0)])
    found = chains(np.array([0, 0, 0, 0, 1]), box, np.full(5, 600.0))
    assert found.tolist() == [0, 0, 0, 1, 2]


def test_a_gap_is_measured_between_boxes_and_across_corners():
    # corner to corner 300 and 400: 500 m
    box = np.array([[0, 0, 100, 100], [400, 500, 600, 600.0]])
    assert chains(np.zeros(2, int), box, np.full(2, 500.0)).tolist() == [0, 0]
    assert chains(np.zeros(2, int), box, np.full(2, 499.0)).tolist() == [0, 1]


spots = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3_000), st.integers(0, 3_000)), min_size=1, max_size=30
)


@given(spots, st.permutations(range(30)))
def test_chains_are_those_of_a_plain_search_whatever_the_order(rows, order):
    table = np.array(rows)
    order = [place for place in order if place < len(table)]
    for one in (table, table[order]):
        group = np.unique(one[:, 0], return_inverse=True)[1]
        found = chains(group, points_as_boxes(one[:, 1:]), np.full(len(one), CHAIN_M))
        expected = np.arange(len(one))
        for _ in one:  # join neighbours until nothing changes
            for a, b in np.ndindex(len(one), len(one)):
                if group[a] == group[b] and np.hypot(*(one[a, 1:] - one[b, 1:])) <= CHAIN_M:
                    expected[a] = expected[b] = min(expected[a], expected[b])
        assert len(set(zip(found, expected, strict=True))) == len(set(found)) == len(set(expected))


def test_large_groups_are_cut_into_batches_and_never_through_a_name(monkeypatch):
    from mapping.places import name_groups

    rng = np.random.default_rng(0)
    group = np.sort(rng.integers(0, 40, 500))
    group = np.unique(group, return_inverse=True)[1]
    box = points_as_boxes(rng.uniform(0, 5_000, (500, 2)))
    whole = chains(group, box, np.full(500, 600.0))
    for size in (1, 7, 100):
        monkeypatch.setattr(name_groups, "_AT_ONCE", size)
        assert chains(group, box, np.full(500, 600.0)).tolist() == whole.tolist()


def test_a_postcode_lies_on_the_street_of_the_nearest_anchor_within_150_m():
    anchors, street = np.array([[0, 0], [200, 0], [1000, 0.0]]), np.array([4, 5, 4])
    rows, streets = name_extents.on_streets(
        np.array([90, 110, 500, np.nan, 1149]), np.zeros(5), anchors, street
    )
    assert rows.tolist() == [0, 1, 4]
    assert streets.tolist() == [4, 5, 4]


def test_the_point_that_stands_for_a_street_is_the_anchor_nearest_to_the_middle():
    entry = np.array([0, 0, 0, 1, 1])
    points = np.array([[0, 0], [100, 0], [110, 0], [5, 5], [6, 6.0]])
    candidate = np.array([True, True, False, False, True])  # 110 and 5,5 are postcodes
    assert name_extents.central(entry, points, candidate, 2).tolist() == [1, 4]


def test_few_postcodes_teach_nothing_and_many_teach_their_own():
    few = name_extents.learn(np.zeros(3, int), np.array([0, 4, 9.0]), np.array([False, True, True]), 1)
    assert few == name_extents.Learned()
    # 1000 streets, each with its anchor and one postcode 1 to 1000 m off: the 951st of them is the 95 % rank
    count = 1000
    entry = np.repeat(np.arange(count), 2)
    square = np.zeros(2 * count)
    square[1::2] = (np.arange(count) + 1.0) ** 2
    learned = name_extents.learn(entry, square, np.arange(2 * count) % 2 == 1, count)
    # mean of squares of 1..1000 is 333 833.5, its root 577.8
    assert learned.spread_m == pytest.approx(577.8, abs=0.1)
    # nothing is left of a street without its postcode: foretold is the spread itself
    assert learned.factors[0] == pytest.approx(951 / 577.8, abs=0.001)
    # and then the radius of a street with nothing of its own is the 95 % rank again
    assert name_extents.street_errors(np.zeros(1), np.zeros(1, int), learned)[0] == pytest.approx(951)


def test_an_extent_gives_95_percent_of_the_way_to_its_farthest_corner():
    # from 0,0 in a box -300..100 by -400..50: the corner -300,-400 is 500 away; 0.95 * 500 + 25 = 500
    assert name_extents.box_errors(np.zeros((1, 2)), np.array([[-300, -400, 100, 50.0]]))[0] == 500
    # a box without size is a place of its own: never less than 30
    assert name_extents.box_errors(np.zeros((1, 2)), np.zeros((1, 4)))[0] == name_extents.LEAST_M


def test_a_radius_of_a_postcode_comes_from_its_eighth_neighbour():
    # nine points in a row, 100 m apart: from the first the eighth is 800 m away, from the middle 400 m
    east = np.arange(9) * 100.0
    errors = postcode_extents.unit_errors(east, np.zeros(9), np.full(9, 10, np.uint8))
    share = np.sqrt(np.log(20) / 8)
    assert errors[[0, 4]] == pytest.approx([800 * share, 400 * share])


def test_coarse_quality_adds_and_no_point_gives_no_radius():
    east = np.append(np.arange(9) * 100.0, np.nan)
    north = np.append(np.zeros(9), np.nan)
    plain = postcode_extents.unit_errors(east, north, np.full(10, 10, np.uint8))
    quality = np.array([10, 20, 30, 40, 50, 10, 10, 10, 10, 90], np.uint8)
    coarse = postcode_extents.unit_errors(east, north, quality)
    assert coarse[[0, 1]].tolist() == plain[[0, 1]].tolist()
    assert coarse[2:5] == pytest.approx(np.hypot(plain[2:5], [50, 50, 100]))
    assert np.isnan(coarse[9])


def test_postcodes_at_one_point_and_postcodes_alone_still_have_a_radius():
    together = postcode_extents.unit_errors(np.zeros(5), np.zeros(5), np.full(5, 10, np.uint8))
    assert set(together) == {postcode_extents.ALONE_M}
    near = postcode_extents.unit_errors(np.array([0, 0, 3.0]), np.zeros(3), np.full(3, 10, np.uint8))
    assert set(near) == {postcode_extents.LEAST_M}
    nothing = np.empty(0)
    assert len(postcode_extents.unit_errors(nothing, nothing, np.empty(0, np.uint8))) == 0


def test_a_sector_holds_95_percent_of_its_postcodes_and_one_more():
    # 39 postcodes from -19 to 19: the middle is 0; ceil(0.95 * 40) = 38th distance is 19
    codes = np.full(39, b"EX11")
    east = np.arange(-19, 20).astype(float)
    grouped = postcode_extents.group(codes, east, np.zeros(39), np.zeros(39))
    assert (grouped.easting_m[0], grouped.error_m[0], grouped.units[0]) == (0, 19, 39)
    # a typical postcode of 12 m: sqrt(5^2 + 12^2) = 13 around two postcodes 10 m apart
    grouped = postcode_extents.group(np.full(2, b"EX12"), np.array([0, 10.0]), np.zeros(2), np.full(2, 12.0))
    assert grouped.error_m[0] == 13


@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)), min_size=1, max_size=60))
def test_moving_everything_moves_no_radius_and_order_changes_none(rows):
    east, north = np.array(rows, dtype=float).T
    quality = np.full(len(rows), 10, np.uint8)
    errors = postcode_extents.unit_errors(east, north, quality)
    assert (errors >= postcode_extents.LEAST_M).all()
    assert (errors <= postcode_extents.MOST_M).all()
    moved = postcode_extents.unit_errors(east + 1_000, north, quality)
    turned = postcode_extents.unit_errors(east[::-1], north[::-1], quality)
    assert moved == pytest.approx(errors)
    assert turned[::-1] == pytest.approx(errors)


@pytest.mark.parametrize("name", ["codepoint_open_ts_2022", "codepoint_open_pa_2022"])
def test_radii_hold_95_in_100_of_the_postcodes_they_have_not_seen(real_data, name):
    import pandas as pd
    from scipy.spatial import cKDTree

    table = pd.read_csv(real_data / f"postcodes/{name}.csv.gz", header=None)
    table = table[table[1] <= 20]
    is_kept = np.random.default_rng(0).random(len(table)) < 0.5
    points = table[[2, 3]].to_numpy(float)
    kept, asked = points[is_kept], points[~is_kept]
    errors = postcode_extents.unit_errors(kept[:, 0], kept[:, 1], np.full(len(kept), 10, np.uint8))
    away, nearest = cKDTree(kept).query(asked)
    assert 0.93 <= np.mean(away <= errors[nearest]) <= 0.97
    codes = table[0].str.replace(" ", "").str[:-2].to_numpy().astype("S5")
    grouped = postcode_extents.group(codes[is_kept], kept[:, 0], kept[:, 1], errors)
    place = np.searchsorted(grouped.code, codes[~is_kept]).clip(max=len(grouped.code) - 1)
    away = np.hypot(grouped.easting_m[place] - asked[:, 0], grouped.northing_m[place] - asked[:, 1])
    seen = grouped.code[place] == codes[~is_kept]
    assert 0.93 <= np.mean(away[seen] <= grouped.error_m[place[seen]]) <= 0.97
