"""The map in a real browser: from disk without a network, and under the policy of the site."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from mapping.places.set_apart import CAUTION, EXCLUSION, Applied, Place
from mapping.publishing import assets, folium_map
from mapping.publishing.view import MapView, for_ward

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("leaflet")]

Maker = Callable[..., MapView]
HIT = "window.hit=1"
HOSTILE = (
    f"</script><script>{HIT}</script>"
    f"<img src=x onerror={HIT}>"
    f"${{{HIT}}}`+({HIT})+`"
    "{{ cycler.__init__.__globals__ }}{% raw %}"
    f"\u2028{HIT}\u2029<!--<script>"
    f"\"onmouseover=\"{HIT}\" 'onfocus='{HIT}' ]]> \\u003cscript\\u003e \\"
)
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'"


@dataclass
class Seen:
    """What a page did that it should not."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def look(chromium: Any) -> Iterator[Callable[[str], tuple[Any, Seen]]]:
    """Return a way to open an address and to hear of every request and complaint."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})

    def open_page(address: str) -> tuple[Any, Seen]:
        page, seen = context.new_page(), Seen()
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("console", lambda line: seen.complaints.append(line.text))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.goto(address)
        page.wait_for_selector("[data-ready=yes]", timeout=10_000)
        return page, seen

    yield open_page
    context.close()


@pytest.fixture
def look_at_file(
    look: Callable[[str], tuple[Any, Seen]], tmp_path: Path
) -> Callable[[MapView], tuple[Any, Seen]]:
    def look_at(view: MapView) -> tuple[Any, Seen]:
        path = tmp_path / "map.html"
        folium_map.save_offline(view, path)
        page, seen = look(path.as_uri())
        seen.requests = [url for url in seen.requests if not url.startswith(("file:", "data:"))]
        return page, seen

    return look_at


def _poisoned(make_view: Maker) -> MapView:
    view = make_view()
    text_columns = (
        "hotspot_id ward_name other_wards trend change peak_hours top_categories sources cautions place_name"
    )
    road = shapely.LineString([(400_000, 500_200), (401_000, 500_200)])
    layer = gpd.GeoDataFrame({"name": [HOSTILE]}, geometry=[road], crs="EPSG:27700")
    hotspots = view.hotspots.assign(**dict.fromkeys(text_columns.split(), HOSTILE))
    return make_view(
        title=HOSTILE,
        subtitle=HOSTILE,
        period=HOSTILE,
        horizon=HOSTILE,
        attribution=HOSTILE,
        edition=HOSTILE,
        method=HOSTILE,
        marking=HOSTILE,
        notes=(HOSTILE,),
        wards=view.wards.assign(ward_name=HOSTILE),
        hotspots=hotspots.assign(hotspot_id=[f"{HOSTILE}{number}" for number in range(3)]),
        points=view.points.assign(place_text=HOSTILE, top_categories=HOSTILE),
        layers={HOSTILE: layer},
    )


def _open_everything(page: Any) -> None:
    """Hover, focus, open and switch on all that a reader can."""
    for item in page.locator("[data-hotspot]").all():
        item.hover()
    for button in page.locator("[data-hotspot-open]").all():
        button.focus()
        button.click()
        page.wait_for_selector(".hotspot-popup")
    page.locator(".leaflet-control-layers").hover()
    page.wait_for_timeout(200)
    for box in page.locator(".leaflet-control-layers-selector").all():
        box.click()
    for box in page.locator(".leaflet-control-layers-selector").all():
        box.click()
    page.mouse.move(10, 10)
    page.keyboard.press("Escape")


def test_hostile_words_do_nothing(make_view: Maker, look_at_file: Callable[[MapView], tuple[Any, Seen]]):
    page, seen = look_at_file(_poisoned(make_view))
    _open_everything(page)
    assert page.evaluate("window.hit") is None
    assert seen.complaints == []
    assert seen.requests == []
    # the words are there as words, and nowhere as elements
    assert page.locator("h1").inner_text().startswith("</script><script>")
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 4


def test_file_asks_no_network_for_anything(
    make_view: Maker, look_at_file: Callable[[MapView], tuple[Any, Seen]]
):
    page, seen = look_at_file(make_view())
    _open_everything(page)
    assert seen.requests == []
    assert seen.complaints == []


def test_list_opens_its_hotspot_by_keyboard_and_gets_the_focus_back(
    make_view: Maker, look_at_file: Callable[[MapView], tuple[Any, Seen]]
):
    page, _ = look_at_file(make_view())
    button = page.locator("[data-hotspot-open]").nth(1)
    button.focus()
    assert "is-active" in page.locator("[data-hotspot]").nth(1).get_attribute("class")
    assert page.locator(".hotspot-number--active").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_selector(".hotspot-popup")
    words = page.locator(".hotspot-popup").inner_text()
    assert "2. Eden Road" in words
    assert "12 reports, 3 expected (4 times; very unlikely to be chance)." in words
    assert "Caution: One caller." in words
    assert page.evaluate("document.activeElement.className") == "hotspot-popup"
    page.keyboard.press("Escape")
    page.wait_for_selector(".hotspot-popup", state="detached")
    assert page.evaluate("document.activeElement.dataset.hotspotOpen") == "H2"


def test_number_on_the_map_marks_its_words(
    make_view: Maker, look_at_file: Callable[[MapView], tuple[Any, Seen]]
):
    page, _ = look_at_file(make_view())
    page.locator(".leaflet-marker-pane, .leaflet-numbers-pane").get_by_title("1 Marton Road").hover()
    assert "is-active" in page.locator('[data-hotspot="H1"]').get_attribute("class")


def test_counts_of_grouped_points_are_summed(
    make_view: Maker, look_at_file: Callable[[MapView], tuple[Any, Seen]]
):
    page, _ = look_at_file(make_view())
    page.locator(".leaflet-control-layers").hover()
    page.wait_for_timeout(200)
    page.get_by_label("Reports, counted").check()
    # 20 and 11 lie 32 m apart and are one circle at this scale; 90 lie 1.4 km away
    assert sorted(page.locator(".report-count").all_inner_texts()) == ["31", "90"]


def test_nothing_in_the_file_is_smaller_than_sixteen_pixels(
    make_view: Maker, look_at_file: Callable[[MapView], tuple[Any, Seen]]
):
    page, _ = look_at_file(for_ward(make_view(), "E05999001"))
    page.locator("[data-hotspot-open]").first.click()
    small = page.evaluate(
        """() => Array.from(document.querySelectorAll('body *'))
            .filter(e => Array.from(e.childNodes).some(n => n.nodeType === 3 && n.data.trim()))
            .filter(e => e.checkVisibility() && !['SCRIPT', 'STYLE', 'text'].includes(e.tagName))
            .filter(e => parseFloat(getComputedStyle(e).fontSize) < 16)
            .map(e => e.tagName + '.' + e.className)"""
    )
    assert small == []


def test_on_a_phone_the_list_comes_first_and_nothing_sticks_out(
    chromium: Any, make_view: Maker, tmp_path: Path
):
    folium_map.save_offline(make_view(), tmp_path / "map.html")
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto((tmp_path / "map.html").as_uri())
    page.wait_for_selector("[data-ready=yes]")
    list_at, map_at = (page.locator(name).bounding_box()["y"] for name in (".hotspot-list", ".hotspot-map"))
    assert list_at < map_at
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


def test_without_scripts_the_file_still_says_everything(chromium: Any, make_view: Maker, tmp_path: Path):
    folium_map.save_offline(make_view(), tmp_path / "map.html")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "map.html").as_uri())
    assert page.locator(".hotspot-list__item").count() == 3
    assert "The list says the same in words." in page.locator(".hotspot-map").inner_text()
    context.close()


class _Site(BaseHTTPRequestHandler):
    """Serves one map as the site does: files, one script, and a page with nothing inline."""

    def __init__(self, parts: folium_map.MapParts, *args: Any) -> None:
        self.parts = parts
        super().__init__(*args)

    def do_GET(self) -> None:
        if self.path.startswith("/static/map/"):
            name = self.path.removeprefix("/static/map/")
            kind = {"js": "text/javascript", "css": "text/css", "png": "image/png"}[name.rsplit(".", 1)[1]]
            body = assets.asset_path(name).read_bytes()
        elif self.path == "/map.js":
            kind, body = "text/javascript", self.parts.script.encode()
        else:
            kind, body = "text/html", self._page().encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def _page(self) -> str:
        parts = self.parts
        styles = "".join(f'<link rel="stylesheet" href="/static/map/{name}">' for name in parts.style_files)
        scripts = "".join(f'<script defer src="/static/map/{name}"></script>' for name in parts.script_files)
        return (
            f'<!DOCTYPE html><html lang="en"><head><title>Map</title><link rel="icon" href="/static/map/'
            f'leaflet/images/layers.png">{styles}</head><body>{parts.list_html}{parts.map_html}'
            f"{parts.legend_html}{parts.table_html}{scripts}"
            '<script defer src="/map.js"></script></body></html>'
        )

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def serve() -> Iterator[Callable[[MapView], str]]:
    servers: list[ThreadingHTTPServer] = []

    def start(view: MapView) -> str:
        parts = folium_map.take_apart(view)
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(_Site, parts)))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_site_needs_nothing_inline_and_nothing_from_elsewhere(
    make_view: Maker, serve: Callable[[MapView], str], look: Callable[[str], tuple[Any, Seen]]
):
    address = serve(_poisoned(make_view))
    page, seen = look(address)
    _open_everything(page)
    assert seen.complaints == []
    assert page.evaluate("window.hit") is None
    assert [url for url in seen.requests if not url.startswith(address)] == []


def test_site_links_lead_to_the_hotspot(
    make_view: Maker, serve: Callable[[MapView], str], look: Callable[[str], tuple[Any, Seen]]
):
    page, seen = look(serve(make_view(links={"H1": "/runs/1/hotspots/H1"})))
    page.locator("[data-hotspot-open]").first.click()
    assert page.locator(".hotspot-popup a").get_attribute("href") == "/runs/1/hotspots/H1"
    assert page.locator(".hotspot-list a").count() == 1
    assert seen.complaints == []


def test_a_place_set_apart_has_a_mark_of_its_own_and_says_why(
    make_view: Maker, serve: Callable[[MapView], str], look: Callable[[str], tuple[Any, Seen]]
):
    desk = Place("Desk <b>", "police station", EXCLUSION, 400_500.0, 500_500.0, 50.0, "Custody searches")
    shop = Place("Long Acre", "large shop", CAUTION, 401_500.0, 500_200.0, 50.0, "Own staff")
    page, seen = look(serve(make_view(set_apart=(Applied(desk, 40), Applied(shop, 1)))))
    assert page.locator(".set-apart-mark").count() == 2
    assert page.locator(".set-apart-mark--caution").inner_text() == "!"
    page.locator(".set-apart-mark:not(.set-apart-mark--caution)").click()
    words = page.locator(".hotspot-popup").inner_text()
    assert "Desk <b>" in words and "Custody searches" in words
    assert "40 reports here, left out of squares and hotspots, not of totals." in words
    assert seen.complaints == []
