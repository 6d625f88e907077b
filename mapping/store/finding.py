"""What was found for records whose source gave no point: read for another look, written when it changed."""

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import Action, Actor, Kind
from mapping.store import audit, bulk, frames, link_finding, runs
from mapping.store.shelves import FOUND, PLACEMENT, Shelf

# Whose point the geocoder may change: never a source's own word, nor a person's.
LOOKED_UP: Final = ("", "matched", "ambiguous", "unmatched")
POINT: Final = ("easting_m", "northing_m", "error_m", "match_level")
_WORDS: Final = ("place_text", "postcode", "stated_area")
_WRITTEN: Final = (*POINT, *FOUND, *PLACEMENT)
_DECIDING: Final = (*access.RECORD_COLUMNS, "occurred_from")


def to_find(session: Session, shelf: Shelf) -> pd.DataFrame:
    """Return the records whose place only words say, with what was found for them so far.

    For the step that looks them up (`place_finding`), not for a reader: nobody's rights are asked.
    """
    table = shelf.table
    columns = list(dict.fromkeys((shelf.record_id, *_WORDS, *_WRITTEN, *_DECIDING)))
    rows = session.execute(
        select(*(table.c[name] for name in columns))
        .where(
            table.c.place_status.in_(LOOKED_UP),
            table.c.erased_at.is_(None),
            (table.c.place_text != "") | (table.c.postcode != ""),
        )
        .order_by(table.c[shelf.record_id])
    )
    return frames.to_frame(rows, columns, table)


def set_found(
    session: Session, shelf: Shelf, before: pd.DataFrame, after: pd.DataFrame, *, now: dt.datetime
) -> int:
    """Write what another look found where it differs; return how many records that changed.

    Parameters
    ----------
    before, after : DataFrame, n rows each, in the same order
        As `to_find` gave them, and with the new point, status, score and ward.
    """
    changed = np.zeros(len(before), dtype=bool)
    for name in _WRITTEN:
        was, now_is = before[name], after[name]
        changed |= ((was != now_is) & ~(was.isna() & now_is.isna())).to_numpy(dtype=bool)
    if not changed.any():
        return 0
    fresh, old = after[changed].reset_index(drop=True), before[changed].reset_index(drop=True)
    columns = {name: fresh[name] for name in _WRITTEN}
    bulk.update_rows(session, shelf.table, shelf.record_id, fresh[shelf.record_id].tolist(), columns)
    # In another ward a record may be shared with fewer: agreements hold for areas.
    if shelf.belongs_to_incidents:
        deciding = list(_DECIDING)
        runs.withdraw_for(session, old[deciding], fresh[deciding], now=now)
        link_finding.look_again(session, fresh[shelf.record_id].tolist(), now=now)
    return int(changed.sum())


def note_look(session: Session, *, changed: dict[str, int], actor: Actor, now: dt.datetime) -> None:
    """Note in the log that records were looked up again, and how many of each kind that changed."""
    access.require(actor, Action.CREATE, Kind.GAZETTEER, today=access.local_day(now))
    audit.append(session, actor=actor, action="look up", kind=Kind.PLACE, details=dict(changed), now=now)
