"""How a value is kept: text without NUL, moments in UTC, and the names of constraints."""

import datetime as dt
from typing import Any, Final

from sqlalchemy import JSON, CheckConstraint, DateTime, Double, LargeBinary, MetaData, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from mapping.errors import StoreError

CONVENTION: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class PlainText(TypeDecorator[str]):
    """Text without NUL, which PostgreSQL cannot hold and SQLite would hide behind."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Refuse NUL on the way in, on either database."""
        if value is not None and "\x00" in value:
            raise StoreError("A text with a NUL byte cannot be stored; remove it where the text is read.")
        return value


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment: aware on both sides, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Refuse a moment without a time zone; SQLite keeps what is left, as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise StoreError("A moment without a time zone cannot be stored; pass it in UTC.")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Return it aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """Let a text column hold one of a few words only."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


# An id that was given once must not be given again: the audit log names things by it.
NEVER_REUSED: Final = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """What all tables share: constraint names and how Python types are kept."""

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {  # noqa: RUF012  read once by SQLAlchemy, never changed
        str: PlainText,
        bytes: LargeBinary,
        float: Double,
        dt.datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }
