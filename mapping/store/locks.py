"""The lock of whoever changes records, or records what was made of them: one at a time.

On SQLite a writer holds the whole file already. On PostgreSQL two transactions would otherwise pass
each other: an import would write back what is being erased, a run stand on a report that is just being
restricted, and a row be placed in wards that are just being replaced.
"""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

_RECORDS: Final = 7_201_002


def hold_records(session: Session) -> None:
    """Wait until nobody else changes records, and keep everybody waiting until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        # An import may take longer than a page may wait for a lock.
        session.execute(text("SET LOCAL lock_timeout = '10min'"))
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _RECORDS})
