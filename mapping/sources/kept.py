"""Answers that were fetched, kept in a private folder, so that an interrupted fetch goes on where it was.

A file's name is a digest of the question and of the publication it was asked of; its content is what
came, compressed. A file is there whole or not at all.
"""

import gzip
import hashlib
import os
import time
import zlib
from pathlib import Path
from typing import Final

DAYS_KEPT: Final = 40  # data.police.uk publishes monthly: the last publication and no older one
_SECONDS_A_DAY: Final = 86_400


class Kept:
    """A folder of answers, for its owner alone.

    Parameters
    ----------
    folder : Path
        Made when the first answer comes.
    is_fresh : bool
        Look at nothing that was kept before this object was made; what comes is kept all the same.
    """

    def __init__(self, folder: Path, *, is_fresh: bool = False) -> None:
        self._folder = folder
        self._is_fresh = is_fresh
        self._came_now: set[str] = set()

    def find(self, *question: str) -> bytes | None:
        """Return the answer kept for a question, or nothing; a damaged one is nothing."""
        name = _name(question)
        if self._is_fresh and name not in self._came_now:
            return None
        try:
            return gzip.decompress((self._folder / name).read_bytes())
        except (OSError, EOFError, zlib.error):
            return None

    def keep(self, answer: bytes, *question: str) -> None:
        """Keep the answer to a question."""
        name = _name(question)
        make_private(self._folder)
        write_whole(self._folder / name, gzip.compress(answer, 6, mtime=0))
        self._came_now.add(name)

    def forget_old(self, *, now_s: float | None = None) -> int:
        """Delete what is older than `DAYS_KEPT` and what a killed run left half-written; return how many."""
        now = time.time() if now_s is None else now_s
        gone = 0
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            days = 1 if path.suffix == ".part" else DAYS_KEPT
            if now - path.stat().st_mtime > days * _SECONDS_A_DAY:
                path.unlink(missing_ok=True)
                gone += 1
        return gone


def _name(question: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join(question).encode()).hexdigest() + ".gz"


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for the owner alone."""
    for above in [*reversed(folder.parents), folder]:
        if not above.is_dir():
            above.mkdir(mode=0o700, exist_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever finds half of it: under another name first, then renamed."""
    part = path.with_name(f".{path.name[:80]}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
