"""Agencies."""

import datetime as dt

import pytest

from mapping.access import Role
from mapping.errors import ConflictError, NotAllowedError, NotFoundError
from mapping.store import agencies, audit
from mapping.store.agencies import Agency

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)


def test_an_agency_is_named_after_its_name(store, operator):
    with store.transaction() as session:
        made = agencies.create(session, name="  Exampleshire   County Council ", actor=operator, now=NOW)
        assert made == Agency("exampleshire-county-council", "Exampleshire County Council")
        assert agencies.get(session, made.agency_id) == made
        assert agencies.find(session, "EXAMPLESHIRE county-council") == made
        assert audit.latest(session, limit=1)[0].object_id == made.agency_id


def test_an_id_of_its_own_choosing_is_folded(store, operator):
    with store.transaction() as session:
        made = agencies.create(
            session, name="Heddlu Gogledd Cymru", agency_id="Police N", actor=operator, now=NOW
        )
        assert made.agency_id == "police-n"
        assert agencies.find(session, "heddlu gogledd cymru") == made
        assert agencies.find(session, "nobody") is None
        assert agencies.find(session, "") is None


@pytest.mark.parametrize(
    ("name", "agency_id"), [("Police", ""), ("POLICE", "other"), ("Other", "police"), ("--", ""), ("", "")]
)
def test_a_name_that_is_taken_or_empty_is_refused(store, operator, name, agency_id):
    with store.transaction() as session:
        agencies.create(session, name="Police", actor=operator, now=NOW)
    with pytest.raises(ConflictError), store.transaction() as session:
        agencies.create(session, name=name, agency_id=agency_id, actor=operator, now=NOW)


def test_only_an_administrator_adds_agencies(store, partnership):
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with pytest.raises(NotAllowedError), store.transaction() as session:
            agencies.create(session, name="Health", actor=partnership.actor(role), now=NOW)
    administrator = partnership.actor(Role.ADMINISTRATOR)
    with store.transaction() as session:
        agencies.create(session, name="Health", actor=administrator, now=NOW)


def test_an_agency_that_is_not_there_is_not_found(store):
    with store.reading() as session, pytest.raises(NotFoundError):
        agencies.get(session, "nobody")
