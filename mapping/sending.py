"""What somebody writes into a form, into the store: redacted, read, placed and kept like a row of a file.

A form is a file of one row. The same rules read it, the same transaction keeps it, and what they find
wrong is said beside the field. Who owns the record and how it may be shared follows from the account.
"""

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mapping.access import Actor, Role, local_day
from mapping.errors import ConflictError
from mapping.intake import form_layouts, redaction, row_issues
from mapping.intake.layout import Area, Layout
from mapping.intake.readers import SourceTable
from mapping.intake.validate import to_reports
from mapping.place_finding import disagreements, look_up, opened, place_found, tally
from mapping.places.wards import surroundings
from mapping.store import boundaries, imports, submissions
from mapping.store.engine import Store
from mapping.store.imports import Delivery
from mapping.store_import import placed_now

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

REPORT: Final = "reports"
INTELLIGENCE: Final = "intelligence"
ACTION_CODES: Final = ("A1", "A2", "S1", "S2")
# No vowels, so that no word comes up, and nothing that is read for something else: 0 O, 1 I L, 5 S, 2 Z.
_LETTERS: Final = "346789BCDFGHJKMNPQRTVWXY"
_REFERENCE_LENGTH: Final = 8
_FORM: Final = "form"


@dataclass(frozen=True)
class Said:
    """What was written into a form, in text as it would stand in a file; dates as 2026-03-01, times as 19:30.

    `reference` names it from the moment the form is opened: sent twice it is kept once. `ward` is a
    GSS code. The last five are for intelligence alone, `repeat` for reports alone. `conditions` are
    action codes and words.
    """

    kind: str
    reference: str
    category: str = ""
    day: str = ""
    time: str = ""
    last_day: str = ""
    ward: str = ""
    place: str = ""
    postcode: str = ""
    longitude: str = ""
    latitude: str = ""
    fact: str = ""
    repeat: str = ""
    opinion: str = ""
    source_grade: str = ""
    assessment_grade: str = ""
    handling: str = ""
    conditions: str = ""
    removed: Mapping[str, int] = field(default_factory=dict)

    @property
    def handling_code(self) -> str:
        """P only where it was said and nothing speaks against it: what is unknown is C."""
        if self.kind == REPORT:
            return "P"
        return "P" if self.handling == "P" and not self.conditions.strip() else "C"


@dataclass(frozen=True)
class Checked:
    """What reading a form found: problems by field of `Said`, doubts in sentences, and where it lies."""

    problems: dict[str, str]
    doubts: list[str]
    placement: str
    ward_name: str


def new_reference() -> str:
    """Make a reference that can be read out over the telephone, such as `F-7KD3-MX9P`."""
    letters = [secrets.choice(_LETTERS) for _ in range(_REFERENCE_LENGTH)]
    return f"F-{''.join(letters[:4])}-{''.join(letters[4:])}"


def redacted(said: Said) -> Said:
    """Take what identifies a person out of every free text, and note how many of what kind it was.

    A postcode in the words for the place is the place, and stays.
    """
    words = {name: redaction.redact(getattr(said, name)) for name in ("fact", "opinion", "conditions")}
    words["place"] = redaction.redact(said.place, leaving=("postcode",))
    removed = redaction.added(said.removed, *(found.removed for found in words.values()))
    return replace(said, removed=removed, **{name: found.text for name, found in words.items()})


def check(
    store: Store, said: Said, *, gazetteer: Path | None = None, actor: Actor, now: dt.datetime
) -> Checked:
    """Read a form as it would be kept, and keep nothing."""
    delivery, wards = _read(store, said, gazetteer=gazetteer, actor=actor, now=now)
    problems, doubts = {}, []
    for issue in delivery.issues.to_dict("records"):
        if issue["severity"] == "rejected":
            problems[_FIELDS.get(issue["field"], "fact")] = f"This {issue['reason']}"
        else:
            named = "the point of your device" if "longitude" in issue["field"] else issue["field"]
            doubts.append(f"{named[:1].upper()}{named[1:]} {issue['reason']}.")
    if delivery.reports.empty:
        return Checked(problems, doubts, "unlocated", "")
    row = delivery.reports.iloc[0]
    doubts += filter(None, [_NOT_FOUND.get(row["place_status"], "")])
    names = {} if wards is None else dict(zip(wards["ward_gss_code"], wards["ward_name"], strict=True))
    placement = row.get("placement", "unlocated")
    return Checked(problems, doubts, placement, names.get(row.get("ward_gss_code", ""), ""))


