"""Runs: kept whole, and shown to their audience only."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from mapping import schema
from mapping.access import COMMUNITY_SAFETY, Audience, Role
from mapping.errors import ConflictError, MissingColumnsError, NotAllowedError, NotFoundError
from mapping.periods import month_period
from mapping.store import audit, erasure, imports, runs

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)


def read(store, function, *arguments, **more):
    with store.reading() as session:
        return function(session, *arguments, **more)


def test_a_run_comes_back_with_everything_that_made_it(store, analysed):
    data_to = dt.datetime(2026, 2, 10, 21, 15, tzinfo=dt.UTC)
    run_id = analysed.record(data_to=data_to)
    run = read(store, runs.get, run_id, actor=analysed.analyst, today=TODAY)
    assert run.audience == Audience(frozenset({"police", "council"}), COMMUNITY_SAFETY)
    assert (run.period, run.horizon) == (month_period("2026-01", "2026-02"), month_period("2026-03"))
    assert run.settings == {"cell_size_m": 100, "categories": []}
    assert (run.method, run.choice, run.seed) == ("count", "Counting foretold best.", 0)
    assert (run.versions, run.counts, run.seconds) == ({"numpy": "2"}, {"incidents": 4}, {"total": 0.5})
    assert (run.edition_id, run.data_to, run.created_by) == (
        analysed.edition_id,
        data_to,
        analysed.analyst.account_id,
    )
    assert run.evidence["method"].tolist() == ["count", "kernel"]
    assert run.evidence["pai"].tolist()[0] == 5.0
    assert np.isnan(run.evidence["pai"].tolist()[1])
    assert read(store, audit.latest, limit=1)[0].details == {
        "audience": ["council", "police"],
        "purpose": "community safety",
        "incidents": 4,
        "hotspots": 2,
    }


def test_hotspots_come_back_by_rank_with_their_shapes_to_the_last_digit(store, analysed):
    given = analysed.facts()["hotspots"]
    run_id = analysed.record(hotspots=given)
    found = read(store, runs.hotspots, run_id)
    assert list(found.columns) == list(schema.HOTSPOTS)
    assert found["hotspot_id"].tolist() == ["H1", "H2"]
    assert_geodataframe_equal(found, given.sort_values("rank").reset_index(drop=True), check_dtype=False)


def test_what_a_method_did_not_say_of_a_hotspot_is_empty(store, analysed):
    given = analysed.facts()["hotspots"]
    unsaid = ("identity", "before", "seen_since_on", "change", "last_seen_on", "source_mix", "excess_kind")
    given = given.assign(**dict.fromkeys((*unsaid, "capped_count", "low_count"), np.nan))
    found = read(store, runs.hotspots, analysed.record(hotspots=given))
    assert (found[list(unsaid)] == "").all(axis=None)
    assert found["capped_count"].tolist() == [0, 0]
    assert found["low_count"].isna().all()


def test_only_cells_that_say_something_are_kept(store, analysed):
    given = analysed.facts()["cells"]
    run_id = analysed.record(cells=given)
    found = read(store, runs.cells, run_id)
    assert_frame_equal(found, given.iloc[:2].reset_index(drop=True), check_dtype=False)
    assert found["is_hot"].dtype == bool


def test_a_ward_has_its_cells_and_the_hotspots_that_reach_into_it(store, analysed):
    run_id = analysed.record()
    assert read(store, runs.hotspots, run_id, ward="E05999001")["hotspot_id"].tolist() == ["H1"]
    # H1 lies in West and reaches into East.
    assert read(store, runs.hotspots, run_id, ward="E05999002")["hotspot_id"].tolist() == ["H1", "H2"]
    assert read(store, runs.hotspots, run_id, ward="E05999009").empty
    assert read(store, runs.cells, run_id, ward="E05999002")["cell_id"].tolist() == ["E401500N300500"]


def test_a_run_without_hotspots_is_a_run(store, analysed):
    nothing = {
        name: analysed.facts()[name].iloc[:0] for name in ("cells", "hotspots", "members", "proposals")
    }
    run_id = analysed.record(**nothing, evidence=pd.DataFrame())
    found = read(store, runs.hotspots, run_id)
    assert found.empty
    assert list(found.columns) == list(schema.HOTSPOTS)
    assert found.crs.to_epsg() == 27700
    assert read(store, runs.cells, run_id).empty


def test_members_lead_back_to_the_rows(store, analysed):
    run_id = analysed.record()
    found = read(store, runs.members, run_id, "H1", today=TODAY)
    assert found["reference"].tolist() == ["W1", "W2"]
    assert read(store, runs.members, run_id, "H9", today=TODAY).empty
    with pytest.raises(NotFoundError):
        read(store, runs.members, 99, "H1", today=TODAY)


def test_a_run_is_for_its_audience_and_reading_roles_only(store, analysed, partnership):
    run_id = analysed.record()
    readers = [partnership.actor(role, "police") for role in ("analyst", "chair", "officer", "manager")]
    others = [partnership.actor(role, "police") for role in ("councillor", "administrator", "auditor")]
    others += [partnership.actor(Role.ANALYST, agency) for agency in ("fire", "housing")]
    for actor in readers:
        assert read(store, runs.get, run_id, actor=actor, today=TODAY).run_id == run_id
        assert read(store, runs.latest, actor=actor, today=TODAY).run_id == run_id
    for actor in others:
        with pytest.raises(NotFoundError):
            read(store, runs.get, run_id, actor=actor, today=TODAY)
        with pytest.raises(NotFoundError):
            read(store, runs.latest, actor=actor, today=TODAY)
        assert read(store, runs.list_recent, actor=actor, today=TODAY) == []


def test_a_run_that_is_not_there_and_one_that_may_not_be_known_answer_alike(store, analysed, partnership):
    analysed.record()
    stranger = partnership.actor(Role.ANALYST, "fire")
    said = []
    for run_id in (1, 99):
        with pytest.raises(NotFoundError) as refused:
            read(store, runs.get, run_id, actor=stranger, today=TODAY)
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_each_reader_gets_the_newest_run_made_for_them(store, analysed, partnership):
    everyone = Audience(frozenset({"police", "council", "fire"}), COMMUNITY_SAFETY)
    first, second, third = (
        analysed.record(audience=everyone),
        analysed.record(),
        analysed.record(audience=Audience(frozenset({"council"}), "licensing")),
    )
    fire, council = partnership.actor(Role.CHAIR, "fire"), analysed.analyst
    assert read(store, runs.latest, actor=fire, today=TODAY).run_id == first
    # The newest is for a purpose that council has no agreement for.
    assert read(store, runs.latest, actor=council, today=TODAY).run_id == second
    assert [run.run_id for run in read(store, runs.list_recent, actor=council, today=TODAY)] == [
        second,
        first,
    ]
    assert third == 3


def test_when_the_agreement_closes_so_do_its_runs(store, analysed):
    run_id = analysed.record()
    last_day, day_after = dt.date(2027, 1, 30), dt.date(2027, 1, 31)
    assert read(store, runs.get, run_id, actor=analysed.analyst, today=last_day)
    with pytest.raises(NotFoundError):
        read(store, runs.get, run_id, actor=analysed.analyst, today=day_after)


def test_only_an_analyst_records_a_run(store, analysed, partnership):
    for role in set(Role) - {Role.ANALYST}:
        with pytest.raises(NotAllowedError):
            analysed.record(actor=partnership.actor(role, "council"))


def test_a_run_is_recorded_whole_or_not_at_all(store, analysed):
    stray = pd.DataFrame({"hotspot_id": ["H7"], "incident_id": [1]})
    with pytest.raises(ConflictError):
        analysed.record(members=stray)
    with pytest.raises(MissingColumnsError):
        analysed.record(cells=analysed.facts()["cells"].drop(columns="score"))
    with pytest.raises(NotFoundError):
        read(store, runs.latest, actor=analysed.analyst, today=TODAY)
    assert [entry.kind for entry in read(store, audit.latest, limit=1)] == ["import"]


def put(store, delivered, actor):
    with store.transaction() as session:
        return imports.store_import(session, delivered, actor=actor, now=NOW)


@pytest.mark.parametrize(
    "stricter",
    [{"handling_code": "C"}, {"conditions": "A1"}, {"restricted_to": "council"}],
)
def test_a_record_made_stricter_takes_its_runs_with_it(store, analysed, reports, delivery, stricter):
    run_id = analysed.record()
    alone = analysed.record(audience=Audience(frozenset({"council"}), COMMUNITY_SAFETY))
    put(store, delivery(reports({"reference": "W1", **stricter})), analysed.analyst)
    with pytest.raises(NotFoundError, match="withdrawn"):
        read(store, runs.get, run_id, actor=analysed.analyst, today=TODAY)
    # Its owner may still see it, so the run for the owner alone stands.
    assert read(store, runs.latest, actor=analysed.analyst, today=TODAY).run_id == alone
    assert read(store, audit.latest, limit=1)[0].details["runs_withdrawn"] == 1


def test_a_change_that_hides_nothing_leaves_runs_as_they_are(store, analysed, reports, delivery):
    run_id = analysed.record()
    put(store, delivery(reports({"reference": "W1", "outcome": "closed"})), analysed.analyst)
    assert read(store, runs.get, run_id, actor=analysed.analyst, today=TODAY)


def test_a_run_of_another_period_stands(store, analysed, reports, delivery):
    run_id = analysed.record(period=month_period("2025-01", "2025-12"))
    put(store, delivery(reports({"reference": "W1", "handling_code": "C"})), analysed.analyst)
    assert read(store, runs.get, run_id, actor=analysed.analyst, today=TODAY)


def test_an_erased_report_is_no_member_any_more(store, analysed):
    run_id = analysed.record()
    with store.transaction() as session:
        erasure.erase(session, ["warden-log|W1"], actor=analysed.analyst, now=NOW)
    assert read(store, runs.members, run_id, "H1", today=TODAY)["reference"].tolist() == ["W2"]
