"""Small files, named for their defect, and a clock that stands still."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from mapping.intake import Intake, read_reports

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
WARDEN = (
    "reference,occurred_at,reported_at,category,description,address,postcode,easting,northing,source,grading"
)
STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)

Read = Callable[..., Intake]


@pytest.fixture
def now() -> dt.datetime:
    return NOW


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file of a given name; text becomes UTF-8."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture
def read_log(write: Callable[[str, str | bytes], Path]) -> Read:
    """Read warden-log rows given as text below the usual heading."""

    def read(*rows: str, name: str = "log.csv", heading: str = WARDEN, **options: object) -> Intake:
        return read_reports(
            [write(name, "\n".join((heading, *rows)) + "\n")], "warden-log", now=NOW, **options
        )

    return read


@pytest.fixture
def read_street(write: Callable[[str, str | bytes], Path]) -> Read:
    """Read police-uk rows given as text below the usual heading."""

    def read(*rows: str, name: str = "2025-01-exampleshire-street.csv", **options: object) -> Intake:
        return read_reports([write(name, "\n".join((STREET, *rows)) + "\n")], "police-uk", now=NOW, **options)

    return read
