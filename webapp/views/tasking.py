"""Proposals, and what the group decides about them."""

import re
from collections.abc import Hashable
from typing import Any

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from mapping.access import Action, Kind
from mapping.errors import NotFoundError
from mapping.store import boundaries, proposals, runs
from webapp import findings, newest, pages, site
from webapp.forms import DecisionForm
from webapp.guard import allows

blueprint = Blueprint("tasking", __name__)


@blueprint.get("/proposals")
@allows(Action.VIEW, Kind.PROPOSAL)
def latest() -> Response | str:
    """Lead to the newest run's proposals, or say how they come to be."""
    return newest.lead_to("tasking.listing")


@blueprint.get("/runs/<int:run_id>/proposals")
@allows(Action.VIEW, Kind.PROPOSAL)
def listing(run_id: int) -> str:
    """List a run's proposals with where each stands."""
    with site.current_site().store.reading() as session:
        run = runs.get(session, run_id, actor=site.actor(), today=site.today())
        edition = boundaries.get(session, run.edition_id)
        frame = proposals.for_run(session, run_id)
    return pages.show(
        "proposals.html",
        is_marked=True,
        run=findings.run_view(run, edition),
        finding=findings.proposals(frame),
        rows=frame.to_dict("records"),
    )


@blueprint.get("/runs/<int:run_id>/proposals/<int:proposal_id>")
@allows(Action.VIEW, Kind.PROPOSAL)
def show(run_id: int, proposal_id: int) -> str:
    """Lay out one proposal: what, because, doubt, and what was decided."""
    return _page(run_id, proposal_id, DecisionForm() if site.may(Action.DECIDE, Kind.PROPOSAL) else None)


@blueprint.post("/runs/<int:run_id>/proposals/<int:proposal_id>")
@allows(Action.DECIDE, Kind.PROPOSAL)
def decide(run_id: int, proposal_id: int) -> Response | tuple[str, int]:
    """Record a decision with its reason and who was there."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(run_id, proposal_id, form), 422
    with site.transaction() as session:
        proposals.decide(
            session,
            proposal_id,
            decision=form.decision.data,
            reason=form.reason.data,
            present=_posts(form.present.data),
            agreed_response=form.agreed_response.data or "",
            actor=site.actor(),
            now=site.now(),
        )
    return redirect(url_for("tasking.show", run_id=run_id, proposal_id=proposal_id))


def _page(run_id: int, proposal_id: int, form: DecisionForm | None) -> str:
    with site.current_site().store.reading() as session:
        run, row = proposals.get(session, proposal_id, actor=site.actor(), today=site.today())
        if run.run_id != run_id:
            raise NotFoundError("This run has no such proposal.")
        edition = boundaries.get(session, run.edition_id)
        history = proposals.history(session, proposal_id)
    proposal: dict[Hashable, Any] = row.to_dict()
    return pages.show(
        "proposal.html",
        is_marked=True,
        run=findings.run_view(run, edition),
        proposal=proposal,
        history=history,
        form=form if proposal["state"] in findings.OPEN_STATES else None,
    )


def _posts(text: str) -> list[str]:
    """Split `chair, inspector and warden manager` into posts."""
    return [post.strip() for post in re.split(r"[,;\n]| and ", text) if post.strip()]
