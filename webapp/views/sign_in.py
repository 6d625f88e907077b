"""Signing in and out."""

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from webapp import pages, sessions
from webapp.forms import SignInForm
from webapp.guard import open_page, signed_in

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
@open_page
def show() -> str | Response:
    """Ask for an account name and password."""
    if g.actor is not None:
        return redirect(_next())
    return pages.show("sign_in.html", form=SignInForm())


@blueprint.post("/sign-in")
@open_page
def begin() -> str | Response | tuple[str, int]:
    """Sign somebody in, or say the same for every way in which that can fail."""
    form = SignInForm()
    if not form.validate_on_submit():
        return pages.show("sign_in.html", form=form), 422
    actor = sessions.check(form.name.data, form.password.data)
    if actor is None:
        form.password.errors = ["The account name or the password is not right"]
        return pages.show("sign_in.html", form=form), 422
    response = redirect(_next())
    sessions.start(response, actor)
    return response


@blueprint.post("/sign-out")
@signed_in
def end() -> Response:
    """Sign out here and wherever the cookie was copied to."""
    response = redirect(url_for("sign_in.show"))
    sessions.end(response)
    return response


def _next() -> str:
    """Return the page that somebody wanted, if it is one of this site, else the home page."""
    wanted = request.args.get("next", "")
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_ours else url_for("home.show")
