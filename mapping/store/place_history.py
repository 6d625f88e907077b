"""The answers that were given to where words are: listed to those who may see their records, and reversed."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session, aliased

from mapping import access
from mapping.access import RECORD_COLUMNS, Action, Actor, Kind
from mapping.errors import ConflictError, NotFoundError
from mapping.store import audit, frames, locks
from mapping.store.local_names import fold
from mapping.store.models import Account
from mapping.store.place_answers import (
    CHANGED,
    PINNED,
    POINT,
    SET_ASIDE,
    fetch,
    in_chunks,
    land_in_use,
    write,
)
from mapping.store.place_models import DecidedRecord, LocalName, PlaceDecision
from mapping.store.shelves import REPORTS, SHELVES, Shelf

MOST_LISTED: Final = 100


@dataclass(frozen=True)
class Decision:
    """One answer; `reports` and `intelligence` count those of its records that the reader may see.

    `ward_gss_code` is the ward that they are in now, empty where they are in none or in several.
    """

    decision_id: int
    place_text: str
    postcode: str
    stated_area: str
    answer: str
    name: str
    match_level: str
    easting_m: float | None
    northing_m: float | None
    error_m: float | None
    reason: str
    learned_name: str
    decided_by: str
    decided_at: dt.datetime
    reversed_by: str
    reversed_at: dt.datetime | None
    reports: int = 0
    intelligence: int = 0
    ward_gss_code: str = ""


@dataclass(frozen=True)
class Reversal:
    """What taking an answer back did: records that stand as before, and those that changed since."""

    put_back: int
    changed_since: int


def decisions(session: Session, *, actor: Actor, today: dt.date, limit: int = MOST_LISTED) -> list[Decision]:
    """Return the answers for records that this account may see, newest first.

    Raises
    ------
    NotAllowedError
        The account may not see places.
    """
    access.require(actor, Action.VIEW, Kind.PLACE, today=today)
    found: list[Decision] = []
    newest_first = select(PlaceDecision.decision_id).order_by(PlaceDecision.decision_id.desc())
    below: int | None = None
    while len(found) < limit:
        older = newest_first if below is None else newest_first.where(PlaceDecision.decision_id < below)
        ids = list(session.execute(older.limit(limit)).scalars())
        if not ids:
            break
        found += _seen(session, ids, actor=actor, today=today)
        below = ids[-1]
    return found[:limit]


def get(session: Session, decision_id: int, *, actor: Actor, today: dt.date) -> Decision:
    """Return one answer.

    Raises
    ------
    NotAllowedError
        The account may not see places.
    NotFoundError
        There is none, or none for a record that it may see.
    """
    access.require(actor, Action.VIEW, Kind.PLACE, today=today)
    found = _seen(session, [decision_id], actor=actor, today=today)
    if not found:
        raise NotFoundError("There is no such answer to where something is.")
    return found[0]


def _seen(session: Session, ids: Sequence[int], *, actor: Actor, today: dt.date) -> list[Decision]:
    """Return those of the answers that were given for a record which the account may see."""
    records = _visible(session, ids, actor=actor, today=today)
    chosen = PlaceDecision.decision_id.in_([int(number) for number in records["decision_id"].unique()])
    return [
        _with_records(one, records[records["decision_id"] == one.decision_id])
        for one in _read(session, chosen)
    ]


def _with_records(decision: Decision, records: pd.DataFrame) -> Decision:
    wards = set(records["ward_gss_code"])
    return replace(
        decision,
        reports=int((records["kind"] == REPORTS.kind).sum()),
        intelligence=int((records["kind"] != REPORTS.kind).sum()),
        ward_gss_code=wards.pop() if len(wards) == 1 else "",
    )


def _read(session: Session, chosen: ColumnElement[bool]) -> list[Decision]:
    by, back = aliased(Account), aliased(Account)
    rows = session.execute(
        select(PlaceDecision, by.name, back.name, LocalName.name)
        .join(by, by.account_id == PlaceDecision.account_id)
        .outerjoin(back, back.account_id == PlaceDecision.reversed_by)
        .outerjoin(LocalName, LocalName.name_id == PlaceDecision.name_id)
        .where(chosen)
        .order_by(PlaceDecision.decision_id.desc())
    )
    return [
        Decision(
            decision_id=row.decision_id,
            place_text=row.place_text,
            postcode=row.postcode,
            stated_area=row.stated_area,
            answer=row.answer,
            name=row.name,
            match_level=row.match_level,
            easting_m=row.easting_m,
            northing_m=row.northing_m,
            error_m=row.error_m,
            reason=row.reason,
            learned_name=learned or "",
            decided_by=decided_by,
            decided_at=row.decided_at,
            reversed_by=reversed_by or "",
            reversed_at=row.reversed_at,
        )
        for row, decided_by, reversed_by, learned in rows
    ]


def _visible(session: Session, ids: Sequence[int], *, actor: Actor, today: dt.date) -> pd.DataFrame:
    """Return `decision_id`, `kind` and ward of the answers' records that the account may see."""
    parts = []
    for shelf in SHELVES.values():
        table, columns = shelf.table, [*dict.fromkeys((*RECORD_COLUMNS, "ward_gss_code"))]
        rows = session.execute(
            select(DecidedRecord.decision_id, *(table.c[name] for name in columns))
            .join(table, table.c[shelf.record_id] == DecidedRecord.record_id)
            .where(
                DecidedRecord.kind == shelf.kind,
                DecidedRecord.decision_id.in_(ids),
                table.c.erased_at.is_(None),
            )
        ).all()
        frame = frames.to_frame([row[1:] for row in rows], columns, table)
        frame = frame.assign(decision_id=[row[0] for row in rows], kind=shelf.kind)
        parts.append(frame[access.may_see(frame, actor, today=today)])
    return pd.concat(parts, ignore_index=True)


