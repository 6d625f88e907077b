"""The log only grows, and shows what was done to it."""

import datetime as dt
import threading

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import text

from mapping.access import Actor
from mapping.errors import ConflictError, StoreError
from mapping.store import audit
from mapping.store.engine import Store

NOW = dt.datetime(2026, 3, 2, 9, 30, 1, 250_000, tzinfo=dt.UTC)


def fill(store: Store, actor: Actor, lines: int) -> None:
    """Add lines; `operator` has made line 1 already."""
    for number in range(lines):
        with store.transaction() as session:
            audit.append(
                session,
                actor=actor,
                action="view",
                kind="hotspot",
                object_id=number,
                details={"count": number, "share": 0.1 * number, "name": "Ünïcode €"},
                now=NOW,
            )


def tamper(store: Store, *statements: str) -> None:
    """Do as one who owns the database file may: switch the triggers off first."""
    with store.transaction() as session:
        if store.engine.dialect.name == "sqlite":
            for trigger in ("update", "delete", "replace"):
                session.execute(text(f"DROP TRIGGER IF EXISTS audit_log_no_{trigger}"))
        else:
            session.execute(text("ALTER TABLE audit_log DISABLE TRIGGER ALL"))
        for statement in statements:
            session.execute(text(statement))


def verified(store: Store, anchor: tuple[int, str] | None = None) -> int | None:
    with store.reading() as session:
        return audit.verify(session, anchor=anchor)


def test_lines_are_numbered_from_one_and_each_holds_the_last_ones_hash(store: Store, operator: Actor):
    fill(store, operator, 3)
    with store.reading() as session:
        entries = audit.entries(session)
        assert audit.head(session) == (4, entries[-1].entry_hash)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4]
    assert entries[0].previous_hash == "0" * 64
    assert [entry.previous_hash for entry in entries[1:]] == [entry.entry_hash for entry in entries[:-1]]
    assert entries[1].at == NOW
    assert entries[3].details == {"count": 2, "share": 0.2, "name": "Ünïcode €"}
    assert verified(store) is None


def test_an_empty_log_holds(store: Store):
    assert verified(store) is None


def test_a_line_goes_with_the_change_it_tells_of(store: Store, operator: Actor):
    with pytest.raises(ZeroDivisionError), store.transaction() as session:
        audit.append(session, actor=operator, action="import", kind="import", now=NOW)
        raise ZeroDivisionError
    fill(store, operator, 1)
    with store.reading() as session:
        assert [(entry.seq, entry.action) for entry in audit.entries(session)] == [(1, "set up"), (2, "view")]


def test_lines_can_be_read_on_from_a_number_and_by_kind(store: Store, operator: Actor):
    fill(store, operator, 5)
    with store.reading() as session:
        assert [entry.seq for entry in audit.entries(session, after=2, limit=2)] == [3, 4]
        assert [entry.seq for entry in audit.entries(session, kind="account")] == [1]
        assert [entry.seq for entry in audit.latest(session, limit=2)] == [6, 5]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET action = 'nothing' WHERE seq = 1",
        "DELETE FROM audit_log WHERE seq = 1",
        "DELETE FROM audit_log",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_line(store: Store, operator: Actor, statement: str):
    with pytest.raises((StoreError, ConflictError)), store.transaction() as session:
        session.execute(text(statement))
    assert verified(store) is None
    with store.reading() as session:
        assert audit.head(session)[0] == 1


def test_the_database_refuses_the_ways_round_its_triggers(store: Store, operator: Actor):
    columns = (
        "at, account_id, account_name, role, action, kind, object_id, details, previous_hash, entry_hash"
    )
    way_round = {
        "sqlite": f"INSERT OR REPLACE INTO audit_log (seq, {columns}) SELECT seq, {columns} FROM audit_log",
        "postgresql": "TRUNCATE audit_log",
    }
    with pytest.raises((StoreError, ConflictError)), store.transaction() as session:
        session.execute(text(way_round[store.engine.dialect.name]))
    assert verified(store) is None
    with store.reading() as session:
        assert audit.head(session)[0] == 1


