"""Incidents out of the store."""

import datetime as dt

import pandas as pd
import pytest

from mapping import schema
from mapping.access import COMMUNITY_SAFETY, Audience, Role
from mapping.errors import NotAllowedError
from mapping.periods import month_period
from mapping.store import agreements, audit, imports, incidents, placing
from mapping.store.shelves import REPORTS

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)
THREE = Audience(frozenset({"police", "council", "fire"}), COMMUNITY_SAFETY)
TWO = Audience(frozenset({"police", "council"}), COMMUNITY_SAFETY)
COUNCIL = Audience(frozenset({"council"}), COMMUNITY_SAFETY)


@pytest.fixture
def analyst(partnership):
    return partnership.actor(Role.ANALYST, "council")


@pytest.fixture
def put(store, analyst, reports, delivery):
    def put_rows(*rows, **more):
        with store.transaction() as session:
            return imports.store_import(session, delivery(reports(*rows), **more), actor=analyst, now=NOW)

    return put_rows


def load(store, audience=THREE, period=None, today=TODAY) -> pd.DataFrame:
    with store.reading() as session:
        return incidents.load(session, audience, period, today=today)


def seen(store, audience=THREE, **more) -> list[str]:
    return load(store, audience, **more)["reference"].tolist()


def test_incidents_come_with_every_column_of_the_schema(store, put):
    put({}, {})
    frame = load(store)
    own = {"boundary_edition", "told_by"}
    assert set(frame.columns) == {*schema.REPORTS, *schema.FOUND, *schema.PLACED, *own}
    assert frame["incident_id"].tolist() == [1, 2]


def test_only_what_the_whole_audience_may_see_enters(store, put):
    put(
        {"reference": "open", "handling_code": "open", "source_agency": "Coastguard"},
        {"reference": "shared"},
        {"reference": "named", "handling_code": "C", "restricted_to": "police"},
        {"reference": "own", "handling_code": "C"},
        {"reference": "for two", "restricted_to": "council|police"},
        {"reference": "for fire", "restricted_to": "fire"},
    )
    assert seen(store, THREE) == ["open", "shared"]
    assert seen(store, TWO) == ["open", "shared", "for two"]
    assert seen(store, COUNCIL) == ["open", "shared", "own", "for two"]
    assert seen(store, Audience(frozenset({"housing"}), COMMUNITY_SAFETY)) == ["open"]
    assert seen(store, Audience(frozenset(), COMMUNITY_SAFETY)) == []


def test_what_shares_nothing_any_more_enters_no_new_run(store, put, partnership):
    put({"reference": "shared"}, {"reference": "open", "handling_code": "open"})
    assert seen(store, today=dt.date(2027, 1, 1)) == ["open"]  # the agreement is read only from then on
    with store.transaction() as session:
        agreements.withdraw(session, 2, agency_id="council", actor=partnership.operator, now=NOW)
    assert seen(store) == ["open"]


def test_an_incident_is_told_by_the_first_report_that_its_readers_may_see(store, put):
    put(
        {"reference": "A", "handling_code": "C", "description": "canary", "easting_m": 1000.0},
        {"reference": "B", "description": "warden's words"},
        membership={"warden-log|B": "warden-log|A"},
    )
    assert seen(store, COUNCIL) == ["A"]
    frame = load(store, THREE)
    assert frame["reference"].tolist() == ["B"]
    assert frame["incident_id"].tolist() == [1]
    assert "canary" not in frame.to_csv()
    assert frame["easting_m"].tolist() == [400_500.25]


def test_an_incident_belongs_to_the_month_in_which_its_first_report_begins(store, put):
    midnight = pd.Timestamp("2026-02-01 00:00", tz="UTC")
    before = midnight - pd.Timedelta(minutes=10)
    put(
        {"reference": "A", "occurred_from": before},
        {"reference": "B", "occurred_from": midnight},
        {"reference": "C", "occurred_from": midnight},
        {"reference": "D", "occurred_from": pd.NaT},
        membership={"warden-log|B": "warden-log|A"},
    )
    january, february = month_period("2026-01"), month_period("2026-02")
    assert seen(store, period=january) == ["A"]
    assert seen(store, period=february) == ["C"]
    assert seen(store) == ["A", "C", "D"]


def test_a_period_follows_the_london_clock(store, put):
    # 1 July begins in London at 23:00 on 30 June, UTC.
    put({"reference": "A", "occurred_from": pd.Timestamp("2026-06-30 22:59", tz="UTC")})
    put({"reference": "B", "occurred_from": pd.Timestamp("2026-06-30 23:00", tz="UTC")})
    assert seen(store, period=month_period("2026-06")) == ["A"]
    assert seen(store, period=month_period("2026-07")) == ["B"]


def test_chosen_incidents_obey_the_same_rule(store, put):
    put({"reference": "A"}, {"reference": "B", "restricted_to": "council"}, {"reference": "C"})
    with store.reading() as session:
        found = incidents.by_id(session, [3, 2, 2, 99], THREE, today=TODAY)
        nothing = incidents.by_id(session, [], THREE, today=TODAY)
    assert found["reference"].tolist() == ["C"]
    assert nothing.empty
    assert list(nothing.columns) == list(found.columns)


