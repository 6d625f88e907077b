"""Past imports: what came, by whom, and where each row went; files sent together are one import."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapping import schema
from mapping.access import Actor
from mapping.errors import NotFoundError
from mapping.store import frames
from mapping.store.imports import COUNTS, ISSUES, said_once, status_of
from mapping.store.models import ImportRow

_ISSUES: Final = list(schema.ROW_ISSUES)


@dataclass(frozen=True)
class Import:
    """Files that were sent together, as lists and their own page show them; `parts` has one object a file."""

    import_id: int
    status: str
    layout: str
    source: str
    file_name: str
    sha256: str
    files: list[dict[str, Any]]
    messages: list[str]
    rows_in: int
    counts: dict[str, int]
    account_id: int
    agency_id: str
    imported_at: dt.datetime
    parts: list[dict[str, Any]]


def latest_change(session: Session) -> int:
    """Return the id of the newest import that changed a record which was held, 0 before the first.

    New records make nothing stricter. Refusals take their ids without waiting for an import that is
    still being written, so their ids say nothing about what can be seen already.
    """
    newest = select(func.max(ImportRow.import_id)).where(ImportRow.updated_count > 0)
    return session.execute(newest).scalar_one() or 0


def add_messages(session: Session, import_id: int, messages: Sequence[str]) -> None:
    """Say of an import what came out only when all of its batch was stored."""
    row = session.get_one(ImportRow, import_id)
    row.batch_messages = [*row.batch_messages, *messages]
    session.flush()


def get(session: Session, import_id: int, *, actor: Actor) -> Import:
    """Return one import of the account's agency, with all files that were sent together.

    Raises
    ------
    NotFoundError
        There is none, or it is another agency's.
    """
    row = session.get(ImportRow, import_id)
    if row is None or row.agency_id != actor.agency_id:
        raise NotFoundError("There is no such import at your agency.")
    return _import(_batches(session, [row.batch_id])[row.batch_id])


def list_recent(session: Session, *, actor: Actor, limit: int = 20) -> list[Import]:
    """Return the latest imports of files by the account's agency, newest first; forms are not listed."""
    chosen = (
        select(ImportRow.batch_id)
        .where(
            ImportRow.agency_id == actor.agency_id,
            ImportRow.batch_id == ImportRow.import_id,
            ImportRow.door == "file",
        )
        .order_by(ImportRow.import_id.desc())
        .limit(limit)
    )
    ids = list(session.execute(chosen).scalars())
    batches = _batches(session, ids)
    return [_import(batches[batch_id]) for batch_id in ids]


def _batches(session: Session, ids: Sequence[int | None]) -> dict[int | None, list[ImportRow]]:
    found: dict[int | None, list[ImportRow]] = {batch_id: [] for batch_id in ids}
    rows = session.execute(
        select(ImportRow).where(ImportRow.batch_id.in_(ids)).order_by(ImportRow.import_id)
    ).scalars()
    for row in rows:
        found[row.batch_id].append(row)
    return found


@dataclass(frozen=True)
class IssueKind:
    """One reason why rows were rejected or flagged, and how many rows it holds for."""

    field: str
    reason: str
    severity: str
    rows: int


def issue_kinds(session: Session, import_id: int, *, actor: Actor) -> list[IssueKind]:
    """Return the reasons of an import's row issues, those that rejected rows first, the commonest first."""
    files = [part["import_id"] for part in get(session, import_id, actor=actor).parts]
    columns = [ISSUES.c.field, ISSUES.c.reason, ISSUES.c.severity]
    found = session.execute(
        select(*columns, func.count()).where(ISSUES.c.import_id.in_(files)).group_by(*columns)
    )
    return in_order(IssueKind(row[0], row[1], row[2], row[3]) for row in found)


def in_order(kinds: Iterable[IssueKind]) -> list[IssueKind]:
    """Put reasons that rejected rows before those that flagged them, the commonest first."""
    return sorted(kinds, key=lambda kind: (kind.severity != "rejected", -kind.rows, kind.field, kind.reason))


def row_issues(
    session: Session, import_id: int, *, actor: Actor, offset: int = 0, limit: int | None = None
) -> tuple[pd.DataFrame, int]:
    """Return a page of an import's row issues (`schema.ROW_ISSUES`, in file order) and how many there are."""
    files = [part["import_id"] for part in get(session, import_id, actor=actor).parts]
    of_import = ISSUES.c.import_id.in_(files)
    total = session.execute(select(func.count()).select_from(ISSUES).where(of_import)).scalar_one()
    rows = session.execute(
        select(*(ISSUES.c[name] for name in _ISSUES))
        .where(of_import)
        .order_by(ISSUES.c.issue_id)
        .offset(offset)
        .limit(limit if limit is not None else total)
    )
    return frames.to_frame(rows, _ISSUES, ISSUES), total


def _import(rows: Sequence[ImportRow]) -> Import:
    """Put the rows of one batch together."""
    first = rows[0]
    counts = {name: sum(getattr(row, f"{name}_count") for row in rows) for name in COUNTS}
    rows_in = sum(row.rows_in for row in rows)
    return Import(
        import_id=first.import_id,
        status=first.status if len(rows) == 1 else status_of(rows_in, counts),
        layout=first.layout,
        source=first.source,
        file_name=first.file_name if len(rows) == 1 else f"{first.file_name} and {len(rows) - 1} more",
        sha256=first.sha256,
        files=[file for row in rows for file in row.files],
        messages=[*first.batch_messages, *said_once([(row.file_name, row.messages) for row in rows])],
        rows_in=rows_in,
        counts=counts,
        account_id=first.account_id,
        agency_id=first.agency_id,
        imported_at=rows[-1].imported_at,
        parts=[_part(row) for row in rows],
    )


def _part(row: ImportRow) -> dict[str, Any]:
    return {
        "name": row.file_name,
        "sha256": row.sha256,
        "import_id": row.import_id,
        "status": row.status,
        "rows_in": row.rows_in,
        **{name: getattr(row, f"{name}_count") for name in COUNTS},
    }
