"""What every page shares: who reads it, where it can lead, how it is marked, which files it loads."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Flask, g, render_template, request, url_for
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from mapping.access import Action, Kind
from mapping.publishing import assets
from mapping.publishing.view import MARKING
from webapp import formatters, site

STATIC: Final = Path(__file__).parent / "static"
ROLE_NAMES: Final = {
    "analyst": "analyst",
    "chair": "chair",
    "officer": "agency officer",
    "councillor": "ward councillor",
    "manager": "partnership manager",
    "administrator": "administrator",
    "auditor": "auditor",
}
# What the words of the top row need, and which part of the site lights them up.
_NAVIGATION: Final = (
    ("Home", "home.show", Action.VIEW, Kind.HOME, ("home",)),
    ("Borough map", "maps.latest", Action.VIEW, Kind.BOROUGH_MAP, ("maps", "hotspots")),
    ("Proposals", "tasking.latest", Action.VIEW, Kind.PROPOSAL, ("tasking",)),
    ("Send in", "sending.listing", Action.VIEW, Kind.SUBMISSION, ("sending",)),
    ("Imports", "imports.listing", Action.VIEW, Kind.IMPORT, ("imports", "jobs", "layouts")),
    ("Places", "places.queue", Action.VIEW, Kind.PLACE, ("places", "links", "excluded")),
    # for those who may not see the words of records: the first of a name that somebody may open is theirs
    ("Places", "excluded.listing", Action.VIEW, Kind.EXCLUDED_PLACE, ("excluded",)),
    ("How it was made", "runs.latest", Action.VIEW, Kind.RUN, ("runs",)),
)


def install(app: Flask) -> None:
    """Give templates their loaders, filters and what every page shows."""
    app.jinja_loader = ChoiceLoader(
        [
            PackageLoader("webapp"),
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(formatters.FILTERS)
    app.jinja_env.globals.update(static_url=static_url, map_file_url=map_file_url, role_names=ROLE_NAMES)
    WTFormsHelpers(app)
    app.context_processor(_shared)


def show(template: str, *, is_marked: bool = False, is_wide: bool = False, **values: Any) -> str:
    """Render a page; `is_marked` where it shows what agencies share, `is_wide` where it holds a map."""
    return render_template(
        template, marking=MARKING if is_marked else "", container="wide" if is_wide else "", **values
    )


def _shared() -> dict[str, Any]:
    return {
        "actor": g.get("actor"),
        "request_id": g.get("request_id", ""),
        "navigation": _navigation() if g.get("actor") else [],
    }


def _navigation() -> list[dict[str, Any]]:
    here = request.blueprint or ""
    shown: dict[str, dict[str, Any]] = {}
    for words, endpoint, action, kind, parts in _NAVIGATION:
        if words not in shown and site.may(action, kind):
            shown[words] = {"text": words, "href": url_for(endpoint), "active": here in parts}
    return list(shown.values())


def static_url(name: str) -> str:
    """Return the address of a file of ours; it changes with the content, so it may be kept for long."""
    return url_for("static", filename=name, v=_fingerprint(STATIC / name))


def map_file_url(name: str) -> str:
    """Return the address of a map's script or style file, likewise."""
    return url_for("maps.asset", name=name, v=_fingerprint(assets.asset_path(name)))


@cache
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
