"""Runs: one analysis, everything that made it, and what it found, for the agencies it was made for."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from mapping import access, schema
from mapping.access import Action, Actor, Audience, Kind
from mapping.crs import BNG
from mapping.errors import NotFoundError
from mapping.hotspots.identity import RETURNED
from mapping.periods import Period
from mapping.store import agreements, audit, frames, incidents
from mapping.store.models import Ward
from mapping.store.run_models import (
    RunAgency,
    RunCell,
    RunHotspot,
    RunHotspotMember,
    RunProposal,
    RunRow,
)

if TYPE_CHECKING:
    import geopandas as gpd

CELLS: Final[Table] = RunCell.__table__  # type: ignore[assignment]
HOTSPOTS: Final[Table] = RunHotspot.__table__  # type: ignore[assignment]
MEMBERS: Final[Table] = RunHotspotMember.__table__  # type: ignore[assignment]
PROPOSALS: Final[Table] = RunProposal.__table__  # type: ignore[assignment]

KEPT_SHARE: Final = 0.1
_CELLS: Final = list(schema.CELLS)
_HOTSPOTS: Final = [name for name in schema.HOTSPOTS if name != "geometry"]
# What a method did not say of a hotspot, where every row of the table needs a value.
_NOT_SAID: Final = dict.fromkeys(
    ("identity", "before", "seen_since_on", "change", "last_seen_on", "source_mix", "excess_kind"), ""
) | {"capped_count": 0}
_PROPOSALS: Final = [name for name in schema.PROPOSALS if name != "proposal_id"]


@dataclass(frozen=True)
class Run:
    """What a run was made of: `about this run` shows every line of it."""

    run_id: int
    audience: Audience
    period: Period
    horizon: Period
    settings: dict[str, Any]
    method: str
    choice: str
    edition_id: int
    seed: int
    versions: dict[str, str]
    counts: dict[str, Any]
    seconds: dict[str, float]
    evidence: pd.DataFrame
    data_to: dt.datetime | None
    created_by: int
    created_at: dt.datetime
    follows_run_id: int | None


def record(
    session: Session,
    *,
    audience: Audience,
    period: Period,
    horizon: Period,
    settings: Mapping[str, Any],
    method: str,
    choice: str,
    edition_id: int,
    seed: int,
    versions: Mapping[str, str],
    counts: Mapping[str, Any],
    seconds: Mapping[str, float],
    evidence: pd.DataFrame,
    cells: pd.DataFrame,
    hotspots: "gpd.GeoDataFrame",
    members: pd.DataFrame,
    proposals: pd.DataFrame,
    data_to: dt.datetime | None = None,
    follows_run_id: int | None = None,
    actor: Actor,
    now: dt.datetime,
) -> int:
    """Keep an analysis; of its cells those that hold incidents, are hot or score highest.

    Parameters
    ----------
    evidence : DataFrame
        How well each method foretold the last months, a row for each method and share of area.
    cells, hotspots, proposals : DataFrame
        `schema.CELLS`, `schema.HOTSPOTS` (EPSG:27700), `schema.PROPOSALS`.
    members : DataFrame
        `hotspot_id`, `incident_id` as `incidents.load` gave it.
    data_to : datetime, optional
        The latest moment at which an incident of the run happened.
    follows_run_id : int, optional
        The run whose ids its hotspots took over.

    Returns
    -------
    int
        `run_id`.

    Raises
    ------
    NotAllowedError
        The account may not make runs.
    """
    access.require(actor, Action.CREATE, Kind.RUN, today=access.local_day(now))
    row = RunRow(
        purpose=audience.purpose,
        period_start_on=period.start_on,
        period_end_on=period.end_on,
        horizon_start_on=horizon.start_on,
        horizon_end_on=horizon.end_on,
        settings=dict(settings),
        method=method,
        choice=choice,
        edition_id=edition_id,
        seed=seed,
        versions=dict(versions),
        counts=dict(counts),
        seconds=dict(seconds),
        evidence=_json_rows(evidence),
        data_to=data_to,
        created_by=actor.account_id,
        created_at=now,
        withdrawn_because="",
        follows_run_id=follows_run_id,
    )
    session.add(row)
    session.flush()
    session.add_all(RunAgency(run_id=row.run_id, agency_id=agency) for agency in sorted(audience.agencies))
    session.flush()
    _store_results(session, row.run_id, cells, hotspots, members, proposals)
    audit.append(
        session,
        actor=actor,
        action="create",
        kind=Kind.RUN,
        object_id=row.run_id,
        details={
            "audience": sorted(audience.agencies),
            "purpose": audience.purpose,
            "incidents": counts.get("incidents", 0),
            "hotspots": len(hotspots),
        },
        now=now,
    )
    return row.run_id


def _store_results(
    session: Session,
    run_id: int,
    cells: pd.DataFrame,
    hotspots: "gpd.GeoDataFrame",
    members: pd.DataFrame,
    proposals: pd.DataFrame,
) -> None:
    import shapely

    schema.require(cells, _CELLS, "cells")
    # Maps shade the hottest squares, with or without a report in them; other empty ones are left out.
    hottest = (cells["score"] > 0) & (cells["score"] >= cells["score"].quantile(1 - KEPT_SHARE))
    kept = cells[(cells["incident_count"] > 0) | cells["is_hot"] | hottest]
    outlined = pd.DataFrame(hotspots.drop(columns="geometry")).assign(
        outline=shapely.to_wkb(hotspots.geometry.to_numpy())
    )
    schema.require(outlined, _HOTSPOTS, "hotspots")
    for name, unsaid in _NOT_SAID.items():
        outlined[name] = outlined[name].astype(object).where(outlined[name].notna(), unsaid)
    for table, columns, frame, name in (
        (CELLS, _CELLS, kept, "cells"),
        (HOTSPOTS, [*_HOTSPOTS, "outline"], outlined, "hotspots"),
        (MEMBERS, ["hotspot_id", "incident_id"], members, "members"),
        (PROPOSALS, [*_PROPOSALS, "label"], proposals.rename(columns={"proposal_id": "label"}), "proposals"),
    ):
        rows = frames.to_rows(frame, columns, table, name)
        if rows:
            session.execute(insert(table), [{"run_id": run_id, **row} for row in rows])


def latest(session: Session, *, actor: Actor, today: dt.date) -> Run:
    """Return the newest run that this account may read.

    Raises
    ------
    NotFoundError
        There is none for it.
    """
    chosen = (
        select(RunRow)
        .join(RunAgency, RunAgency.run_id == RunRow.run_id)
        .where(RunAgency.agency_id == actor.agency_id, RunRow.withdrawn_at.is_(None))
        .order_by(RunRow.run_id.desc())
    )
    for row in session.execute(chosen).scalars():
        run = _run(session, row)
        if access.may_read_run(actor, run.audience, today=today):
            return run
    raise NotFoundError(
        "There is no map for your agency yet: an analyst makes one by importing reports and refreshing."
    )


def list_recent(session: Session, *, actor: Actor, today: dt.date, limit: int = 20) -> list[Run]:
    """Return the latest runs that this account may read, newest first."""
    chosen = (
        select(RunRow)
        .join(RunAgency, RunAgency.run_id == RunRow.run_id)
        .where(RunAgency.agency_id == actor.agency_id, RunRow.withdrawn_at.is_(None))
        .order_by(RunRow.run_id.desc())
        .limit(limit)
    )
    found = [_run(session, row) for row in session.execute(chosen).scalars()]
    return [run for run in found if access.may_read_run(actor, run.audience, today=today)]


def get(session: Session, run_id: int, *, actor: Actor, today: dt.date) -> Run:
    """Return one run.

    Raises
    ------
    NotFoundError
        There is none that this account may know of, or it was withdrawn.
    """
    row = session.get(RunRow, run_id, populate_existing=True)
    run = None if row is None or row.withdrawn_at is not None else _run(session, row)
    if run is None or not access.may_read_run(actor, run.audience, today=today):
        raise NotFoundError("There is no such run for your agency, or it was withdrawn; open the newest one.")
    return run


def hotspots(session: Session, run_id: int, *, ward: str | None = None) -> "gpd.GeoDataFrame":
    """Return a run's hotspots (`schema.HOTSPOTS`, EPSG:27700) by rank.

    Parameters
    ----------
    ward : str, optional
        GSS code: only hotspots that lie in this ward or reach into it.
    """
    import geopandas as gpd
    import shapely

    rows = session.execute(
        select(*(HOTSPOTS.c[name] for name in (*_HOTSPOTS, "outline")))
        .where(HOTSPOTS.c.run_id == run_id)
        .order_by(HOTSPOTS.c.rank)
    )
    frame = frames.to_frame(rows, [*_HOTSPOTS, "outline"], HOTSPOTS)
    outlines = shapely.from_wkb(frame.pop("outline").to_numpy(dtype=object))
    found = gpd.GeoDataFrame(frame, geometry=outlines, crs=BNG)
    if ward is None:
        return found
    name = _ward_name(session, run_id, ward)
    reaches = [bool(name) and name in others.split("; ") for others in found["other_wards"]]
    return found[(found["ward_gss_code"] == ward) | pd.Series(reaches, dtype=bool)].reset_index(drop=True)


def _ward_name(session: Session, run_id: int, ward: str) -> str:
    chosen = (
        select(Ward.ward_name)
        .join(RunRow, RunRow.edition_id == Ward.edition_id)
        .where(RunRow.run_id == run_id, Ward.ward_gss_code == ward)
    )
    return session.execute(chosen).scalar() or ""


def cells(session: Session, run_id: int, *, ward: str | None = None) -> pd.DataFrame:
    """Return a run's cells that hold incidents or are hot (`schema.CELLS`), or those of one ward."""
    chosen = select(*(CELLS.c[name] for name in _CELLS)).where(CELLS.c.run_id == run_id)
    if ward is not None:
        chosen = chosen.where(CELLS.c.ward_gss_code == ward)
    return frames.to_frame(session.execute(chosen.order_by(CELLS.c.cell_id)), _CELLS, CELLS)


