"""From incidents to hotspots in an invented town of two wards."""

import numpy as np
import pandas as pd
import pytest
import shapely

from mapping.pipeline import Settings, analyse
from mapping.places.set_apart import CAUTION, EXCLUSION, Place
from mapping.schema import HOTSPOTS

MONTHS = [f"2025-{m:02d}" for m in range(1, 10)]


def background(two_a_month=True):
    """One report a month at the middle of every fourth cell of both wards."""
    cells = [(400_050 + 200 * i, 300_050 + 200 * j) for i in range(10) for j in range(5)]
    return [(x, y, month, 1) for x, y in cells for month in MONTHS]


def town(make_incidents, *planted, wards=True):
    """Put planted places on the background and give every point its ward by the edge at 401 000."""
    frames = [make_incidents(background())]
    frames += [make_incidents(rows, place=place) for place, rows in planted]
    incidents = pd.concat(frames, ignore_index=True)
    incidents["incident_id"] = [f"I{k:05d}" for k in range(len(incidents))]
    incidents["ward_gss_code"] = np.where(incidents["easting_m"] < 401_000, "E05999001", "E05999002")
    return incidents


def each_month(x, y, count, months=MONTHS):
    return [(x, y, month, count) for month in months]


def test_a_planted_place_is_found_where_it_is(make_incidents, two_wards):
    incidents = town(make_incidents, ("Marton Road", each_month(400_530, 300_460, 8)))
    found = analyse(incidents, two_wards, Settings(top_per_ward=1)).hotspots
    top = found.iloc[0]
    assert np.hypot(top.easting_m - 400_530, top.northing_m - 300_460) < 100
    assert top.place_name == "Marton Road"
    assert top.incident_count >= 72  # 8 a month for nine months, and its neighbours
    assert top.p_value_fdr < 0.01
    assert top.radius_m <= 150


def test_a_place_on_a_ward_edge_is_one_hotspot_with_both_names(make_incidents, two_wards):
    rows = each_month(400_980, 300_500, 6) + each_month(401_020, 300_500, 5)
    found = analyse(town(make_incidents, ("Edge Lane", rows)), two_wards, Settings()).hotspots
    on_edge = found[np.hypot(found.easting_m - 401_000, found.northing_m - 300_500) < 100]
    assert len(on_edge) == 1
    assert (on_edge.iloc[0].ward_name, on_edge.iloc[0].other_wards) == ("West", "East")


def test_a_police_station_stack_comes_last_with_a_caution(make_incidents, two_wards):
    incidents = town(
        make_incidents,
        ("Police Station", each_month(400_250, 300_250, 40)),
        ("Marton Road", each_month(401_530, 300_460, 8)),
    )
    found = analyse(incidents, two_wards, Settings()).hotspots
    station = found[found.place_name.str.startswith("Police Station")].iloc[0]
    assert station["rank"] == len(found)
    assert "recorded at this place" in station.cautions
    assert found.iloc[0].place_name == "Marton Road"
    # its 360 reports are in no other hotspot
    assert not found[~found.recorded_at_place].place_name.str.startswith("Police Station").any()


def test_a_place_that_went_quiet_is_not_a_hotspot_now(make_incidents, two_wards):
    incidents = town(make_incidents, ("Gone Street", each_month(400_530, 300_460, 15, MONTHS[:4])))
    found = analyse(incidents, two_wards, Settings()).hotspots
    assert "Gone Street" not in set(found.place_name)


def test_an_even_town_has_no_hotspot_and_the_frame_keeps_its_columns(make_incidents, two_wards):
    answer = analyse(town(make_incidents), two_wards, Settings())
    assert len(answer.hotspots) == 0
    assert list(answer.hotspots.columns) == list(HOTSPOTS)
    assert list(answer.members.columns) == ["hotspot_id", "incident_id"]
    assert len(answer.proposals) == 0


def test_centres_are_five_hundred_metres_apart_and_no_ward_has_more_than_its_number(
    make_incidents, two_wards
):
    # three in each ward, the second too near to the first
    spots = [(400_150, 300_150), (400_450, 300_350), (400_850, 300_850)]
    spots += [(401_350, 300_250), (401_550, 300_450), (401_850, 300_850)]
    rows = [row for x, y in spots for row in each_month(x, y, 14)]
    found = analyse(town(make_incidents, ("Busy Street", rows)), two_wards, Settings(top_per_ward=2)).hotspots
    assert len(found) >= 3
    xy = found[["easting_m", "northing_m"]].to_numpy()
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    assert apart[~np.eye(len(xy), dtype=bool)].min() >= 499.9  # centres are written to 0.1 m
    assert found.groupby("ward_gss_code").size().max() <= 2


def test_members_are_the_incidents_inside_the_shape(make_incidents, two_wards):
    incidents = town(make_incidents, ("Marton Road", each_month(400_530, 300_460, 8)))
    answer = analyse(incidents, two_wards, Settings())
    for spot in answer.hotspots.itertuples():
        ids = answer.members.loc[answer.members.hotspot_id == spot.hotspot_id, "incident_id"]
        inside = incidents[incidents.incident_id.isin(ids)]
        assert len(inside) == spot.incident_count
        assert inside.incident_id.is_unique
        assert all(spot.geometry.covers(p) for p in shapely.points(inside[["easting_m", "northing_m"]]))


def test_moving_the_whole_town_one_kilometre_east_changes_no_hotspot(make_incidents, two_wards):
    incidents = town(make_incidents, ("Marton Road", each_month(400_530, 300_460, 8)))
    moved, wards = incidents.copy(), two_wards.copy()
    moved["easting_m"] += 1000.0
    wards["geometry"] = wards.geometry.translate(1000.0)
    here, there = (analyse(i, w, Settings()).hotspots for i, w in ((incidents, two_wards), (moved, wards)))
    assert list(here.incident_count) == list(there.incident_count)
    assert list(there.easting_m - here.easting_m) == pytest.approx([1000.0] * len(here))


