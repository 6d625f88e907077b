from pathlib import Path

import pytest
import yaml
from flask import Blueprint

from mapping.errors import SettingsError
from mapping.store import audit
from webapp import building, guard, views

MATRIX = yaml.safe_load((Path(__file__).parent / "authz_matrix.yaml").read_text())
EXAMPLES = {
    "<int:run_id>": "1",
    "<gss>": "E05000001",
    "<hotspot_id>": "H1",
    "<int:proposal_id>": "1",
    "<int:import_id>": "1",
    "<int:job_id>": "1",
    "<int:submission_id>": "1",
    "<token>": "A" * 32,
    "<item>": "0" * 32,
    "<int:decision_id>": "1",
    "<int:name_id>": "1",
    "<int:place_id>": "1",
    "<int:link_id>": "1",
    "<name>": "cases",
    "<path:filename>": "site.css",
    "<path:name>": "hotspot_map.css",
}


def _path(rule):
    for part, value in EXAMPLES.items():
        rule = rule.replace(part, value)
    assert "<" not in rule, f"no example for {rule}"
    return rule


def _answers(visitor, *, page):
    """Ask every route of the matrix; signing out comes last, since after it the visitor is nobody."""
    found = {}
    for route in sorted(MATRIX["routes"], key=lambda route: route == "POST /sign-out"):
        method, rule = route.split(" ", 1)
        answer = visitor.get(_path(rule)) if method == "GET" else visitor.send(page, _path(rule), {})
        found[route] = answer.status_code
    return found


def _expected(account):
    column = MATRIX["columns"].index(account)
    return {route: answers[column] for route, answers in MATRIX["routes"].items()}


def test_the_matrix_holds_every_route_and_no_other(app):
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == set(MATRIX["routes"])


@pytest.mark.parametrize("account", MATRIX["columns"][1:])
def test_every_route_answers_every_role_as_the_matrix_says(signed_in, account):
    # So that there is a job 1, and it is the analyst's.
    assert signed_in("analyst").send("/", "/runs", {}).location == "/jobs/1"
    assert _answers(signed_in(account), page="/") == _expected(account)


def test_nobody_is_led_to_sign_in_or_refused(visitor):
    assert _answers(visitor, page="/sign-in") == _expected("anonymous")
    assert visitor.get("/runs/1").location == "/sign-in?next=%2Fruns%2F1"


def test_what_nobody_gets_holds_no_content(visitor):
    for route in MATRIX["routes"]:
        method, rule = route.split(" ", 1)
        if method == "GET" and not rule.startswith(("/static", "/map-files")):
            assert b"Marton" not in visitor.get(_path(rule)).data


@pytest.mark.parametrize("account", ["councillor", "administrator", "auditor", "stranger"])
def test_who_may_not_read_the_run_is_shown_none_of_it(signed_in, account):
    visitor = signed_in(account)
    for route in MATRIX["routes"]:
        method, rule = route.split(" ", 1)
        if method == "GET":
            answer = visitor.get(_path(rule))
            assert b"Marton" not in answer.data, route
            # A form offers the wards of the borough, and a map draws them: they are on any town map.
            is_ground = rule.startswith("/send/") or rule.endswith("/map.json")
            assert is_ground or b"Beechwood" not in answer.data, route


@pytest.mark.parametrize("account", ["officer", "manager", "chair", "analyst"])
def test_free_text_of_a_report_reaches_no_page(signed_in, account):
    visitor = signed_in(account)
    for route in MATRIX["routes"]:
        method, rule = route.split(" ", 1)
        if method == "GET":
            assert b"canary-free-text" not in visitor.get(_path(rule)).data, route


def test_single_reports_are_on_the_map_of_those_alone_who_may_see_incidents(signed_in):
    seen = {name: signed_in(name).get("/runs/1/wards/E05000001/map.js").text for name in ("chair", "officer")}
    assert len(seen["chair"]) > len(seen["officer"])


def test_a_route_that_declares_no_rule_stops_the_start(town):
    blueprint = Blueprint("forgotten", __name__)
    blueprint.get("/forgotten")(lambda: "everything")
    with pytest.raises(SettingsError, match=r"forgotten\.<lambda> declare no access rule"):
        building.build(town.settings, [*views.BLUEPRINTS, blueprint])


def test_a_route_added_after_the_start_answers_500_and_shows_nothing(app, signed_in):
    visitor = signed_in("analyst")
    app.view_functions["home.show"] = lambda: "everything"
    answer = visitor.get("/")
    assert answer.status_code == 500
    assert "everything" not in answer.text


def test_every_look_is_in_the_log_before_it_is_answered(town, signed_in):
    signed_in("officer").get("/runs/1/hotspots/H1")
    with town.store.reading() as session:
        last = audit.latest(session, limit=1)[0]
    assert (last.account_name, last.action, last.kind, last.object_id) == (
        "officer",
        "view",
        "hotspot",
        "1/H1",
    )


def test_every_refusal_is_in_the_log(town, signed_in):
    signed_in("councillor").get("/runs/1/hotspots/H1")
    with town.store.reading() as session:
        last = audit.latest(session, limit=1)[0]
        assert audit.verify(session) is None
    assert (last.account_name, last.action, last.kind) == ("councillor", "view refused", "hotspot")


def test_without_its_log_the_site_shows_nothing_sensitive(town, signed_in):
    visitor = signed_in("officer")
    writing = town.store.engine.execution_options(hotspots_mode="write")
    with writing.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_log RENAME TO audit_log_away")
    answer = visitor.get("/runs/1")
    assert answer.status_code == 503
    assert "Marton" not in answer.text
    assert answer.headers["Retry-After"] == "60"


def test_reading_changes_nothing_but_the_log_and_when_a_sign_in_was_used(town, signed_in):
    visitor = signed_in("analyst")
    before = _everything(town)
    for route in MATRIX["routes"]:
        method, rule = route.split(" ", 1)
        if method == "GET":
            visitor.get(_path(rule))
    assert _everything(town) == before


def _everything(town):
    with town.store.engine.connect() as connection:
        names = [
            row[0]
            for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        kept = [name for name in names if name not in ("audit_log", "sign_ins", "sqlite_sequence")]
        return {name: connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in kept}


def test_head_asks_for_the_same_rights_as_get(signed_in, visitor):
    assert signed_in("councillor").client.head("/runs/1").status_code == 403
    assert visitor.client.head("/runs/1").status_code == 302


def test_a_declared_rule_can_be_read_back(app):
    assert guard.rule_of(app, "sign_in.show").is_open
    assert str(guard.rule_of(app, "tasking.decide").action) == "decide"
