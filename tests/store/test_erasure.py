"""Erasure."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import inspect, select, text

from mapping import schema
from mapping.access import COMMUNITY_SAFETY, Audience, Role
from mapping.errors import NotAllowedError
from mapping.store import audit, engine, erasure, imports, incidents
from mapping.store.models import Tombstone

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)
KEY = "warden-log|CANARY-1"


@pytest.fixture
def analyst(partnership):
    return partnership.actor(Role.ANALYST, "council")


@pytest.fixture
def stored(store, analyst, reports, delivery):
    """Store a report full of canaries, twice, so that there is a version of it too, and one beside it."""
    words = dict.fromkeys(
        ("place_text", "description", "outcome", "complainant_hash", "stated_area"), "CANARY words"
    )
    for turn in ("first", "second"):
        row = {"reference": "CANARY-1", "postcode": turn, "reported_at": pd.Timestamp(NOW), **words}
        with store.transaction() as session:
            imports.store_import(session, delivery(reports(row, {})), actor=analyst, now=NOW)


def everything(store) -> str:
    """Return every value of every table as one text."""
    with store.reading() as session:
        tables = inspect(session.connection()).get_table_names()
        return repr([session.execute(text(f"SELECT * FROM {table}")).all() for table in tables])


def test_what_was_erased_is_in_no_table(store, stored, analyst):
    assert "CANARY" in everything(store)
    with store.transaction() as session:
        assert erasure.erase(session, [KEY, KEY, "unknown"], actor=analyst, now=NOW) == 1
    left = everything(store)
    assert "CANARY" not in left
    assert "400500.25" in left  # the report beside it is whole


def test_what_was_erased_is_in_no_list_and_the_rest_is(store, stored, analyst):
    with store.transaction() as session:
        erasure.erase(session, [KEY], actor=analyst, now=NOW)
        audience = Audience(frozenset({"council"}), COMMUNITY_SAFETY)
        assert incidents.load(session, audience, today=TODAY)["reference"].tolist() == ["W2"]
        assert len(list(incidents.listing(session, actor=analyst, today=TODAY))) == 1


def test_the_log_keeps_a_hash_and_still_holds(store, stored, analyst):
    with store.transaction() as session:
        erasure.erase(session, [KEY], actor=analyst, now=NOW)
    with store.reading() as session:
        entry = audit.latest(session, limit=1)[0]
        assert audit.verify(session) is None
    (digest,) = entry.details["key_hashes"]
    assert entry.action == "erase"
    assert len(digest) == 64


def test_another_agencys_reports_are_not_erased(store, stored, partnership):
    police = partnership.actor(Role.ANALYST, "police")
    with store.transaction() as session:
        assert erasure.erase(session, [KEY], actor=police, now=NOW) == 0
    assert "CANARY" in everything(store)


def test_only_an_analyst_erases(store, stored, partnership):
    for role in set(Role) - {Role.ANALYST}:
        with pytest.raises(NotAllowedError), store.transaction() as session:
            erasure.erase(session, [KEY], actor=partnership.actor(role, "council"), now=NOW)


def test_no_erased_word_is_left_in_the_database_file(store, stored, analyst):
    if store.engine.dialect.name != "sqlite":
        return  # what PostgreSQL leaves in its files until it vacuums is its server's business
    path = Path(str(store.engine.url.database))
    with store.transaction() as session:
        erasure.erase(session, [KEY], actor=analyst, now=NOW)
    store.close()
    engine.open_store(f"sqlite:///{path}").close()  # the write-ahead file is folded in
    assert b"CANARY" not in path.read_bytes()


def test_a_report_and_an_item_of_one_key_are_erased_together(store, analyst, reports, delivery):
    rows = reports({"reference": "A1"})
    item = rows.assign(**{name: "" for name in schema.INTELLIGENCE if name not in rows})
    with store.transaction() as session:
        imports.store_import(session, delivery(rows), actor=analyst, now=NOW)
        imports.store_import(session, replace(delivery(item), kind="intelligence"), actor=analyst, now=NOW)
    with store.transaction() as session:
        assert erasure.erase(session, ["warden-log|A1"], actor=analyst, now=NOW) == 2
    with store.transaction() as session:
        assert erasure.erase(session, ["warden-log|A1"], actor=analyst, now=NOW) == 0
        assert len(session.execute(select(Tombstone)).all()) == 1
