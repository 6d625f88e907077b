"""Imports: reports join the store whole or not at all, once each, and every row is accounted for."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pandas as pd
from sqlalchemy import Table
from sqlalchemy.orm import Session

from mapping import access, schema
from mapping.access import Action, Actor, Kind
from mapping.errors import AccountingError
from mapping.store import (
    audit,
    bulk,
    comparing,
    frames,
    link_finding,
    locks,
    models,
    preparing,
    runs,
    shelves,
)  # fmt: skip
from mapping.store.comparing import Comparison
from mapping.store.models import ImportRow

ACCEPT_ALL: Final = "accept_all"
ACCEPT_PARTIAL: Final = "accept_partial"
REJECT_FILE: Final = "reject_file"
COUNTS: Final = ("new", "updated", "unchanged", "superseded", "erased", "joined", "rejected")

ISSUES: Final[Table] = models.RowIssue.__table__  # type: ignore[assignment]
LONGEST_NAME: Final = 120

# What an account has to be allowed to create, by the door a record comes in and what it is.
NEEDED: Final = {
    ("file", "reports"): Kind.IMPORT,
    ("file", "intelligence"): Kind.IMPORT,
    ("form", "reports"): Kind.SUBMISSION,
    ("form", "intelligence"): Kind.INTELLIGENCE,
}

_ISSUES: Final = list(schema.ROW_ISSUES)
_HELD_ELSEWHERE: Final = (
    "names a record of this source that another agency holds, and another owner for it; only that agency "
    "can hand it over. If this is another record, give the source another name"
)


@dataclass(frozen=True)
class ImportResult:
    """What became of every row of one file, or of several sent together (`files` tells them apart)."""

    status: str
    rows_in: int
    counts: dict[str, int]
    issues: list[dict[str, Any]]
    messages: list[str]
    import_id: int | None
    files: list[dict[str, Any]]
    seconds: dict[str, float] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    # Of the rows kept: reports of an event that another source told of too, and links that wait for a person.
    linked: int = 0
    queued_links: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the object that `hotspots import --json` prints."""
        # One file's rows need no file name beside them.
        left_out = set() if len(self.files) > 1 else {"file"}
        return {
            "status": self.status,
            "rows_in": self.rows_in,
            **{name: self.counts[name] for name in COUNTS},
            "linked": self.linked,
            "queued_links": self.queued_links,
            "issues": [
                {name: value for name, value in issue.items() if name not in left_out}
                for issue in self.issues
            ],
            "messages": self.messages,
            "import_id": self.import_id,
            "files": self.files,
            "places": self.places,
            "seconds": self.seconds,
        }


def together(results: Sequence[ImportResult], messages: Sequence[str] = ()) -> ImportResult:
    """Put the results of files that were sent together into one; its `import_id` is that of the batch.

    Parameters
    ----------
    messages : sequence of str
        What there is to say of all of them.
    """
    rows_in = sum(result.rows_in for result in results)
    counts = {name: sum(result.counts[name] for result in results) for name in COUNTS}
    said = said_once([(result.files[0]["name"], result.messages) for result in results])
    return ImportResult(
        status=status_of(rows_in, counts),
        rows_in=rows_in,
        counts=counts,
        issues=[issue for result in results for issue in result.issues],
        messages=[*messages, *said],
        import_id=results[0].import_id if results else None,
        files=[file for result in results for file in result.files],
        places=dict(sum((Counter(result.places) for result in results), Counter())),
        linked=sum(result.linked for result in results),
        queued_links=sum(result.queued_links for result in results),
    )


