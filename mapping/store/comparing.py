"""What an import would change: each delivered record against what the store holds, then the writing."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import Actor
from mapping.store import agencies, bulk, frames
from mapping.store.models import Incident, Tombstone
from mapping.store.preparing import SHARING, no_wider_than_held
from mapping.store.shelves import Shelf

INCIDENTS: Final = Incident.__table__
# Comfortably below what one statement may hold on either database.
KEYS_AT_ONCE: Final = 2000

_LONG_AGO: Final = pd.Timestamp(0, tz="UTC")
T = TypeVar("T")


class Verdict(StrEnum):
    """What becomes of one delivered row."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    ERASED = "erased"
    JOINED = "joined"
    REJECTED = "rejected"


class Held(NamedTuple):
    """What the store holds under a record's key; an intelligence item belongs to no incident."""

    record_id: int
    incident_id: int | None
    content_hash: str
    extracted_on: dt.datetime | None
    source_agency: str
    sharing: tuple[str, ...]  # handling, conditions, restriction
    own_incident_id: int | None = None  # that it came with, whatever links joined it to


@dataclass
class Comparison:
    """One verdict for each delivered row, and what there is to write: rows by their place in the frame."""

    frame: pd.DataFrame
    shelf: Shelf
    verdicts: list[Verdict] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    to_found: list[int] = field(default_factory=list)  # each its own new incident, where it has one
    to_join: list[tuple[int, Held | str]] = field(default_factory=list)  # its incident's leader, or its key
    to_change: list[tuple[Held, int]] = field(default_factory=list)
    to_date: list[tuple[Held, int]] = field(default_factory=list)  # same content in a later extract
    also_said: list[int] = field(default_factory=list)  # under a key that another row speaks for, otherwise

    def foreseen(self) -> dict[str, Held]:
        """Return what the store would hold after the writing, of what would be written."""
        written = [*self.to_found, *(place for place, _ in self.to_join)]
        changed = [*self.to_change, *self.to_date]
        places = [*written, *(place for _, place in changed)]
        came = _as_dates(self.frame["extracted_on"].iloc[places])
        said = self.frame[["report_key", "content_hash", "source_agency", *SHARING]].iloc[places]
        return {
            key: Held(0, None, content, extracted, owner, tuple(sharing))
            for (key, content, owner, *sharing), extracted in zip(
                said.itertuples(index=False, name=None), came, strict=True
            )
        }

    def written(self) -> pd.DataFrame:
        """Return the rows that are new or other than what was held."""
        changed = [*self.to_join, *((place, held) for held, place in self.to_change)]
        return self.frame.iloc[[*self.to_found, *(place for place, _ in changed)]]

    def rejected(self) -> pd.Series:
        """Return the row numbers, in their file, of the rows that speak of another agency's records."""
        return self.frame["row"][[verdict is Verdict.REJECTED for verdict in self.verdicts]]


def compare(
    session: Session,
    frame: pd.DataFrame,
    shelf: Shelf,
    membership: Mapping[str, str],
    messages: Sequence[str] = (),
    *,
    actor: Actor,
    foreseen: Mapping[str, Held] | None = None,
) -> Comparison:
    """Judge every prepared row; reads the store and changes nothing.

    A record changes hands only by the agency that holds it: a row which names another owner is rejected.

    Parameters
    ----------
    membership : mapping of str to str
        Key of a report to the key of the report that leads its incident, where that is another one.
    messages : sequence of str
        What preparing them had to say.
    foreseen : mapping of str to Held, optional
        What the store would hold besides, or instead, by then.
    """
    keys: list[str] = frame["report_key"].tolist()
    held = _held(session, shelf, [*keys, *(membership[key] for key in keys if key in membership)])
    held |= foreseen or {}
    frame, tightened = no_wider_than_held(frame, shelf, held, actor=actor)
    comparison = Comparison(frame, shelf, messages=list(messages))
    if tightened:
        comparison.messages.append(
            f"{tightened} rows would share another agency's records more widely than it does; they keep what "
            "it set. An account of that agency can change it."
        )
    erased = _erased(session, keys)
    hashes: list[str] = frame["content_hash"].tolist()
    extracts = _as_dates(frame["extracted_on"])
    leading = _leading(frame)
    foreign = _foreign(session, frame, leading, held, actor)
    to_found = {
        key for key in leading if key not in held and key not in erased and membership.get(key, key) == key
    }
    verdicts = comparison.verdicts
    for place, key in enumerate(keys):
        leader = membership.get(key, key)
        if key in foreign:
            verdicts.append(Verdict.REJECTED)
        elif leading[key] != place:
            verdicts.append(Verdict.JOINED)
        elif key in erased:
            verdicts.append(Verdict.ERASED)
        elif key in held:
            verdicts.append(_against(held[key], place, hashes[place], extracts[place], comparison))
        elif leader != key and (leader in held or leader in to_found):
            is_held = leader in held and held[leader].incident_id is not None
            comparison.to_join.append((place, held[leader] if is_held else leader))
            verdicts.append(Verdict.JOINED)
        else:
            comparison.to_found.append(place)
            verdicts.append(Verdict.NEW)
    _note_conflicts(comparison, keys, hashes, leading)
    return comparison


