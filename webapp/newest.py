"""Where a page without a run in its address leads: the newest run that this reader may see."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from mapping.access import Action, Kind
from mapping.errors import NotFoundError
from mapping.store import runs
from webapp import pages, site


def lead_to(endpoint: str) -> Response | str:
    """Lead to that page of the newest run, or say how a run comes to be."""
    with site.current_site().store.reading() as session:
        try:
            run = runs.latest(session, actor=site.actor(), today=site.today())
        except NotFoundError:
            return no_run()
    return redirect(url_for(endpoint, run_id=run.run_id))


def no_run() -> str:
    """Say that there is no run yet, and what makes one."""
    return pages.show("no_run.html", may_refresh=site.may(Action.CREATE, Kind.RUN))
