"""Which run a new one follows, what it is told of it, and what it must never learn."""

import datetime as dt

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from mapping import pipeline, store_run
from mapping.access import COMMUNITY_SAFETY, Audience, Role
from mapping.hotspots import identity
from mapping.periods import month_period
from mapping.store import boundaries, imports, proposals, run_chains, runs
from mapping.store.run_models import RunRow

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
BOTH = Audience(frozenset({"police", "council"}), COMMUNITY_SAFETY)


def spots(like, **shapes):
    """Return hotspots at these eastings, drawn as the first of `like` is."""
    first = like.iloc[[0]]
    parts = [
        first.assign(hotspot_id=hotspot_id, rank=rank) for rank, hotspot_id in enumerate(shapes, start=1)
    ]
    squares = [shapely.box(east, 300_000, east + 100, 300_100) for east in shapes.values()]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry=squares, crs="EPSG:27700")


@pytest.fixture
def record(store, analysed):
    """Record a run that follows whatever it should, with hotspots at these eastings."""

    def keep(*eastings, audience=BOTH, categories=(), cell_size_m=100, period=None):
        period = period or month_period("2026-01", "2026-02")
        facts = analysed.facts()
        drawn = spots(facts["hotspots"], **{f"H{k:03d}": east for k, east in enumerate(eastings, start=1)})
        with store.transaction() as session:
            follows, earlier = run_chains.earlier(
                session, audience, categories=categories, cell_size_m=cell_size_m
            )
            members = facts["members"].iloc[:0]
            hotspots, members, chain = identity.follow(drawn, members, period=period, earlier=earlier)
            return runs.record(
                session,
                **analysed.facts(
                    audience=audience,
                    period=period,
                    settings={"cell_size_m": cell_size_m, "categories": list(categories)},
                    counts={"incidents": 4, "identity": {"last_number": chain.last_number}},
                    hotspots=hotspots,
                    members=members,
                    proposals=facts["proposals"].iloc[:0],
                    follows_run_id=follows,
                ),
            )

    return keep


def ids(store, run_id):
    with store.reading() as session:
        return runs.hotspots(session, run_id)["hotspot_id"].tolist()


def told(store, run_id):
    with store.reading() as session:
        found = runs.hotspots(session, run_id)
        return found[["hotspot_id", "identity", "before", "seen_since_on"]].values.tolist()


def lost(store, run_id):
    with store.reading() as session:
        return run_chains.gone(session, run_id)


def followed(store, run_id):
    with store.reading() as session:
        return run_chains.followed(session, run_id)


def withdraw(store, run_id):
    with store.transaction() as session:
        session.get(RunRow, run_id).withdrawn_at = NOW
        session.flush()
        runs._forget(session, {run_id})


def test_a_run_follows_the_last_one_of_its_audience_categories_and_cell_size(store, record):
    first = record(400_000, 401_000)
    others = [
        record(401_000, audience=Audience(frozenset({"council"}), COMMUNITY_SAFETY)),
        record(401_000, audience=Audience(BOTH.agencies, "licensing")),
        record(401_000, categories=("Burglary",)),
        record(401_000, cell_size_m=200),
    ]
    assert [followed(store, run_id) for run_id in (first, *others)] == [None] * 5
    assert [ids(store, run_id) for run_id in others] == [["H001"]] * 4  # each the first of its own chain
    second = record(401_000)
    assert (followed(store, second), ids(store, second)) == (first, ["H002"])
    assert told(store, second) == [["H002", "continued", "H002", "2026-01-01"]]


def test_what_is_gone_is_told_with_its_place_and_period_and_remembered(store, record):
    record(400_000, 401_000)
    second = record(401_000)
    assert lost(store, second)["hotspot_id"].tolist() == ["H001"]
    assert lost(store, second)["last_period"].tolist() == ["2026-01-01:2026-03-01"]
    third = record(401_000, 400_000, 402_000, period=month_period("2026-02", "2026-03"))
    assert told(store, third) == [
        ["H002", "continued", "H002", "2026-01-01"],
        ["H001", "returned", "H001", "2026-02-01"],
        ["H003", "first seen", "", "2026-02-01"],
    ]
    assert lost(store, third).empty


def test_incidents_that_two_runs_share_link_places_whose_shapes_moved(store, analysed):
    drawn = spots(analysed.facts()["hotspots"], H001=400_000, H002=401_000)
    held = pd.DataFrame({"hotspot_id": ["H001", "H001", "H002"], "incident_id": [1, 2, 3]})
    nothing = analysed.facts()["proposals"].iloc[:0]
    analysed.record(hotspots=drawn, members=held, proposals=nothing)
    with store.reading() as session:
        follows, earlier = run_chains.earlier(session, BOTH, categories=(), cell_size_m=100)
    moved = spots(drawn, A=400_090)
    found, _, _ = identity.follow(
        moved,
        pd.DataFrame({"hotspot_id": ["A", "A"], "incident_id": [1, 2]}),
        period=month_period("2026-01"),
        earlier=earlier,
    )
    assert (follows, found["hotspot_id"].tolist()) == (1, ["H001"])


def test_a_withdrawn_run_is_followed_by_nobody_and_its_numbers_are_not_given_again(store, record):
    first = record(400_000)
    second = record(400_000, 401_000)
    withdraw(store, second)
    third = record(400_000, 402_000)
    assert (followed(store, third), ids(store, third)) == (first, ["H001", "H003"])


