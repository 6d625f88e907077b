"""Borough and ward: the list in words on the left, the map on the right."""

from typing import Any

from flask import Blueprint, Response, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from mapping import wording
from mapping.access import Action, Kind
from mapping.errors import NotFoundError
from mapping.hotspots import identity_words
from mapping.publishing import assets
from mapping.publishing.wording import HotspotWords, describe
from mapping.store import boundaries, proposals, run_chains, runs
from webapp import evidence_panel, findings, formatters, newest, pages, site
from webapp.guard import allows, open_page

blueprint = Blueprint("maps", __name__)

LISTED_PLACES = 10


@blueprint.get("/borough")
@allows(Action.VIEW, Kind.BOROUGH_MAP)
def latest() -> BaseResponse | str:
    """Lead to the newest run's borough map, or say how one comes to be."""
    return newest.lead_to("maps.borough")


@blueprint.get("/runs/<int:run_id>")
@allows(Action.VIEW, Kind.BOROUGH_MAP)
def borough(run_id: int) -> str:
    """Say which places of the borough stand out, and show them."""
    now = site.current_site()
    with now.store.reading() as session:
        run = runs.get(session, run_id, actor=site.actor(), today=site.today())
        edition = boundaries.get(session, run.edition_id)
        wards = boundaries.wards(session, run.edition_id)
        hotspots = runs.hotspots(session, run_id)
        proposed = proposals.for_run(session, run_id)
        lost = run_chains.gone(session, run_id)
        parts = now.pictures.draw(session, run, with_points=_sees_points())
    first = hotspots.sort_values("rank").head(LISTED_PLACES)
    return pages.show(
        "borough.html",
        is_marked=True,
        is_wide=True,
        run=findings.run_view(run, edition),
        panel=evidence_panel.panel(run),
        finding=findings.borough(hotspots, proposed),
        subtitle=f"{_subtitle(run)} {findings.recorded(hotspots)}",
        places=_places(first, run_id, proposed),
        more_places=len(hotspots) - len(first),
        gone=_gone(lost),
        wards=_ward_rows(wards, hotspots),
        parts=parts,
    )


@blueprint.get("/runs/<int:run_id>/wards/<gss>")
@allows(Action.VIEW, Kind.WARD_MAP)
def ward(run_id: int, gss: str) -> str:
    """Say which places of a ward stand out, and show them."""
    now = site.current_site()
    with now.store.reading() as session:
        run = runs.get(session, run_id, actor=site.actor(), today=site.today())
        edition = boundaries.get(session, run.edition_id)
        name = _ward_name(boundaries.wards(session, run.edition_id), gss)
        hotspots = runs.hotspots(session, run_id, ward=gss)
        proposed = proposals.for_run(session, run_id)
        lost = run_chains.gone(session, run_id)
        parts = now.pictures.draw(session, run, ward=gss, with_points=_sees_points())
    return pages.show(
        "ward.html",
        is_marked=True,
        is_wide=True,
        run=findings.run_view(run, edition, ward=gss),
        panel=evidence_panel.panel(run, ward=gss, ward_name=name),
        finding=findings.ward(name, hotspots),
        subtitle=f"{_subtitle(run)} {findings.recorded(hotspots)}",
        ward_name=name,
        gss=gss,
        places=_places(hotspots.sort_values("rank"), run_id, proposed, in_ward=True),
        gone=_gone(lost[lost["ward_gss_code"] == gss]),
        unusual=findings.unusual(run.counts, {gss: name}, ward=gss),
        unusual_heading=findings.unusual_heading(run.counts),
        parts=parts,
    )


@blueprint.get("/runs/<int:run_id>/map.js")
@allows(Action.VIEW, Kind.BOROUGH_MAP)
def borough_script(run_id: int) -> Response:
    """Serve the borough map's data to the page, for this reader alone."""
    return _script(run_id, "")


@blueprint.get("/runs/<int:run_id>/wards/<gss>/map.js")
@allows(Action.VIEW, Kind.WARD_MAP)
def ward_script(run_id: int, gss: str) -> Response:
    """Serve a ward map's data to the page, for this reader alone."""
    return _script(run_id, gss)


@blueprint.get("/map-files/<path:name>")
@open_page
def asset(name: str) -> Response:
    """Serve a script, style or image that is the same for every map."""
    return send_file(assets.asset_path(name), conditional=True)


def _script(run_id: int, gss: str) -> Response:
    now = site.current_site()
    with now.store.reading() as session:
        run = runs.get(session, run_id, actor=site.actor(), today=site.today())
        parts = now.pictures.draw(session, run, ward=gss, with_points=_sees_points())
    return Response(parts.script, mimetype="text/javascript")


def _sees_points() -> bool:
    """Say whether the reader may know where single reports lie, and not only how many gather."""
    return site.may(Action.VIEW, Kind.INCIDENT)


def _subtitle(run: runs.Run) -> str:
    what = wording.join_words(run.settings.get("categories") or []) or "All reports"
    return f"{what}, {run.period}. Shaded squares: reports expected from {run.horizon}."


def _ward_name(wards: Any, gss: str) -> str:
    names = wards.loc[wards["ward_gss_code"] == gss, "ward_name"]
    if names.empty:
        raise NotFoundError("The wards of this run have no such code.")
    return str(names.iloc[0])


def _places(
    hotspots: Any, run_id: int, proposed: Any, *, in_ward: bool = False
) -> list[tuple[HotspotWords, str, str]]:
    """Put hotspots into words, each with its page and what is proposed there."""
    responses = dict(zip(proposed["hotspot_id"], proposed["response"], strict=True))
    states = dict(zip(proposed["hotspot_id"], proposed["state"], strict=True))
    return [
        (
            describe(row, number=place if in_ward else int(row.rank), show_rank=in_ward),
            url_for("hotspots.show", run_id=run_id, hotspot_id=row.hotspot_id),
            _note(responses.get(row.hotspot_id, ""), states.get(row.hotspot_id, "")),
        )
        for place, row in enumerate(hotspots.itertuples(index=False), start=1)
    ]


def _gone(lost: Any) -> str:
    return identity_words.gone(zip(lost["hotspot_id"], lost["place_name"], strict=True))


def _note(response: str, state: str) -> str:
    return f"{formatters.sentence(response)}: {state}." if response else ""


def _ward_rows(wards: Any, hotspots: Any) -> list[dict[str, Any]]:
    """Count hotspots by ward, the busiest first."""
    rows = []
    for code, name in zip(wards["ward_gss_code"], wards["ward_name"], strict=True):
        own = hotspots[hotspots["ward_gss_code"] == code].sort_values("rank")
        rows.append(
            {
                "code": code,
                "name": name,
                "hotspots": len(own),
                "reports": int(own["incident_count"].sum()),
                "first": formatters.place(own["place_name"].iloc[0]) if len(own) else "",
            }
        )
    return sorted(rows, key=lambda row: (-row["hotspots"], -row["reports"], row["name"]))
