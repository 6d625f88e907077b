"""Places set apart: the list and its reasons, what looks like one more, and the forms that change it."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mapping import place_finding
from mapping.access import Action, Kind
from mapping.errors import ConflictError, MappingError, NotFoundError, PlaceRefusedError
from mapping.hotspots.placed import is_placed
from mapping.places import set_apart
from mapping.places.excluded import suggest_stacks
from mapping.places.set_apart import Applied, Place
from mapping.store import agreements, boundaries, excluded_places, incidents, runs
from mapping.store.excluded_places import Kept
from mapping.typed_points import Typed
from mapping.wording import UNNAMED_PLACE
from webapp import excluded_words, pages, site
from webapp.excluded_form import ExcludedForm, one_line
from webapp.excluded_words import AROUND_M, Suggestion
from webapp.guard import allows
from webapp.place_forms import postcode_point

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy.orm import Session

blueprint = Blueprint("excluded", __name__, url_prefix="/places/excluded")

_CELL_M: Final = 100.0
_DONE: Final = {
    "added": "The place is set apart.",
    "changed": "The change is kept.",
    "ended": "The place is not set apart any more.",
    "left": "It is left in, and will not be suggested again.",
}

Answer = str | BaseResponse | tuple[str, int]


@dataclass(frozen=True)
class Seen:
    """What is set apart, what was, what the newest map used, and what looks like one more."""

    active: list[Kept]
    past: list[Kept]
    used: tuple[Applied, ...]
    run_id: int
    suggested: list[Suggestion]
    turned_down: list[Suggestion]

    def find(self, token: str) -> Suggestion:
        """Return a suggestion by its address."""
        for one in (*self.suggested, *self.turned_down):
            if one.token == token:
                return one
        raise NotFoundError("This point is not suggested any more: it was set apart, or its reports changed.")


@blueprint.get("")
@allows(Action.VIEW, Kind.EXCLUDED_PLACE)
def listing() -> str:
    """List the places set apart with their reasons, and what looks like one more."""
    with site.current_site().store.reading() as session:
        seen = _seen(session)
        licence = _licence(session)
    ended = [kept for kept in seen.past if not kept.is_turned_down]
    return pages.show(
        "excluded.html",
        is_marked=True,
        is_wide=True,
        finding=excluded_words.finding(seen.active, len(seen.suggested)),
        done=_DONE.get(request.args.get("done", ""), ""),
        rows=[(kept, excluded_words.held(kept.place, seen.used, seen.run_id)) for kept in seen.active],
        waiting=excluded_words.waiting(seen.active, seen.used) if seen.run_id else 0,
        suggested=seen.suggested,
        turned_down=seen.turned_down,
        refusals={
            (kept.place.easting_m, kept.place.northing_m): kept for kept in seen.past if kept.is_turned_down
        },
        ended=ended,
        does=excluded_words.DOES,
        may_change=_may_change(),
        may_refresh=site.may(Action.CREATE, Kind.RUN),
        licence=licence,
    )


@blueprint.get("/map.json")
@allows(Action.VIEW, Kind.EXCLUDED_PLACE)
def ground() -> Response:
    """Serve the wards and roads on which the places of the list are drawn."""
    now = site.current_site()
    with now.store.reading() as session:
        edition, _ = boundaries.current(session)
        text = now.pictures.ground(session, edition.edition_id)
    return Response(text, mimetype="application/json")


@blueprint.get("/new")
@allows(Action.CHANGE, Kind.EXCLUDED_PLACE)
def new() -> str:
    """Ask for a place that nothing suggested."""
    return _form_page(ExcludedForm(_postcode_point), "Which place should be set apart?")


@blueprint.post("/new")
@allows(Action.CHANGE, Kind.EXCLUDED_PLACE)
def add() -> Answer:
    """Set a place apart."""
    return _add(ExcludedForm(_postcode_point), "Which place should be set apart?", None)


@blueprint.get("/suggested/<token>")
@allows(Action.CHANGE, Kind.EXCLUDED_PLACE)
def suggested(token: str) -> str:
    """Ask what should be done about a point that looks like a place where reports are recorded."""
    found = _suggestion(token)
    return _form_page(ExcludedForm(_postcode_point, _place_of(found)), _question(found), found)


@blueprint.post("/suggested/<token>")
@allows(Action.CHANGE, Kind.EXCLUDED_PLACE)
def accept(token: str) -> Answer:
    """Set a suggested point apart."""
    found = _suggestion(token)
    return _add(ExcludedForm(_postcode_point, _place_of(found)), _question(found), found)


@blueprint.post("/suggested/<token>/leave")
@allows(Action.CHANGE, Kind.EXCLUDED_PLACE)
def leave(token: str) -> BaseResponse:
    """Remember that a suggested point is no such place."""
    found = _suggestion(token)
    with site.transaction() as session:
        excluded_places.turn_down(session, _place_of(found), actor=site.actor(), now=site.now())
    return _back("left")


@blueprint.get("/<int:place_id>")
@allows(Action.CHANGE, Kind.EXCLUDED_PLACE)
def show(place_id: int) -> str:
    """Offer to change a place, or to set it apart no more."""
    kept = _kept(place_id)
    return _form_page(ExcludedForm(_postcode_point, kept.place), f"{kept.place.name} is set apart", kept=kept)


@blueprint.post("/<int:place_id>")
@allows(Action.CHANGE, Kind.EXCLUDED_PLACE)
def change(place_id: int) -> Answer:
    """Keep a place as it should be from now on."""
    kept = _kept(place_id)
    form, question = ExcludedForm(_postcode_point, kept.place), f"{kept.place.name} is set apart"
    if not form.validate_on_submit():
        return _form_page(form, question, kept=kept), 422
    try:
        with site.transaction() as session:
            excluded_places.change(session, place_id, form.place(), actor=site.actor(), now=site.now())
    except ConflictError as refusal:
        return _form_page(form, question, kept=kept, problem=str(refusal)), 409
    return _back("changed")


@blueprint.post("/<int:place_id>/end")
@allows(Action.CHANGE, Kind.EXCLUDED_PLACE)
def end(place_id: int) -> Answer:
    """Set a place apart no more."""
    kept = _kept(place_id)
    reason = one_line(request.form.get("end_reason"))
    try:
        with site.transaction() as session:
            excluded_places.end(session, place_id, reason=reason, actor=site.actor(), now=site.now())
    except PlaceRefusedError as refusal:
        page = _form_page(
            ExcludedForm(_postcode_point, kept.place, formdata=None),
            f"{kept.place.name} is set apart",
            kept=kept,
            end_problem=str(refusal),
            end_reason=reason,
        )
        return page, 422
    return _back("ended")


# --- what there is to see ------------------------------------------------------------------------


def _seen(session: "Session") -> Seen:
    actor, today = site.actor(), site.today()
    active = excluded_places.active(session, actor=actor, today=today)
    past = excluded_places.history(session, actor=actor, today=today)
    try:
        run = runs.latest(session, actor=actor, today=today)
    except NotFoundError:
        run = None
    used = set_apart.stored(run.counts) if run else ()
    suggested: list[Suggestion] = []
    refused: list[Suggestion] = []
    if _may_change():  # a point with its count is more than meeting roles are shown of reports
        loaded = _reports(session, run)
        stacks = suggest_stacks(loaded)
        down = [kept for kept in past if kept.is_turned_down]
        ask, asked = excluded_words.still_open(stacks, active, down)
        suggested, refused = (_in_words(part, loaded) for part in (ask, asked))
    return Seen(active, past, used, run.run_id if run else 0, suggested, refused)


def _reports(session: "Session", run: runs.Run | None) -> "pd.DataFrame":
    """Load what everybody a map is for may see: what only some may see must not show in a list for all."""
    audience = run.audience if run else agreements.audience_for(site.actor(), today=site.today())
    loaded = incidents.load(session, audience, run.period if run else None, today=site.today())
    return loaded[is_placed(loaded, _CELL_M)]


def _in_words(stacks: "pd.DataFrame", loaded: "pd.DataFrame") -> list[Suggestion]:
    told = []
    for stack in stacks.itertuples(index=False):
        east, north = float(stack.easting_m), float(stack.northing_m)  # type: ignore[arg-type]
        told.append(excluded_words.suggestion(stack, loaded, _token(east, north)))
    return told


def _token(easting_m: float, northing_m: float) -> str:
    """Name a point in an address without saying where it is."""
    told = f"{current_app.secret_key!r}|{easting_m:.2f}|{northing_m:.2f}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _suggestion(token: str) -> Suggestion:
    with site.current_site().store.reading() as session:
        return _seen(session).find(token)


def _kept(place_id: int) -> Kept:
    with site.current_site().store.reading() as session:
        return excluded_places.get(session, place_id, actor=site.actor(), today=site.today())


def _place_of(found: Suggestion) -> Place:
    """Return what a suggestion is as far as it is known; nobody but a person says what to do and why."""
    kind = found.recorded_kind or "shared map point"
    name = found.name.replace("|", "/")
    return Place(
        name if len(name) > 1 else UNNAMED_PLACE,
        kind,
        "",
        found.easting_m,
        found.northing_m,
        AROUND_M,
        "",
    )


def _question(found: Suggestion) -> str:
    return f"Are reports recorded at {found.name} rather than happening there?"


def _postcode_point(typed: Typed) -> Typed | None:
    """Return the point of a postcode, None where no gazetteer knows it."""
    try:
        with site.current_site().store.reading() as session:
            geocoder = place_finding.opened(site.current_site().settings.gazetteer_path, session)
    except MappingError:
        return None
    return postcode_point(geocoder, typed)


def _may_change() -> bool:
    return site.may(Action.CHANGE, Kind.EXCLUDED_PLACE)


def _licence(session: "Session") -> str:
    return boundaries.current(session)[0].licence if boundaries.editions(session) else ""


# --- pages ---------------------------------------------------------------------------------------


def _add(form: ExcludedForm, question: str, found: Suggestion | None) -> Answer:
    if not form.validate_on_submit():
        return _form_page(form, question, found), 422
    try:
        with site.transaction() as session:
            excluded_places.add(session, form.place(), actor=site.actor(), now=site.now())
    except ConflictError as refusal:
        return _form_page(form, question, found, problem=str(refusal)), 409
    return _back("added")


def _back(done: str) -> BaseResponse:
    return redirect(url_for("excluded.listing", done=done), code=303)


def _form_page(
    form: ExcludedForm,
    question: str,
    found: Suggestion | None = None,
    *,
    kept: Kept | None = None,
    problem: str = "",
    end_problem: str = "",
    end_reason: str = "",
) -> str:
    with site.current_site().store.reading() as session:
        licence = _licence(session)
    return pages.show(
        "excluded_form.html",
        is_marked=True,
        is_wide=True,
        form=form,
        question=question,
        found=found,
        around_m=AROUND_M,
        kept=kept,
        problem=problem,
        end_problem=end_problem,
        end_reason=end_reason,
        licence=licence,
    )
