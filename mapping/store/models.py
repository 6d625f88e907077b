"""Every table but those of runs (`run_models`) and of places and links (`place_models`).

The same model runs on SQLite and PostgreSQL.
Text is stored as text, moments as UTC, outlines and points as well-known binary in EPSG:27700,
lists and settings as JSON. What a reader may see is decided in `mapping.access`, never here.
"""

import datetime as dt
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mapping.store.columns import NEVER_REUSED, Base, one_of

# The newest migration; a test holds it to the migrations folder.
SCHEMA_VERSION: Final = "0004"

JOB_STATES: Final = ("queued", "running", "done", "failed")
PLACEMENTS: Final = ("in ward", "outside", "unlocated")
DOORS: Final = ("file", "form")
# How a record came by its point: its source gave it, its words were found, or a person said.
PLACE_STATUSES: Final = ("", "given", "matched", "ambiguous", "unmatched", "pinned", "set aside")
AREA_LEVELS: Final = ("ward", "data zone", "LSOA")


class Agency(Base):
    """A member of the partnership, named by a short readable id."""

    __tablename__ = "agencies"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime]


class AgreementRow(Base):
    """A sharing agreement; `access.Agreement` is what it means on a day."""

    __tablename__ = "agreements"
    __table_args__ = (NEVER_REUSED,)

    agreement_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    legal_gateway: Mapped[str]
    purposes: Mapped[list[Any]]
    categories: Mapped[list[Any]]
    areas: Mapped[list[Any]]
    starts_on: Mapped[dt.date]
    review_on: Mapped[dt.date]
    created_at: Mapped[dt.datetime]


class AgreementParty(Base):
    """An agency's signature under an agreement, and when it withdrew."""

    __tablename__ = "agreement_parties"

    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.agreement_id"), primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agencies.agency_id"), primary_key=True, index=True)
    signed_on: Mapped[dt.date]
    withdrawn_on: Mapped[dt.date | None]


class Account(Base):
    """A person's (or the operator's) account. Without a password it cannot sign in."""

    __tablename__ = "accounts"
    __table_args__ = (NEVER_REUSED,)

    account_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_folded: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    agency_id: Mapped[str] = mapped_column(ForeignKey("agencies.agency_id"), index=True)
    password_hash: Mapped[str | None]
    is_operator: Mapped[bool]
    created_at: Mapped[dt.datetime]
    disabled_at: Mapped[dt.datetime | None]


class AccountWard(Base):
    """A ward that a councillor answers for, up to but not including `to_on`."""

    __tablename__ = "account_wards"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"), primary_key=True)
    ward_gss_code: Mapped[str] = mapped_column(primary_key=True)
    from_on: Mapped[dt.date] = mapped_column(primary_key=True)
    to_on: Mapped[dt.date]


class SignIn(Base):
    """A session kept on the server; only a hash of its token is."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"), index=True)
    started_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class AuditEntry(Base):
    """One line of the log. Triggers refuse to change or delete it; each line holds the last one's hash."""

    __tablename__ = "audit_log"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    account_id: Mapped[int | None]
    account_name: Mapped[str]
    role: Mapped[str]
    action: Mapped[str]
    kind: Mapped[str]
    object_id: Mapped[str]
    details: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    entry_hash: Mapped[str] = mapped_column(unique=True)


class JobRow(Base):
    """Work in the background, with how far it has come."""

    __tablename__ = "jobs"
    __table_args__ = (
        one_of("state", JOB_STATES),
        CheckConstraint("share >= 0 AND share <= 1", name="share_in_0_1"),
        NEVER_REUSED,
    )

    job_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    share: Mapped[float]
    message: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"), index=True)
    created_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    result: Mapped[dict[str, Any]]
    error: Mapped[str]


class BoundaryEdition(Base):
    """One dated set of wards (or data zones, or LSOAs) with where it came from."""

    __tablename__ = "boundary_editions"
    __table_args__ = (one_of("level", AREA_LEVELS), NEVER_REUSED)

    edition_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str]
    licence: Mapped[str]
    sha256: Mapped[str]
    level: Mapped[str]
    in_force_from: Mapped[dt.date | None]
    added_at: Mapped[dt.datetime]
    added_by: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"))


class Ward(Base):
    """A ward of an edition; its outline in EPSG:27700."""

    __tablename__ = "wards"

    edition_id: Mapped[int] = mapped_column(ForeignKey("boundary_editions.edition_id"), primary_key=True)
    ward_gss_code: Mapped[str] = mapped_column(primary_key=True)
    ward_name: Mapped[str]
    outline: Mapped[bytes]


