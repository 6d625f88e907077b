"""Saying where words are, by raw HTTP: what is shown, what is kept, and who may."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select, update

from mapping.access import local_day
from mapping.store import accounts, imports, place_answers, place_reviews
from mapping.store.imports import Delivery
from mapping.store.models import Report
from mapping.store.place_answers import Said
from mapping.store.place_models import LocalName, PlaceDecision
from tests import gazetteers
from tests.webapp.conftest import NOW, SCRIPT, _reports, token_of

SHOP = "the Co-op"
PARK = "shelter in the park"
PLACES = (
    ("Co-op", "place", 450_300.0, 520_300.0, 60.0),
    ("Co-op", "place", 451_700.0, 520_300.0, 60.0),
)
PIN = {"choice": "pin", "where": "450900, 520700", "radius": "about"}


@pytest.fixture
def waiting(town):
    """Keep eight reports that say where in words alone: the shop, the park, and a script."""
    frame = _reports().head(8).assign(
        easting_m=np.nan, northing_m=np.nan, error_m=np.nan, match_level="", ward_gss_code="",
        placement="unlocated",
    )  # fmt: skip
    frame["place_text"] = [SHOP] * 4 + [PARK] * 3 + [SCRIPT]
    frame["place_status"] = ["ambiguous"] * 4 + ["unmatched"] * 4
    frame["place_score"] = np.nan
    frame["report_key"] = frame["reference"] = [f"P{number}" for number in range(8)]
    with town.store.transaction() as session:
        analyst = accounts.actor_named(session, "analyst", today=local_day(NOW))
        delivery = Delivery(
            reports=frame, issues=pd.DataFrame(columns=["file", "row", "field", "reason", "severity"]),
            rows_in=8, layout="warden-log", source_name="warden-log",
            files=[{"name": "words.csv", "sha256": "b" * 64, "rows_in": 8, "accepted": 8, "rejected": 0}],
            boundary_edition="May 2025",
        )  # fmt: skip
        imports.store_import(session, delivery, actor=analyst, now=NOW)
    return town


@pytest.fixture
def known(waiting):
    """Build a gazetteer that knows the shop twice."""
    gazetteers.build(waiting.settings.gazetteer_path, PLACES)
    return waiting


def token(town, text):
    """Return the address of an item."""
    return place_reviews.token_of(
        place_reviews.Words(place_reviews.fold(text), "", ""), secret=town.settings.secret_key
    )


def path(town, text):
    return f"/places/review/{token(town, text)}"


def say(visitor, town, text, **fields):
    return visitor.send(path(town, text), path(town, text), fields)


def values(page):
    """Return the values of the candidates of a page, by their number."""
    found = re.findall(r'id="choice[-\d]*" value="([0-9a-f]{12})"', page)
    return dict(enumerate(found, start=1))


def held(town, number):
    with town.store.reading() as session:
        return session.execute(select(Report).where(Report.reference == f"P{number}")).scalar_one()


def decided(town):
    with town.store.reading() as session:
        return list(session.execute(select(PlaceDecision).order_by(PlaceDecision.decision_id)).scalars())


# --- the queue -----------------------------------------------------------------------------------


def test_the_queue_says_how_many_wait_and_what_the_first_answers_would_do(known, signed_in):
    page = signed_in("analyst").get("/places/review").text
    assert "Three places could not be found; answering them would place 8 reports" in page
    assert page.index(SHOP) < page.index(PARK)
    assert "Four reports say this, the newest of " in page
    assert "Two places fit." in page
    assert "ASB nuisance\u00a04" in page


def test_words_are_inert_wherever_they_are_shown(known, signed_in):
    visitor = signed_in("analyst")
    assert say(visitor, known, SCRIPT, choice="pin", where="450900, 520700", radius="about", remember="y",
               name=SCRIPT).status_code == 303  # fmt: skip
    visitor.send("/", "/places/decisions/1/reverse", {})
    for address in ("/places/review", path(known, SCRIPT), "/places/decisions", "/places/names", "/"):
        page = visitor.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in visitor.get(path(known, SCRIPT)).text


def test_without_a_gazetteer_the_pages_say_how_to_build_one_and_a_pin_still_counts(waiting, signed_in):
    visitor = signed_in("analyst")
    assert "hotspots gazetteer build" in visitor.get("/places/review").text
    page = visitor.get(path(waiting, SHOP)).text
    assert "hotspots gazetteer build" in page
    assert values(page) == {}
    assert re.search(r'value="pin" checked', page)  # there is nothing else to choose first
    assert say(visitor, waiting, SHOP, **PIN).status_code == 303
    assert held(waiting, 0).ward_gss_code == "E05000001"


def test_where_nothing_waits_the_page_says_what_it_is_for(town, signed_in):
    page = signed_in("analyst").get("/places/review").text
    assert "No place waits for an answer" in page
    assert "Words that name no place, or several, wait here" in page


def test_who_shares_nothing_sees_none_of_it(known, signed_in):
    stranger = signed_in("stranger")
    assert "No place waits for an answer" in stranger.get("/places/review").text
    for address in (path(known, SHOP), path(known, SHOP) + "/map.json"):
        assert stranger.get(address).status_code == 404
    assert say_as(stranger, known, SHOP, **PIN).status_code == 404
    assert held(known, 0).place_status == "ambiguous"


def say_as(visitor, town, text, **fields):
    return visitor.send("/places/review", path(town, text), fields)


@pytest.mark.parametrize("account", ["chair", "officer", "councillor", "manager", "administrator", "auditor"])
def test_only_an_analyst_reads_or_answers(known, signed_in, account):
    visitor = signed_in(account)
    assert visitor.get(path(known, SHOP)).status_code == 403
    assert visitor.get(path(known, SHOP) + "/map.json").status_code == 403
    assert visitor.send("/", path(known, SHOP), PIN).status_code == 403
    assert SHOP not in visitor.get("/").text


def test_an_answer_without_its_form_token_is_refused(known, signed_in):
    assert signed_in("analyst").client.post(path(known, SHOP), data=PIN).status_code == 400
    assert held(known, 0).place_status == "ambiguous"


# --- one item ------------------------------------------------------------------------------------


def test_an_item_shows_its_words_its_candidates_and_no_names(known, signed_in):
    page = signed_in("analyst").get(path(known, SHOP)).text
    assert unescape(page).count(f"“{SHOP}”") == 1  # not in the title, which a browser's history keeps
    assert "Place in Beechwood, 1.4\u00a0km from number 2." in page
    assert "from number 1." in page
    assert 'data-easting="450300.0"' in page
    assert "canary-free-text" not in page
    assert len(values(page)) == 2


def test_the_ground_is_in_metres_and_for_who_may_see_the_item(known, signed_in):
    answer = signed_in("analyst").get(path(known, SHOP) + "/map.json")
    assert answer.json["bounds"] == [450_000, 520_000, 452_000, 521_000]
    assert [ward["name"] for ward in answer.json["wards"]] == ["Beechwood", "St Germain's"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_candidate_places_every_report_and_leads_to_the_next_item(known, signed_in):
    visitor = signed_in("analyst")
    second = values(visitor.get(path(known, SHOP)).text)[2]
    answer = say(visitor, known, SHOP, choice=second)
    assert (answer.status_code, answer.location) == (303, f"{path(known, PARK)}?done=1")
    row = held(known, 0)
    assert (row.easting_m, row.error_m, row.place_status, row.ward_gss_code) == (
        451_700.0,
        60.0,
        "pinned",
        "E05000002",
    )
    assert "4 reports placed at Co-op, in St Germain&#39;s." in visitor.get(answer.location).text


def test_a_pin_takes_its_radius_from_the_words_chosen(known, signed_in):
    visitor = signed_in("analyst")
    say(visitor, known, SHOP, **PIN | {"radius": "area"})
    say(visitor, known, PARK, choice="pin", where="NZ 509 207", radius="building")
    shop, park = held(known, 0), held(known, 4)
    assert (shop.easting_m, shop.northing_m, shop.error_m, shop.match_level) == (
        450_900,
        520_700,
        500,
        "place",
    )
    # a grid reference of six figures is a square of 100 m, whose corner lies 70.7 m from its middle
    assert (park.easting_m, park.northing_m, round(park.error_m, 1)) == (450_950, 520_750, 70.7)
    assert park.match_level == "property"


def test_what_cannot_be_placed_is_set_aside_with_its_reason(known, signed_in):
    visitor = signed_in("analyst")
    answer = say(visitor, known, PARK, choice="aside", reason="no park of ours has one")
    assert "3 reports set aside." in visitor.get(answer.location).text
    assert held(known, 4).place_status == "set aside"
    assert "no park of ours has one" in visitor.get("/places/decisions").text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose where it is, or say that it cannot be placed"),
        ({"choice": "0123456789ab"}, "That place is not offered any more"),
        ({"choice": "pin"}, "Put the pin on the map, or type where it is"),
        ({"choice": "pin"}, "Say how exact the point is"),
        (PIN | {"where": "behind the shops"}, "Enter a grid reference such as NZ 494 203"),
        (PIN | {"where": "nan, nan"}, "Enter a grid reference"),
        (PIN | {"where": "1" * 5000}, "Enter a grid reference"),
        (PIN | {"radius": "a mile"}, "Say how exact the point is"),
        (PIN | {"where": "ZZ99 9ZZ"}, "knows no such postcode"),
        (PIN | {"where": "TS1 2AB"}, "knows no such postcode"),
        (
            PIN | {"where": "520700, 450900"},
            "outside our wards, by more than 2 km",
        ),  # easting and northing swapped
        (PIN | {"remember": "y", "name": "  "}, "Enter what you call this place"),
        (PIN | {"remember": "y", "name": "a" * 121}, "Keep the name under 120 characters"),
        ({"choice": "aside", "reason": "."}, "Say in a few words why it cannot be placed"),
        ({"choice": "aside", "reason": "a" * 501}, "Keep it under 500 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(known, signed_in, fields, sentence):
    answer = say(signed_in("analyst"), known, SHOP, **fields)
    assert answer.status_code == 422
    assert answer.text.count(sentence) == 2  # in the summary and at its box
    assert "There is a problem" in answer.text
    assert decided(known) == []
    for name in re.findall(r'href="#([\w-]+)"', answer.text):
        assert f'id="{name}"' in answer.text, name


def test_a_point_far_outside_the_wards_counts_where_it_is_said_twice(known, signed_in):
    visitor = signed_in("analyst")
    refused = say(visitor, known, SHOP, **PIN | {"where": "470000, 520700"})
    assert "It did happen there, outside our wards" in refused.text
    assert say(visitor, known, SHOP, **PIN | {"where": "470000, 520700", "outside": "y"}).status_code == 303
    assert held(known, 0).placement == "outside"


def test_fields_that_the_form_does_not_have_change_nothing(known, signed_in):  # ACC 22
    say(
        signed_in("analyst"),
        known,
        SHOP,
        **PIN,
        easting_m="1",
        error_m="1",
        account_id="1",
        place_status="given",
    )
    assert (held(known, 0).easting_m, held(known, 0).place_status) == (450_900, "pinned")


def test_of_two_reviewers_the_second_is_told_who_was_first(known, signed_in, town):
    first, second = signed_in("analyst"), signed_in("analyst")
    page = second.get(path(known, SHOP)).text
    say(first, known, SHOP, **PIN)
    late = second.client.post(
        path(known, SHOP), data={**PIN, "where": "451000, 520200", "csrf_token": token_of(page)}
    )
    assert (late.status_code, late.location) == (303, "/places/review?met=1")
    assert "analyst answered these words on " in second.get(late.location).text
    assert len(decided(known)) == 1
    assert held(known, 0).easting_m == 450_900


def test_an_answer_that_the_store_refuses_is_a_sentence_in_the_queue(known, signed_in, monkeypatch):
    """The other reviewer's answer may come between reading the queue and writing."""
    from webapp.views import places

    def overtaken(form, pin):
        with known.store.transaction() as session:
            analyst = accounts.actor_named(session, "analyst", today=local_day(NOW))
            item = place_reviews.queue(session, actor=analyst, today=local_day(NOW))[0]
            place_answers.answer(session, item, Said("set aside", reason="too vague"), actor=analyst, now=NOW)
        return said(form, pin)

    said = places.PlaceForm.said
    monkeypatch.setattr(places.PlaceForm, "said", overtaken)
    late = say(signed_in("analyst"), known, SHOP, **PIN)
    assert late.status_code == 409
    assert "Somebody answered these words a moment before you" in late.text


