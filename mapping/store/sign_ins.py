"""Sign-ins, kept on the server: ending one ends it everywhere its cookie was copied to."""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from mapping.access import Actor
from mapping.store import audit, models

IDLE: Final = dt.timedelta(minutes=30)
ABSOLUTE: Final = dt.timedelta(hours=12)
# A page view need not write: being seen is noted once a minute.
NOTE_EVERY: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class SignIn:
    """A sign-in that holds now; `is_due` asks for a `touch` so that it does not run out while in use."""

    account_id: int
    started_at: dt.datetime
    is_due: bool


def start(session: Session, *, actor: Actor, now: dt.datetime) -> str:
    """Begin a sign-in and return its token, which is kept nowhere but in the reader's cookie."""
    token = secrets.token_urlsafe(32)
    session.add(
        models.SignIn(token_hash=_hash(token), account_id=actor.account_id, started_at=now, last_seen_at=now)
    )
    audit.append(session, actor=actor, action="sign in", kind="account", object_id=actor.account_id, now=now)
    return token


def resolve(session: Session, token: str, *, now: dt.datetime) -> SignIn | None:
    """Return the sign-in that a token opens, or None where it ended or ran out; changes nothing."""
    row = session.get(models.SignIn, _hash(token))
    if row is None or row.ended_at is not None:
        return None
    if now - row.last_seen_at >= IDLE or now - row.started_at >= ABSOLUTE or now < row.started_at:
        return None
    return SignIn(row.account_id, row.started_at, is_due=now - row.last_seen_at >= NOTE_EVERY)


def touch(session: Session, token: str, *, now: dt.datetime) -> None:
    """Note that a sign-in was used; one that has ended stays ended."""
    session.execute(
        update(models.SignIn)
        .where(
            models.SignIn.token_hash == _hash(token),
            models.SignIn.ended_at.is_(None),
            models.SignIn.last_seen_at < now,
        )
        .values(last_seen_at=now)
    )


def end(session: Session, token: str, *, actor: Actor, now: dt.datetime) -> None:
    """End one sign-in: its cookie opens nothing from now on."""
    session.execute(
        update(models.SignIn)
        .where(models.SignIn.token_hash == _hash(token), models.SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )
    audit.append(session, actor=actor, action="sign out", kind="account", object_id=actor.account_id, now=now)


def end_all_for(session: Session, account_id: int, *, now: dt.datetime) -> None:
    """End every sign-in of an account; the change that asks for it is what the log holds."""
    session.execute(
        update(models.SignIn)
        .where(models.SignIn.account_id == account_id, models.SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
