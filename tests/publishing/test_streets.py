from collections.abc import Callable

import geopandas as gpd
import shapely

from mapping.publishing.streets import find_names
from mapping.publishing.view import MapView, for_ward

Maker = Callable[..., MapView]
WEST, SOUTH = 400_000.0, 500_000.0


def _layer(rows: list[tuple[str, shapely.Geometry]]) -> gpd.GeoDataFrame:
    names, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"name": list(names)}, geometry=list(shapes), crs="EPSG:27700")


def test_without_roads_the_places_of_reports_name_the_streets_busiest_first(make_view: Maker):
    assert find_names(make_view())["text"].tolist() == ["Police Station", "Marton Road", "Supermarket"]


def test_named_roads_come_instead_of_reported_places(make_view: Maker):
    # 600 m at one name every 250 m: round(2.4) = 2 names, at a quarter and three quarters
    road = shapely.LineString([(WEST, SOUTH + 900), (WEST + 600, SOUTH + 900)])
    names = find_names(make_view(layers={"roads": _layer([("Eden Road", road), ("", road)])}))
    assert names.to_numpy().tolist() == [
        [WEST + 150, SOUTH + 900, "Eden Road"],
        [WEST + 450, SOUTH + 900, "Eden Road"],
    ]


def test_landmarks_add_to_the_reported_places(make_view: Maker):
    shop = _layer([("Corner Shop", shapely.Point(WEST + 500, SOUTH + 900))])
    assert set(find_names(make_view(layers={"shops": shop}))["text"]) == {
        "Corner Shop",
        "Police Station",
        "Marton Road",
        "Supermarket",
    }


def test_names_near_a_hotspot_come_before_longer_roads_elsewhere(make_view: Maker):
    near = shapely.LineString([(WEST + 300, SOUTH + 380), (WEST + 330, SOUTH + 380)])
    far = shapely.LineString([(WEST, SOUTH + 950), (WEST + 200, SOUTH + 950)])
    names = find_names(make_view(layers={"roads": _layer([("Far Road", far), ("Near Lane", near)])}))
    assert names["text"].tolist() == ["Near Lane", "Far Road"]


def test_names_in_the_ward_come_before_names_beyond_it(make_view: Maker):
    beyond = shapely.LineString([(WEST + 1020, SOUTH + 950), (WEST + 1220, SOUTH + 950)])
    inside = shapely.LineString([(WEST + 500, SOUTH + 950), (WEST + 550, SOUTH + 950)])
    view = make_view(layers={"roads": _layer([("Beyond Road", beyond), ("Inside Road", inside)])})
    assert find_names(for_ward(view, "E05999001"))["text"].tolist() == ["Inside Road", "Beyond Road"]


def test_a_map_without_points_or_layers_has_no_names(make_view: Maker):
    view = make_view()
    assert len(find_names(make_view(points=view.points[:0]))) == 0
