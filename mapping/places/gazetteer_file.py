"""The gazetteer's file: a SQLite database of packed columns and one table of properties.

Written beside its place and moved into it when whole, so a build that fails or is killed leaves the old
file as it was. Only numbers and text are read back, with no pickle: a file from elsewhere can be
wrong, but not run anything.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mapping.errors import NotFoundError, StoreError

FORMAT: Final = 1
_KIND: Final = 0x57484758  # PRAGMA application_id of a gazetteer: "WHGX"
_TABLES: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE packed (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, data BLOB NOT NULL);
CREATE TABLE uprns (uprn INTEGER PRIMARY KEY, easting_m REAL NOT NULL, northing_m REAL NOT NULL,
                    ward INTEGER NOT NULL);
CREATE TABLE uprn_wards (ward INTEGER PRIMARY KEY, code TEXT NOT NULL);
"""


def connect(path: Path, *, is_new: bool = False) -> sqlite3.Connection:
    """Open a gazetteer file to read it, or the part file of a new one to write it.

    Raises
    ------
    NotFoundError
        There is no file.
    StoreError
        It is no gazetteer, or of another version.
    """
    if is_new:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 8192;"
        )
        connection.execute(f"PRAGMA application_id = {_KIND}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.executescript(_TABLES)
        return connection
    if not path.is_file():
        raise NotFoundError("There is no gazetteer yet; make one with `hotspots gazetteer build`.")
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
    try:
        (kind,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError:
        kind, version = 0, 0
    if (kind, version) != (_KIND, FORMAT):
        connection.close()
        what = f"of version {version}, not {FORMAT}" if kind == _KIND else "no gazetteer, or damaged"
        raise StoreError(f"{path.name} is {what}; make it again with `hotspots gazetteer build`.")
    return connection


def connect_to_change(path: Path) -> sqlite3.Connection:
    """Open the part file of a gazetteer that was copied, to change some of its columns."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    return connection


def content_sum(connection: sqlite3.Connection) -> str:
    """Return a checksum of all columns and properties, whatever pages they lie on."""
    whole = hashlib.sha256()
    for name, digest in connection.execute("SELECT name, sha256 FROM packed ORDER BY name"):
        whole.update(f"{name} {digest}\n".encode())
    rows = connection.execute("SELECT uprn, easting_m, northing_m, ward FROM uprns ORDER BY uprn")
    while some := rows.fetchmany(100_000):
        whole.update(repr(some).encode())
    return whole.hexdigest()


class Reader:
    """Reads the packed columns of one file; `meta` is what the build said of itself."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self._name = connection, path.name
        self._texts: dict[str, npt.NDArray[np.object_]] = {}
        try:
            self.meta: dict[str, Any] = {
                name: json.loads(value) for name, value in connection.execute("SELECT name, value FROM meta")
            }
        except (sqlite3.DatabaseError, ValueError):
            raise self._damaged() from None

    def _damaged(self) -> StoreError:
        return StoreError(f"{self._name} is damaged; make it again with `hotspots gazetteer build`.")

    def _bytes(self, name: str) -> bytes:
        try:
            found = self._connection.execute("SELECT data FROM packed WHERE name = ?", (name,)).fetchone()
        except sqlite3.DatabaseError:
            found = None
        if found is None or not isinstance(found[0], bytes):
            raise self._damaged()
        return found[0]

    def array(self, name: str, kind: Any) -> npt.NDArray[Any]:
        """Return a column of numbers or fixed-width bytes; it cannot be changed."""
        data = self._bytes(name)
        if len(data) % np.dtype(kind).itemsize:
            raise self._damaged()
        return np.frombuffer(data, dtype=kind)

    def texts(self, name: str) -> npt.NDArray[np.object_]:
        """Return a column of texts; asked for twice, it is the same array."""
        if name not in self._texts:
            try:
                text = self._bytes(name).decode("utf-8")
            except UnicodeDecodeError:
                raise self._damaged() from None
            lines = text.split("\n")[:-1]
            self._texts[name] = np.array(lines, dtype=object) if lines else np.empty(0, dtype=object)
        return self._texts[name]


class Writer:
    """Writes the packed columns of a new file, each with its checksum."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def array(self, name: str, values: npt.NDArray[Any]) -> None:
        """Write a column of numbers or fixed-width bytes."""
        self._write(name, np.ascontiguousarray(values).tobytes())

    def texts(self, name: str, values: Iterable[str]) -> None:
        """Write a column of texts, each on its line; no text holds a line break."""
        self._write(name, "".join(f"{value}\n" for value in values).encode("utf-8"))

    def _write(self, name: str, data: bytes) -> None:
        row = (name, hashlib.sha256(data).hexdigest(), data)
        self._connection.execute("INSERT OR REPLACE INTO packed VALUES (?, ?, ?)", row)

    def meta(self, values: dict[str, Any]) -> None:
        """Write what is said of the file as a whole."""
        rows = [(name, json.dumps(value, sort_keys=True)) for name, value in values.items()]
        self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def uprns(connection: sqlite3.Connection, asked: Sequence[int]) -> Iterator[tuple[int, float, float, str]]:
    """Find properties: number, easting, northing and ward of those that are held."""
    marks = ", ".join("?" * len(asked))
    yield from connection.execute(
        "SELECT uprn, easting_m, northing_m, coalesce(code, '') FROM uprns "  # noqa: S608 - only marks
        f"LEFT JOIN uprn_wards USING (ward) WHERE uprn IN ({marks})",
        list(asked),
    )


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a part file beside `path`, for its owner alone, that takes its place when all went well."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    os.close(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600))
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