class BaseLayer(Base):
    """Roads, parks and the like to draw under a map, as GeoJSON text in EPSG:4326."""

    __tablename__ = "base_layers"

    edition_id: Mapped[int] = mapped_column(ForeignKey("boundary_editions.edition_id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    geojson: Mapped[str]


class ImportRow(Base):
    """One imported file (or form): by whom, and where each of its rows went.

    Files that were sent together carry the id of the first of them as `batch_id`.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint(
            "rows_in = new_count + updated_count + unchanged_count + superseded_count + erased_count"
            " + joined_count + rejected_count",
            name="rows_accounted_for",
        ),
        one_of("door", DOORS),
        NEVER_REUSED,
    )

    import_id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int | None] = mapped_column(index=True)
    batch_messages: Mapped[list[Any]]
    door: Mapped[str]
    status: Mapped[str]
    layout: Mapped[str]
    source: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    files: Mapped[list[Any]]
    messages: Mapped[list[Any]]
    rows_in: Mapped[int]
    new_count: Mapped[int]
    updated_count: Mapped[int]
    unchanged_count: Mapped[int]
    superseded_count: Mapped[int]
    erased_count: Mapped[int]
    joined_count: Mapped[int]
    rejected_count: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"))
    agency_id: Mapped[str] = mapped_column(ForeignKey("agencies.agency_id"), index=True)
    imported_at: Mapped[dt.datetime]


class RowIssue(Base):
    """Why a row was rejected or flagged."""

    __tablename__ = "row_issues"
    __table_args__ = (NEVER_REUSED,)

    issue_id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.import_id"), index=True)
    file: Mapped[str]
    row: Mapped[int]
    field: Mapped[str]
    reason: Mapped[str]
    severity: Mapped[str]


class Incident(Base):
    """Something that happened; what is known of it is in its reports."""

    __tablename__ = "incidents"
    __table_args__ = (NEVER_REUSED,)

    incident_id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[dt.datetime]


class Record:
    """What a report and an intelligence item have in common, in the words of `schema`, and its ward."""

    report_key: Mapped[str] = mapped_column(unique=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.import_id"), index=True)
    row: Mapped[int]
    source: Mapped[str]
    source_agency: Mapped[str]
    reference: Mapped[str]
    category: Mapped[str]
    stated_category: Mapped[str]
    occurred_from: Mapped[dt.datetime | None] = mapped_column(index=True)
    occurred_to: Mapped[dt.datetime | None]
    time_precision: Mapped[str]
    reported_at: Mapped[dt.datetime | None]
    place_text: Mapped[str]
    postcode: Mapped[str]
    stated_area: Mapped[str]
    easting_m: Mapped[float | None]
    northing_m: Mapped[float | None]
    error_m: Mapped[float | None]
    match_level: Mapped[str]
    place_status: Mapped[str] = mapped_column(index=True)
    place_score: Mapped[float | None]
    description: Mapped[str]
    handling_code: Mapped[str]
    conditions: Mapped[str]
    restricted_to: Mapped[str]
    source_grade: Mapped[str]
    assessment_grade: Mapped[str]
    extracted_on: Mapped[dt.datetime | None]
    ward_gss_code: Mapped[str]
    placement: Mapped[str]
    boundary_edition: Mapped[str]
    content_hash: Mapped[str]
    stored_at: Mapped[dt.datetime]
    erased_at: Mapped[dt.datetime | None]


class Report(Record, Base):
    """What someone told us, in the words of `schema.REPORTS`, and the ward it was placed in.

    `own_incident_id` is the incident it came with; `incident_id` the one it belongs to while links
    join it to others: the lowest of theirs, so that taking a link back gives back what was.
    """

    __tablename__ = "reports"
    __table_args__ = (one_of("placement", PLACEMENTS), one_of("place_status", PLACE_STATUSES), NEVER_REUSED)

    report_id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.incident_id"), index=True)
    own_incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.incident_id"), index=True)
    outcome: Mapped[str]
    complainant_hash: Mapped[str]


class ReportVersion(Base):
    """What a report said before an import changed it."""

    __tablename__ = "report_versions"
    __table_args__ = (NEVER_REUSED,)

    version_id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.report_id"), index=True)
    replaced_by: Mapped[int] = mapped_column(ForeignKey("imports.import_id"), index=True)
    replaced_at: Mapped[dt.datetime]
    content: Mapped[dict[str, Any]]


class IntelligenceItem(Record, Base):
    """Assessed information in the words of `schema.INTELLIGENCE`: a layer and a reason, never counted."""

    __tablename__ = "intelligence"
    __table_args__ = (one_of("placement", PLACEMENTS), one_of("place_status", PLACE_STATUSES), NEVER_REUSED)

    intelligence_id: Mapped[int] = mapped_column(primary_key=True)
    opinion: Mapped[str]
    legacy_grading: Mapped[str]


class IntelligenceVersion(Base):
    """What an intelligence item said before an import changed it."""

    __tablename__ = "intelligence_versions"
    __table_args__ = (NEVER_REUSED,)

    version_id: Mapped[int] = mapped_column(primary_key=True)
    intelligence_id: Mapped[int] = mapped_column(ForeignKey("intelligence.intelligence_id"), index=True)
    replaced_by: Mapped[int] = mapped_column(ForeignKey("imports.import_id"), index=True)
    replaced_at: Mapped[dt.datetime]
    content: Mapped[dict[str, Any]]


class LayoutRow(Base):
    """A layout that somebody made for a file nobody had described, as TOML; the newest of a name holds."""

    __tablename__ = "layouts"
    __table_args__ = (NEVER_REUSED,)

    layout_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    toml: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"))
    agency_id: Mapped[str] = mapped_column(ForeignKey("agencies.agency_id"), index=True)
    created_at: Mapped[dt.datetime]


class Submission(Base):
    """What somebody sent in by a form: which report or item it became, and what was redacted on entry."""

    __tablename__ = "submissions"
    __table_args__ = (NEVER_REUSED,)

    submission_id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.report_id"), index=True)
    intelligence_id: Mapped[int | None] = mapped_column(
        ForeignKey("intelligence.intelligence_id"), index=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"), index=True)
    removed: Mapped[dict[str, Any]]
    sent_at: Mapped[dt.datetime]


class Original(Base):
    """A file as it came, encrypted; only where the settings say that originals are kept."""

    __tablename__ = "originals"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    sealed: Mapped[bytes]
    kept_at: Mapped[dt.datetime]


class Tombstone(Base):
    """A report that was erased and stays so; only a hash of its key is kept."""

    __tablename__ = "tombstones"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    erased_at: Mapped[dt.datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"))
