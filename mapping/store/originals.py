"""Files as they came: kept encrypted beside what was read from them, where the settings say so.

AES-256-GCM (NIST SP 800-38D) with a fresh nonce each; the file's SHA-256 is bound in as associated
data, so that one original cannot be put in another's place. The key lies outside the database.
"""

import datetime as dt
import hashlib
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import Action, Actor, Kind
from mapping.errors import NotFoundError, SettingsError
from mapping.store import audit
from mapping.store.models import ImportRow, Original

_NONCE_BYTES: Final = 12


def sealed(path: Path, *, key: bytes, now: dt.datetime) -> Original:
    """Seal a file, ready to be kept; takes its time, so it is done before the transaction that keeps it."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    body = _seal(zlib.compress(data, 6), digest, key)
    return Original(sha256=digest, size_bytes=len(data), sealed=body, kept_at=now)


def keep(session: Session, original: Original) -> None:
    """Keep a sealed file in the caller's transaction; one that is kept already is kept once."""
    known = select(Original.sha256).where(Original.sha256 == original.sha256)
    if session.execute(known).first() is None:
        session.add(original)
        session.flush()


def fetch(session: Session, sha256: str, *, key: bytes | None, actor: Actor, now: dt.datetime) -> bytes:
    """Return a file as it came, to an analyst of the agency that imported it; audited.

    Raises
    ------
    NotFoundError
        None is kept under this checksum, or another agency imported it.
    SettingsError
        The key is not the one it was kept with.
    """
    access.require(actor, Action.VIEW, Kind.REPORT, today=access.local_day(now))
    own = select(ImportRow.import_id).where(
        ImportRow.sha256 == sha256, ImportRow.agency_id == actor.agency_id
    )
    kept = session.get(Original, sha256)
    if kept is None or session.execute(own.limit(1)).first() is None:
        raise NotFoundError("No original is kept under this checksum at your agency.")
    data = zlib.decompress(_opened(kept.sealed, sha256, key))
    audit.append(
        session,
        actor=actor,
        action="fetch original",
        kind=Kind.IMPORT,
        details={"sha256": sha256, "bytes": len(data)},
        now=now,
    )
    return data


def forget(session: Session, import_ids: Iterable[int]) -> int:
    """Remove every original that may hold a record of these imports; return how many that were.

    A record may stand in each file of its layout, earlier and later ones, also where they told nothing
    new: all of them go.
    """
    layouts = select(ImportRow.layout, ImportRow.agency_id).where(ImportRow.import_id.in_(list(import_ids)))
    gone = 0
    for layout, agency_id in session.execute(layouts.distinct()):
        files = select(ImportRow.sha256).where(ImportRow.layout == layout, ImportRow.agency_id == agency_id)
        removed = session.execute(
            delete(Original).where(Original.sha256.in_(files)).returning(Original.sha256)
        )
        gone += len(removed.all())
    return gone


def _seal(data: bytes, digest: str, key: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, digest.encode("ascii"))


def _opened(sealed: bytes, digest: str, key: bytes | None) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        if key is None:
            raise InvalidTag
        return AESGCM(key).decrypt(nonce, body, digest.encode("ascii"))
    except InvalidTag:
        raise SettingsError(
            "The original cannot be opened with this instance's key; put back the `originals-key` it was "
            "kept with, and set HOTSPOTS_KEEP_ORIGINALS=encrypted."
        ) from None
