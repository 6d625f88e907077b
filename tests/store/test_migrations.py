"""Up and down, with rows in every table."""

import datetime as dt
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, select, text

from mapping.errors import StoreError
from mapping.store import engine, place_models, run_models  # noqa: F401  each declares its tables
from mapping.store.engine import Store


def migrate(store: Store, target: str) -> None:
    """Move a store down or up."""
    config = Config()
    config.set_main_option("script_location", str(engine.MIGRATIONS))
    with store.engine.execution_options(hotspots_mode="write").begin() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if target == "head" else command.downgrade)(config, target)


def a_row_in(table: Any) -> dict[str, Any]:
    """Invent one row by the types of a table's columns; keys that refer to another table are 1 or `x`."""
    state = {"jobs": "done", "links": "queued"}.get(table.name, "accepted")
    known = {"state": state, "placement": "outside", "from_state": "proposed", "to_state": "accepted"}
    known |= {"door": "form", "place_status": "given", "answer": "pin"}
    known |= {
        "treatment": "caution",
        "level": "ward",
        "second_report_id": 2,
    }  # of two, the first is the lower
    values = {
        "PlainText": "x",
        "UtcDateTime": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        "Date": dt.date(2026, 1, 1),
        "Integer": 1,
        "Double": 1.0,
        "Boolean": True,
        "JSON": [],
        "LargeBinary": b"x",
    }
    row = {column.name: values[type(column.type).__name__] for column in table.columns}
    row |= {name: value for name, value in known.items() if name in row}
    if table.name == "imports":
        row |= {name: 0 for name in row if name.endswith("_count")} | {"new_count": 1}
    return row


def rows_in(table: Any) -> list[dict[str, Any]]:
    """Return a row for a table, and a second report for the link between two."""
    row = a_row_in(table)
    return [row, row | {"report_id": 2, "report_key": "y"}] if table.name == "reports" else [row]


def test_every_table_goes_up_down_and_up_again_with_rows_in_it(store: Store):
    with store.transaction() as session:
        for table in run_models.Base.metadata.sorted_tables:
            session.execute(table.insert(), rows_in(table))
    migrate(store, "base")
    assert set(inspect(store.engine).get_table_names()) <= {"alembic_version"}
    migrate(store, "head")
    with store.transaction() as session:
        for table in run_models.Base.metadata.sorted_tables:
            assert session.execute(select(table)).all() == []
            session.execute(table.insert(), rows_in(table))
    store.check_version()


def test_runs_of_an_older_version_say_nothing_of_what_came_later(store: Store):
    tables = run_models.Base.metadata.sorted_tables
    with store.transaction() as session:
        for table in tables:
            session.execute(table.insert(), rows_in(table))
    migrate(store, "0003")
    migrate(store, "head")
    with store.reading() as session:
        spot = session.execute(select(run_models.RunHotspot)).scalar_one()
        cell = session.execute(select(run_models.RunCell)).scalar_one()
        run = session.execute(select(run_models.RunRow)).scalar_one()
    assert (spot.hotspot_id, spot.monthly_counts) == ("x", "x")  # what the older version knew is kept
    assert (spot.change, spot.trend) == ("x", "none")  # what was called trend then was the recent change
    assert {spot.identity, spot.before, spot.seen_since_on, spot.last_seen_on} == {""}
    assert {spot.harm_rank, spot.weighted_share, spot.clumpiness, spot.low_count, spot.high_count} == {None}
    assert (spot.source_mix, spot.excess_kind, spot.capped_count) == ("", "", 0)
    assert (cell.trend, cell.gi_star_z, run.follows_run_id) == ("", None, None)


def test_an_upgrade_that_fails_leaves_nothing_behind(empty_url: str, monkeypatch: pytest.MonkeyPatch):
    # A table that is in the way stands for anything that can go wrong half-way.
    opened = engine._engine(engine._parsed(empty_url), pool_size=1)
    with opened.execution_options(hotspots_mode="write").begin() as connection:
        connection.execute(text("CREATE TABLE runs (id INTEGER)"))
    with pytest.raises(StoreError):
        engine.upgrade(empty_url)
    assert inspect(opened).get_table_names() == ["runs"]
    with opened.execution_options(hotspots_mode="write").begin() as connection:
        connection.execute(text("DROP TABLE runs"))
    opened.dispose()
    engine.upgrade(empty_url)  # and a second try finds a clean floor
