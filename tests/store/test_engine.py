"""Opening the store, and what it refuses."""

import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from mapping.errors import ConflictError, StoreError
from mapping.store import engine, models, run_models
from mapping.store.engine import Store


def test_the_newest_migration_is_the_version_the_program_asks_for():
    config = Config()
    config.set_main_option("script_location", str(engine.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == models.SCHEMA_VERSION


def test_migrations_make_exactly_the_tables_of_the_models(store: Store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, run_models.Base.metadata) == []


def test_check_constraints_and_triggers_are_there_too(store: Store):
    with store.engine.connect() as connection:
        found = {
            (table, constraint["name"])
            for table in inspect(connection).get_table_names()
            for constraint in inspect(connection).get_check_constraints(table)
        }
    wanted = {
        (table.name, str(constraint.name))
        for table in run_models.Base.metadata.tables.values()
        for constraint in table.constraints
        if constraint.__visit_name__ in ("check_constraint", "table_or_column_check_constraint")
    }
    assert wanted
    assert wanted <= found


def test_an_empty_database_is_refused_until_it_is_upgraded(empty_url: str):
    with pytest.raises(StoreError, match="no tables"):
        engine.open_store(empty_url)
    engine.upgrade(empty_url)
    engine.upgrade(empty_url)  # a second time finds nothing to do
    engine.open_store(empty_url).close()


def test_a_database_of_another_version_is_refused_in_a_sentence(store: Store, url: str):
    with store.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="is of version 9999"):
        engine.open_store(url)
    with pytest.raises(StoreError, match="does not know"):
        engine.upgrade(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://host/name", "not supported"),
        ("nonsense", "cannot be read"),
        ("sqlite://", "in memory"),
        ("sqlite:////proc/nowhere/x.db", "cannot be made"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str, why: str):
    with pytest.raises(StoreError, match=why):
        engine.open_store(url)


@pytest.mark.postgresql
def test_a_server_that_is_not_there_is_a_sentence(postgresql_server: str):
    with pytest.raises(StoreError, match="cannot be reached") as refused:
        engine.open_store("postgresql://tester:canary@127.0.0.1:1/nothing")
    assert "canary" not in str(refused.value)


def test_the_sqlite_file_and_its_folder_are_for_their_owner_only(tmp_path: Path):
    path = tmp_path / "new" / "hotspots.db"
    engine.open_store(f"sqlite:///{path}", upgrade=True).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_sqlite_is_safe_against_power_cuts_and_dangling_rows(tmp_path: Path):
    store = engine.open_store(f"sqlite:///{tmp_path / 'hotspots.db'}", upgrade=True)
    with store.reading() as session:
        found = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
        "secure_delete": 1,
    }


def test_a_reader_can_change_nothing(store: Store):
    with pytest.raises(StoreError), store.reading() as session:
        session.execute(text("DELETE FROM agencies"))


def test_a_reader_sees_one_moment_while_a_writer_goes_on(store: Store):
    add = text("INSERT INTO agencies (agency_id, name, created_at) VALUES ('a', 'A', '2026-01-01 00:00:00')")
    count = text("SELECT count(*) FROM agencies")
    with store.reading() as reader:
        assert reader.execute(count).scalar() == 0
        with store.transaction() as writer:
            writer.execute(add)
        assert reader.execute(count).scalar() == 0
    with store.reading() as reader:
        assert reader.execute(count).scalar() == 1


def test_a_transaction_is_kept_whole_or_not_at_all(store: Store):
    add = "INSERT INTO agencies (agency_id, name, created_at) VALUES (:id, :id, '2026-01-01 00:00:00')"
    with pytest.raises(ConflictError), store.transaction() as session:
        session.execute(text(add), {"id": "a"})
        session.execute(text(add), {"id": "a"})
    with store.reading() as session:
        assert session.execute(text("SELECT count(*) FROM agencies")).scalar() == 0


def test_an_error_never_quotes_what_was_stored(store: Store):
    add = "INSERT INTO agencies (agency_id, name, created_at) VALUES (:id, :id, '2026-01-01 00:00:00')"
    with pytest.raises(ConflictError) as refused, store.transaction() as session:
        session.execute(text(add), {"id": "12 Canary Street"})
        session.execute(text(add), {"id": "12 Canary Street"})
    assert "Canary" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
