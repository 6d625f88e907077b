"""The site: who may, call one thing, render.

`create_app` builds it whole from its settings; nothing here is global.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from mapping.settings import Settings

__all__ = ["create_app"]


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Build the site from settings, or from the environment where none are given.

    Raises
    ------
    SettingsError
        A setting is unknown or unsafe, or a route declares no access rule.
    StoreError
        The database cannot be opened or is of another version.
    """
    from mapping.settings import read_settings
    from webapp import views  # Flask and all it needs are loaded when a site is wanted
    from webapp.building import build

    return build(settings or read_settings(), views.BLUEPRINTS)
