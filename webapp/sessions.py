"""Who is signed in: the cookie holds a random token and nothing else, the rest is in the database.

A sign-in that ended on the server is ended wherever its cookie was copied to. Flask's own signed
cookie is kept apart under another name and holds only the secret that form tokens are made from.
"""

from typing import TYPE_CHECKING, Final

from flask import request, session
from werkzeug.wrappers import Response

from mapping.access import Actor
from mapping.errors import NotAllowedError, NotFoundError
from mapping.settings import Settings
from mapping.store import accounts, audit, sign_ins
from webapp import site

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_LONGEST_TOKEN: Final = 200


def cookie_name(settings: Settings) -> str:
    """Return the name of the sign-in cookie; `__Host-` binds it to this host over HTTPS."""
    return "hotspots" if settings.is_loopback_only else "__Host-hotspots"


def token_cookie_name(settings: Settings) -> str:
    """Return the name of the cookie that form tokens are checked against."""
    return f"{cookie_name(settings)}-forms"


def resolve() -> Actor | None:
    """Return who sends this request, as their account stands now, or None."""
    token = _token()
    if not token:
        return None
    store, now = site.current_site().store, site.now()
    with store.reading() as reading:
        found = sign_ins.resolve(reading, token, now=now)
        actor = _actor(reading, found.account_id) if found else None
    if found and actor and found.is_due:
        with store.transaction() as writing:
            sign_ins.touch(writing, token, now=now)
    return actor


def _actor(reading: "Session", account_id: int) -> Actor | None:
    try:
        return accounts.actor_for(reading, account_id, today=site.today())
    except (NotAllowedError, NotFoundError):
        return None  # disabled since: the cookie opens nothing


def _token() -> str:
    return request.cookies.get(cookie_name(site.current_site().settings), "")[:_LONGEST_TOKEN]


def check(name: str, password: str) -> Actor | None:
    """Return whom this name and password open, or None; a refusal is audited without the name."""
    store = site.current_site().store
    with store.reading() as reading:
        account_id = accounts.check_password(reading, name, password)
        actor = _actor(reading, account_id) if account_id is not None else None
    if actor is None:
        with store.transaction() as writing:
            audit.append(writing, actor=None, action="sign in refused", kind="account", now=site.now())
    return actor


def start(response: Response, actor: Actor) -> None:
    """Begin a sign-in with a fresh token; one this browser had before is ended."""
    _end_on_server()
    session.clear()  # form tokens made before the sign-in are no longer good
    settings = site.current_site().settings
    with site.transaction() as writing:
        token = sign_ins.start(writing, actor=actor, now=site.now())
    response.set_cookie(
        cookie_name(settings),
        token,
        httponly=True,
        samesite="Lax",
        secure=not settings.is_loopback_only,
        path="/",
    )


def end(response: Response) -> None:
    """End the sign-in on the server and have the browser forget what it kept."""
    _end_on_server()
    session.clear()
    settings = site.current_site().settings
    response.delete_cookie(
        cookie_name(settings), httponly=True, samesite="Lax", secure=not settings.is_loopback_only
    )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def _end_on_server() -> None:
    token, actor = _token(), resolve()
    if token and actor:
        with site.transaction() as writing:
            sign_ins.end(writing, token, actor=actor, now=site.now())
