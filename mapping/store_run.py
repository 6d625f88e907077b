"""From the store and back: wards into an edition, incidents into a recorded run.

The site and the command line both call these; each is one transaction, so an edition or a run is
there whole or not at all. `store_import` brings files in.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd
from sqlalchemy.orm import Session

from mapping import following, periods, pipeline
from mapping.access import Action, Actor, Audience, Kind, local_day, require
from mapping.errors import BoundaryError, ConflictError, TooLittleDataError
from mapping.folder import Account, bank_holidays, roads_of, versions
from mapping.periods import Period
from mapping.pipeline import Analysis, Progress, Settings, Stopwatch
from mapping.place_finding import place_found
from mapping.places.gazetteer_wards import reward
from mapping.places.wards import read_wards
from mapping.schema import empty_issues
from mapping.store import (
    agreements,
    audit,
    boundaries,
    excluded_places,
    incidents,
    locks,
    past_imports,
    placing,
    run_chains,
    runs,
    ward_codes,
)  # fmt: skip
from mapping.store.boundaries import Edition
from mapping.store.engine import Store
from mapping.store.shelves import SHELVES
from mapping.store_import import sha256_of

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

LONGEST_MONTHS: Final = 24  # of history that a run from the store looks at


@dataclass(frozen=True)
class Refreshed:
    """A run that was made and recorded."""

    run_id: int
    audience: Audience
    analysis: Analysis
    edition: Edition
    layers: dict[str, str]


def add_boundaries(
    store: Store,
    ward_files: Sequence[Path],
    *,
    name: str,
    licence: str,
    base_layers: Mapping[str, str],
    level: str = "ward",
    in_force_from: dt.date | None = None,
    gazetteer: Path | None = None,
    actor: Actor,
    now: dt.datetime,
) -> tuple[int, list[str]]:
    """Keep ward files as an edition, and give every report held its ward in the one in force.

    Parameters
    ----------
    gazetteer : Path, optional
        Whose entries get their wards in the edition too, where it was built.

    Returns
    -------
    (edition_id, messages)
    """
    digests = "".join(sha256_of(path) for path in sorted(ward_files))
    try:
        wards = read_wards(ward_files, edition=name, level=level)
    except BoundaryError as refusal:
        details = {"sha256": [sha256_of(path) for path in ward_files], "problems": len(refusal.problems)}
        with store.transaction() as session:
            audit.append(
                session, actor=actor, action="add wards refused", kind=Kind.BOUNDARY, details=details, now=now
            )
        raise
    with store.transaction() as session:
        locks.hold_records(session)  # else what an import is keeping would be placed by nobody
        edition_id = boundaries.add_edition(
            session, wards, name=name, source=", ".join(path.name for path in ward_files), licence=licence,
            sha256=hashlib.sha256(digests.encode()).hexdigest(),
            level=level, in_force_from=in_force_from, base_layers=base_layers, actor=actor, now=now,
        )  # fmt: skip
        messages = list(wards.attrs.get("messages", []))
        if boundaries.editions(session, on=local_day(now)):
            place_pending(session, actor=actor, now=now)
            current, in_use = boundaries.current(session, on=local_day(now))
            messages += ward_codes.left_behind(session, current, in_use)
            if gazetteer is not None and gazetteer.exists():
                reward(gazetteer, in_use, current.name)
    return edition_id, messages


def ward_edition_in_use(store: Store, *, now: dt.datetime) -> str:
    """Return the name of the ward edition in force, or ""."""
    with store.reading() as session:
        held = boundaries.editions(session, on=local_day(now))
    return held[0].name if held else ""


def place_pending(session: Session, *, actor: Actor, now: dt.datetime) -> int:
    """Give records that were placed in an older edition, or in none, their ward in the current one.

    Returns
    -------
    int
        How many there were.
    """
    current, wards = boundaries.current(session, on=local_day(now))
    known = ward_codes.successors(session, current, wards)
    count = 0
    for shelf in SHELVES.values():
        waiting = placing.to_place(session, shelf, edition=current.name)
        if not waiting.empty:
            placed = place_found(waiting, wards, known)
            placing.set_wards(session, shelf, placed, edition=current.name, actor=actor, now=now)
        count += len(waiting)
    return count


def load_placed(
    session: Session,
    audience: Audience,
    *,
    period: Period | None,
    today: dt.date,
    edition_name: str,
    needs: str = "a run needs an edition of wards",
) -> "tuple[Edition, GeoDataFrame, pd.DataFrame]":
    """Load what an audience may see, each incident with its ward in one edition.

    Parameters
    ----------
    period : Period, optional
        All that is held where not given.
    edition_name : str
        Of wards; those in force where empty.
    needs : str
        What an edition of another level is answered with.

    Returns
    -------
    (edition, wards, incidents)

    Raises
    ------
    NotFoundError
        No boundaries were added yet, or there is no edition of that name.
    ConflictError
        The edition is not of wards.
    """
    edition, wards = boundaries.current(session, on=today)
    if edition_name:
        edition = boundaries.named(session, edition_name)
        if edition.level != "ward":
            raise ConflictError(
                f"{edition_name} holds {edition.level}s; {needs}: see `hotspots boundaries list`."
            )
        wards = boundaries.wards(session, edition.edition_id)
    wards.attrs["edition"] = edition.name
    found = incidents.load(session, audience, period, today=today)
    if (found["boundary_edition"] != edition.name).any():
        found = place_found(found, wards, ward_codes.successors(session, edition, wards))
    return edition, wards, found


def analyse_store(
    session: Session,
    *,
    audience: Audience,
    settings: Settings,
    today: dt.date,
    edition_name: str = "",
    watch: Stopwatch,
) -> tuple[int, Analysis]:
    """Analyse what the audience may see, in the wards in force or those of a named edition.

    Reports that were placed in another edition get their ward here, for this run alone. What is set
    apart is left out or cautioned.

    Without a period in the settings the last `LONGEST_MONTHS` whole months of the data are used.

    Returns
    -------
    (edition_id, analysis)

    Raises
    ------
    NotFoundError
        No boundaries were added yet.
    TooLittleDataError
        Nothing that all of the audience may see is there to analyse.
    """
    with watch.stage("load", 0.0):
        edition, wards, found = load_placed(
            session, audience, period=settings.period, today=today, edition_name=edition_name
        )
        places = excluded_places.in_force(session)
        roads = roads_of(boundaries.base_layers(session, edition.edition_id))
    if found.empty:
        raise TooLittleDataError(
            "There is nothing to analyse: no incident that every agency of this audience may see. "
            "Import a file first."
        )
    period = settings.period or last_months(found["occurred_from"])
    kept = run_chains.kept_choice(
        session, audience, categories=settings.categories, cell_size_m=settings.cell_size_m, period=period,
        edition_id=edition.edition_id,
    )  # fmt: skip
    settings = replace(settings, period=period)
    return edition.edition_id, pipeline.analyse(
        found, wards, settings, places=places, kept=kept, roads=roads, watch=watch
    )


def last_months(moments: pd.Series) -> Period:
    """Return the last whole months that hold the moments, `LONGEST_MONTHS` of them at most."""
    whole = periods.whole_months(moments)
    end = periods.month_number(whole.end_on)
    start = max(periods.month_number(whole.start_on), end - LONGEST_MONTHS)
    return Period(periods.month_start(start), periods.month_start(end))


def refresh(
    store: Store,
    *,
    settings: Settings,
    edition_name: str = "",
    actor: Actor,
    now: dt.datetime,
    progress: Progress | None = None,
) -> Refreshed:
    """Analyse the store for everyone the account's agency shares with, and record the run.

    Raises
    ------
    NotAllowedError
        The account may not make runs, or its agency shares with nobody now.
    ConflictError
        An import changed reports meanwhile; what it made stricter must not be in the run.
    """
    today = local_day(now)
    require(actor, Action.CREATE, Kind.RUN, today=today)
    watch = Stopwatch(progress)
    audience = agreements.audience_for(actor, today=today)
    with store.reading() as session:
        seen = past_imports.latest_change(session)
        edition_id, analysis = analyse_store(
            session, audience=audience, settings=settings, today=today, edition_name=edition_name, watch=watch
        )
    watch.tell("Recording the run", 0.9)
    with store.transaction() as session:
        # What is being made stricter right now is waited for: it withdraws only runs that it can see.
        locks.hold_records(session)
        if past_imports.latest_change(session) != seen:
            raise ConflictError("Reports were changed while the analysis was made; make the run again.")
        analysis, follows_run_id = followed(session, analysis, audience)
        run_id = record(
            session, analysis, audience=audience, edition_id=edition_id, seconds=watch.seconds,
            follows_run_id=follows_run_id, actor=actor, now=now,
        )  # fmt: skip
        edition, layers = boundaries.get(session, edition_id), boundaries.base_layers(session, edition_id)
    return Refreshed(run_id, audience, analysis, edition, layers)


def followed(session: Session, analysis: Analysis, audience: Audience) -> tuple[Analysis, int | None]:
    """Give an analysis the ids of the run it follows, and return that run's number.

    Called where the run is recorded, so that of two runs made at once the second follows the first.
    """
    settings = analysis.settings
    follows_run_id, earlier = run_chains.earlier(
        session, audience, categories=settings.categories, cell_size_m=settings.cell_size_m
    )
    return following.follow(analysis, earlier), follows_run_id


def record(
    session: Session,
    analysis: Analysis,
    *,
    audience: Audience,
    edition_id: int,
    seconds: Mapping[str, float],
    follows_run_id: int | None,
    actor: Actor,
    now: dt.datetime,
) -> int:
    """Keep an analysis and everything that made it; return its `run_id`."""
    return runs.record(
        session,
        audience=audience,
        period=analysis.period,
        horizon=analysis.horizon,
        settings=analysis.settings.as_dict(),
        method=analysis.choice.description,
        choice=analysis.choice.reason,
        edition_id=edition_id,
        seed=analysis.settings.seed,
        versions=versions(),
        counts={
            **analysis.counts,
            "wards": len(analysis.wards),
            "hotspots": len(analysis.hotspots),
            "placing": {ward: placed.as_dict() for ward, placed in analysis.placing.items()},
            "set_apart": [applied.as_dict() for applied in analysis.set_apart],
            "unusual": analysis.unusual,
            "bank_holidays": bank_holidays(analysis),
            "choice": analysis.choice.as_dict(),
            "foretold": analysis.foretold.to_dict("records"),
            "identity": {"last_number": analysis.chain.last_number if analysis.chain else 0},
        },
        seconds=dict(seconds),
        evidence=analysis.evidence,
        cells=analysis.cells,
        hotspots=analysis.hotspots,
        members=analysis.members,
        proposals=analysis.proposals,
        data_to=analysis.incidents["occurred_from"].max().to_pydatetime(),
        follows_run_id=follows_run_id,
        actor=actor,
        now=now,
    )


def account_of(made: Refreshed) -> Account:
    """Account for a run made from the store: its rows are the incidents its audience may see."""
    return Account(
        rows_in=len(made.analysis.incidents),
        joined=0,
        rejected=0,
        issues=empty_issues(),
        files=[],
        messages=[],
        audience={"agencies": sorted(made.audience.agencies), "purpose": made.audience.purpose},
        attribution=made.edition.licence,
        layers=made.layers,
    )
