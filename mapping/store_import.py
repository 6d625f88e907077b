"""Files into the store: read, placed and kept one after another, each whole or not at all.

Every file (and every member of a ZIP) is one transaction. What is wrong with any of them is known
before the first is kept; an import that is killed leaves whole files, and sending the same files
again adds just the rest.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy.orm import Session

from mapping.access import Action, Actor, Kind, local_day, require
from mapping.errors import FileRefusedError
from mapping.intake import files as intake_files
from mapping.intake import row_issues
from mapping.intake.files import Gaps, Reader, TableIntake
from mapping.intake.layout import Area, Layout
from mapping.intake.points import OUTSIDE_AREA
from mapping.kept_keys import IntakeKeys
from mapping.pipeline import Progress, Stopwatch
from mapping.place_finding import as_decided, disagreements, look_up, opened, place_found, tally
from mapping.places.wards import surroundings
from mapping.store import boundaries, imports, layouts, locks, originals, past_imports, ward_codes
from mapping.store.comparing import Held
from mapping.store.engine import Store
from mapping.store.imports import Delivery, ImportResult, Prepared

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from mapping.places.geocoder import Geocoder


@dataclass
class Batch:
    """Files that are imported together: how they are read, and what came of those that are done."""

    layout: Layout
    reader: Reader
    source: str
    wards: "GeoDataFrame | None"
    edition: str
    watch: Stopwatch
    gaps: Gaps
    geocoder: "Geocoder | None" = None
    successors: dict[str, str] = field(default_factory=dict)  # wards of other editions, see `ward_codes`
    results: list[ImportResult] = field(default_factory=list)
    foreseen: dict[str, Held] = field(default_factory=dict)
    originals: set[Path] = field(default_factory=set)  # those kept already, of files of several tables


def import_files(
    store: Store,
    layout: str,
    paths: Sequence[Path],
    *,
    keys: IntakeKeys,
    gazetteer: Path | None = None,
    source: str | None = None,
    extracted_on: dt.date | None = None,
    dry_run: bool = False,
    actor: Actor,
    now: dt.datetime,
    progress: Progress | None = None,
    watching: Callable[[pd.DataFrame], None] | None = None,
) -> ImportResult:
    """Import files: all rows of each, every one accounted for.

    Parameters
    ----------
    keys : IntakeKeys
        What hashes complainants and seals originals.
    gazetteer : Path, optional
        Where rows that have words and no point are looked up; none, or a file that is not there,
        leaves them without.
    extracted_on : date, optional
        Day of the extract, where the files do not say it or say it wrongly.
    dry_run : bool
        Say what would be stored, and store nothing.
    watching : callable, optional
        Shown the records of each table as they were read.

    Raises
    ------
    FileRefusedError
        One file at least cannot be read. Nothing of any of them was kept; that they came and were
        refused is in the log.
    NotAllowedError
        The account may not import.
    NotFoundError
        There is no such layout: none that ships, and none made here that the account may use.
    """
    require(actor, Action.CREATE, Kind.IMPORT, today=local_day(now))
    watch = Stopwatch(progress)
    with store.reading() as session:
        chosen = layouts.resolve(session, layout, visible_to=layouts.partners(actor, today=local_day(now)))
    try:
        batch = _open(
            store, chosen, paths, keys=keys, source=source, extracted_on=extracted_on, now=now, watch=watch
        )
        batch.geocoder, batch.successors = _geocoder(store, gazetteer), _successors(store, local_day(now))
        for path, share, taken in _tables(batch):
            if watching is not None:
                watching(taken.reports)
            ready = _deliver(batch, taken, share)
            with watch.stage("storing", share):
                if dry_run:
                    with store.reading() as session:
                        batch.results.append(
                            imports.preview(session, ready, actor=actor, now=now, foreseen=batch.foreseen)
                        )
                else:
                    _keep(store, ready, path, batch, keys=keys, actor=actor, now=now)
    except FileRefusedError as refusal:
        if not dry_run:
            refusal.import_id = _record_refusal(
                store, layout, paths, refusal, source=source, actor=actor, now=now
            )
        raise
    return _finish(store, batch, is_stored=not dry_run)


def _open(
    store: Store,
    chosen: Layout,
    paths: Sequence[Path],
    *,
    keys: IntakeKeys,
    source: str | None,
    extracted_on: dt.date | None,
    now: dt.datetime,
    watch: Stopwatch,
) -> Batch:
    """Find the files and the wards, and look through all files where there are several."""
    current = _current_wards(store, local_day(now))
    area = Area(*surroundings(current[1])) if current else None
    reader = Reader(
        paths, chosen, now=now, source=source, area=area, extracted_on=extracted_on,
        complainant_key=keys.complainant if "complainant" in chosen.columns else None,
    )  # fmt: skip
    batch = Batch(
        layout=chosen,
        reader=reader,
        source=source or chosen.name,
        wards=current[1] if current else None,
        edition=current[0].name if current else "",
        watch=watch,
        gaps=Gaps(chosen),
    )
    if len(reader.files) > 1 or intake_files.holds_several(reader.files[0]):
        with watch.stage("checking", 0.0):
            reader.check()
    return batch


def _geocoder(store: Store, gazetteer: Path | None) -> "Geocoder | None":
    if gazetteer is None:
        return None
    with store.reading() as session:
        return opened(gazetteer, session)


def _successors(store: Store, on: dt.date) -> dict[str, str]:
    with store.reading() as session:
        if not boundaries.editions(session, on=on):
            return {}
        return ward_codes.successors(session, *boundaries.current(session, on=on))


def expected_area(store: Store, *, today: dt.date) -> Area | None:
    """Return where the points of any file are expected: in and around the wards, once there are some."""
    current = _current_wards(store, today)
    return Area(*surroundings(current[1])) if current else None


def _current_wards(store: Store, on: dt.date) -> "tuple[boundaries.Edition, GeoDataFrame] | None":
    with store.reading() as session:
        return boundaries.current(session, on=on) if boundaries.editions(session, on=on) else None


def _tables(batch: Batch) -> Iterator[tuple[Path, float, TableIntake]]:
    """Read one table after another, each with the share of all bytes that lay before it."""
    sizes = [path.stat().st_size for path in batch.reader.files]
    done = 0
    for path, size in zip(batch.reader.files, sizes, strict=True):
        share = 0.05 + 0.95 * done / max(sum(sizes), 1)
        tables = batch.reader.read(path, tell=_telling(batch.watch, share))
        while True:
            with batch.watch.stage("reading", share):
                taken = next(tables, None)
            if taken is None:
                break
            yield path, share, taken
        done += size


def _telling(watch: Stopwatch, share: float) -> Callable[[int], None]:
    return lambda rows: watch.tell(f"reading: {rows:,} rows", share)


def _deliver(batch: Batch, taken: TableIntake, share: float) -> Delivery:
    """Place a table's records and make them ready for the store."""
    batch.gaps.add(taken.reports)
    with batch.watch.stage("finding the places", share):
        reports = look_up(batch.geocoder, taken.reports)
        found = [taken.issues, disagreements(batch.geocoder, reports, file=taken.account.name)]
    if batch.wards is not None:
        with batch.watch.stage("finding the wards", share):
            reports = place_found(reports, batch.wards, batch.successors)
        found.append(_outside(reports, taken, batch))
    found.append(intake_files.find_conflicts(reports, [taken.account], batch.layout))
    return Delivery(
        reports=reports,
        issues=row_issues.merged(found),
        rows_in=taken.account.rows_in,
        layout=batch.layout.name,
        source_name=batch.source,
        files=[vars(taken.account)],
        messages=taken.messages,
        boundary_edition=batch.edition,
        batch_id=batch.results[0].import_id if batch.results else None,
        kind=batch.layout.kind,
        places=tally(reports),
    )


