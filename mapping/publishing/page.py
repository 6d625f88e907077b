"""The words around a map as HTML: list, legend, table, and the page of an offline file.

Every value goes through Jinja's escaping; nothing here holds a script, a style attribute or an
event handler of its own.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import jinja2

from mapping.places.set_apart import CAUTION, EXCLUSION
from mapping.publishing import assets, style, wording
from mapping.publishing.view import MapView


class Parts(Protocol):
    """What the offline page needs of a map that was taken apart."""

    @property
    def map_html(self) -> str:
        """The map's element."""

    @property
    def list_html(self) -> str:
        """Every hotspot in words."""

    @property
    def legend_html(self) -> str:
        """What the colours and lines mean."""

    @property
    def table_html(self) -> str:
        """The same figures as a table."""


@dataclass(frozen=True)
class Fragments:
    """The words beside a map, escaped."""

    list_html: str
    legend_html: str
    table_html: str


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("mapping.publishing", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def fragments(view: MapView) -> Fragments:
    """Write list, legend and table of a view."""
    breaks = view.breaks
    classes = [
        {"colour": colour, "label": label, "number": number}
        for number, (colour, label) in enumerate(
            zip(style.class_colours(len(breaks)), style.class_labels(breaks), strict=True)
        )
    ]
    values: dict[str, Any] = {
        "view": view,
        "words": view.words,
        "classes": classes,
        "rows": list(view.hotspots.sort_values(["rank", "hotspot_id"]).itertuples(index=False)),
        "style": style,
        "nothing": wording.NOTHING_STANDS_OUT,
        "has_recorded": bool(view.hotspots["recorded_at_place"].astype(bool).any()),
        "has_left_out": any(one.place.treatment == EXCLUSION for one in view.set_apart),
        "has_doubted": any(one.place.treatment == CAUTION for one in view.set_apart),
        "shaded_sentence": shaded_sentence(view),
    }
    list_html, legend_html, table_html = (
        _templates().get_template(name).render(values).strip()
        for name in ("list.html", "legend.html", "table.html")
    )
    return Fragments(list_html, legend_html, table_html)


def shaded_sentence(view: MapView) -> str:
    """Say what share of the squares is shaded and what share of the reports they held."""
    total, cells = int(view.cells["incident_count"].sum()), len(view.cells)
    if not total or not cells:
        return ""
    shaded = view.shaded()
    area, held = len(shaded) / cells, int(shaded["incident_count"].sum()) / total
    return f"Shaded squares are {_percent(area)} of the area here and held {_percent(held)} of its reports."


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.095 else f"{100 * share:.0f} %"


def map_element(element_id: str, view: MapView) -> str:
    """Write the map's element, with a name that a screen reader can say."""
    return (
        f'<div class="folium-map hotspot-map" id="{html.escape(element_id)}" role="region" '
        f'aria-label="Map. {html.escape(view.title)}. The list says the same in words.">'
        '<p class="hotspot-map__fallback">The map cannot be drawn here. '
        "The list says the same in words.</p></div>"
    )


def offline(view: MapView, parts: Parts, *, scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Write a whole page that carries its scripts and styles and allows no others."""
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(assets.csp_hash(body) for body in scripts)}",
            f"style-src {' '.join(assets.csp_hash(body) for body in styles)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    template = _templates().get_template("offline_map.html")
    return template.render(view=view, parts=parts, policy=policy, scripts=scripts, styles=styles) + "\n"


def frame(whole_page: str, *, title: str) -> str:
    """Put a whole page into a frame of a notebook, where it stays shut off from the rest."""
    return (
        f'<iframe title="{html.escape(title)}" width="100%" height="720" sandbox="allow-scripts" '
        f'srcdoc="{html.escape(whole_page)}"></iframe>'
    )
