import json

import pytest

pytestmark = pytest.mark.browser

PAGES = {
    "sign in": "/sign-in",
    "home": "/",
    "borough": "/runs/1",
    "ward": "/runs/1/wards/{ward}",
    "ward where nothing stands out": "/runs/1/wards/{quiet_ward}",
    "hotspot": "/runs/1/hotspots/H001",
    "proposals": "/runs/1/proposals",
    "proposal": "/runs/1/proposals/1",
    "about the run": "/runs/1/about",
    "intelligence": "/runs/1/intelligence",
    "imports": "/imports",
    "import a file": "/imports/new",
    "import": "/imports/1",
    "kinds of file": "/layouts",
    "kind of file": "/layouts/warden-log",
    "places set apart": "/places/excluded",
    "a place to set apart": "/places/excluded/new",
    "doubtful links": "/links",
    "doubtful link": "/links/1",
    "decided links": "/links/decided",
}
MAPS = ("borough", "ward", "ward where nothing stands out", "hotspot")
# Decisions are the chair's; imports are the analyst's; nobody is signed in to sign in.
READERS = {
    "sign in": "",
    "intelligence": "analyst",
    "imports": "analyst",
    "import a file": "analyst",
    "import": "analyst",
    "kinds of file": "analyst",
    "kind of file": "analyst",
    "a place to set apart": "analyst",
    "doubtful links": "analyst",
    "doubtful link": "analyst",
    "decided links": "analyst",
}


def _reader(name):
    return READERS.get(name, "chair")


def _settled(page, served, path):
    page.goto(served.url(path))
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nobody_else_breaks_nothing_and_keeps_the_policy(open_page, served, name):
    page, watch = open_page(_reader(name))
    _settled(page, served, PAGES[name])
    assert watch.foreign == []
    assert watch.errors == []
    assert page.evaluate("window.violations") == []


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_against_wcag_a_or_aa(open_page, served, axe, name):
    page, _ = open_page(_reader(name))
    _settled(page, served, PAGES[name])
    page.evaluate(axe)
    found = page.evaluate(
        "axe.run({runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}})"
    )
    told = [
        (fault["id"], [node["html"][:120] for node in fault["nodes"]][:3]) for fault in found["violations"]
    ]
    assert told == [], json.dumps(told, indent=1)


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways(open_page, served, name, width):
    page, _ = open_page(_reader(name), width=width)
    _settled(page, served, PAGES[name])
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", MAPS)
def test_a_map_is_drawn(open_page, served, name):
    page, _ = open_page(_reader(name))
    _settled(page, served, PAGES[name])
    assert page.locator(".leaflet-pane canvas").count() >= 1
    if name != "ward where nothing stands out":
        assert page.locator(".hotspot-number").count() >= 1


@pytest.mark.parametrize("name", [name for name in PAGES if name != "sign in"])
def test_a_page_says_it_all_without_scripts(open_page, served, name):
    page, _ = open_page(_reader(name), javascript=False)
    page.goto(served.url(PAGES[name]))
    assert page.locator("h1").inner_text().strip()
    assert page.locator("main").inner_text().strip()
    if name in ("borough", "ward"):
        assert "expected (" in page.locator(".places").first.inner_text()
        assert page.locator(".show-on-map:visible").count() == 0  # it could do nothing


def test_focusing_a_place_in_the_list_lights_it_up_on_the_map(open_page, served):
    page, _ = open_page("officer")
    _settled(page, served, PAGES["borough"])
    assert page.locator(".hotspot-number--active").count() == 0
    page.locator(".place a").nth(1).focus()
    assert page.locator(".hotspot-number--active").inner_text() == "2"
    assert page.locator(".place.is-active").count() == 1


def test_show_on_the_map_opens_the_place_in_words(open_page, served):
    page, watch = open_page("officer")
    _settled(page, served, PAGES["borough"])
    name = page.locator(".place__name").first.inner_text()
    page.locator(".show-on-map").first.click()
    popup = page.locator(".hotspot-popup")
    popup.wait_for()
    assert name in popup.inner_text()
    assert "expected" in popup.inner_text()
    popup.locator("a").click()
    page.wait_for_load_state("networkidle")
    assert "/hotspots/" in page.url
    assert watch.errors == []


def test_a_hotspots_page_opens_near_to_the_place(open_page, served):
    page, _ = open_page("officer")
    _settled(page, served, PAGES["hotspot"])
    assert page.evaluate("window.map_hotspots.getZoom()") == 16


def test_the_chair_decides_and_the_page_says_so(open_page, served):
    page, watch = open_page("chair")
    _settled(page, served, "/runs/1/proposals/2")
    page.check("input[value='accept']")
    page.fill("#reason", "Three partners can be there from Friday.")
    page.fill("#present", "chair, neighbourhood inspector and warden manager")
    page.click("button:has-text('Record the decision')")
    page.wait_for_load_state("networkidle")
    words = page.locator("main").inner_text()
    assert "accepted" in words
    assert "Three partners can be there from Friday." in words
    assert "Present: chair, neighbourhood inspector, warden manager" in words
    assert page.locator("#reason").count() == 0  # settled
    assert watch.errors == []


def test_after_signing_out_the_back_button_shows_nothing(open_page, served, sign_in):
    page, watch = open_page()
    sign_in(page, "manager")  # not with a cookie that other tests still need
    _settled(page, served, PAGES["hotspot"])
    assert watch.errors == []
    assert served.place in page.content()
    page.click("button:has-text('Sign out')")
    page.wait_for_url("**/sign-in")
    page.go_back()
    page.wait_for_load_state("networkidle")
    assert served.place not in page.content()
    assert "/sign-in" in page.url