def members(session: Session, run_id: int, hotspot_id: str, *, today: dt.date) -> pd.DataFrame:
    """Return the incidents inside a hotspot, as `incidents.load` does, that its audience may see today."""
    row = session.get(RunRow, run_id)
    if row is None:
        raise NotFoundError("There is no such run.")
    ids = session.execute(
        select(MEMBERS.c.incident_id).where(MEMBERS.c.run_id == run_id, MEMBERS.c.hotspot_id == hotspot_id)
    ).scalars()
    return incidents.by_id(session, ids, _audience(session, row), today=today)


def withdraw_for(session: Session, before: pd.DataFrame, after: pd.DataFrame, *, now: dt.datetime) -> int:
    """Withdraw the runs that hold a report whose audience may no longer see it; return how many.

    Parameters
    ----------
    before, after : DataFrame, n rows each, in the same order
        The same reports before and after a change: `access.RECORD_COLUMNS` and `occurred_from`.
    """
    if before.empty:
        return 0
    today = access.local_day(now)
    everything = agreements.list_all(session, today=today)
    withdrawn: set[int] = set()
    for row in session.execute(select(RunRow).where(RunRow.withdrawn_at.is_(None))).scalars():
        audience = _audience(session, row)
        was_in = access.enters_run(before, audience, everything, today=today)
        was_in &= Period(row.period_start_on, row.period_end_on).holds(before["occurred_from"]).to_numpy()
        if (was_in & ~access.enters_run(after, audience, everything, today=today)).any():
            row.withdrawn_at = now
            row.withdrawn_because = "A record that made it was restricted since."
            withdrawn.add(row.run_id)
    session.flush()
    _forget(session, withdrawn)
    return len(withdrawn)


