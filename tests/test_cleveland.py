"""Nine real months of four boroughs, whole: every row accounted for, and does it hold."""

import datetime as dt
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from mapping import file_run, pipeline
from mapping.cli_backtest import cli
from mapping.evidence import backtest
from mapping.periods import parse_period

pytestmark = pytest.mark.real_data

NOW = dt.datetime(2025, 11, 1, tzinfo=dt.UTC)
CATEGORIES = ("Anti-social behaviour", "Burglary", "Vehicle crime", "Criminal damage and arson", "Drugs")
SHARES = (0.005, 0.01, 0.02, 0.05)


@pytest.fixture(scope="module")
def files(real_data):
    wards = sorted((real_data / "boundaries" / "wards_2025").glob("E0600000[1-4].geojson"))
    return wards, real_data / "police_uk" / "cleveland"


@pytest.fixture(scope="module")
def folder(files, tmp_path_factory):
    out = tmp_path_factory.mktemp("cleveland")
    wards, incidents = files
    words = [
        "run",
        "--wards",
        *map(str, wards),
        "--incidents",
        str(incidents),
        "--out",
        str(out),
        "--no-maps",
    ]
    done = CliRunner().invoke(cli, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return out, json.loads(done.stdout)


def test_every_row_is_accounted_for_and_none_is_taken_for_another(folder):
    _, record = folder
    assert record["rows_in"] == 67_094
    # 4,908 rows are identical to an earlier one: anti-social behaviour without an id, each an incident
    assert (record["incidents"], record["joined"], record["rejected"]) == (67_094, 0, 0)
    assert (record["in_wards"], record["outside"], record["unlocated"], record["wards"]) == (
        67_079,
        15,
        0,
        83,
    )


def test_police_stations_and_hospitals_come_last_with_a_caution(folder):
    out, _ = folder
    spots = gpd.read_file(out / "hotspots.geojson").sort_values("rank")
    recorded = spots["cautions"].str.contains("recorded at this place")
    assert recorded.sum() >= 10
    # the busiest point of all is a police station with 510, the second a hospital with 425
    assert sorted(spots.loc[recorded, "incident_count"])[-2:] == [425, 510]
    assert spots.loc[recorded, "rank"].min() > spots.loc[~recorded, "rank"].max()


def test_shapes_can_be_walked_and_centres_keep_their_distance(folder):
    out, _ = folder
    spots = gpd.read_file(out / "hotspots.gpkg", layer="hotspots")
    assert (spots["radius_m"] <= 150).all()
    assert (spots["area_m2"] <= np.pi * 180**2).all()  # a disc of 150 m and the 30 m around it
    assert (spots["peak_hours"].fillna("") == "").all()  # month-only data never has an hour


def test_cells_hold_what_is_in_the_wards(folder):
    out, record = folder
    cells = pd.read_csv(out / "cells.csv", keep_default_na=False)
    assert cells["incident_count"].sum() == record["in_wards"] - record["edge"]
    assert cells["cell_id"].is_unique and len(cells) == 59_782
    # October is foretold at about the level of July to September: 23,732 in 92 days
    assert cells["score"].sum() == pytest.approx(23_732 / 92 * 31, rel=0.05)


@pytest.fixture(scope="module")
def trials(files):
    wards, incidents = files
    loaded = file_run.load(
        wards, [incidents], layout="police-uk", edition="", now=NOW, watch=pipeline.Stopwatch()
    )
    split = {"train": parse_period("2025-01:2025-06"), "test": parse_period("2025-07:2025-09")}
    tables, found = zip(
        *(
            pipeline.rehearse(loaded.incidents, loaded.wards, **split, categories=chosen, area_shares=SHARES)
            for chosen in ((), CATEGORIES)
        ),
        strict=True,
    )
    return [*found[0], *found[1]], [*tables]


def test_plain_count_and_a_broad_kernel_reach_what_the_field_knows(trials):
    table = trials[1][0].set_index(["method", "area_share"])
    # PAI at 1 %: about 45.8 by counting what happened before, 21.5 by a 250 m kernel
    assert table.loc[("count", 0.01), "pai"] == pytest.approx(45.8, abs=0.5)
    assert table.loc[("kernel 250 m", 0.01), "pai"] == pytest.approx(21.5, abs=0.5)


def test_auto_is_nowhere_below_the_best_baseline_beyond_its_interval(trials):
    for trial in trials[0]:
        for share in SHARES:
            table = backtest.tabulate(trial, area_shares=(share,)).set_index("method")
            best = table.loc[list(backtest.BASELINES), "hits"].idxmax()
            difference, low, high = backtest.paired_interval(trial, "auto", best, share, seed=1)
            assert high >= 0, f"{trial.category} at {share}: {difference} ({low} to {high}) against {best}"


def test_the_mean_pei_of_auto_is_above_that_of_every_baseline(trials):
    mean = pd.concat(trials[1]).groupby("method")["pei"].mean()
    assert (mean["auto"] > mean[list(backtest.BASELINES)]).all(), mean


def test_what_is_foretold_for_the_flagged_cells_is_what_came(trials):
    # calibrated in level: summed over all sets at 1 %, foretold over came within a tenth
    rows = pd.concat(trials[1])
    rows = rows[(rows["method"] == "auto") & (rows["area_share"] == 0.01)]
    foretold = (rows["rri_predicted_observed"] * rows["hits"]).sum()
    assert foretold / rows["hits"].sum() == pytest.approx(1.0, abs=0.1)
