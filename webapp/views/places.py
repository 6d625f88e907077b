"""Places that could not be found: the queue, one item with its candidates, the answers, and local names."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
from flask import Blueprint, Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mapping import place_finding
from mapping.access import Action, Kind
from mapping.errors import ConflictError, MappingError, NotFoundError
from mapping.places.wards import surroundings
from mapping.store import boundaries, local_names, place_answers, place_history, place_reviews
from mapping.store.local_names import fold
from mapping.store.place_answers import Land
from mapping.store.place_history import Decision
from mapping.store.place_reviews import Geocoder, Item, Words
from mapping.typed_points import Typed
from webapp import formatters, pages, place_words, site
from webapp.guard import allows
from webapp.place_forms import PlaceForm, postcode_point
from webapp.place_words import Choice

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("places", __name__, url_prefix="/places")

ITEMS_A_PAGE = 50
_OUTSIDE = "This point lies outside our wards, by more than 2 km. Check it, or say that it did happen there"
_NO_POSTCODE = (
    "The gazetteer knows no such postcode; type the point in another way, or put the pin on the map"
)

Answer = str | BaseResponse | tuple[str, int]


@dataclass(frozen=True)
class Desk:
    """What waits for whoever is signed in, and what there is to answer it with."""

    items: list[Item]
    geocoder: Geocoder | None
    fault: str
    land: Land
    edition_id: int | None = None
    licence: str = ""
    ward_names: dict[str, str] = field(default_factory=dict)

    def find(self, token: str) -> Item:
        """Return the item of an address."""
        return place_reviews.find(self.items, token, secret=_secret())

    def choices(self, item: Item) -> list[Choice]:
        """Return the candidates of an item in words."""
        found = place_reviews.candidates([item], self.geocoder, wards=self.land.codes)[0]
        if not found:
            return []
        # The gazetteer may have been built with wards of another edition than records are placed in.
        wards = self.land.place(pd.DataFrame(found)[["easting_m", "northing_m"]])["ward_gss_code"]
        return place_words.choices(found, [self.ward_names.get(code, "") for code in wards])


@blueprint.get("/review")
@allows(Action.VIEW, Kind.PLACE)
def queue() -> Answer:
    """List what waits, what would change the map most first."""
    with site.current_site().store.reading() as session:
        desk = _desk(session)
        banner = _banner(session, desk)
    return _queue_page(desk, banner)


@blueprint.get("/review/<item>")
@allows(Action.VIEW, Kind.PLACE)
def show(item: str) -> Answer:
    """Show words, where they came from, and the places they may mean."""
    with site.current_site().store.reading() as session:
        desk = _desk(session)
        banner = _banner(session, desk)
        try:
            found = desk.find(item)
        except NotFoundError:
            return _answered_already(session, item)
    offered = desk.choices(found)
    return _item_page(desk, found, PlaceForm(offered, suggested_name=found.place_text), banner)


@blueprint.get("/review/<item>/map.json")
@allows(Action.VIEW, Kind.PLACE)
def ground(item: str) -> Response:
    """Serve the wards and roads on which the candidates of an item are drawn."""
    now = site.current_site()
    with now.store.reading() as session:
        desk = _desk(session)
        desk.find(item)
        if desk.edition_id is None:
            raise NotFoundError("No wards were added yet, so there is no map.")
        text = now.pictures.ground(session, desk.edition_id)
    return Response(text, mimetype="application/json")


@blueprint.post("/review/<item>")
@allows(Action.DECIDE, Kind.PLACE)
def answer(item: str) -> Answer:
    """Keep an answer for every record that says these words, and lead to the next item."""
    with site.current_site().store.reading() as session:
        desk = _desk(session)
        try:
            found = desk.find(item)
        except NotFoundError:
            return _answered_already(session, item)
    form = PlaceForm(desk.choices(found))
    is_sound = form.validate_on_submit()
    pin = _pin(desk, form) if is_sound else None
    if not is_sound or form.errors:
        return _item_page(desk, found, form, {}), 422
    try:
        with site.transaction() as session:
            done = place_answers.answer(session, found, form.said(pin), actor=site.actor(), now=site.now())
    except ConflictError as refusal:
        with site.current_site().store.reading() as session:
            return _queue_page(_desk(session), {"text": str(refusal), "is_bad": True}), 409
    return redirect(_next(desk, found, done=done.decision_id), code=303)


@blueprint.get("/decisions")
@allows(Action.VIEW, Kind.PLACE)
def decisions() -> Answer:
    """List the answers that were given, newest first."""
    with site.current_site().store.reading() as session:
        given = place_history.decisions(session, actor=site.actor(), today=site.today())
        names = _desk_names(session)
    return pages.show(
        "place_decisions.html",
        is_marked=True,
        finding=_decisions_finding(given),
        rows=[(one, place_words.outcome(one, names)) for one in given],
        ward_names=names,
        may_decide=site.may(Action.DECIDE, Kind.PLACE),
    )


@blueprint.post("/decisions/<int:decision_id>/reverse")
@allows(Action.DECIDE, Kind.PLACE)
def reverse(decision_id: int) -> BaseResponse:
    """Take an answer back, and lead to the words that wait again."""
    with site.transaction() as session:
        taken = place_history.get(session, decision_id, actor=site.actor(), today=site.today())
        back = place_history.reverse(session, decision_id, actor=site.actor(), now=site.now())
    where = url_for("places.queue")
    if back.put_back:
        where = url_for("places.show", item=_token(_words_of(taken)))
    return redirect(f"{where}?undone={decision_id}&changed={back.changed_since}", code=303)


@blueprint.get("/names")
@allows(Action.VIEW, Kind.PLACE)
def names() -> str:
    """List what places are called here."""
    with site.current_site().store.reading() as session:
        held = local_names.list_all(session, actor=site.actor(), today=site.today())
        land = place_answers.land_in_use(session)
        ward_names = _desk_names(session)
    placed = land.place(pd.DataFrame([vars(one) for one in held])) if held else pd.DataFrame()
    wards = [ward_names.get(code, "") for code in placed.get("ward_gss_code", [])]
    return pages.show(
        "place_names.html",
        is_marked=True,
        rows=list(zip(held, wards, strict=True)),
        level_words=place_words.LEVEL_WORDS,
        distance=place_words.distance,
        may_decide=site.may(Action.DECIDE, Kind.PLACE),
    )


@blueprint.post("/names/<int:name_id>/remove")
@allows(Action.DECIDE, Kind.PLACE)
def remove_name(name_id: int) -> BaseResponse:
    """Forget a name."""
    with site.transaction() as session:
        local_names.remove(session, name_id, actor=site.actor(), now=site.now())
    return redirect(url_for("places.names"), code=303)


# --- what waits ----------------------------------------------------------------------------------


def _desk(session: "Session") -> Desk:
    geocoder, fault = _geocoder(session)
    items = place_reviews.queue(session, actor=site.actor(), today=site.today(), geocoder=geocoder)
    if not boundaries.editions(session):
        return Desk(items, geocoder, fault, Land())
    edition, wards = boundaries.current(session)
    ward_names = dict(zip(wards["ward_gss_code"], wards["ward_name"], strict=True))
    return Desk(
        items, geocoder, fault, Land(edition.name, wards), edition.edition_id, edition.licence, ward_names
    )


def _desk_names(session: "Session") -> dict[str, str]:
    wards = place_answers.land_in_use(session).wards
    return {} if wards is None else dict(zip(wards["ward_gss_code"], wards["ward_name"], strict=True))


def _geocoder(session: "Session") -> tuple[Geocoder | None, str]:
    """Return what looks words up, or a sentence why there is nothing: the pages work without it too."""
    try:
        return place_finding.opened(site.current_site().settings.gazetteer_path, session), ""
    except MappingError as error:
        return None, str(error)


def _secret() -> str:
    return str(current_app.secret_key)


def _token(words: Words) -> str:
    return place_reviews.token_of(words, secret=_secret())


def _words_of(decision: Decision) -> Words:
    return Words(fold(decision.place_text), decision.postcode, decision.stated_area)


def _next(desk: Desk, answered: Item, *, done: int) -> str:
    """Return the address of what comes after an item in the order it was answered in, if that still waits."""
    place = desk.items.index(answered)
    with site.current_site().store.reading() as session:
        waiting = place_reviews.queue(session, actor=site.actor(), today=site.today())
    left = {item.words for item in waiting}
    following = [item for item in (*desk.items[place + 1 :], *desk.items[:place]) if item.words in left]
    where = url_for("places.show", item=_token(following[0].words)) if following else url_for("places.queue")
    return f"{where}?done={done}"


def _answered_already(session: "Session", token: str) -> BaseResponse:
    """Lead to the answer that somebody gave to these words, where the reader may know of one."""
    for decision in place_history.decisions(session, actor=site.actor(), today=site.today()):
        if decision.reversed_at is None and _token(_words_of(decision)) == token:
            return redirect(url_for("places.queue", met=decision.decision_id), code=303)
    raise NotFoundError("These words do not wait for an answer.")


def _pin(desk: Desk, form: PlaceForm) -> Typed | None:
    """Return the point of what was typed; what is wrong with it goes to its box."""
    typed = form.typed
    if typed is None:
        return None
    if typed.postcode:
        typed = postcode_point(desk.geocoder, typed)
        if typed is None:
            form.where.errors = [_NO_POSTCODE]
            return None
    if _is_far(desk.land, typed) and not form.outside.data:
        form.where.errors = [_OUTSIDE]
    return typed


def _is_far(land: Land, typed: Typed) -> bool:
    if land.wards is None:
        return False
    (west, east), (south, north) = surroundings(land.wards)
    return not (west <= typed.easting_m <= east and south <= typed.northing_m <= north)


# --- pages ---------------------------------------------------------------------------------------


def _queue_page(desk: Desk, banner: dict[str, Any]) -> str:
    shown = desk.items[:ITEMS_A_PAGE]
    found = place_reviews.candidates(shown, desk.geocoder, wards=desk.land.codes)
    rows = [
        {
            "item": item,
            "href": url_for("places.show", item=_token(item.words)),
            "said_by": place_words.said_by(item),
            "what": place_words.names_counted(item.categories),
            "where": _stated(desk, item),
            "fit": place_words.fit(item, len(places), has_gazetteer=desk.geocoder is not None),
        }
        for item, places in zip(shown, found, strict=True)
    ]
    return pages.show(
        "place_queue.html",
        is_marked=True,
        finding=place_words.queue_finding(desk.items),
        rows=rows,
        more=len(desk.items) - len(shown),
        banner=banner,
        gazetteer=_gazetteer(desk),
    )


def _item_page(desk: Desk, item: Item, form: PlaceForm, banner: dict[str, Any]) -> str:
    place = desk.items.index(item)
    later = desk.items[(place + 1) % len(desk.items)]
    token = _token(item.words)
    return pages.show(
        "place_item.html",
        is_marked=True,
        is_wide=True,
        item=item,
        form=form,
        number=place + 1,
        total=len(desk.items),
        later=url_for("places.show", item=_token(later.words)) if later is not item else "",
        action=url_for("places.answer", item=token),
        map_url=url_for("places.ground", item=token) if desk.edition_id is not None else "",
        licence=desk.licence,
        focus_ward=item.words.stated_area if item.words.stated_area in desk.ward_names else "",
        said_by=place_words.said_by(item),
        stated=_stated(desk, item),
        told=[place_words.told(one) for one in item.told],
        fit=place_words.fit(item, len(form.offered), has_gazetteer=desk.geocoder is not None),
        records=place_words.records(item.reports, item.intelligence),
        asks_outside=_OUTSIDE in form.where.errors or bool(form.outside.data),
        point=place_words.point,
        banner=banner,
        gazetteer=_gazetteer(desk),
    )


def _stated(desk: Desk, item: Item) -> str:
    """Say which postcode and which area the records state."""
    area = desk.ward_names.get(item.words.stated_area, item.words.stated_area)
    return ", ".join(text for text in (item.words.postcode, area) if text)


def _gazetteer(desk: Desk) -> dict[str, Any]:
    return {"is_missing": desk.geocoder is None, "fault": desk.fault}


def _banner(session: "Session", desk: Desk) -> dict[str, Any]:
    """Say what happened just now: an answer that was given, taken back, or found there already."""
    for word in ("done", "undone", "met"):
        number = request.args.get(word, type=int)
        if number is not None and 0 < number < 2**31:
            try:
                given = place_history.get(session, number, actor=site.actor(), today=site.today())
            except NotFoundError:
                return {}
            return _said_of(given, word, desk)
    return {}


def _said_of(given: Decision, word: str, desk: Desk) -> dict[str, Any]:
    outcome = place_words.outcome(given, desk.ward_names)
    if word == "met":
        at = place_words.when(given.decided_at)
        return {
            "text": f"{given.decided_by} answered these words on {at}: {outcome}. Your answer was not kept."
        }
    if word == "done" and given.reversed_at is None:
        undo = url_for("places.reverse", decision_id=given.decision_id)
        return {"text": f"{outcome}.", "learned": given.learned_name, "undo": undo}
    if word == "undone" and given.reversed_at is not None:
        changed = min(max(request.args.get("changed", 0, type=int), 0), 10**9)
        tail = f" {changed:,} had changed since and stay as they are." if changed else ""
        return {"text": f"The answer was taken back, and its words wait again.{tail}"}
    return {}


def _decisions_finding(given: Sequence[Decision]) -> str:
    if not given:
        return "No place was answered for yet"
    standing = sum(one.reversed_at is None for one in given)
    back = len(given) - standing
    verb = "stands" if standing == 1 else "stand"
    start = formatters.sentence(f"{formatters.some(standing, 'answer')} {verb}")
    return start + (f", {formatters.words_for(back)} taken back" if back else "")
