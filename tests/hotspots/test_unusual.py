"""What a run says of the end of its data, and of bank holidays."""

import pandas as pd
import pytest
from scipy import stats

from mapping.hotspots.unusual import MOST_ROWS, find_unusual, nation_of, on_bank_holidays
from mapping.periods import month_period

END = pd.Timestamp("2025-03-09T12:00Z")  # a Sunday, winter: UTC is the London clock
MAY = month_period("2025-05")


def events(
    *ages_hours, precision="minute", hours=0.0, ward="E05999001", category="Noise", source="log", caller=""
):
    start = pd.Series([END - pd.Timedelta(hours=age) for age in ages_hours], dtype="datetime64[us, UTC]")
    return pd.DataFrame(
        {
            "category": category,
            "ward_gss_code": ward,
            "placement": "in ward",
            "source": source,
            "incident_id": [f"{ward} {category} {age}" for age in ages_hours],
            "complainant_hash": caller,
            "easting_m": 400_000.0,
            "northing_m": 300_000.0,
            "occurred_from": start,
            "occurred_to": start + pd.Timedelta(hours=hours),
            "time_precision": precision,
        }
    )


def weekly(count, **options):
    """Return one event in each of so many weeks before the last, 50 hours into the week."""
    return events(*(168 * k + 50 for k in range(1, count + 1)), **options)


def test_a_busy_last_week_is_told_with_its_ward_category_and_end():
    # 9 in the last week, one a week in the 13 before: 9 or more of Bin(22, 1/14); one row only
    found = find_unusual(pd.concat([events(*range(0, 135, 15)), weekly(16)]))
    week = next(row for row in found if row["window_days"] == 7)
    assert (week["ward"], week["category"], week["count"], week["normal"]) == ("E05999001", "Noise", 9, 1)
    assert week["p_value"] == pytest.approx(stats.binom.sf(8, 22, 1 / 14))
    assert week["p_value_fdr"] == week["p_value"]
    assert week["until"] == "2025-03-09T12:00:01+00:00"  # the last moment is in the window
    assert week["said"] == "9 reports in the last 7 days, 1 normal (9 times; very unlikely to be chance)."


def test_an_even_year_is_not_unusual():
    assert find_unusual(pd.concat([events(0), weekly(16)])) == []


def test_of_months_alone_nothing_is_said():
    assert find_unusual(events(*[100] * 40, precision="month", hours=744)) == []
    assert find_unusual(events()) == []


def test_months_without_days_move_the_end_of_what_is_known_nowhere():
    later = events(-500, precision="month", hours=744)
    found = find_unusual(pd.concat([events(*range(0, 135, 15)), weekly(16), later]))
    assert {row["until"] for row in found} == {"2025-03-09T12:00:01+00:00"}


def test_what_lies_in_no_ward_is_not_counted():
    assert find_unusual(pd.concat([events(*range(9)).assign(placement="unlocated"), weekly(16)])) == []


def test_a_source_that_began_to_tell_is_no_rise():
    # a fire log that is first heard of a week ago brings nine; the same nine of a source known before tell
    old = pd.concat([events(0), weekly(16)])
    nine = events(*range(5, 140, 15), category="Fire", source="fire")
    assert find_unusual(pd.concat([old, nine])) == []
    long_known = events(168 * 15, category="Noise", source="fire")
    assert {row["category"] for row in find_unusual(pd.concat([old, nine, long_known]))} == {"Fire"}


def test_one_caller_is_no_rise():
    # of the nine of one person within reach three count: 3 or more of Bin(16, 1/14) has chance 0.10
    assert find_unusual(pd.concat([events(*range(0, 135, 15), caller="c1"), weekly(16)])) == []


def test_too_little_before_says_nothing():
    assert find_unusual(pd.concat([events(*range(9)), weekly(3)])) == []


def test_the_end_of_days_is_the_end_of_the_last_day():
    days = pd.concat([events(12, precision="day", hours=24), events(*range(20, 100, 8)), weekly(16)])
    assert {row["until"] for row in find_unusual(days)} == {"2025-03-10T00:00:00+00:00"}


