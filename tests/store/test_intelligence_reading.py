"""Who reads which intelligence, and what of it."""

import datetime as dt
from dataclasses import replace

import pytest

from mapping import schema
from mapping.access import COMMUNITY_SAFETY, Audience, Role
from mapping.errors import NotAllowedError
from mapping.periods import month_period
from mapping.store import erasure, imports, incidents, intelligence_reading

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)
FEBRUARY = month_period("2026-02")


@pytest.fixture
def analyst(partnership):
    return partnership.actor(Role.ANALYST, "police")


@pytest.fixture
def put(store, analyst, reports, delivery):
    """Return a way to keep items that the police own and may share, unless a row says otherwise."""

    def stored(*rows):
        usual = {"source": "intelligence", "source_agency": "police", "description": "CANARY fact"}
        frame = reports(*({"reference": f"I{number}", **usual, **row} for number, row in enumerate(rows, 1)))
        frame["report_key"] = "intelligence|" + frame["reference"]
        frame = frame.assign(opinion="CANARY opinion", legacy_grading="")[
            [*schema.INTELLIGENCE, "ward_gss_code", "placement"]
        ]
        with store.transaction() as session:
            imports.store_import(
                session, replace(delivery(frame), kind="intelligence"), actor=analyst, now=NOW
            )

    return stored


@pytest.fixture
def read(store):
    """Return the references that an account reads."""

    def references(actor, *, period=FEBRUARY, today=TODAY):
        with store.reading() as session:
            found = intelligence_reading.load(session, actor=actor, period=period, today=today)
        return found["reference"].tolist()

    return references


def test_an_analyst_reads_items_with_their_grading_and_without_what_they_say(store, put, analyst):
    put({"source_grade": "2", "assessment_grade": "B", "category": "Drugs"})
    with store.reading() as session:
        found = intelligence_reading.load(session, actor=analyst, period=FEBRUARY, today=TODAY)
    assert list(found.columns) == list(intelligence_reading.COLUMNS)
    (one,) = found.to_dict("records")
    assert (one["source_grade"], one["assessment_grade"], one["handling_code"]) == ("2", "B", "P")
    assert (one["easting_m"], one["ward_gss_code"], one["category"]) == (400_500.25, "E05999001", "Drugs")
    assert "CANARY" not in repr(found.to_dict())


def test_no_other_role_reads_any_so_none_reads_what_only_analysts_may(put, read, partnership):
    put({"source_grade": "3", "assessment_grade": "E"}, {"source_grade": "1", "assessment_grade": "A"})
    for role in set(Role) - {Role.ANALYST}:
        with pytest.raises(NotAllowedError, match="it is for analyst"):
            read(partnership.actor(role, "police"))


def test_each_agency_reads_what_its_agreements_handling_and_restrictions_let_it(
    put, read, partnership, analyst
):
    put(
        {"handling_code": "P"},
        {"handling_code": "C"},  # with its owner, and with those it names
        {"handling_code": "C", "restricted_to": "police|fire"},
        {"handling_code": "P", "conditions": "A1"},  # what carries conditions is C
        {"handling_code": "P", "restricted_to": "council"},  # binds the owner too
        {"handling_code": ""},  # unknown is C
    )
    assert read(analyst) == ["I1", "I2", "I3", "I4", "I6"]
    assert read(partnership.actor(Role.ANALYST, "council")) == ["I1", "I5"]
    assert read(partnership.actor(Role.ANALYST, "fire")) == ["I1", "I3"]
    with pytest.raises(NotAllowedError, match="no sharing agreement"):
        read(partnership.actor(Role.ANALYST, "housing"))


def test_items_of_the_period_alone_are_read(put, read, analyst):
    put(
        {"occurred_from": "2026-01-31 23:59+00:00"},
        {"occurred_from": "2026-02-28 23:59+00:00"},
        {"occurred_from": None},
    )
    assert read(analyst) == ["I2"]
    assert read(analyst, period=month_period("2026-01", "2026-02")) == ["I1", "I2"]


def test_an_erased_item_is_read_by_nobody(store, put, read, analyst):
    put({}, {})
    with store.transaction() as session:
        erasure.erase(session, ["intelligence|I1"], actor=analyst, now=NOW)
    assert read(analyst) == ["I2"]


def test_when_the_agreement_closes_nothing_is_read(store, put, read, partnership, analyst):
    put({})
    day = dt.date(2027, 1, 31)  # 30 days after its review date
    with pytest.raises(NotAllowedError, match="closed on"):
        read(partnership.again(analyst, today=day), today=day)


def test_no_item_is_among_the_incidents_of_a_run(store, put):
    put({})
    with store.reading() as session:
        assert incidents.load(session, Audience(frozenset({"police"}), COMMUNITY_SAFETY), today=TODAY).empty
