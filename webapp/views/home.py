"""Home: what needs this reader, by role, and where to look first."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, url_for

from mapping.access import Action, AgreementState, Kind, Role
from mapping.errors import NotFoundError
from mapping.publishing.wording import describe
from mapping.store import boundaries, links, past_imports, place_history, place_reviews, proposals, runs
from webapp import findings, formatters, link_words, newest, pages, place_words, site
from webapp.guard import allows

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("home", __name__)

FIRST_PLACES = 3
FIRST_UNUSUAL = 5

# Roles without operational content: what they find here, now and later.
_NO_CONTENT = {
    Role.COUNCILLOR: (
        "Send in what residents tell you",
        (
            "It counts with everything else that is reported, and you can see how far it has come: received, "
            "placed, used and acted on.",
            "You will also be able to open a map of your own ward that is safe to show in public: areas and "
            "bands, never single reports. That map is approved by the partnership before it reaches you; "
            "until the first one is, ask your partnership manager for the quarterly summary.",
        ),
    ),
    Role.ADMINISTRATOR: (
        "Accounts, agencies and agreements are yours; reports and maps are not",
        (
            "An administrator sees no content. Accounts are kept with the command hotspots users, agencies "
            "and their sharing agreements with hotspots agencies, at the machine that runs the site.",
        ),
    ),
    Role.AUDITOR: (
        "Every look and every change is in the log",
        (
            "The log is checked with the command hotspots audit verify and written to a file with hotspots "
            "audit export. It names who did what to which record, and never what the record says.",
        ),
    ),
}


@dataclass(frozen=True)
class Need:
    """One thing that waits for this reader, and where to do it."""

    text: str
    verb: str
    href: str


@blueprint.get("/")
@allows(Action.VIEW, Kind.HOME)
def show() -> str:
    """Open with what needs this reader."""
    actor = site.actor()
    if actor.role in _NO_CONTENT:
        finding, sentences = _NO_CONTENT[actor.role]
        return pages.show("home.html", finding=finding, sentences=sentences, sends=_sends())
    if not site.may(Action.VIEW, Kind.RUN):
        return pages.show(
            "home.html", finding="Nothing is shared with your agency today", sentences=(_closed(),)
        )
    with site.current_site().store.reading() as session:
        try:
            return _with_run(session, runs.latest(session, actor=actor, today=site.today()))
        except NotFoundError:
            return newest.no_run()


def _with_run(session: "Session", run: runs.Run) -> str:
    edition = boundaries.get(session, run.edition_id)
    hotspots = runs.hotspots(session, run.run_id)
    proposed = proposals.for_run(session, run.run_id)
    needs = [
        *_decisions(run, proposed),
        *_imports(session, run),
        *_places_said(session, run),
        *_links(session),
        *_agreements(),
    ]
    return pages.show(
        "home.html",
        is_marked=True,
        run=findings.run_view(run, edition),
        finding=_finding(needs, hotspots, proposed),
        needs=needs,
        sentences=(),
        places=_places(hotspots, run.run_id),
        unusual=_unusual(session, run),
        unusual_heading=findings.unusual_heading(run.counts),
        first_unusual=FIRST_UNUSUAL,
        may_refresh=site.may(Action.CREATE, Kind.RUN),
        sends=_sends() if site.actor().role is Role.OFFICER else (),
    )


def _sends() -> list[tuple[str, str]]:
    """Lead to what this account may send in, first what most people come for."""
    ways = (
        ("Tell us what you saw or were told", "sending.report", Action.CREATE, Kind.SUBMISSION),
        ("Send in intelligence", "sending.intelligence", Action.CREATE, Kind.INTELLIGENCE),
        ("What you sent in", "sending.listing", Action.VIEW, Kind.SUBMISSION),
    )
    return [(words, url_for(endpoint)) for words, endpoint, action, kind in ways if site.may(action, kind)]


def _finding(needs: list[Need], hotspots: Any, proposed: Any) -> str:
    if needs:
        verb = "needs" if len(needs) == 1 else "need"
        return formatters.sentence(f"{formatters.some(len(needs), 'thing')} {verb} you")
    return findings.borough(hotspots, proposed)


def _decisions(run: runs.Run, proposed: Any) -> list[Need]:
    """Say how many proposals wait, to those who can do something about it."""
    waiting = int(proposed["state"].isin(findings.OPEN_STATES).sum())
    if not waiting or site.actor().role not in {Role.CHAIR, Role.ANALYST}:
        return []
    verb = "waits" if waiting == 1 else "wait"
    text = formatters.sentence(f"{formatters.some(waiting, 'proposal')} {verb} for the meeting to decide")
    return [
        Need(
            text,
            "Decide" if site.may(Action.DECIDE, Kind.PROPOSAL) else "Prepare",
            url_for("tasking.listing", run_id=run.run_id),
        )
    ]


def _imports(session: "Session", run: runs.Run) -> list[Need]:
    """Say what the last import left to do: rows it refused, maps older than the data."""
    if not site.may(Action.VIEW, Kind.IMPORT):
        return []
    recent = past_imports.list_recent(session, actor=site.actor(), limit=1)
    if not recent:
        return []
    last = recent[0]
    needs = []
    if last.counts["rejected"]:
        rejected = formatters.counted(last.counts["rejected"], "row")
        needs.append(
            Need(
                f"{rejected} of the last import could not be used",
                "Review",
                url_for("imports.show", import_id=last.import_id),
            )
        )
    if last.imported_at > run.created_at and last.counts["new"] + last.counts["updated"]:
        needs.append(
            Need(
                "Reports were imported since these maps were drawn",
                "Open the import",
                url_for("imports.show", import_id=last.import_id),
            )
        )
    return needs


def _places_said(session: "Session", run: runs.Run) -> list[Need]:
    """Say how many places wait for an answer, and whether answers came since the maps were drawn."""
    if not site.may(Action.VIEW, Kind.PLACE):
        return []
    actor, today = site.actor(), site.today()
    needs = []
    waiting = place_reviews.queue(session, actor=actor, today=today)
    if waiting:
        recent = past_imports.list_recent(session, actor=actor, limit=1)
        last = {part["import_id"] for one in recent for part in one.parts}
        text = place_words.waiting(waiting, last)
        needs.append(Need(text, "Review", url_for("places.queue")))
    said = place_history.decisions(session, actor=actor, today=today, limit=1)
    if said and (said[0].reversed_at or said[0].decided_at) > run.created_at:
        needs.append(
            Need(
                "Places were found since these maps were drawn",
                "See the answers",
                url_for("places.decisions"),
            )
        )
    return needs


def _links(session: "Session") -> list[Need]:
    """Say how many pairs of reports may each be one event, to those who can say so."""
    if not site.may(Action.DECIDE, Kind.LINK):
        return []
    waiting = links.queue(session, actor=site.actor(), today=site.today())
    return [Need(link_words.need(waiting), "Decide", url_for("links.queue"))] if waiting else []


def _agreements() -> list[Need]:
    """Warn of agreements that end soon, to those who can see to it."""
    if not site.may(Action.VIEW, Kind.AGREEMENT):
        return []
    today = site.today()
    return [
        Need(
            f"The sharing agreement is due for review on {formatters.date(agreement.review_on)}",
            "See who shares",
            url_for("runs.latest"),
        )
        for agreement in site.actor().agreements
        if agreement.state(today) is AgreementState.DUE
    ]


def _unusual(session: "Session", run: runs.Run) -> list[tuple[findings.Unusual, str]]:
    """List what was unusual at the end of the run's data, each with the page of its ward."""
    if not run.counts.get("unusual"):
        return []
    wards = boundaries.wards(session, run.edition_id)
    names = dict(zip(wards["ward_gss_code"], wards["ward_name"], strict=True))
    return [
        (one, url_for("maps.ward", run_id=run.run_id, gss=one.gss))
        for one in findings.unusual(run.counts, names)
    ]


def _places(hotspots: Any, run_id: int) -> list[tuple[Any, str]]:
    first = hotspots[~hotspots["recorded_at_place"]].sort_values("rank").head(FIRST_PLACES)
    return [
        (
            describe(row, number=int(row.rank)),
            url_for("hotspots.show", run_id=run_id, hotspot_id=row.hotspot_id),
        )
        for row in first.itertuples(index=False)
    ]


def _closed() -> str:
    return (
        "Your agency has signed no sharing agreement that is in force, so there is nothing to show. "
        "The partnership's administrator can say when it is renewed."
    )
