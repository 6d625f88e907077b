"""Open the one database, and bring its tables to this version.

SQLite is the default: a file beside the work, readable by its owner only, in write-ahead mode so
that readers never wait for a writer. PostgreSQL is one setting away. Either way a change is one
transaction: it happens whole or not at all.
"""

import contextlib
import datetime as dt
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from mapping.errors import ConflictError, MappingError, StoreError
from mapping.store.models import SCHEMA_VERSION

MIGRATIONS: Final = Path(__file__).parent / "migrations"
LOCK_WAIT_SECONDS: Final = 30
POOL_WAIT_SECONDS: Final = 10


class Store:
    """A database that is open and of this version."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(hotspots_mode="write")
        self._reading = engine.execution_options(hotspots_mode="read")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session whose changes are kept together when the block ends, or not at all.

        On SQLite it takes the one write lock at its start: keep it short, and prepare before it.

        Raises
        ------
        ConflictError
            Another change came first (a key exists already).
        StoreError
            The database did not answer in time, or refused the change.
        """
        with _plain_errors(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one moment of the database, waits for no writer and can change nothing."""
        with _plain_errors(), Session(self._reading, expire_on_commit=False) as session:
            yield session

    def check_version(self) -> None:
        """Refuse a database whose tables are of another version.

        Raises
        ------
        StoreError
            With both versions, and what to do.
        """
        with _plain_errors(), self.engine.connect() as connection:
            found = _version(connection)
        if not found:
            raise StoreError(
                "The database holds no tables of this program yet; open it with upgrade=True to create them."
            )
        if found != SCHEMA_VERSION:
            raise StoreError(
                f"The database is of version {found[:20]} and this program needs {SCHEMA_VERSION}. "
                "Back it up, then upgrade it, or use the program that matches it."
            )

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_store(url: str, *, upgrade: bool = False, pool_size: int = 5) -> Store:
    """Open a database.

    Parameters
    ----------
    url : str
        `sqlite:///path/to/file.db` (its folder is made, private to the owner) or `postgresql://...`.
    upgrade : bool
        First create missing tables or bring older ones to this version.
    pool_size : int
        Connections kept; as many again may be opened for a moment.

    Raises
    ------
    StoreError
        The address cannot be read, the database cannot be reached, or is of another version.
    """
    if upgrade:
        _upgrade(_parsed(url))
    store = Store(_engine(_parsed(url), pool_size=pool_size))
    try:
        store.check_version()
    except StoreError:
        store.close()
        raise
    return store


def upgrade(url: str) -> None:
    """Create the tables, or bring them to this version, in one transaction.

    Raises
    ------
    StoreError
        The tables are of a version this program does not know, or the database cannot be reached.
    """
    _upgrade(_parsed(url))


def _upgrade(url: URL) -> None:
    from alembic import command  # only an upgrade needs it; opening stays quick
    from alembic.config import Config
    from alembic.util import CommandError

    engine = _engine(url, pool_size=1, foreign_keys=False)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        with _plain_errors(), engine.execution_options(hotspots_mode="write").begin() as connection:
            if _version(connection) == SCHEMA_VERSION:
                return
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _check_references(connection)
    except CommandError:
        raise StoreError(
            "The database is of a version that this program does not know; "
            "use the newer program it came from."
        ) from None
    finally:
        engine.dispose()


def _check_references(connection: Connection) -> None:
    """Refuse a migration on SQLite that left a row pointing nowhere: its keys are not enforced meanwhile."""
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise StoreError(
                f"The upgrade would leave {len(broken)} rows without what they refer to; undone."
            )


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(
            "The database address cannot be read; write sqlite:///instance/hotspots.db or postgresql://user@host/name."
        ) from None
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise StoreError(
            f"A {parsed.get_backend_name()} database is not supported; use SQLite or PostgreSQL."
        )
    return parsed


def _engine(url: URL, *, pool_size: int, foreign_keys: bool = True) -> Engine:
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite:
        _private_file(url)
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=not is_sqlite,
        hide_parameters=True,  # what is stored must not appear in an error
        json_serializer=to_json,
        connect_args=(
            {"timeout": LOCK_WAIT_SECONDS, "check_same_thread": False}
            if is_sqlite
            else {
                "connect_timeout": 10,
                "options": f"-c lock_timeout={LOCK_WAIT_SECONDS}s -c timezone=UTC",
                # A prepared plan forgets the values: thousands of keys are then compared one by one
                # with every row (67,000 rows against 67,000 keys: 230 s instead of 3 s).
                "prepare_threshold": None,
            }
        ),
    )
    if is_sqlite:
        _set_up_sqlite(engine, foreign_keys=foreign_keys)
    else:
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def _private_file(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise StoreError(
            "A database in memory would be lost; name a file, as in sqlite:///instance/hotspots.db."
        )
    path = Path(url.database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(
            f"The database file cannot be made ({error.strerror}); name a folder that this account may write."
        ) from None


def _set_up_sqlite(engine: Engine, *, foreign_keys: bool) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        # The driver's own idea of when a transaction starts is switched off; `begin` below says it.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        # References arrive in no order, so their index is written all over: with SQLite's own 2 MB of
        # pages the same ones are read again and again.
        cursor.execute("PRAGMA cache_size = -32768")
        cursor.execute("PRAGMA synchronous = FULL")  # the audit log must survive a power cut
        cursor.execute("PRAGMA secure_delete = ON")  # what is erased must not linger in free pages
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("hotspots_mode", "read")
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if mode == 'write' else 'ON'}")
        # A writer that began as a reader could find its snapshot stale; it takes the lock first.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if mode == "write" else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("hotspots_mode", "read") == "read":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    """Say a database fault in a sentence, without the rows that a driver would quote."""
    try:
        yield
    except IntegrityError:
        raise ConflictError("This exists already or was changed meanwhile; reload and try again.") from None
    except (OperationalError, PoolTimeoutError) as error:
        raise StoreError(
            f"The database did not answer in time or cannot be reached ({_reason(error)}); "
            "nothing was changed. Try again in a moment."
        ) from None
    except StatementError as error:
        if isinstance(error.orig, MappingError):  # a value that `columns` refuses
            raise error.orig from None
        raise StoreError(f"The database refused a change ({_reason(error)}); nothing was changed.") from None


def _reason(error: Exception) -> str:
    origin = getattr(error, "orig", None) or error
    code = getattr(origin, "sqlite_errorname", None) or getattr(origin, "sqlstate", None)
    return str(code or type(origin).__name__)


def to_json(value: object) -> str:
    """Write JSON with dates as ISO text and without NaN, which no standard reads."""
    return json.dumps(value, default=_plain, allow_nan=False, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    item = getattr(value, "item", None)  # a numpy number
    if callable(item):
        return item()
    raise TypeError(f"A {type(value).__name__} cannot be stored as JSON.")
