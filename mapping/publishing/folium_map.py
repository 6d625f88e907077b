"""Operational maps: drawn with Folium, shown as one offline file or in the site's own pages.

Folium makes the map object; the shapes, pop-ups and the list beside it are our own script's
(`static/hotspot_map.js`), which is handed plain JSON and only ever sets text. No string of the
data becomes markup or script, in the file or under the site's policy.
"""

import dataclasses
import hashlib
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import folium
from branca.element import MacroElement
from folium.template import Template

from mapping.errors import MappingError
from mapping.publishing import assets, page, payload
from mapping.publishing.view import MapView

MAP_ID: Final = "hotspots"
_MAX_ZOOM: Final = 19
# Folium's own header: the sizes of its div and the whole-page rules, which our style sheet replaces.
_FOLIUM_STYLE: Final = re.compile(r"^\s*(#map_hotspots|\.leaflet-container|html, body|#map)\s*\{")
_FOLIUM_SWITCHES: Final = re.compile(r"^\s*L_NO_TOUCH = false;\s*L_DISABLE_3D = false;\s*$")


@dataclass(frozen=True)
class MapParts:
    """A map in pieces for a page under `script-src 'self'; style-src 'self'`.

    The HTML pieces are escaped and hold no script, style element or style attribute. `script` is
    to be served from an address that asks who is reading; the files may be cached by anyone.
    """

    map_html: str
    list_html: str
    legend_html: str
    table_html: str
    script: str
    script_files: tuple[str, ...]
    style_files: tuple[str, ...]

    @property
    def script_name(self) -> str:
        """File name that changes with the content, e.g. `map-3f2a9c0d1e2b.js`."""
        return f"map-{hashlib.sha256(self.script.encode()).hexdigest()[:12]}.js"


class _Picture(MacroElement):
    """Hands the picture to our script once Folium has made the map."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "HotspotMap.start({{ this._parent.get_name() }}, {{ this.json }});"
        "{% endmacro %}"
    )

    def __init__(self, json: str) -> None:
        super().__init__()
        self._name, self._id, self.json = "Picture", MAP_ID, json


class _OfflineMap(folium.Map):
    """A Folium map that a notebook shows as the offline page, since nothing may come from elsewhere."""

    default_js = [(name, name) for name in assets.SCRIPT_FILES]  # noqa: RUF012 - Folium's own shape
    default_css = [(name, name) for name in assets.STYLE_FILES]  # noqa: RUF012

    view: MapView

    def _repr_html_(self, **_: Any) -> str:
        return page.frame(offline_page(self.view), title=self.view.title)


def draw(view: MapView) -> folium.Map:
    """Draw a view with Folium, in EPSG:4326 and without tiles.

    Returns
    -------
    folium.Map
        Refers to the files of `assets.SCRIPT_FILES` and `STYLE_FILES` by these names. Use
        `save_offline` for a file and `take_apart` for a page. The same view gives the same text.
    """
    content = payload.build(view)
    drawn = _OfflineMap(
        location=_centre(content["bounds"]),
        tiles=None,
        zoom_start=12,
        zoom_snap=0.25,
        control_scale=True,
        prefer_canvas=True,
        attribution_control=False,
    )
    drawn.options["max_zoom"] = _MAX_ZOOM  # Folium keeps its own argument for tiles, and there are none
    drawn._id, drawn.view = MAP_ID, view
    drawn.add_child(_Picture(payload.to_script_json(content)))
    return drawn


def _centre(bounds: list[list[float]]) -> tuple[float, float]:
    """Return the middle as latitude then longitude: the one place where the pair is swapped."""
    (south, west), (north, east) = bounds
    return round((south + north) / 2, 5), round((west + east) / 2, 5)


class _Header(HTMLParser):
    """Sorts what Folium put into the head into links, styles and scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.bodies: dict[str, list[str]] = {"style": [], "script": []}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link, or that a style or script begins."""
        given = dict(attrs)
        address = given.get("src") or given.get("href")
        if tag in ("script", "link") and address:
            self.links.append(address)
        elif tag in self.bodies:
            self._inside = tag
            self.bodies[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        """Note that a style or script ends."""
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        """Keep the text of a style or script."""
        if self._inside:
            self.bodies[self._inside][-1] += data


def take_apart(view: MapView) -> MapParts:
    """Draw a view and return its pieces for a page of the site.

    Raises
    ------
    MappingError
        Folium asked for a file, style or script that this project does not serve.
    """
    return _parts_of(draw(view), view)


def _parts_of(drawn: folium.Map, view: MapView) -> MapParts:
    figure: Any = drawn.get_root()
    figure.render()
    header = _Header()
    header.feed(figure.header.render())
    _refuse_strangers(header)
    words = page.fragments(view)
    return MapParts(
        map_html=page.map_element(_only_div(figure.html.render()), view),
        list_html=words.list_html,
        legend_html=words.legend_html,
        table_html=words.table_html,
        script=figure.script.render().strip() + "\n",
        script_files=assets.SCRIPT_FILES,
        style_files=assets.STYLE_FILES,
    )


def _refuse_strangers(header: _Header) -> None:
    known = {*assets.SCRIPT_FILES, *assets.STYLE_FILES}
    strangers = sum(link not in known for link in header.links)
    strangers += sum(not _FOLIUM_STYLE.match(body) for body in header.bodies["style"])
    strangers += sum(not _FOLIUM_SWITCHES.match(body) for body in header.bodies["script"])
    if strangers:
        raise MappingError(
            f"Folium asked for {strangers} file(s), style(s) or script(s) that this project does not serve; "
            "add them to `mapping/publishing/assets.py` or remove the plugin that needs them."
        )


def _only_div(html: str) -> str:
    """Return the id that Folium gave to its one div."""
    found = re.findall(r'<div class="folium-map" id="([A-Za-z_]+)" *></div>', html)
    if len(found) != 1 or "style=" in html:
        raise MappingError(
            "Folium wrote its map element in a new way; teach `folium_map._only_div` to read it."
        )
    return str(found[0])


def offline_page(view: MapView) -> str:
    """Return a whole page with everything inside it, which asks nothing of any network.

    Raises
    ------
    MappingError
        Leaflet is not installed: run `make assets`.
    """
    parts = take_apart(dataclasses.replace(view, links={}))  # a file has no site to lead to
    scripts = [*(assets.inline_script(name) for name in assets.SCRIPT_FILES), parts.script.strip()]
    styles = [assets.inline_style(name) for name in (*assets.STYLE_FILES, assets.PAGE_STYLE_FILE)]
    return page.offline(view, parts, scripts=scripts, styles=styles)


def save_offline(view: MapView, path: Path) -> None:
    """Write the offline page; a reader never sees half a file.

    Raises
    ------
    MappingError
        Leaflet is not installed: run `make assets`.
    """
    text = offline_page(view)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)
