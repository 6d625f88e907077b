"""About a run: settings, method, how well it holds, and that nothing was lost; and asking for a new one."""

from typing import Any

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from mapping import wording
from mapping.access import Action, Kind
from mapping.places import set_apart
from mapping.places.set_apart import EXCLUSION
from mapping.store import agencies, boundaries, run_chains, runs
from webapp import evidence_panel, findings, formatters, newest, pages, site
from webapp.guard import allows

blueprint = Blueprint("runs", __name__)

COUNTS_TITLE = "Every report is accounted for"


@blueprint.get("/about-the-map")
@allows(Action.VIEW, Kind.RUN)
def latest() -> Response | str:
    """Lead to the newest run, or say how one comes to be."""
    return newest.lead_to("runs.show")


@blueprint.get("/runs/<int:run_id>/about")
@allows(Action.VIEW, Kind.RUN)
def show(run_id: int) -> str:
    """Lay out everything that made a run."""
    with site.current_site().store.reading() as session:
        run = runs.get(session, run_id, actor=site.actor(), today=site.today())
        edition = boundaries.get(session, run.edition_id)
        follows = run_chains.followed(session, run_id)
        names = {agency.agency_id: agency.name for agency in agencies.list_all(session)}
    return pages.show(
        "run.html",
        is_marked=True,
        run=findings.run_view(run, edition),
        finding=_finding(run),
        choice=run.choice,
        panel=evidence_panel.panel(run),
        tables=[
            ("What it was made from", _made_from(run, edition, names, follows)),
            (COUNTS_TITLE, _counts(run)),
            *_set_apart(run),
            ("Settings", [_setting(key, value) for key, value in run.settings.items()]),
            ("Versions of what computed it", sorted(run.versions.items())),
            ("Time it took", [(_words(key), f"{value:.1f} seconds") for key, value in run.seconds.items()]),
        ],
        counts_title=COUNTS_TITLE,
        counts_sentence=findings.accounts_for(run.counts),
    )


@blueprint.post("/runs")
@allows(Action.CREATE, Kind.RUN)
def refresh() -> Response:
    """Have the maps drawn again from everything imported so far."""
    job_id = site.current_site().jobs.ask("refresh", {}, actor=site.actor())
    return redirect(url_for("jobs.show", job_id=job_id))


def _finding(run: runs.Run) -> str:
    held = findings.held(run)
    return f"Run {run.run_id}: {held}" if held else f"How run {run.run_id} was made"


def _made_from(
    run: runs.Run, edition: boundaries.Edition, names: dict[str, str], follows: int | None
) -> list[tuple[str, str]]:
    audience = wording.join_words(sorted(names.get(code, code) for code in run.audience.agencies))
    chain = [("Places keep their ids of", f"run {follows}")] if follows else []
    return [
        ("Period", str(run.period)),
        ("Foretells", str(run.horizon)),
        ("Newest report", formatters.date(run.data_to)),
        ("Wards", f"{edition.name}, {edition.ward_count} wards; {edition.source}"),
        ("Method", run.method),
        ("Audience", f"{audience}; for {run.audience.purpose}. Only what all of them may see went in."),
        ("Seed", str(run.seed)),
        *chain,
        ("Made", formatters.moment(run.created_at)),
    ]


def _counts(run: runs.Run) -> list[tuple[str, str]]:
    words = {
        "incidents": "Incidents",
        "in_wards": "In a ward",
        "outside": "Outside every ward",
        "unlocated": "Without any place",
        "placed": "Of those in a ward, placed to within one square",
        "coarse": "Of those in a ward, with a place only roughly known",
        "ward_only": "Of those in a ward, without a point",
        "edge": "Of those placed, in a square whose middle is outside",
        "excluded": "Of those placed, at a place that is left out of squares and hotspots",
        "capped": "Of those in a ward, further reports of one caller that make no square hot and no hotspot",
    }
    return [
        (words.get(key, _words(key)), f"{value:,}")
        for key, value in run.counts.items()
        if isinstance(value, int)  # how each ward's are known is told under its map
    ]


def _set_apart(run: runs.Run) -> list[tuple[str, list[tuple[str, str]]]]:
    """List the places that people had set apart when the run was made, where there was one."""
    rows = [
        (
            one.place.name,
            f"{'Left out' if one.place.treatment == EXCLUSION else 'Set apart with a caution'}, "
            f"{wording.reports(one.reports)} within {one.place.radius_m:.0f} m: {one.place.reason}",
        )
        for one in set_apart.stored(run.counts)
    ]
    return [("Places set apart", rows)] if rows else []


_SETTING_WORDS = {
    "cell_size_m": ("Side of a square", " m"),
    "method": ("Method asked for", ""),
    "top_per_ward": ("Most hotspots a ward may have", ""),
    "seed": ("Seed", ""),
    "horizon_days": ("Days to foretell", ""),
    "categories": ("Categories", ""),
    "from": ("First day", ""),
    "to": ("Day after the last", ""),
    "maps": ("Maps without hotspots that places are held against", ""),
    "harm": ("Harm weights", ""),
}


def _setting(key: str, value: Any) -> tuple[str, str]:
    words, unit = _SETTING_WORDS.get(key, (_words(key), ""))
    if key == "horizon_days" and value is None:
        return words, "the next calendar month"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return words, f"{_said(value)}{unit}"


def _words(key: str) -> str:
    return formatters.sentence(key.replace("_", " "))


def _said(value: Any) -> str:
    if isinstance(value, dict):  # a named table
        return str(value.get("name", "not set"))
    if isinstance(value, list):
        return wording.join_words([str(item) for item in value]) or "all"
    return "not set" if value is None else str(value)