def said_once(messages: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Say each message once, with the file it holds for, or how many files."""
    files: dict[str, list[str]] = {}
    for name, said in messages:
        for message in said:
            files.setdefault(message, []).append(name)
    if len(messages) == 1:
        return list(files)
    return [
        f"{names[0] if len(names) == 1 else f'{len(names)} files'}: {message}"
        for message, names in files.items()
    ]


@dataclass(frozen=True)
class Delivery:
    """What intake made of one file or form, ready to be stored.

    `reports` holds `schema.REPORTS` (`schema.INTELLIGENCE` where `kind` is intelligence) and, where
    they were placed, `ward_gss_code` and `placement` for the edition `boundary_edition`.
    `membership` maps a report's key to the key of the report that leads its incident, where that
    is another; a report not in it is its own incident. `files` holds one object a file with
    `name`, `sha256`, `rows_in`, `accepted`, `rejected`.
    """

    reports: pd.DataFrame
    issues: pd.DataFrame
    rows_in: int
    layout: str
    source_name: str
    files: Sequence[Mapping[str, Any]]
    messages: Sequence[str] = ()
    membership: Mapping[str, str] = field(default_factory=dict)
    boundary_edition: str = ""
    kind: str = "reports"
    door: str = "file"
    batch_id: int | None = None  # of the first import of the batch; None for that one itself
    places: Mapping[str, int] = field(default_factory=dict)  # how many words were matched, ambiguous, ...


@dataclass(frozen=True)
class Prepared:
    """A delivery whose rows are ready to be compared and written."""

    delivery: Delivery
    frame: pd.DataFrame
    messages: list[str]

    @property
    def shelf(self) -> shelves.Shelf:
        """Where its records are kept."""
        return shelves.SHELVES[self.delivery.kind]


def prepare(session: Session, delivery: Delivery, *, actor: Actor) -> Prepared:
    """Do what takes time and needs no lock; call it in `store.reading()` before `store_import`."""
    shelf = shelves.SHELVES[delivery.kind]
    frame, messages = preparing.prepare(session, delivery.reports, shelf, actor=actor)
    return Prepared(delivery, frame, messages)


def store_import(
    session: Session, delivered: Delivery | Prepared, *, actor: Actor, now: dt.datetime
) -> ImportResult:
    """Store what is new or newer, in the caller's transaction, and account for every row.

    A report is known by its key. The same content again is `unchanged`; other content takes the
    place of what is held (`updated`, the old kept as a version) unless its extract is older
    (`superseded`); an erased report stays so (`erased`). A key that repeats within the files, and
    a new report of an incident already told, are `joined`. A report whose owner is no agency here
    is held for the account's own agency. A row that names another owner for a record which a third
    agency holds is `rejected`.

    Raises
    ------
    NotAllowedError
        The account may not import, or its agency's agreements share nothing now.
    AccountingError
        The rows do not add up: a fault in a step before this one; nothing is stored.
    """
    delivery = delivered.delivery if isinstance(delivered, Prepared) else delivered
    needed = NEEDED[delivery.door, delivery.kind]
    access.require(actor, Action.CREATE, needed, today=access.local_day(now))
    ready = delivered if isinstance(delivered, Prepared) else prepare(session, delivered, actor=actor)
    locks.hold_records(session)  # of two imports of the same file one alone can be first
    comparison = comparing.compare(
        session, ready.frame, ready.shelf, delivery.membership, ready.messages, actor=actor
    )
    delivery = _with_rejected(delivery, comparison)
    counts = _counts(comparison, delivery)
    messages = [*delivery.messages, *comparison.messages]
    row = _add_import(session, delivery, counts, messages, actor=actor, now=now)
    _store_issues(session, delivery.issues, row.import_id)
    before, after = comparing.write(
        session, comparison, import_id=row.import_id, boundary_edition=delivery.boundary_edition, now=now
    )
    # A run must not go on showing what an update made stricter.
    withdrawn = runs.withdraw_for(session, before, after, now=now)
    audit.append(
        session,
        actor=actor,
        action="import",
        kind=Kind.IMPORT,
        object_id=row.import_id,
        details={
            "sha256": row.sha256,
            "layout": delivery.layout,
            "status": row.status,
            "rows_in": delivery.rows_in,
            **counts,
            "runs_withdrawn": withdrawn,
        },
        now=now,
    )
    if ready.shelf is not shelves.REPORTS:
        return _result(delivery, counts, messages, row.import_id)
    links = link_finding.after_import(
        session, row.import_id, comparison.written(), before, actor=actor, now=now
    )
    row.messages = [*messages, *links.messages]
    kept = _result(delivery, counts, list(row.messages), row.import_id)
    return replace(kept, linked=links.linked, queued_links=links.queued)


def preview(
    session: Session,
    delivery: Delivery,
    *,
    actor: Actor,
    now: dt.datetime,
    foreseen: dict[str, comparing.Held] | None = None,
) -> ImportResult:
    """Say what `store_import` would answer, and store nothing; `import_id` is None.

    Parameters
    ----------
    foreseen : dict, optional
        What earlier files of the same batch would store, by key; what this one would is added.
    """
    access.require(actor, Action.CREATE, Kind.IMPORT, today=access.local_day(now))
    ready = prepare(session, delivery, actor=actor)
    comparison = comparing.compare(
        session, ready.frame, ready.shelf, delivery.membership, ready.messages, actor=actor, foreseen=foreseen
    )
    delivery = _with_rejected(delivery, comparison)
    if foreseen is not None:
        foreseen.update(comparison.foreseen())
    messages = [*delivery.messages, *comparison.messages]
    return _result(delivery, _counts(comparison, delivery), messages, None)


def record_refusal(
    session: Session,
    *,
    layout: str,
    source_name: str,
    files: Sequence[Mapping[str, Any]],
    problems: Sequence[str],
    actor: Actor,
    now: dt.datetime,
) -> ImportResult:
    """Record that a whole file was refused before any row of it was read, and why."""
    access.require(actor, Action.CREATE, Kind.IMPORT, today=access.local_day(now))
    delivery = Delivery(
        reports=pd.DataFrame(),
        issues=schema.empty_issues(),
        rows_in=0,
        layout=layout,
        source_name=source_name,
        files=files,
        messages=problems,
    )
    counts = dict.fromkeys(COUNTS, 0)
    row = _add_import(session, delivery, counts, problems, actor=actor, now=now, status=REJECT_FILE)
    audit.append(
        session,
        actor=actor,
        action="import",
        kind=Kind.IMPORT,
        object_id=row.import_id,
        details={"sha256": row.sha256, "layout": layout, "status": REJECT_FILE, "rows_in": 0, **counts},
        now=now,
    )
    return refused_result(problems, row.import_id)


def refused_result(problems: Sequence[str], import_id: int | None) -> ImportResult:
    """Return what there is to say of files refused whole."""
    return ImportResult(REJECT_FILE, 0, dict.fromkeys(COUNTS, 0), [], list(problems), import_id, [])


def _with_rejected(delivery: Delivery, comparison: Comparison) -> Delivery:
    """Add to a delivery's issues the rows that the comparison rejected."""
    rows = comparison.rejected()
    if not len(rows):
        return delivery
    issues = pd.DataFrame({"row": rows.to_numpy()}).assign(
        file=str(delivery.files[0]["name"]), field="reference", reason=_HELD_ELSEWHERE, severity="rejected"
    )
    found = [delivery.issues, issues[_ISSUES]] if len(delivery.issues) else [issues[_ISSUES]]
    return replace(delivery, issues=pd.concat(found, ignore_index=True))


def _counts(comparison: Comparison, delivery: Delivery) -> dict[str, int]:
    found = Counter(str(verdict) for verdict in comparison.verdicts)
    # A rejected row may have several issues; a row is one line of one file.
    rejected = delivery.issues[delivery.issues["severity"] == "rejected"]
    found["rejected"] = len(rejected.drop_duplicates(["file", "row"]))
    if found.total() != delivery.rows_in:
        raise AccountingError(
            f"{delivery.rows_in} rows came in and {found.total()} are accounted for; nothing was stored. "
            "This is a fault of the program: please report it with these two numbers."
        )
    return {name: found[name] for name in COUNTS}


def status_of(rows_in: int, counts: Mapping[str, int]) -> str:
    """Return the word for what became of the rows as a whole."""
    if counts["rejected"] == 0:
        return ACCEPT_ALL
    return REJECT_FILE if counts["rejected"] == rows_in else ACCEPT_PARTIAL


def _add_import(
    session: Session,
    delivery: Delivery,
    counts: Mapping[str, int],
    messages: Sequence[str],
    *,
    actor: Actor,
    now: dt.datetime,
    status: str = "",
) -> ImportRow:
    files = [dict(file) for file in delivery.files]
    row = ImportRow(
        status=status or status_of(delivery.rows_in, counts),
        layout=delivery.layout,
        source=delivery.source_name,
        file_name=_shown_name(files),
        sha256=_fingerprint(files),
        files=files,
        messages=list(messages),
        batch_messages=[],
        rows_in=delivery.rows_in,
        **{f"{name}_count": counts[name] for name in COUNTS},
        account_id=actor.account_id,
        agency_id=actor.agency_id,
        imported_at=now,
        door=delivery.door,
    )
    session.add(row)
    session.flush()
    row.batch_id = delivery.batch_id or row.import_id
    return row


def _shown_name(files: Sequence[Mapping[str, Any]]) -> str:
    """Return the name that lists show: never a path, and short."""
    if not files:
        return ""
    first = str(files[0]["name"]).replace("\\", "/").rsplit("/", 1)[-1][:LONGEST_NAME]
    return first if len(files) == 1 else f"{first} and {len(files) - 1} more"


def _fingerprint(files: Sequence[Mapping[str, Any]]) -> str:
    """Return the checksum of one file, or of the checksums of several in their order."""
    if len(files) == 1:
        return str(files[0]["sha256"])
    return hashlib.sha256(" ".join(str(file["sha256"]) for file in files).encode()).hexdigest()


def _store_issues(session: Session, issues: pd.DataFrame, import_id: int) -> None:
    columns = {"import_id": import_id, **{name: issues[name] for name in _ISSUES}}
    bulk.insert_rows(session, ISSUES, columns, len(issues))


def _result(
    delivery: Delivery, counts: dict[str, int], messages: list[str], import_id: int | None
) -> ImportResult:
    status = status_of(delivery.rows_in, counts)
    file = {
        "name": _shown_name(delivery.files),
        "sha256": _fingerprint(delivery.files),
        "import_id": import_id,
        "status": status,
        "rows_in": delivery.rows_in,
        **counts,
    }
    return ImportResult(
        status=status,
        rows_in=delivery.rows_in,
        counts=counts,
        issues=frames.to_rows(delivery.issues, _ISSUES, ISSUES, "issues"),
        messages=messages,
        import_id=import_id,
        files=[file],
        places=dict(delivery.places),
    )
