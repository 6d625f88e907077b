"""Sending in, as a person does it: on a phone, by keyboard alone, with and without scripts."""

import json

import pytest

pytestmark = pytest.mark.browser

PHONE = {"width": 375, "height": 812}
MOST_TABS = 80
WCAG = "axe.run({runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}})"


@pytest.fixture
def phone(open_page):
    """Return a way to open a telephone in which somebody is signed in."""

    def opened(name, **options):
        page, watch = open_page(name, **options)
        page.set_viewport_size(PHONE)
        return page, watch

    return opened


@pytest.fixture
def sound(axe):
    """Return a check that a page is accessible, fits its width and kept the policy."""

    def check(page):
        page.wait_for_load_state("networkidle")
        page.evaluate(axe)
        faults = page.evaluate(WCAG)["violations"]
        told = [(fault["id"], [node["html"][:120] for node in fault["nodes"]][:3]) for fault in faults]
        assert told == [], json.dumps(told, indent=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
        assert page.evaluate("window.violations") == []

    return check


def tab_to(page, selector):
    """Press Tab until the focus is on the one thing that is meant."""
    for _ in range(MOST_TABS):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab")


def write(page, selector, text):
    tab_to(page, selector)
    page.keyboard.type(text)


def test_a_councillor_reports_by_keyboard_alone_on_a_phone(phone, served, sound):
    page, watch = phone("councillor")
    page.goto(served.address)
    tab_to(page, "main a[href='/send/report']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/send/report")
    sound(page)
    write(page, "#category", "Fly")
    write(page, "#day-day", "10")
    write(page, "#day-month", "9")
    write(page, "#day-year", "2026")
    write(page, "#time", "7.30pm")
    tab_to(page, "#ward")
    page.keyboard.press("ArrowDown")  # the first is the councillor's own
    write(page, "#place", "behind the shops")
    write(page, "#fact", "Bags left by a van; Mrs Smith has the details, ring 07700 900123.")
    tab_to(page, "input[name=repeat]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    tab_to(page, "button[type=submit]:not(.link-button)")
    page.keyboard.press("Enter")

    page.wait_for_selector("text=One thing was removed: a phone number")
    sound(page)
    kept = page.locator("main").inner_text()
    assert page.locator("mark.removed").inner_text() == "[phone number removed]"
    assert "Names, nicknames and addresses cannot be found by rule" in kept
    assert "Mrs Smith" in kept  # which is why the page asks to read it again
    assert "07700" not in page.content()
    tab_to(page, "form[action$='/confirm'] button")
    page.keyboard.press("Enter")

    page.wait_for_url("**/received")
    sound(page)
    reference = page.locator("h1").inner_text().rsplit(" ", 1)[1]
    tab_to(page, "main a[href='/sent']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sent")
    sound(page)
    first = page.locator(".sent__item").first.inner_text()
    assert f"Fly-tipping, {reference}" in first
    assert "Placed in " in first
    tab_to(page, ".sent__title a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sent/*")
    sound(page)
    steps = page.locator(".steps__item").all_inner_texts()
    assert [step.split()[0] for step in steps] == ["Received", "Placed", "Used", "Acted"]
    assert page.locator(".steps__item--reached").count() == 2
    assert "Happened here before: once or twice." in page.locator("main").inner_text()
    assert (watch.errors, watch.foreign, watch.dialogs) == ([], [], [])


def test_an_officer_sends_in_intelligence(phone, served, sound):
    page, watch = phone("officer")
    page.goto(served.address + "/send/intelligence")
    sound(page)
    page.select_option("#category", "Drug use or dealing")
    for box, text in {"day": "3", "month": "9", "year": "2026"}.items():
        page.fill(f"#day-{box}", text)
    page.select_option("#ward", served.ward)
    page.fill("#fact", "Dealing from a car, AB12 CDE, on Fridays.")
    page.fill("#opinion", "Likely to grow over the winter.")
    page.check("input[name=source_grade][value='2']")
    page.check("input[name=assessment_grade][value='B']")
    page.check("input[name=handling][value='C']")
    page.check("input[name=codes][value='S2']")
    page.check("input[name=marking][value='OFFICIAL-SENSITIVE']")
    page.click("button:has-text('Check what will be kept')")
    page.wait_for_selector("text=One thing was removed: a vehicle registration")
    sound(page)
    page.click("button:has-text('Send it in')")
    page.wait_for_url("**/received")
    sound(page)
    page.click("a:has-text('What you sent in')")
    assert "Intelligence item, F-" in page.locator(".sent__item").first.inner_text()
    assert "Dealing" not in page.content()
    assert (watch.errors, watch.foreign) == ([], [])


@pytest.mark.parametrize(("path", "groups"), [("/send/report", 3), ("/send/intelligence", 7)])
def test_every_group_of_boxes_says_what_it_asks(open_page, served, path, groups):
    page, _ = open_page("officer")
    page.goto(served.address + path)
    legends = page.locator("main fieldset > legend").all_inner_texts()
    assert len(legends) == page.locator("main fieldset").count() == groups
    assert all(legend.strip().endswith(("?", "C")) for legend in legends)


def test_errors_lead_to_their_boxes(phone, served, sound):
    page, _ = phone("officer")
    page.goto(served.address + "/send/report")
    page.click("button:has-text('Check what will be kept')")
    page.wait_for_selector(".govuk-error-summary")
    sound(page)
    links = page.locator(".govuk-error-summary__list a")
    assert links.all_inner_texts() == [
        "Choose what it is about",
        "Enter the day it happened, or the first day it can have",
        "Say where it was: a ward, a street or landmark, or a postcode",
        "Say what happened",
    ]
    for place, box in enumerate(("category", "day-day", "ward", "fact")):
        links.nth(place).click()
        assert page.evaluate("document.activeElement.id") == box


@pytest.mark.parametrize("path", ["/send/report", "/send/intelligence", "/sent"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_form_scrolls_sideways(open_page, served, path, width):
    page, _ = open_page("officer", width=width)
    page.goto(served.address + path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_report_goes_in_without_scripts(open_page, served):
    page, _ = open_page("councillor", width=320, javascript=False)
    page.goto(served.address + "/send/report")
    assert page.locator("text=Use where I am now").is_hidden()  # it could do nothing
    page.select_option("#category", "Noise")
    for box, text in {"day": "4", "month": "Sept", "year": "26"}.items():
        page.fill(f"#day-{box}", text)
    page.fill("#place", "the park")
    page.fill("#fact", "Loud music until late.")
    page.click("button:has-text('Check what will be kept')")
    assert "nothing was removed" in page.locator("h1").inner_text()
    page.click("button:has-text('Change something')")
    assert page.locator("#fact").input_value() == "Loud music until late."
    page.fill("#fact", "Loud music until 3.")
    page.click("button:has-text('Check what will be kept')")
    page.click("button:has-text('Send it in')")
    assert page.locator("h1").inner_text().startswith("It was received: F-")


def test_the_device_is_asked_after_a_click_and_never_before(phone, served):
    page, watch = phone("councillor")
    page.context.set_geolocation({"longitude": -1.2345678, "latitude": 54.5701234, "accuracy": 20})
    page.add_init_script(
        "window.asked = 0; const ask = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);"
        "navigator.geolocation.getCurrentPosition = (...all) => { window.asked += 1; ask(...all) }"
    )
    page.goto(served.address + "/send/report")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.asked") == 0
    page.click("text=Use where I am now")
    page.wait_for_selector("text=Your browser did not allow it")
    page.context.grant_permissions(["geolocation"])
    page.click("text=Use where I am now")
    page.wait_for_selector("text=The point was taken, to about 20 metres.")
    held = [page.locator(f"input[name={name}]").input_value() for name in ("longitude", "latitude")]
    assert held == ["-1.23457", "54.57012"]
    page.click("text=Forget the point")
    assert page.locator("input[name=longitude]").input_value() == ""
    page.context.set_geolocation({"longitude": -1.2, "latitude": 54.5, "accuracy": 3000})
    page.click("text=Use where I am now")
    page.wait_for_selector("text=too rough")
    assert page.locator("input[name=longitude]").input_value() == ""
    assert (watch.errors, watch.foreign) == ([], [])