def _foreign(
    session: Session,
    frame: pd.DataFrame,
    leading: Mapping[str, int],
    held: Mapping[str, Held],
    actor: Actor,
) -> frozenset[str]:
    """Return the keys under which another agency of this partnership holds a record, not the row's owner.

    The source of a row is a word that anybody may write into a file or a layout, so the same source
    and reference must not be enough to put other words, or looser handling, in place of a partner's.
    """
    owners = frame["source_agency"].tolist()
    differing = {
        key
        for key in leading
        if key in held and held[key].source_agency not in (owners[leading[key]], actor.agency_id)
    }
    known = {agency.agency_id for agency in agencies.list_all(session)} if differing else set()
    return frozenset(key for key in differing if held[key].source_agency in known)


def _leading(frame: pd.DataFrame) -> dict[str, int]:
    """Return the row that speaks for each key: of the latest extract, with a point, the first of these."""
    keys = frame["report_key"]
    if not keys.duplicated().any():
        return dict(zip(keys.tolist(), range(len(keys)), strict=True))
    extracted = pd.to_datetime(frame["extracted_on"], utc=True).fillna(_LONG_AGO)
    recency = -extracted.dt.as_unit("us").astype(np.int64).to_numpy()
    order = np.lexsort((np.arange(len(keys)), frame["easting_m"].isna().to_numpy(), recency))
    first = keys.iloc[order].drop_duplicates()
    return dict(zip(first.tolist(), first.index.tolist(), strict=True))


def _note_conflicts(
    comparison: Comparison, keys: Sequence[str], hashes: Sequence[str], leading: Mapping[str, int]
) -> None:
    """Note the rows that contradict the one that speaks for their key, and say how many there are."""
    if len(leading) == len(keys):
        return
    conflicts = [
        place
        for place, (key, content) in enumerate(zip(keys, hashes, strict=True))
        if content != hashes[leading[key]]
    ]
    if not conflicts:
        return
    comparison.messages.append(
        f"{len(conflicts)} rows repeat a reference with other content; of each, the latest extract speaks, "
        "then a row with a point, then the first. What the others said is kept beside it."
    )
    # Where nothing is written for the key, these rows were kept when it was.
    written = {Verdict.NEW, Verdict.UPDATED}
    comparison.also_said = [
        place for place in conflicts if comparison.verdicts[leading[keys[place]]] in written
    ]


def _against(
    held: Held, place: int, content: str, came: dt.datetime | None, comparison: Comparison
) -> Verdict:
    """Judge a record that is held: by its content first, then by which extract is the later one."""
    known = held.extracted_on
    if content == held.content_hash:
        if came is not None and (known is None or came > known):
            comparison.to_date.append((held, place))
        return Verdict.UNCHANGED
    if came is not None and known is not None and came < known:
        return Verdict.SUPERSEDED
    comparison.to_change.append((held, place))
    return Verdict.UPDATED


