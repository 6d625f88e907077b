"""Review of places in a real browser: by keyboard alone, with the map, on a phone and without scripts."""

import datetime as dt
import json
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import select

from mapping import access, schema
from mapping.access import Role
from mapping.settings import Settings
from mapping.store import accounts, agencies, agreements, boundaries, imports
from mapping.store.engine import open_store
from mapping.store.imports import Delivery
from mapping.store.models import Report
from mapping.store.place_models import LocalName
from tests import gazetteers
from tests.browser.conftest import LISTEN
from webapp.server import running

pytestmark = pytest.mark.browser

NOW = dt.datetime.now(dt.UTC)
PASSWORD = "correct horse battery"
WCAG = "axe.run({runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}})"
MOST_TABS = 60

WORDS = {"the Co-op": 4, "shelter in the park": 3, "A1 southbound": 2, "by the old <b>baths</b>": 1}
PLACES = (
    ("Co-op", "place", 450_300.0, 520_300.0, 60.0),
    ("Co-op", "place", 451_700.0, 520_700.0, 60.0),
)
ROADS = {
    "Marton Road": [(450_050, 520_300), (451_950, 520_320)],
    "Eden Road": [(450_900, 520_050), (450_920, 520_950)],
}


@dataclass
class Site:
    """The small site, and a way to look into its store."""

    address: str
    store: object

    def held(self, words: str) -> list[Report]:
        with self.store.reading() as session:
            chosen = select(Report).where(Report.place_text == words).order_by(Report.report_id)
            return list(session.execute(chosen).scalars())

    def names(self) -> list[LocalName]:
        with self.store.reading() as session:
            return list(session.execute(select(LocalName)).scalars())


@dataclass
class Watch:
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def _roads() -> str:
    from mapping import crs

    features = []
    for name, line in ROADS.items():
        lon, lat = crs.to_wgs84(*zip(*line, strict=True))
        points = [[x, y] for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
        geometry = {"type": "LineString", "coordinates": points}
        features.append({"type": "Feature", "properties": {"name": name}, "geometry": geometry})
    return json.dumps({"type": "FeatureCollection", "features": features})


def _reports() -> pd.DataFrame:
    usual = dict.fromkeys(schema.REPORTS, "") | {
        "source": "warden-log", "source_agency": "Council", "category": "Noise", "time_precision": "minute",
        "occurred_from": pd.Timestamp(NOW - dt.timedelta(days=3)), "occurred_to": pd.NaT,
        "reported_at": pd.NaT, "extracted_on": pd.NaT, "easting_m": np.nan, "northing_m": np.nan,
        "error_m": np.nan, "handling_code": "P", "place_score": np.nan, "ward_gss_code": "",
        "placement": "unlocated",
    }  # fmt: skip
    texts = [words for words, count in WORDS.items() for _ in range(count)]
    rows = [
        usual | {"row": row, "reference": f"R{row}", "report_key": f"warden-log|R{row}", "place_text": text,
                 "place_status": "ambiguous" if "Co-op" in text else "unmatched"}
        for row, text in enumerate(texts, start=1)
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    for column in ("occurred_from", "occurred_to", "reported_at", "extracted_on"):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    return frame


@pytest.fixture
def little(tmp_path):
    """Serve a council of two wards where ten reports wait for their places."""
    settings = Settings(database_url=f"sqlite:///{tmp_path}/in/hotspots.db", instance_dir=tmp_path / "in")
    store = open_store(settings.database_url, upgrade=True)
    boxes = [shapely.box(450_000 + 1000 * k, 520_000, 451_000 + 1000 * k, 521_000) for k in range(2)]
    wards = gpd.GeoDataFrame(
        {"ward_gss_code": ["E05000001", "E05000002"], "ward_name": ["Beechwood", "St Germain's"]},
        geometry=boxes, crs="EPSG:27700",
    )  # fmt: skip
    today = access.local_day(NOW)
    with store.transaction() as session:
        operator = accounts.first_actor(session, now=NOW)
        council = agencies.create(session, name="Council", actor=operator, now=NOW).agency_id
        agreements.create(
            session, name="Council", signatories=[council], starts_on=today,
            review_on=today + dt.timedelta(days=900), actor=operator, now=NOW,
        )  # fmt: skip
        accounts.create(
            session, name="analyst", role=Role.ANALYST, agency_id=council, password=PASSWORD, actor=operator,
            now=NOW,
        )  # fmt: skip
        analyst = accounts.actor_named(session, "analyst", today=today)
        boundaries.add_edition(
            session, wards, name="May 2025", source="invented", licence="Invented.", sha256="0" * 64,
            base_layers={"roads": _roads()}, actor=analyst, now=NOW,
        )  # fmt: skip
        frame = _reports()
        delivery = Delivery(
            reports=frame, issues=schema.empty_issues(), rows_in=len(frame), layout="warden-log",
            source_name="warden-log", files=[{"name": "w.csv", "sha256": "a" * 64, "rows_in": len(frame)}],
        )  # fmt: skip
        imports.store_import(session, delivery, actor=analyst, now=NOW)
    gazetteers.build(settings.gazetteer_path, PLACES, wards)
    with running(settings) as address:
        yield Site(address, store)
    store.close()


@pytest.fixture
def desk(little, chromium):
    """Return a way to open a window in which the analyst is signed in, watched for what it must not do."""
    windows = []

    def opened(*, width=1280, javascript=True):
        window = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript
        )
        windows.append(window)
        page, watch = window.new_page(), Watch()
        page.add_init_script(LISTEN)
        page.on("console", lambda said: watch.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: watch.errors.append(str(error)))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith(little.address) else watch.foreign.append(asked.url),
        )
        page.goto(f"{little.address}/sign-in")
        page.fill("#name", "analyst")
        page.fill("#password", PASSWORD)
        page.click("button:has-text('Sign in')")
        page.goto(f"{little.address}/places/review")
        return page, watch

    yield opened
    for window in windows:
        window.close()


