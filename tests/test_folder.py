"""What a run's folder says of the reports that are not on its map."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from mapping import folder, pipeline
from mapping.periods import month_period
from mapping.publishing.view import for_ward
from mapping.schema import empty_issues

MONTHS = [f"2025-{m:02d}" for m in range(1, 7)]


@pytest.fixture
def analysis(make_incidents, two_wards):
    """600 reports: 500 placed over both wards, 60 of West known only roughly, 40 of West only to the ward."""
    points = [(400_050 + 200 * i, 300_050 + 200 * j) for i in range(10) for j in range(5)]
    placed = make_incidents([(x, y, month, 1) for x, y in points for month in MONTHS[:5] * 2])
    placed["ward_gss_code"] = np.where(placed["easting_m"] < 401_000, "E05999001", "E05999002")
    rough = make_incidents([(400_500, 300_500, month, 10) for month in MONTHS]).assign(error_m=1500.0)
    known_to_ward = make_incidents([(np.nan, np.nan, "2025-01", 40)]).assign(error_m=np.nan)
    whole = pd.concat([placed, rough, known_to_ward], ignore_index=True)
    whole["incident_id"] = [f"I{k:05d}" for k in range(len(whole))]
    return pipeline.analyse(whole, two_wards, pipeline.Settings())


@pytest.fixture
def account(analysis):
    return folder.Account(len(analysis.incidents), 0, 0, empty_issues(), [], [], {})


def test_the_run_says_what_is_placed_and_what_its_tests_leave_out(analysis, account, tmp_path):
    watch = pipeline.Stopwatch()
    folder.write(analysis, account, tmp_path, maps=False, ward_pages=False, watch=watch)
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["in_wards"] == record["placed"] + record["coarse"] + record["ward_only"] == 600
    # 500 of 600 are placed: 83.3 %
    assert record["placing"] == {
        "reports": 600,
        "placed": 500,
        "coarse": 60,
        "ward_only": 40,
        "placed_share": pytest.approx(500 / 600),
        "tests_leave_out_share": pytest.approx(100 / 600),
        "said": "Placed 83 % of reports; 60 known only roughly are spread over the squares they may lie in, "
        "and are in no test; 40 known only to the ward are in the totals, not on the map",
        "warning": "Only 83 % of the reports could be placed. Below 85 % a map may mislead: find the missing "
        "places first.",
    }


def test_ward_totals_hold_what_is_on_no_map(analysis, account, tmp_path):
    folder.write(analysis, account, tmp_path, maps=False, ward_pages=False, watch=pipeline.Stopwatch())
    totals = pd.read_csv(tmp_path / "wards.csv").set_index("ward_name")
    assert totals.loc["West"].tolist() == ["E05999001", 350, 250, 60, 40]
    assert totals.loc["East"].tolist() == ["E05999002", 250, 250, 0, 0]
    cells = pd.read_csv(tmp_path / "cells.csv")
    assert cells["incident_count"].sum() == 500


def test_a_roughly_known_report_is_no_circle_on_a_map(analysis, account):
    view = folder.map_view(analysis, account)
    assert view.points["count"].sum() == 500
    assert view.warnings[0].startswith("Only 83 % of the reports could be placed.")
    # West: 250 of 350 are 71 %; East: all
    assert for_ward(view, "E05999001").warnings[0].startswith("Only 71 %")
    assert for_ward(view, "E05999002").warnings == ()
    assert for_ward(view, "E05999002").provenance.endswith("Placed 100 % of reports")


def test_a_map_file_says_under_it_how_its_method_would_have_held(analysis, account):
    line = folder.map_view(analysis, account).provenance.replace("\u00a0", " ")
    # the 50 points are alike every month, so the 2 squares that are 1 % of 200 hold 2 of 50: 4 %
    assert "Method: count; level of the fading months. Nothing beat counting" in line
    assert "1 % of the area held 4 % of what followed in trial months" in line


def test_run_json_says_what_is_unusual_and_which_hotspots_bank_holidays_fill(analysis, account):
    # of months alone neither is known
    record = folder.describe(analysis, account)
    assert (record["unusual"], record["bank_holidays"]) == ([], {})
    row = {"ward": "E05999001", "category": "Noise", "window_days": 7, "count": 9}
    told = folder.describe(dataclasses.replace(analysis, unusual=[row]), account)
    assert told["unusual"] == [row]


def test_a_hotspot_of_bank_holidays_is_said_under_the_id_it_is_kept_with(analysis):
    # 8 Monday reports of May 2025, on the two of four Mondays that are bank holidays: 1 / 256
    moments = pd.to_datetime(["2025-05-05T12:00Z"] * 4 + ["2025-05-26T12:00Z"] * 4)
    dated = analysis.incidents.head(8).assign(
        occurred_from=moments, occurred_to=moments, time_precision="minute"
    )
    renamed = dataclasses.replace(
        analysis,
        incidents=dated,
        period=month_period("2025-05"),
        members=pd.DataFrame({"hotspot_id": "H042", "incident_id": dated["incident_id"]}),
        hotspots=pd.DataFrame({"hotspot_id": ["H042"], "ward_gss_code": ["E05999001"]}),
    )
    assert folder.bank_holidays(renamed) == {"H042": "8 reports on bank holidays, where 4.0 would be usual."}
