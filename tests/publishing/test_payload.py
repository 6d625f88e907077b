import json
import re
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping import crs
from mapping.places.set_apart import CAUTION, EXCLUSION, Applied, Place
from mapping.publishing import page, payload
from mapping.publishing.view import MapView, for_ward

Maker = Callable[..., MapView]
WEST, SOUTH = 400_000.0, 500_000.0
_ANYTHING = st.recursive(
    st.text() | st.integers(-(10**9), 10**9) | st.booleans(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


def _places(steps: list[int], parts: int = payload.DEGREE_PARTS) -> np.ndarray:
    """Undo the steps as the map's own script does: longitude, latitude."""
    return np.cumsum(np.array(steps).reshape(-1, 2), axis=0) / parts


@given(_ANYTHING)
def test_script_json_is_the_same_value_and_holds_nothing_that_could_act(value):
    text = payload.to_script_json(value)
    assert json.loads(text) == value
    assert not re.search("[<>&`$'\u2028\u2029]", text)
    assert not re.search(r"\{\{|\{%|\{#|\}\}\}?[^\]},]", text)  # nothing that Jinja would run


def test_braces_in_words_are_hidden_from_the_second_template():
    assert payload.to_script_json({"place": "{{ 7*7 }}"}) == '{"place":"\\u007b\\u007b 7*7 \\u007d\\u007d"}'


def test_numbers_that_json_cannot_hold_are_refused():
    with pytest.raises(ValueError):
        payload.to_script_json({"score": float("nan")})


def test_steps_say_longitude_then_latitude(make_view: Maker):
    drawn = payload.build(make_view())
    lon, lat = crs.to_wgs84([WEST + 290, WEST + 320, WEST + 1700], [SOUTH + 300, SOUTH + 310, SOUTH + 300])
    found = _places(drawn["points"]["at"])
    assert np.abs(found - np.column_stack([lon, lat])).max() <= 0.5 / payload.DEGREE_PARTS + 1e-12
    assert -2.1 < found[0][0] < -1.9
    assert 54.3 < found[0][1] < 54.5


def test_hotspot_place_and_bounds_are_latitude_then_longitude_for_leaflet(make_view: Maker):
    drawn = payload.build(make_view())
    assert drawn["hotspots"][0]["at"][0] > 54
    (south, west), (north, east) = drawn["bounds"]
    assert south < north
    assert west < east
    assert south > 54


def test_cells_are_told_to_a_decimetre_and_share_their_corners(make_view: Maker):
    view = make_view()
    drawn, shaded = payload.build(view)["cells"], view.shaded()
    corner = _places(drawn["at"], payload.CELL_DEGREE_PARTS)
    east, north = shaded["easting_m"].to_numpy() - 50, shaded["northing_m"].to_numpy() - 50
    lon, lat = crs.to_wgs84(east, north)
    # a millionth of a degree is 0.11 m from south to north
    assert np.abs(corner - np.column_stack([lon, lat])).max() < 0.6e-6
    others = np.array(drawn["corners"])[drawn["corner"]] / payload.CELL_DEGREE_PARTS
    south_east = {(round(x, 6), round(y, 6)) for x, y in corner + others[:, :2]}
    starts = {(round(x, 6), round(y, 6)) for x, y in corner}
    # the hottest cells lie in one row from west to east, so all corners but the two ends are common
    assert len(south_east & starts) == len(shaded) - 1


def test_only_the_hottest_squares_are_told(make_view: Maker):
    # 200 cells, 5 % of them is 10, and these are just the ten with a score above nought
    drawn = payload.build(make_view())["cells"]
    assert len(drawn["shade"]) == 10
    assert sorted(drawn["count"]) == list(range(1, 11))
    assert max(drawn["shade"]) == len(make_view().breaks) - 1


def test_neighbouring_wards_keep_one_common_edge(make_view: Maker):
    west, east = (
        {tuple(place) for place in np.round(_places(ward["shape"][0][0]), 5)}
        for ward in payload.build(make_view())["wards"]
    )
    assert len(west & east) == 2


def test_focus_ward_is_drawn_last(make_view: Maker):
    wards = payload.build(for_ward(make_view(), "E05999001"))["wards"]
    assert [ward["focus"] for ward in wards] == [False, True]


def test_holes_stay_holes(make_view: Maker):
    view = make_view()
    ring = shapely.Point(WEST + 300, SOUTH + 300).buffer(80) - shapely.Point(WEST + 300, SOUTH + 300).buffer(
        30
    )
    frame = view.hotspots.copy()
    frame.loc[frame.index[0], "geometry"] = ring
    assert len(payload.build(make_view(hotspots=frame))["hotspots"][0]["shape"][0]) == 2


def test_background_is_told_by_what_its_shapes_are(make_view: Maker):
    shapes = [
        shapely.Point(WEST + 10, SOUTH + 10),
        shapely.LineString([(WEST, SOUTH), (WEST + 100, SOUTH)]),
        shapely.MultiPolygon([shapely.box(WEST, SOUTH, WEST + 100, SOUTH + 100)]),
    ]
    mixed = gpd.GeoDataFrame({"name": ["a", "b", "c"]}, geometry=shapes, crs="EPSG:27700")
    (told,) = payload.build(make_view(layers={"parks": mixed}))["layers"]
    assert told["name"] == "parks"
    assert [len(told[kind]) for kind in ("areas", "lines", "points")] == [1, 1, 1]
    # a box is told by four corners, a line by two ends, a point by itself: two numbers each
    assert [len(told[kind][0][0][0]) for kind in ("areas", "lines", "points")] == [8, 4, 2]


def test_empty_map_can_be_told(make_view: Maker):
    view = make_view()
    empty = make_view(hotspots=view.hotspots[:0], cells=view.cells[:0], points=view.points[:0])
    drawn = payload.build(empty)
    assert drawn["hotspots"] == []
    assert drawn["cells"]["shade"] == []
    assert drawn["points"]["count"] == []
    payload.to_script_json(drawn)


STATION = Place(
    "Desk & cells", "police station", EXCLUSION, WEST + 300, SOUTH + 300, 50.0, "Custody searches"
)
SHOP = Place("Long Acre", "large shop", CAUTION, WEST + 1700, SOUTH + 800, 40.0, "Own staff")


def test_places_set_apart_are_told_with_their_reports_and_reason(make_view: Maker):
    view = make_view(set_apart=(Applied(STATION, 40, "E05999001"), Applied(SHOP, 3, "E05999002")))
    station, shop = payload.build(view)["setApart"]
    lat, lon = station.pop("at")
    east, north = (float(value[0]) for value in crs.to_bng([lon], [lat]))
    assert (east, north) == pytest.approx((WEST + 300, SOUTH + 300), abs=1)
    assert station == {
        "name": "Desk & cells", "leftOut": True, "reports": 40, "reason": "Custody searches", "radius": 50,
    }  # fmt: skip
    assert not shop["leftOut"]
    # a ward's map shows those in it and at its edges
    assert [one["name"] for one in payload.build(for_ward(view, "E05999002"))["setApart"]] == ["Long Acre"]


def test_the_legend_says_what_the_marks_mean_and_what_is_left_out(make_view: Maker):
    legend = page.fragments(make_view(set_apart=(Applied(STATION, 40),))).legend_html
    assert "A place that is left out" in legend and "with a caution" not in legend
    assert (
        "1 place is left out of squares and hotspots, not of totals: Desk &amp; cells (40 reports)." in legend
    )
    assert "left out" not in page.fragments(make_view()).legend_html