@pytest.fixture
def sound(axe):
    """Return a check that a page is accessible, fits its width and kept the policy."""

    def check(page):
        page.wait_for_load_state("networkidle")
        if page.locator("#choose-map").count() and page.evaluate("!!window.L"):
            page.wait_for_selector("#choose-map[data-ready=yes]")
        page.evaluate(axe)
        told = [
            (fault["id"], [node["html"][:160] for node in fault["nodes"]][:3])
            for fault in page.evaluate(WCAG)["violations"]
        ]
        assert told == [], json.dumps(told, indent=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
        assert page.evaluate("window.violations") == []

    return check


def tab_to(page, selector, *, back=False):
    """Press Tab until the focus is on the one thing that is meant."""
    for _ in range(MOST_TABS):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def send(page):
    """Send the form by keyboard and wait for what it leads to."""
    tab_to(page, "[data-choose] button[type=submit]")
    with page.expect_navigation():
        press(page, "Enter")


def test_the_whole_review_by_keyboard_alone(desk, little, sound):
    page, watch = desk()
    sound(page)
    assert (
        "Four places could not be found; answering the first three would place 9 of 10 reports"
        in page.inner_text("h1")
    )
    tab_to(page, "main a.govuk-button")
    with page.expect_navigation():
        press(page, "Enter")

    # a candidate: the second, by an arrow key; the map shows which it is
    sound(page)
    assert "shelter in the park" in page.inner_text("h1") or "the Co-op" in page.inner_text("h1")
    _go_to(page, little, "the Co-op")
    tab_to(page, "input[name=choice]")
    press(page, "Space", "ArrowDown")
    assert page.locator(".hotspot-number--active").inner_text() == "2"
    assert page.locator(".choices .is-active .choice__number").inner_text() == "2"
    send(page)
    sound(page)
    banner = page.locator(".govuk-notification-banner")
    assert "4 reports placed at Co-op, in St Germain's." in banner.inner_text()
    assert [(row.easting_m, row.place_status) for row in little.held("the Co-op")] == [
        (451_700.0, "pinned")
    ] * 4

    # undo, which is the next thing that Tab reaches after the banner
    tab_to(page, "[data-undo]")
    with page.expect_navigation():
        press(page, "Enter")
    sound(page)
    assert "the Co-op" in page.inner_text("h1")
    assert "its words wait again" in page.locator(".govuk-notification-banner").inner_text()
    assert {row.place_status for row in little.held("the Co-op")} == {"ambiguous"}

    # a pin, moved by arrow keys, and a name to remember
    _go_to(page, little, "shelter in the park")
    sound(page)
    tab_to(page, "[data-pin-put]")
    press(page, "Enter")
    assert page.evaluate("document.activeElement.className").count("choose-pin") == 1
    before = _typed(page)
    press(page, *["ArrowRight"] * 5, *["ArrowUp"] * 3, "Shift+ArrowRight")
    after = _typed(page)
    assert after[0] - before[0] == pytest.approx(10 / 3 * (after[1] - before[1]), abs=8)  # (5 + 5) steps to 3
    page.locator("[data-choose-said]", has_text="The pin is in ").wait_for()
    tab_to(page, "input[name=radius]", back=True)
    press(page, "ArrowUp", "ArrowDown")
    tab_to(page, "#remember")
    press(page, "Space")
    tab_to(page, "#name")
    press(page, "Control+a")
    page.keyboard.type("Pallister shelter")
    send(page)
    sound(page)
    assert (
        "3 reports placed at Pallister shelter, in "
        in page.locator(".govuk-notification-banner").inner_text()
    )
    row = little.held("shelter in the park")[0]
    assert (row.easting_m, row.northing_m) == after
    assert [name.name for name in little.names()] == ["Pallister shelter"]

    # typed instead of pinned
    _go_to(page, little, "by the old <b>baths</b>")
    tab_to(page, "#where")
    page.keyboard.type("NZ 505 204")
    tab_to(page, "input[name=radius]")
    press(page, "Space")
    send(page)
    assert little.held("by the old <b>baths</b>")[0].easting_m == 450_550.0

    # and what cannot be placed
    _go_to(page, little, "A1 southbound")
    tab_to(page, "input[name=choice]")
    press(page, "ArrowDown")
    tab_to(page, "#reason")
    page.keyboard.type("as long as the county")
    send(page)
    assert "2 reports set aside." in page.locator(".govuk-notification-banner").inner_text()

    # the list of answers, and taking one back from there
    for address, heading in (
        ("decisions", "Three answers stand, one taken back"),
        ("names", "1 local name is known"),
    ):
        page.goto(f"{little.address}/places/{address}")
        sound(page)
        assert heading in page.inner_text("h1")
    tab_to(page, "main form button")
    with page.expect_navigation():
        press(page, "Enter")
    assert "No local name is known yet" in page.inner_text("h1")
    assert (watch.foreign, watch.errors) == ([], [])


def _go_to(page, little, words):
    page.goto(f"{little.address}/places/review")
    tab_to(page, "main .place__name a")
    for _ in range(10):
        if page.evaluate("document.activeElement.textContent") == words:
            break
        press(page, "Tab")
    assert page.evaluate("document.activeElement.textContent") == words
    with page.expect_navigation():
        press(page, "Enter")
    page.wait_for_selector("#choose-map[data-ready=yes]")


def _typed(page):
    east, north = page.input_value("#where").split(", ")
    return float(east), float(north)


def test_the_map_and_the_list_choose_each_other_by_mouse_too(desk, little):
    page, watch = desk()
    _go_to(page, little, "the Co-op")
    page.locator(".hotspot-number").nth(1).click()
    assert page.locator("input[data-candidate='2']").is_checked()
    page.locator("#choose-map").click(position={"x": 300, "y": 300})
    assert page.locator("input[data-pin]").is_checked()
    assert page.locator("#where").is_visible()
    first = _typed(page)
    page.locator(".choose-pin").hover()
    page.mouse.down()
    page.mouse.move(600, 700, steps=4)
    page.mouse.up()
    assert _typed(page) != first
    page.fill("#where", "450500, 520500")
    page.locator("#where").blur()
    page.locator("[data-choose-said]", has_text="The pin is in Beechwood, 280 m from number 1").wait_for()
    assert watch.errors == []


def test_the_arrow_keys_pan_the_map_where_the_map_has_the_focus(desk, little):
    page, _ = desk()
    _go_to(page, little, "A1 southbound")
    tab_to(page, "[data-pin-put]")
    press(page, "Enter")
    first = _typed(page)
    tab_to(page, "#choose-map", back=True)
    press(page, "+", "ArrowRight", "ArrowRight")
    page.wait_for_timeout(400)  # the map slides
    assert _typed(page) == first  # the pin stays where it was put
    tab_to(page, "[data-pin-put]", back=True)
    press(page, "Enter")
    assert _typed(page)[0] > first[0]


@pytest.mark.parametrize("width", [320, 768])
def test_on_a_phone_nothing_scrolls_sideways(desk, little, sound, width):
    page, watch = desk(width=width)
    sound(page)
    for words in ("the Co-op", "A1 southbound"):
        _go_to(page, little, words)
        sound(page)
        page.locator("input[data-pin]").check()
        sound(page)
        page.click("[data-choose] button[type=submit]")
        page.wait_for_selector(".govuk-error-summary")
        sound(page)
    assert watch.foreign == []
    assert [said for said in watch.errors if "422" not in said] == []


def test_errors_lead_to_their_boxes(desk, little):
    page, _ = desk()
    _go_to(page, little, "the Co-op")
    page.click("[data-choose] button[type=submit]")
    page.click(".govuk-error-summary a")
    assert page.evaluate("document.activeElement.id") == "choice"


def test_without_scripts_a_place_can_be_typed(desk, little):
    page, _ = desk(javascript=False)
    page.click("a:has-text('A1 southbound')")
    assert page.locator("#where").is_visible()
    assert page.locator("#reason").is_visible()
    assert not page.locator("[data-pin-put]").is_visible()
    page.fill("#where", "54.5723, -1.2245")
    page.check("input[name=radius][value=area]")
    page.click("[data-choose] button[type=submit]")
    assert "2 reports placed" in page.inner_text(".govuk-notification-banner")