def test_the_most_telling_come_first_and_no_more_than_the_most():
    wards = [
        pd.concat([events(*[3] * (9 + k), ward=f"E059990{k:02d}"), weekly(16, ward=f"E059990{k:02d}")])
        for k in range(MOST_ROWS)
    ]
    found = find_unusual(pd.concat(wards))
    assert len(found) == MOST_ROWS
    assert [row["p_value_fdr"] for row in found] == sorted(row["p_value_fdr"] for row in found)
    assert found[0]["ward"] == f"E059990{MOST_ROWS - 1:02d}"


def test_the_order_of_rows_changes_nothing():
    incidents = pd.concat([events(*range(0, 135, 15)), weekly(16)], ignore_index=True)
    assert find_unusual(incidents.sample(frac=1, random_state=1)) == find_unusual(incidents)


@pytest.mark.parametrize(
    ("code", "nation"),
    [("E05999001", "ENG"), ("W05000001", "WLS"), ("S13000001", "SCT"), ("N08000101", "NIR"), ("", "ENG")],
)
def test_the_code_of_a_ward_names_the_nation(code, nation):
    assert nation_of(code) == nation


def hotspots(**wards):
    return pd.DataFrame({"hotspot_id": list(wards), "ward_gss_code": list(wards.values())})


def reports(moments_of):
    """Return incidents and members: the moments of each hotspot."""
    pairs = [(hotspot, moment) for hotspot, moments in moments_of.items() for moment in moments]
    start = pd.to_datetime([moment for _, moment in pairs], utc=True)
    ids = [f"I{k}" for k in range(len(pairs))]
    incidents = pd.DataFrame(
        {"incident_id": ids, "occurred_from": start, "occurred_to": start, "time_precision": "minute"}
    )
    return incidents, pd.DataFrame({"hotspot_id": [h for h, _ in pairs], "incident_id": ids})


HOLIDAY = ["2025-05-05T12:00Z"] * 4 + ["2025-05-26T12:00Z"] * 4


def test_a_hotspot_of_bank_holidays_is_told_and_others_are_not():
    # 8 Monday reports, all on the two of four Mondays that are bank holidays: 1 / 256, twice that corrected
    incidents, members = reports({"H1": HOLIDAY, "H2": ["2025-05-06T12:00Z"] * 8})
    said = on_bank_holidays(incidents, members, hotspots(H1="E05999001", H2="E05999001"), MAY)
    assert said == {"H1": "8 reports on bank holidays, where 4.0 would be usual."}


def test_among_many_hotspots_luck_is_not_told():
    # 1 / 256 times 14 hotspots is 0.055
    many = {f"H{k}": ["2025-05-06T12:00Z"] for k in range(2, 15)}
    incidents, members = reports({"H1": HOLIDAY, **many})
    wards = dict.fromkeys(["H1", *many], "E05999001")
    assert on_bank_holidays(incidents, members, hotspots(**wards), MAY) == {}


def test_scotland_and_england_each_keep_their_own():
    # 4 August 2025 is a bank holiday in Scotland alone, one of four Mondays: (1/4)^8
    august = month_period("2025-08")
    incidents, members = reports({"H1": ["2025-08-04T12:00Z"] * 8, "H2": ["2025-08-04T12:00Z"] * 8})
    said = on_bank_holidays(incidents, members, hotspots(H1="S13000001", H2="E05999001"), august)
    assert said == {"H1": "8 reports on bank holidays, where 2.0 would be usual."}


def test_without_days_or_without_hotspots_nothing_is_said():
    incidents, members = reports({"H1": HOLIDAY})
    monthly = incidents.assign(time_precision="month")
    assert on_bank_holidays(monthly, members, hotspots(H1="E05999001"), MAY) == {}
    none = pd.DataFrame({"hotspot_id": [], "incident_id": []})
    assert on_bank_holidays(incidents, none, hotspots(), MAY) == {}
