"""Proposals in words, from hotspots written by hand."""

import geopandas as gpd
import pytest
import shapely

from mapping.errors import MissingColumnsError
from mapping.schema import HOTSPOTS, PROPOSALS
from mapping.tasking import proposals

PERIOD = "1 July 2025 to 30 September 2025"


def hotspot(**changes):
    row = {
        "hotspot_id": "H001", "rank": 1, "ward_gss_code": "E05999001", "ward_name": "Beechwood",
        "other_wards": "", "incident_count": 31, "expected_count": 14.2, "rate_ratio": 2.18,
        "p_value": 0.0001, "p_value_fdr": 0.002, "harm_score": float("nan"), "trend": "persistent",
        "change": "rising",
        "peak_hours": "Fri-Sat 18:00-22:00",
        "top_categories": "ASB nuisance 20; Criminal damage and arson 11",
        "sources": "warden-log 18; police-101 13", "area_m2": 30000, "radius_m": 120.0, "cautions": "",
        "place_name": "14 Marton Road", "easting_m": 450000.0, "northing_m": 517000.0,
        "forecast_count": 10.4, "recorded_at_place": False, "monthly_counts": "4 5 4 6 6 6",
        **dict.fromkeys(("before", "seen_since_on", "last_seen_on", "source_mix", "excess_kind"), ""),
        "identity": "first seen", "capped_count": 0,
        **dict.fromkeys(("harm_rank", "weighted_share", "clumpiness"), float("nan")),
        "low_count": 6.0, "high_count": 15.0,
        "geometry": shapely.Point(450000, 517000).buffer(100),
    }  # fmt: skip
    return {**row, **changes}


def frame(*rows):
    return gpd.GeoDataFrame(list(rows), columns=list(HOTSPOTS), geometry="geometry", crs="EPSG:27700")


def test_a_place_that_stands_out_by_its_rise_says_so_and_not_its_share():
    # 4 5 4 6 6 6: 18 of 31 in the last three months
    made = proposals.propose(frame(hotspot(excess_kind="rise")), period=PERIOD).iloc[0]
    assert made.reasons.split(" | ")[0] == (
        "31 reports from 1 July 2025 to 30 September 2025, 18 of them in the last three months "
        "(very unlikely to be chance)."
    )


def test_a_rising_peak_is_a_joint_patrol_and_says_why():
    made = proposals.propose(frame(hotspot()), period=PERIOD).iloc[0]
    assert made.response == "joint patrol"
    assert made.headline == "Joint patrol: Marton Road, Beechwood, Fri-Sat 18:00-22:00"
    assert made.reasons.split(" | ") == [
        "31 reports from 1 July 2025 to 30 September 2025, 14 expected if its ward's reports fell evenly "
        "(2.2 times; very unlikely to be chance).",
        "About 10 (9 times in 10 between 6 and 15) more are foretold there for the coming period.",
        "Rising: more in the last three months than the borough's own change explains.",
        "Hot in nine of ten months or more, without a clear rise or fall.",
        "Stands out on Fri-Sat 18:00-22:00.",
        "Mostly ASB nuisance 20 and Criminal damage and arson 11.",
        "warden-log and police-101 both report it.",
    ]


def test_no_house_number_reaches_a_proposal():
    made = proposals.propose(frame(hotspot(place_name="14 Marton Road, TS3 8AB")), period=PERIOD).iloc[0]
    assert made.place_name == "Marton Road"
    assert "14 Marton" not in made.headline


@pytest.mark.parametrize(
    ("changes", "response"),
    [
        ({"recorded_at_place": True}, "check the place"),
        ({"incident_count": 12}, "more information first"),
        ({"change": "steady", "peak_hours": ""}, "problem-solving"),
        ({"change": "steady", "peak_hours": "", "monthly_counts": "4 0 4 6 6 6"}, "joint patrol"),
        ({"change": "rising", "peak_hours": ""}, "joint patrol"),
    ],
)
def test_the_response_follows_from_the_evidence(changes, response):
    made = proposals.propose(frame(hotspot(**changes)), period=PERIOD)
    assert made.iloc[0].response == response


def test_ranks_within_a_ward_follow_the_borough_s():
    rows = [
        hotspot(hotspot_id="H002", rank=2, ward_gss_code="B"),
        hotspot(),
        hotspot(hotspot_id="H003", rank=3),
    ]
    made = proposals.propose(frame(*rows), period=PERIOD)
    assert list(made.hotspot_id) == ["H001", "H002", "H003"]
    assert list(made.ward_rank) == [1, 1, 2]


def test_no_hotspot_gives_no_proposal_and_keeps_the_columns():
    made = proposals.propose(frame(), period=PERIOD)
    assert list(made.columns) == list(PROPOSALS) and len(made) == 0


def test_a_frame_without_its_columns_is_refused():
    with pytest.raises(MissingColumnsError, match="hotspots"):
        proposals.propose(frame().drop(columns="rank"), period=PERIOD)


@pytest.mark.parametrize("history", ["none", "too short"])
def test_a_history_that_says_nothing_is_no_reason(history):
    made = proposals.propose(frame(hotspot(trend=history)), period=PERIOD).iloc[0]
    assert "months or more" not in made.reasons and "ten months" not in made.reasons
