"""Places that people set apart, in the store: added with a reason, ended with a reason, never rewritten.

A change ends one row and adds another, so what a run used can be read back for as long as the row is
kept. A suggestion that was looked at and turned down is a row too, ended as it was added: nobody is
asked twice, and everybody can see who said so and why.
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from mapping import access
from mapping.access import Action, Actor, Kind
from mapping.errors import ConflictError, NotFoundError, PlaceRefusedError
from mapping.places.set_apart import CAUTION, LEAST_LETTERS, LONGEST_REASON, Place, check
from mapping.store import audit, locks
from mapping.store.models import Account
from mapping.store.place_models import ExcludedPlace

TURNED_DOWN: Final = "not such a place"  # how a refused suggestion ends; no person's reason reads so
CHANGED: Final = "changed"
MOST_LISTED: Final = 200
_NO_REASON: Final = "Looked at, and left in."


@dataclass(frozen=True)
class Kept:
    """One row: the place, who set it apart and when, and who ended that and why."""

    place: Place
    added_by: str
    added_at: dt.datetime
    ended_by: str
    ended_at: dt.datetime | None
    ended_reason: str

    @property
    def is_turned_down(self) -> bool:
        """Whether this is a suggestion that somebody said no to."""
        return self.ended_reason == TURNED_DOWN


def in_force(session: Session) -> tuple[Place, ...]:
    """Return the places set apart now, oldest first, for a run; nobody's rights are asked."""
    return tuple(kept.place for kept in _rows(session, [ExcludedPlace.ended_at.is_(None)]))


def active(session: Session, *, actor: Actor, today: dt.date) -> list[Kept]:
    """Return the places set apart now, oldest first.

    Raises
    ------
    NotAllowedError
        The account may not see them.
    """
    access.require(actor, Action.VIEW, Kind.EXCLUDED_PLACE, today=today)
    return _rows(session, [ExcludedPlace.ended_at.is_(None)])


def history(session: Session, *, actor: Actor, today: dt.date, limit: int = MOST_LISTED) -> list[Kept]:
    """Return what was set apart once and is no more, and what was turned down, the last ended first."""
    access.require(actor, Action.VIEW, Kind.EXCLUDED_PLACE, today=today)
    rows = _rows(session, [ExcludedPlace.ended_at.is_not(None)])
    rows.sort(key=lambda kept: (kept.ended_at or kept.added_at, kept.place.place_id), reverse=True)
    return rows[:limit]


def get(session: Session, place_id: int, *, actor: Actor, today: dt.date) -> Kept:
    """Return one place that is set apart now.

    Raises
    ------
    NotAllowedError
        The account may not see them.
    NotFoundError
        There is no such place, or it is ended.
    """
    access.require(actor, Action.VIEW, Kind.EXCLUDED_PLACE, today=today)
    found = _rows(session, [ExcludedPlace.place_id == place_id, ExcludedPlace.ended_at.is_(None)])
    if not found:
        raise NotFoundError("There is no such place, or it is not set apart any more.")
    return found[0]


def add(session: Session, place: Place, *, actor: Actor, now: dt.datetime) -> int:
    """Set a place apart from now on; maps drawn before stay as they are. Return its `place_id`.

    Raises
    ------
    NotAllowedError
        The account may not change them.
    PlaceRefusedError
        Something of the place is missing or cannot be used.
    ConflictError
        The same point is set apart already.
    """
    access.require(actor, Action.CHANGE, Kind.EXCLUDED_PLACE, today=access.local_day(now))
    check(place)
    locks.hold_records(session)  # else two people set one point apart in the same moment
    if any(_is_same(place, other) for other in in_force(session)):
        raise ConflictError("This point is set apart already; change the place that is there.")
    row = _row(place, actor, now)
    session.add(row)
    session.flush()
    _write_down(session, "add", row.place_id, actor=actor, now=now, treatment=place.treatment)
    return row.place_id


