"""What accounts sent in by a form, and what has become of it: told to each about its own alone.

The writer learns whether it was received, placed, used and acted on, with dates. Which hotspot, which
run and which proposal that was is never said: a councillor must not learn of operations by it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import RECORD_COLUMNS, Action, Actor, Audience, Kind
from mapping.errors import ConflictError, NotFoundError
from mapping.periods import Period
from mapping.store import agreements, audit, boundaries, frames, shelves
from mapping.store.models import BoundaryEdition, Submission, Ward
from mapping.store.run_models import RunAgency, RunHotspotMember, RunProposal, RunRow, Tasking
from mapping.store.shelves import SHELVES, Shelf

ACTED_ON: Final = ("accepted", "changed")
MOST_LISTED: Final = 100

_COLUMNS: Final = (
    "reference", "category", "stated_category", "occurred_from", "occurred_to", "time_precision",
    "place_text",
    "description", "handling_code", "conditions", "restricted_to", "source_agency", "ward_gss_code",
    "placement", "boundary_edition", "stored_at", "erased_at",
)  # fmt: skip
_INCIDENTS: Final = ("incident_id", "own_incident_id")


@dataclass(frozen=True)
class Sent:
    """One thing that an account sent in, and when each step was reached; None where it was not yet.

    `placement` and `ward_name` say where it was placed. An intelligence item is never counted, so it
    is never used or acted on here, and its words are not given back: some are for analysts alone.
    """

    submission_id: int
    kind: str
    reference: str
    stated_category: str
    occurred_from: dt.datetime | None
    occurred_to: dt.datetime | None
    time_precision: str
    place_text: str
    description: str
    removed: dict[str, int]
    sent_at: dt.datetime
    placement: str
    ward_name: str
    is_erased: bool
    used_at: dt.datetime | None = None
    acted_on_at: dt.datetime | None = None

    @property
    def is_placed(self) -> bool:
        """Whether it has a ward or a point."""
        return self.placement != "unlocated"


def add(
    session: Session,
    *,
    kind: str,
    report_key: str,
    removed: Mapping[str, int],
    import_id: int | None,
    actor: Actor,
    now: dt.datetime,
) -> int:
    """Note that a record which was just stored came from this account; return the submission's id.

    Parameters
    ----------
    kind : str
        reports or intelligence.
    removed : mapping of str to int
        How many identifiers of which kind were taken out before it was stored.
    """
    known = find(session, kind=kind, report_key=report_key, actor=actor)
    if known is not None:
        return known
    shelf = SHELVES[kind]
    record_id = session.execute(
        select(shelf.table.c[shelf.record_id]).where(shelf.table.c.report_key == report_key)
    ).scalar_one()
    row = Submission(
        **{shelf.record_id: record_id}, account_id=actor.account_id, removed=dict(removed), sent_at=now
    )
    session.add(row)
    session.flush()
    audit.append(
        session,
        actor=actor,
        action="send in",
        kind=Kind.SUBMISSION if kind == "reports" else Kind.INTELLIGENCE,
        object_id=row.submission_id,
        details={"import": import_id, "removed": dict(removed)},
        now=now,
    )
    return row.submission_id


def find(session: Session, *, kind: str, report_key: str, actor: Actor) -> int | None:
    """Return the id of what this account sent in under a key, or None.

    Raises
    ------
    ConflictError
        Another account did.
    """
    shelf = SHELVES[kind]
    held = session.execute(
        select(Submission.submission_id, Submission.account_id)
        .join(shelf.table, shelf.table.c[shelf.record_id] == getattr(Submission, shelf.record_id))
        .where(shelf.table.c.report_key == report_key)
    ).first()
    if held is None:
        return None
    if held.account_id != actor.account_id:
        raise ConflictError("This form was sent in already; open a new one.")
    return int(held.submission_id)


def list_own(session: Session, *, actor: Actor, today: dt.date) -> list[Sent]:
    """Return what this account sent in, newest first, `MOST_LISTED` at most.

    Raises
    ------
    NotAllowedError
        The account sends nothing in, or its agency's agreements are closed.
    """
    access.require(actor, Action.VIEW, Kind.SUBMISSION, today=today)
    return _sent(session, Submission.account_id == actor.account_id, actor=actor, today=today)


def get_own(session: Session, submission_id: int, *, actor: Actor, today: dt.date) -> Sent:
    """Return one thing that this account sent in.

    Raises
    ------
    NotAllowedError
        As `list_own`.
    NotFoundError
        There is none, or it is somebody else's.
    """
    access.require(actor, Action.VIEW, Kind.SUBMISSION, today=today)
    own = (Submission.submission_id == submission_id) & (Submission.account_id == actor.account_id)
    found = _sent(session, own, actor=actor, today=today)
    if not found:
        raise NotFoundError("You have sent in nothing under this number.")
    return found[0]


def ward_names(session: Session) -> dict[str, str]:
    """Return GSS code to name of the wards in use, by name; none where there is none."""
    edition = boundaries.in_use(session)
    if edition is None:
        return {}
    rows = session.execute(
        select(Ward.ward_gss_code, Ward.ward_name)
        .where(Ward.edition_id == edition.edition_id)
        .order_by(Ward.ward_name, Ward.ward_gss_code)
    )
    return {row.ward_gss_code: row.ward_name for row in rows}


def _sent(session: Session, which: ColumnElement[bool], *, actor: Actor, today: dt.date) -> list[Sent]:
    found = [
        sent
        for shelf in SHELVES.values()
        for sent in _of_shelf(session, shelf, which, actor=actor, today=today)
    ]
    return sorted(found, key=lambda sent: sent.submission_id, reverse=True)[:MOST_LISTED]


def _of_shelf(
    session: Session, shelf: Shelf, which: ColumnElement[bool], *, actor: Actor, today: dt.date
) -> list[Sent]:
    table = shelf.table
    link = getattr(Submission, shelf.record_id)
    columns = [*_COLUMNS, *(_INCIDENTS if shelf.belongs_to_incidents else [])]
    rows = [
        dict(row)
        for row in session.execute(
            select(
                Submission.submission_id,
                Submission.removed,
                Submission.sent_at,
                Ward.ward_name,
                *(table.c[name] for name in columns),
            )
            .join(table, table.c[shelf.record_id] == link)
            .outerjoin(BoundaryEdition, BoundaryEdition.name == table.c.boundary_edition)
            .outerjoin(
                Ward,
                (Ward.edition_id == BoundaryEdition.edition_id)
                & (Ward.ward_gss_code == table.c.ward_gss_code),
            )
            .where(which)
            .order_by(Submission.submission_id.desc())
            .limit(MOST_LISTED)
        ).mappings()
    ]
    if not rows:
        return []
    seen = access.may_see(_as_frame(rows), actor, today=today).tolist()
    is_counted = shelf is shelves.REPORTS
    sent = [
        _as_sent(row, shelf.kind, with_words=is_counted and may) for row, may in zip(rows, seen, strict=True)
    ]
    return _with_use(session, sent, rows, today=today) if is_counted else sent


def _as_sent(row: Mapping[str, Any], kind: str, *, with_words: bool) -> Sent:
    return Sent(
        submission_id=row["submission_id"],
        kind=kind,
        reference=row["reference"],
        stated_category=row["stated_category"],
        occurred_from=row["occurred_from"],
        occurred_to=row["occurred_to"],
        time_precision=row["time_precision"],
        place_text=row["place_text"] if with_words else "",
        description=row["description"] if with_words else "",
        removed=row["removed"],
        sent_at=row["sent_at"],
        placement=row["placement"],
        ward_name=row["ward_name"] or "",
        is_erased=row["erased_at"] is not None,
    )


def _with_use(
    session: Session, sent: Sequence[Sent], rows: Sequence[Mapping[str, Any]], *, today: dt.date
) -> list[Sent]:
    """Add when each report was first counted in a map, and when a group first agreed to act on it."""
    used = _first_counted(session, rows, today=today)
    # A map made before another source's report was joined to it knows it by the incident it came with.
    acted = _first_acted_on(session, [row[name] for row in rows for name in _INCIDENTS])
    return [
        replace(
            one,
            used_at=used.get(place),
            acted_on_at=min((acted[row[name]] for name in _INCIDENTS if row[name] in acted), default=None),
        )
        if not one.is_erased
        else one
        for place, (one, row) in enumerate(zip(sent, rows, strict=True))
    ]


def _first_counted(
    session: Session, rows: Sequence[Mapping[str, Any]], *, today: dt.date
) -> dict[int, dt.datetime]:
    """Return when the first run that stands was made with each report, by its place in `rows`.

    A run counts a report that is in a ward, began in the run's period, was there when it was made, is
    of its categories, and that all of its audience may see.
    """
    frame = _as_frame(rows)
    waiting = frame["placement"] == "in ward"
    everything = agreements.list_all(session, today=today)
    found: dict[int, dt.datetime] = {}
    oldest = min(row["stored_at"] for row in rows)
    for run in session.execute(
        select(RunRow)
        .where(RunRow.withdrawn_at.is_(None), RunRow.created_at >= oldest)
        .order_by(RunRow.run_id)
    ).scalars():
        if not waiting.any():
            break
        counted = waiting & Period(run.period_start_on, run.period_end_on).holds(frame["occurred_from"])
        counted &= pd.Series([row["stored_at"] <= run.created_at for row in rows])
        if run.settings.get("categories"):
            counted &= frame["category"].isin(run.settings["categories"])
        if counted.any():
            counted &= access.enters_run(frame, _audience(session, run), everything, today=today)
        found |= dict.fromkeys(frame.index[counted].tolist(), run.created_at)
        waiting &= ~counted
    return found


def _audience(session: Session, run: RunRow) -> Audience:
    named = session.execute(select(RunAgency.agency_id).where(RunAgency.run_id == run.run_id)).scalars()
    return Audience(frozenset(named), run.purpose)


def _first_acted_on(session: Session, incident_ids: Sequence[int]) -> dict[int, dt.datetime]:
    """Return when a group first accepted or changed a proposal for a hotspot that each incident is in."""
    rows = session.execute(
        select(RunHotspotMember.incident_id, func.min(Tasking.decided_at))
        .join(RunRow, RunRow.run_id == RunHotspotMember.run_id)
        .join(
            RunProposal,
            (RunProposal.run_id == RunHotspotMember.run_id)
            & (RunProposal.hotspot_id == RunHotspotMember.hotspot_id),
        )
        .join(Tasking, Tasking.proposal_id == RunProposal.proposal_id)
        .where(
            RunHotspotMember.incident_id.in_(incident_ids),
            RunRow.withdrawn_at.is_(None),
            Tasking.state.in_(ACTED_ON),
        )
        .group_by(RunHotspotMember.incident_id)
    )
    return {incident_id: decided_at for incident_id, decided_at in rows}  # noqa: C416


def _as_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    columns = [*dict.fromkeys((*RECORD_COLUMNS, "occurred_from", "placement", "category"))]
    return frames.to_frame([[row[name] for name in columns] for row in rows], columns, shelves.REPORTS.table)
