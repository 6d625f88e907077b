"""Serve the site: waitress for the pages, one thread beside it for background work."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from flask import Flask

from mapping.errors import SettingsError
from mapping.settings import Settings
from webapp import create_app, site

if TYPE_CHECKING:
    from webapp.site import Site

THREADS: Final = 8
LOOPBACK: Final = "127.0.0.1"


def serve(settings: Settings, *, host: str = LOOPBACK, port: int = 5000) -> None:
    """Serve until stopped.

    Raises
    ------
    SettingsError
        Others could reach the address, but the settings name only this machine.
    """
    if host not in settings.hosts and settings.is_loopback_only:
        raise SettingsError(
            f"The site would listen on {host} but answer only to {', '.join(settings.hosts)}; "
            "name the hosts it is reached by in HOTSPOTS_HOSTS."
        )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("huey").setLevel(logging.WARNING)
    app = create_app(settings)
    with working(app):
        _server(app, host, port).run()


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[str]:
    """Serve from a thread while the block lasts, on a free port of this machine; gives its address."""
    app = create_app(settings)
    server, stopped = _server(app, LOOPBACK, 0), threading.Event()
    thread = threading.Thread(target=_run_until, args=(server, stopped), name="pages", daemon=True)
    with working(app):
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.effective_port}"
        finally:
            stopped.set()
            thread.join(timeout=10)


def _run_until(server: Any, stopped: threading.Event) -> None:
    """Run waitress's loop until told to stop; its sockets may be closed by the thread of its loop only."""
    from waitress import wasyncore

    while not stopped.is_set():
        wasyncore.loop(timeout=0.2, map=server._map, count=1)
    server.task_dispatcher.shutdown()
    wasyncore.close_all(server._map, ignore_all=True)


@contextlib.contextmanager
def working(app: Flask) -> Iterator["Site"]:
    """Do the site's background work while the block lasts."""
    held: Site = app.extensions[site.EXTENSION]
    held.jobs.start()
    try:
        yield held
    finally:
        held.jobs.stop()
        held.store.close()


def _server(app: Flask, host: str, port: int) -> Any:
    from waitress.server import create_server

    return create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        ident="",  # what serves is nobody's business
        # A file somewhat too large gets our own page with advice; waitress cuts off the enormous.
        max_request_body_size=4 * app.config["MAX_CONTENT_LENGTH"],
        channel_timeout=60,
    )
