"""Layouts that somebody here made for files nobody had described: kept as TOML, the newest of a name holds.

A name belongs to the agency that took it first, so that nobody else's choice can change what an
import means. Whoever shares with that agency may use its layouts. A row is read by the same rules as
a shipped file, so one that was tampered with is refused and never half believed.
"""

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import READING, Action, Actor, Kind
from mapping.errors import ConflictError, MappingError, NotFoundError, SettingsError
from mapping.intake import layout as layouts
from mapping.intake.layout import Layout
from mapping.store import audit
from mapping.store.models import Account, LayoutRow

LONGEST_TITLE: Final = 120


@dataclass(frozen=True)
class StoredLayout:
    """One layout as it is kept: what it is called, who made it and when, and its text."""

    layout_id: int
    name: str
    title: str
    toml: str
    agency_id: str
    account_name: str
    created_at: dt.datetime


def save(session: Session, layout: Layout, *, actor: Actor, now: dt.datetime) -> StoredLayout:
    """Keep a layout; an older one of its name stays in the table and holds no longer.

    Saving again what holds already keeps nothing new.

    Raises
    ------
    NotAllowedError
        The account may not make layouts.
    ConflictError
        The name comes with the system, is another agency's, or the layout would make records open.
    """
    access.require(actor, Action.CREATE, Kind.LAYOUT, today=access.local_day(now))
    text = layouts.to_toml(layout)
    held = _newest(session, layout.name)
    _require_free(layout, held, actor)
    if _read(layout.name, text) != layout:
        raise SettingsError("The layout cannot be written down so that it reads back the same.")
    if held is not None and held.toml == text:
        return held
    row = LayoutRow(
        name=layout.name,
        title=layout.title[:LONGEST_TITLE],
        toml=text,
        account_id=actor.account_id,
        agency_id=actor.agency_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    digest = hashlib.sha256(text.encode()).hexdigest()
    details = {"name": layout.name, "sha256": digest, "fields": sorted(layout.columns)}
    audit.append(
        session,
        actor=actor,
        action="create",
        kind=Kind.LAYOUT,
        object_id=row.layout_id,
        details=details,
        now=now,
    )
    return StoredLayout(row.layout_id, row.name, row.title, text, row.agency_id, actor.name, now)


def find(session: Session, name: str, *, visible_to: Collection[str] | None = None) -> StoredLayout:
    """Return the newest layout of a name that was made here.

    Parameters
    ----------
    visible_to : collection of str, optional
        Agencies whose layouts may be seen (see `partners`); every agency's where not given.

    Raises
    ------
    NotFoundError
        There is none, or none that may be seen.
    """
    held = _newest(session, name)
    if held is None or (visible_to is not None and held.agency_id not in visible_to):
        raise NotFoundError(
            f"There is no layout '{name[:40]}': neither one that ships ({', '.join(layouts.names())}) "
            "nor one that was made here; `hotspots layouts list` shows both."
        )
    return held


def list_all(session: Session, *, visible_to: Collection[str] | None = None) -> list[StoredLayout]:
    """Return the newest layout of every name, by title."""
    newest = select(func.max(LayoutRow.layout_id)).group_by(LayoutRow.name)
    held = [_stored(*row) for row in session.execute(_chosen().where(LayoutRow.layout_id.in_(newest)))]
    found = [stored for stored in held if visible_to is None or stored.agency_id in visible_to]
    return sorted(found, key=lambda stored: (stored.title.casefold(), stored.name))


def read(stored: StoredLayout) -> Layout:
    """Read a stored layout by the rules of a shipped one.

    Raises
    ------
    NotFoundError
        It cannot be used any more; what was done to it is not guessed at.
    """
    try:
        return _read(stored.name, stored.toml)
    except (MappingError, ValueError, TypeError, LookupError, AttributeError) as fault:
        raise NotFoundError(
            f"The layout '{stored.name[:40]}' cannot be used any more; describe such a file again."
        ) from fault


def readable(session: Session, *, visible_to: Collection[str] | None = None) -> list[Layout]:
    """Return every stored layout that can be read, by title; one that cannot is passed over."""
    found = []
    for stored in list_all(session, visible_to=visible_to):
        try:
            found.append(read(stored))
        except NotFoundError:
            continue
    return found


def resolve(session: Session, name: str, *, visible_to: Collection[str] | None = None) -> Layout:
    """Return the layout of a name: a shipped one first, else the newest that was made here.

    Raises
    ------
    NotFoundError
        There is none of either kind; the message names both.
    """
    if name in layouts.names():
        return layouts.load(name)
    return read(find(session, name, visible_to=visible_to))


def partners(actor: Actor, *, today: dt.date) -> frozenset[str]:
    """Return the agencies whose layouts an account may use: its own, and those it shares with today."""
    sharing = [agreement for agreement in actor.agreements if agreement.state(today) in READING]
    return frozenset({actor.agency_id}.union(*(agreement.signatories for agreement in sharing)))


def _require_free(layout: Layout, held: StoredLayout | None, actor: Actor) -> None:
    if layout.name in layouts.names():
        raise ConflictError(f"'{layout.name}' is a layout that comes with the system. Choose another name.")
    if not layout.name or not all(letter.isalnum() or letter == "-" for letter in layout.name):
        raise ConflictError("A layout's name is made of letters, digits and hyphens. Choose another name.")
    if held is not None and held.agency_id != actor.agency_id:
        raise ConflictError("That name is taken by another agency. Choose another name.")
    if layout.handling == "open":
        raise ConflictError("Only layouts that come with the system may declare records open: choose P or C.")


def _newest(session: Session, name: str) -> StoredLayout | None:
    chosen = _chosen().where(LayoutRow.name == name).order_by(LayoutRow.layout_id.desc()).limit(1)
    row = session.execute(chosen).first()
    return _stored(*row) if row else None


def _chosen() -> "Select[LayoutRow, str]":
    return select(LayoutRow, Account.name).join(Account, Account.account_id == LayoutRow.account_id)


def _stored(row: LayoutRow, account_name: str) -> StoredLayout:
    return StoredLayout(
        row.layout_id, row.name, row.title, row.toml, row.agency_id, account_name, row.created_at
    )


def _read(name: str, text: str) -> Layout:
    layout = layouts.parse(text)
    if layout.name != name or layout.handling == "open":
        raise SettingsError("The layout is another one than it is called.")
    return layout
