"""Importing: send a file, see what it would do, confirm, and see what became of every row."""

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mapping import wording
from mapping.access import Action, Kind
from mapping.errors import FileRefusedError
from mapping.intake import layout as layouts
from mapping.intake import samples
from mapping.intake.layout import Layout
from mapping.intake.readers import shown
from mapping.publishing.tables import csv_text
from mapping.store import imports, past_imports, place_reviews
from mapping.store import layouts as held
from webapp import formatters, layout_page, pages, place_words, site, uploads, works
from webapp.forms import UNKNOWN, UploadForm
from webapp.guard import allows

blueprint = Blueprint("imports", __name__, url_prefix="/imports")

ISSUES_A_PAGE = 50
LAST_PAGE = 1_000_000  # a number beyond what a database counts to must not reach it
_COUNT_WORDS = {
    "new": "new",
    "updated": "changed",
    "unchanged": "held already",
    "superseded": "older than what is held",
    "erased": "erased before, and left so",
    "joined": "joined to another report",
    "rejected": "rejected",
}


@blueprint.get("")
@allows(Action.VIEW, Kind.IMPORT)
def listing() -> str:
    """List the agency's imports, newest first."""
    with site.current_site().store.reading() as session:
        rows = past_imports.list_recent(session, actor=site.actor(), limit=50)
    finding = (
        "No file has been imported yet"
        if not rows
        else f"Last import {formatters.moment(rows[0].imported_at)}"
    )
    return pages.show("imports.html", is_marked=True, finding=finding, rows=rows)


@blueprint.get("/new")
@allows(Action.CREATE, Kind.IMPORT)
def new() -> str:
    """Ask for a file and where it comes from."""
    return _form_page(_form())


@blueprint.post("/new")
@allows(Action.CREATE, Kind.IMPORT)
def send() -> BaseResponse | tuple[str, int]:
    """Check a file without keeping any row of it."""
    form = _form()
    if not form.validate_on_submit():
        return _form_page(form), 422
    settings = site.current_site().settings
    file = form.file.data
    uploads.sweep(settings, now=site.now())
    token, path, sha256 = uploads.keep(settings, file.stream, file.filename or "")
    extracted_on = form.extracted_on.data.isoformat() if form.extracted_on.data else ""
    try:
        if form.layout.data == UNKNOWN:
            samples.take(path)
            return _describe(token, file.filename or "", sha256, extracted_on)
        checked = works.check_file(
            site.current_site().store, settings, site.actor(), path, form.layout.data,
            extracted_on=extracted_on,
        )  # fmt: skip
    except FileRefusedError as refusal:
        is_unknown = form.layout.data == UNKNOWN
        can_describe = not is_unknown and _is_a_table(path)
        if can_describe:
            _wait(token, file.filename or "", sha256, extracted_on)
        else:
            uploads.discard(settings, token)
        works.note_refusal(
            site.current_site().store,
            site.actor(),
            layout="" if is_unknown else form.layout.data,
            file_name=path.name,
            sha256=sha256,
            problems=refusal.problems,
        )
        return _form_page(form, refusal.problems, describe=token if can_describe else ""), 422
    except BaseException:
        uploads.discard(settings, token)
        raise
    uploads.note(
        settings,
        token,
        account_id=site.actor().account_id,
        file_name=shown((file.filename or "")[-120:]),
        layout=form.layout.data,
        sha256=sha256,
        preview=checked,
        extracted_on=extracted_on,
        now=site.now(),
    )
    return redirect(url_for("imports.check", token=token))


@blueprint.get("/waiting/<token>")
@allows(Action.CREATE, Kind.IMPORT)
def check(token: str) -> str | BaseResponse:
    """Show what a waiting file would do."""
    upload = uploads.find(site.current_site().settings, token, account_id=site.actor().account_id)
    if not upload.layout:
        return redirect(url_for("layouts.learn", token=upload.token))
    found = upload.preview
    kept = found["rows_in"] - found["counts"]["rejected"]
    return pages.show(
        "import_preview.html",
        is_marked=True,
        staged=upload,
        finding=_preview_finding(found),
        counts=_counts(found["rows_in"], found["counts"]),
        accepted=kept,
        tells_nothing_new=not found["counts"]["new"] + found["counts"]["updated"],
        messages=found["messages"],
        rows=found["rows"],
        issues=found["issues"],
        issues_finding=_issues_finding(found["issues_total"], len(found["issues"])),
        issue_kinds=found["issue_kinds"],
        is_described=uploads.draft_of(site.current_site().settings, upload) is not None,
    )


