"""Which place of the last run a hotspot is: worked by hand on squares, and what must always hold."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import MissingColumnsError
from mapping.hotspots import identity
from mapping.hotspots.identity import Earlier, follow, gone, match, nothing_before, pool
from mapping.periods import Period

WINTER = Period(dt.date(2025, 12, 1), dt.date(2026, 3, 1))  # 90 days
SPRING = Period(dt.date(2026, 3, 1), dt.date(2026, 5, 30))  # 90 days
NOBODY = pd.DataFrame({"hotspot_id": [], "incident_id": []})


def square(east, north=0.0, side=100.0):
    """Return a square by its south-west corner, in metres from one fixed point."""
    return shapely.box(400_000 + east, 300_000 + north, 400_000 + east + side, 300_000 + north + side)


def spots(**shapes):
    """Return hotspots with these shapes, in order of rank, 30 incidents each."""
    ids = list(shapes)
    return gpd.GeoDataFrame(
        {
            "hotspot_id": pd.Series(ids, dtype="str"),
            "rank": np.arange(1, len(ids) + 1),
            "incident_count": 30,
            "recorded_at_place": np.zeros(len(ids), dtype=bool),
            "place_name": pd.Series([f"Place of {one}" for one in ids], dtype="str"),
            "ward_gss_code": "E05999001",
            "seen_since_on": "2025-06-01",
        },
        geometry=list(shapes.values()),
        crs="EPSG:27700",
    )


def before(hotspots, members=NOBODY, older=(), last_number=0):
    return Earlier(hotspots, members, WINTER, pool(hotspots, older), last_number)


def held(**incidents):
    pairs = [(one, incident) for one, several in incidents.items() for incident in several]
    return pd.DataFrame(pairs, columns=["hotspot_id", "incident_id"])


def told(now, earlier, members=NOBODY):
    """Match and return `(id, identity, before)` by rank."""
    found = match(now, members, period=SPRING, earlier=earlier)
    return list(zip(found["hotspot_id"], found["identity"], found["before"], strict=True))


def test_without_an_earlier_run_places_are_first_seen_and_numbered_by_rank():
    now = spots(H001=square(0), H002=square(600))
    followed, members, chain = follow(now, held(H001=[1], H002=[2]), period=SPRING, earlier=None)
    assert followed["hotspot_id"].tolist() == ["H001", "H002"]
    assert followed["identity"].tolist() == ["first seen", "first seen"]
    assert followed["before"].tolist() == ["", ""]
    assert followed["seen_since_on"].tolist() == ["2026-03-01", "2026-03-01"]
    assert members["hotspot_id"].tolist() == ["H001", "H002"]
    assert (len(chain.gone), len(chain.remembered), chain.last_number) == (0, 0, 2)


def test_the_id_stays_with_the_ground_and_not_with_the_rank():
    last = spots(H001=square(0), H002=square(600))
    now = spots(H001=square(610), H002=square(10))  # what was second is first now
    assert told(now, before(last)) == [("H002", "continued", "H002"), ("H001", "continued", "H001")]
    found = match(now, NOBODY, period=SPRING, earlier=before(last))
    assert found["seen_since_on"].tolist() == ["2025-06-01", "2025-06-01"]


def test_half_of_the_smaller_links_and_less_does_not():
    last = spots(H001=square(0))
    # 50 of 100 m shared is half; 49 is not
    assert told(spots(A=square(50)), before(last)) == [("H001", "continued", "H001")]
    assert told(spots(A=square(51)), before(last)) == [("H002", "first seen", "")]


def test_common_incidents_link_where_shapes_moved_apart():
    last, now = spots(H001=square(0)), spots(A=square(80))
    # 20 % of the area; of four and six incidents two are common, half of the smaller
    assert told(now, before(last, held(H001=[1, 2, 3, 4])), held(A=[3, 4, 5, 6, 7, 8])) == [
        ("H001", "continued", "H001")
    ]
    # of five and six, two are not half
    assert told(now, before(last, held(H001=[1, 2, 3, 4, 0])), held(A=[3, 4, 5, 6, 7, 8])) == [
        ("H002", "first seen", "")
    ]


def test_a_new_place_gets_the_next_number_and_not_one_that_was_given():
    last = spots(H003=square(0))
    now = spots(A=square(3000), B=square(0), C=square(6000))
    assert [one for one, _, _ in told(now, before(last))] == ["H004", "H003", "H005"]
    assert [one for one, _, _ in told(now, before(last, last_number=11))] == ["H012", "H003", "H013"]


@pytest.mark.parametrize(
    ("side", "count", "said"),
    [
        (115, 30, "continued"),  # 1.15 x 1.15 = 1.32 times the area
        (116, 30, "grown"),  # 1.35
        (82, 30, "continued"),  # 0.67
        (81, 30, "shrunk"),  # 0.66
        (100, 40, "continued"),  # 1.33 times the incidents a day
        (100, 41, "grown"),
        (100, 20, "continued"),
        (100, 19, "shrunk"),
        (116, 10, "shrunk"),  # a third of the incidents weighs more than 1.35 times the area
    ],
)
def test_more_than_a_third_more_or_less_is_grown_or_shrunk(side, count, said):
    now = spots(A=square(0, side=side)).assign(incident_count=count)
    assert told(now, before(spots(H001=square(0)))) == [("H001", said, "H001")]


def test_a_longer_period_alone_lets_nothing_grow():
    last, now = spots(H001=square(0)), spots(A=square(0)).assign(incident_count=60)
    twice = Period(dt.date(2026, 1, 1), dt.date(2026, 6, 30))  # 180 days: 60 / 180 = 30 / 90
    found = match(now, NOBODY, period=twice, earlier=before(last))
    assert found["identity"].tolist() == ["continued"]


def test_of_a_place_that_split_the_largest_part_keeps_the_id():
    last = spots(H001=shapely.union_all([square(0), square(100), square(200)]))
    now = spots(A=square(0), B=shapely.union_all([square(110), square(200)]))
    # A is 10 000 of the 30 000 m2 and B 19 000
    assert told(now, before(last)) == [("H002", "split", "H001"), ("H001", "split", "H001")]
    found = match(now, NOBODY, period=SPRING, earlier=before(last))
    assert found["seen_since_on"].tolist() == ["2026-03-01", "2025-06-01"]
    assert gone(last, WINTER, found).empty


def test_places_that_grew_together_keep_the_id_of_the_one_that_gave_most():
    last = spots(H001=square(0), H002=shapely.union_all([square(100), square(200)]))
    now = spots(A=shapely.union_all([square(0), square(100), square(200)]))
    found = match(now, NOBODY, period=SPRING, earlier=before(last))
    assert told(now, before(last)) == [("H002", "merged", "H001; H002")]
    assert gone(last, WINTER, found).empty  # H001 is in H002 now


def test_a_place_beside_one_that_went_on_did_not_merge_with_it():
    # A holds H001 whole and half of H002, which goes on as B
    last = spots(H001=square(0), H002=square(100))
    now = spots(A=shapely.box(400_000, 300_000, 400_150, 300_100), B=square(100))
    assert told(now, before(last)) == [("H001", "grown", "H001"), ("H002", "continued", "H002")]


def test_what_has_no_successor_is_gone_and_said_with_its_place_and_period():
    last = spots(H001=square(0), H002=square(600))
    _, _, chain = follow(spots(A=square(0)), NOBODY, period=SPRING, earlier=before(last))
    assert chain.gone.to_dict("records") == [
        {
            "hotspot_id": "H002",
            "place_name": "Place of H002",
            "ward_gss_code": "E05999001",
            "last_period": "2025-12-01:2026-03-01",
        }
    ]
    assert chain.remembered[["hotspot_id", "runs_ago"]].values.tolist() == [["H002", 2]]
    assert chain.last_number == 2


def test_a_place_that_comes_back_gets_its_old_id():
    older, last = spots(H001=square(0), H002=square(600)), spots(H001=square(0))
    now = spots(A=square(0), B=square(620))
    assert told(now, before(last, older=[older])) == [
        ("H001", "continued", "H001"),
        ("H002", "returned", "H002"),
    ]
    # "found in every run since" starts anew
    found = match(now, NOBODY, period=SPRING, earlier=before(last, older=[older]))
    assert found["seen_since_on"].tolist()[1] == "2026-03-01"


def test_a_place_is_remembered_for_twelve_runs():
    last, old = spots(H001=square(0)), spots(H001=square(0), H002=square(600))
    now = spots(A=square(600))
    # the last run and ten more without it: it is in the twelfth run back; then in the thirteenth
    assert told(now, before(last, older=[*[last] * 10, old])) == [("H002", "returned", "H002")]
    assert told(now, before(last, older=[*[last] * 11, old], last_number=2)) == [("H003", "first seen", "")]


def test_a_remembered_place_is_the_one_it_was_last():
    # H002 stood at 600 m long ago and at 900 m later, step by step
    older = [spots(H002=square(900)), spots(H002=square(600))]
    last = spots(H001=square(0))
    assert told(spots(A=square(900)), before(last, older=older)) == [("H002", "returned", "H002")]
    assert told(spots(A=square(600)), before(last, older=older)) == [("H003", "first seen", "")]


def test_a_chain_handed_on_run_by_run_knows_what_the_pool_of_all_runs_knows():
    runs = [spots(A=square(0), B=square(600)), spots(A=square(0)), spots(A=square(0), B=square(1500))]
    earlier, seen = None, []
    for now in runs:
        followed, members, chain = follow(now, NOBODY, period=WINTER, earlier=earlier)
        seen.append(followed)
        earlier = Earlier(followed, members, WINTER, chain.remembered, chain.last_number)
    assert [frame["hotspot_id"].tolist() for frame in seen] == [["H001", "H002"], ["H001"], ["H001", "H003"]]
    whole = pool(seen[2], [seen[1], seen[0]])
    pd.testing.assert_frame_equal(pd.DataFrame(earlier.remembered), pd.DataFrame(whole), check_dtype=False)
    assert whole["runs_ago"].tolist() == [3]


def test_a_part_that_lies_where_a_remembered_place_was_takes_its_number():
    # H002 was swallowed by H001 one run ago and comes out of it again
    older, last = spots(H001=square(0), H002=square(100)), spots(H001=square(0, side=200))
    now = spots(A=shapely.union_all([square(0), square(0, 100)]), B=square(100))
    assert told(now, before(last, older=[older])) == [("H001", "split", "H001"), ("H002", "split", "H001")]


def test_a_desk_and_the_street_around_it_do_not_change_places():
    last = spots(H001=square(0), H002=square(20, 20, 60))
    last["recorded_at_place"] = [False, True]
    now = spots(A=square(0), B=square(20, 20, 60)).assign(recorded_at_place=[False, True])
    assert told(now, before(last)) == [("H001", "continued", "H001"), ("H002", "continued", "H002")]
    # the street is gone, the desk is not it
    assert told(now.iloc[[1]], before(last.iloc[[0]])) == [("H002", "first seen", "")]
    # but set apart since, its own incidents say that it is the same place
    assert told(now.iloc[[1]], before(last.iloc[[0]], held(H001=[1, 2])), held(B=[1, 2])) == [
        ("H001", "shrunk", "H001")  # 60 x 60 m of 100 x 100 m
    ]


def test_a_run_after_one_without_hotspots_starts_where_numbers_ended():
    earlier = nothing_before(spots(A=square(0)), WINTER, last_number=4)
    assert told(spots(A=square(0)), earlier) == [("H005", "first seen", "")]
    nothing = spots(A=square(0)).iloc[:0]
    followed, members, chain = follow(nothing, NOBODY, period=SPRING, earlier=before(spots(H001=square(0))))
    assert (len(followed), len(members)) == (0, 0)
    assert chain.gone["hotspot_id"].tolist() == ["H001"]


def test_a_last_run_that_does_not_know_since_when_counts_from_its_own_period():
    last = spots(H001=square(0)).assign(seen_since_on="")
    found = match(spots(A=square(0)), NOBODY, period=SPRING, earlier=before(last))
    assert found["seen_since_on"].tolist() == ["2025-12-01"]


def test_members_and_what_was_handed_in_are_renamed_and_left_alone():
    last, now = spots(H001=square(0), H002=square(600)), spots(H001=square(600), H002=square(0))
    members = held(H001=["b"], H002=["a", "c"])
    followed, renamed, _ = follow(now, members, period=SPRING, earlier=before(last))
    assert followed["hotspot_id"].tolist() == ["H002", "H001"]
    assert renamed.values.tolist() == [["H002", "b"], ["H001", "a"], ["H001", "c"]]
    assert now["hotspot_id"].tolist() == ["H001", "H002"]
    assert members["hotspot_id"].tolist() == ["H001", "H002", "H002"]


def test_a_frame_without_a_column_is_refused():
    with pytest.raises(MissingColumnsError, match="rank"):
        told(spots(A=square(0)).drop(columns="rank"), before(spots(H001=square(0))))


def test_an_id_has_a_number():
    assert [identity.number_of(one) for one in ("H001", "H1204", "P-H001", "")] == [1, 1204, 0, 0]


CORNERS = st.tuples(
    st.integers(0, 6).map(lambda k: 60.0 * k),
    st.integers(0, 2).map(lambda k: 60.0 * k),
    st.sampled_from([60, 100, 180]),
)
PLACES = st.lists(CORNERS, max_size=6, unique=True)


def drawn(corners, prefix):
    """Return squares, numbered backwards so that order, rank and id differ."""
    frame = spots(**{f"{prefix}{9 - k:03d}": square(*corner) for k, corner in enumerate(corners)})
    return frame.assign(recorded_at_place=[k % 3 == 2 for k in range(len(frame))])


def members_of(frame):
    """Give each hotspot the lattice points inside it as incidents."""
    lattice = [shapely.Point(400_000 + 30 * x, 300_000 + 30 * y) for x in range(20) for y in range(12)]
    pairs = [
        (one, k)
        for one, shape in zip(frame["hotspot_id"], frame.geometry, strict=True)
        for k, point in enumerate(lattice)
        if shape.covers(point)
    ]
    return pd.DataFrame(pairs, columns=["hotspot_id", "incident_id"])


@given(older=PLACES, last=PLACES, now=PLACES, with_members=st.booleans(), shuffler=st.randoms())
def test_what_must_always_hold_of_ids(older, last, now, with_members, shuffler):
    old, last, new = drawn(older, "H0"), drawn(last, "H"), drawn(now, "N")
    old["hotspot_id"] = old["hotspot_id"].str.replace("H0", "H").to_numpy()
    earlier = before(last, members_of(last) if with_members else NOBODY, older=[old])
    members = members_of(new) if with_members else NOBODY
    found = match(new, members, period=SPRING, earlier=earlier)

    # every hotspot has one id, no id is given twice, and what is new was never given before
    ids = found["hotspot_id"].tolist()
    assert len(set(ids)) == len(ids) == len(new)
    known = {*old["hotspot_id"], *last["hotspot_id"]}
    is_new = found["identity"] == "first seen"
    assert not known & set(found.loc[is_new, "hotspot_id"])
    assert (found.loc[is_new, "before"] == "").all()
    # each place of the last run is somebody's id, somebody's origin, or gone; and only one of them is gone
    lost = set(gone(last, WINTER, found)["hotspot_id"])
    assert lost | (identity.accounted_for(found) & set(last["hotspot_id"])) == set(last["hotspot_id"])
    assert not lost & identity.accounted_for(found)
    # nothing returns that was in the last run
    assert not set(found.loc[found["identity"] == "returned", "hotspot_id"]) & set(last["hotspot_id"])

    # the order of rows says nothing
    order = list(range(len(new)))
    shuffler.shuffle(order)
    turned = match(
        new.iloc[order],
        members.iloc[::-1],
        period=SPRING,
        earlier=Earlier(
            last.iloc[::-1], earlier.members.iloc[::-1], WINTER, earlier.remembered.iloc[::-1], 0
        ),
    )
    pd.testing.assert_frame_equal(turned, found.iloc[order].reset_index(drop=True))


@given(places=PLACES)
def test_a_run_made_again_changes_no_id(places):
    first, members, _ = follow(drawn(places, "N"), NOBODY, period=WINTER, earlier=None)
    again, _, chain = follow(drawn(places, "M"), NOBODY, period=WINTER, earlier=before(first, members))
    assert chain.gone.empty
    assert set(again["hotspot_id"]) == set(first["hotspot_id"])
