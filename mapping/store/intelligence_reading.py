"""Intelligence out of the store, for a reader: only what the account may see, and not what it says.

Items are for analysts alone (`access.TABLE`), which is why those of grade E or from a source of grade 3
are among them. What an item says stays where it is: a page that is shown to a meeting tells that there
is an item, how it is graded and whose it is, and its reference leads back to them.
"""

import datetime as dt
from typing import Final

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import Action, Actor, Kind
from mapping.periods import Period
from mapping.store import frames, shelves

TABLE: Final = shelves.INTELLIGENCE.table
_WORDS: Final = ("row", "description", "opinion")
COLUMNS: Final = tuple(
    dict.fromkeys(["intelligence_id", *(name for name in shelves.INTELLIGENCE.columns if name not in _WORDS)])
)


def load(session: Session, *, actor: Actor, period: Period, today: dt.date) -> pd.DataFrame:
    """Return the items of a period that this account may read, by `intelligence_id`.

    Parameters
    ----------
    period : Period
        Items of what began in it; one without a date is in none.
    today : date
        The day on which agreements are judged.

    Returns
    -------
    DataFrame
        `COLUMNS`: `schema.INTELLIGENCE` without fact and opinion, how each was placed, and its ward.

    Raises
    ------
    NotAllowedError
        The account may not read intelligence, or its agency's agreements are closed.

    Notes
    -----
    What the account's agency may not see, or was erased, is absent, uncounted and unmentioned. Another
    agency in the audience of a run may see other items: a layer is made for its reader, never kept.
    """
    access.require(actor, Action.VIEW, Kind.INTELLIGENCE, today=today)
    rows = session.execute(
        select(*(TABLE.c[name] for name in COLUMNS))
        .where(
            TABLE.c.erased_at.is_(None),
            TABLE.c.occurred_from >= period.start_at.to_pydatetime(),
            TABLE.c.occurred_from < period.end_at.to_pydatetime(),
        )
        .order_by(TABLE.c.intelligence_id)
    )
    items = frames.to_frame(rows, COLUMNS, TABLE)
    return items[access.may_see(items, actor, today=today)].reset_index(drop=True)
