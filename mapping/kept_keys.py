"""Keys that are made once and kept in the instance folder, each for one purpose.

A key that is set in the environment is used instead, so that several machines can share it.
"""

import contextlib
import hashlib
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Final

from mapping.errors import SettingsError
from mapping.settings import SHORTEST_KEY, Settings

_KEPT: Final = {"secret-key": "HOTSPOTS_SECRET_KEY", "hash-key": "HOTSPOTS_HASH_KEY", "originals-key": ""}


class IntakeKeys:
    """What intake needs that must never be stored beside the data, each made when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def complainant(self) -> bytes:
        """Key of the hash that stands for a complainant."""
        key = self._settings.hash_key or kept(self._settings.instance_dir, "hash-key")
        return _derived(key, b"complainant")

    @cached_property
    def originals(self) -> bytes | None:
        """Key that seals files kept as they came; None where none are kept."""
        if not self._settings.keep_originals:
            return None
        return _derived(kept(self._settings.instance_dir, "originals-key"), b"originals")


def kept(folder: Path, name: str) -> str:
    """Return the key kept under a name in a folder, made on first use.

    Raises
    ------
    SettingsError
        What is kept there is too short to be safe, or nothing can be kept there.
    """
    path = folder / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
    except OSError as fault:
        raise SettingsError(
            f"The key `{name}` cannot be kept in the instance folder ({fault.strerror}); "
            "name a folder that this account may write in HOTSPOTS_INSTANCE_DIR."
        ) from None
    return _read(path, name)


def _make(path: Path) -> None:
    """Make a key whole, under its name from one moment to the next; of two that are made, one holds."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())  # what is hashed or sealed with it must not outlive it
        with contextlib.suppress(FileExistsError):
            os.link(part, path)  # never over another's, as a renaming would
    finally:
        part.unlink()


def _read(path: Path, name: str) -> str:
    found = path.read_text(encoding="ascii").strip()
    if len(found) < SHORTEST_KEY:
        instead = f" or set {_KEPT[name]}" if _KEPT[name] else ""
        raise SettingsError(
            f"The key `{name}` kept in the instance folder is too short to be safe; put back the one that "
            f"was there{instead}. A new one, made where the file is deleted, matches nothing of before."
        )
    return found


def _derived(key: str, purpose: bytes) -> bytes:
    return hashlib.blake2b(key.encode("utf-8"), digest_size=32, person=purpose).digest()
