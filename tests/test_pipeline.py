"""The whole run on invented data: accounting, periods, horizons."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from mapping import pipeline
from mapping.errors import AccountingError, TooLittleDataError, UnknownCategoryError
from mapping.hotspots.grid import make_grid
from mapping.periods import Period, month_period
from mapping.places.set_apart import CAUTION, EXCLUSION, Place

MONTHS = [f"2025-{m:02d}" for m in range(1, 7)]


@pytest.fixture
def incidents(make_incidents):
    """Some in a ward, one outside, one without a place, one in a ward but in an edge cell."""
    cells = [
        (400_050 + 200 * i, 300_050 + 200 * j, month, 1)
        for i in range(10)
        for j in range(5)
        for month in MONTHS
    ]
    frame = make_incidents([*cells, (399_900, 299_900, "2025-03", 1), (400_001, 300_001, "2025-03", 1)])
    frame["ward_gss_code"] = np.where(frame["easting_m"] < 401_000, "E05999001", "E05999002")
    frame.loc[len(frame) - 2, ["ward_gss_code", "placement"]] = ["", "outside"]
    frame.loc[0, ["easting_m", "northing_m", "ward_gss_code", "placement"]] = [
        np.nan,
        np.nan,
        "",
        "unlocated",
    ]
    return frame


def july_like(*monthly):
    """Return the 31 days of July at the rate of January to June, each month fading by 0.6 to the one before.

    E.g. 50 in each but 49 and 51: (49 x 0.078 + 50 x 0.130 + 51 x 0.216 + 50 x 1.96) / 72.1 days x 31.
    """
    fading = 0.6 ** np.arange(6)[::-1]
    return float(fading @ np.array(monthly) / (fading @ np.array([31, 28, 31, 30, 31, 30])) * 31)


def test_every_incident_is_counted_in_one_place(incidents, two_wards):
    counts = pipeline.analyse(incidents, two_wards, pipeline.Settings()).counts
    # 300 on the lattice less the unlocated one, one outside, one near the corner: 302 in all
    assert counts == {
        "incidents": 302, "unlocated": 1, "outside": 1, "in_wards": 300, "placed": 300, "coarse": 0,
        "ward_only": 0, "edge": 0, "excluded": 0, "capped": 0,
    }  # fmt: skip


def test_an_incident_in_a_ward_but_in_a_cell_whose_centre_is_not_is_an_edge_incident(incidents, two_wards):
    slim = two_wards.copy()
    slim["geometry"] = two_wards.geometry.buffer(-60)  # so the outermost cells have their centre outside
    grid = make_grid(slim)
    counts = pipeline.count_up(incidents, grid)
    # centres lie outside in the columns 400 050 and 401 050 and the row 300 050: 2 x 5 + 10 - 2 = 18 points
    # of six months, less the one that lost its place, and the one near the corner
    assert counts["edge"] == 18 * 6 - 1 + 1
    assert counts["in_wards"] == 300


def test_an_incident_known_only_to_its_ward_is_in_the_totals_and_in_no_cell(incidents, two_wards):
    incidents.loc[0, ["ward_gss_code", "placement"]] = ["E05999001", "in ward"]
    answer = pipeline.analyse(incidents, two_wards, pipeline.Settings())
    assert answer.counts == {
        "incidents": 302, "unlocated": 0, "outside": 1, "in_wards": 301, "placed": 300, "coarse": 0,
        "ward_only": 1, "edge": 0, "excluded": 0, "capped": 0,
    }  # fmt: skip
    assert answer.cells["incident_count"].sum() == 300


def test_placements_that_do_not_add_up_are_a_fault_here(incidents, two_wards):
    incidents.loc[5, "placement"] = "somewhere"
    with pytest.raises(AccountingError, match="do not add up"):
        pipeline.count_up(incidents, make_grid(two_wards))


def test_cell_counts_add_up_to_the_incidents_in_study_cells(incidents, two_wards):
    answer = pipeline.analyse(incidents, two_wards, pipeline.Settings())
    assert answer.cells["incident_count"].sum() == 300
    assert answer.cells["cell_id"].is_unique and len(answer.cells) == 200
    assert answer.cells["expected_count"].sum() == pytest.approx(300)


def test_scores_add_up_to_a_month_like_those_before(incidents, two_wards):
    answer = pipeline.analyse(incidents, two_wards, pipeline.Settings(method="count"))
    # 50 a month; one of January lost its place, and March has one more near the corner
    assert answer.cells["score"].sum() == pytest.approx(july_like(49, 50, 51, 50, 50, 50))
    assert str(answer.horizon) == "1 July 2025 to 31 July 2025"


@pytest.mark.parametrize(
    ("period", "days", "horizon"),
    [
        (month_period("2025-01", "2025-03"), None, Period(dt.date(2025, 4, 1), dt.date(2025, 5, 1))),
        (Period(dt.date(2025, 1, 1), dt.date(2025, 3, 15)), None,
         Period(dt.date(2025, 3, 15), dt.date(2025, 4, 14))),
        (month_period("2025-01", "2025-12"), None, Period(dt.date(2026, 1, 1), dt.date(2026, 2, 1))),
        (month_period("2025-01", "2025-03"), 7, Period(dt.date(2025, 4, 1), dt.date(2025, 4, 8))),
    ],
)  # fmt: skip
def test_the_horizon_is_the_next_month_or_so_many_days(period, days, horizon):
    assert pipeline._horizon(period, days) == horizon


def test_a_period_without_incidents_is_refused_in_a_sentence(incidents, two_wards):
    settings = pipeline.Settings(period=month_period("2019-01", "2019-03"))
    with pytest.raises(
        TooLittleDataError, match="No located incident lies in these wards from 1 January 2019"
    ):
        pipeline.analyse(incidents, two_wards, settings)


def test_an_unknown_category_is_refused_before_any_work():
    with pytest.raises(UnknownCategoryError, match="is not a category here"):
        pipeline.Settings(categories=("Piracy",))


def test_a_category_is_analysed_against_all_that_is_known_of_its_cells(make_incidents, two_wards):
    rows = [(400_050 + 200 * i, 300_050, month, 2) for i in range(10) for month in MONTHS]
    burglary = make_incidents(rows[:12], category="Burglary")
    frame = pd.concat(
        [make_incidents([(x, y + 200, m, k) for x, y, m, k in rows] * 2), burglary], ignore_index=True
    )
    frame["incident_id"] = [f"I{k}" for k in range(len(frame))]
    answer = pipeline.analyse(frame, two_wards, pipeline.Settings(categories=("burglary",), method="count"))
    assert answer.settings.categories == ("Burglary",)
    assert answer.cells["incident_count"].sum() == len(burglary)


def test_a_run_is_the_same_each_time(incidents, two_wards):
    one, other = (pipeline.analyse(incidents, two_wards, pipeline.Settings()) for _ in range(2))
    assert one.cells.equals(other.cells) and one.choice.description == other.choice.description


def test_nothing_handed_in_is_changed(incidents, two_wards):
    before, wards_before = incidents.copy(), two_wards.copy()
    pipeline.analyse(incidents, two_wards, pipeline.Settings())
    assert incidents.equals(before) and two_wards.equals(wards_before)


def roughly(make_incidents, count, *, error_m=1500.0, months=MONTHS, at=(400_500.0, 300_500.0), **words):
    """Make reports whose place is only known to be somewhere around a point."""
    frame = make_incidents([(*at, month, count) for month in months], **words)
    frame["error_m"] = error_m
    return frame


def joined(*frames):
    whole = pd.concat(frames, ignore_index=True)
    whole["incident_id"] = [f"I{k:05d}" for k in range(len(whole))]
    return whole


def test_a_false_hotspot_at_the_middle_of_a_sector_does_not_arise(incidents, two_wards, make_incidents):
    rough = roughly(make_incidents, 20, place="Sector middle")
    trusted = pipeline.analyse(joined(incidents, rough.assign(error_m=100.0)), two_wards, pipeline.Settings())
    spread = pipeline.analyse(joined(incidents, rough), two_wards, pipeline.Settings())
    assert list(trusted.hotspots["place_name"]) == [
        "Sector middle"
    ]  # what a geocoder's word for it would draw
    assert len(spread.hotspots) == 0
    assert spread.cells["is_hot"].sum() == 0


def test_cells_hold_whole_placed_incidents_and_the_forecast_holds_all(incidents, two_wards, make_incidents):
    answer = pipeline.analyse(
        joined(incidents, roughly(make_incidents, 10)), two_wards, pipeline.Settings(method="count")
    )
    assert answer.cells["incident_count"].sum() == 300
    assert answer.cells["expected_count"].sum() == pytest.approx(300)
    # 300 whole and 60 doubtful, ten a month
    assert answer.cells["score"].sum() == pytest.approx(july_like(59, 60, 61, 60, 60, 60))


def test_mixed_foretells_the_level_of_all_that_has_a_place(incidents, two_wards, make_incidents):
    alone = pipeline.analyse(incidents, two_wards, pipeline.Settings(method="mixed"))
    whole = joined(incidents, roughly(make_incidents, 10))
    answer = pipeline.analyse(whole, two_wards, pipeline.Settings(method="mixed"))
    # 60 doubtful beside 300 whole, evenly over the months: a fifth more
    assert answer.cells["score"].sum() == pytest.approx(1.2 * alone.cells["score"].sum(), rel=0.01)


def test_exact_tests_are_the_same_as_if_the_doubtful_had_never_been_told(
    incidents, two_wards, make_incidents
):
    alone = pipeline.analyse(incidents, two_wards, pipeline.Settings()).cells
    whole = joined(incidents, roughly(make_incidents, 30))
    answer = pipeline.analyse(whole, two_wards, pipeline.Settings())
    for column in ("incident_count", "expected_count", "p_value", "p_value_fdr", "is_hot"):
        assert answer.cells[column].equals(alone[column]), column
    # 180 of 480 in wards are left out of them
    assert answer.placing[""].untested_share == pytest.approx(180 / 480)


def test_in_wards_are_placed_coarse_or_known_only_to_the_ward(incidents, two_wards, make_incidents):
    rough = roughly(make_incidents, 2)
    unplaced = roughly(make_incidents, 1, error_m=np.nan, at=(np.nan, np.nan))
    answer = pipeline.analyse(joined(incidents, rough, unplaced), two_wards, pipeline.Settings())
    assert answer.counts == {
        "incidents": 320, "unlocated": 1, "outside": 1, "in_wards": 318, "placed": 300, "coarse": 12,
        "ward_only": 6, "edge": 0, "excluded": 0, "capped": 0,
    }  # fmt: skip
    assert answer.placing[""].as_dict() == {"reports": 319, "placed": 300, "coarse": 12, "ward_only": 6}
    assert answer.placing["E05999001"].ward_only == 6
    assert answer.cells["incident_count"].sum() == 300  # what is known only to its ward is in no cell
    assert answer.cells["score"].sum() == pytest.approx(
        pipeline.analyse(joined(incidents, rough), two_wards, pipeline.Settings()).cells["score"].sum()
    )


def test_a_coarse_report_outside_every_ward_says_nothing_about_any_cell(incidents, two_wards, make_incidents):
    away = roughly(make_incidents, 10, at=(399_900.0, 300_500.0), ward="").assign(placement="outside")
    answer = pipeline.analyse(joined(incidents, away), two_wards, pipeline.Settings(method="count"))
    assert answer.cells["score"].sum() == pytest.approx(july_like(49, 50, 51, 50, 50, 50))


def test_a_stated_ward_keeps_its_reports_to_it(incidents, two_wards, make_incidents):
    rough = roughly(make_incidents, 10).assign(stated_area="E05999001")
    answer = pipeline.analyse(joined(incidents, rough), two_wards, pipeline.Settings(method="count"))
    by_ward = answer.cells.groupby("ward_gss_code")["score"].sum()
    # in West 150 whole ones less the lost one, one near the corner, and all 60 doubtful ones; 150 in East
    july = july_like(59, 60, 61, 60, 60, 60)
    assert by_ward["E05999001"] == pytest.approx((149 + 1 + 60) / 360 * july)
    assert by_ward["E05999002"] == pytest.approx(150 / 360 * july)


def test_a_month_with_only_doubtful_reports_is_no_gap(incidents, two_wards, make_incidents):
    june = pd.Timestamp("2025-05-31T23:00", tz="UTC")
    kept = incidents[incidents["occurred_from"] < june]
    whole = joined(kept, roughly(make_incidents, 10, months=["2025-06"]))
    history = pipeline.build_history(whole, make_grid(two_wards), month_period("2025-01", "2025-06"))
    assert history.days.tolist() == [31, 28, 31, 30, 31, 30]


def test_cells_smaller_than_every_error_are_refused_with_the_size_that_would_do(incidents, two_wards):
    with pytest.raises(TooLittleDataError, match=r"within one cell of 50 m; use cells of 100 m"):
        pipeline.analyse(incidents, two_wards, pipeline.Settings(cell_size_m=50))


def test_a_run_of_one_category_tells_of_its_own_reports_how_many_are_placed(two_wards, make_incidents):
    rows = [(400_050 + 200 * i, 300_050, month, 2) for i in range(10) for month in MONTHS]
    burglary = make_incidents(rows, category="Burglary")
    noise = roughly(make_incidents, 10)
    answer = pipeline.analyse(
        joined(burglary, noise), two_wards, pipeline.Settings(categories=("Burglary",), method="count")
    )
    assert answer.placing[""].as_dict() == {"reports": 120, "placed": 120, "coarse": 0, "ward_only": 0}
    assert answer.counts["coarse"] == 60  # every row that came is still accounted for
    assert answer.cells["score"].sum() == pytest.approx(july_like(*[20] * 6))


def test_maps_are_judged_by_placed_events_and_what_that_leaves_out_is_told(
    incidents, two_wards, make_incidents
):
    whole = joined(incidents, roughly(make_incidents, 10))
    split = {"train": month_period("2025-01", "2025-04"), "test": month_period("2025-05", "2025-06")}
    table, (trial,) = pipeline.rehearse(whole, two_wards, **split)
    assert set(table["events"]) == {100.0}  # 50 whole ones in each of two months
    assert trial.followed.sum() == 100
    assert trial.left_out_share == pytest.approx(20 / 120)
    assert trial.placed_share == pytest.approx(200 / 240, abs=0.005)
    plain = pipeline.rehearse(incidents, two_wards, **split)[1][0]
    assert plain.left_out_share == 0 and plain.placed_share == 1


STATION = Place("Bridge Street desk", "police station", EXCLUSION, 400_250.0, 300_250.0, 30.0, "Custody desk")


def test_what_is_left_out_is_in_no_square_and_in_every_total(incidents, two_wards):
    plain = pipeline.analyse(incidents, two_wards, pipeline.Settings())
    answer = pipeline.analyse(incidents, two_wards, pipeline.Settings(), places=[STATION])
    # one lattice point, 400 250 / 300 250, lies within 30 m of the desk: six months, six incidents
    assert answer.counts == {**plain.counts, "excluded": 6}
    assert answer.placing == plain.placing
    assert plain.cells["incident_count"].sum() - answer.cells["incident_count"].sum() == 6
    at_desk = answer.cells[answer.cells["cell_id"] == "E400200N300200"]
    assert at_desk["incident_count"].tolist() == [0]
    assert len(answer.incidents) == len(incidents)
    [applied] = answer.set_apart
    assert (applied.place, applied.reports, applied.ward_gss_code) == (STATION, 6, "E05999001")


def test_a_report_known_only_roughly_is_not_left_out_with_a_place(incidents, two_wards):
    incidents.loc[incidents["easting_m"] == 400_250.0, "error_m"] = 400.0
    answer = pipeline.analyse(incidents, two_wards, pipeline.Settings(), places=[STATION])
    assert answer.counts["excluded"] == 0


def test_a_caution_changes_no_square_and_no_score(incidents, two_wards):
    doubted = dataclasses.replace(STATION, treatment=CAUTION)
    plain = pipeline.analyse(incidents, two_wards, pipeline.Settings())
    answer = pipeline.analyse(incidents, two_wards, pipeline.Settings(), places=[doubted])
    assert answer.cells.equals(plain.cells)
    assert answer.counts == plain.counts
    assert [one.reports for one in answer.set_apart] == [6]


def test_a_place_where_nothing_lies_changes_nothing_and_is_said(incidents, two_wards):
    elsewhere = dataclasses.replace(STATION, easting_m=500_000.0)
    plain = pipeline.analyse(incidents, two_wards, pipeline.Settings())
    answer = pipeline.analyse(incidents, two_wards, pipeline.Settings(), places=[elsewhere])
    assert answer.cells.equals(plain.cells)
    assert [(one.reports, one.ward_gss_code) for one in answer.set_apart] == [(0, "")]


def loud_corner(make_incidents, calls, callers):
    """Return so many calls a month at one corner; call k of a month comes from caller k modulo `callers`."""
    frame = make_incidents([(400_530, 300_460, month, calls) for month in MONTHS], place="Marton Road")
    frame["complainant_hash"] = [f"{number % callers:064x}" for number in range(len(frame))]
    return frame


def test_a_run_says_what_stands_beside_each_count(incidents, two_wards, make_incidents):
    told = joined(incidents, loud_corner(make_incidents, 12, 72).assign(category="Robbery"))
    hotspot = pipeline.analyse(told, two_wards, pipeline.Settings()).hotspots.iloc[0]
    # Twelve robberies of 365 days in each of six months; the few others within its reach have no weight.
    assert (hotspot.place_name, hotspot.harm_score, hotspot.harm_rank) == ("Marton Road", 72 * 365, 1)
    assert 0.5 < hotspot.weighted_share <= 1
    assert hotspot.last_seen_on == "2025-06"
    assert hotspot.source_mix == "Every report of this map comes from police.uk: nobody else is heard."
    assert hotspot.capped_count == 0


def test_one_caller_is_in_every_total_and_makes_no_hotspot(incidents, two_wards, make_incidents):
    by_one = joined(incidents, loud_corner(make_incidents, 12, 1))
    analysis = pipeline.analyse(by_one, two_wards, pipeline.Settings())
    assert "Marton Road" not in set(analysis.hotspots["place_name"])
    assert analysis.counts["incidents"] == len(by_one)
    assert analysis.placing[pipeline.WHOLE].placed == len(incidents) - 2 + 72


def test_one_caller_at_a_hotspot_is_said_beside_it_and_makes_it_no_stronger(
    incidents, two_wards, make_incidents
):
    many = joined(incidents, loud_corner(make_incidents, 12, 72))
    one = loud_corner(make_incidents, 12, 1).assign(complainant_hash="c" * 64)
    alone, beside = (
        pipeline.analyse(joined(many, one.head(calls)), two_wards, pipeline.Settings()).hotspots.iloc[0]
        for calls in (3, 72)
    )
    assert (alone.capped_count, beside.capped_count) == (0, 69)
    for name in ("incident_count", "expected_count", "p_value", "forecast_count", "monthly_counts"):
        assert alone[name] == beside[name]


def _dated(incidents, make_incidents):
    """Add, from a log that knows the minute, one noise report a week and ten in the last two days of June."""
    end = pd.Timestamp("2025-06-30T12:00Z")
    ages = [*range(0, 40, 4), *(24 * 7 * k + 50 for k in range(1, 17))]
    own = make_incidents([(400_450, 300_450, "2025-06", len(ages))], category="Noise", precision="minute")
    own["occurred_from"] = own["occurred_to"] = pd.Series([end - pd.Timedelta(hours=age) for age in ages])
    own["incident_id"], own["source"] = [f"N{k:05d}" for k in range(len(own))], "log"
    return pd.concat([incidents, own], ignore_index=True)


def test_a_run_says_what_is_unusual_at_the_end_of_its_data(incidents, two_wards, make_incidents):
    dated = _dated(incidents, make_incidents)
    told = pipeline.analyse(dated, two_wards, pipeline.Settings()).unusual
    week = next(row for row in told if row["window_days"] == 7)
    # ten in the last week, 13 in the 13 weeks before; the month-only lattice says nothing of days
    assert (week["ward"], week["category"], week["count"], week["normal"]) == ("E05999001", "Noise", 10, 1)
    assert {row["until"] for row in told} == {"2025-06-30T12:00:01+00:00"}


def test_a_run_of_another_category_says_nothing_of_this_one(incidents, two_wards, make_incidents):
    settings = pipeline.Settings(categories=("Anti-social behaviour",))
    assert pipeline.analyse(_dated(incidents, make_incidents), two_wards, settings).unusual == []


def test_the_end_of_the_data_is_told_whatever_the_period(incidents, two_wards, make_incidents):
    settings = pipeline.Settings(period=month_period("2025-01", "2025-03"))
    assert pipeline.analyse(_dated(incidents, make_incidents), two_wards, settings).unusual


def test_of_months_alone_a_run_finds_nothing_unusual(incidents, two_wards):
    assert pipeline.analyse(incidents, two_wards, pipeline.Settings()).unusual == []


def test_a_category_that_stopped_months_ago_is_no_fault_and_no_hotspot(incidents, two_wards, make_incidents):
    early = make_incidents([(400_530, 300_460, "2025-01", 9)], category="Robbery", place="Marton Road")
    told = joined(incidents, early)
    for method in ("auto", "count"):
        answer = pipeline.analyse(told, two_wards, pipeline.Settings(categories=("Robbery",), method=method))
        assert len(answer.hotspots) == 0
