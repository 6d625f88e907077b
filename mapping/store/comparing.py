"""What an import would change: each delivered report against what the store holds, then the writing."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar

import pandas as pd
from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from mapping import access, schema
from mapping.access import Actor
from mapping.store import agencies, frames
from mapping.store.models import Incident, Report, ReportVersion, Tombstone

REPORTS: Final[Table] = Report.__table__  # type: ignore[assignment]
FIELDS: Final = list(schema.REPORTS)
PLACEMENT: Final = ["ward_gss_code", "placement"]
# What makes a report another one when it changes: not where it stood in which file.
CONTENT: Final = [name for name in FIELDS if name not in ("row", "report_key", "extracted_on")]
# Comfortably below what one statement may hold on either database.
KEYS_AT_ONCE: Final = 2000
_LONG_AGO: Final = dt.datetime.min.replace(tzinfo=dt.UTC)

Row = dict[str, Any]
T = TypeVar("T")


class Verdict(StrEnum):
    """What becomes of one delivered row."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    ERASED = "erased"
    JOINED = "joined"


class Held(NamedTuple):
    """What the store holds under a report's key."""

    report_id: int
    incident_id: int
    content_hash: str
    extracted_on: dt.datetime | None


@dataclass
class Comparison:
    """One verdict for each delivered row, and what there is to write."""

    verdicts: list[Verdict] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    to_found: list[Row] = field(default_factory=list)  # each its own new incident
    to_join: list[tuple[Row, int | str]] = field(default_factory=list)  # held incident, or its leader's key
    to_change: list[tuple[Held, Row]] = field(default_factory=list)
    to_date: list[tuple[Held, dt.datetime]] = field(default_factory=list)  # same content in a later extract


def prepare(session: Session, reports: pd.DataFrame, *, actor: Actor) -> tuple[list[Row], list[str]]:
    """Turn delivered reports into rows: owners and restrictions by agency id, placed, with a content hash.

    Parameters
    ----------
    reports : DataFrame, n rows
        `schema.REPORTS`, with `schema.PLACED`'s ward columns where they were placed. Not changed.

    Returns
    -------
    (rows, messages)
        One row for each report, and what had to be assumed.
    """
    messages: list[str] = []
    schema.require(reports, FIELDS, "reports")
    frame = reports[FIELDS].copy()
    located = reports["easting_m"].notna() & reports["northing_m"].notna()
    frame["ward_gss_code"] = reports.get("ward_gss_code", "")
    frame["placement"] = reports.get("placement", located.map({True: "outside", False: "unlocated"}))
    frame["handling_code"] = [
        access.handling_of(code, conditions)
        for code, conditions in zip(frame["handling_code"], frame["conditions"], strict=True)
    ]
    frame["restricted_to"] = _as_ids(session, frame["restricted_to"])
    frame["source_agency"] = _owners(session, frame, messages, actor=actor)
    rows = frames.to_rows(frame, [*FIELDS, *PLACEMENT], REPORTS, "reports")
    for row in rows:
        row["content_hash"] = _content_hash(row)
    return rows, messages


def compare(
    session: Session, rows: Sequence[Row], membership: Mapping[str, str], messages: Sequence[str] = ()
) -> Comparison:
    """Judge every prepared row; reads the store and changes nothing.

    Parameters
    ----------
    membership : mapping of str to str
        Key of a report to the key of the report that leads its incident, where that is another one.
    messages : sequence of str
        What preparing them had to say.
    """
    comparison = Comparison(messages=list(messages))
    keys = [row["report_key"] for row in rows]
    held = _held(session, [*keys, *(membership[key] for key in keys if key in membership)])
    erased = _erased(session, keys)
    leading = _leading(rows)
    to_found = {
        key for key in leading if key not in held and key not in erased and membership.get(key, key) == key
    }
    for row in rows:
        key = row["report_key"]
        leader = membership.get(key, key)
        if leading[key] is not row:
            verdict = Verdict.JOINED
        elif key in erased:
            verdict = Verdict.ERASED
        elif key in held:
            verdict = _against(held[key], row, comparison)
        elif leader != key and (leader in held or leader in to_found):
            comparison.to_join.append((row, held[leader].incident_id if leader in held else leader))
            verdict = Verdict.JOINED
        else:
            comparison.to_found.append(row)
            verdict = Verdict.NEW
        comparison.verdicts.append(verdict)
    _tell_of_conflicts(rows, leading, comparison.messages)
    return comparison


