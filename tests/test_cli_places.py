"""`hotspots gazetteer`: built from files, with the wards of the store, and looked into."""

import json
import stat

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner

from mapping.cli_places import cli

POSTCODES = "".join(f'"EX1 {n}AA",10,{400100 + 10 * n},300500\n' for n in range(10))
POINTS = "street_or_place,longitude,latitude\nMill Lane,-2.0,52.6\n,-2.0,52.6\nMill Lane,-2.0,52.601\n"


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
def files(tmp_path):
    for name, text in (("a.csv", POSTCODES), ("b.csv", POSTCODES.replace("EX1", "EX2")), ("p.csv", POINTS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    square = shapely.box(400_000, 300_000, 401_000, 301_000)
    wards = gpd.GeoDataFrame(
        {"WD26CD": ["E05999001"], "WD26NM": ["West"]}, geometry=[square], crs="EPSG:27700"
    )
    wards.to_crs("EPSG:4326").to_file(tmp_path / "wards.geojson")
    return tmp_path


def test_a_fresh_store_builds_without_wards_and_says_so(run, files):
    answer = run(
        "gazetteer",
        "build",
        "--code-point",
        files / "a.csv",
        files / "b.csv",
        "--street-points",
        files / "p.csv",
    )
    assert answer.exit_code == 0, answer.stderr
    assert "No wards are loaded" in answer.stderr
    assert "a.csv (code point): 10 rows = 10 kept + 0 refused + 0 left out." in answer.stdout
    assert "p.csv (street points): 4 rows = 2 kept + 1 refused + 1 left out." in answer.stdout
    assert "1 refused: it has no name" in answer.stdout
    assert "postcode: 20" in answer.stdout
    path = files / "instance" / "gazetteer.sqlite"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_json_accounts_for_every_row_and_show_says_it_again(run, files):
    told = json.loads(run("gazetteer", "build", "--code-point", files / "a.csv", "--json").stdout)
    (file,) = told["files"]
    assert file["rows"] == file["kept"] + sum(file["refused"].values()) + sum(file["left_out"].values()) == 10
    assert told["levels"]["postcode"] == 10
    shown = json.loads(run("gazetteer", "show", "--json").stdout)
    assert shown["content_sha256"] == told["content_sha256"]
    assert shown["levels"] == told["levels"]
    assert str(files) not in json.dumps(shown)  # names of files and no paths


def test_wards_come_from_the_store_or_from_the_files_named(run, files):
    named = json.loads(
        run(
            "gazetteer",
            "build",
            "--code-point",
            files / "a.csv",
            "--wards",
            files / "wards.geojson",
            "--json",
        ).stdout
    )
    assert (named["ward_edition"], named["in_wards"]["postcode"]) == ("2026", 10)
    assert run("boundaries", "add", files / "wards.geojson", "--edition", "May 2026").exit_code == 0
    held = json.loads(run("gazetteer", "build", "--code-point", files / "a.csv", "--json").stdout)
    assert (held["ward_edition"], held["in_wards"]["postcode"]) == ("May 2026", 10)


def test_out_writes_elsewhere_and_leaves_the_one_in_use(run, files):
    out = files / "other" / "trial.sqlite"
    assert run("gazetteer", "build", "--places", files / "p.csv", "--out", out).exit_code == 0
    assert out.is_file()
    answer = run("gazetteer", "show")
    assert answer.exit_code == 3
    assert "There is no gazetteer yet" in answer.stderr


def test_a_name_is_shown_with_the_entries_it_leads_to(run, files):
    run("gazetteer", "build", "--street-points", files / "p.csv")
    (entry,) = json.loads(run("gazetteer", "show", "mill lane", "--json").stdout)["entries"]
    assert (entry["name"], entry["level"], entry["ward_gss_code"]) == ("Mill Lane", "street", "")
    assert "Mill Lane" in run("gazetteer", "show", "MILL LANE").stdout
    assert "no entry of this name" in run("gazetteer", "show", "Elm Lane").stderr


def test_wrong_use_and_wrong_files_get_a_sentence_and_their_exit_code(run, files):
    assert run("gazetteer", "build").exit_code == 2
    answer = run("gazetteer", "build", "--code-point", files / "p.csv")
    assert answer.exit_code == 3
    assert "cannot be read as Code-Point Open" in answer.stderr
    assert "Mill Lane" not in answer.stderr


def test_who_may_not_build_is_refused_by_the_rule(run, files):
    assert run("agencies", "list").exit_code == 0
    agency = json.loads(run("agencies", "list", "--json").stdout)["agencies"]
    if not agency:
        run("agencies", "add", "Council")
        agency = json.loads(run("agencies", "list", "--json").stdout)["agencies"]
    made = run("users", "add", "ada", "--role", "auditor", "--agency", agency[0]["agency_id"])
    assert made.exit_code == 0, made.stderr
    answer = run("gazetteer", "build", "--code-point", files / "a.csv", actor="ada")
    assert answer.exit_code == 4
    assert "may not create this (gazetteer)" in answer.stderr
    assert not (files / "instance" / "gazetteer.sqlite").exists()
    assert run("gazetteer", "show", actor="ada").exit_code == 4


def test_a_build_is_written_down(run, files):
    run("gazetteer", "build", "--code-point", files / "a.csv")
    told = json.loads(run("audit", "verify", "--json").stdout)
    assert told["verified"]
