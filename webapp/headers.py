"""Headers on every answer: what a browser may load, keep and tell others."""

from typing import Final

from flask import Flask, Response, g, request

from mapping.settings import Settings

# Nothing inline, nothing from elsewhere. `default-src 'none'` means a new kind of content has to
# be allowed here by name before a page can use it.
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

# Where a page may ask the device where it is: its button does, after a click.
LOCATING: Final = frozenset(
    f"sending.{step}{kind}" for step in ("", "check_", "change_") for kind in ("report", "intelligence")
)

# Files of ours that hold nothing to protect, so that a shared computer may keep them.
SAME_FOR_EVERYBODY: Final = ("static", "maps.asset")

FIXED: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # a ward or hotspot in an address tells where someone looks
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()",
}
_LOCATING_POLICY: Final = FIXED["Permissions-Policy"].replace("geolocation=()", "geolocation=(self)")


def install(app: Flask, settings: Settings) -> None:
    """Add the headers to every answer, errors included."""

    def add(response: Response) -> Response:
        if request.endpoint in LOCATING:
            response.headers["Permissions-Policy"] = _LOCATING_POLICY
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if request.endpoint not in SAME_FOR_EVERYBODY or response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        if not settings.is_loopback_only:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    app.after_request(add)
