"""Proposals of a run, and what a group decided on them, every decision kept."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from mapping import access, schema
from mapping.access import Action, Actor, Kind
from mapping.errors import ConflictError, NotFoundError
from mapping.store import audit, frames, runs
from mapping.store.models import Account
from mapping.store.run_models import RunProposal, Tasking, TaskingDecision
from mapping.store.runs import PROPOSALS

PROPOSED: Final = "proposed"
# From each state, what may be decided and where it leads. What was accepted or declined is settled:
# the next run proposes again if the place calls for it.
OUTCOMES: Final = {"accept": "accepted", "change": "changed", "defer": "deferred", "decline": "declined"}
OPEN_STATES: Final = frozenset({PROPOSED, "deferred"})
LEAST_REASON_LETTERS: Final = 3
LONGEST_TEXT: Final = 2000

_COLUMNS: Final = ["proposal_id", "label", *(name for name in schema.PROPOSALS if name != "proposal_id")]


@dataclass(frozen=True)
class Decision:
    """One decision on a proposal."""

    from_state: str
    to_state: str
    reason: str
    response: str
    present: tuple[str, ...]
    decided_by: int
    decided_by_name: str
    decided_at: dt.datetime


def for_run(session: Session, run_id: int, *, ward: str | None = None) -> pd.DataFrame:
    """Return a run's proposals by rank, each with where it stands.

    Returns
    -------
    DataFrame
        `schema.PROPOSALS` with `proposal_id` (int) as the store's pages and `decide` name it and `label` as
        the run named it; `state` (proposed, accepted, changed, deferred, declined) and, of the latest
        decision, `reason`, `agreed_response`, `present` (posts separated by ` | `), `decided_by` (account
        name) and `decided_at` (NaT where nobody decided yet).
    """
    chosen = select(*(PROPOSALS.c[name] for name in _COLUMNS)).where(PROPOSALS.c.run_id == run_id)
    if ward is not None:
        chosen = chosen.where(PROPOSALS.c.ward_gss_code == ward)
    frame = frames.to_frame(session.execute(chosen.order_by(PROPOSALS.c.rank)), _COLUMNS, PROPOSALS)
    return _with_decisions(frame, _decisions(session, RunProposal.run_id == run_id))


def _with_decisions(frame: pd.DataFrame, decided: dict[int, list[Decision]]) -> pd.DataFrame:
    """Add where each proposal stands by the latest of its decisions."""
    told = [decided.get(number, [None])[-1] for number in frame["proposal_id"].tolist()]
    frame["state"] = pd.Series([one.to_state if one else PROPOSED for one in told], dtype="str")
    frame["reason"] = pd.Series([one.reason if one else "" for one in told], dtype="str")
    frame["agreed_response"] = pd.Series([one.response if one else "" for one in told], dtype="str")
    frame["present"] = pd.Series([" | ".join(one.present) if one else "" for one in told], dtype="str")
    frame["decided_by"] = pd.Series([one.decided_by_name if one else "" for one in told], dtype="str")
    moments = [one.decided_at.replace(tzinfo=None) if one else None for one in told]
    frame["decided_at"] = pd.Series(pd.array(moments, dtype="datetime64[us]")).dt.tz_localize("UTC")
    return frame


def get(session: Session, proposal_id: int, *, actor: Actor, today: dt.date) -> "tuple[runs.Run, pd.Series]":
    """Return the run of a proposal and its row of `for_run`.

    Raises
    ------
    NotFoundError
        There is none that this account may know of.
    """
    run_id = session.execute(
        select(RunProposal.run_id).where(RunProposal.proposal_id == proposal_id)
    ).scalar()
    try:
        run = runs.get(session, run_id or 0, actor=actor, today=today)
    except NotFoundError:
        # The same words whether it is another audience's or none: the answer must not tell which.
        raise NotFoundError("There is no such proposal for your agency, or its run was withdrawn.") from None
    frame = for_run(session, run.run_id)
    return run, frame[frame["proposal_id"] == proposal_id].iloc[0]


def history(session: Session, proposal_id: int) -> list[Decision]:
    """Return every decision on a proposal, oldest first. Ask `get` first whether the reader may."""
    return _decisions(session, RunProposal.proposal_id == proposal_id).get(proposal_id, [])


def decide(
    session: Session,
    proposal_id: int,
    *,
    decision: str,
    reason: str,
    present: Sequence[str],
    agreed_response: str = "",
    actor: Actor,
    now: dt.datetime,
) -> str:
    """Record what a group decided, and return the state the proposal is in now.

    Parameters
    ----------
    decision : str
        accept, change, defer or decline. A deferred proposal can be decided again; a settled one cannot.
    reason : str
        Why, in words.
    present : sequence of str
        Who was there, by post; at least one.
    agreed_response : str
        What was agreed instead; needed for `change`, and only there.

    Raises
    ------
    NotAllowedError
        The account may not decide.
    NotFoundError
        There is no such proposal that it may know of.
    ConflictError
        It is settled already, or words are missing.
    """
    today = access.local_day(now)
    access.require(actor, Action.DECIDE, Kind.PROPOSAL, today=today)
    get(session, proposal_id, actor=actor, today=today)
    to_state, words, posts, agreed = _checked(decision, reason, present, agreed_response)
    # Locked through its proposal, so that two decisions cannot both be the first.
    session.get(RunProposal, proposal_id, with_for_update=True)
    tasking = session.execute(
        select(Tasking).where(Tasking.proposal_id == proposal_id).execution_options(populate_existing=True)
    ).scalar_one_or_none()
    from_state = tasking.state if tasking else PROPOSED
    if from_state not in OPEN_STATES:
        raise ConflictError(f"This proposal was {from_state} meanwhile; reload to see by whom and why.")
    if tasking is None:
        tasking = Tasking(proposal_id=proposal_id, state=to_state, response=agreed, decided_at=now)
        session.add(tasking)
    tasking.state, tasking.response, tasking.decided_at = to_state, agreed, now
    session.flush()
    session.add(
        TaskingDecision(
            tasking_id=tasking.tasking_id,
            from_state=from_state,
            to_state=to_state,
            reason=words,
            response=agreed,
            present=posts,
            decided_by=actor.account_id,
            decided_at=now,
        )
    )
    audit.append(
        session,
        actor=actor,
        action=decision,
        kind=Kind.PROPOSAL,
        object_id=proposal_id,
        details={"from": from_state, "to": to_state, "present": len(posts)},
        now=now,
    )
    return to_state


def _checked(
    decision: str, reason: str, present: Sequence[str], agreed_response: str
) -> tuple[str, str, list[str], str]:
    """Return the state, the words and the posts of a decision, or refuse what is missing."""
    if decision not in OUTCOMES:
        raise ConflictError(f"A decision is one of: {', '.join(OUTCOMES)}.")
    words, agreed = reason.strip()[:LONGEST_TEXT], agreed_response.strip()[:LONGEST_TEXT]
    posts = [post for post in (" ".join(name.split())[:200] for name in present) if _is_worded(post, 1)]
    if not _is_worded(words):
        raise ConflictError("A decision needs a reason in words; say why in a sentence.")
    if not posts:
        raise ConflictError("Say who was present, by post; a decision needs at least one.")
    if decision == "change" and not _is_worded(agreed):
        raise ConflictError("Say what was agreed instead of the proposed response.")
    return OUTCOMES[decision], words, posts, agreed if decision == "change" else ""


def _is_worded(text: str, least: int = LEAST_REASON_LETTERS) -> bool:
    """Whether a text says something: a full stop or three dashes do not."""
    return sum(character.isalnum() for character in text) >= least


def _decisions(session: Session, which: ColumnElement[bool]) -> dict[int, list[Decision]]:
    """Return the decisions on some proposals, by proposal, oldest first."""
    chosen = (
        select(RunProposal.proposal_id, TaskingDecision, Account.name)
        .join(Tasking, Tasking.proposal_id == RunProposal.proposal_id)
        .join(TaskingDecision, TaskingDecision.tasking_id == Tasking.tasking_id)
        .join(Account, Account.account_id == TaskingDecision.decided_by)
        .where(which)
        .order_by(TaskingDecision.decision_id)
    )
    found: dict[int, list[Decision]] = {}
    for proposal_id, row, name in session.execute(chosen):
        found.setdefault(proposal_id, []).append(_decision(row, name))
    return found


def _decision(row: TaskingDecision, name: str) -> Decision:
    return Decision(
        from_state=row.from_state,
        to_state=row.to_state,
        reason=row.reason,
        response=row.response,
        present=tuple(row.present),
        decided_by=row.decided_by,
        decided_by_name=name,
        decided_at=row.decided_at,
    )
