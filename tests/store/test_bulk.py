"""Many rows at once: the same values come back on both databases, and what may not be stored is refused."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import func, select, text

from mapping.errors import AccountingError, ConflictError, StoreError
from mapping.store import bulk
from mapping.store.models import ImportRow, Incident, Report, RowIssue

NOW = dt.datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=dt.UTC)
INCIDENTS, REPORTS, ISSUES = Incident.__table__, Report.__table__, RowIssue.__table__


def issues(count: int, **changes: object) -> dict[str, object]:
    usual = {"import_id": 1, "file": "a.csv", "row": list(range(1, count + 1)), "field": "date",
             "reason": "is blank", "severity": "rejected"}  # fmt: skip
    return usual | changes


@pytest.fixture
def imported(store, operator, reports, delivery):
    """Give a store with one import, for rows that refer to it."""
    from mapping.store import imports

    with store.transaction() as session:
        imports.store_import(session, delivery(reports({})), actor=operator, now=NOW)
    return store


def test_one_value_stands_for_all_rows_and_a_sequence_for_each(imported):
    reasons = ["one", 'two "quoted"\n\\.\t', "drei £ 漢字 \u202e"]
    with imported.transaction() as session:
        bulk.insert_rows(session, ISSUES, issues(3, reason=reasons), 3)
    with imported.reading() as session:
        held = session.execute(select(RowIssue).order_by(RowIssue.row)).scalars().all()
    assert [(row.row, row.reason, row.file) for row in held] == [
        (1, reasons[0], "a.csv"), (2, reasons[1], "a.csv"), (3, reasons[2], "a.csv"),
    ]  # fmt: skip


def test_moments_and_numbers_come_back_as_they_went_in(imported):
    late = pd.Series(pd.to_datetime(["2025-03-30 01:30:00.000001", None], utc=True)).astype(
        "datetime64[us, UTC]"
    )
    with imported.transaction() as session:
        (first,) = bulk.reserve_ids(session, INCIDENTS, 1)
        bulk.insert_rows(session, INCIDENTS, {"incident_id": [first], "created_at": NOW}, 1)
        held = session.execute(select(Report)).scalar_one()
        bulk.update_rows(
            session, REPORTS, "report_id", [held.report_id],
            {"reported_at": late[:1], "extracted_on": late[1:], "easting_m": np.array([np.nan]),
             "northing_m": np.array([0.1 + 0.2]), "description": ["x"]},
        )  # fmt: skip
    with imported.reading() as session:
        held = session.execute(select(Report)).scalar_one()
        made = session.get_one(Incident, first)
    assert made.created_at == NOW
    assert held.reported_at == dt.datetime(2025, 3, 30, 1, 30, 0, 1, tzinfo=dt.UTC)
    assert (held.extracted_on, held.easting_m, held.northing_m) == (None, None, 0.1 + 0.2)


def test_more_rows_than_go_in_one_statement_are_all_there(imported, monkeypatch):
    monkeypatch.setattr(bulk, "ROWS_AT_ONCE", 7)
    with imported.transaction() as session:
        bulk.insert_rows(session, ISSUES, issues(50), 50)
        bulk.insert_rows(session, ISSUES, issues(0), 0)
    with imported.reading() as session:
        assert session.execute(select(RowIssue.row).order_by(RowIssue.issue_id)).scalars().all() == list(
            range(1, 51)
        )


def test_ids_that_were_taken_are_not_given_again(imported):
    with imported.transaction() as session:
        taken = bulk.reserve_ids(session, INCIDENTS, 3)
        bulk.insert_rows(session, INCIDENTS, {"incident_id": taken, "created_at": NOW}, 3)
        session.execute(text("DELETE FROM incidents WHERE incident_id = :last"), {"last": taken[-1]})
    with imported.transaction() as session:
        more = bulk.reserve_ids(session, INCIDENTS, 2)
    assert taken == sorted(taken)
    assert min(more) > max(taken)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": ["a\x00b", "c"]}, StoreError),
        ({"reason": ["a", None]}, AccountingError),
        ({"reason": ["a", float("nan")]}, AccountingError),
        ({"import_id": 999}, ConflictError),
    ],
    ids=["NUL", "missing", "not a number", "no such import"],
)
def test_what_may_not_be_stored_is_refused_and_nothing_is_kept(imported, changes, error):
    with pytest.raises(error), imported.transaction() as session:
        bulk.insert_rows(session, ISSUES, issues(2), 2)
        bulk.insert_rows(session, ISSUES, issues(2, **changes), 2)
    with imported.reading() as session:
        assert session.execute(select(func.count()).select_from(RowIssue)).scalar_one() == 0
        assert session.execute(select(func.count()).select_from(ImportRow)).scalar_one() == 1
