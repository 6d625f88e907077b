"""Where intelligence gathers: a list for those who may read it, beside a run and never part of it."""

from flask import Blueprint

from mapping.access import Action, Kind
from mapping.hotspots.intelligence_layer import gather
from mapping.store import boundaries, incidents, intelligence_reading, runs
from webapp import beside, findings, intelligence, pages, site
from webapp.guard import allows

blueprint = Blueprint("intelligence", __name__)


@blueprint.get("/runs/<int:run_id>/intelligence")
@allows(Action.VIEW, Kind.INTELLIGENCE)
def show(run_id: int) -> str:
    """List the places where intelligence gathers, those without reports first."""
    actor, today = site.actor(), site.today()
    with site.current_site().store.reading() as session:
        run = runs.get(session, run_id, actor=actor, today=today)
        edition = boundaries.get(session, run.edition_id)
        wards = boundaries.wards(session, run.edition_id)
        items = intelligence_reading.load(session, actor=actor, period=run.period, today=today)
        reports = incidents.load(session, run.audience, run.period, today=today)
        wanted = run.settings.get("categories") or []
        if wanted:
            reports = reports[reports["category"].isin(wanted)]
        found = gather(items, reports, runs.hotspots(session, run_id))
        names = intelligence.agency_names(session)
    return pages.show(
        "intelligence.html",
        is_marked=True,
        run=findings.run_view(run, edition),
        finding=beside.finding(found),
        places=beside.gathered(found, items, wards, names),
        items=len(items),
    )
