"""Puts a site together: settings, store, background work, guard, pages."""

import datetime as dt
from collections.abc import Sequence

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import IntegerConverter, Map

from mapping.settings import Settings
from mapping.store.engine import open_store
from webapp import config, faults, guard, headers, pages, sessions, site, throttle, uploads, works
from webapp.jobs import Jobs
from webapp.pictures import Pictures

# What surrounds a file in a form: field names, boundaries, the token.
_FORM_ALLOWANCE = 64 * 1024
_YEAR = dt.timedelta(days=365)


class _Id(IntegerConverter):
    """A number in an address: beyond what an id's column holds there is no page, and no query."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def build(settings: Settings, blueprints: Sequence[Blueprint]) -> Flask:
    """Build the site; it takes requests at once and background work after `jobs.start()`."""
    app = Flask("webapp")
    app.url_map.converters["int"] = _Id
    config.make_instance_dir(settings)
    _configure(app, settings)
    store = open_store(settings.database_url)
    jobs = Jobs(settings, store, works.works(settings))
    app.extensions[site.EXTENSION] = site.Site(settings, store, jobs, Pictures())
    uploads.sweep(settings, now=site.now())
    pages.install(app)
    faults.install(app)
    headers.install(app, settings)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    throttle.install(app, "sign_in.begin")
    guard.open_page(app.view_functions["static"])
    guard.install(app)
    # After the guard, so that somebody who is not signed in is told so, and not that a form is stale.
    CSRFProtect(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=config.secret_key(settings),
        TRUSTED_HOSTS=list(settings.hosts),
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1_000_000 + _FORM_ALLOWANCE,
        SESSION_COOKIE_NAME=sessions.token_cookie_name(settings),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not settings.is_loopback_only,
        SEND_FILE_MAX_AGE_DEFAULT=_YEAR,
        # Tokens last as long as a sign-in can. The Referer that the strict check wants is never
        # sent: our own policy is no-referrer.
        WTF_CSRF_TIME_LIMIT=int(uploads.KEPT_FOR.total_seconds()),
        WTF_CSRF_SSL_STRICT=False,
        TEMPLATES_AUTO_RELOAD=False,
    )