def _forget(session: Session, withdrawn: set[int]) -> None:
    """Take back what later runs say of withdrawn ones: what became of a place, and since when it is known."""
    table = HOTSPOTS
    unsaid = {"identity": "", "before": "", "seen_since_on": ""}
    after = _followers(session, withdrawn)
    session.execute(update(table).where(table.c.run_id.in_(after)).values(unsaid))
    further = set(after)
    while after := _followers(session, after) - further:
        # They compared themselves with runs that stand; what came down the chain is all that goes.
        further |= after
        later = table.c.run_id.in_(after)
        session.execute(update(table).where(later).values(seen_since_on=""))
        session.execute(update(table).where(later, table.c.identity == RETURNED).values(unsaid))


def _followers(session: Session, run_ids: set[int]) -> set[int]:
    chosen = select(RunRow.run_id).where(RunRow.follows_run_id.in_(run_ids))
    return set(session.execute(chosen).scalars()) if run_ids else set()


def _run(session: Session, row: RunRow) -> Run:
    return Run(
        run_id=row.run_id,
        audience=_audience(session, row),
        period=Period(row.period_start_on, row.period_end_on),
        horizon=Period(row.horizon_start_on, row.horizon_end_on),
        settings=row.settings,
        method=row.method,
        choice=row.choice,
        edition_id=row.edition_id,
        seed=row.seed,
        versions=row.versions,
        counts=row.counts,
        seconds=row.seconds,
        evidence=pd.DataFrame(row.evidence),
        data_to=row.data_to,
        created_by=row.created_by,
        created_at=row.created_at,
        follows_run_id=row.follows_run_id,
    )


def _audience(session: Session, row: RunRow) -> Audience:
    found = session.execute(select(RunAgency.agency_id).where(RunAgency.run_id == row.run_id)).scalars()
    return Audience(frozenset(found), row.purpose)


def _json_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows that JSON can hold: a number that is not known is null."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
