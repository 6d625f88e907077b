"""Many rows at once, by the shortest way each database has: one statement, or PostgreSQL's COPY.

SQLAlchemy's own way binds every value of every row by itself, which for a month of a force takes
longer than reading the file. Here a column is turned into what its database keeps in one go, by
the same rules as `columns`: moments in UTC, no NUL in a text, NaN and NaT as NULL.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import JSON, DateTime, Double, Integer, LargeBinary, Table, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from mapping.errors import AccountingError, StoreError
from mapping.store.engine import to_json

# A statement's rows are handed over in parts, so that they are never all there twice.
ROWS_AT_ONCE: Final = 20_000

Columns = Mapping[str, Any]  # name -> n values, or one value for all rows


def insert_rows(session: Session, table: Table, columns: Columns, count: int) -> None:
    """Insert `count` rows.

    Parameters
    ----------
    columns : mapping of column name to values
        A sequence of `count` values (missing ones as NaN, NaT or None), or one value for all rows.

    Raises
    ------
    AccountingError
        A column that every row needs has a missing value.
    StoreError
        A text holds a NUL.
    """
    names = list(columns)
    for start in range(0, count, ROWS_AT_ONCE):
        size = min(ROWS_AT_ONCE, count - start)
        values = [_values(table, name, columns[name], slice(start, start + size), size) for name in names]
        _insert(session.connection(), table, names, zip(*values, strict=True))


def update_rows(session: Session, table: Table, id_column: str, ids: Sequence[int], columns: Columns) -> None:
    """Set columns of the rows with these ids; like `insert_rows` otherwise."""
    if not len(ids):
        return
    connection = session.connection()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    names = list(columns)
    settings = ", ".join(f"{_quoted(connection, name)} = {mark}" for name in names)
    whole = slice(0, len(ids))
    values = [_values(table, name, columns[name], whole, len(ids)) for name in names]
    connection.exec_driver_sql(
        f"UPDATE {table.name} SET {settings} WHERE {id_column} = {mark}",  # noqa: S608  names of our own models
        list(zip(*values, [int(number) for number in ids], strict=True)),
    )


def reserve_ids(session: Session, table: Table, count: int) -> list[int]:
    """Take the next `count` ids of a table whose ids are never reused, in rising order.

    On SQLite the caller holds the write lock, so nobody else can take them; on PostgreSQL they
    come from the table's own sequence.
    """
    column = next(iter(table.primary_key)).name
    if session.get_bind().dialect.name == "sqlite":
        last = session.execute(
            text("SELECT seq FROM sqlite_sequence WHERE name = :table"), {"table": table.name}
        )
        first = (last.scalar() or 0) + 1
        return list(range(first, first + count))
    taken = session.execute(
        text("SELECT nextval(pg_get_serial_sequence(:table, :column)) FROM generate_series(1, :count)"),
        {"table": table.name, "column": column, "count": count},
    )
    return sorted(int(number) for number in taken.scalars())


def _insert(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    listed = ", ".join(_quoted(connection, name) for name in names)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} ({listed}) VALUES ({marks})"  # noqa: S608  names of our own models
        connection.exec_driver_sql(statement, list(rows))
        return
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except Exception as error:
        # The driver was asked behind SQLAlchemy's back: say its fault as SQLAlchemy would.
        base = connection.dialect.loaded_dbapi.Error
        if not isinstance(error, base):
            raise
        raise DBAPIError.instance(
            "COPY", None, error, base, hide_parameters=True, dialect=connection.dialect
        ) from error


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def _values(table: Table, name: str, given: Any, part: slice, size: int) -> list[Any]:
    """Return `size` values as the database keeps them."""
    column = table.c[name]
    if isinstance(given, str | bytes | dict) or not hasattr(given, "__len__"):
        plain = _plain([given], column.type) * size
    else:
        plain = _plain(given[part], column.type)
    if not column.nullable and None in plain:
        raise AccountingError(f"`{table.name}` has a missing `{name}`, which every row needs.")
    return plain


def _plain(values: Any, kind: Any) -> list[Any]:
    base = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    if isinstance(base, DateTime):
        return _moments(values)
    if isinstance(base, Double):
        numbers: list[Any] = np.asarray(values, dtype=np.float64).tolist()
        return [None if number != number else number for number in numbers]
    if isinstance(base, JSON):
        return [to_json(value) for value in values]
    if isinstance(base, Integer | LargeBinary):
        return values.tolist() if hasattr(values, "tolist") else list(values)
    return _texts(values)


def _texts(values: Any) -> list[Any]:
    texts: list[Any] = values.tolist() if hasattr(values, "tolist") else list(values)
    try:
        has_nul = "\x00" in "".join(texts)
    except TypeError:  # a missing value among them; whether it may be is asked above
        texts = [None if value is None or value != value else value for value in texts]
        has_nul = any(value is not None and "\x00" in value for value in texts)
    if has_nul:
        raise StoreError("A text with a NUL byte cannot be stored; remove it where the text is read.")
    return texts


def _moments(values: Any) -> list[Any]:
    """Write moments as `2025-01-31 18:30:00.000000`, UTC: as SQLite keeps them, and PostgreSQL reads them."""
    moments = pd.to_datetime(pd.Series(values), utc=True).dt.tz_localize(None)
    codes, distinct = pd.factorize(moments.to_numpy().astype("datetime64[us]"))
    said = [word.replace("T", " ") for word in np.datetime_as_string(distinct, unit="us").tolist()]
    words: list[Any] = [*said, None]
    return [words[code] for code in codes.tolist()]  # a code of -1 is the last: nothing
