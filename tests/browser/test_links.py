"""Doubtful links and places set apart, decided in a real browser without a mouse."""

import pytest

pytestmark = pytest.mark.browser

MOST_TABS = 120


def tab_to(page, selector):
    """Press Tab until the focus is on the one thing that is meant."""
    for _ in range(MOST_TABS):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab")


def go(page, selector):
    """Reach a link or button by Tab, press Enter and wait for what it leads to."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")


def test_a_doubtful_link_is_decided_and_taken_back_by_keyboard_alone(open_page, served):
    page, watch = open_page("analyst")
    page.goto(served.url("/links"))
    waiting = page.locator("ol.places > li").count()
    assert waiting > 3
    go(page, "main a.govuk-button")
    assert "Do these two reports tell of one event?" in page.inner_text("h1")
    assert page.locator("li.account").count() == 2
    assert "apart" in page.inner_text("ul.weighed")
    tab_to(page, "#reason")
    page.keyboard.type("Same callers, same quad bikes")
    go(page, "button[name=decision][value=joined]")
    banner = page.locator(".govuk-notification-banner")
    banner.wait_for()
    page.goto(served.url("/links"))
    assert page.locator("ol.places > li").count() == waiting - 1
    page.goto(served.url("/links/decided"))
    assert "Same callers, same quad bikes" in page.inner_text("main")
    go(page, "main button[name=decision][value=apart]")
    assert "Same callers, same quad bikes" not in page.inner_text("main") or "Two events" in page.inner_text(
        "main"
    )
    assert watch.foreign == [] and watch.errors == []


def test_a_place_is_set_apart_and_ended_by_keyboard_alone(open_page, served):
    page, watch = open_page("analyst")
    page.goto(served.url("/places/excluded"))
    assert "Police Station" in page.inner_text("main")
    go(page, "main a[href*='/places/excluded/suggested/']")
    tab_to(page, "[name=treatment]")
    page.keyboard.press("Space")
    tab_to(page, "[name=reason]")
    page.keyboard.type("Told at the desk, not there")
    go(page, "main form button[type=submit]")
    page.goto(served.url("/places/excluded"))
    assert "Told at the desk, not there" in page.inner_text("main")
    assert watch.foreign == [] and watch.errors == []
