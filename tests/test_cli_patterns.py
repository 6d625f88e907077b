"""`hotspots patterns`: from files and from the store, in words, tables and one JSON object."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from mapping import crs
from mapping.cli_backtest import cli
from mapping.cli_patterns import near_repeat_grid
from mapping.places.set_apart import EXCLUSION, Place
from mapping.store import accounts, excluded_places
from mapping.store.engine import open_store

KEYS = {"category", "reports", "placed", "known_to_the_day", "known_to_the_day_share", "near_repeats",
        "clusters", "gathering"}  # fmt: skip


@pytest.fixture
def run(tmp_path):
    """Run a command on a fresh store."""
    settings = {
        "HOTSPOTS_DATABASE_URL": f"sqlite:///{tmp_path / 'instance' / 'hotspots.db'}",
        "HOTSPOTS_INSTANCE_DIR": str(tmp_path / "instance"),
    }

    def go(*words, actor=""):
        env = settings | ({"HOTSPOTS_ACTOR": actor} if actor else {})
        return CliRunner().invoke(cli, [str(word) for word in words], env=env, catch_exceptions=False)

    return go


@pytest.fixture
def wards(tmp_path, two_wards):
    path = tmp_path / "wards.geojson"
    named = two_wards.rename(columns={"ward_gss_code": "WD25CD", "ward_name": "WD25NM"})
    named.to_crs("EPSG:4326").to_file(path)
    return path


@pytest.fixture
def timed(tmp_path):
    """160 burglaries over a year, and every fourth followed three days later 50 m off."""
    rng = np.random.default_rng(0)
    points = np.column_stack([rng.uniform(400_100, 401_800, 160), rng.uniform(300_100, 300_800, 160)])
    days = rng.integers(0, 360, 160)
    points = np.vstack([points, points[::4] + 35.0]).round(1)
    days = np.concatenate([days, days[::4] + 3])
    lon, lat = crs.to_wgs84(points[:, 0], points[:, 1])
    at = pd.Timestamp("2025-01-01T12:00") + pd.to_timedelta(days, unit="D")
    frame = pd.DataFrame(
        {
            "incident_id": [f"T{k}" for k in range(200)], "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S"),
            "type": "Burglary", "easting": points[:, 0], "northing": points[:, 1], "longitude": lon,
            "latitude": lat, "location": "Eden Road",
        }
    )  # fmt: skip
    path = tmp_path / "timed.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def months(tmp_path):
    """Thirty burglaries of police.uk, known to the month."""
    lon, lat = crs.to_wgs84(np.array([400_500.0]), np.array([300_500.0]))
    head = (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
        "Last outcome category,Context\n"
    )
    force = "Exampleshire Police"
    rows = [
        f",2025-01,{force},{force},{lon[0] + 0.001 * (k % 5):.6f},{lat[0]:.6f},On or near Eden Road,"
        "E01000001,Example 001A,Burglary,,\n"
        for k in range(30)
    ]
    path = tmp_path / "2025-01-exampleshire-street.csv"
    path.write_text(head + "".join(rows), encoding="utf-8")
    return path


def test_a_planted_series_is_found_in_one_object(run, wards, timed):
    done = run("patterns", "--wards", wards, "--incidents", timed, "--layout", "timed-points", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["from"], told["to"], told["seed"], told["draws"]) == ("2025-01-01", "2026-01-01", 0, 199)
    (burglary,) = told["patterns"]
    assert set(burglary) == KEYS
    assert (burglary["placed"], burglary["known_to_the_day_share"]) == (200, 1.0)
    repeats = burglary["near_repeats"]
    assert repeats["p_value"] == 1 / 200 and repeats["knox_ratio"] > 1.4
    assert repeats["observed"] / repeats["expected"] == repeats["knox_ratio"]
    assert len(repeats["rows"]) == 5 * 6  # four bands and beyond, five and later
    assert set(repeats["rows"][0]) == {
        "distance_band", "time_band", "observed", "expected", "knox_ratio", "p_value",
    }  # fmt: skip
    last = pd.read_csv(timed)["timestamp"].max()
    data_ends = (pd.Timestamp(last).normalize() + pd.Timedelta(days=1)).date().isoformat()
    assert burglary["clusters"]["rows"]
    for row in burglary["clusters"]["rows"]:
        assert row["from_on"] < row["to_on"] == data_ends
        assert row["said"] and row["place_name"] == "Eden Road"


def test_a_terminal_shows_sentences_and_a_table(run, wards, timed):
    done = run("patterns", "--wards", wards, "--incidents", timed, "--layout", "timed-points")
    assert done.exit_code == 0, done.stderr
    assert "After one report of burglary, another within 200 m in the next week" in done.stdout
    assert "up to 100 m" in done.stdout and "2-7 days" in done.stdout
    assert "over 400 m" not in done.stdout
    assert "in the 21 days to" in done.stdout and "squares" in done.stdout


def test_months_alone_say_why_not_with_the_share(run, wards, months):
    words = ("patterns", "--wards", wards, "--incidents", months)
    done = run(*words)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.count("only the month is known (0 % are known to the day)") == 1
    told = json.loads(run(*words, "--json").stdout)["patterns"][0]
    assert (told["known_to_the_day_share"], told["near_repeats"]["p_value"]) == (0.0, None)
    assert told["near_repeats"]["rows"] == told["clusters"]["rows"] == []
    assert told["gathering"]["moran_i"] is not None


def test_real_police_uk_months_count_no_days_and_gather(run, real_data):
    wards = real_data / "boundaries" / "wards_2025" / "E06000002.geojson"
    files = sorted((real_data / "police_uk" / "cleveland").glob("*-street.csv.gz"))[:2]
    done = run("patterns", "--wards", wards, "--incidents", *files, "--category", "Burglary", "--json")
    assert done.exit_code == 0, done.stderr
    (burglary,) = json.loads(done.stdout)["patterns"]
    assert burglary["placed"] > 20 and burglary["known_to_the_day"] == 0
    assert "only the month is known" in burglary["near_repeats"]["said"]
    assert burglary["near_repeats"]["rows"] == burglary["clusters"]["rows"] == []
    assert burglary["gathering"]["p_value"] < 0.05


def test_the_store_says_what_the_files_say_and_notes_who_looked(run, wards, timed):
    words = ("--from", "2025-01-01", "--to", "2026-01-01", "--json")
    files = run("patterns", "--wards", wards, "--incidents", timed, "--layout", "timed-points", *words)
    assert run("boundaries", "add", wards, "--edition", "May 2025").exit_code == 0
    assert run("import", "timed-points", timed).exit_code == 0
    before = json.loads(run("audit", "verify", "--json").stdout)["entries"]
    stored = run("patterns", *words)
    assert stored.exit_code == 0, stored.stderr
    assert json.loads(stored.stdout)["patterns"][0]["near_repeats"]["knox_ratio"] == pytest.approx(
        json.loads(files.stdout)["patterns"][0]["near_repeats"]["knox_ratio"]
    )
    after = json.loads(run("audit", "verify", "--json").stdout)
    assert after["verified"] and after["entries"] == before + 1


def test_a_backtest_of_the_store_says_what_the_files_say_and_notes_who_looked(run, wards, timed):
    words = ("backtest", "--train", "2025-01:2025-08", "--test", "2025-09:2025-12", "--json")
    files = run(*words, "--wards", wards, "--incidents", timed, "--layout", "timed-points")
    run("boundaries", "add", wards, "--edition", "May 2025")
    run("import", "timed-points", timed)
    before = json.loads(run("audit", "verify", "--json").stdout)["entries"]
    stored = run(*words)
    assert stored.exit_code == 0, stored.stderr
    assert json.loads(stored.stdout)["rows"] == json.loads(files.stdout)["rows"] != []
    assert json.loads(run("audit", "verify", "--json").stdout)["entries"] == before + 1
    assert run(*words, "--wards", wards).exit_code == 2
    assert run(*words, "--layout", "timed-points").exit_code == 2


def test_a_place_set_apart_in_the_store_is_left_out(run, wards, timed, tmp_path):
    run("boundaries", "add", wards, "--edition", "May 2025")
    run("import", "timed-points", timed)
    first = pd.read_csv(timed).iloc[0]
    station = Place(
        "Bridge Street desk",
        "police station",
        EXCLUSION,
        first["easting"],
        first["northing"],
        20.0,
        "Custody",
    )
    store = open_store(f"sqlite:///{tmp_path / 'instance' / 'hotspots.db'}", upgrade=False)
    with store.transaction() as session:
        now = dt.datetime.now(dt.UTC)
        excluded_places.add(session, station, actor=accounts.first_actor(session, now=now), now=now)
    store.close()
    points = pd.read_csv(timed)[["easting", "northing"]]
    left = int((np.hypot(*(points - points.iloc[0]).to_numpy().T) > 20).sum())
    told = json.loads(run("patterns", "--json").stdout)["patterns"][0]
    assert told["placed"] == left < 200


def test_an_edition_of_another_level_or_unknown_is_refused(run, wards, tmp_path):
    zones = tmp_path / "lsoa.geojson"
    zones.write_text(wards.read_text().replace("WD25", "LSOA21"))
    run("boundaries", "add", wards, "--edition", "May 2025")
    run("boundaries", "add", zones, "--edition", "LSOA 2021", "--level", "LSOA")
    done = run("patterns", "--edition", "LSOA 2021")
    assert done.exit_code == 3 and "LSOA 2021 holds LSOAs; an edition of wards is" in done.stderr
    assert run("patterns", "--edition", "Nowhere").exit_code == 3


def test_who_may_make_no_run_may_not_look_for_patterns(run, wards, timed):
    run("boundaries", "add", wards, "--edition", "May 2025")
    run("import", "timed-points", timed)
    run("users", "add", "dee", "--role", "auditor", "--agency", "community-safety-partnership")
    done = run("patterns", actor="dee")
    assert done.exit_code == 4 and "auditor" in done.stderr and not done.stdout


def test_an_empty_store_is_refused_in_one_sentence(run, wards):
    assert run("patterns").exit_code == 3  # no boundaries yet
    run("boundaries", "add", wards, "--edition", "May 2025")
    done = run("patterns")
    assert done.exit_code == 3 and done.stderr.count("\n") == 1 and "nothing to analyse" in done.stderr


def test_half_of_the_files_a_layout_without_files_and_few_draws_are_wrong_usage(run, wards, timed):
    assert "both --wards and --incidents" in run("patterns", "--wards", wards).stderr
    for words in (("--incidents", timed), ("--layout", "police-uk"), ("--draws", 10), ("--seed", -1)):
        done = run("patterns", *words)
        assert done.exit_code == 2 and "Error: " in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--category", "Unheard of"), "Unheard of"),
        (("--from", "2025-01-01"), "both --from and --to"),
        (("--from", "soon", "--to", "2025-02-01"), "is not a date"),
        (("--from", "2020-01-01", "--to", "2020-02-01"), "No incident from 1 January 2020"),
        (("--cell-size-m", "7"), "A cell of 7.0 m cannot be used"),
        (("--layout", "no-such-layout"), "no-such-layout"),
    ],
)
def test_a_bad_argument_gets_one_sentence_and_exit_code_3(run, wards, timed, words, said):
    given = words if "--layout" in words else ("--layout", "timed-points", *words)
    done = run("patterns", "--wards", wards, "--incidents", timed, *given)
    assert done.exit_code == 3, done.stderr
    assert said in done.stderr and "Traceback" not in done.stderr and not done.stdout


def test_the_grid_marks_what_beats_chance_and_leaves_out_what_lies_beyond():
    table = pd.DataFrame(
        [
            ("same place", "0-1 days", 4, 1.0, 4.0, 0.005),
            ("same place", "2-7 days", 0, 0.0, np.nan, 1.0),
            ("same place", "43 days or more", 9, 9.0, 1.0, 0.5),
            ("100-200 m", "0-1 days", 1200, 1000.0, 1.2, 0.04),
            ("100-200 m", "2-7 days", 3, 3.0, 1.0, 0.6),
            ("over 400 m", "0-1 days", 9, 9.0, 1.0, 0.5),
        ],
        columns=["distance_band", "time_band", "observed", "expected", "knox_ratio", "p_value"],
    )
    assert near_repeat_grid(table).to_dict("records") == [
        {"distance": "same place", "0-1 days": "4.0 (4 / 1.0) **", "2-7 days": "- (0 / 0.0)"},
        {"distance": "100-200 m", "0-1 days": "1.2 (1,200 / 1,000.0) *", "2-7 days": "1.0 (3 / 3.0)"},
    ]