def _leading(rows: Sequence[Row]) -> dict[str, Row]:
    """Return the row that speaks for each key: of the latest extract, with a point, the first of these."""

    def weight(row: Row) -> tuple[dt.datetime, bool]:
        return row["extracted_on"] or _LONG_AGO, row["easting_m"] is not None

    leading: dict[str, Row] = {}
    for row in rows:
        held = leading.setdefault(row["report_key"], row)
        if held is not row and weight(row) > weight(held):
            leading[row["report_key"]] = row
    return leading


def _tell_of_conflicts(rows: Sequence[Row], leading: Mapping[str, Row], messages: list[str]) -> None:
    conflicts = sum(row["content_hash"] != leading[row["report_key"]]["content_hash"] for row in rows)
    if conflicts:
        messages.append(
            f"{conflicts} rows repeat a reference with other content; of each, the latest extract was kept, "
            "then a row with a point, then the first."
        )


def _against(held: Held, row: Row, comparison: Comparison) -> Verdict:
    """Judge a report that is held: by its content first, then by which extract is the later one."""
    came, known = row["extracted_on"], held.extracted_on
    if row["content_hash"] == held.content_hash:
        if came is not None and (known is None or came > known):
            comparison.to_date.append((held, came))
        return Verdict.UNCHANGED
    if came is not None and known is not None and came < known:
        return Verdict.SUPERSEDED
    comparison.to_change.append((held, row))
    return Verdict.UPDATED


