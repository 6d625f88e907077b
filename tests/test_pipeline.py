"""The whole run on invented data: accounting, periods, horizons."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from mapping import pipeline
from mapping.errors import AccountingError, TooLittleDataError, UnknownCategoryError
from mapping.hotspots.grid import make_grid
from mapping.periods import Period, month_period

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


def test_every_incident_is_counted_in_one_place(incidents, two_wards):
    counts = pipeline.analyse(incidents, two_wards, pipeline.Settings()).counts
    # 300 on the lattice less the unlocated one, one outside, one near the corner: 302 in all
    assert counts == {
        "incidents": 302, "unlocated": 1, "outside": 1, "in_wards": 300, "placed": 300, "coarse": 0,
        "ward_only": 0, "edge": 0,
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
        "ward_only": 1, "edge": 0,
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
    # 300 in the 181 days of January to June; July has 31
    assert answer.cells["score"].sum() == pytest.approx(300 / 181 * 31)
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
