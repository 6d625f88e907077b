"""Accounts: who may sign in or act from the command line, as what, for which agency."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import Action, Actor, Kind, Role
from mapping.categories import folded
from mapping.errors import ConflictError, NotAllowedError, NotFoundError
from mapping.store import agencies, agreements, audit, models, passwords, sign_ins

OPERATOR: Final = "operator"
FIRST_AGENCY: Final = "Community Safety Partnership"
FIRST_AGREEMENT: Final = "The partnership's own records"
FIRST_REVIEW_DAYS: Final = 365
LONGEST_NAME: Final = 80


@dataclass(frozen=True)
class Account:
    """An account as lists show it: never its password."""

    account_id: int
    name: str
    role: Role
    agency_id: str
    is_operator: bool
    created_at: dt.datetime
    disabled_at: dt.datetime | None

    @property
    def is_active(self) -> bool:
        """Whether it may act."""
        return self.disabled_at is None


@dataclass(frozen=True)
class WardTerm:
    """A ward that a councillor answers for, up to but not including `to_on`."""

    ward_gss_code: str
    from_on: dt.date
    to_on: dt.date


def create(
    session: Session,
    *,
    name: str,
    role: Role | str,
    agency_id: str,
    password: str,
    wards: Iterable[WardTerm] = (),
    actor: Actor,
    now: dt.datetime,
) -> Account:
    """Add an account.

    Raises
    ------
    NotAllowedError
        The account that acts may not.
    NotFoundError
        The agency does not exist.
    ConflictError
        The name is taken or empty, the role unknown, or the password too short.
    """
    access.require(actor, Action.CREATE, Kind.ACCOUNT, today=access.local_day(now))
    agencies.get(session, agency_id)
    row = _add(
        session,
        name=name,
        role=_role(role),
        agency_id=agency_id,
        password_hash=passwords.hashed(password),
        now=now,
    )
    session.add_all(
        models.AccountWard(
            account_id=row.account_id,
            ward_gss_code=term.ward_gss_code,
            from_on=term.from_on,
            to_on=term.to_on,
        )
        for term in wards
    )
    audit.append(
        session,
        actor=actor,
        action="create",
        kind=Kind.ACCOUNT,
        object_id=row.account_id,
        details={"role": row.role, "agency": agency_id},
        now=now,
    )
    return _account(row)


def list_all(session: Session) -> list[Account]:
    """Return every account, by name, disabled ones too."""
    rows = session.execute(select(models.Account).order_by(models.Account.name_folded)).scalars()
    return [_account(row) for row in rows]


def get(session: Session, account_id: int) -> Account:
    """Return one account.

    Raises
    ------
    NotFoundError
        There is none of this id.
    """
    return _account(_row(session, account_id))


def disable(session: Session, account_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Close an account and end everywhere it is signed in; what it did stays in the log.

    Raises
    ------
    NotAllowedError
        The account that acts may not, or it is its own.
    ConflictError
        It is the last administrator, without whom nobody could open another account.
    """
    access.require(actor, Action.CHANGE, Kind.ACCOUNT, today=access.local_day(now))
    row = _row(session, account_id, lock=True)
    if row.account_id == actor.account_id:
        raise NotAllowedError("An account cannot disable itself; ask another administrator.")
    if row.disabled_at is not None:
        return
    if row.role == Role.ADMINISTRATOR and _active_administrators(session) == [row.account_id]:
        raise ConflictError("This is the last administrator; create another before disabling it.")
    row.disabled_at = now
    sign_ins.end_all_for(session, account_id, now=now)
    audit.append(session, actor=actor, action="disable", kind=Kind.ACCOUNT, object_id=account_id, now=now)


def set_password(session: Session, account_id: int, *, password: str, actor: Actor, now: dt.datetime) -> None:
    """Change a password: one's own, or anybody's for an administrator. Ends every sign-in of the account."""
    own = account_id == actor.account_id
    kind = Kind.OWN_ACCOUNT if own else Kind.ACCOUNT
    access.require(actor, Action.CHANGE, kind, today=access.local_day(now))
    row = _row(session, account_id)
    if row.is_operator:
        raise NotAllowedError(
            "The operator acts from the command line only and has no password; create an account."
        )
    row.password_hash = passwords.hashed(password)
    sign_ins.end_all_for(session, account_id, now=now)
    audit.append(
        session, actor=actor, action="set password", kind=Kind.ACCOUNT, object_id=account_id, now=now
    )


def check_password(session: Session, name: str, password: str) -> int | None:
    """Return the id of the active account that this name and password open, or None.

    Takes as long for a name that does not exist as for a wrong password. Changes nothing: call it
    in `store.reading()`, so that nobody waits for its 0.1 s.
    """
    row = _named(session, name)
    usable = row is not None and row.disabled_at is None and row.password_hash is not None
    held = row.password_hash if row is not None and usable else None
    matches = passwords.matches(held, password)
    return row.account_id if row is not None and matches else None


