import numpy as np

from mapping.demo import events, mixes
from mapping.demo.intensity import CEILING_SHARE, LEVEL_RATIO, within


def test_shares_add_up_to_the_whole(borough):
    assert np.isclose(borough.background.share.sum(), 1)
    for share in borough.background.by_category.values():
        assert np.isclose(share.sum(), 1)
    assert set(borough.background.by_category) == set(mixes.background_mix())


def test_no_place_of_the_background_comes_near_a_patrol_grade_hotspot(borough):
    points = borough.town.spots[["easting_m", "northing_m"]].to_numpy()
    share = borough.background.share
    near = within(points, share, points, 75)
    around = within(points, share, points, 300) / 16  # (300 / 75) squared
    usual = np.maximum(around, 0.4 * np.median(around))
    assert near.max() <= CEILING_SHARE * 1.05
    assert (near / usual).max() <= LEVEL_RATIO * 1.05
    # 36 incidents in 12 months are the least that a patrol is sent for; the background keeps to two thirds
    assert near.max() * events.REPORTS_WANTED / 2 < 36 * 0.8


def test_streets_still_differ_and_the_centre_is_busier(borough):
    spots = borough.town.spots
    streets = borough.background.share[spots["road"] >= 0]
    road = spots["road"].to_numpy()[spots["road"] >= 0]
    mean = np.bincount(road, streets) / np.maximum(np.bincount(road), 1)
    mean = mean[np.bincount(road) >= 4]
    assert np.quantile(mean, 0.9) / np.quantile(mean, 0.1) > 2.5
    by_zone = [
        borough.background.share[spots["zone"] == zone].mean() for zone in ("centre", "suburb", "country")
    ]
    assert by_zone == sorted(by_zone, reverse=True)
    points = spots[["easting_m", "northing_m"]].to_numpy()
    middle = within(points, borough.background.share, borough.town.land.centre[None, :], 600)[0]
    assert middle > 2.5 * 600**2 * np.pi / borough.town.land.borough.area


def test_what_belongs_on_grass_does_not_happen_in_shops(borough):
    zone = borough.town.spots["zone"]
    assert borough.background.by_category["Shoplifting"][zone == "park"].sum() == 0
    in_parks = {c: s[zone == "park"].sum() for c, s in borough.background.by_category.items()}
    assert in_parks["Off-road vehicles"] > 5 * in_parks["Violence and sexual offences"]


def test_within_adds_the_weights_in_reach():
    points = np.array([[0.0, 0.0], [3.0, 4.0], [30.0, 40.0]])  # 5 m and 50 m away
    assert within(points, np.array([1.0, 2.0, 4.0]), np.array([[0.0, 0.0]]), 5.0).tolist() == [3.0]