# --- taking an answer back -----------------------------------------------------------------------


def reverse(session: Session, decision_id: int, *, actor: Actor, now: dt.datetime) -> Reversal:
    """Put the records of an answer back as they stood, and forget the name that it taught.

    A record that changed since (an import brought other words, another answer moved it, it was
    erased) stays as it is. The whole answer is taken back, by whoever may see one of its records;
    what is returned counts what the account may see.

    Raises
    ------
    NotAllowedError
        The account may not decide on places.
    NotFoundError
        There is no such answer that it may know of.
    ConflictError
        It was taken back already.
    """
    today = access.local_day(now)
    access.require(actor, Action.DECIDE, Kind.PLACE, today=today)
    locks.hold_records(session)
    known = get(session, decision_id, actor=actor, today=today)
    decision = session.get_one(PlaceDecision, decision_id, populate_existing=True)
    if decision.reversed_at is not None:
        raise ConflictError("This answer was taken back already; nothing was changed.")
    land, seen, withdrawn = land_in_use(session), 0, 0
    for shelf in SHELVES.values():
        kept = _kept(session, shelf, decision_id)
        stands = _standing(session, shelf, list(kept), decision)
        if stands.empty:
            continue
        rows = [[kept[number][name] for name in CHANGED] for number in stands["record_id"].tolist()]
        was = frames.to_frame(rows, CHANGED, shelf.table)
        withdrawn += write(session, shelf, stands, _with(stands, was), land, now=now)
        seen += int(access.may_see(stands, actor, today=today).sum())
    decision.reversed_at, decision.reversed_by = now, actor.account_id
    if decision.name_id is not None:
        session.get_one(LocalName, decision.name_id).removed_at = now
    session.flush()
    reversal = Reversal(seen, known.reports + known.intelligence - seen)
    details = {"put_back": reversal.put_back, "changed_since": reversal.changed_since,
               "removed_name": decision.name_id, "runs_withdrawn": withdrawn}  # fmt: skip
    audit.append(
        session, actor=actor, action="take back", kind=Kind.PLACE, object_id=decision_id, details=details,
        now=now,
    )  # fmt: skip
    return reversal


def _with(records: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    return records.assign(**{str(name): values[name].to_numpy() for name in values})


def _kept(session: Session, shelf: Shelf, decision_id: int) -> dict[int, dict[str, Any]]:
    """Return how each of the answer's records stood before it."""
    rows = session.execute(
        select(DecidedRecord.record_id, DecidedRecord.before).where(
            DecidedRecord.decision_id == decision_id, DecidedRecord.kind == shelf.kind
        )
    )
    return {int(number): before for number, before in rows}


def _standing(session: Session, shelf: Shelf, ids: Sequence[int], decision: PlaceDecision) -> pd.DataFrame:
    """Return the records among these that still stand as the answer left them."""
    records = fetch(session, shelf, ids)
    if records.empty:
        return records
    status = SET_ASIDE if decision.answer == SET_ASIDE else PINNED
    stands = records["erased_at"].isna() & (records["place_status"] == status)
    if decision.answer != SET_ASIDE:
        for name in POINT:
            stands &= records[name] == getattr(decision, name)
    later = session.execute(
        select(DecidedRecord.record_id)
        .join(PlaceDecision, PlaceDecision.decision_id == DecidedRecord.decision_id)
        .where(
            DecidedRecord.kind == shelf.kind,
            PlaceDecision.decision_id > decision.decision_id,
            PlaceDecision.reversed_at.is_(None),
        )
    ).scalars()
    return records[stands & ~records["record_id"].isin(list(later))].reset_index(drop=True)


def forget(session: Session, shelf: Shelf, record_ids: Collection[int], *, now: dt.datetime) -> None:
    """Forget what answers keep of records that are being erased, in the eraser's transaction.

    An answer that was given for none but erased records loses its words, its point and its reason; the
    name it taught goes where it repeats those words.
    """
    emptied: set[int] = set()
    for chunk in in_chunks(list(record_ids)):
        which = (DecidedRecord.kind == shelf.kind) & DecidedRecord.record_id.in_(chunk)
        emptied |= set(session.execute(select(DecidedRecord.decision_id).where(which)).scalars())
        session.execute(delete(DecidedRecord).where(which))
    for decision in session.execute(
        select(PlaceDecision).where(PlaceDecision.decision_id.in_(emptied))
    ).scalars():
        left = select(func.count()).where(DecidedRecord.decision_id == decision.decision_id)
        if session.execute(left).scalar_one():
            continue
        if decision.name_id is not None:
            name = session.get_one(LocalName, decision.name_id)
            if fold(name.name) == fold(decision.place_text):
                name.name, name.removed_at = "", name.removed_at or now
        for text in ("place_text", "postcode", "stated_area", "name", "reason"):
            setattr(decision, text, "")
        decision.easting_m = decision.northing_m = decision.error_m = None
    session.flush()
