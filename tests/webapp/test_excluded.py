"""The pages of places set apart, by forms as people send them."""

import pytest

from mapping import access
from mapping.places.set_apart import EXCLUSION, Place
from mapping.store import accounts, excluded_places, imports
from mapping.store.imports import Delivery
from tests.webapp.conftest import NOW, SCRIPT, _reports

FIELDS = {
    "name": "Bridge Street desk",
    "kind": "police station",
    "where": "450250, 520250",
    "radius": "40",
    "treatment": "exclusion",
    "reason": "Searches at the custody desk are filed here",
}
CATEGORIES = ("Drugs", "Burglary", "Noise", "Public order")


@pytest.fixture
def stacked(town):
    """Add forty reports of four categories on one point, and three hundred spread one by one."""
    one = _reports().iloc[[0]]
    rows = []
    for number in range(340):
        row = one.copy()
        at_stack = number < 40
        row["reference"] = row["report_key"] = f"S{number}"
        row["category"] = CATEGORIES[number % 4]
        row["easting_m"] = 451_500.0 if at_stack else 450_010.0 + 3 * number
        row["northing_m"] = 520_500.0 if at_stack else 520_610.0
        row["place_text"] = SCRIPT if at_stack else f"Lane {number}"
        row["ward_gss_code"] = "E05000002"
        rows.append(row)
    import pandas as pd

    frame = pd.concat(rows, ignore_index=True).assign(row=range(1, 341))
    with town.store.transaction() as session:
        analyst = accounts.actor_named(session, "analyst", today=access.local_day(NOW))
        delivery = Delivery(
            reports=frame, issues=frame.iloc[:0][[]].assign(file="", row=0, field="", reason="", severity=""),
            rows_in=340, layout="warden-log", source_name="warden-log",
            files=[{"name": "s.csv", "sha256": "b" * 64, "rows_in": 340, "accepted": 340, "rejected": 0}],
            boundary_edition="May 2025",
        )  # fmt: skip
        imports.store_import(session, delivery, actor=analyst, now=NOW)
    return town


def kept(town):
    with town.store.reading() as session:
        return excluded_places.in_force(session)


def add(browser, **changes):
    return browser.send("/places/excluded/new", "/places/excluded/new", FIELDS | changes)


def test_a_place_by_hand_is_kept_as_it_was_typed(town, signed_in):
    analyst = signed_in("analyst")
    answer = add(analyst)
    assert (answer.status_code, answer.location) == (303, "/places/excluded?done=added")
    assert kept(town) == (
        Place(
            "Bridge Street desk", "police station", EXCLUSION, 450_250.0, 520_250.0, 40.0, FIELDS["reason"], 1
        ),
    )
    page = analyst.get("/places/excluded").text
    assert "One place is set apart" in page
    assert "One change since the maps were drawn" in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"where": "nowhere"}, "Enter a grid reference"),
        ({"where": "TS1 2AB"}, "knows no such postcode"),
        ({"radius": "wide"}, "Give a radius of 1 to 500 metres"),
        ({"radius": "5000"}, "Give a radius of 1 to 500 metres"),
        ({"reason": ""}, "Give the reason"),
        ({"reason": "a|b and c"}, "without the sign |"),
        ({"treatment": ""}, "Say what maps should do"),
        ({"name": ""}, "Give the place a name"),
        ({"kind": "castle"}, "Not a valid choice"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_nothing_is_kept(town, signed_in, changes, said):
    answer = add(signed_in("analyst"), **changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert kept(town) == ()


def test_a_grid_reference_is_the_middle_of_its_square(town, signed_in):
    add(signed_in("analyst"), where="NZ 502 202")
    assert (kept(town)[0].easting_m, kept(town)[0].northing_m) == (450_250.0, 520_250.0)


def test_the_same_point_twice_is_refused_with_what_was_typed(town, signed_in):
    analyst = signed_in("analyst")
    add(analyst)
    answer = add(analyst, name="Another desk")
    assert answer.status_code == 409
    assert "set apart already" in answer.text and "Another desk" in answer.text


def test_changing_and_ending_keep_what_was(town, signed_in):
    analyst = signed_in("analyst")
    add(analyst)
    page = "/places/excluded/1"
    assert analyst.send(page, page, FIELDS).status_code == 409  # nothing was changed
    assert analyst.send(page, page, FIELDS | {"radius": "60"}).status_code == 303
    assert [place.radius_m for place in kept(town)] == [60.0]
    page = "/places/excluded/2"
    answer = analyst.send(page, f"{page}/end", {"end_reason": "-"})
    assert answer.status_code == 422 and "Say why in a few words" in answer.text
    assert analyst.send(page, f"{page}/end", {"end_reason": "It closed"}).status_code == 303
    assert kept(town) == ()
    assert "It closed" in analyst.get("/places/excluded").text
    assert analyst.get(page).status_code == 404


def test_a_stack_is_suggested_to_analysts_who_may_see_its_reports_and_to_nobody_else(stacked, signed_in):
    page = signed_in("analyst").get("/places/excluded").text
    assert "one point looks like a place where reports are recorded" in page
    assert "40 reports on one map point" in page
    assert "Burglary 10, Drugs 10, Noise 10, Public order 10" in page
    for account in ("officer", "chair", "manager", "stranger"):
        other = signed_in(account).get("/places/excluded").text
        assert "data-spot" not in other, account
        assert "40 reports" not in other, account


def test_words_of_a_source_never_become_markup(stacked, signed_in):
    assert "<script>alert" not in signed_in("analyst").get("/places/excluded").text


def test_a_suggestion_is_turned_down_once_and_can_be_taken_up_after_all(stacked, signed_in):
    analyst = signed_in("analyst")
    where = analyst.get("/places/excluded").text.split("/places/excluded/suggested/")[1].split('"')[0]
    page = f"/places/excluded/suggested/{where}"
    assert analyst.send("/places/excluded", f"{page}/leave", {}).status_code == 303
    listed = analyst.get("/places/excluded").text
    assert "No other point looks like such a place" in listed
    assert "One point looked at and left in" in listed
    answer = analyst.send(page, page, FIELDS | {"where": "451500, 520500", "name": "Desk"})
    assert answer.status_code == 303
    assert kept(stacked)[0].easting_m == 451_500.0
    assert analyst.get(page).status_code == 404


def test_a_run_says_on_its_pages_what_it_left_out(stacked, signed_in):
    analyst = signed_in("analyst")
    add(analyst, where="451500, 520500")
    answer = analyst.send("/places/excluded", "/runs", {})
    assert answer.status_code == 302
    newest = analyst.get("/about-the-map").location
    about = analyst.get(newest).text
    assert "Places set apart" in about
    assert "Left out, 40 reports within 40 m: Searches at the custody desk are filed here" in about
    borough = analyst.get(analyst.get("/borough").location).text
    assert (
        "1 place is left out of squares and hotspots, not of totals: Bridge Street desk (40 reports)."
        in borough
    )
    assert "40 reports in run 2." in analyst.get("/places/excluded").text


def test_a_place_set_apart_later_is_not_on_a_map_drawn_before(town, signed_in):
    add(signed_in("analyst"))
    assert "Bridge Street desk" not in signed_in("officer").get("/runs/1").text