def change(session: Session, place_id: int, place: Place, *, actor: Actor, now: dt.datetime) -> int:
    """End a place and add it as it should be; return the id of the new row.

    Raises
    ------
    NotFoundError
        It is not set apart any more.
    NotAllowedError, PlaceRefusedError, ConflictError
        As `add`.
    """
    access.require(actor, Action.CHANGE, Kind.EXCLUDED_PLACE, today=access.local_day(now))
    check(place)
    before = _end(session, place_id, CHANGED, actor, now)
    if replace(place, place_id=place_id) == before:
        raise ConflictError("Nothing was changed; what was typed is what is kept.")
    return add(session, place, actor=actor, now=now)


def end(session: Session, place_id: int, *, reason: str, actor: Actor, now: dt.datetime) -> None:
    """Set a place apart no more; maps drawn before stay as they are.

    Raises
    ------
    NotAllowedError
        The account may not change them.
    NotFoundError
        It is not set apart any more.
    PlaceRefusedError
        The reason says nothing, or too much.
    """
    access.require(actor, Action.CHANGE, Kind.EXCLUDED_PLACE, today=access.local_day(now))
    plain = " ".join(reason.split())
    if sum(letter.isalnum() for letter in plain) < LEAST_LETTERS or len(plain) > LONGEST_REASON:
        raise PlaceRefusedError([f"Say why in a few words, {LONGEST_REASON} characters at most."])
    if plain in (TURNED_DOWN, CHANGED):
        plain += "."
    _end(session, place_id, plain, actor, now)
    _write_down(session, "end", place_id, actor=actor, now=now)


def turn_down(session: Session, place: Place, *, actor: Actor, now: dt.datetime) -> int:
    """Remember that a suggested place is none, so that it is not suggested again; return its `place_id`.

    The reason may be empty.

    Raises
    ------
    NotAllowedError, PlaceRefusedError
        As `add`.
    """
    access.require(actor, Action.CHANGE, Kind.EXCLUDED_PLACE, today=access.local_day(now))
    meant = replace(place, treatment=CAUTION, reason=place.reason or _NO_REASON)
    row = _row(check(meant), actor, now)
    row.ended_by, row.ended_at, row.ended_reason = actor.account_id, now, TURNED_DOWN
    session.add(row)
    session.flush()
    _write_down(session, "turn down", row.place_id, actor=actor, now=now)
    return row.place_id


def _rows(session: Session, conditions: list[ColumnElement[bool]]) -> list[Kept]:
    adder, ender = aliased(Account), aliased(Account)
    chosen = (
        select(ExcludedPlace, adder.name, ender.name)
        .join(adder, adder.account_id == ExcludedPlace.account_id)
        .outerjoin(ender, ender.account_id == ExcludedPlace.ended_by)
        .where(*conditions)
        .order_by(ExcludedPlace.place_id)
    )
    return [
        Kept(_place(row), added_by, row.added_at, ended_by or "", row.ended_at, row.ended_reason)
        for row, added_by, ended_by in session.execute(chosen)
    ]


def _place(row: ExcludedPlace) -> Place:
    return Place(**{name: getattr(row, name) for name in Place.__dataclass_fields__})


def _row(place: Place, actor: Actor, now: dt.datetime) -> ExcludedPlace:
    facts = {name: getattr(place, name) for name in Place.__dataclass_fields__ if name != "place_id"}
    return ExcludedPlace(**facts, account_id=actor.account_id, added_at=now, ended_reason="")


def _is_same(place: Place, other: Place) -> bool:
    return (place.easting_m, place.northing_m) == (other.easting_m, other.northing_m)


def _end(session: Session, place_id: int, reason: str, actor: Actor, now: dt.datetime) -> Place:
    locks.hold_records(session)
    row = session.get(ExcludedPlace, place_id, populate_existing=True)
    if row is None or row.ended_at is not None:
        raise NotFoundError("There is no such place, or it is not set apart any more.")
    row.ended_by, row.ended_at, row.ended_reason = actor.account_id, now, reason
    session.flush()
    return _place(row)


def _write_down(
    session: Session, action: str, place_id: int, *, actor: Actor, now: dt.datetime, treatment: str = ""
) -> None:
    details = {"treatment": treatment} if treatment else {}
    audit.append(
        session,
        actor=actor,
        action=action,
        kind=Kind.EXCLUDED_PLACE,
        object_id=place_id,
        details=details,
        now=now,
    )
