"""Intelligence for whoever is signed in: read by their rights, and written down before it is shown."""

from typing import TYPE_CHECKING

from mapping.access import Action, Kind
from mapping.hotspots.intelligence_layer import items_at
from mapping.store import agencies, audit, intelligence_reading
from webapp import beside, site

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from mapping.store.runs import Run


def near(session: "Session", run: "Run", outline: object) -> tuple[beside.ItemLine, ...] | None:
    """Return the items at a hotspot of a run, in words; None for who may read no intelligence at all."""
    if not site.may(Action.VIEW, Kind.INTELLIGENCE):
        return None
    items = intelligence_reading.load(session, actor=site.actor(), period=run.period, today=site.today())
    return beside.item_lines(items_at(items, outline), agency_names(session))


def note_read(object_id: str, items: tuple[beside.ItemLine, ...] | None) -> None:
    """Write down that somebody reads the intelligence at a hotspot, where there is any."""
    if not items:
        return
    with site.transaction() as session:
        audit.append(
            session,
            actor=site.actor(),
            action="view",
            kind=Kind.INTELLIGENCE,
            object_id=object_id,
            details={"items": len(items)},
            now=site.now(),
        )


def agency_names(session: "Session") -> dict[str, str]:
    """Return the name of each agency by its id."""
    return {agency.agency_id: agency.name for agency in agencies.list_all(session)}
