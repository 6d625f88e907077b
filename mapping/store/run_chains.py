"""The chain of runs in the store: which run a new one follows, and which places the last one lost.

A run follows the latest run of the same audience, categories and cell size that was not withdrawn.
Nothing of any other run is read, so no id can tell a reader of a run that is not theirs.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from mapping.access import Audience
from mapping.hotspots import identity
from mapping.hotspots.identity import MEMORY, Earlier
from mapping.periods import Period
from mapping.store import frames, runs
from mapping.store.run_models import RunAgency, RunRow
from mapping.store.runs import MEMBERS


def earlier(
    session: Session, audience: Audience, *, categories: Sequence[str], cell_size_m: float
) -> tuple[int | None, Earlier | None]:
    """Return the run that a new one follows and what it hands on; (None, None) for the first of a chain.

    A number that a withdrawn run gave is not given again.
    """
    alike = _alike(session, audience, categories=categories, cell_size_m=cell_size_m)
    if not alike:
        return None, None
    last_number = max(row.counts.get("identity", {}).get("last_number", 0) for row in alike)
    live = [row for row in alike if row.withdrawn_at is None]
    if not live:
        period = Period(alike[0].period_start_on, alike[0].period_end_on)
        none = runs.hotspots(session, alike[0].run_id).iloc[:0]
        return None, identity.nothing_before(none, period, last_number=last_number)
    last = live[0]
    hotspots = runs.hotspots(session, last.run_id)
    older = [runs.hotspots(session, run_id) for run_id in _older(alike, last)]
    return last.run_id, Earlier(
        hotspots=hotspots,
        members=_members(session, last.run_id),
        period=Period(last.period_start_on, last.period_end_on),
        remembered=identity.pool(hotspots, older),
        last_number=last_number,
    )


def kept_choice(
    session: Session,
    audience: Audience,
    *,
    categories: Sequence[str],
    cell_size_m: float,
    period: Period,
    edition_id: int,
) -> dict[str, Any] | None:
    """Return how `auto` chose in the latest run that ends with the same month; None where there is none.

    So the method stays until the month changes, whatever late reports of it still come in.
    """
    for row in _alike(session, audience, categories=categories, cell_size_m=cell_size_m):
        alike = row.period_end_on == period.end_on and row.edition_id == edition_id
        if alike and row.withdrawn_at is None and row.settings.get("method") == "auto":
            kept: dict[str, Any] | None = row.counts.get("choice")
            return kept
    return None


def followed(session: Session, run_id: int) -> int | None:
    """Return the run that a run took its ids from; None where there is none, or it was withdrawn since."""
    last = aliased(RunRow)
    chosen = (
        select(last.run_id)
        .join(RunRow, RunRow.follows_run_id == last.run_id)
        .where(RunRow.run_id == run_id, last.withdrawn_at.is_(None))
    )
    return session.execute(chosen).scalar()


def gone(session: Session, run_id: int) -> pd.DataFrame:
    """Return the hotspots of the run before that a run has no more, as `identity.GONE`.

    Nothing where it follows none, or one that was withdrawn since: what that found must not be told on.
    """
    last_id = followed(session, run_id)
    last = None if last_id is None else session.get(RunRow, last_id)
    if last is None:
        return pd.DataFrame(columns=list(identity.GONE), dtype="str")
    period = Period(last.period_start_on, last.period_end_on)
    return identity.gone(runs.hotspots(session, last.run_id), period, runs.hotspots(session, run_id))


def _alike(
    session: Session, audience: Audience, *, categories: Sequence[str], cell_size_m: float
) -> list[Row[Any]]:
    """Return the runs of an audience, of these categories and this cell size, newest first."""
    chosen = (
        select(
            RunRow.run_id, RunRow.settings, RunRow.counts, RunRow.withdrawn_at, RunRow.follows_run_id,
            RunRow.period_start_on, RunRow.period_end_on, RunRow.edition_id,
        )
        .where(RunRow.purpose == audience.purpose)
        .order_by(RunRow.run_id.desc())
    )  # fmt: skip
    agencies: dict[int, set[str]] = {}
    for run_id, agency_id in session.execute(select(RunAgency.run_id, RunAgency.agency_id)):
        agencies.setdefault(run_id, set()).add(agency_id)
    return [
        row
        for row in session.execute(chosen)
        if agencies.get(row.run_id) == audience.agencies
        and set(row.settings.get("categories") or []) == set(categories)
        and row.settings.get("cell_size_m") == cell_size_m
    ]


def _older(alike: Sequence[Row[Any]], last: Row[Any]) -> list[int]:
    """Follow the chain back from its last run, past what was withdrawn, as far as is remembered."""
    by_id = {row.run_id: row for row in alike}
    older: list[int] = []
    row = by_id.get(last.follows_run_id)
    while row is not None and len(older) < MEMORY - 1:
        if row.withdrawn_at is None:
            older.append(row.run_id)
        row = by_id.get(row.follows_run_id)
    return older


def _members(session: Session, run_id: int) -> pd.DataFrame:
    columns = ["hotspot_id", "incident_id"]
    chosen = select(*(MEMBERS.c[name] for name in columns)).where(MEMBERS.c.run_id == run_id)
    return frames.to_frame(session.execute(chosen), columns, MEMBERS)
