"""Sending in: a report or an intelligence item is written, checked, sent, and followed.

Nothing is kept between the pages: what was written travels in the check page's own form, redacted and
signed (`drafts`). The reference is made when the form is opened, so that a form is kept once.
"""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import Field

from mapping import sending
from mapping.access import Action, Kind
from mapping.intake import redaction
from mapping.sending import INTELLIGENCE, REPORT, Said
from mapping.store import audit, submissions
from webapp import drafts, formatters, pages, sent_words, site
from webapp.guard import allows
from webapp.sending_forms import IntelligenceForm, ReportForm

blueprint = Blueprint("sending", __name__)

Answer = str | Response | tuple[str, int]
_FORMS = {REPORT: ReportForm, INTELLIGENCE: IntelligenceForm}
_KINDS = {REPORT: Kind.SUBMISSION, INTELLIGENCE: Kind.INTELLIGENCE}
_TEMPLATES = {REPORT: "send_report.html", INTELLIGENCE: "send_intelligence.html"}


@blueprint.get("/send/report")
@allows(Action.CREATE, Kind.SUBMISSION)
def report() -> Answer:
    """Ask what somebody saw or was told."""
    return _open(REPORT)


@blueprint.post("/send/report")
@allows(Action.CREATE, Kind.SUBMISSION)
def check_report() -> Answer:
    """Show what of a report would be kept."""
    return _check(REPORT)


@blueprint.post("/send/report/change")
@allows(Action.CREATE, Kind.SUBMISSION)
def change_report() -> Answer:
    """Open the form again with what was written."""
    return _change(REPORT)


@blueprint.post("/send/report/confirm")
@allows(Action.CREATE, Kind.SUBMISSION)
def confirm_report() -> Answer:
    """Keep a report that was checked."""
    return _confirm(REPORT)


@blueprint.get("/send/intelligence")
@allows(Action.CREATE, Kind.INTELLIGENCE)
def intelligence() -> Answer:
    """Ask for an intelligence item with its grading and handling."""
    return _open(INTELLIGENCE)


@blueprint.post("/send/intelligence")
@allows(Action.CREATE, Kind.INTELLIGENCE)
def check_intelligence() -> Answer:
    """Show what of an item would be kept."""
    return _check(INTELLIGENCE)


@blueprint.post("/send/intelligence/change")
@allows(Action.CREATE, Kind.INTELLIGENCE)
def change_intelligence() -> Answer:
    """Open the form again with what was written."""
    return _change(INTELLIGENCE)


@blueprint.post("/send/intelligence/confirm")
@allows(Action.CREATE, Kind.INTELLIGENCE)
def confirm_intelligence() -> Answer:
    """Keep an item that was checked."""
    return _confirm(INTELLIGENCE)


@blueprint.get("/sent")
@allows(Action.VIEW, Kind.SUBMISSION)
def listing() -> str:
    """List what the account sent in, and how far each has come."""
    with site.current_site().store.reading() as session:
        sent = submissions.list_own(session, actor=site.actor(), today=site.today())
    rows = [sent_words.line(one) for one in sent]
    return pages.show(
        "sent.html",
        is_marked=True,
        finding=sent_words.finding(sent),
        rows=rows,
        may_send_intelligence=site.may(Action.CREATE, Kind.INTELLIGENCE),
    )


@blueprint.get("/sent/<int:submission_id>")
@allows(Action.VIEW, Kind.SUBMISSION)
def show(submission_id: int) -> str:
    """Say what was kept of one thing, and how far it has come."""
    return _own(submission_id, "sent_one.html")


@blueprint.get("/sent/<int:submission_id>/received")
@allows(Action.VIEW, Kind.SUBMISSION)
def received(submission_id: int) -> str:
    """Give the reference, and say what happens next."""
    return _own(submission_id, "received.html")


def _own(submission_id: int, template: str) -> str:
    with site.current_site().store.reading() as session:
        sent = submissions.get_own(session, submission_id, actor=site.actor(), today=site.today())
    return pages.show(
        template,
        is_marked=True,
        sent=sent,
        line=sent_words.line(sent),
        removed_words=formatters.sentence(redaction.in_words(sent.removed)),
    )


def _open(kind: str) -> str:
    return _form_page(_form(kind, formdata=None), kind, sending.new_reference())


