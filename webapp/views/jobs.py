"""How far a piece of background work is."""

from flask import Blueprint, Response, jsonify, url_for

from mapping.access import Action, Kind
from mapping.store import jobs
from mapping.store.jobs import Job
from webapp import pages, site
from webapp.guard import allows

blueprint = Blueprint("jobs", __name__)

# kind: (while it runs, when it is done, when it failed)
_WORDS = {
    "import": ("The file is being imported", "The file was imported", "The file was not imported"),
    "refresh": ("The maps are being drawn", "The maps were drawn again", "The maps were not drawn"),
}


@blueprint.get("/jobs/<int:job_id>")
@allows(Action.VIEW, Kind.JOB)
def show(job_id: int) -> str:
    """Say how far it is, and where it leads when it is over."""
    job = _find(job_id)
    running, done, failed = _WORDS[job.kind]
    finding = failed if job.state == "failed" else done if job.is_over else running
    next_href, next_words = _onward(job)
    return pages.show("job.html", finding=finding, job=job, next_href=next_href, next_words=next_words)


@blueprint.get("/jobs/<int:job_id>.json")
@allows(Action.VIEW, Kind.JOB)
def state(job_id: int) -> Response:
    """Answer the page's own script."""
    job = _find(job_id)
    return jsonify(share=job.share, message=job.message, is_over=job.is_over)


def _find(job_id: int) -> Job:
    with site.current_site().store.reading() as session:
        return jobs.get(session, job_id, actor=site.actor())


def _onward(job: Job) -> tuple[str, str]:
    if job.kind == "import":
        if job.state == "done":
            return url_for("imports.show", import_id=job.result["import_id"]), "See what became of every row"
        return url_for("imports.new"), "Send the file again"
    if job.state == "done":
        return url_for("maps.borough", run_id=job.result["run_id"]), "Open the borough map"
    return url_for("home.show"), "Back to the home page"
