import numpy as np

from mapping.demo import rhythm


def test_about_thirty_thousand_reports_over_24_months(borough, rows):
    assert abs(len(rows) - 30_000) < 600
    months = np.bincount(rhythm.month_of(borough.events["at"].to_numpy()), minlength=24)
    assert months.min() > 1_000


def test_planted_events_keep_to_their_place_and_months(borough):
    month = rhythm.month_of(borough.events["at"].to_numpy())
    for place in borough.planted:
        own = (borough.events["place_id"] == place.place_id).to_numpy()
        points = borough.events.loc[own, ["easting_m", "northing_m"]].to_numpy()
        counts = np.bincount(month[own], minlength=24)
        assert np.hypot(*(points - place.centre).T).max() <= place.radius_m
        assert (counts[place.monthly == 0] == 0).all()
        # a Poisson sum of mean m lies within five times the root of m, but for one in a million
        assert abs(counts.sum() - place.monthly.sum()) <= 5 * np.sqrt(place.monthly.sum())


def test_a_series_is_a_chain_of_burglaries_within_three_weeks(borough):
    place = next(place for place in borough.planted if place.kind == "near repeat")
    own = borough.events[borough.events["place_id"] == place.place_id]
    assert set(own["category"]) == {"Burglary"}
    assert own["at"].max() - own["at"].min() < np.timedelta64(21, "D")
    points = own[["easting_m", "northing_m"]].to_numpy()
    away = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf)
    assert away.min(axis=1).max() <= 130


def test_nights_out_are_on_friday_and_saturday_and_shoplifting_is_by_day(borough):
    hour = borough.events["at"].dt.hour
    thefts = borough.events["category"] == "Shoplifting"
    assert hour[thefts].between(8, 20).mean() > 0.85
    fights = (borough.events["category"] == "Public order") & (borough.events["place_id"] == "")
    weekday = (borough.events["at"] - np.timedelta64(4, "h")).dt.day_of_week
    assert weekday[fights].isin([4, 5]).mean() > 0.4


def test_the_bonfire_fortnight_burns(borough):
    fires = borough.events[borough.events["category"] == "Deliberate fire"]["at"]
    season = (fires.dt.month == 10) & (fires.dt.day >= 27) | (fires.dt.month == 11) & (fires.dt.day <= 5)
    # 20 of 730 days at about four times the usual: 80 / (710 + 80) = 10 %, less what is planted
    assert 0.05 < season.mean() < 0.16
