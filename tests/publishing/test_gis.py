import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from mapping import crs
from mapping.errors import MissingColumnsError, WrongCrsError
from mapping.publishing import gis
from mapping.publishing.view import MapView

Maker = Callable[..., MapView]

# As INTERFACE lists them, and two more.
KEYS = [
    "hotspot_id", "rank", "ward_gss_code", "ward_name", "other_wards", "incident_count", "expected_count",
    "rate_ratio", "p_value", "p_value_fdr", "harm_score", "trend", "change", "peak_hours", "top_categories",
    "sources", "area_m2", "radius_m", "cautions", "place_name", "forecast_count",
]  # fmt: skip


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def test_geojson_has_exactly_the_promised_keys_in_order_of_rank(make_view: Maker):
    shuffled = make_view().hotspots.iloc[[2, 0, 1]]
    features = json.loads(gis.to_geojson(shuffled), parse_constant=_refuse)["features"]
    assert [list(feature["properties"]) for feature in features] == [KEYS] * 3
    assert [feature["properties"]["rank"] for feature in features] == [1, 2, 3]


def test_unknown_numbers_are_null(make_view: Maker):
    feature = json.loads(gis.to_geojson(make_view().hotspots), parse_constant=_refuse)["features"][0]
    assert feature["properties"]["harm_score"] is None
    assert feature["properties"]["incident_count"] == 31
    assert feature["properties"]["expected_count"] == 14.2


def test_geojson_is_longitude_latitude_to_seven_places_and_anticlockwise(make_view: Maker):
    hotspots = make_view().hotspots
    for feature, shape in zip(
        json.loads(gis.to_geojson(hotspots))["features"], hotspots.geometry, strict=True
    ):
        ring = np.array(feature["geometry"]["coordinates"][0])
        lon, lat = crs.to_wgs84(*shapely.get_coordinates(shape).T)
        assert -2.1 < ring[:, 0].min() < ring[:, 0].max() < -1.9
        assert abs(ring[:, 0].mean() - lon.mean()) < 1e-5
        assert abs(ring[:, 1].mean() - lat.mean()) < 1e-5
        assert np.array_equal(ring, ring.round(7))
        assert shapely.is_ccw(shapely.LinearRing(ring))


def test_no_hotspot_is_an_empty_collection(make_view: Maker):
    assert json.loads(gis.to_geojson(make_view().hotspots[:0])) == {
        "type": "FeatureCollection",
        "features": [],
    }


def test_geojson_reads_back_in_other_programs(make_view: Maker, tmp_path: Path):
    path = tmp_path / "hotspots.geojson"
    gis.write_geojson(make_view().hotspots, path)
    back = pyogrio.read_dataframe(path)
    assert back.crs.to_epsg() == 4326
    assert back["hotspot_id"].tolist() == ["H1", "H2", "H3"]
    assert [one.name for one in tmp_path.iterdir()] == ["hotspots.geojson"]


def test_geopackage_reads_back_with_its_layers_in_metres(make_view: Maker, tmp_path: Path):
    view, path = make_view(), tmp_path / "hotspots.gpkg"
    gis.write_geopackage(path, view.hotspots, cells=view.cells, wards=view.wards, cell_size_m=100)
    assert sorted(name for name, _ in pyogrio.list_layers(path)) == ["cells", "hotspots", "wards"]
    hotspots, cells, wards = (
        pyogrio.read_dataframe(path, layer=name) for name in ("hotspots", "cells", "wards")
    )
    assert {frame.crs.to_epsg() for frame in (hotspots, cells, wards)} == {27700}
    assert [*hotspots.columns] == [*KEYS, "geometry"]
    assert np.isnan(hotspots["harm_score"]).all()
    assert hotspots.geometry.area.round().tolist() == view.hotspots.geometry.area.round().tolist()
    assert cells.geometry.area.unique().round(6).tolist() == [10_000.0]
    assert cells["incident_count"].sum() == view.cells["incident_count"].sum()
    assert wards["ward_name"].tolist() == ["Westgate", "Eastgate"]


def test_geopackage_replaces_an_older_one_whole(make_view: Maker, tmp_path: Path):
    view, path = make_view(), tmp_path / "hotspots.gpkg"
    gis.write_geopackage(path, view.hotspots, wards=view.wards)
    gis.write_geopackage(path, view.hotspots[:1])
    assert [name for name, _ in pyogrio.list_layers(path)] == ["hotspots"]
    assert len(pyogrio.read_dataframe(path)) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["hotspots.gpkg"]


def test_empty_geopackage_keeps_its_columns(make_view: Maker, tmp_path: Path):
    path = tmp_path / "none.gpkg"
    gis.write_geopackage(path, make_view().hotspots[:0])
    back = pyogrio.read_dataframe(path)
    assert [*back.columns] == [*KEYS, "geometry"]
    assert back.crs.to_epsg() == 27700


def test_frames_that_are_not_hotspots_are_refused(make_view: Maker):
    hotspots = make_view().hotspots
    with pytest.raises(MissingColumnsError):
        gis.to_geojson(hotspots.drop(columns="trend"))
    with pytest.raises(WrongCrsError):
        gis.to_geojson(gpd.GeoDataFrame(hotspots).set_crs("EPSG:4326", allow_override=True))
