"""The two commands as a person uses them, against servers on this machine that answer as documented."""

import csv
import json
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from mapping.cli_fetch import cli

HOUSE = Path(__file__).resolve().parents[2]


@pytest.fixture
def place(tmp_path):
    """Where everything of one test is kept."""
    return {
        "HOTSPOTS_DATABASE_URL": f"sqlite:///{tmp_path}/store/hotspots.db",
        "HOTSPOTS_INSTANCE_DIR": str(tmp_path / "instance"),
    }


@pytest.fixture
def portal(replay, ons, place):
    server = replay(ons.answer)
    place["HOTSPOTS_ONS_URL"] = server.url
    return server


@pytest.fixture
def force(replay, police, place):
    for number in range(30):
        police.add(100 + number, -1.239 + 0.0005 * number, 54.565, month=police.months[number % 3])
    server = replay(police.answer)
    place["HOTSPOTS_POLICE_UK_URL"] = server.url
    return server


def run(*words, place):
    return CliRunner().invoke(cli, [str(word) for word in words], env=place, catch_exceptions=False)


# --- boundaries fetch ----------------------------------------------------------------------------


def test_fetched_wards_become_the_edition_in_use(portal, place, tmp_path):
    done = run("boundaries", "fetch", "E06000002", "--json", place=place)
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer == {
        "edition_id": answer["edition_id"], "name": "May 2025 (E06000002)", "wards": 7,
        "service": "Wards_May_2025_Boundaries_UK_BFC", "messages": [],
    }  # fmt: skip
    (edition,) = json.loads(run("boundaries", "list", "--json", place=place).stdout)["editions"]
    assert (edition["edition_id"], edition["ward_count"]) == (answer["edition_id"], 7)
    assert edition["source"] == "Wards_May_2025_Boundaries_UK_BFC_E06000002.geojson"
    assert edition["licence"] == (
        "Source: Office for National Statistics licensed under the Open Government Licence v3.0. "
        "Contains OS data © Crown copyright and database right 2025"
    )
    # again: nothing is asked, and it is the same edition
    before = len(portal.seen)
    again = json.loads(run("boundaries", "fetch", "E06000002", "--json", place=place).stdout)
    assert again == answer and len(portal.seen) == before
    for folder in ("instance", "instance/fetched", "instance/fetched/answers"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o700


def test_an_older_edition_can_be_named(portal, ons, place):
    ons.year = "23"
    done = run(
        "boundaries", "fetch", "E06000002", "--edition", "May 2023", "--name", "Old wards", place=place
    )
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "Edition Old wards (7 wards) is the one in use now.\n"
    assert portal.seen[1].parts[1] == "WD_MAY_2023_UK_BFC"


def test_out_writes_a_file_and_stores_nothing(portal, place, tmp_path):
    out = tmp_path / "new" / "wards.geojson"
    done = run("boundaries", "fetch", "E06000002", "E06000004", "--out", out, "--json", place=place)
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["edition_id"], answer["wards"], answer["out"]) == (None, 10, str(out))
    document = json.loads(out.read_text(encoding="utf-8"))
    assert document["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::27700"
    assert len(document["features"]) == 10
    assert not (tmp_path / "store").exists()
    # and `boundaries add` takes it
    assert run("boundaries", "add", out, "--edition", "May 2025", place=place).exit_code == 0


def test_outlines_that_ward_files_may_not_have_are_refused_here_too(portal, ons, place):
    crossed = [
        [450_000, 518_000],
        [451_000, 519_000],
        [451_000, 518_000],
        [450_000, 519_000],
        [450_000, 518_000],
    ]
    ons.features["E05000003"] = {"geometry": {"type": "Polygon", "coordinates": [crossed]}}
    done = run("boundaries", "fetch", "E06000002", place=place)
    assert done.exit_code == 3 and "E05000003" in done.stderr and "crosses itself" in done.stderr
    assert json.loads(run("boundaries", "list", "--json", place=place).stdout)["editions"] == []


def test_who_may_not_keep_wards_asks_nothing(portal, place):
    run("users", "add", "dee", "--role", "auditor", "--agency", "community-safety-partnership", place=place)
    done = run("boundaries", "fetch", "E06000002", place={**place, "HOTSPOTS_ACTOR": "dee"})
    assert done.exit_code == 4 and portal.seen == []


@pytest.mark.parametrize(
    "words",
    [
        ("boundaries", "fetch"),
        ("fetch", "police-uk"),
        ("fetch", "police-uk", "--force", "x", "--months", "0"),
    ],
)
def test_wrong_usage_is_exit_code_2(place, words):
    assert run(*words, place=place).exit_code == 2


@pytest.mark.parametrize(
    "address", ["http://data.police.uk", "https://169.254.169.254/", "https://a@127.0.0.1/"]
)
def test_an_unsafe_address_stops_a_command_before_anything_is_asked(place, address):
    done = run("boundaries", "fetch", "E06000002", place={**place, "HOTSPOTS_ONS_URL": address})
    assert done.exit_code == 3 and "HOTSPOTS_ONS_URL" in done.stderr and "Traceback" not in done.stderr


def test_a_source_that_refuses_is_one_sentence_and_exit_code_3(replay, reply, place):
    server = replay(lambda question: reply(b"<html>sign in</html>"))
    done = run("boundaries", "fetch", "E06000002", place={**place, "HOTSPOTS_ONS_URL": server.url})
    assert done.exit_code == 3
    assert done.stderr == (
        "127.0.0.1 sent a web page where data was expected: the service is under repair, or the network "
        "wants a sign-in first.\n"
    )


def test_a_fetch_killed_between_pages_goes_on_with_exactly_the_pages_left(
    portal, ons, reply, place, tmp_path
):
    ons.wards = [(f"E0500{n:04d}", f"Ward {n}", "E06000002") for n in range(1, 81)]
    held = threading.Event()
    ons.first["resultOffset=50"] = reply(before=lambda: held.wait(30))
    words = ["boundaries", "fetch", "E06000002", "--out", str(tmp_path / "wards.geojson")]
    killed = subprocess.Popen(
        [sys.executable, "-m", "mapping", *words], cwd=HOUSE, env={**os.environ, **place}
    )
    deadline = time.monotonic() + 60
    while not any(q.params.get("resultOffset") == "50" for q in portal.seen) and time.monotonic() < deadline:
        time.sleep(0.02)
    killed.kill()
    killed.wait(10)
    held.set()
    assert not (tmp_path / "wards.geojson").exists()
    before = len(portal.seen)
    assert before == 6  # list, layer, count, and the pages from 0, 25 and 50
    done = run(*words, place=place)
    assert done.exit_code == 0, done.stderr
    assert [question.params["resultOffset"] for question in portal.seen[before:]] == ["50", "75"]
    assert len(json.loads((tmp_path / "wards.geojson").read_text())["features"]) == 80


# --- fetch police-uk -----------------------------------------------------------------------------


def test_months_become_files_that_the_named_command_imports(force, place, tmp_path):
    done = run("fetch", "police-uk", "--force", "exampleshire", "--months", 3, place=place)
    assert done.exit_code == 0, done.stderr
    folder = tmp_path / "instance" / "fetched" / "police-uk" / "exampleshire"
    said = f"30 crimes of 3 months are in {folder}. Import them with: hotspots import police-uk {folder}\n"
    assert done.stdout == said
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    words = said.split("hotspots ")[1].split()
    imported = json.loads(run(*words, "--json", place=place).stdout)
    assert (imported["status"], imported["rows_in"], imported["new"]) == ("accept_all", 30, 30)


def test_the_object_names_every_month_its_file_and_where_it_came_from(force, police, place, tmp_path):
    police.months = ["2025-09", "2025-07"]
    words = [
        "fetch",
        "police-uk",
        "--force",
        "exampleshire",
        "--months",
        3,
        "--out",
        tmp_path / "out",
        "--json",
    ]
    first = json.loads(run(*words, place=place).stdout)
    assert (first["force"], first["missing"], first["out"]) == (
        "exampleshire",
        ["2025-08"],
        str(tmp_path / "out"),
    )
    assert first["months"] == [
        {"month": month, "rows": 10, "from_cache": False,
         "file": str(tmp_path / "out" / f"{month}-exampleshire-street.csv")}
        for month in ("2025-07", "2025-09")
    ]  # fmt: skip
    before = len(force.seen)
    again = json.loads(run(*words, place=place).stdout)
    assert [month["from_cache"] for month in again["months"]] == [True, True]
    assert [question.parts[-1] for question in force.seen[before:]] == ["crime-last-updated"]
    with Path(again["months"][0]["file"]).open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 10


def test_import_at_once_stores_each_crime_once(force, place):
    words = ["fetch", "police-uk", "--force", "exampleshire", "--months", 2, "--import", "--json"]
    first = json.loads(run(*words, place=place).stdout)["import"]
    assert (first["rows_in"], first["new"]) == (20, 20)
    again = json.loads(run(*words, place=place).stdout)["import"]
    assert (again["new"], again["unchanged"]) == (0, 20)
    assert len(run("incidents", "list", place=place).stdout.splitlines()) == 20


def test_an_unknown_force_and_months_without_anything_are_refused(force, police, place, tmp_path):
    done = run("fetch", "police-uk", "--force", "narnia", "--out", tmp_path / "out", place=place)
    assert done.exit_code == 3 and "exampleshire, kent" in done.stderr
    police.crimes = []
    done = run("fetch", "police-uk", "--force", "exampleshire", "--out", tmp_path / "out", place=place)
    assert done.exit_code == 3 and "no file was written" in done.stderr
    assert not list(tmp_path.glob("out/*"))


# --- off unless called ---------------------------------------------------------------------------


def test_nothing_is_asked_of_the_web_unless_a_fetch_is_called(portal, force, place, tmp_path):
    run("fetch", "police-uk", "--force", "exampleshire", "--months", 3, "--out", tmp_path / "f", place=place)
    run("boundaries", "fetch", "E06000002", "--out", tmp_path / "wards.geojson", place=place)
    before = len(portal.seen) + len(force.seen)
    for words in (
        ("doctor",),
        ("boundaries", "add", tmp_path / "wards.geojson", "--edition", "May 2025"),
        ("boundaries", "list"),
        ("import", "police-uk", tmp_path / "f"),
        ("incidents", "list"),
        ("find",),
        ("run", "--wards", tmp_path / "wards.geojson", "--incidents", tmp_path / "f", "--out", tmp_path),
    ):
        run(*words, place=place)
    assert len(portal.seen) + len(force.seen) == before