def write(
    session: Session, comparison: Comparison, *, import_id: int, boundary_edition: str, now: dt.datetime
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write what a comparison found, in the caller's transaction.

    Returns
    -------
    (before, after) : DataFrames, one row for each report that was changed
        What decides who may see it, and when it occurred, as it was and as it is.
    """
    stamp = {"import_id": import_id, "boundary_edition": boundary_edition, "stored_at": now}
    founded = _new_incidents(session, comparison.to_found, now=now)
    added = [{**row, **stamp, "incident_id": founded[row["report_key"]]} for row in comparison.to_found]
    for row, incident in comparison.to_join:
        incident_id = founded[incident] if isinstance(incident, str) else incident
        added.append({**row, **stamp, "incident_id": incident_id})
    if added:
        session.execute(insert(REPORTS), added)
    before = _change(session, comparison.to_change, stamp)
    after = [row for _, row in comparison.to_change]
    if comparison.to_date:
        session.execute(
            update(REPORTS)
            .where(REPORTS.c.report_id == bindparam("held_id"))
            .values(extracted_on=bindparam("later")),
            [{"held_id": held.report_id, "later": later} for held, later in comparison.to_date],
        )
    return _deciding(before), _deciding(after)


def _deciding(rows: Sequence[Row]) -> pd.DataFrame:
    columns = [*access.RECORD_COLUMNS, "occurred_from"]
    return frames.to_frame([[row[name] for name in columns] for row in rows], columns, REPORTS)


def _new_incidents(session: Session, rows: Sequence[Row], *, now: dt.datetime) -> dict[str, int]:
    """Make one incident for each row and return its id by the row's key."""
    if not rows:
        return {}
    made = session.execute(
        insert(Incident).returning(Incident.incident_id), [{"created_at": now}] * len(rows)
    )
    # In the order of the file, so that lists by id read like it.
    return {row["report_key"]: number for row, number in zip(rows, sorted(made.scalars()), strict=True)}


def _change(session: Session, changes: Sequence[tuple[Held, Row]], stamp: Row) -> list[Row]:
    """Put new content in place of old, keep the old as a version, and return the old in the same order."""
    before: list[Row] = []
    for chunk in _chunks(changes):
        old = {
            row["report_id"]: {name: row[name] for name in (*FIELDS, *PLACEMENT)}
            for row in session.execute(
                select(REPORTS).where(REPORTS.c.report_id.in_([held.report_id for held, _ in chunk]))
            ).mappings()
        }
        session.execute(
            insert(ReportVersion),
            [
                {
                    "report_id": report_id,
                    "replaced_by": stamp["import_id"],
                    "replaced_at": stamp["stored_at"],
                    "content": content,
                }
                for report_id, content in old.items()
            ],
        )
        changed = [*FIELDS, *PLACEMENT, "content_hash", *stamp]
        session.execute(
            update(REPORTS)
            .where(REPORTS.c.report_id == bindparam("held_id"))
            .values({name: bindparam(f"new_{name}") for name in changed}),
            [
                {
                    "held_id": held.report_id,
                    **{f"new_{name}": value for name, value in {**row, **stamp}.items()},
                }
                for held, row in chunk
            ],
        )
        before += [old[held.report_id] for held, _ in chunk]
    return before


def key_hash(report_key: str) -> str:
    """Return what a tombstone keeps of a report's key (its source and reference)."""
    return hashlib.sha256(report_key.encode()).hexdigest()


def _owners(session: Session, frame: pd.DataFrame, messages: list[str], *, actor: Actor) -> pd.Series:
    """Name each owner by its agency id; what has none here and is not open is held by the importer's."""
    known = {owner: agencies.find(session, owner) for owner in frame["source_agency"].unique()}
    ids = frame["source_agency"].map(
        {owner: agency.agency_id if agency else "" for owner, agency in known.items()}
    )
    declared = frame["source_agency"].map({owner: agencies.slug(owner) for owner in known})
    is_open = frame["handling_code"] == "open"
    homeless = (ids == "") & ~is_open
    if homeless.any():
        messages.append(
            f"{int(homeless.sum())} rows name an owner that is no agency here; they are held for "
            f"{agencies.get(session, actor.agency_id).name}."
        )
    return ids.mask(ids == "", declared).mask(homeless, actor.agency_id)


def _as_ids(session: Session, restricted_to: pd.Series) -> pd.Series:
    """Name the agencies of each restriction by id; one that is unknown here stays, and lets nobody in."""

    def by_id(text: str) -> str:
        ids = set()
        for name in access.agencies_named(text):
            agency = agencies.find(session, name)
            ids.add(agency.agency_id if agency else agencies.slug(name) or name)
        # A restriction that names nobody is still one.
        return "|".join(sorted(ids)) or text.strip()

    return restricted_to.map({text: by_id(text) for text in restricted_to.unique()})


def _content_hash(row: Row) -> str:
    words = (
        value.isoformat() if isinstance(value, dt.datetime) else repr(value)
        for value in (row[name] for name in CONTENT)
    )
    return hashlib.sha256("\x1f".join(words).encode("utf-8", "surrogatepass")).hexdigest()


def _held(session: Session, keys: Sequence[str]) -> dict[str, Held]:
    columns = REPORTS.c
    found: dict[str, Held] = {}
    for chunk in _chunks(list(dict.fromkeys(keys))):
        rows = session.execute(
            select(
                columns.report_key,
                columns.report_id,
                columns.incident_id,
                columns.content_hash,
                columns.extracted_on,
            ).where(columns.report_key.in_(chunk))
        )
        found.update({row[0]: Held(*row[1:]) for row in rows})
    return found


def _erased(session: Session, keys: Sequence[str]) -> frozenset[str]:
    """Return which of `keys` were erased."""
    hashes = frozenset(session.execute(select(Tombstone.key_hash)).scalars())
    return frozenset(key for key in keys if key_hash(key) in hashes) if hashes else frozenset()


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + KEYS_AT_ONCE] for start in range(0, len(items), KEYS_AT_ONCE))
