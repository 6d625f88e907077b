"""How often a sign-in may be tried: counted for each account and address together.

The counts are kept in the memory of this process: they begin again with a restart, and a site
of several processes would count in each. Nobody is locked out by somebody else's attempts.
"""

from typing import Any, Final

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from mapping.categories import folded

PER_ACCOUNT_AND_ADDRESS: Final = "5 per minute; 30 per hour"
# One address may hold a whole office, or somebody who tries one password on every name.
PER_ADDRESS: Final = "60 per minute"


def install(app: Flask, endpoint: str) -> None:
    """Limit how often the view at `endpoint` may be tried and refuse."""
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", strategy="fixed-window")
    view: Any = app.view_functions[endpoint]
    for limit, key in ((PER_ADDRESS, get_remote_address), (PER_ACCOUNT_AND_ADDRESS, account_and_address)):
        view = limiter.limit(limit, key_func=key, deduct_when=was_refused)(view)
    app.view_functions[endpoint] = view


def account_and_address() -> str:
    """Name what is counted: the account somebody tries, and from where."""
    return f"{folded(request.form.get('name', ''))[:80]}|{get_remote_address()}"


def was_refused(response: Response) -> bool:
    """Say whether an attempt counts: one that signed somebody in does not."""
    return response.status_code != 302
