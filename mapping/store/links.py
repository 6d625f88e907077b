"""Links as people see and decide them: which reports may tell of one event, why, and what was said.

The matcher (`mapping.intake.same_event`) joins what is certain and queues what is doubtful; here a
person answers, takes an answer back, or looks at what was joined. A link is known only to an
account that may see both of its reports: for everybody else it does not exist.
"""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from mapping import access
from mapping.access import Action, Actor, Kind
from mapping.errors import ConflictError, NotAllowedError, NotFoundError
from mapping.store import audit, frames, link_finding, locks, runs
from mapping.store.models import Account, Report
from mapping.store.place_models import LINK_STATES, Link

MOST_LISTED: Final = 200
DECISIONS: Final = ("joined", "apart")

_NO_SUCH: Final = "There is no such link, or one of its reports is not for your agency."


@dataclass(frozen=True)
class Told:
    """One of the two reports, with its words: for who may view reports."""

    report_id: int
    incident_id: int
    source: str
    source_agency: str
    reference: str
    category: str
    stated_category: str
    occurred_from: dt.datetime | None
    occurred_to: dt.datetime | None
    time_precision: str
    reported_at: dt.datetime | None
    place_text: str
    postcode: str
    easting_m: float | None
    northing_m: float | None
    error_m: float | None
    match_level: str
    ward_gss_code: str
    description: str
    handling_code: str
    conditions: str
    restricted_to: str


@dataclass(frozen=True)
class LinkView:
    """A link and its two reports.

    Attributes
    ----------
    state : str
        joined, queued or apart.
    score : float
        How probable it is that both tell of one event, 0-1, as the matcher saw it.
    evidence : dict
        What the score was made of: `distance_m`, `error_m` (both radii together), `minutes`, `words`
        and `accounts` (likeness of places and of descriptions, 0-1; None where one says nothing),
        and `weights`, in bits, by the name of the comparison (see `intake.same_event`).
    effect : float
        What the queue is ordered by: see `queue`.
    decided_by : str
        Name of the account that decided; empty where nobody did.
    """

    link_id: int
    state: str
    score: float
    evidence: dict[str, Any]
    first: Told
    second: Told
    effect: float
    found_at: dt.datetime
    decided_by: str
    decided_at: dt.datetime | None
    reason: str


def queue(session: Session, *, actor: Actor, today: dt.date, limit: int = MOST_LISTED) -> list[LinkView]:
    """Return the doubtful links that wait for a person, those that matter most to the map first.

    Notes
    -----
    `effect` is the doubt, `2 min(score, 1 - score)`, times one more than the events that the newest map
    this account may read foretells for the place in its coming period. Joining two reports takes one
    event off a place: where much is foretold that can move a hotspot in the list, elsewhere it changes a
    ward's total by one. Without a map the doubt alone orders them.

    Raises
    ------
    NotAllowedError
        The account may not see links.
    """
    return listing(session, state="queued", actor=actor, today=today, limit=limit)


def listing(
    session: Session, *, state: str, actor: Actor, today: dt.date, limit: int = MOST_LISTED
) -> list[LinkView]:
    """Return links of a state (joined, queued or apart): the queue by effect, others newest first."""
    access.require(actor, Action.VIEW, Kind.LINK, today=today)
    if state not in LINK_STATES:
        raise ConflictError(f"A link is one of {', '.join(LINK_STATES)}.")
    found = _with_effects(session, _views(session, [Link.state == state], actor, today), actor, today)
    if state == "queued":
        found.sort(key=lambda view: (-view.effect, view.link_id))
    else:
        found.sort(key=lambda view: (view.decided_at or view.found_at, view.link_id), reverse=True)
    return found[:limit]


def get(session: Session, link_id: int, *, actor: Actor, today: dt.date) -> LinkView:
    """Return one link.

    Raises
    ------
    NotAllowedError
        The account may not see links.
    NotFoundError
        There is none, or the account may not see both of its reports.
    """
    access.require(actor, Action.VIEW, Kind.LINK, today=today)
    found = _views(session, [Link.link_id == link_id], actor, today)
    if not found:
        raise NotFoundError(_NO_SUCH)
    return _with_effects(session, found, actor, today)[0]