def test_when_the_run_before_is_withdrawn_nothing_of_it_is_told_on(store, record):
    first = record(400_000, 401_000)
    second = record(400_000)
    third = record(400_000, period=month_period("2026-02", "2026-03"))
    withdraw(store, first)
    assert lost(store, second).empty
    assert followed(store, second) is None
    assert told(store, second) == [["H001", "", "", ""]]
    # the third compared itself with the second, which stands; since when came down from the first
    assert told(store, third) == [["H001", "continued", "H001", ""]]
    fourth = record(400_000, 401_000, period=month_period("2026-02", "2026-03"))
    # of the first nothing is remembered; the third's own period is what is known
    assert told(store, fourth) == [
        ["H001", "continued", "H001", "2026-02-01"],
        ["H003", "first seen", "", "2026-02-01"],
    ]


def test_after_all_runs_were_withdrawn_numbers_go_on(store, record):
    withdraw(store, record(400_000, 401_000))
    again = record(400_000)
    assert told(store, again) == [["H003", "first seen", "", "2026-01-01"]]
    assert followed(store, again) is None


def test_a_run_of_before_ids_hands_its_places_on(store, analysed, record):
    drawn = spots(analysed.facts()["hotspots"], H001=400_000, H002=401_000)
    drawn = drawn.assign(identity="", before="", seen_since_on="")
    facts = analysed.facts()
    analysed.record(hotspots=drawn, members=facts["members"].iloc[:0], proposals=facts["proposals"].iloc[:0])
    assert told(store, record(402_000, 401_000)) == [
        ["H003", "first seen", "", "2026-01-01"],
        ["H002", "continued", "H002", "2026-01-01"],
    ]


def test_refreshing_twice_changes_no_id_of_hotspot_member_or_proposal(
    store, partnership, two_wards, reports, delivery
):
    analyst = partnership.actor(Role.ANALYST, "council")
    rows = [
        {
            "reference": f"R{k}-{month}",
            "easting_m": 400_450.0 if k < 12 else 400_010.0 + 90 * k,
            "northing_m": 300_450.0 if k < 12 else 300_250.0 + 40 * (k % 7),
            "occurred_from": dt.datetime(2026, month, 2 + k % 20, 12, tzinfo=dt.UTC),
            "place_text": "Police Station" if k < 12 else f"Road {k}",  # needs no test to be listed
            "source_agency": "council",
        }
        for k in range(30)
        for month in range(1, 7)
    ]
    with store.transaction() as session:
        boundaries.add_edition(
            session, two_wards, name="May 2025", source="ONS", licence="OGL", sha256="ab" * 32,
            actor=analyst, now=NOW,
        )  # fmt: skip
        imports.store_import(session, delivery(reports(*rows)), actor=analyst, now=NOW)
    settings = pipeline.Settings(method="count")
    first = store_run.refresh(store, settings=settings, actor=analyst, now=NOW)
    second = store_run.refresh(store, settings=settings, actor=analyst, now=NOW)
    assert ids(store, first.run_id) == ids(store, second.run_id) != []
    assert {row[1] for row in told(store, first.run_id)} == {"first seen"}
    assert {row[1] for row in told(store, second.run_id)} == {"continued"}
    assert followed(store, second.run_id) == first.run_id
    with store.reading() as session:
        run = runs.get(session, second.run_id, actor=analyst, today=dt.date(2026, 12, 1))
        proposed = proposals.for_run(session, second.run_id)
    assert run.follows_run_id == first.run_id
    assert run.counts["identity"] == {"last_number": len(second.analysis.hotspots)}
    assert proposed["label"].tolist() == [f"P-{one}" for one in proposed["hotspot_id"]]
    assert set(proposed["hotspot_id"]) == set(second.analysis.members["hotspot_id"])


def test_auto_keeps_its_choice_until_the_month_changes(store, partnership, two_wards, reports, delivery):
    analyst = partnership.actor(Role.ANALYST, "council")
    rows = [
        {
            "reference": f"R{k}-{month}",
            "easting_m": 400_010.0 + 90 * (k % 20),
            "northing_m": 300_050.0 + 100 * (k % 9),
            "occurred_from": dt.datetime(2026, month, 2 + k % 20, 12, tzinfo=dt.UTC),
            "source_agency": "council",
        }
        for k in range(60)
        for month in range(1, 7)
    ]
    with store.transaction() as session:
        boundaries.add_edition(
            session, two_wards, name="May 2025", source="ONS", licence="OGL", sha256="ab" * 32,
            actor=analyst, now=NOW,
        )  # fmt: skip
        imports.store_import(session, delivery(reports(*rows)), actor=analyst, now=NOW)
    half_year = pipeline.Settings(period=month_period("2026-01", "2026-06"))
    first = store_run.refresh(store, settings=half_year, actor=analyst, now=NOW)
    assert first.analysis.choice.method == "count"
    with store.transaction() as session:  # as if it had been another
        row = session.get(RunRow, first.run_id)
        row.counts = {
            **row.counts,
            "choice": {"method": "kernel 150 m", "level": "last month", "reason": "R"},
        }
    second = store_run.refresh(store, settings=half_year, actor=analyst, now=NOW)
    assert (second.analysis.choice.method, second.analysis.choice.reason) == ("kernel 150 m", "R")
    shorter = pipeline.Settings(period=month_period("2026-01", "2026-05"))
    third = store_run.refresh(store, settings=shorter, actor=analyst, now=NOW)  # ends with another month
    assert third.analysis.choice.method == "count"
