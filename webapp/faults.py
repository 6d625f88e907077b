"""What people see when something is refused or breaks: plain words, a way on, a request id.

No page here shows a traceback, a path or anything from the request; the log has the request id.
"""

import secrets
from typing import Final

from flask import Flask, Response, current_app, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError

from mapping.errors import ConflictError, MappingError, NotAllowedError, NotFoundError, StoreError

# status: (heading, what to do)
WORDS: Final = {
    400: (
        "The site could not use what was sent",
        "The form may have been open for too long. Go back, reload the page and send it again.",
    ),
    401: ("You are signed out", "Sign in, then try again."),
    403: (
        "This page is not open to you",
        "If you need it for your work, ask the partnership's administrator.",
    ),
    404: (
        "There is no such page, or none that you may see",
        "Check the address, or start again from the home page.",
    ),
    405: ("This address does not do that", "Go back and use the links and buttons of the page."),
    409: (
        "Somebody changed this while you were looking at it",
        "Reload the page to see how it stands, then decide again.",
    ),
    413: (
        "That file is larger than this site takes",
        "Split it by month, or have it imported with the `hotspots import` command.",
    ),
    429: ("Too many attempts", "Wait a minute, then try again. Other people can still sign in."),
    500: (
        "Something went wrong here",
        "Nothing was half-kept. Try again; if it happens twice, give your administrator the request number.",
    ),
    503: (
        "The site cannot answer just now",
        "Its database is busy or away. Try again in a minute; nothing is shown until it is back.",
    ),
}


def install(app: Flask) -> None:
    """Name every request, and answer every fault with a page."""
    app.before_request(_name_request)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(NotAllowedError, lambda error: page(403, str(error)))
    app.register_error_handler(NotFoundError, lambda _: page(404))
    app.register_error_handler(ConflictError, lambda error: page(409, str(error)))
    app.register_error_handler(StoreError, _away)
    app.register_error_handler(Exception, _fault)


def _name_request() -> None:
    g.request_id = secrets.token_hex(8)


def page(status: int, reason: str = "") -> Response:
    """Render the page for a status; `reason` is a sentence of our own, never of the visitor."""
    heading, advice = WORDS.get(status, WORDS[500])
    body = render_template("fault.html", status=status, fault_heading=heading, advice=advice, reason=reason)
    response = make_response(body, status)
    if status in {429, 503}:
        response.headers["Retry-After"] = "60"
    return response


def _http(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):
        # Asked for by a name that the settings do not hold: no page can be linked to under it.
        return Response("This site does not answer to that name.\n", 400, mimetype="text/plain")
    status = error.code or 500
    if status < 400 and error.response is not None:
        return error.get_response()  # type: ignore[return-value]
    return page(status if status in WORDS else 400 if status < 500 else 500)


def _away(error: Exception) -> Response:
    current_app.logger.error("request %s: %s", g.get("request_id", ""), type(error).__name__)
    return page(503)


def _fault(error: Exception) -> Response:
    # The class and the place, never the message: messages of libraries can quote data.
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "unknown place"
    kind = "refused" if isinstance(error, MappingError) else "fault"
    current_app.logger.error(
        "request %s: %s %s at %s in %s",
        g.get("request_id", ""),
        kind,
        type(error).__name__,
        where,
        request.endpoint,
    )
    return page(500)
