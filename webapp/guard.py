"""Closed by default: before every view the guard asks `mapping.access`, and writes down the answer.

A view is open (`open_page`), for anybody signed in (`signed_in`), or for those whom the
authorisation table lets (`allows`). A route that declares none of these stops the start; one
that appears later answers 500 and shows nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlencode

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mapping import access
from mapping.access import Action, Kind
from mapping.errors import SettingsError
from mapping.store import audit
from webapp import headers, sessions, site

View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True)
class Rule:
    """What a route asks of whoever comes; without action and kind, a sign-in is enough."""

    is_open: bool = False
    action: Action | None = None
    kind: Kind | None = None


_RULE: Final = "access_rule"


def open_page(view: View) -> View:
    """Let anybody in: for the sign-in page and static files, which hold nothing to protect."""
    setattr(view, _RULE, Rule(is_open=True))
    return view


def signed_in(view: View) -> View:
    """Let in anybody who is signed in, whatever their role."""
    setattr(view, _RULE, Rule())
    return view


def allows(action: Action, kind: Kind) -> Callable[[View], View]:
    """Let in whoever the authorisation table lets do `action` to `kind`, and audit that they came."""

    def mark(view: View) -> View:
        setattr(view, _RULE, Rule(action=action, kind=kind))
        return view

    return mark


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """Return what a route declares, or None where it declares nothing."""
    return getattr(app.view_functions[endpoint], _RULE, None)


def install(app: Flask) -> None:
    """Put the guard before every view.

    Raises
    ------
    SettingsError
        A route declares no rule.
    """
    undeclared = sorted({r.endpoint for r in app.url_map.iter_rules() if rule_of(app, r.endpoint) is None})
    if undeclared:
        raise SettingsError(
            f"The start was stopped: {', '.join(undeclared)} declare no access rule; mark each view with "
            "`open_page`, `signed_in` or `allows`."
        )
    app.before_request(_check)


def _check() -> BaseResponse | None:
    g.actor = None
    if request.endpoint is None:
        return None  # no such page, or not with this method: Flask's own 404 and 405 show nothing
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        current_app.logger.error("route without access rule: %s", request.endpoint)
        abort(500)
    if request.endpoint in headers.SAME_FOR_EVERYBODY:
        return None  # needs no database
    g.actor = sessions.resolve()
    if rule.is_open:
        return None
    if g.actor is None:
        return _send_to_sign_in()
    if rule.action is not None and rule.kind is not None:
        _judge(g.actor, rule.action, rule.kind)
    return None


def _send_to_sign_in() -> BaseResponse:
    wants_page = request.method in {"GET", "HEAD"} and not request.path.endswith((".js", ".json"))
    if not wants_page:
        abort(401)
    return redirect(f"{url_for('sign_in.show')}?{urlencode({'next': request.path})}", code=302)


def _judge(actor: access.Actor, action: Action, kind: Kind) -> None:
    """Audit what is about to be seen or done, or that it was refused, before anything is answered."""
    is_allowed = access.allows(actor, action, kind, today=site.today())
    with site.transaction() as session:
        audit.append(
            session,
            actor=actor,
            now=site.now(),
            action=f"{action}" if is_allowed else f"{action} refused",
            kind=kind.value,
            object_id=_object_id(),
            details={"method": request.method, "route": request.endpoint, "request": g.request_id},
        )
    if not is_allowed:
        access.require(actor, action, kind, today=site.today())


def _object_id() -> str:
    return "/".join(str(value)[:60] for value in (request.view_args or {}).values())
