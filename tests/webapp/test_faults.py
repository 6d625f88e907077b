import logging

import pytest

from mapping.errors import ConflictError, StoreError
from webapp import guard


def _page_that_raises(app, error):
    @guard.open_page
    def broken():
        raise error

    app.view_functions["sign_in.show"] = broken


def test_a_fault_shows_a_request_number_and_nothing_else(app, visitor, caplog):
    _page_that_raises(app, RuntimeError("row 7: 14 Marton Road, Jane Doe"))
    with caplog.at_level(logging.ERROR):
        answer = visitor.get("/sign-in")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text
    assert "Marton" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["X-Request-Id"] in caplog.text
    assert "RuntimeError" in caplog.text
    assert "Marton" not in caplog.text


def test_a_database_that_is_away_answers_503_and_says_when_to_try_again(app, visitor):
    _page_that_raises(app, StoreError("The database did not answer in time."))
    answer = visitor.get("/sign-in")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"


def test_a_change_that_came_first_is_said_and_not_overwritten(app, visitor):
    _page_that_raises(app, ConflictError("This proposal was accepted meanwhile."))
    answer = visitor.get("/sign-in")
    assert answer.status_code == 409
    assert "This proposal was accepted meanwhile." in answer.text


@pytest.mark.parametrize("path", ["/nowhere", "/runs/x", "/runs/-1", "/runs/1/../2", "/static/../config.py"])
def test_what_is_not_there_is_404_without_repeating_the_address(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_an_address_with_a_script_in_it_is_never_repeated(visitor):
    answer = visitor.get("/<script>alert(1)</script>")
    assert answer.status_code == 404
    assert "alert(1)" not in answer.text


def test_a_method_that_an_address_does_not_take_is_405(visitor):
    assert visitor.client.delete("/sign-in").status_code == 405
    assert visitor.client.post("/sign-in", headers={"X-HTTP-Method-Override": "DELETE"}).status_code != 405


@pytest.mark.parametrize("path", ["/sign-out", "/runs", "/runs/1/proposals/1", "/imports/new"])
def test_a_form_without_its_token_is_refused(signed_in, path):
    visitor = signed_in("chair" if "proposals" in path else "analyst")
    answer = visitor.client.post(path, data={"decision": "accept"})
    assert answer.status_code == 400
    assert "open for too long" in answer.text
    assert visitor.get("/").status_code == 200  # nobody was signed out by it


def test_a_token_of_somebody_else_is_refused(signed_in):
    thief, victim = signed_in("analyst"), signed_in("analyst")
    token = thief.get("/").text.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    assert victim.client.post("/sign-out", data={"csrf_token": token}).status_code == 400


def test_a_token_made_before_the_sign_in_is_not_good_after_it(visitor):
    page = visitor.get("/sign-in").text
    token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    fields = {"csrf_token": token, "name": "analyst", "password": "correct horse battery"}
    assert visitor.client.post("/sign-in", data=fields).status_code == 302
    assert visitor.client.post("/sign-out", data={"csrf_token": token}).status_code == 400


def test_json_in_place_of_a_form_is_refused(signed_in):
    answer = signed_in("chair").client.post("/runs/1/proposals/1", json={"decision": "accept"})
    assert answer.status_code == 400
