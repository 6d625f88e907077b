"""Doubtful links: pairs of reports that may tell of one event, both accounts, and what was said of them."""

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, redirect, request, url_for
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField
from wtforms.validators import Length

from mapping.access import Action, Kind
from mapping.errors import NotFoundError
from mapping.store import agencies, boundaries, links
from mapping.store.links import DECISIONS, LinkView
from webapp import link_words, pages, site
from webapp.excluded_form import one_line
from webapp.guard import allows

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("links", __name__, url_prefix="/links")

LONGEST_REASON: Final = 500
MOST_LOOKED_THROUGH: Final = 100_000
MOST_ALONE: Final = 30  # of the pairs that were joined without asking
Answer = str | BaseResponse | tuple[str, int]


class LinkForm(FlaskForm):
    """Why two reports are one event, or two: most pairs speak for themselves, so it may be left empty."""

    reason = StringField(
        "Why? (optional)",
        description="It stays with the pair.",
        filters=[one_line],
        widget=GovTextInput(),
        validators=[Length(max=LONGEST_REASON, message=f"Keep the reason under {LONGEST_REASON} characters")],
    )


@blueprint.get("")
@allows(Action.VIEW, Kind.LINK)
def queue() -> str:
    """List the pairs that wait, those that matter most to the map first."""
    with site.current_site().store.reading() as session:
        waiting = links.queue(session, actor=site.actor(), today=site.today())
        done = _done(session)
    return pages.show(
        "links.html",
        is_marked=True,
        finding=link_words.finding(waiting),
        rows=[(one, link_words.line(one), link_words.brief(one)) for one in waiting],
        chance=link_words.chance,
        told_by=link_words.told_by,
        done=done,
    )


@blueprint.get("/decided")
@allows(Action.VIEW, Kind.LINK)
def decided() -> str:
    """List what people decided, the newest first, and what was joined without them."""
    with site.current_site().store.reading() as session:
        both = [
            one
            for state in DECISIONS
            for one in links.listing(
                session, state=state, actor=site.actor(), today=site.today(), limit=MOST_LOOKED_THROUGH
            )
        ]
        done = _done(session)
    by_people = [one for one in both if one.decided_by]
    by_people.sort(key=lambda one: (one.decided_at or one.found_at, one.link_id), reverse=True)
    alone = [one for one in both if not one.decided_by and one.state == "joined"]
    return pages.show(
        "links_decided.html",
        is_marked=True,
        rows=[(one, link_words.line(one), link_words.brief(one)) for one in by_people],
        alone=[(one, link_words.line(one), link_words.brief(one)) for one in alone[:MOST_ALONE]],
        alone_count=len(alone),
        told_by=link_words.told_by,
        outcome=link_words.outcome,
        done=done,
    )


@blueprint.get("/map.json")
@allows(Action.VIEW, Kind.LINK)
def ground() -> Response:
    """Serve the wards and roads on which both points are drawn."""
    now = site.current_site()
    with now.store.reading() as session:
        edition, _ = boundaries.current(session)
        text = now.pictures.ground(session, edition.edition_id)
    return Response(text, mimetype="application/json")


@blueprint.get("/<int:link_id>")
@allows(Action.VIEW, Kind.LINK)
def show(link_id: int) -> str:
    """Show both accounts side by side, and what speaks for and against one event."""
    return _page(link_id, LinkForm())


@blueprint.post("/<int:link_id>")
@allows(Action.DECIDE, Kind.LINK)
def decide(link_id: int) -> Answer:
    """Keep an answer, and lead to the next pair."""
    form, decision = LinkForm(), request.form.get("decision", "")
    if not form.validate_on_submit() or decision not in DECISIONS:
        return _page(link_id, form, "" if form.errors else "Say whether it is one event or two"), 422
    following = _following(link_id)
    with site.transaction() as session:
        links.decide(
            session,
            link_id,
            decision=decision,
            reason=form.reason.data or "",
            actor=site.actor(),
            now=site.now(),
        )
    if request.form.get("from") == "decided":
        return redirect(url_for("links.decided", done=link_id), code=303)
    if following:
        return redirect(url_for("links.show", link_id=following, done=link_id), code=303)
    return redirect(url_for("links.queue", done=link_id), code=303)


def _following(link_id: int) -> int | None:
    """Return the pair after this one in the order of the queue; the first after the last."""
    with site.current_site().store.reading() as session:
        waiting = [one.link_id for one in links.queue(session, actor=site.actor(), today=site.today())]
    others = [number for number in waiting if number != link_id]
    if link_id not in waiting or not others:
        return others[0] if others else None
    return others[waiting.index(link_id) % len(others)]


def _page(link_id: int, form: LinkForm, problem: str = "") -> str:
    may_read = site.may(Action.VIEW, Kind.REPORT)
    with site.current_site().store.reading() as session:
        link = links.get(session, link_id, actor=site.actor(), today=site.today())
        names = _agencies(session)
        waiting = [one.link_id for one in links.queue(session, actor=site.actor(), today=site.today())]
        editions = boundaries.editions(session)
        licence = boundaries.current(session)[0].licence if editions else ""
        done = _done(session)
    following = _following(link_id)
    return pages.show(
        "link.html",
        is_marked=True,
        is_wide=True,
        link=link,
        accounts=link_words.accounts(link, names, with_words=may_read),
        comparisons=link_words.comparisons(link),
        chance=link_words.chance(link.score),
        outcome=link_words.outcome(link),
        number=waiting.index(link_id) + 1 if link_id in waiting else 0,
        total=len(waiting),
        following=following,
        form=form,
        problem=problem,
        map_url=url_for("links.ground") if editions else "",
        licence=licence,
        done=done,
    )


def _done(session: "Session") -> dict[str, str] | None:
    """Say what was answered just now, and which answer would take it back."""
    number = request.args.get("done", type=int)
    if number is None or not 0 < number < 2**31:
        return None
    try:
        link = links.get(session, number, actor=site.actor(), today=site.today())
    except NotFoundError:
        return None
    return _told(link) if link.decided_by else None


def _told(link: LinkView) -> dict[str, str]:
    other = "apart" if link.state == "joined" else "joined"
    return {
        "text": f"{link_words.outcome(link)}: pair {link.link_id}.",
        "action": url_for("links.decide", link_id=link.link_id),
        "other": other,
        "words": "No, two events" if other == "apart" else "No, one event",
    }


def _agencies(session: "Session") -> dict[str, str]:
    return {agency.agency_id: agency.name for agency in agencies.list_all(session)}
