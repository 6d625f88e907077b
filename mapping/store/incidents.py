"""Incidents out of the store: only what the readers may see, each told by a report they may see."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from mapping import access, crs
from mapping.access import Action, Actor, Audience, Kind
from mapping.intake.event_groups import SEPARATOR
from mapping.periods import Period
from mapping.store import agreements, frames, shelves
from mapping.store.comparing import KEYS_AT_ONCE

REPORTS: Final = shelves.REPORTS.table
COLUMNS: Final = ["incident_id", *shelves.REPORTS.columns, "boundary_edition"]

_LISTED: Final = [
    "incident_id",
    "category",
    "occurred_from",
    "occurred_to",
    "time_precision",
    "easting_m",
    "northing_m",
    "error_m",
    "match_level",
    "ward_gss_code",
    "handling_code",
    "description",
]

Judge = Callable[[pd.DataFrame], npt.NDArray[np.bool_]]


def load(
    session: Session, audience: Audience, period: Period | None = None, *, today: dt.date
) -> pd.DataFrame:
    """Return the incidents that may enter a run for `audience`.

    Parameters
    ----------
    period : Period, optional
        Keep incidents that began in it; without it, all. An incident without a date is in none.
    today : date
        The day on which agreements are judged.

    Returns
    -------
    DataFrame, one row an incident, by `incident_id`
        `schema.REPORTS` of the first of its reports that every agency of the audience may see,
        `schema.PLACED`, `boundary_edition`, the edition in which it was placed, and `told_by`, the
        sources of all its reports that they may see, separated by `; `.

    Notes
    -----
    What not all of the audience may see is absent, uncounted and unmentioned.
    """
    everything = agreements.list_all(session, today=today)
    return _incidents(
        session, lambda reports: access.enters_run(reports, audience, everything, today=today), period=period
    )


def by_id(
    session: Session, incident_ids: Iterable[int], audience: Audience, *, today: dt.date
) -> pd.DataFrame:
    """Return some incidents as `load` would, leaving out what `audience` may not see today."""
    everything = agreements.list_all(session, today=today)
    wanted = sorted({int(number) for number in incident_ids})
    parts = [
        _incidents(
            session,
            lambda reports: access.enters_run(reports, audience, everything, today=today),
            where=_told_of(wanted[start : start + KEYS_AT_ONCE]),
        )
        for start in range(0, max(len(wanted), 1), KEYS_AT_ONCE)
    ]
    return pd.concat(parts).drop_duplicates("incident_id", ignore_index=True)


def _told_of(incident_ids: Sequence[int]) -> ColumnElement[bool]:
    """Choose the reports of incidents, also where one was joined to another since it had this id."""
    return REPORTS.c.incident_id.in_(incident_ids) | REPORTS.c.own_incident_id.in_(incident_ids)


def listing(
    session: Session, *, actor: Actor, today: dt.date, period: Period | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the incidents that this account may read, with the keys of `hotspots incidents list`.

    Free text is given to those who may view reports, and is empty for others.

    Raises
    ------
    NotAllowedError
        The account may not read rows.
    """
    access.require(actor, Action.VIEW, Kind.INCIDENT, today=today)
    with_text = access.allows(actor, Action.VIEW, Kind.REPORT, today=today)
    reports = _visible(session, lambda frame: access.may_see(frame, actor, today=today), period=period)
    told_by: dict[int, list[dict[str, str]]] = {}
    for number, source, reference in zip(
        *(reports[name].tolist() for name in ("incident_id", "source", "reference")), strict=True
    ):
        told_by.setdefault(number, []).append({"source": source, "reference": reference})
    leading = _leading(reports, period)
    lon, lat = crs.to_wgs84(leading["easting_m"], leading["northing_m"])
    rows = frames.to_rows(leading, _LISTED, REPORTS, "incidents")
    for row, x, y in zip(rows, lon.tolist(), lat.tolist(), strict=True):
        is_located = row["easting_m"] is not None
        yield {
            "incident_id": row["incident_id"],
            "reports": told_by[row["incident_id"]],
            **row,
            "occurred_from": _iso(row["occurred_from"]),
            "occurred_to": _iso(row["occurred_to"]),
            "located": is_located,
            "lon": x if is_located else None,
            "lat": y if is_located else None,
            "description": row["description"] if with_text else "",
        }


def _incidents(
    session: Session, judge: Judge, *, period: Period | None = None, where: ColumnElement[bool] | None = None
) -> pd.DataFrame:
    return _leading(_visible(session, judge, period=period, where=where), period)


def _visible(
    session: Session, judge: Judge, *, period: Period | None = None, where: ColumnElement[bool] | None = None
) -> pd.DataFrame:
    """Return the reports that `judge` lets through, erased ones never, in the order they were stored."""
    conditions = [] if where is None else [where]
    if period is not None:
        # Whole incidents: one whose first report lies before the period must not begin inside it.
        of_period = select(REPORTS.c.incident_id).where(
            REPORTS.c.occurred_from >= period.start_at.to_pydatetime(),
            REPORTS.c.occurred_from < period.end_at.to_pydatetime(),
        )
        conditions.append(REPORTS.c.incident_id.in_(of_period))
    reports = _fetched(session, COLUMNS, conditions)
    return reports[judge(reports)]


def _leading(reports: pd.DataFrame, period: Period | None) -> pd.DataFrame:
    """Keep the first visible report of each incident: who may not see the first is told by the next."""
    pairs = reports[["incident_id", "source"]].drop_duplicates().sort_values(["incident_id", "source"])
    told_by = pairs.groupby("incident_id")["source"].agg(SEPARATOR.join)
    leading = reports.drop_duplicates("incident_id")
    leading = leading.assign(told_by=leading["incident_id"].map(told_by).astype("str"))
    if period is not None:
        leading = leading[period.holds(leading["occurred_from"])]
    return leading.sort_values("incident_id", kind="stable").reset_index(drop=True)


def _fetched(
    session: Session, columns: Sequence[str], conditions: Sequence[ColumnElement[bool]]
) -> pd.DataFrame:
    rows = session.execute(
        select(*(REPORTS.c[name] for name in columns))
        .where(REPORTS.c.erased_at.is_(None), *conditions)
        .order_by(REPORTS.c.report_id)
    )
    return frames.to_frame(rows, columns, REPORTS)


def _iso(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
