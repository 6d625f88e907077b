"""The script and style files of a map: where they lie, and how they go into one file.

Leaflet and its clusters come from npm (`make assets`) and are never committed; our own script
and style lie beside this module.
"""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from mapping.errors import MappingError, NotFoundError

_HERE: Final = Path(__file__).parent
SCRIPT_FILES: Final = ("leaflet/leaflet.js", "leaflet/leaflet.markercluster.js", "hotspot_map.js")
STYLE_FILES: Final = ("leaflet/leaflet.css", "hotspot_map.css")
PAGE_STYLE_FILE: Final = "hotspot_page.css"  # the page around the map in a file of its own
_IMAGES: Final = ("leaflet/images/layers.png", "leaflet/images/layers-2x.png")
_URL: Final = re.compile(r"url\(\s*['\"]?([^)'\"]*)['\"]?\s*\)")
_SOURCE_MAP: Final = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


def names() -> tuple[str, ...]:
    """List every file that a page with a map may ask for."""
    return (*SCRIPT_FILES, *STYLE_FILES, *_IMAGES)


def asset_path(name: str) -> Path:
    """Return where an asset lies.

    Raises
    ------
    NotFoundError
        `name` is none of `names()`.
    MappingError
        It should be there and is not.
    """
    if name not in (*names(), PAGE_STYLE_FILE):
        raise NotFoundError("No map asset has that name; `assets.names()` lists them.")
    path = _HERE / name if name.startswith("leaflet/") else _HERE / "static" / name
    if not path.is_file():
        raise MappingError(f"The map needs {name}, which is not installed; run `make assets` once.")
    return path


@lru_cache(maxsize=16)
def inline_script(name: str) -> str:
    """Return a script that can stand inside a page that is opened from disk."""
    text = _SOURCE_MAP.sub("", asset_path(name).read_text(encoding="utf-8"))
    return _one_line_end(text).strip()


@lru_cache(maxsize=16)
def inline_style(name: str) -> str:
    """Return a style sheet with its pictures inside it, and without the pictures no map here uses."""
    text = _URL.sub(_inline_url, asset_path(name).read_text(encoding="utf-8"))
    return _one_line_end(text).strip()


def _inline_url(found: re.Match[str]) -> str:
    name = f"leaflet/{found.group(1)}"
    if name not in _IMAGES:
        return "none"
    return f"url(data:image/png;base64,{base64.b64encode(asset_path(name).read_bytes()).decode()})"


def _one_line_end(text: str) -> str:
    # A browser hashes what it parsed, in which every line ends with LF.
    return text.replace("\r\n", "\n").replace("\r", "\n")


def csp_hash(body: str) -> str:
    """Return the source expression that lets exactly this inline script or style run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'"