@blueprint.post("/waiting/<token>/confirm")
@allows(Action.CREATE, Kind.IMPORT)
def confirm(token: str) -> BaseResponse:
    """Have a checked file imported in the background."""
    now = site.current_site()
    upload = uploads.find(now.settings, token, account_id=site.actor().account_id)
    if not upload.layout:
        return redirect(url_for("layouts.learn", token=upload.token))
    job_id = now.jobs.ask("import", {"token": upload.token}, actor=site.actor())
    return redirect(url_for("jobs.show", job_id=job_id))


@blueprint.post("/waiting/<token>/discard")
@allows(Action.CREATE, Kind.IMPORT)
def discard(token: str) -> BaseResponse:
    """Throw a waiting file away."""
    settings = site.current_site().settings
    upload = uploads.find(settings, token, account_id=site.actor().account_id)
    uploads.discard(settings, upload.token)
    return redirect(url_for("imports.listing"))


@blueprint.get("/<int:import_id>")
@allows(Action.VIEW, Kind.IMPORT)
def show(import_id: int) -> str:
    """Say what became of every row."""
    page = min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)
    with site.current_site().store.reading() as session:
        result = past_imports.get(session, import_id, actor=site.actor())
        issues, total = past_imports.row_issues(
            session,
            import_id,
            actor=site.actor(),
            offset=(page - 1) * ISSUES_A_PAGE,
            limit=ISSUES_A_PAGE,
        )
        kinds = past_imports.issue_kinds(session, import_id, actor=site.actor())
        ids = [part["import_id"] for part in result.parts]
        places = place_reviews.statuses(session, ids, actor=site.actor(), today=site.today())
    return pages.show(
        "import_result.html",
        is_marked=True,
        result=result,
        finding=_result_finding(result),
        counts=_counts(result.rows_in, result.counts),
        files=_files(result),
        sum_line=_sum_line(result.rows_in, result.counts),
        places_line=place_words.found_line(places),
        places_wait=any(places.get(status) for status in place_reviews.WAITING),
        issues=issues.to_dict("records"),
        issues_total=total,
        issues_finding=_issues_finding(total, len(issues)),
        issue_kinds=kinds[:ISSUES_A_PAGE] if page == 1 else [],
        pages=_pager(import_id, page, total),
        may_refresh=site.may(Action.CREATE, Kind.RUN) and result.counts["new"] + result.counts["updated"] > 0,
    )


@blueprint.get("/<int:import_id>/row-issues.csv")
@allows(Action.VIEW, Kind.IMPORT)
def issues_file(import_id: int) -> Response:
    """Serve every row issue as CSV; no cell of it can be run as a formula."""
    with site.current_site().store.reading() as session:
        issues, _ = past_imports.row_issues(session, import_id, actor=site.actor())
    headers = {"Content-Disposition": f'attachment; filename="row-issues-{import_id}.csv"'}
    return Response(csv_text(issues), mimetype="text/csv", headers=headers)


def _describe(token: str, file_name: str, sha256: str, extracted_on: str) -> BaseResponse:
    """Lead to the mapping screen with a file that nobody has described."""
    _wait(token, file_name, sha256, extracted_on)
    return redirect(url_for("layouts.learn", token=token))


def _wait(token: str, file_name: str, sha256: str, extracted_on: str) -> None:
    """Let a file wait until it is said how to read it."""
    uploads.note(
        site.current_site().settings,
        token,
        account_id=site.actor().account_id,
        file_name=shown(file_name[-120:]),
        layout="",
        sha256=sha256,
        preview={},
        extracted_on=extracted_on,
        now=site.now(),
    )