def write(
    session: Session, comparison: Comparison, *, import_id: int, boundary_edition: str, now: dt.datetime
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write what a comparison found, in the caller's transaction.

    Returns
    -------
    (before, after) : DataFrames, one row for each report that was changed
        What decides who may see it, and where and when it occurred, as it was and as it is.
    """
    stamp = {"import_id": import_id, "boundary_edition": boundary_edition, "stored_at": now}
    _add(session, comparison, stamp)
    before = _change(session, comparison, stamp)
    _keep_also_said(session, comparison, stamp)
    if comparison.to_date:
        held, places = zip(*comparison.to_date, strict=True)
        later = comparison.frame["extracted_on"].iloc[list(places)]
        shelf = comparison.shelf
        ids = [record.record_id for record in held]
        bulk.update_rows(session, shelf.table, shelf.record_id, ids, {"extracted_on": later})
    after = comparison.frame.iloc[[place for _, place in comparison.to_change]]
    deciding = [*access.RECORD_COLUMNS, "occurred_from", "time_precision", "easting_m"]
    return before[deciding], after[deciding].reset_index(drop=True)


def _add(session: Session, comparison: Comparison, stamp: Mapping[str, Any]) -> None:
    """Write the new records, each with its incident where the shelf has incidents."""
    shelf = comparison.shelf
    places = [*comparison.to_found, *(place for place, _ in comparison.to_join)]
    if not places:
        return
    added = comparison.frame.iloc[places]
    columns: dict[str, Any] = {name: added[name] for name in (*shelf.columns, "content_hash")} | dict(stamp)
    if shelf.belongs_to_incidents:
        founded = _new_incidents(session, len(comparison.to_found), now=stamp["stored_at"])
        by_key = dict(zip(added["report_key"], founded, strict=False))  # those that found one come first
        leaders = [leader for _, leader in comparison.to_join]
        for name in ("incident_id", "own_incident_id"):
            joined = [by_key[to] if isinstance(to, str) else getattr(to, name) for to in leaders]
            columns[name] = [*founded, *joined]
    bulk.insert_rows(session, shelf.table, columns, len(places))


def _new_incidents(session: Session, count: int, *, now: dt.datetime) -> list[int]:
    """Make incidents and return their ids, rising, so that lists by id read like the file."""
    ids = bulk.reserve_ids(session, INCIDENTS, count)  # type: ignore[arg-type]
    bulk.insert_rows(session, INCIDENTS, {"incident_id": ids, "created_at": now}, count)  # type: ignore[arg-type]
    return ids


def _change(session: Session, comparison: Comparison, stamp: Mapping[str, Any]) -> pd.DataFrame:
    """Put new content in place of old, keep the old as a version, and return the old in the same order."""
    shelf, table = comparison.shelf, comparison.shelf.table
    before = []
    for chunk in _chunks(comparison.to_change):
        ids = [held.record_id for held, _ in chunk]
        rows = session.execute(
            select(table.c[shelf.record_id], *(table.c[name] for name in shelf.columns)).where(
                table.c[shelf.record_id].in_(ids)
            )
        )
        old = {row[0]: row[1:] for row in rows}
        versions = {
            shelf.record_id: ids,
            "replaced_by": stamp["import_id"],
            "replaced_at": stamp["stored_at"],
            "content": [dict(zip(shelf.columns, old[number], strict=True)) for number in ids],
        }
        bulk.insert_rows(session, shelf.versions, versions, len(ids))
        fresh = comparison.frame.iloc[[place for _, place in chunk]]
        columns = {name: fresh[name] for name in (*shelf.columns, "content_hash")} | dict(stamp)
        bulk.update_rows(session, table, shelf.record_id, ids, columns)
        before.append(frames.to_frame((old[number] for number in ids), shelf.columns, table))
    return pd.concat(before, ignore_index=True) if before else frames.to_frame([], shelf.columns, table)


def _keep_also_said(session: Session, comparison: Comparison, stamp: Mapping[str, Any]) -> None:
    """Keep what a file said of a record beside the row that speaks for it, among its versions."""
    shelf, table = comparison.shelf, comparison.shelf.table
    for chunk in _chunks(comparison.also_said):
        rows = comparison.frame.iloc[list(chunk)]
        wanted = select(table.c.report_key, table.c[shelf.record_id]).where(
            table.c.report_key.in_(rows["report_key"].tolist())
        )
        ids = {key: number for key, number in session.execute(wanted)}  # noqa: C416  rows are no pairs
        said = frames.to_rows(rows, shelf.columns, table, shelf.kind)
        versions = {
            shelf.record_id: [ids[key] for key in rows["report_key"]],
            "replaced_by": stamp["import_id"],
            "replaced_at": stamp["stored_at"],
            "content": said,
        }
        bulk.insert_rows(session, shelf.versions, versions, len(said))


def key_hash(report_key: str) -> str:
    """Return what a tombstone keeps of a report's key (its source and reference)."""
    return hashlib.sha256(report_key.encode()).hexdigest()


def _as_dates(extracted_on: pd.Series) -> list[dt.datetime | None]:
    """Return the day of each row's extract as the store gives it back, None where unknown."""
    moments = pd.to_datetime(extracted_on, utc=True)
    codes, distinct = pd.factorize(moments)
    days = [moment.to_pydatetime() for moment in pd.DatetimeIndex(distinct)]
    return [days[code] if code >= 0 else None for code in codes.tolist()]


def _held(session: Session, shelf: Shelf, keys: Sequence[str]) -> dict[str, Held]:
    columns = shelf.table.c
    incident = [columns.incident_id, columns.own_incident_id] if shelf.belongs_to_incidents else []
    facts = [
        columns.report_key, columns[shelf.record_id], columns.content_hash, columns.extracted_on,
        columns.source_agency, *(columns[name] for name in SHARING),
    ]  # fmt: skip
    found: dict[str, Held] = {}
    for chunk in _chunks(list(dict.fromkeys(keys))):
        for key, record_id, content, extracted, owner, *rest in session.execute(
            select(*facts, *incident).where(columns.report_key.in_(chunk))
        ):
            sharing, of = tuple(rest[: len(SHARING)]), rest[len(SHARING) :]
            current, own = of or (None, None)
            found[key] = Held(record_id, current, content, extracted, owner, sharing, own)
    return found


def _erased(session: Session, keys: Sequence[str]) -> frozenset[str]:
    """Return which of `keys` were erased."""
    hashes = frozenset(session.execute(select(Tombstone.key_hash)).scalars())
    return frozenset(key for key in keys if key_hash(key) in hashes) if hashes else frozenset()


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + KEYS_AT_ONCE] for start in range(0, len(items), KEYS_AT_ONCE))
