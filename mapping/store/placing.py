"""The ward of every record held, reports and intelligence alike, given anew when the boundaries change."""

import datetime as dt
from typing import Final

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import Action, Actor, Kind
from mapping.store import audit, bulk, frames
from mapping.store.shelves import PLACEMENT, Shelf

_NEEDED: Final = ("easting_m", "northing_m", "stated_area", "match_level", "place_status", "ward_gss_code")


def to_place(session: Session, shelf: Shelf, *, edition: str) -> pd.DataFrame:
    """Return the records that were not placed in `edition` yet: id, point, how it was found, stated area.

    For the step that places (`places.wards.place`), not for a reader: nobody's rights are asked.
    """
    table, columns = shelf.table, [shelf.record_id, *_NEEDED]
    rows = session.execute(
        select(*(table.c[name] for name in columns))
        .where(table.c.boundary_edition != edition, table.c.erased_at.is_(None))
        .order_by(table.c[shelf.record_id])
    )
    return frames.to_frame(rows, columns, table)


def set_wards(
    session: Session, shelf: Shelf, placed: pd.DataFrame, *, edition: str, actor: Actor, now: dt.datetime
) -> None:
    """Keep the `ward_gss_code` and `placement` that records have in `edition`, by the shelf's id."""
    # Part of adding wards: whoever may do that sees nothing of the records by it.
    access.require(actor, Action.CREATE, Kind.BOUNDARY, today=access.local_day(now))
    if placed.empty:
        return
    ids = placed[shelf.record_id].tolist()
    columns = {name: placed[name] for name in PLACEMENT}
    bulk.update_rows(
        session, shelf.table, shelf.record_id, ids, columns | {"boundary_edition": [edition] * len(ids)}
    )
    audit.append(
        session, actor=actor, action="place", kind=Kind.REPORT, details={shelf.kind: len(ids)}, now=now
    )
