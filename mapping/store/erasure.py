"""Erasure: what a report said is removed, and its key is remembered so that no import brings it back."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import Action, Actor, Kind
from mapping.store import audit, link_finding, locks, originals, place_history
from mapping.store.comparing import KEYS_AT_ONCE, key_hash
from mapping.store.models import Tombstone
from mapping.store.shelves import REPORTS, SHELVES, Shelf


def erase(session: Session, report_keys: Iterable[str], *, actor: Actor, now: dt.datetime) -> int:
    """Erase reports and intelligence items that the account's agency owns; return how many there were.

    Every word, number and moment of them goes, earlier versions too; what stays is an empty row
    (so that runs and imports still add up) and a hash of the key. The log keeps the hashes. Files kept
    as they came that may hold one of them go as well, and every link with another report.

    Raises
    ------
    NotAllowedError
        The account may not change reports.
    """
    access.require(actor, Action.CHANGE, Kind.REPORT, today=access.local_day(now))
    locks.hold_records(session)  # an import that compared already would write back what goes here
    wanted = sorted(set(report_keys))
    erased: list[str] = []
    imports: set[int] = set()
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        keys = wanted[start : start + KEYS_AT_ONCE]
        for shelf in SHELVES.values():
            hashes, of_imports = _erase(session, shelf, keys, actor=actor, now=now)
            erased += hashes
            imports |= of_imports
    _remember(session, frozenset(erased), actor=actor, now=now)
    details = {"key_hashes": erased, "originals_removed": originals.forget(session, imports)}
    audit.append(session, actor=actor, action="erase", kind=Kind.REPORT, details=details, now=now)
    return len(erased)


def _erase(
    session: Session, shelf: Shelf, keys: list[str], *, actor: Actor, now: dt.datetime
) -> tuple[list[str], set[int]]:
    """Empty the records that have these keys; return hashes of the keys, and the imports they came by."""
    table, record_id = shelf.table, shelf.record_id
    held = session.execute(
        select(table.c[record_id], table.c.report_key, table.c.import_id).where(
            table.c.report_key.in_(keys), table.c.source_agency == actor.agency_id
        )
    ).all()
    if not held:
        return [], set()
    hashes = {number: key_hash(key) for number, key, _ in held}
    if shelf is REPORTS:
        link_finding.forget(session, list(hashes))
    place_history.forget(session, shelf, hashes, now=now)
    session.execute(delete(shelf.versions).where(shelf.versions.c[record_id].in_(list(hashes))))
    session.execute(
        update(table)
        .where(table.c[record_id] == bindparam("held_id"))
        .values(
            # Nullable columns have nothing in them then; text, which is never missing, is empty.
            {name: None if table.c[name].nullable else "" for name in shelf.content}
            | {"handling_code": "C", "ward_gss_code": "", "placement": "unlocated", "content_hash": ""}
            | {"place_status": "", "place_score": None}
            | {"report_key": bindparam("blank_key"), "extracted_on": None, "erased_at": now}
        ),
        [{"held_id": number, "blank_key": f"erased {digest}"} for number, digest in hashes.items()],
    )
    return list(hashes.values()), {import_id for _, _, import_id in held}


def _remember(session: Session, hashes: frozenset[str], *, actor: Actor, now: dt.datetime) -> None:
    """Keep a tombstone for each; a report and an item that have the same key share one."""
    known = frozenset(session.execute(select(Tombstone.key_hash)).scalars())
    stones = [
        {"key_hash": digest, "erased_at": now, "account_id": actor.account_id}
        for digest in sorted(hashes - known)
    ]
    if stones:
        session.execute(insert(Tombstone), stones)