def actor_for(session: Session, account_id: int, *, today: dt.date) -> Actor:
    """Return who acts, as the account stands now: its wards in term and its agency's agreements.

    Raises
    ------
    NotFoundError
        There is none of this id.
    NotAllowedError
        It is disabled.
    """
    row = _row(session, account_id)
    if row.disabled_at is not None:
        raise NotAllowedError("This account is disabled; ask an administrator.")
    terms = session.execute(
        select(models.AccountWard.ward_gss_code).where(
            models.AccountWard.account_id == account_id,
            models.AccountWard.from_on <= today,
            models.AccountWard.to_on > today,
        )
    ).scalars()
    return Actor(
        account_id=row.account_id,
        name=row.name,
        role=Role(row.role),
        agency_id=row.agency_id,
        wards=frozenset(terms),
        agreements=agreements.of_agency(session, row.agency_id, today=today),
        is_operator=row.is_operator,
    )


def actor_named(session: Session, name: str, *, today: dt.date) -> Actor:
    """Return who acts by account name, as `HOTSPOTS_ACTOR` gives it.

    Raises
    ------
    NotFoundError
        There is no account of this name.
    NotAllowedError
        It is disabled.
    """
    row = _named(session, name)
    if row is None:
        raise NotFoundError("HOTSPOTS_ACTOR names no account; `hotspots users list` shows them.")
    return actor_for(session, row.account_id, today=today)


def first_actor(session: Session, *, now: dt.datetime) -> Actor:
    """Return who acts when nobody is named: the first account, made on a fresh store.

    A fresh store gets the agency `Community Safety Partnership`, an agreement with itself for the
    purpose "community safety" (every category and area, review in a year), and the account
    `operator`: an analyst without a password, so it acts from the command line only. Whoever can
    write the database file is the operator; an administrator may disable it once set up, and then
    `HOTSPOTS_ACTOR` must name an account.

    Raises
    ------
    NotAllowedError
        The first account is disabled.
    """
    today = access.local_day(now)
    first = session.execute(select(func.min(models.Account.account_id))).scalar()
    if first is not None:
        if _row(session, first).disabled_at is not None:
            raise NotAllowedError(
                "The first account is disabled; set HOTSPOTS_ACTOR to the name of the account that acts."
            )
        return actor_for(session, first, today=today)
    agency = agencies.add(session, name=FIRST_AGENCY, now=now)
    agreements.add(
        session,
        name=FIRST_AGREEMENT,
        signatories=[agency.agency_id],
        purposes=[access.COMMUNITY_SAFETY],
        categories=[access.EVERY],
        areas=[access.EVERY],
        starts_on=today,
        review_on=today + dt.timedelta(days=FIRST_REVIEW_DAYS),
        legal_gateway="Crime and Disorder Act 1998 s115",
        now=now,
    )
    row = _add(
        session, name=OPERATOR, role=Role.ANALYST, agency_id=agency.agency_id, password_hash=None, now=now
    )
    row.is_operator = True
    session.flush()
    actor = actor_for(session, row.account_id, today=today)
    audit.append(session, actor=actor, action="set up", kind=Kind.ACCOUNT, object_id=row.account_id, now=now)
    return actor


def _add(
    session: Session, *, name: str, role: Role, agency_id: str, password_hash: str | None, now: dt.datetime
) -> models.Account:
    shown = " ".join(name.split())
    if not shown or len(shown) > LONGEST_NAME or not shown.isprintable():
        raise ConflictError(f"An account needs a printable name of 1 to {LONGEST_NAME} characters.")
    if _named(session, shown) is not None:
        raise ConflictError("There is an account of that name already; choose another.")
    row = models.Account(
        name=shown,
        name_folded=folded(shown),
        role=str(role),
        agency_id=agency_id,
        password_hash=password_hash,
        is_operator=False,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError:
        raise ConflictError(f"That is no role; the roles are: {', '.join(Role)}.") from None


def _named(session: Session, name: str) -> models.Account | None:
    if "\x00" in name:
        return None
    return session.execute(
        select(models.Account).where(models.Account.name_folded == folded(name))
    ).scalar_one_or_none()


def _row(session: Session, account_id: int, *, lock: bool = False) -> models.Account:
    row = session.get(models.Account, account_id, with_for_update=lock)
    if row is None:
        raise NotFoundError("There is no account of this id.")
    return row


def _active_administrators(session: Session) -> list[int]:
    # Locked together, so that two administrators cannot disable each other at the same moment.
    chosen = (
        select(models.Account.account_id)
        .where(models.Account.role == str(Role.ADMINISTRATOR), models.Account.disabled_at.is_(None))
        .with_for_update()
    )
    return list(session.execute(chosen).scalars())


def _account(row: models.Account) -> Account:
    return Account(
        account_id=row.account_id,
        name=row.name,
        role=Role(row.role),
        agency_id=row.agency_id,
        is_operator=row.is_operator,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )
