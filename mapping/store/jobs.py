"""Work in the background: who asked for it, how far it is, and how it ended."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import Action, Actor, Kind
from mapping.errors import ConflictError, NotFoundError
from mapping.store import audit
from mapping.store.models import JobRow


@dataclass(frozen=True)
class Job:
    """One piece of work; `state` is queued, running, done or failed, `share` how much is done (0-1)."""

    job_id: int
    kind: str
    state: str
    share: float
    message: str
    account_id: int
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    result: dict[str, Any]
    error: str

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in {"done", "failed"}


def create(session: Session, *, kind: str, actor: Actor, now: dt.datetime) -> int:
    """Queue a piece of work and return its id."""
    access.require(actor, Action.CREATE, Kind.JOB, today=access.local_day(now))
    row = JobRow(
        kind=kind,
        state="queued",
        share=0.0,
        message="Waiting to start",
        account_id=actor.account_id,
        created_at=now,
        result={},
        error="",
    )
    session.add(row)
    session.flush()
    audit.append(
        session,
        actor=actor,
        action="create",
        kind=Kind.JOB,
        object_id=row.job_id,
        details={"kind": kind},
        now=now,
    )
    return row.job_id


def start(session: Session, job_id: int, *, now: dt.datetime) -> None:
    """Take a queued job up; a worker that comes second is refused (`ConflictError`)."""
    _move(session, job_id, ("queued",), state="running", started_at=now, message="Started")


def advance(session: Session, job_id: int, *, share: float, message: str) -> None:
    """Say how far a running job has come: `share` from 0 to 1, and a sentence without content."""
    _move(session, job_id, ("running",), share=min(max(float(share), 0.0), 1.0), message=message)


def finish(session: Session, job_id: int, *, result: Mapping[str, Any], now: dt.datetime) -> None:
    """Close a running job with its result."""
    _move(
        session,
        job_id,
        ("running",),
        state="done",
        share=1.0,
        message="Done",
        result=dict(result),
        finished_at=now,
    )


def fail(session: Session, job_id: int, *, message: str, now: dt.datetime) -> None:
    """Close a job that went wrong, with a sentence for its reader."""
    _move(
        session,
        job_id,
        ("queued", "running"),
        state="failed",
        message="Failed",
        error=message,
        finished_at=now,
    )


def fail_unfinished(session: Session, *, now: dt.datetime) -> int:
    """Close what a worker that died left running; return how many. For the start of the only worker."""
    ended = session.execute(
        update(JobRow)
        .where(JobRow.state.in_(("queued", "running")))
        .values(
            state="failed",
            message="Failed",
            error="The site stopped before this was finished. No file is half kept: start it again, and "
            "what was kept is not counted twice.",
            finished_at=now,
        )
        .returning(JobRow.job_id)
    )
    return len(ended.all())


def get(session: Session, job_id: int, *, actor: Actor) -> Job:
    """Return one of the account's own jobs.

    Raises
    ------
    NotFoundError
        There is none, or it is someone else's.
    """
    row = session.get(JobRow, job_id, populate_existing=True)
    if row is None or row.account_id != actor.account_id:
        raise NotFoundError("There is no such job among yours.")
    return _job(row)


def list_recent(session: Session, *, actor: Actor, limit: int = 20) -> list[Job]:
    """Return the account's own latest jobs, newest first."""
    chosen = (
        select(JobRow)
        .where(JobRow.account_id == actor.account_id)
        .order_by(JobRow.job_id.desc())
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [_job(row) for row in session.execute(chosen).scalars()]


def _move(session: Session, job_id: int, from_states: tuple[str, ...], **values: Any) -> None:
    moved = session.execute(
        update(JobRow)
        .where(JobRow.job_id == job_id, JobRow.state.in_(from_states))
        .values(**values)
        .returning(JobRow.job_id)
    ).first()
    if moved is None:
        raise ConflictError(f"Job {job_id} is not {' or '.join(from_states)}; another worker may have it.")


def _job(row: JobRow) -> Job:
    return Job(**{name: getattr(row, name) for name in Job.__dataclass_fields__})