def send(store: Store, said: Said, *, gazetteer: Path | None = None, actor: Actor, now: dt.datetime) -> int:
    """Keep what was written into a form, once however often it is sent; return its `submission_id`.

    Raises
    ------
    NotAllowedError
        The account may not send this in.
    ConflictError
        It can no longer be read as it was checked, or another account sent it.
    """
    # Whatever came in: nothing is kept that was not redacted here.
    clean = redacted(said)
    delivery, _ = _read(store, clean, gazetteer=gazetteer, actor=actor, now=now)
    if delivery.reports.empty:
        raise ConflictError("What was sent can no longer be used as it stands; open the form again.")
    return _store(store, delivery, clean.removed, actor=actor, now=now)


def _store(
    store: Store, delivery: Delivery, removed: Mapping[str, int], *, actor: Actor, now: dt.datetime
) -> int:
    """Keep one delivered form and note whose it is, in one transaction."""
    key = str(delivery.reports["report_key"].iloc[0])
    with store.reading() as session:
        ready = imports.prepare(session, delivery, actor=actor)
    with store.transaction() as session:
        known = submissions.find(session, kind=delivery.kind, report_key=key, actor=actor)
        if known is not None:
            return known
        kept = imports.store_import(session, placed_now(session, ready, now=now), actor=actor, now=now)
        if kept.counts["erased"]:
            raise ConflictError("What was sent under this reference has been erased; open a new form.")
        return submissions.add(
            session, kind=delivery.kind, report_key=key, removed=removed, import_id=kept.import_id,
            actor=actor, now=now,
        )  # fmt: skip


def _read(
    store: Store, said: Said, *, gazetteer: Path | None = None, actor: Actor, now: dt.datetime
) -> tuple[Delivery, "GeoDataFrame | None"]:
    """Read a form's one row, look up its place, and give it its ward in the current edition, if any."""
    with store.reading() as session:
        geocoder = opened(gazetteer, session) if gazetteer else None
        on = local_day(now)
        current = boundaries.current(session, on=on) if boundaries.editions(session, on=on) else None
    layout = _layout(said, actor)
    cells = _cells(said, now)
    heading = [layout.label(field) for field in layout.columns]
    row = [cells[field] for field in layout.columns]
    digest = hashlib.sha256(json.dumps(row).encode()).hexdigest()
    area = Area(*surroundings(current[1])) if current else None
    table = SourceTable(_FORM, heading, [row], file_sha256=digest, content_sha256=digest)
    records, issues, rows_in = to_reports(table, layout, now=now, area=area)
    records = look_up(geocoder, records)
    issues = row_issues.merged([issues, disagreements(geocoder, records, file=_FORM)])
    if current is not None:
        records = place_found(records, current[1])
    account = {"name": _FORM, "sha256": digest, "rows_in": rows_in, "accepted": len(records)}
    delivery = Delivery(
        reports=records,
        issues=issues,
        rows_in=rows_in,
        layout=layout.name,
        source_name=layout.source,
        files=[{**account, "rejected": rows_in - len(records)}],
        boundary_edition=current[0].name if current else "",
        kind=said.kind,
        door="form",
        places=tally(records),
    )
    return delivery, current[1] if current else None


def _layout(said: Said, actor: Actor) -> Layout:
    """Return how the row is read: a councillor's report is told as such, another's by its agency."""
    agency = actor.agency_id
    if said.kind == INTELLIGENCE:
        return form_layouts.for_intelligence(source_agency=agency)
    source = form_layouts.COUNCILLORS if actor.role is Role.COUNCILLOR else f"{agency}-reports"
    return form_layouts.for_reports(source=source, source_agency=agency)


_NOT_FOUND: Final = {
    "ambiguous": "The place could be more than one; a street, a postcode or a point would tell them apart.",
    "unmatched": "The place was not found; add a street or a postcode, or leave it to an analyst to find.",
}
# Which box an issue of the row belongs to, by the heading that the issue names.
_FIELDS: Final = {
    "when": "day",
    "time": "time",
    "until": "last_day",
    "what": "category",
    "what you know": "fact",
    "opinion": "opinion",
    "place": "place",
    "postcode": "postcode",
    "ward": "ward",
    "handling": "handling",
    "conditions": "conditions",
    "longitude": "place",
    "latitude": "place",
}


def _cells(said: Said, now: dt.datetime) -> dict[str, str]:
    told = f"\n\nHappened here before: {said.repeat}." if said.repeat else ""
    return {
        "reference": said.reference,
        "occurred_at": said.day,
        "occurred_time": said.time,
        "occurred_to": said.last_day,
        "reported_at": now.astimezone(dt.UTC).isoformat(timespec="minutes"),
        "category": said.category,
        "description": f"{said.fact}{told}",
        "place": said.place,
        "postcode": said.postcode,
        "area_code": said.ward,
        "longitude": said.longitude,
        "latitude": said.latitude,
        "opinion": said.opinion,
        "grading": f"{said.source_grade}{said.assessment_grade}",
        "handling": said.handling_code if said.kind == INTELLIGENCE else "",
        "conditions": said.conditions,
    }
