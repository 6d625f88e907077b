"""Frames to rows and back: NaN and NaT are NULL in the database, and only there.

Text comes back as text, moments as `datetime64[us, UTC]`, numbers as numbers with NaN, so that a
frame that was stored and read again has the same columns, types and values.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import Boolean, DateTime, Float, Integer, LargeBinary, Table
from sqlalchemy.types import TypeDecorator, TypeEngine

from mapping import schema
from mapping.errors import AccountingError

MOMENT: Final = "datetime64[us, UTC]"


def to_rows(frame: pd.DataFrame, columns: Sequence[str], table: Table, name: str) -> list[dict[str, Any]]:
    """Turn columns of a frame into rows for `table`.

    Raises
    ------
    MissingColumnsError
        The frame lacks one of `columns`.
    AccountingError
        A column that every row needs holds a missing value.
    """
    schema.require(frame, columns, name)
    values = [_plain(frame[column], table.c[column].type) for column in columns]
    for column, plain in zip(columns, values, strict=True):
        if not table.c[column].nullable and any(value is None for value in plain):
            raise AccountingError(f"`{name}` has a missing `{column}`, which every row needs.")
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


def _plain(column: pd.Series, kind: TypeEngine[Any]) -> list[Any]:
    """Return Python values, None where missing, of the type that the table's column keeps."""
    base = _base_type(kind)
    if isinstance(base, DateTime):
        moments: list[Any] = pd.to_datetime(column, utc=True).dt.tz_localize(None).tolist()
        return [
            None if moment is pd.NaT else moment.to_pydatetime(warn=False).replace(tzinfo=dt.UTC)
            for moment in moments
        ]
    missing = column.isna().tolist()
    make = {Boolean: bool, Float: float, Integer: int}.get(_family(base), _same)
    return [None if gone else make(value) for value, gone in zip(column.tolist(), missing, strict=True)]


def to_frame(rows: Iterable[Sequence[Any]], columns: Sequence[str], table: Table) -> pd.DataFrame:
    """Turn rows that hold `columns` of `table`, in that order, into a frame; the inverse of `to_rows`."""
    fetched = [tuple(row) for row in rows]
    by_column = list(zip(*fetched, strict=True)) if fetched else [()] * len(columns)
    return pd.DataFrame(
        {
            column: _series(values, table.c[column].type)
            for column, values in zip(columns, by_column, strict=True)
        }
    )


def _series(values: Sequence[Any], kind: TypeEngine[Any]) -> pd.Series:
    base = _base_type(kind)
    if isinstance(base, DateTime):
        naive = [None if moment is None else moment.replace(tzinfo=None) for moment in values]
        return pd.Series(np.array(naive, dtype="datetime64[us]")).dt.tz_localize("UTC")
    dtypes = {Boolean: "bool", Float: "float64", Integer: "int64", LargeBinary: "object"}
    dtype = dtypes.get(_family(base), "str")
    return pd.Series(list(values), dtype=dtype)


def _base_type(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def _family(base: TypeEngine[Any]) -> type:
    known = (Boolean, Float, Integer, LargeBinary)
    return next((family for family in known if isinstance(base, family)), object)


def _same(value: Any) -> Any:
    return value