def _check(kind: str) -> Answer:
    form = _form(kind)
    reference = _reference(form.ticket.data)
    _note_unasked(kind, {field.name for field in form})
    if not form.validate_on_submit():
        return _form_page(form, kind, reference), 422
    said = sending.redacted(form.said(reference))
    here = site.current_site()
    found = sending.check(
        here.store, said, gazetteer=here.settings.gazetteer_path, actor=site.actor(), now=site.now()
    )
    if found.problems:
        for name, sentence in found.problems.items():
            form[name].errors = [*form[name].errors, sentence]
        return _form_page(form, kind, reference), 422
    return pages.show(
        "send_check.html",
        is_marked=True,
        draft=drafts.seal(asdict(said), what=drafts.DRAFT),
        said=said,
        is_intelligence=kind == INTELLIGENCE,
        found=found,
        rows=sent_words.kept(said, found),
        finding=sent_words.removed(said.removed),
        parts=redaction.parts,
        action=url_for(f"sending.confirm_{_word(kind)}"),
        change=url_for(f"sending.change_{_word(kind)}"),
    )


def _change(kind: str) -> Answer:
    said = _draft(kind)
    return _form_page(_form(kind, formdata=_as_sent(said)), kind, said.reference)


def _confirm(kind: str) -> Answer:
    here, said = site.current_site(), _draft(kind)
    number = sending.send(
        here.store, said, gazetteer=here.settings.gazetteer_path, actor=site.actor(), now=site.now()
    )
    return redirect(url_for("sending.received", submission_id=number), code=303)


def _draft(kind: str) -> Said:
    said = Said(**drafts.unseal(request.form.get("draft", ""), what=drafts.DRAFT))
    if said.kind != kind:
        abort(400)
    return said


def _reference(ticket: str | None) -> str:
    """Return the reference that the form was opened with; one that came without gets its own."""
    if not ticket:
        return sending.new_reference()
    return str(drafts.unseal(ticket, what=drafts.TICKET)["reference"])


def _form(kind: str, **values: Any) -> ReportForm | IntelligenceForm:
    with site.current_site().store.reading() as session:
        wards = submissions.ward_names(session)
    return _FORMS[kind](wards, site.actor().wards, **values)


def _form_page(form: ReportForm | IntelligenceForm, kind: str, reference: str) -> str:
    return pages.show(
        _TEMPLATES[kind],
        is_marked=True,
        form=form,
        ticket=drafts.seal({"reference": reference}, what=drafts.TICKET),
        action=url_for(f"sending.check_{_word(kind)}"),
        legend=_legend,
    )


def _legend(field: Field) -> dict[str, dict[str, str]]:
    """Return a fieldset as the components want it: the label of a group of boxes, in the size of one."""
    return {"legend": {"text": field.label.text, "classes": "govuk-fieldset__legend--s"}}


def _as_sent(said: Said) -> MultiDict[str, str]:
    """Turn what was written back into what the form's boxes hold."""
    facts = {name: value for name, value in asdict(said).items() if isinstance(value, str)}
    codes = [code for code in sending.ACTION_CODES if code in said.conditions.split(". ")[0].split()]
    words = said.conditions.removeprefix(" ".join(codes)).removeprefix(". ")
    boxes = MultiDict({**facts, "conditions": words})
    boxes.setlist("codes", codes)
    for name in ("day", "last_day"):
        year, _, rest = facts[name].partition("-")
        month, _, day = rest.partition("-")
        boxes.setlist(name, [day, month, year])
    return boxes


def _note_unasked(kind: str, asked: set[str]) -> None:
    """Write down that fields came which the form does not have; they are never read."""
    unasked = set(request.form) - asked - {"csrf_token"}
    if unasked:
        with site.transaction() as session:
            audit.append(
                session,
                actor=site.actor(),
                action="fields nobody asked for",
                kind=_KINDS[kind],
                # Names of columns are ours to write down; anything else is a visitor's own words.
                details={"count": len(unasked), "known": sorted(unasked & _GUARDED)},
                now=site.now(),
            )


_GUARDED = frozenset(
    {"account_id", "agency_id", "approved_by", "conditions", "handling", "handling_code", "kind", "reference",
     "restricted_to", "role", "source", "source_agency", "submission_id"}
)  # fmt: skip


def _word(kind: str) -> str:
    return "report" if kind == REPORT else "intelligence"
