import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image

from mapping.errors import MappingError
from mapping.publishing import static_map
from mapping.publishing.view import MapView, for_ward

Maker = Callable[..., MapView]
WEST, SOUTH = 400_000.0, 500_000.0


def _chunks(png: bytes) -> list[str]:
    names, place = [], 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        names.append(png[place + 4 : place + 8].decode())
        place += 12 + length
    return names


def _pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)


def test_page_is_a4_at_150_dots_and_says_nothing_about_the_machine(make_view: Maker):
    png = static_map.draw_ward(for_ward(make_view(), "E05999001"))
    picture = Image.open(BytesIO(png))
    assert picture.size == (1754, 1240)
    assert [round(dots) for dots in picture.info["dpi"]] == [150, 150]
    # size, resolution, pixels, end: no text, no time, no program, no profile
    assert set(_chunks(png)) == {"IHDR", "pHYs", "IDAT", "IEND"}
    assert str(Path.home()).encode() not in png


def test_same_view_gives_the_same_bytes(make_view: Maker):
    first, second = (static_map.draw_ward(for_ward(make_view(), "E05999001")) for _ in range(2))
    assert first == second


def test_another_ward_gives_another_page(make_view: Maker):
    one, other = (static_map.draw_ward(for_ward(make_view(), code)) for code in ("E05999001", "E05999002"))
    assert one != other


def test_hottest_square_lies_where_it_should(make_view: Maker):
    """The ward fills the map's height; its hottest square is the last of the southern row."""
    view = make_view()
    pixels = _pixels(static_map.draw_ward(for_ward(make_view(points=view.points[:0]), "E05999001")))
    ramp_top = np.array([0xA5, 0x0F, 0x15])
    rows, columns = np.nonzero((np.abs(pixels[:, :1140] - ramp_top) <= 6).all(axis=2))
    assert len(rows) > 200
    # map: x 24-548 points, y from 49 points up; a square ward of 1000 m in its middle, so the
    # square at 900-1000 m east and 0-100 m north lies right of the middle and in the lowest fifth
    assert columns.min() > 1140 / 2
    assert rows.min() > 1240 * 0.7


def test_marking_stands_at_top_and_bottom(make_view: Maker):
    marked = _pixels(static_map.draw_ward(for_ward(make_view(), "E05999001")))
    bare = _pixels(static_map.draw_ward(for_ward(make_view(marking=""), "E05999001")))
    rows = np.nonzero((marked != bare).any(axis=(1, 2)))[0]
    assert rows.min() < 40
    assert rows.max() > 1200
    assert not ((rows > 60) & (rows < 1180)).any()


def test_whole_borough_is_refused(make_view: Maker):
    with pytest.raises(MappingError, match="one ward"):
        static_map.draw_ward(make_view())


def test_empty_ward_can_be_printed(make_view: Maker):
    view = make_view()
    empty = make_view(hotspots=view.hotspots[:0], cells=view.cells[:0], points=view.points[:0])
    assert static_map.draw_ward(for_ward(empty, "E05999001")).startswith(b"\x89PNG")


def test_awkward_words_are_printed_and_not_read_as_formulas(make_view: Maker):
    awkward = "$\\frac{1}{0}$ \n </text> \u202e ne\u0301e 城 " + "x" * 400
    view = make_view()
    hotspots = view.hotspots.assign(place_name=awkward, cautions=awkward, ward_name=awkward)
    named = make_view(
        title=awkward,
        subtitle=awkward,
        attribution=awkward,
        notes=(awkward,),
        hotspots=hotspots,
        wards=view.wards.assign(ward_name=awkward),
        points=view.points.assign(place_text=awkward),
    )
    assert static_map.draw_ward(for_ward(named, "E05999001")).startswith(b"\x89PNG")


def test_background_layers_are_drawn_under_the_hotspots(make_view: Maker):
    park = gpd.GeoDataFrame(
        {"name": ["Park"]},
        geometry=[shapely.box(WEST, SOUTH + 500, WEST + 900, SOUTH + 990)],
        crs="EPSG:27700",
    )
    road = gpd.GeoDataFrame(
        {"name": ["Eden Road"]},
        geometry=[shapely.LineString([(WEST, SOUTH + 200), (WEST + 1000, SOUTH + 200)])],
        crs="EPSG:27700",
    )
    pixels = _pixels(
        static_map.draw_ward(for_ward(make_view(layers={"parks": park, "roads": road}), "E05999001"))
    )
    green = (np.abs(pixels - np.array([0xDF, 0xEA, 0xD9])) <= 2).all(axis=2)
    assert green.sum() > 50_000


def test_many_hotspots_leave_room_for_the_legend(make_view: Maker):
    view = make_view()
    rows = [0, 1, 0, 1, 0, 1, 0]
    many = view.hotspots.iloc[rows].assign(
        rank=range(1, 8), hotspot_id=[f"H{n}" for n in range(7)], ward_gss_code="E05999001"
    )
    page = for_ward(make_view(hotspots=many), "E05999001")
    assert len(page.words) == 7
    assert static_map.draw_ward(page).startswith(b"\x89PNG")
