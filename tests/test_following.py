"""A run from files follows the folder of an earlier one."""

import json
import shutil

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner

from mapping import file_run, following
from mapping.cli_store import cli
from mapping.errors import FileRefusedError
from mapping.pipeline import Settings

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)
# Recorded at a place, so that a stack is listed whatever the tests of the day say of it.
EDEN, MARTON, GROVE = (
    (-1.2301, 54.5652, "Police Station Eden Road"),
    (-1.2101, 54.5652, "Hospital Marton Road"),
    (-1.2101, 54.5612, "Magistrates Court Grove Hill"),
)


@pytest.fixture
def wards(tmp_path):
    ring = [[-1.24, 54.56], [-1.20, 54.56], [-1.20, 54.57], [-1.24, 54.57], [-1.24, 54.56]]
    ward = {
        "type": "Feature",
        "properties": {"WD25CD": "E05999001", "WD25NM": "West"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "wards.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [ward]}))
    return path


@pytest.fixture
def make(tmp_path, wards):
    """Run the months of 2025 with these busy places, and return the record and its hotspots."""

    def run(name, *busy, months=range(1, 7), since=None, **more):
        rows = []
        for month in months:
            quiet = [
                (-1.239 + 0.003 * i, 54.561 + 0.002 * j, f"Road {i}") for i in range(13) for j in range(5)
            ]
            for lon, lat, place in [*quiet, *(spot for spot, count in busy for _ in range(count))]:
                rows.append(
                    f",2025-{month:02d},Our Police,Our Police,{lon},{lat},On or near {place},"
                    "E01000001,Example 001A,Anti-social behaviour,,\n"
                )
        incidents = tmp_path / f"{name}.csv"
        incidents.write_text(HEADER + "".join(rows), encoding="utf-8")
        words = ["run", "--wards", wards, "--incidents", incidents, "--out", tmp_path / name, "--no-maps"]
        words += ["--since", tmp_path / since] if since else []
        words += [word for option, value in more.items() for word in (f"--{option.replace('_', '-')}", value)]
        done = CliRunner().invoke(cli, [str(word) for word in [*words, "--json"]], catch_exceptions=False)
        if done.exit_code:
            return done.stderr, None
        found = gpd.read_file(tmp_path / name / "hotspots.gpkg", layer="hotspots")
        return json.loads(done.stdout), dict(zip(found["place_name"], found["hotspot_id"], strict=True))

    return run


def since_of(record):
    return {one["hotspot_id"]: one["seen_since_on"] for one in record["identity"]["hotspots"]}


def test_ids_pass_from_folder_to_folder_and_what_is_gone_is_listed(make, tmp_path):
    first, ids = make("first", (EDEN, 12), (MARTON, 8))
    assert ids == {EDEN[2]: "H001", MARTON[2]: "H002"}
    assert (first["gone"], first["identity"]["last_number"]) == ([], 2)

    later = range(2, 8)
    second, ids = make("second", (GROVE, 14), (MARTON, 8), months=later, since="first")
    assert ids == {MARTON[2]: "H002", GROVE[2]: "H003"}
    assert second["gone"] == [
        {
            "hotspot_id": "H001",
            "place_name": EDEN[2],
            "ward_gss_code": "E05999001",
            "last_period": "2025-01-01:2025-07-01",
        }
    ]
    assert since_of(second) == {"H002": "2025-01-01", "H003": "2025-02-01"}
    proposed = pd.read_csv(tmp_path / "second" / "proposals.csv")
    assert set(proposed["proposal_id"]) == {"P-H002", "P-H003"}

    third, ids = make("third", (EDEN, 12), (MARTON, 8), months=range(3, 9), since="second")
    assert ids == {EDEN[2]: "H001", MARTON[2]: "H002"}  # Eden Road is back under its number
    assert [one["hotspot_id"] for one in third["gone"]] == ["H003"]
    assert since_of(third) == {"H001": "2025-03-01", "H002": "2025-01-01"}


def test_a_run_may_follow_the_folder_that_it_writes_anew(make):
    make("out", (EDEN, 12), (MARTON, 8))
    record, ids = make("out", (MARTON, 12), (EDEN, 8), since="out")
    assert ids == {EDEN[2]: "H001", MARTON[2]: "H002"}  # whichever comes first now
    assert record["gone"] == []


def test_what_is_gone_is_said_in_words(make, tmp_path, wards):
    make("first", (EDEN, 12), (MARTON, 8))
    make("second", (MARTON, 8), since="first")
    words = ["run", "--wards", wards, "--incidents", tmp_path / "second.csv", "--out", tmp_path / "again"]
    words += ["--no-maps", "--since", tmp_path / "first"]
    done = CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)
    assert f"Gone since last time: {EDEN[2]} (H001)." in done.stdout


def test_a_folder_of_something_else_is_refused_with_every_reason(make, tmp_path):
    make("first", (EDEN, 12))
    said, _ = make("second", (EDEN, 12), since="first", cell_size_m=200, category="Burglary")
    assert "It is a run of other categories" in said
    assert "Its cells are of 100 m, not of 200 m." in said
    record = json.loads((tmp_path / "first" / "run.json").read_text())
    record["audience"] = {"agencies": ["police"], "purpose": "community safety"}
    (tmp_path / "first" / "run.json").write_text(json.dumps(record))
    said, _ = make("third", (EDEN, 12), since="first")
    assert "another audience" in said
    assert not (tmp_path / "third").exists()


@pytest.mark.parametrize("lost", ["run.json", "hotspots.gpkg"])
def test_an_unfinished_folder_is_refused(make, tmp_path, lost):
    make("first", (EDEN, 12))
    (tmp_path / "first" / lost).unlink()
    said, _ = make("second", (EDEN, 12), since="first")
    assert "holds no finished run" in said


def test_a_folder_of_before_ids_is_refused(make, tmp_path):
    make("first", (EDEN, 12))
    shutil.copytree(tmp_path / "first", tmp_path / "old")
    record = json.loads((tmp_path / "old" / "run.json").read_text())
    del record["identity"]
    (tmp_path / "old" / "run.json").write_text(json.dumps(record))
    with pytest.raises(FileRefusedError, match="holds no finished run that hands ids on"):
        following.read_earlier(tmp_path / "old", Settings(), file_run.AUDIENCE)
