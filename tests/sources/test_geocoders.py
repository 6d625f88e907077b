"""Somebody else's geocoder: asked only on purpose, and believed little. Servers on this machine stand in."""

import json

import pytest
from click.testing import CliRunner

from mapping.cli_geocode import cli
from mapping.errors import SettingsError, SourceError
from mapping.settings import read_settings
from mapping.sources import geocoders

from .conftest import Reply

OSM = [
    {"display_name": "Pallister Park,\u202e Middlesbrough", "lat": "54.5700", "lon": "-1.2345"},
    {"display_name": "<script>alert(1)</script>", "lat": "54.5", "lon": "-1.2"},
    {"display_name": "Far away", "lat": "48.85", "lon": "2.35"},
    {"display_name": "Nowhere", "lat": "NaN", "lon": "1e308"},
    {"display_name": 7, "lat": "54.5", "lon": "-1.2"},
    {"lat": None, "lon": []},
]
OS = {"results": [{"DPA": {"ADDRESS": "14, EDEN ROAD", "X_COORDINATE": 449590.0, "Y_COORDINATE": 519687.0}}]}


def test_nominatim_is_asked_for_great_britain_and_gives_candidates(replay, make_client):
    server = replay(lambda question: Reply.of(OSM))
    found = geocoders.ask(make_client(server.url), geocoders.NOMINATIM, "pallister pk")
    (question,) = server.seen
    assert question.path.endswith("/search")
    assert question.params["q"] == "pallister pk"
    assert question.params["countrycodes"] == "gb"
    # Direction marks are gone, what lies abroad or nowhere too; markup is text like any other.
    assert [one["name"] for one in found] == ["Pallister Park, Middlesbrough", "<script>alert(1)</script>"]
    assert found[0]["easting_m"] == pytest.approx(449_590, abs=1)
    assert found[0]["northing_m"] == pytest.approx(519_688, abs=1)
    assert found[0]["score"] is None


def test_os_places_gets_the_key_and_gives_the_address_point(replay, make_client):
    server = replay(lambda question: Reply.of(OS))
    (found,) = geocoders.ask(make_client(server.url), geocoders.OS_PLACES, "14 Eden Road", key="secret-key")
    assert server.seen[0].params["key"] == "secret-key"
    assert (found["easting_m"], found["level"], found["error_m"]) == (449_590, "property", 15.0)


@pytest.mark.parametrize(
    "answered",
    [
        Reply.of({"results": "no"}), Reply.of([1, 2]), Reply.of({"results": [{"DPA": 1}]}), Reply(b"<html>"),
        Reply(b"[", sent=1), Reply(status=302, headers={"Location": "http://169.254.169.254/"}),
        Reply(status=500), Reply.of({}, status=403), Reply(is_dropped=True),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_answer_is_one_sentence(replay, make_client, answered):
    server = replay(lambda question: answered)
    with pytest.raises(SourceError) as fault:
        geocoders.ask(make_client(server.url), geocoders.OS_PLACES, "Eden Road", key="secret-key")
    assert "secret-key" not in str(fault.value)
    assert {question.path for question in server.seen} == {"/api/find"}


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "javascript:alert(1)", "http://169.254.169.254/latest", "http://10.0.0.1/",
        "https://user:secret@example.org/", "https://example.org/..", "http://example.org/",
        "https://[::ffff:10.0.0.1]/", "https://2130706433/",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_asked_stops_the_start(address):
    with pytest.raises(SettingsError, match="HOTSPOTS_ONLINE_GEOCODER_URL"):
        read_settings({"HOTSPOTS_ONLINE_GEOCODER": "nominatim", "HOTSPOTS_ONLINE_GEOCODER_URL": address})


def test_os_places_needs_its_key_and_the_key_is_never_shown():
    with pytest.raises(SettingsError, match="HOTSPOTS_OS_PLACES_KEY"):
        read_settings({"HOTSPOTS_ONLINE_GEOCODER": "os-places"})
    with pytest.raises(SettingsError, match="must be no, nominatim or os-places"):
        read_settings({"HOTSPOTS_ONLINE_GEOCODER": "google"})
    held = read_settings({"HOTSPOTS_ONLINE_GEOCODER": "os-places", "HOTSPOTS_OS_PLACES_KEY": "secret-key"})
    assert "secret-key" not in repr(held)


def run(tmp_path, *words, **settings):
    place = {"HOTSPOTS_DATABASE_URL": f"sqlite:///{tmp_path}/h.db", "HOTSPOTS_INSTANCE_DIR": str(tmp_path)}
    return CliRunner().invoke(cli, ["geocode", *words], env={**place, **settings})


def test_by_default_nothing_is_sent_to_anyone(tmp_path, replay):
    server = replay(lambda question: Reply.of(OSM))
    done = run(tmp_path, "--online", "Pallister Park", HOTSPOTS_ONLINE_GEOCODER_URL=server.url)
    assert done.exit_code != 0
    assert "Nothing is sent to anyone" in done.stderr
    assert server.seen == []


def test_the_command_says_what_leaves_and_sends_no_personal_data(tmp_path, replay):
    server = replay(lambda question: Reply.of(OSM))
    done = run(
        tmp_path, "--online", "Pallister Park, tel 07700 900123", "--json",
        HOTSPOTS_ONLINE_GEOCODER="nominatim", HOTSPOTS_ONLINE_GEOCODER_URL=server.url,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "outside your network" in done.stderr
    assert "07700" not in server.seen[0].params["q"]
    answer = json.loads(done.stdout)
    assert answer["status"] == "ambiguous"
    assert len(answer["candidates"]) == 2