# --- names, history, undo ------------------------------------------------------------------------


def test_a_name_is_remembered_listed_found_by_and_removed(known, signed_in):
    visitor = signed_in("analyst")
    say(visitor, known, PARK, **PIN, remember="y", name="Shelter in the Park")
    page = visitor.get("/places/names").text
    assert "One local name is known" in page or "1 local name is known" in page
    assert "Place in Beechwood, within 100\u00a0m" in page
    with known.store.transaction() as session:  # another report of the same words comes
        session.execute(update(Report).where(Report.reference == "P7").values(place_text=PARK))
    assert "Shelter in the Park" in visitor.get(path(known, PARK)).text
    assert visitor.send("/places/names", "/places/names/1/remove", {}).location == "/places/names"
    assert "No local name is known yet" in visitor.get("/places/names").text
    assert visitor.send("/", "/places/names/1/remove", {}).status_code == 404


def test_undo_brings_the_words_back_and_the_list_says_so(known, signed_in):
    visitor = signed_in("analyst")
    there = say(visitor, known, SHOP, **PIN, remember="y", name="Our shop").location
    banner = visitor.get(there).text
    assert "is remembered for later imports" in banner
    assert 'action="/places/decisions/1/reverse"' in banner
    back = visitor.send(there, "/places/decisions/1/reverse", {})
    assert back.location == f"{path(known, SHOP)}?undone=1&changed=0"
    assert "The answer was taken back, and its words wait again." in visitor.get(back.location).text
    assert held(known, 0).place_status == "ambiguous"
    history = visitor.get("/places/decisions").text
    assert "No answers stand, one taken back" in history
    assert "Taken back by analyst" in history
    again = visitor.send("/", "/places/decisions/1/reverse", {})
    assert again.status_code == 409
    assert "taken back already" in again.text
    with known.store.reading() as session:
        assert session.execute(select(LocalName.removed_at)).scalar_one() is not None