def _outside(reports: pd.DataFrame, taken: TableIntake, batch: Batch) -> pd.DataFrame:
    """Flag points that lie in no ward although they lie near them; those far off were flagged when read."""
    outside = reports.loc[reports["placement"] == "outside", "row"]
    issues = zip(taken.issues["row"], taken.issues["reason"], strict=True)
    told = {row for row, reason in issues if reason.startswith(OUTSIDE_AREA)}
    pairs = batch.layout.points[:1]
    label = ", ".join(batch.layout.label(name) for pair in pairs for name in (pair.x, pair.y))
    reason = f"lies in no ward of {batch.edition}; it is in the totals, and in no ward's"
    return row_issues.from_records(
        [
            row_issues.one(taken.account.name, int(row), label, reason, row_issues.FLAGGED)
            for row in outside[~outside.isin(told)]
        ]
    )


def _keep(
    store: Store,
    delivery: Delivery,
    path: Path,
    batch: Batch,
    *,
    keys: IntakeKeys,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Keep a table in a transaction of its own, with the file it came in, and note its result."""
    with store.reading() as session:
        ready = imports.prepare(session, delivery, actor=actor)
    original = None
    if keys.originals is not None and path not in batch.originals:
        original = originals.sealed(path, key=keys.originals, now=now)
    with store.transaction() as session:
        if original is not None:
            originals.keep(session, original)
        result = imports.store_import(session, placed_now(session, ready, now=now), actor=actor, now=now)
    batch.originals.add(path)
    batch.results.append(result)


def placed_now(session: Session, ready: Prepared, *, now: dt.datetime) -> Prepared:
    """Place records anew where wards were added since they were placed, or a person said where they are.

    Nobody else would do it later.
    """
    locks.hold_records(session)  # until they are stored, no more wards come
    frame = as_decided(session, ready.shelf, ready.frame)
    newest = next(iter(boundaries.editions(session, on=local_day(now))), None)
    if newest is None or (newest.name == ready.delivery.boundary_edition and frame is ready.frame):
        return replace(ready, frame=frame)
    placed = place_found(frame, boundaries.wards(session, newest.edition_id))
    return replace(ready, frame=placed, delivery=replace(ready.delivery, boundary_edition=newest.name))


def _finish(store: Store, batch: Batch, *, is_stored: bool) -> ImportResult:
    """Put the files' results together, with what only all of them can say."""
    messages = [*batch.reader.messages, *batch.gaps.messages()]
    first = batch.results[0].import_id if batch.results else None
    if messages and is_stored and first is not None:
        with store.transaction() as session:
            past_imports.add_messages(session, first, messages)
    seconds = {**batch.watch.seconds, "total": round(batch.watch.total, 4)}
    return replace(imports.together(batch.results, messages), seconds=seconds)


def _record_refusal(
    store: Store,
    layout: str,
    paths: Sequence[Path],
    refusal: FileRefusedError,
    *,
    source: str | None,
    actor: Actor,
    now: dt.datetime,
) -> int | None:
    files: list[dict[str, Any]] = [
        {"name": path.name, "sha256": sha256_of(path), "rows_in": 0, "accepted": 0, "rejected": 0}
        for path in paths
        if path.is_file()
    ]
    with store.transaction() as session:
        return imports.record_refusal(
            session, layout=layout, source_name=source or layout, files=files, problems=refusal.problems,
            actor=actor, now=now,
        ).import_id  # fmt: skip


def sha256_of(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
