"""Files that were sent and wait for their sender to confirm: kept apart, private, and not for long.

Each lies in a folder of its own with a random name; only the account that sent it can reach it.
"""

import datetime as dt
import hashlib
import json
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

from werkzeug.utils import secure_filename

from mapping.errors import NotFoundError
from mapping.settings import Settings

KEPT_FOR: Final = dt.timedelta(hours=12)  # as long as a sign-in can last
_TOKEN: Final = re.compile(r"^[A-Za-z0-9_-]{32}$")
_NOTE: Final = "upload.json"
_DRAFT: Final = "draft.json"
_FILE: Final = "file"
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class Upload:
    """One file that waits, and what its check found; `layout` is empty until it is known how to read it."""

    token: str
    account_id: int
    file_name: str
    layout: str
    sha256: str
    sent_at: str
    preview: dict[str, Any]
    extracted_on: str = ""  # ISO, or empty


def folder(settings: Settings) -> Path:
    """Return the folder of waiting files."""
    return settings.instance_dir / "uploads"


def keep(settings: Settings, stream: IO[bytes], file_name: str) -> tuple[str, Path, str]:
    """Write what was sent to a new private folder; return its token, path and SHA-256."""
    token = secrets.token_urlsafe(24)
    place = folder(settings) / token
    # The file lies a folder deeper, so that whatever it is called it is not taken for our note on it.
    for made in (place, place / _FILE):
        made.mkdir(mode=0o700, parents=True)
    path = place / _FILE / (secure_filename(file_name)[-80:].lstrip(".") or "upload")
    digest = hashlib.sha256()
    with path.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
    return token, path, digest.hexdigest()


def note(
    settings: Settings,
    token: str,
    *,
    account_id: int,
    file_name: str,
    layout: str,
    sha256: str,
    preview: Mapping[str, Any],
    extracted_on: str = "",
    now: dt.datetime,
) -> Upload:
    """Write down what the check of a kept file found, and the day its sender says it was extracted."""
    upload = Upload(
        token, account_id, file_name, layout, sha256, now.isoformat(), dict(preview), extracted_on
    )
    text = json.dumps(asdict(upload), ensure_ascii=True)
    (folder(settings) / token / _NOTE).write_text(text, encoding="ascii")
    return upload


def find(settings: Settings, token: str, *, account_id: int) -> Upload:
    """Return one of the account's own waiting files.

    Raises
    ------
    NotFoundError
        There is none, or it is someone else's.
    """
    try:
        if not _TOKEN.match(token):
            raise FileNotFoundError
        text = (folder(settings) / token / _NOTE).read_text(encoding="ascii")
    except FileNotFoundError:
        raise NotFoundError("No such file waits here; send it again.") from None
    upload = Upload(**json.loads(text))
    if upload.account_id != account_id:
        raise NotFoundError("No such file waits here; send it again.")
    return upload


def keep_draft(settings: Settings, upload: Upload, draft: Mapping[str, Any]) -> None:
    """Write down what was said so far of a waiting file that no layout describes."""
    text = json.dumps(draft, ensure_ascii=True)
    (folder(settings) / upload.token / _DRAFT).write_text(text, encoding="ascii")


def draft_of(settings: Settings, upload: Upload) -> dict[str, Any] | None:
    """Return what was said so far of a waiting file, or None where nothing was."""
    path = folder(settings) / upload.token / _DRAFT
    return json.loads(path.read_text(encoding="ascii")) if path.exists() else None


def path_of(settings: Settings, upload: Upload) -> Path:
    """Return where a waiting file lies."""
    return next((folder(settings) / upload.token / _FILE).iterdir())


def discard(settings: Settings, token: str) -> None:
    """Remove a waiting file; one that has gone already is no fault."""
    if _TOKEN.match(token):
        shutil.rmtree(folder(settings) / token, ignore_errors=True)


def sweep(settings: Settings, *, now: dt.datetime) -> int:
    """Remove what nobody confirmed in time; return how many files that were."""
    removed = 0
    for place in folder(settings).glob("*"):
        sent_at = dt.datetime.fromtimestamp(place.stat().st_mtime, dt.UTC)
        if now - sent_at >= KEPT_FOR:
            shutil.rmtree(place, ignore_errors=True)
            removed += 1
    return removed