@pytest.mark.parametrize(
    "query", ["done=1", "undone=x", "met=99999999999", "done=-1", "undone=1&changed=1e9"]
)
def test_an_address_that_somebody_made_up_says_nothing(known, signed_in, query):
    page = signed_in("analyst").get(f"/places/review?{query}")
    assert page.status_code == 200
    assert "govuk-notification-banner" not in page.text


def test_home_and_the_import_say_what_waits(known, signed_in):
    visitor = signed_in("analyst")
    assert "3 places could not be found in the last import" in visitor.get("/").text
    page = visitor.get("/imports/2").text
    assert "Of 8 records that say where in words: 4 may be one of several places and 4 not found." in page
    assert "Say where the others are" in page
    assert "words: " not in visitor.get("/imports/1").text
    say(visitor, known, SHOP, **PIN)
    assert "Places were found since these maps were drawn" in visitor.get("/").text
    assert "could not be found" not in signed_in("chair").get("/").text


def test_an_item_of_thousands_of_records_stays_a_small_page(known, signed_in):
    with known.store.transaction() as session:
        session.execute(update(Report).values(place_status="unmatched", place_text="x " * 2000 + "y" * 5000))
    page = signed_in("analyst").get("/places/review")
    assert page.status_code == 200
    assert len(page.text) < 200_000
