"""The tables of runs: what made an analysis, what it found, and what was decided on it."""

import datetime as dt
from typing import Any, Final

from sqlalchemy import ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mapping.store.columns import NEVER_REUSED, Base, one_of

TASKING_STATES: Final = ("proposed", "accepted", "changed", "deferred", "declined")


class RunRow(Base):
    """One analysis and everything that made it."""

    __tablename__ = "runs"
    __table_args__ = (NEVER_REUSED,)

    run_id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    period_start_on: Mapped[dt.date]
    period_end_on: Mapped[dt.date]
    horizon_start_on: Mapped[dt.date]
    horizon_end_on: Mapped[dt.date]
    settings: Mapped[dict[str, Any]]
    method: Mapped[str]
    choice: Mapped[str]
    edition_id: Mapped[int] = mapped_column(ForeignKey("boundary_editions.edition_id"))
    seed: Mapped[int]
    versions: Mapped[dict[str, Any]]
    counts: Mapped[dict[str, Any]]
    seconds: Mapped[dict[str, Any]]
    evidence: Mapped[list[Any]]
    data_to: Mapped[dt.datetime | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"))
    created_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_because: Mapped[str]
    follows_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.run_id"), index=True)


class RunAgency(Base):
    """An agency of a run's audience."""

    __tablename__ = "run_agencies"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.run_id"), primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agencies.agency_id"), primary_key=True, index=True)


class RunCell(Base):
    """A cell of a run that holds incidents or is hot."""

    __tablename__ = "run_cells"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.run_id"), primary_key=True)
    cell_id: Mapped[str] = mapped_column(primary_key=True)
    easting_m: Mapped[float]
    northing_m: Mapped[float]
    ward_gss_code: Mapped[str]
    incident_count: Mapped[int]
    score: Mapped[float | None]
    expected_count: Mapped[float | None]
    p_value: Mapped[float | None]
    p_value_fdr: Mapped[float | None]
    is_hot: Mapped[bool]
    trend: Mapped[str]
    gi_star_z: Mapped[float | None]


class RunHotspot(Base):
    """A hotspot of a run, in the words of `schema.HOTSPOTS`."""

    __tablename__ = "run_hotspots"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.run_id"), primary_key=True)
    hotspot_id: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int]
    ward_gss_code: Mapped[str]
    ward_name: Mapped[str]
    other_wards: Mapped[str]
    incident_count: Mapped[int]
    expected_count: Mapped[float | None]
    rate_ratio: Mapped[float | None]
    p_value: Mapped[float | None]
    p_value_fdr: Mapped[float | None]
    harm_score: Mapped[float | None]
    trend: Mapped[str]
    peak_hours: Mapped[str]
    top_categories: Mapped[str]
    sources: Mapped[str]
    area_m2: Mapped[float | None]
    radius_m: Mapped[float | None]
    cautions: Mapped[str]
    place_name: Mapped[str]
    easting_m: Mapped[float]
    northing_m: Mapped[float]
    forecast_count: Mapped[float | None]
    recorded_at_place: Mapped[bool]
    monthly_counts: Mapped[str]
    identity: Mapped[str]
    before: Mapped[str]
    seen_since_on: Mapped[str]
    change: Mapped[str]
    harm_rank: Mapped[float | None]
    weighted_share: Mapped[float | None]
    last_seen_on: Mapped[str]
    source_mix: Mapped[str]
    capped_count: Mapped[int]
    clumpiness: Mapped[float | None]
    excess_kind: Mapped[str]
    low_count: Mapped[float | None]
    high_count: Mapped[float | None]
    outline: Mapped[bytes]


class RunHotspotMember(Base):
    """An incident inside a hotspot's shape."""

    __tablename__ = "run_hotspot_members"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "hotspot_id"], ["run_hotspots.run_id", "run_hotspots.hotspot_id"]),
    )

    run_id: Mapped[int] = mapped_column(primary_key=True)
    hotspot_id: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(
        ForeignKey("incidents.incident_id"), primary_key=True, index=True
    )


class RunProposal(Base):
    """A proposal of a run, in the words of `schema.PROPOSALS`; `label` is its id within the run."""

    __tablename__ = "run_proposals"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "hotspot_id"], ["run_hotspots.run_id", "run_hotspots.hotspot_id"]),
        UniqueConstraint("run_id", "label"),
        NEVER_REUSED,
    )

    proposal_id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.run_id"))
    label: Mapped[str]
    hotspot_id: Mapped[str]
    rank: Mapped[int]
    ward_rank: Mapped[int]
    ward_gss_code: Mapped[str]
    ward_name: Mapped[str]
    place_name: Mapped[str]
    response: Mapped[str]
    headline: Mapped[str]
    reasons: Mapped[str]
    cautions: Mapped[str]
    easting_m: Mapped[float]
    northing_m: Mapped[float]


class Tasking(Base):
    """Where a proposal stands, from the first decision on; before it, it is `proposed`."""

    __tablename__ = "taskings"
    __table_args__ = (one_of("state", TASKING_STATES), NEVER_REUSED)

    tasking_id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("run_proposals.proposal_id"), unique=True)
    state: Mapped[str]
    response: Mapped[str]
    decided_at: Mapped[dt.datetime]


class TaskingDecision(Base):
    """One decision, kept whatever is decided later."""

    __tablename__ = "tasking_decisions"
    __table_args__ = (
        one_of("from_state", TASKING_STATES),
        one_of("to_state", TASKING_STATES),
        NEVER_REUSED,
    )

    decision_id: Mapped[int] = mapped_column(primary_key=True)
    tasking_id: Mapped[int] = mapped_column(ForeignKey("taskings.tasking_id"), index=True)
    from_state: Mapped[str]
    to_state: Mapped[str]
    reason: Mapped[str]
    response: Mapped[str]
    present: Mapped[list[Any]]
    decided_by: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"))
    decided_at: Mapped[dt.datetime]
