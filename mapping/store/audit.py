"""The log: who did what to which thing, in the same transaction as the doing.

Lines are numbered without a gap and each holds the hash of the one before, so a line that was
altered, removed or moved shows. The tail can only be cut by someone who keeps no `head` of it
elsewhere. A line names ids, hashes and counts; it never holds what a record says.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapping.access import Actor
from mapping.store.models import AuditEntry

GENESIS: Final = "0" * 64
# Any fixed number: it names the lock that one writer of the log holds at a time.
_LOCK: Final = 7_201_001


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    seq: int
    at: dt.datetime
    account_id: int | None
    account_name: str
    role: str
    action: str
    kind: str
    object_id: str
    details: dict[str, Any]
    previous_hash: str
    entry_hash: str


def append(
    session: Session,
    *,
    actor: Actor | None,
    action: str,
    kind: str,
    object_id: object = "",
    details: Mapping[str, Any] | None = None,
    now: dt.datetime,
) -> int:
    """Add a line; it is kept if and only if the transaction is.

    Parameters
    ----------
    actor : Actor or None
        None where nobody is known yet, as at a failed sign-in.
    details : mapping
        Ids, hashes, counts and settings. Never an address, a name of a person or free text.

    Returns
    -------
    int
        Its number, from 1, without gaps.
    """
    _hold_lock(session)
    last_seq, last_hash = head(session)
    entry = AuditEntry(
        seq=last_seq + 1,
        at=now.astimezone(dt.UTC),
        account_id=actor.account_id if actor else None,
        account_name=actor.name if actor else "",
        role=str(actor.role) if actor else "",
        action=action,
        kind=kind,
        object_id=str(object_id),
        details=json.loads(_canonical(dict(details or {}))),
        previous_hash=last_hash,
    )
    entry.entry_hash = _hash(entry)
    session.add(entry)
    session.flush()
    return entry.seq


def head(session: Session) -> tuple[int, str]:
    """Return the number and hash of the last line, to be kept elsewhere: it anchors the tail."""
    last = session.execute(
        select(AuditEntry.seq, AuditEntry.entry_hash).order_by(AuditEntry.seq.desc()).limit(1)
    ).first()
    return (last.seq, last.entry_hash) if last else (0, GENESIS)


def verify(session: Session, *, anchor: tuple[int, str] | None = None) -> int | None:
    """Return the number of the first line that does not hold, or None where all do.

    Parameters
    ----------
    anchor : (seq, hash), optional
        A `head` kept elsewhere: without it a tail that was cut off cannot be missed.
    """
    expected_seq, previous = 1, GENESIS
    for entry in session.execute(select(AuditEntry).order_by(AuditEntry.seq)).scalars().yield_per(1000):
        if (
            entry.seq != expected_seq
            or entry.previous_hash != previous
            or entry.entry_hash != _hash(entry)
            or (anchor is not None and entry.seq == anchor[0] and entry.entry_hash != anchor[1])
        ):
            return expected_seq
        expected_seq, previous = entry.seq + 1, entry.entry_hash
    return expected_seq if anchor is not None and anchor[0] >= expected_seq else None


def entries(
    session: Session, *, after: int = 0, limit: int = 100, action: str = "", kind: str = ""
) -> list[Entry]:
    """Return up to `limit` lines numbered above `after`, oldest first."""
    chosen = select(AuditEntry).where(AuditEntry.seq > after).order_by(AuditEntry.seq).limit(limit)
    if action:
        chosen = chosen.where(AuditEntry.action == action)
    if kind:
        chosen = chosen.where(AuditEntry.kind == kind)
    return [_entry(row) for row in session.execute(chosen).scalars()]


def latest(session: Session, *, limit: int = 100) -> list[Entry]:
    """Return the last `limit` lines, newest first."""
    chosen = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
    return [_entry(row) for row in session.execute(chosen).scalars()]


def _entry(row: AuditEntry) -> Entry:
    return Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__})


def _hold_lock(session: Session) -> None:
    """Let one writer number lines at a time. On SQLite a writer holds the whole file already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _hash(entry: AuditEntry) -> str:
    facts = {name: getattr(entry, name) for name in Entry.__dataclass_fields__ if name != "entry_hash"}
    facts["at"] = entry.at.isoformat(timespec="microseconds")
    return hashlib.sha256(_canonical(facts).encode()).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False, default=str
    )
