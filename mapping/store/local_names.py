"""Local names: what people here call a place, learned from an answer, so that the next import knows it."""

import datetime as dt
import math
import unicodedata
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import READING, Action, Actor, Kind
from mapping.errors import ConflictError, NotFoundError
from mapping.places import geocoder
from mapping.store import audit
from mapping.store.models import Account
from mapping.store.place_models import LocalName

# The same words this close together are the same name, told again.
SAME_PLACE_M: Final = 50.0
LONGEST_NAME: Final = 120


def fold(text: str) -> str:
    """Return the words of a place without what says nothing: case, blanks, kinds of the same letter."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True)
class Name:
    """One name, where it is (EPSG:27700, metres), and who taught it."""

    name_id: int
    name: str
    match_level: str
    easting_m: float
    northing_m: float
    error_m: float
    learned_by: str
    learned_at: dt.datetime


def for_geocoder(session: Session) -> list[geocoder.LocalName]:
    """Return every name that is in use as the geocoder takes it; nobody's rights are asked."""
    return [
        geocoder.LocalName(one.name, one.match_level, one.easting_m, one.northing_m, one.error_m)
        for one in held(session)
    ]


def held(session: Session) -> list[LocalName]:
    """Return every name that is in use, oldest first."""
    chosen = select(LocalName).where(LocalName.removed_at.is_(None)).order_by(LocalName.name_id)
    return list(session.execute(chosen).scalars())


def list_all(session: Session, *, actor: Actor, today: dt.date) -> list[Name]:
    """Return the names in use that the account's agency or its partners taught, by name.

    Raises
    ------
    NotAllowedError
        The account may not see places.
    """
    access.require(actor, Action.VIEW, Kind.PLACE, today=today)
    chosen = (
        select(LocalName, Account.name)
        .join(Account, Account.account_id == LocalName.account_id)
        .where(LocalName.removed_at.is_(None), Account.agency_id.in_(_partners(actor, today)))
    )
    names = [
        Name(
            row.name_id, row.name, row.match_level, row.easting_m, row.northing_m, row.error_m,
            account_name, row.learned_at,
        )
        for row, account_name in session.execute(chosen)
    ]  # fmt: skip
    return sorted(names, key=lambda one: (fold(one.name), one.name_id))


def learn(
    session: Session,
    name: str,
    *,
    match_level: str,
    easting_m: float,
    northing_m: float,
    error_m: float,
    actor: Actor,
    now: dt.datetime,
) -> int | None:
    """Keep a name for a point (EPSG:27700, metres) and return its id; None where it is known there.

    One name may be at several places, as a shop with branches is: the geocoder then asks which.

    Raises
    ------
    NotAllowedError
        The account may not decide on places.
    ConflictError
        The name says nothing or is too long.
    """
    access.require(actor, Action.DECIDE, Kind.PLACE, today=access.local_day(now))
    plain = " ".join(name.split())
    if not any(letter.isalpha() for letter in plain) or len(plain) > LONGEST_NAME:
        raise ConflictError(
            f"A name of a place needs letters, and {LONGEST_NAME} characters at most; write it shorter."
        )
    for known in held(session):
        apart_m = math.hypot(known.easting_m - easting_m, known.northing_m - northing_m)
        if fold(known.name) == fold(plain) and apart_m <= SAME_PLACE_M:
            return None
    row = LocalName(
        name=plain, match_level=match_level, easting_m=easting_m, northing_m=northing_m, error_m=error_m,
        account_id=actor.account_id, learned_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _write_down(session, "learn name", row.name_id, actor=actor, now=now)
    return row.name_id


def remove(session: Session, name_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Forget a name: no later import is found by it. What was found stays until it is looked up again.

    Raises
    ------
    NotAllowedError
        The account may not decide on places.
    NotFoundError
        There is no such name in use that it may know of.
    """
    today = access.local_day(now)
    access.require(actor, Action.DECIDE, Kind.PLACE, today=today)
    if name_id not in {one.name_id for one in list_all(session, actor=actor, today=today)}:
        raise NotFoundError("There is no such name here, or it was removed already.")
    session.get_one(LocalName, name_id).removed_at = now
    session.flush()
    _write_down(session, "remove name", name_id, actor=actor, now=now)


def _partners(actor: Actor, today: dt.date) -> frozenset[str]:
    """Return the agencies that share with the account's today, and its own."""
    sharing = (one.signatories for one in actor.agreements if one.state(today) in READING)
    return frozenset({actor.agency_id}).union(*sharing)


def _write_down(session: Session, action: str, name_id: int, *, actor: Actor, now: dt.datetime) -> None:
    audit.append(session, actor=actor, action=action, kind=Kind.PLACE, object_id=name_id, now=now)
