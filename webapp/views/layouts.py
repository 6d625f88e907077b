"""Describing a file that nobody has described: what its columns are, tried on ten rows, and kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mapping import store_import
from mapping.access import Action, Kind
from mapping.errors import ConflictError, FileRefusedError, NotFoundError, SettingsError
from mapping.intake import drafts, guessing, samples, trials
from mapping.intake import layout as shipped
from mapping.intake.category_words import Words, suggest
from mapping.intake.drafts import Draft, Problem
from mapping.intake.guessing import Guess
from mapping.intake.layout import Layout
from mapping.intake.samples import Sample
from mapping.store import agencies, layouts
from mapping.store.layouts import StoredLayout
from webapp import layout_form, layout_page, pages, site, uploads, works
from webapp.guard import allows
from webapp.uploads import Upload

blueprint = Blueprint("layouts", __name__)


@dataclass(frozen=True)
class Looked:
    """A waiting file, what was seen of it, and what is known to guess from."""

    upload: Upload
    path: Path
    sample: Sample
    guess: Guess
    known: tuple[Layout, ...]
    stored: Mapping[str, StoredLayout]

    def words(self, columns: Mapping[str, str]) -> Words:
        """Count the source's words for what happened, and propose a category for each."""
        shown = {
            column.heading
            for column in self.guess.columns
            if column.is_usable and not column.hidden and not column.is_address
        }
        headings = [
            heading
            for heading, field in columns.items()
            if field in ("category", "closing") and heading in shown
        ]
        if not headings:
            return suggest(Counter(), ())
        return suggest(samples.count_words(samples.read_table(self.path), headings), self.known)


@blueprint.get("/layouts")
@allows(Action.VIEW, Kind.LAYOUT)
def listing() -> str:
    """List the layouts that were made here and those that ship."""
    with site.current_site().store.reading() as session:
        made = layouts.list_all(session, visible_to=visible())
        names = {agency.agency_id: agency.name for agency in agencies.list_all(session)}
    return pages.show(
        "layouts.html",
        made=made,
        agency_names=names,
        ours=[shipped.load(name) for name in shipped.names()],
    )


@blueprint.get("/layouts/<name>")
@allows(Action.VIEW, Kind.LAYOUT)
def show(name: str) -> str:
    """Show a layout as the text it is."""
    if name in shipped.names():
        layout = shipped.load(name)
        return pages.show(
            "layout.html", title=layout.title, name=name, toml=shipped.to_toml(layout), made=None
        )
    with site.current_site().store.reading() as session:
        made = layouts.find(session, name, visible_to=visible())
        owner = agencies.get(session, made.agency_id).name
    return pages.show("layout.html", title=made.title, name=name, toml=made.toml, made=made, owner=owner)


@blueprint.get("/imports/waiting/<token>/layout")
@allows(Action.CREATE, Kind.IMPORT)
def learn(token: str) -> str | tuple[str, int]:
    """Show what the columns of a waiting file probably are."""
    looked = _look(_find(token))
    return _page(looked, _before(looked))


@blueprint.post("/imports/waiting/<token>/layout")
@allows(Action.CREATE, Kind.IMPORT)
def answer(token: str) -> BaseResponse | str | tuple[str, int]:
    """Show ten rows as they would be read, or keep the layout and check the file by it."""
    upload = _find(token)
    looked = _look(upload)
    if request.form.get("do") == "use":
        return _use(looked, request.form.get("layout", ""))
    before = _before(looked)
    form = dict(request.form.items())
    words = looked.words(layout_form.columns_of(form, looked.guess, before))
    sent = layout_form.read(form, request.form.getlist("identity"), before, looked.guess, words)
    uploads.keep_draft(site.current_site().settings, upload, layout_form.as_dict(sent.draft))
    problems = [*drafts.problems_of(sent.draft, looked.guess), *_agency_problems(sent.draft)]
    if request.form.get("do") != "save" or problems:
        return _page(looked, sent.draft, problems)
    return _save(looked, sent)


def visible() -> frozenset[str]:
    """Return the agencies whose layouts whoever is signed in may use."""
    return layouts.partners(site.actor(), today=site.today())


def _find(token: str) -> Upload:
    return uploads.find(site.current_site().settings, token, account_id=site.actor().account_id)


def _look(upload: Upload) -> Looked:
    path = uploads.path_of(site.current_site().settings, upload)
    sample = samples.take(path)
    with site.current_site().store.reading() as session:
        stored = {made.name: made for made in layouts.list_all(session, visible_to=visible())}
        made = layouts.readable(session, visible_to=visible())
    guess = guessing.guess(sample.columns, sample.rows, known=made)
    known = (*(shipped.load(name) for name in shipped.names()), *made)
    return Looked(upload, path, sample, guess, known, stored)


