"""The tables of places and links: what people said of where words are, and what tells of one event."""

import datetime as dt
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mapping.store.columns import NEVER_REUSED, Base, one_of

ANSWERS: Final = ("candidate", "pin", "set aside")
LINK_STATES: Final = ("joined", "queued", "apart")
TREATMENTS: Final = ("caution", "exclusion")


class LocalName(Base):
    """What people here call a place, learned from a person's answer; the gazetteer is asked it too."""

    __tablename__ = "local_names"
    __table_args__ = (NEVER_REUSED,)

    name_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    match_level: Mapped[str]
    easting_m: Mapped[float]
    northing_m: Mapped[float]
    error_m: Mapped[float]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"))
    learned_at: Mapped[dt.datetime]
    removed_at: Mapped[dt.datetime | None]


class PlaceDecision(Base):
    """A person's answer to where some words are: for every record with these words, until reversed."""

    __tablename__ = "place_decisions"
    __table_args__ = (one_of("answer", ANSWERS), NEVER_REUSED)

    decision_id: Mapped[int] = mapped_column(primary_key=True)
    place_text: Mapped[str]
    postcode: Mapped[str]
    stated_area: Mapped[str]
    answer: Mapped[str]
    name: Mapped[str]
    match_level: Mapped[str]
    easting_m: Mapped[float | None]
    northing_m: Mapped[float | None]
    error_m: Mapped[float | None]
    name_id: Mapped[int | None] = mapped_column(ForeignKey("local_names.name_id"), index=True)
    reason: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"))
    decided_at: Mapped[dt.datetime]
    reversed_at: Mapped[dt.datetime | None]
    reversed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.account_id"))


class DecidedRecord(Base):
    """A record that a decision placed, and how it stood before; `kind` names its shelf."""

    __tablename__ = "decided_records"

    decision_id: Mapped[int] = mapped_column(ForeignKey("place_decisions.decision_id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)
    before: Mapped[dict[str, Any]]


class Link(Base):
    """Two reports that may tell of one event: joined, queued for a person, or kept apart.

    `first_report_id` is the lower. `evidence` holds what the score was made of.
    """

    __tablename__ = "links"
    __table_args__ = (
        one_of("state", LINK_STATES),
        CheckConstraint("first_report_id < second_report_id", name="ordered"),
        UniqueConstraint("first_report_id", "second_report_id"),
        NEVER_REUSED,
    )

    link_id: Mapped[int] = mapped_column(primary_key=True)
    first_report_id: Mapped[int] = mapped_column(ForeignKey("reports.report_id"))
    second_report_id: Mapped[int] = mapped_column(ForeignKey("reports.report_id"), index=True)
    score: Mapped[float]
    evidence: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(index=True)
    found_at: Mapped[dt.datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.account_id"))
    decided_at: Mapped[dt.datetime | None]
    reason: Mapped[str]


class ExcludedPlace(Base):
    """A place where reports are recorded rather than where they happened, kept by a person with a reason."""

    __tablename__ = "excluded_places"
    __table_args__ = (
        one_of("treatment", TREATMENTS),
        CheckConstraint("radius_m > 0", name="radius_positive"),
        NEVER_REUSED,
    )

    place_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    treatment: Mapped[str]
    easting_m: Mapped[float]
    northing_m: Mapped[float]
    radius_m: Mapped[float]
    reason: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.account_id"))
    added_at: Mapped[dt.datetime]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.account_id"))
    ended_at: Mapped[dt.datetime | None]
    ended_reason: Mapped[str]
