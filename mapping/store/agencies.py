"""The agencies of the partnership."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import Action, Actor, Kind
from mapping.categories import folded
from mapping.errors import ConflictError, NotFoundError
from mapping.store import audit, models


@dataclass(frozen=True)
class Agency:
    """A member of the partnership; `agency_id` is how records, runs and agreements name it."""

    agency_id: str
    name: str


def create(session: Session, *, name: str, agency_id: str = "", actor: Actor, now: dt.datetime) -> Agency:
    """Add an agency; without an id it is named after its name, as in `middlesbrough-council`.

    Raises
    ------
    NotAllowedError
        The account may not.
    ConflictError
        The id or the name is taken, or is empty.
    """
    access.require(actor, Action.CREATE, Kind.AGENCY, today=access.local_day(now))
    agency = add(session, name=name, agency_id=agency_id, now=now)
    audit.append(session, actor=actor, action="create", kind=Kind.AGENCY, object_id=agency.agency_id, now=now)
    return agency


def add(session: Session, *, name: str, agency_id: str = "", now: dt.datetime) -> Agency:
    """Store an agency without asking who may: for `create`, and for the first one of a fresh store."""
    shown = " ".join(name.split())
    agency = Agency(agency_id=slug(agency_id or shown), name=shown)
    if not agency.agency_id:
        raise ConflictError("An agency needs a name with letters or digits in it.")
    if any(
        agency.agency_id == held.agency_id or folded(shown) == folded(held.name) for held in list_all(session)
    ):
        raise ConflictError(
            f"There is an agency '{agency.agency_id}' or of that name already; choose another."
        )
    session.add(models.Agency(agency_id=agency.agency_id, name=agency.name, created_at=now))
    session.flush()
    return agency


def get(session: Session, agency_id: str) -> Agency:
    """Return one agency.

    Raises
    ------
    NotFoundError
        There is none of this id.
    """
    row = session.get(models.Agency, agency_id)
    if row is None:
        raise NotFoundError("There is no agency of this id; `hotspots agencies list` shows them.")
    return Agency(row.agency_id, row.name)


def list_all(session: Session) -> list[Agency]:
    """Return every agency, by name."""
    rows = session.execute(select(models.Agency).order_by(models.Agency.name)).scalars()
    return [Agency(row.agency_id, row.name) for row in rows]


def find(session: Session, words: str) -> Agency | None:
    """Return the agency that `words` name, by id or by name however spelt, or None."""
    wanted = slug(words)
    return next(
        (held for held in list_all(session) if wanted and wanted in (held.agency_id, slug(held.name))), None
    )


def slug(words: str) -> str:
    """Fold a name to lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