def _before(looked: Looked) -> Draft:
    """Return what was said of the file so far, or the guess where nothing was."""
    kept = uploads.draft_of(site.current_site().settings, looked.upload)
    if kept is not None:
        return layout_form.from_dict(kept)
    words = looked.words({heading: field for field, heading in looked.guess.fields.items()})
    return layout_form.first_draft(
        looked.guess, words, file_name=looked.upload.file_name, agency_id=site.actor().agency_id
    )


def _agency_problems(draft: Draft) -> list[Problem]:
    if draft.source_agency and draft.source_agency not in {agency_id for agency_id, _ in _agencies()}:
        return [Problem("source_agency", "Choose one of the agencies you share with.")]
    return []


def _agencies() -> list[tuple[str, str]]:
    with site.current_site().store.reading() as session:
        held = agencies.list_all(session)
    return [(agency.agency_id, agency.name) for agency in held if agency.agency_id in visible()]


def _save(looked: Looked, sent: layout_form.Sent) -> BaseResponse | tuple[str, int]:
    """Keep the layout, unless its name is taken, and go on to the check of the file."""
    draft = sent.draft
    layout = drafts.to_layout(draft, drafts.as_rows(looked.sample.columns, looked.sample.rows))
    older = looked.stored.get(layout.name)
    try:
        if older is not None and older.toml != shipped.to_toml(layout) and not sent.is_replacing:
            text = f"There is a layout '{layout.name}' already. Choose another name, or tick to replace it."
            return _page(looked, draft, [Problem("title", text)], older=older)
        with site.transaction() as session:
            layouts.save(session, layout, actor=site.actor(), now=site.now())
    except (ConflictError, SettingsError) as refusal:
        return _page(looked, draft, [Problem("title", str(refusal))])
    return _check(looked, layout.name, draft)


def _use(looked: Looked, name: str) -> BaseResponse | str | tuple[str, int]:
    """Read the file by a layout that there is already."""
    with site.current_site().store.reading() as session:
        layouts.resolve(session, name, visible_to=visible())
    return _check(looked, name, _before(looked))


def _check(looked: Looked, name: str, draft: Draft) -> BaseResponse | tuple[str, int]:
    now, upload = site.current_site(), looked.upload
    try:
        checked = works.check_file(
            now.store, now.settings, site.actor(), looked.path, name, extracted_on=upload.extracted_on
        )
    except FileRefusedError as refusal:
        works.note_refusal(
            now.store,
            site.actor(),
            layout=name,
            file_name=looked.path.name,
            sha256=upload.sha256,
            problems=refusal.problems,
        )
        return _page(looked, draft, [Problem("file", text) for text in refusal.problems])
    uploads.note(
        now.settings,
        upload.token,
        account_id=upload.account_id,
        file_name=upload.file_name,
        layout=name,
        sha256=upload.sha256,
        preview=checked,
        extracted_on=upload.extracted_on,
        now=site.now(),
    )
    return redirect(url_for("imports.check", token=upload.token))


def _page(
    looked: Looked, draft: Draft, problems: Sequence[Problem] = (), *, older: StoredLayout | None = None
) -> tuple[str, int]:
    words = looked.words(draft.columns)
    by_part: dict[str, str] = {}
    for problem in problems:
        if not problem.heading:
            by_part.setdefault(problem.part, problem.text)
    text = pages.show(
        "layout_learn.html",
        is_marked=True,
        is_wide=True,
        staged=looked.upload,
        finding=layout_page.recognised(looked.guess, draft),
        draft=draft,
        sample=looked.sample,
        errors=layout_page.error_list(problems, looked.guess),
        by_part=by_part,
        fits=_offers(looked),
        columns=layout_page.columns(looked.sample, looked.guess, draft, problems),
        unlisted=layout_page.unlisted(looked.guess, draft),
        groups=layout_form.offered_fields(),
        dates=layout_page.dates(looked.sample, looked.guess, draft),
        words=words,
        word_rows=layout_page.word_rows(words, draft),
        category_names=layout_page.category_names(),
        identity=[] if "reference" in draft.fields else layout_page.identity_choices(draft),
        kinds=layout_form.KINDS,
        handling=layout_form.HANDLING,
        agencies=_agencies(),
        older=older,
        rows=_ten_rows(looked, draft),
    )
    return text, 422 if problems else 200


def _offers(looked: Looked) -> list[dict[str, Any]]:
    """List the layouts that can read the file as it is, the best first."""
    return [
        {"name": fit.name, "title": fit.title, "columns": fit.columns, "made": looked.stored.get(fit.name)}
        for fit in looked.guess.fits[:3]
    ]


def _ten_rows(looked: Looked, draft: Draft) -> list[dict[str, Any]]:
    """Try the draft on the first rows; a draft with something wrong is not tried."""
    if drafts.problems_of(drafts.named(draft), looked.guess):
        return []
    layout = drafts.to_layout(drafts.named(draft))
    try:
        area = store_import.expected_area(site.current_site().store, today=site.today())
        rows = trials.try_rows(looked.sample, layout, now=site.now(), area=area)
    except (FileRefusedError, NotFoundError):
        return []
    return [layout_page.tried(row) for row in rows]