def _is_a_table(path: Path) -> bool:
    """Say whether a file that no layout fits can be described instead."""
    try:
        samples.take(path)
    except FileRefusedError:
        return False
    return True


def _layouts() -> list[Layout]:
    """List the layouts to choose among: those that ship, then those that were made here."""
    with site.current_site().store.reading() as session:
        made = held.readable(session, visible_to=held.partners(site.actor(), today=site.today()))
    shipped = sorted((layouts.load(name) for name in layouts.names()), key=lambda layout: layout.title)
    return [*made, *shipped]  # what somebody here described is what they most often send


def _form() -> UploadForm:
    return UploadForm({layout.name: layout.title for layout in _layouts()})


def _form_page(form: UploadForm, problems: tuple[str, ...] = (), *, describe: str = "") -> str:
    hints = [{"hint": {"text": _columns(layout)}} for layout in _layouts()]
    hints.append({"hint": {"text": "Its columns are guessed, you check them, and the next file is known."}})
    return pages.show(
        "import_new.html",
        form=form,
        layout_hints=hints,
        max_mb=site.current_site().settings.max_upload_mb,
        problems=problems,
        describe=describe,
    )


def _columns(layout: Layout) -> str:
    """Say by which columns a layout is known."""
    columns = [layout_page.short(column.names[0]) for column in layout.columns.values() if column.required]
    return f"Columns {wording.join_words(columns)}, and others it may have."


def _counts(rows_in: int, counts: dict[str, int]) -> list[tuple[int, str]]:
    told = [(counts[name], words) for name, words in _COUNT_WORDS.items() if counts[name]]
    return [(rows_in, "rows in the file"), *told]


def _files(result: past_imports.Import) -> list[tuple[str, str]]:
    """Account for each file where several came together: its name, and the sum of its rows."""
    if len(result.parts) < 2:
        return []
    return [(part["name"], _sum(part["rows_in"], part)) for part in result.parts]


def _sum_line(rows_in: int, counts: dict[str, int]) -> str:
    return f"{_sum(rows_in, counts)}. Every row is accounted for."


def _sum(rows_in: int, counts: dict[str, int]) -> str:
    parts = [f"{counts[name]:,} {words}" for name, words in _COUNT_WORDS.items() if counts[name]]
    return f"{formatters.counted(rows_in, 'row')} = {' + '.join(parts) or 'nothing'}"


def _preview_finding(found: dict[str, Any]) -> str:
    rejected, rows_in = found["counts"]["rejected"], found["rows_in"]
    if rejected == rows_in:
        return "Not one row of this file can be used"
    if rejected:
        return f"{rows_in - rejected:,} of {rows_in:,} rows can be imported; {rejected:,} cannot"
    fresh = found["counts"]["new"] + found["counts"]["updated"]
    if not fresh:
        return f"All {formatters.counted(rows_in, 'row')} are held already; importing would change nothing"
    return f"All {formatters.counted(rows_in, 'row')} can be imported"


def _result_finding(result: past_imports.Import) -> str:
    if result.status == imports.REJECT_FILE:
        return "The file was refused and nothing of it was kept"
    fresh = result.counts["new"] + result.counts["updated"]
    if not fresh:
        return "The file was imported and told nothing new"
    rejected = result.counts["rejected"]
    tail = f"; {formatters.counted(rejected, 'row')} rejected" if rejected else ""
    return f"{formatters.counted(fresh, 'report')} new or changed{tail}"


def _issues_finding(total: int, shown: int) -> str:
    if total > shown:
        return f"{shown:,} of {formatters.counted(total, 'row issue')}"
    return formatters.counted(total, "row issue")


def _pager(import_id: int, page: int, total: int) -> dict[str, Any]:
    """Return what the pagination component needs, or nothing where one page holds all."""
    pager: dict[str, Any] = {"landmarkLabel": "Row issues"}
    if page > 1:
        pager["previous"] = {"href": url_for("imports.show", import_id=import_id, page=page - 1)}
    if page * ISSUES_A_PAGE < total:
        pager["next"] = {"href": url_for("imports.show", import_id=import_id, page=page + 1)}
    return pager if len(pager) > 1 else {}
