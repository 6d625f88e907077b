import re
from collections.abc import Callable
from pathlib import Path

import folium
import geopandas as gpd
import pandas as pd
import pytest
import shapely
from folium.plugins import HeatMap

from mapping import crs
from mapping.errors import MappingError
from mapping.publishing import folium_map
from mapping.publishing.view import MapView, collapse_points, for_ward

Maker = Callable[..., MapView]
MB = 1_000_000


def test_drawn_map_is_a_folium_map_without_tiles(make_view: Maker):
    drawn = folium_map.draw(make_view())
    assert isinstance(drawn, folium.Map)
    assert drawn.crs == "EPSG3857"  # Leaflet's screen; the coordinates it is given are EPSG:4326
    assert not any(isinstance(child, folium.TileLayer) for child in drawn._children.values())
    latitude, longitude = drawn.location
    assert 54 < latitude < 55
    assert -3 < longitude < -1


def test_same_view_gives_the_same_pieces(make_view: Maker):
    first, second = folium_map.take_apart(make_view()), folium_map.take_apart(make_view())
    assert first == second
    assert first.script_name == second.script_name
    assert first.script_name != folium_map.take_apart(for_ward(make_view(), "E05999001")).script_name


def test_pieces_keep_to_the_policy_of_the_site(make_view: Maker):
    parts = folium_map.take_apart(make_view())
    for text in (parts.map_html, parts.list_html, parts.legend_html, parts.table_html):
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://", text, re.IGNORECASE)
    assert not re.search(r"https?://|<|eval\(|innerHTML", parts.script)
    assert parts.script_files[0] == "leaflet/leaflet.js"


def test_map_element_has_an_id_and_a_name(make_view: Maker):
    html = folium_map.take_apart(make_view()).map_html
    assert 'id="map_hotspots"' in html
    assert 'role="region" aria-label="Map. Two places in Exampleshire need a joint patrol.' in html


def test_script_makes_the_map_and_hands_it_over(make_view: Maker):
    script = folium_map.take_apart(make_view()).script
    assert script.startswith("var map_hotspots = L.map(")
    assert "HotspotMap.start(map_hotspots, {" in script
    assert '"maxZoom": 19' in script


def test_words_are_not_run_as_a_template(make_view: Maker):
    view = make_view()
    named = view.hotspots.assign(place_name="{{ 7*7 }}{% for x in (1,2) %}y{% endfor %}{# gone #}")
    parts = folium_map.take_apart(make_view(hotspots=named))
    assert "{{ 7*7 }}" in parts.list_html
    assert "49" not in parts.list_html
    assert r"\u007b\u007b 7*7 \u007d\u007d\u007b% for x in (1,2) %\u007d" in parts.script
    assert r"\u007b# gone #\u007d" in parts.script


def test_a_plugin_with_files_of_its_own_is_refused(make_view: Maker):
    view = make_view()
    drawn = folium_map.draw(view)
    HeatMap([[54.4, -2.0]]).add_to(drawn)
    with pytest.raises(MappingError, match="Folium asked for"):
        folium_map._parts_of(drawn, view)


@pytest.mark.parametrize(
    "head", ["<style>p {color: red}</style>", "<script>let x</script>", '<link href="/x.css">']
)
def test_strange_heads_are_refused(make_view: Maker, head: str):
    view = make_view()
    drawn = folium_map.draw(view)
    drawn.get_root().header.add_child(folium.Element(head))
    with pytest.raises(MappingError, match="Folium asked for"):
        folium_map._parts_of(drawn, view)


@pytest.mark.usefixtures("leaflet")
def test_offline_page_carries_all_it_needs(make_view: Maker, tmp_path: Path):
    path = tmp_path / "map.html"
    folium_map.save_offline(make_view(links={"H1": "/hotspots/H1"}), path)
    text = path.read_text(encoding="utf-8")
    assert '<html lang="en-GB">' in text
    assert "<title>Two places in Exampleshire need a joint patrol</title>" in text
    assert text.count('<p class="marking">OFFICIAL-SENSITIVE</p>') == 2
    assert "default-src 'none'" in text.replace("&#39;", "'")
    assert "user-scalable=no" not in text
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", text)
    assert "/hotspots/H1" not in text  # a file has no site to lead to
    assert [one.name for one in tmp_path.iterdir()] == ["map.html"]


@pytest.mark.usefixtures("leaflet")
def test_offline_page_is_the_same_every_time(make_view: Maker):
    assert folium_map.offline_page(make_view()) == folium_map.offline_page(make_view())


@pytest.mark.usefixtures("leaflet")
def test_notebook_shows_the_offline_page_in_a_closed_frame(make_view: Maker):
    shown = folium_map.draw(make_view())._repr_html_()
    assert shown.startswith("<iframe ")
    assert "cdn." not in shown


@pytest.mark.usefixtures("leaflet")
@pytest.mark.real_data
def test_whole_police_area_stays_under_two_megabytes(make_view: Maker, real_data: Path):
    """Cleveland, nine months: 67,094 incidents on 6,862 points, and 20,000 shaded squares."""
    files = sorted((real_data / "police_uk" / "cleveland").glob("*.csv.gz"))
    rows = pd.concat([pd.read_csv(file, dtype=str, keep_default_na=False) for file in files])
    east, north = crs.to_bng(rows["Longitude"].astype(float), rows["Latitude"].astype(float))
    points = collapse_points(
        pd.DataFrame(
            {
                "easting_m": east,
                "northing_m": north,
                "match_level": "snap point",
                "place_text": rows["Location"].to_numpy(),
                "category": rows["Crime type"].to_numpy(),
            }
        )
    )
    assert (points["count"].sum(), len(points)) == (67_094, 6_862)
    folder = real_data / "boundaries" / "wards_2025"
    wards = pd.concat([gpd.read_file(folder / f"E0600000{number}.geojson") for number in range(1, 5)])
    outlines = crs.geometry_to_bng(wards.geometry.to_numpy())
    names = {"ward_gss_code": wards["WD25CD"].to_numpy(), "ward_name": wards["WD25NM"].to_numpy()}
    small = make_view()
    cells = small.cells.iloc[[0] * 20_000].reset_index(drop=True)
    spread = cells.index.to_numpy()
    cells = cells.assign(
        easting_m=440_050.0 + 100 * (spread % 400),
        northing_m=510_050.0 + 100 * (spread // 400),
        incident_count=spread % 97,
        score=1.0 + spread % 89,
    )
    view = make_view(
        wards=gpd.GeoDataFrame(names, geometry=outlines, crs="EPSG:27700"),
        points=points,
        cells=cells,
        class_breaks=(1.0, 5.0, 20.0, 50.0, 80.0),  # every one of the 20,000 squares is shaded
        hotspots=pd.concat([small.hotspots] * 83, ignore_index=True).assign(
            rank=range(1, 250), geometry=shapely.Point(450_000, 520_000).buffer(150)
        ),
    )
    assert len(view.shaded()) == 20_000
    assert len(folium_map.offline_page(view).encode()) < 2 * MB