def decide(
    session: Session, link_id: int, *, decision: str, reason: str, actor: Actor, now: dt.datetime
) -> LinkView:
    """Join the two reports or keep them apart, as a person says; return the link as it is then.

    Works on a link in any state, so that what was joined by itself, or decided before, can be taken
    back. What a person decided is never changed or queued again by the matcher. The other reports
    about are looked at again: keeping two apart may free one of them for another.

    Parameters
    ----------
    decision : str
        joined or apart.
    reason : str
        In the person's words; kept with the link, never in the log. May be empty.

    Raises
    ------
    NotAllowedError
        The account may not decide links.
    NotFoundError
        There is none, or the account may not see both of its reports.
    ConflictError
        The decision is neither.
    """
    today = access.local_day(now)
    access.require(actor, Action.DECIDE, Kind.LINK, today=today)
    if decision not in DECISIONS:
        raise ConflictError(f"A link is decided as one of {', '.join(DECISIONS)}.")
    locks.hold_records(session)  # the matcher must not look at the same reports meanwhile
    before = get(session, link_id, actor=actor, today=today)
    row = session.get_one(Link, link_id, populate_existing=True)
    row.state, row.reason = decision, reason.strip()
    row.decided_by, row.decided_at = actor.account_id, now
    session.flush()
    link_finding.look_again(session, [before.first.report_id, before.second.report_id], now=now)
    audit.append(
        session,
        actor=actor,
        action="decide",
        kind=Kind.LINK,
        object_id=link_id,
        details={"from": before.state, "to": decision, "score": round(before.score, 4)},
        now=now,
    )
    return get(session, link_id, actor=actor, today=today)


_TOLD: Final = tuple(Told.__dataclass_fields__)
_OF_LINK: Final = ("link_id", "state", "score", "evidence", "found_at", "decided_at", "reason")


def _views(
    session: Session, conditions: Sequence[ColumnElement[bool]], actor: Actor, today: dt.date
) -> list[LinkView]:
    """Return the links of which this account may see both reports, without their effect."""
    first, second = aliased(Report), aliased(Report)
    rows = session.execute(
        select(
            *(getattr(Link, name) for name in _OF_LINK),
            Account.name,
            *(getattr(side, name) for side in (first, second) for name in _TOLD),
        )
        .join(first, first.report_id == Link.first_report_id)
        .join(second, second.report_id == Link.second_report_id)
        .outerjoin(Account, Account.account_id == Link.decided_by)
        .where(first.erased_at.is_(None), second.erased_at.is_(None), *conditions)
        .order_by(Link.link_id)
    ).all()
    split = len(_OF_LINK) + 1, len(_OF_LINK) + 1 + len(_TOLD)
    sides = [Told(*row[split[0] : split[1]]) for row in rows], [Told(*row[split[1] :]) for row in rows]
    seen = _visible(sides[0], actor, today) & _visible(sides[1], actor, today)
    return [
        LinkView(
            first=one,
            second=other,
            effect=0.0,
            decided_by=row[len(_OF_LINK)] or "",
            **dict(zip(_OF_LINK, row, strict=False)),
        )
        for row, one, other, may in zip(rows, *sides, seen.tolist(), strict=True)
        if may
    ]


def _visible(reports: Iterable[Told], actor: Actor, today: dt.date) -> npt.NDArray[np.bool_]:
    facts = [[getattr(report, name) for name in access.RECORD_COLUMNS] for report in reports]
    frame = frames.to_frame(facts, access.RECORD_COLUMNS, Report.__table__)  # type: ignore[arg-type]
    return access.may_see(frame, actor, today=today)


def _with_effects(
    session: Session, views: Sequence[LinkView], actor: Actor, today: dt.date
) -> list[LinkView]:
    """Add what an answer would change, from the newest map that this account may read."""
    foretold = _foretold(session, [view.first for view in views], actor, today)
    return [
        replace(view, effect=2 * min(view.score, 1 - view.score) * (1 + events))
        for view, events in zip(views, foretold, strict=True)
    ]


def _foretold(session: Session, reports: Sequence[Told], actor: Actor, today: dt.date) -> list[float]:
    """Return the events that the newest map foretells for the cell of each report; 0 where none is kept."""
    try:
        run = runs.latest(session, actor=actor, today=today)
    except (NotFoundError, NotAllowedError):
        return [0.0] * len(reports)
    cells = runs.cells(session, run.run_id)
    if cells.empty or not reports:
        return [0.0] * len(reports)
    size = float(run.settings.get("cell_size_m", 100.0))
    known = {
        (math.floor(east / size), math.floor(north / size)): score
        for east, north, score in zip(cells["easting_m"], cells["northing_m"], cells["score"], strict=True)
    }
    return [
        float(known.get((math.floor(report.easting_m / size), math.floor(report.northing_m / size)), 0.0))
        if report.easting_m is not None and report.northing_m is not None
        else 0.0
        for report in reports
    ]
