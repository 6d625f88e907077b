import datetime as dt

import pytest

from mapping.access import local_day
from mapping.settings import Settings
from mapping.store import accounts, audit, sign_ins
from webapp import create_app, sessions, site


def _cookie(visitor, name="hotspots"):
    return visitor.client.get_cookie(name)


def test_the_cookie_holds_a_random_token_and_is_kept_from_scripts(visitor):
    answer = visitor.sign_in("analyst")
    line = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("hotspots="))
    assert "HttpOnly" in line
    assert "SameSite=Lax" in line
    assert "Secure" not in line  # plain HTTP on this machine alone
    assert len(_cookie(visitor).value) >= 43  # 32 random bytes
    assert "analyst" not in line


def test_beyond_this_machine_cookies_travel_over_https_only(town):
    settings = Settings(
        database_url=town.settings.database_url,
        instance_dir=town.settings.instance_dir,
        secret_key="k" * 40,
        hosts=("maps.exampleshire.gov.uk",),
    )
    client = create_app(settings).test_client()
    base = "https://maps.exampleshire.gov.uk"
    page = client.get("/sign-in", base_url=base)
    assert "Secure" in page.headers["Set-Cookie"]
    assert page.headers["Set-Cookie"].startswith("__Host-hotspots-forms=")
    assert page.headers["Strict-Transport-Security"]
    token = page.text.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    fields = {"name": "analyst", "password": "correct horse battery", "csrf_token": token}
    answer = client.post("/sign-in", base_url=base, data=fields)
    line = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("__Host-hotspots="))
    assert all(word in line for word in ("Secure", "HttpOnly", "Path=/"))
    assert "Domain" not in line


def test_a_copied_cookie_dies_at_sign_out(app, signed_in):
    visitor = signed_in("analyst")
    thief = app.test_client()
    thief.set_cookie("hotspots", _cookie(visitor).value)
    assert thief.get("/runs/1").status_code == 200
    answer = visitor.send("/", "/sign-out", {})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert thief.get("/runs/1").status_code == 302
    assert visitor.get("/runs/1").status_code == 302


def test_a_cookie_planted_before_the_sign_in_opens_nothing_after_it(app, visitor):
    visitor.client.set_cookie("hotspots", "planted-by-somebody-else")
    assert visitor.sign_in("analyst").status_code == 302
    assert _cookie(visitor).value != "planted-by-somebody-else"
    other = app.test_client()
    other.set_cookie("hotspots", "planted-by-somebody-else")
    assert other.get("/").status_code == 302


def test_a_disabled_account_is_out_at_once(town, signed_in):
    visitor = signed_in("analyst")
    now = dt.datetime.now(dt.UTC)
    with town.store.transaction() as session:
        administrator = accounts.actor_named(session, "administrator", today=local_day(now))
        analyst = accounts.actor_named(session, "analyst", today=local_day(now))
        accounts.disable(session, analyst.account_id, actor=administrator, now=now)
    assert visitor.get("/").status_code == 302
    assert visitor.sign_in("analyst").status_code == 422


def test_an_idle_sign_in_runs_out(monkeypatch, signed_in):
    visitor = signed_in("analyst")
    later = dt.datetime.now(dt.UTC) + sign_ins.IDLE
    monkeypatch.setattr(site, "now", lambda: later)
    assert visitor.get("/runs/1").status_code == 302


def test_a_sign_in_in_use_lasts_on_but_not_for_ever(monkeypatch, signed_in):
    visitor = signed_in("analyst")
    start = dt.datetime.now(dt.UTC)
    for minutes in range(20, 12 * 60, 20):
        monkeypatch.setattr(site, "now", lambda minutes=minutes: start + dt.timedelta(minutes=minutes))
        assert visitor.get("/runs/1/about").status_code == 200
    monkeypatch.setattr(site, "now", lambda: start + sign_ins.ABSOLUTE + dt.timedelta(seconds=5))
    assert visitor.get("/runs/1/about").status_code == 302


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("analyst", "wrong horse battery"),
        ("nobody", "wrong horse battery"),
        ("operator", "x"),
        ("a\x00b", "x"),
    ],
)
def test_every_way_to_fail_reads_the_same(visitor, name, password):
    answer = visitor.sign_in(name, password)
    assert answer.status_code == 422
    assert "The account name or the password is not right" in answer.text


def test_a_failed_sign_in_is_in_the_log_without_what_was_typed(town, visitor):
    visitor.sign_in("jane.doe@example.org", "my secret password")
    with town.store.reading() as session:
        last = audit.latest(session, limit=1)[0]
    assert (last.action, last.account_name) == ("sign in refused", "")
    assert "jane" not in str(last.details)


def test_guessing_is_slowed_for_the_account_and_address_that_guesses(app, visitor):
    answers = [visitor.sign_in("analyst", f"wrong guess {k}").status_code for k in range(6)]
    assert answers == [422] * 5 + [429]
    assert visitor.sign_in("analyst").status_code == 429  # even with the right password now
    assert visitor.sign_in("Analyst").status_code == 429  # another spelling of the same account
    assert visitor.sign_in("chair").status_code == 302  # nobody else is locked out


def test_signing_in_rightly_is_not_counted_as_guessing(app):
    for _ in range(8):
        client = app.test_client()
        page = client.get("/sign-in").text
        token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
        fields = {"name": "analyst", "password": "correct horse battery", "csrf_token": token}
        assert client.post("/sign-in", data=fields).status_code == 302


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/runs/1", "/runs/1"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nX: y", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_to_pages_of_this_site_only(visitor, wanted, led_to):
    visitor.client.get("/sign-in")
    page = visitor.get("/sign-in").text
    token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    answer = visitor.client.post(
        "/sign-in",
        query_string={"next": wanted},
        data={"name": "analyst", "password": "correct horse battery", "csrf_token": token},
    )
    assert answer.location == led_to


def test_names_of_the_cookies_say_how_they_travel():
    assert sessions.cookie_name(Settings()) == "hotspots"
    assert sessions.cookie_name(Settings(hosts=("maps.example",))) == "__Host-hotspots"
