"""Places set apart and doubtful links in a real browser: by keyboard alone, on a phone, without scripts."""

import json
import re

import pytest

pytestmark = pytest.mark.browser

WCAG = "axe.run({runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}})"
MOST_TABS = 80


@pytest.fixture
def sound(axe):
    """Return a check that a page is accessible, fits its width, kept the policy and drew its map."""

    def check(page, watch):
        page.wait_for_load_state("networkidle")
        if page.locator("#spots-map").count():
            page.wait_for_selector("#spots-map[data-ready=yes]")
        page.evaluate(axe)
        told = [
            (fault["id"], [node["html"][:160] for node in fault["nodes"]][:3])
            for fault in page.evaluate(WCAG)["violations"]
        ]
        assert told == [], json.dumps(told, indent=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
        assert page.evaluate("window.violations") == []
        assert watch.foreign == []
        # a browser tells its console of every answer that is no success, and 422 is a form to be mended
        assert [said for said in watch.errors if "422" not in said] == []

    return check


def tab_to(page, selector):
    """Press Tab until the focus is on the first thing that is meant."""
    for _ in range(MOST_TABS):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab")


def press_and_follow(page, key="Enter"):
    with page.expect_navigation():
        page.keyboard.press(key)


def test_a_suggested_place_is_set_apart_changed_and_ended_by_keyboard_alone(open_page, served, sound):
    page, watch = open_page("analyst")
    page.goto(served.url("/places/excluded"))
    sound(page, watch)
    assert re.search(r"look(s)? like (a place|places) where reports are recorded", page.inner_text("h1"))
    first = page.locator("[data-spot=suggested] h3").first.inner_text()
    # the list and the map know of one another
    tab_to(page, "[data-spot=suggested] a")
    assert page.locator(".hotspot-number--active").inner_text() == "1"
    press_and_follow(page)

    sound(page, watch)
    assert first in page.inner_text("h1")
    tab_to(page, "form[novalidate] button")
    press_and_follow(page)  # nothing was said yet
    sound(page, watch)
    assert "Say what maps should do" in page.inner_text(".govuk-error-summary")
    assert "Give the reason" in page.inner_text(".govuk-error-summary")
    tab_to(page, "input[name=treatment]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#reason")
    page.keyboard.type("Searches at the desk are filed here")
    tab_to(page, "form[novalidate] button")
    press_and_follow(page)

    sound(page, watch)
    assert "The place is set apart" in page.inner_text(".govuk-notification-banner")
    row = page.locator("[data-spot=exclusion]")
    assert first in row.inner_text()
    assert "Left out." in row.inner_text() and "Searches at the desk" in row.inner_text()
    assert "Takes effect when the maps are drawn again" in row.inner_text()
    assert page.locator(".leaflet-marker-icon.set-apart-mark").count() == 1

    tab_to(page, "[data-spot=exclusion] a")
    press_and_follow(page)
    sound(page, watch)
    tab_to(page, "input[name=treatment]")
    page.keyboard.press("ArrowUp")
    tab_to(page, "form[novalidate] button")
    press_and_follow(page)
    assert page.locator("[data-spot=caution]").count() == 1

    tab_to(page, "[data-spot=caution] a")
    press_and_follow(page)
    tab_to(page, "#end_reason")
    page.keyboard.type("The desk has closed")
    page.keyboard.press("Tab")
    press_and_follow(page)
    sound(page, watch)
    assert page.locator("[data-spot=caution]").count() == 0
    assert first in page.locator("[data-spot=suggested]").first.inner_text()  # and is suggested again
    tab_to(page, "details summary")
    page.keyboard.press("Enter")
    assert "The desk has closed" in page.inner_text("details[open]")


def test_a_suggestion_that_is_turned_down_does_not_come_back(open_page, served):
    page, _ = open_page("analyst")
    page.goto(served.url("/places/excluded"))
    last = page.locator("[data-spot=suggested] h3").last.inner_text()
    page.locator("[data-spot=suggested] form button").last.focus()
    press_and_follow(page)
    assert "will not be suggested again" in page.inner_text(".govuk-notification-banner")
    assert last not in page.locator("[data-spot=suggested]").all_inner_texts()
    page.locator("summary", has_text="looked at and left in").click()
    assert last in page.inner_text("details[open]")


def test_a_click_on_the_map_fills_the_point_in(open_page, served):
    page, watch = open_page("analyst")
    page.goto(served.url("/places/excluded/new"))
    page.wait_for_selector("#spots-map[data-ready=yes]")
    page.locator("#spots-map").click(position={"x": 200, "y": 200})
    assert re.fullmatch(r"\d{6}, \d{6}", page.input_value("#where"))
    assert watch.errors == []


def test_meeting_roles_read_the_list_and_are_offered_nothing(open_page, served, sound):
    page, watch = open_page("officer", width=320)
    page.goto(served.url("/places/excluded"))
    sound(page, watch)
    assert page.locator("main form, main a[href*=new]").count() == 0


def test_pairs_are_decided_by_keyboard_alone_and_an_answer_is_taken_back(open_page, served, sound):
    page, watch = open_page("analyst")
    page.goto(served.url("/"))
    assert "doubtful link" in page.inner_text(".needs")
    page.goto(served.url("/links"))
    sound(page, watch)
    waiting = int(re.match(r"(\d+)", page.inner_text("h1"))[1])
    tab_to(page, "main a.govuk-button")
    press_and_follow(page)

    sound(page, watch)
    assert "Do these two reports tell of one event?" in page.inner_text("h1")
    assert page.locator(".account").count() == 2
    assert page.locator(".leaflet-marker-icon.hotspot-number").all_inner_texts() == ["A", "B"]
    assert "apart" in page.inner_text(".weighed")
    first = page.url
    tab_to(page, "#reason")
    page.keyboard.type("Both name the same car park")
    tab_to(page, "#one-event")
    press_and_follow(page)

    sound(page, watch)
    assert page.url.split("?")[0] != first  # the next pair
    assert "One event" in page.inner_text(".govuk-notification-banner")
    assert f"1 of {waiting - 1}" in page.inner_text(".govuk-breadcrumbs")
    tab_to(page, ".govuk-notification-banner button")
    press_and_follow(page)
    assert "Two events" in page.inner_text(".govuk-notification-banner")

    page.goto(served.url("/links/decided"))
    sound(page, watch)
    decided = page.locator(".sent__item").first
    assert "Two events" in decided.inner_text()
    decided.locator("button").focus()
    press_and_follow(page)
    sound(page, watch)
    assert "One event." in page.locator(".sent__item").first.inner_text()


def test_a_pair_fits_a_phone_and_says_it_all_without_scripts(open_page, served, sound):
    page, watch = open_page("analyst", width=320)
    page.goto(served.url("/links"))
    page.click("main a.govuk-button")
    sound(page, watch)
    page, _ = open_page("analyst", javascript=False)
    page.goto(served.url("/links"))
    page.click("main a.govuk-button")
    assert page.locator(".account").count() == 2
    assert page.locator("button[name=decision]").count() == 2
