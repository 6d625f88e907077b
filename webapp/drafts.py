"""What a form carries from page to page: signed, for one account, and kept by nobody in between.

The site keeps no drafts. What was written travels, redacted already, inside the check page's own form;
a signature holds it to the account and to the hours that a sign-in can last.
"""

from typing import Any, Final

from flask import abort, current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from webapp import site, uploads

DRAFT: Final = "draft"
TICKET: Final = "ticket"


def seal(facts: dict[str, Any], *, what: str) -> str:
    """Sign what a form is to carry for whoever is signed in; `what` it is keeps one from being another."""
    return _signer(what).dumps({"account": site.actor().account_id, "facts": facts})


def unseal(sealed: str, *, what: str) -> dict[str, Any]:
    """Return what a form carried; answer 400 where it is not ours, not this account's, or too old."""
    try:
        held = _signer(what).loads(sealed, max_age=int(uploads.KEPT_FOR.total_seconds()))
    except BadSignature:
        abort(400)
    if held["account"] != site.actor().account_id:
        abort(400)
    facts: dict[str, Any] = held["facts"]
    return facts


def _signer(what: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=f"a form's {what}")
