import numpy as np
import pytest
import shapely

from mapping.demo import words
from mapping.demo.town import make_town


def test_it_reads_as_a_town(borough):
    town = borough.town
    kinds = {
        kind: sum(road.kind == kind for road in town.roads) for kind in ("main", "secondary", "residential")
    }
    assert kinds["main"] >= 10
    assert kinds["secondary"] >= 60
    assert kinds["residential"] >= 500
    assert {"shops", "school", "hospital", "police station", "railway station"} <= {
        m.kind for m in town.landmarks
    }
    assert sum(mark.kind == "shops" for mark in town.landmarks) >= 12
    assert sum(park.kind == "park" for park in town.parks) >= 6


@pytest.mark.parametrize("seed", [2, 11])
def test_every_named_thing_has_a_name_of_its_own(seed):
    town = make_town(seed)
    roads = [road.name for road in town.roads]
    marks = [mark.name for mark in town.landmarks]
    assert len(set(roads)) == len(roads)
    assert len(set(marks)) == len(marks)


def test_only_main_roads_cross_the_river(borough):
    river = borough.town.land.river
    crossing = {road.kind for road in borough.town.roads if road.line.intersection(river).length > 20}
    assert crossing == {"main"}


def test_no_street_runs_through_a_park(borough):
    parks = shapely.union_all([park.shape for park in borough.town.parks])
    streets = [road.line for road in borough.town.roads if road.kind == "residential"]
    assert sum(line.intersection(parks).length for line in streets) == 0


def test_spots_are_on_dry_land_and_know_where_they_are(borough):
    town, spots = borough.town, borough.town.spots
    points = spots[["easting_m", "northing_m"]].to_numpy()
    assert not shapely.intersects_xy(town.land.river, points[:, 0], points[:, 1]).any()
    assert ((spots["road"] >= 0) ^ (spots["park"] >= 0)).all()
    assert (town.wards.index_of(points) == spots["ward"]).all()
    on_roads = spots[spots["road"] >= 0].iloc[::50]
    for row in on_roads.itertuples():
        line = town.roads[row.road].line
        assert line.distance(shapely.Point(row.easting_m, row.northing_m)) < 11  # 9 m off, rounded to 1 m


def test_postcodes_look_like_postcodes_of_an_area_that_does_not_exist(borough):
    given = borough.town.spots["postcode"]
    on_road = (borough.town.spots["road"] >= 0) & (borough.town.spots["ward"] >= 0)
    assert given[on_road].str.fullmatch(words.POSTCODE_AREA + r"\d \d[ABD-HJLNP-UW-Z]{2}").all()
    assert (given[~on_road] == "").all()


def test_half_the_background_falls_on_about_a_tenth_of_the_cells_of_the_borough(borough):
    points = borough.town.spots[["easting_m", "northing_m"]].to_numpy()
    square = np.unique(points // 100, axis=0, return_inverse=True)[1].ravel()
    held = np.sort(np.bincount(square, borough.background.share))[::-1].cumsum()
    cells = borough.town.land.borough.area / 10_000
    assert 0.08 < np.searchsorted(held, 0.5) / cells < 0.15
