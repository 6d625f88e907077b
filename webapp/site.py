"""What one running site holds, and how a view reaches it."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, g

from mapping import access
from mapping.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from mapping.store.engine import Store
    from webapp.jobs import Jobs
    from webapp.pictures import Pictures

EXTENSION = "ward-hotspots"


@dataclass(frozen=True)
class Site:
    """The settings a site was started with, its store, its background work and the maps it drew lately."""

    settings: Settings
    store: "Store"
    jobs: "Jobs"
    pictures: "Pictures"


def current_site() -> Site:
    """Return the site that answers this request."""
    return cast(Site, current_app.extensions[EXTENSION])


@contextmanager
def transaction() -> "Iterator[Session]":
    """Open a unit of work: kept when the block ends, undone when it raises."""
    with current_site().store.transaction() as session:
        yield session


def now() -> dt.datetime:
    """Return this moment in UTC: the one clock that pages read."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """Return the London day, on which agreements begin and end."""
    return access.local_day(now())


def actor() -> access.Actor:
    """Return who is signed in; only for views that the guard has let through."""
    return cast(access.Actor, g.actor)


def may(action: access.Action, kind: access.Kind) -> bool:
    """Say whether whoever is signed in may do this; pages offer nothing that would be refused."""
    return g.get("actor") is not None and access.allows(g.actor, action, kind, today=today())
