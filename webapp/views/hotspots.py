"""One hotspot: why here, when, who reports it, and what to doubt."""

from typing import Any

from flask import Blueprint

from mapping import crs
from mapping.access import Action, Kind
from mapping.errors import NotFoundError
from mapping.hotspots import identity_words
from mapping.publishing.wording import describe
from mapping.store import boundaries, proposals, runs
from webapp import beside, charts, evidence_panel, findings, intelligence, pages, site
from webapp.guard import allows

blueprint = Blueprint("hotspots", __name__)


@blueprint.get("/runs/<int:run_id>/hotspots/<hotspot_id>")
@allows(Action.VIEW, Kind.HOTSPOT)
def show(run_id: int, hotspot_id: str) -> str:
    """Lay out everything that was counted at a place."""
    now = site.current_site()
    with now.store.reading() as session:
        run = runs.get(session, run_id, actor=site.actor(), today=site.today())
        edition = boundaries.get(session, run.edition_id)
        hotspots = runs.hotspots(session, run_id)
        row = _find(hotspots, hotspot_id)
        proposed = proposals.for_run(session, run_id)
        week = charts.week_table(runs.members(session, run_id, hotspot_id, today=site.today()))
        with_points = site.may(Action.VIEW, Kind.INCIDENT)
        parts = now.pictures.draw(session, run, ward=row.ward_gss_code, with_points=with_points)
        items = intelligence.near(session, run, row.geometry)
    intelligence.note_read(f"{run_id}/{hotspot_id}", items)
    words = describe(row, number=int(row.rank))
    lon, lat = crs.to_wgs84([row.easting_m], [row.northing_m])
    counts = [int(count) for count in row.monthly_counts.split()]
    own = proposed[proposed["hotspot_id"] == hotspot_id].to_dict("records")
    return pages.show(
        "hotspot.html",
        is_marked=True,
        is_wide=True,
        run=findings.run_view(run, edition),
        panel=evidence_panel.panel(run, ward=row.ward_gss_code, ward_name=row.ward_name),
        hotspot=row,
        lon=round(float(lon[0]), 5),
        lat=round(float(lat[0]), 5),
        words=words,
        finding=findings.hotspot(row, words.place),
        facts=[*findings.facts(row, run=run), *_followed(row)],
        proposal=own[0] if own else None,
        chart=charts.month_chart(run.period.months()[: len(counts)], counts, row.expected_count),
        chart_finding=findings.months(row),
        week=week if week.timed else None,
        week_finding=findings.hours(row),
        holidays=findings.on_bank_holidays(run.counts, hotspot_id),
        parts=parts,
        last_seen=beside.last_seen(row),
        who_sees=beside.who_sees(row),
        harm=beside.harm_lines(row, hotspots, run.settings),
        intelligence=items,
    )


def _followed(row: Any) -> list[tuple[str, str]]:
    """Say what became of a place since the last run, where runs were compared."""
    said = identity_words.became(row.hotspot_id, row.identity, row.before, row.seen_since_on)
    return [("From run to run", f"{row.hotspot_id}. {said}")] if said else []


def _find(hotspots: Any, hotspot_id: str) -> Any:
    found = hotspots[hotspots["hotspot_id"] == hotspot_id]
    if found.empty:
        raise NotFoundError("This run has no such hotspot.")
    return next(found.itertuples(index=False))
