"""Sharing agreements: who signed, for which purposes, categories and areas, until when."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import EVERY, SHARING, Action, Actor, Agreement, Audience, Kind
from mapping.errors import ConflictError, NotAllowedError, NotFoundError
from mapping.store import agencies, audit
from mapping.store.models import AgreementParty, AgreementRow


def create(
    session: Session,
    *,
    name: str,
    signatories: Iterable[str],
    purposes: Iterable[str] = (access.COMMUNITY_SAFETY,),
    categories: Iterable[str] = (EVERY,),
    areas: Iterable[str] = (EVERY,),
    starts_on: dt.date,
    review_on: dt.date,
    legal_gateway: str = "",
    actor: Actor,
    now: dt.datetime,
) -> Agreement:
    """Add an agreement; all `signatories` (agency ids) sign on the day it starts.

    Raises
    ------
    NotAllowedError
        The account may not.
    NotFoundError
        A signatory is no agency of this store.
    ConflictError
        Its name is taken, it has no signatory or purpose, or its review comes before its start.
    """
    access.require(actor, Action.CREATE, Kind.AGREEMENT, today=access.local_day(now))
    signing = sorted(set(signatories))
    agreement_id = add(
        session,
        name=name,
        signatories=signing,
        purposes=purposes,
        categories=categories,
        areas=areas,
        starts_on=starts_on,
        review_on=review_on,
        legal_gateway=legal_gateway,
        now=now,
    )
    audit.append(
        session,
        actor=actor,
        action="create",
        kind=Kind.AGREEMENT,
        object_id=agreement_id,
        details={"signatories": signing, "review_on": review_on.isoformat()},
        now=now,
    )
    return get(session, agreement_id, today=access.local_day(now))


def add(
    session: Session,
    *,
    name: str,
    signatories: Iterable[str],
    purposes: Iterable[str],
    categories: Iterable[str],
    areas: Iterable[str],
    starts_on: dt.date,
    review_on: dt.date,
    legal_gateway: str,
    now: dt.datetime,
) -> int:
    """Store an agreement without asking who may: for `create`, and for the first one of a fresh store."""
    signing, meant = sorted(set(signatories)), sorted(set(purposes))
    if not signing or not meant:
        raise ConflictError("An agreement needs at least one signatory and one purpose.")
    if review_on <= starts_on:
        raise ConflictError("An agreement's review date must come after its start.")
    for agency_id in signing:
        agencies.get(session, agency_id)
    row = AgreementRow(
        name=" ".join(name.split()),
        legal_gateway=legal_gateway,
        purposes=meant,
        categories=sorted(set(categories)),
        areas=sorted(set(areas)),
        starts_on=starts_on,
        review_on=review_on,
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.add_all(
        AgreementParty(agreement_id=row.agreement_id, agency_id=agency_id, signed_on=starts_on)
        for agency_id in signing
    )
    session.flush()
    return row.agreement_id


def renew(
    session: Session, agreement_id: int, *, review_on: dt.date, actor: Actor, now: dt.datetime
) -> Agreement:
    """Set a new review date after a review was held."""
    today = access.local_day(now)
    access.require(actor, Action.CHANGE, Kind.AGREEMENT, today=today)
    held = get(session, agreement_id, today=today)
    if review_on <= today:
        raise ConflictError("The new review date has passed already; give one to come.")
    session.execute(
        update(AgreementRow).where(AgreementRow.agreement_id == agreement_id).values(review_on=review_on)
    )
    audit.append(
        session,
        actor=actor,
        action="renew",
        kind=Kind.AGREEMENT,
        object_id=agreement_id,
        details={"from": held.review_on.isoformat(), "to": review_on.isoformat()},
        now=now,
    )
    return get(session, agreement_id, today=today)


def withdraw(
    session: Session, agreement_id: int, *, agency_id: str, actor: Actor, now: dt.datetime
) -> Agreement:
    """End an agency's signature today: its records stop being shared and its access ends.

    Raises
    ------
    NotFoundError
        The agency is no signatory of this agreement.
    """
    today = access.local_day(now)
    access.require(actor, Action.CHANGE, Kind.AGREEMENT, today=today)
    party = session.get(AgreementParty, (agreement_id, agency_id))
    if party is None or party.withdrawn_on is not None:
        raise NotFoundError("This agency has no signature under this agreement that could be withdrawn.")
    party.withdrawn_on = today
    session.flush()
    audit.append(
        session,
        actor=actor,
        action="withdraw",
        kind=Kind.AGREEMENT,
        object_id=agreement_id,
        details={"agency": agency_id},
        now=now,
    )
    return get(session, agreement_id, today=today)


def get(session: Session, agreement_id: int, *, today: dt.date) -> Agreement:
    """Return one agreement with who is signed to it today.

    Raises
    ------
    NotFoundError
        There is none of this id.
    """
    row = session.get(AgreementRow, agreement_id, populate_existing=True)
    if row is None:
        raise NotFoundError("There is no sharing agreement of this id.")
    return _agreement(row, _signed(session, today).get(agreement_id, frozenset()))


def list_all(session: Session, *, today: dt.date) -> list[Agreement]:
    """Return every agreement with who is signed to it today, oldest first."""
    signed = _signed(session, today)
    rows = session.execute(select(AgreementRow).order_by(AgreementRow.agreement_id)).scalars()
    return [_agreement(row, signed.get(row.agreement_id, frozenset())) for row in rows]


def of_agency(session: Session, agency_id: str, *, today: dt.date) -> tuple[Agreement, ...]:
    """Return the agreements that an agency is signed to today."""
    return tuple(held for held in list_all(session, today=today) if agency_id in held.signatories)


def audience_for(actor: Actor, *, purpose: str = access.COMMUNITY_SAFETY, today: dt.date) -> Audience:
    """Return the widest audience that this account's agency may analyse for, under one agreement.

    Raises
    ------
    NotAllowedError
        No agreement of its agency shares for this purpose today.
    """
    sharing = [
        agreement
        for agreement in actor.agreements
        if purpose in agreement.purposes and agreement.state(today) in SHARING
    ]
    if not sharing:
        raise NotAllowedError(
            "Your agency has no sharing agreement in force for this purpose, so no run can be made for it. "
            "Ask an administrator to renew one."
        )
    widest = max(sharing, key=lambda agreement: (len(agreement.signatories), -agreement.agreement_id))
    return Audience(widest.signatories, purpose)


def _signed(session: Session, today: dt.date) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for party in session.execute(select(AgreementParty)).scalars():
        if party.signed_on <= today and (party.withdrawn_on is None or today < party.withdrawn_on):
            found.setdefault(party.agreement_id, set()).add(party.agency_id)
    return {agreement_id: frozenset(agency_ids) for agreement_id, agency_ids in found.items()}


def _agreement(row: AgreementRow, signatories: frozenset[str]) -> Agreement:
    return Agreement(
        agreement_id=row.agreement_id,
        name=row.name,
        signatories=signatories,
        purposes=frozenset(row.purposes),
        categories=frozenset(row.categories),
        areas=frozenset(row.areas),
        starts_on=row.starts_on,
        review_on=row.review_on,
        legal_gateway=row.legal_gateway,
    )