def test_a_listing_has_the_keys_of_the_command(store, put, analyst):
    put(
        {"reference": "A", "description": "words"},
        {"reference": "B"},
        membership={"warden-log|B": "warden-log|A"},
    )
    with store.reading() as session:
        (row,) = incidents.listing(session, actor=analyst, today=TODAY)
    lon, lat = row.pop("lon"), row.pop("lat")
    assert row == {
        "incident_id": 1,
        "reports": [
            {"source": "warden-log", "reference": "A"},
            {"source": "warden-log", "reference": "B"},
        ],
        "category": "Noise",
        "occurred_from": "2026-02-10T21:15:00+00:00",
        "occurred_to": "2026-02-10T21:15:00+00:00",
        "time_precision": "minute",
        "located": True,
        "easting_m": 400_500.25,
        "northing_m": 300_500.5,
        "error_m": 10.0,
        "match_level": "coordinates",
        "ward_gss_code": "E05999001",
        "handling_code": "P",
        "description": "words",
    }
    # SK 005 005 lies near Walsall.
    assert (round(lon, 2), round(lat, 2)) == (-1.99, 52.60)


def test_an_incident_without_a_point_is_listed_without_one(store, put, analyst):
    nowhere = float("nan")
    put({"easting_m": nowhere, "northing_m": nowhere, "error_m": nowhere, "placement": "unlocated"})
    with store.reading() as session:
        (row,) = incidents.listing(session, actor=analyst, today=TODAY)
    assert not row["located"]
    assert [row[name] for name in ("easting_m", "northing_m", "lon", "lat", "error_m")] == [None] * 5


def test_free_text_is_listed_for_those_who_may_read_reports(store, put, partnership):
    put({"description": "canary"})
    with store.reading() as session:
        (row,) = incidents.listing(session, actor=partnership.actor(Role.CHAIR), today=TODAY)
        assert row["description"] == ""
        for role in set(Role) - {Role.CHAIR, Role.ANALYST}:
            with pytest.raises(NotAllowedError):
                next(incidents.listing(session, actor=partnership.actor(role), today=TODAY))


def test_a_listing_leaves_out_what_its_reader_may_not_see(store, put, partnership, analyst):
    put(
        {"reference": "A"},
        {"reference": "B", "handling_code": "C"},
        {"reference": "C", "restricted_to": "police"},
    )

    def listed(actor, today=TODAY):
        with store.reading() as session:
            rows = incidents.listing(session, actor=actor, today=today)
            return [report["reference"] for row in rows for report in row["reports"]]

    police = partnership.actor(Role.ANALYST, "police")
    assert listed(analyst) == ["A", "B"]
    assert listed(police) == ["A", "C"]
    assert listed(police, today=dt.date(2027, 1, 30)) == ["A", "C"]  # read only still reads
    with pytest.raises(NotAllowedError):
        listed(police, today=dt.date(2027, 1, 31))


def test_reports_are_placed_anew_when_the_wards_change(store, put, analyst):
    put({"reference": "A"}, {"reference": "B"}, boundary_edition="May 2025")
    with store.transaction() as session:
        assert placing.to_place(session, REPORTS, edition="May 2025").empty
        waiting = placing.to_place(session, REPORTS, edition="May 2026")
        assert len(waiting) == 2
        placed = waiting.assign(ward_gss_code=["E05999002", ""], placement=["in ward", "outside"])
        placing.set_wards(session, REPORTS, placed, edition="May 2026", actor=analyst, now=NOW)
        assert placing.to_place(session, REPORTS, edition="May 2026").empty
        placing.set_wards(session, REPORTS, placed.iloc[:0], edition="May 2026", actor=analyst, now=NOW)
        assert audit.latest(session, limit=1)[0].details == {"reports": 2}
    frame = load(store)
    assert frame["ward_gss_code"].tolist() == ["E05999002", ""]
    assert frame["placement"].tolist() == ["in ward", "outside"]
    assert frame["boundary_edition"].unique().tolist() == ["May 2026"]


def test_an_administrator_who_adds_wards_may_have_reports_placed_in_them(store, put, partnership):
    put({"reference": "A"})
    administrator = partnership.actor(Role.ADMINISTRATOR)
    with store.transaction() as session:
        waiting = placing.to_place(session, REPORTS, edition="May 2026")
        placed = waiting.assign(ward_gss_code="E05999002", placement="in ward")
        placing.set_wards(session, REPORTS, placed, edition="May 2026", actor=administrator, now=NOW)
    for role in set(Role) - {Role.ADMINISTRATOR, Role.ANALYST}:
        with pytest.raises(NotAllowedError), store.transaction() as session:
            placing.set_wards(session, REPORTS, placed, edition="X", actor=partnership.actor(role), now=NOW)


def test_an_incident_names_the_sources_of_all_its_reports_that_the_readers_may_see(store, put):
    put(
        {"reference": "W1"},
        {"reference": "P1", "source": "police-log"},
        {"reference": "F1", "source": "fire-log", "handling_code": "C"},
    )
    # One moment, place and kind, told by three: the import joins them.
    assert load(store)["told_by"].tolist() == ["police-log; warden-log"]
    # The council owns the third report, which is C, and so is alone in seeing it.
    assert load(store, COUNCIL)["told_by"].tolist() == ["fire-log; police-log; warden-log"]