COLUMNS = {
    "at": "'2026-01-01 00:00:00+00'",
    "account_id": "99",
    "account_name": "'someone else'",
    "role": "'chair'",
    "action": "'nothing'",
    "kind": "'job'",
    "object_id": "'77'",
    "details": "'{}'",
}


@pytest.mark.parametrize("column", sorted(COLUMNS))
def test_an_altered_line_shows_whatever_was_altered(store: Store, operator: Actor, column: str):
    fill(store, operator, 3)
    tamper(store, f"UPDATE audit_log SET {column} = {COLUMNS[column]} WHERE seq = 3")
    assert verified(store) == 3


def test_a_removed_line_shows(store: Store, operator: Actor):
    fill(store, operator, 3)
    tamper(store, "DELETE FROM audit_log WHERE seq = 2")
    assert verified(store) == 2


def test_two_lines_that_changed_places_show(store: Store, operator: Actor):
    fill(store, operator, 3)
    tamper(
        store,
        "UPDATE audit_log SET seq = 99 WHERE seq = 2",
        "UPDATE audit_log SET seq = 2 WHERE seq = 3",
        "UPDATE audit_log SET seq = 3 WHERE seq = 99",
    )
    assert verified(store) == 2


def test_a_tail_that_was_cut_shows_by_an_anchor_kept_elsewhere(store: Store, operator: Actor):
    fill(store, operator, 3)
    with store.reading() as session:
        anchor = audit.head(session)
    tamper(store, "DELETE FROM audit_log WHERE seq = 4")
    assert verified(store) is None  # what is left holds together
    assert verified(store, anchor) == 4


def test_a_log_written_anew_shows_by_an_anchor(store: Store, operator: Actor):
    fill(store, operator, 2)
    with store.reading() as session:
        anchor = audit.head(session)
    tamper(store, "DELETE FROM audit_log")
    fill(store, operator, 3)
    assert verified(store) is None
    assert verified(store, anchor) == 3


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_to_any_line_shows_at_or_before_it(store: Store, operator: Actor, data: st.DataObject):
    with store.reading() as session:
        length = audit.head(session)[0]
    if length < 8:
        fill(store, operator, 8 - length)
    line = data.draw(st.integers(1, 7))  # the eighth is the tail, which needs an anchor
    column = data.draw(st.sampled_from(sorted(COLUMNS)))
    damage = data.draw(st.sampled_from(["alter", "delete", "move"]))
    statement = {
        "alter": f"UPDATE audit_log SET {column} = {COLUMNS[column]} WHERE seq = {line}",
        "delete": f"DELETE FROM audit_log WHERE seq = {line}",
        "move": f"UPDATE audit_log SET seq = seq + 100 WHERE seq = {line}",
    }[damage]
    with pytest.raises(ZeroDivisionError), store.transaction() as session:
        if store.engine.dialect.name == "sqlite":
            for trigger in ("update", "delete", "replace"):
                session.execute(text(f"DROP TRIGGER audit_log_no_{trigger}"))
        else:
            session.execute(text("ALTER TABLE audit_log DISABLE TRIGGER ALL"))
        session.execute(text(statement))
        assert audit.verify(session) == line
        raise ZeroDivisionError  # undo the damage, so that each example starts whole
    assert verified(store) is None


def test_writers_at_the_same_time_leave_no_gap(store: Store, operator: Actor):
    def write() -> None:
        for _ in range(5):
            with store.transaction() as session:
                audit.append(session, actor=operator, action="view", kind="run", now=NOW)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with store.reading() as session:
        assert [entry.seq for entry in audit.entries(session)] == list(range(1, 22))  # 1 + 4 x 5
    assert verified(store) is None


def test_a_line_of_nobody_yet_is_possible(store: Store):
    with store.transaction() as session:
        audit.append(session, actor=None, action="sign in refused", kind="account", now=NOW)
    with store.reading() as session:
        entry = audit.entries(session)[0]
    assert (entry.account_id, entry.account_name, entry.role) == (None, "", "")