def test_shuffling_the_rows_changes_nothing(make_incidents, two_wards):
    incidents = town(make_incidents, ("Marton Road", each_month(400_530, 300_460, 8)))
    shuffled = incidents.sample(frac=1.0, random_state=3).reset_index(drop=True)
    here, there = (analyse(i, two_wards, Settings()) for i in (incidents, shuffled))
    assert here.cells.equals(there.cells)
    columns = [c for c in HOTSPOTS if c != "geometry"]
    assert here.hotspots[columns].equals(there.hotspots[columns])


def test_the_least_foretold_is_the_pace_of_thirty_six_a_year(make_incidents, two_wards):
    # 8 a month for nine months at one place is 96 a year; 2 a month is 24 and too few
    rows = each_month(400_530, 300_460, 8)
    few = each_month(401_530, 300_460, 2)
    found = analyse(town(make_incidents, ("Busy", rows), ("Few", few)), two_wards, Settings()).hotspots
    assert "Busy" in set(found.place_name) and "Few" not in set(found.place_name)
    assert (found.forecast_count >= 36 * 31 / 365).all()  # October has 31 days


def test_a_new_place_counts_by_its_pace_and_not_by_the_length_of_the_history(make_incidents, two_wards):
    rows = each_month(400_530, 300_460, 12, MONTHS[6:])  # three months of nine
    found = analyse(town(make_incidents, ("New Street", rows)), two_wards, Settings()).hotspots
    assert found[found.place_name == "New Street"].iloc[0].change == "new"


def doubtful(make_incidents, count, *, at=(400_530, 300_460), error_m=300.0):
    frame = make_incidents(each_month(*at, count), place="Sector middle")
    frame["error_m"] = error_m
    return frame


def test_doubtful_reports_are_no_part_of_a_hotspot_and_a_caution_says_what_they_brought(
    make_incidents, two_wards
):
    sure = town(make_incidents, ("Marton Road", each_month(400_530, 300_460, 8)))
    whole = pd.concat([sure, doubtful(make_incidents, 60)], ignore_index=True)
    whole["incident_id"] = [f"I{k:05d}" for k in range(len(whole))]
    plain = analyse(sure, two_wards, Settings(method="count"))
    answer = analyse(whole, two_wards, Settings(method="count"))
    top, before = answer.hotspots.iloc[0], plain.hotspots.iloc[0]
    assert (top.place_name, top.incident_count) == ("Marton Road", before.incident_count)
    assert top.p_value == before.p_value
    assert top.forecast_count > before.forecast_count
    assert set(answer.members["incident_id"]) == set(plain.members["incident_id"])
    share = 1 - before.forecast_count / top.forecast_count
    assert share > 1 / 3
    assert f"About {100 * share:.0f} % of what is foretold here" in top.cautions
    assert "foretold here" not in before.cautions


def test_a_few_doubtful_reports_are_no_reason_for_a_caution(make_incidents, two_wards):
    sure = town(make_incidents, ("Marton Road", each_month(400_530, 300_460, 8)))
    whole = pd.concat([sure, doubtful(make_incidents, 5)], ignore_index=True)
    whole["incident_id"] = [f"I{k:05d}" for k in range(len(whole))]
    found = analyse(whole, two_wards, Settings(method="count")).hotspots
    assert not found["cautions"].str.contains("foretold here").any()


def test_a_place_that_people_doubt_comes_last_with_their_reason(make_incidents, two_wards):
    incidents = town(
        make_incidents,
        ("Long Acre", each_month(400_250, 300_250, 40)),
        ("Marton Road", each_month(401_530, 300_460, 8)),
    )
    shop = Place(
        "Long Acre Stores", "large shop", CAUTION, 400_250.0, 300_250.0, 40.0, "Own guards deal with it"
    )
    before = analyse(incidents, two_wards, Settings()).hotspots
    assert before.iloc[0].place_name == "Long Acre"
    found = analyse(incidents, two_wards, Settings(), places=[shop]).hotspots
    assert found.iloc[0].place_name == "Marton Road"
    last = found.iloc[-1]
    assert last.place_name == "Long Acre" and last.recorded_at_place
    assert "Long Acre Stores (large shop) is set apart by the partnership: Own guards deal" in last.cautions
    assert "police station" not in last.cautions  # what the words rule says of stations is not said of a shop


def test_a_place_that_people_leave_out_is_no_hotspot_at_all(make_incidents, two_wards):
    incidents = town(
        make_incidents,
        ("Long Acre", each_month(400_250, 300_250, 40)),
        ("Marton Road", each_month(401_530, 300_460, 8)),
    )
    shop = Place("Long Acre Stores", "large shop", EXCLUSION, 400_250.0, 300_250.0, 40.0, "Own guards")
    answer = analyse(incidents, two_wards, Settings(), places=[shop])
    assert "Long Acre" not in set(answer.hotspots.place_name)
    assert "Marton Road" in set(answer.hotspots.place_name)
    # 40 a month for nine months, and one of the background in the same square's middle
    assert answer.counts["excluded"] == 360 + 9


def test_a_police_station_that_people_doubt_too_says_both(make_incidents, two_wards):
    incidents = town(make_incidents, ("Police Station", each_month(400_250, 300_250, 40)))
    station = Place(
        "Bridge Street", "police station", CAUTION, 400_250.0, 300_250.0, 40.0, "Custody searches"
    )
    last = analyse(incidents, two_wards, Settings(), places=[station]).hotspots.iloc[-1]
    assert "Custody searches. | Reports are recorded at this place" in last.cautions
