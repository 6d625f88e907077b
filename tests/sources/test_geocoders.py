"""Somebody else's geocoder: asked only on purpose, and believed little. Servers on this machine stand in."""

import json

import pytest
from click.testing import CliRunner

from mapping.cli_geocode import cli
from mapping.errors import SettingsError, SourceError
from mapping.settings import read_settings
from mapping.sources import geocoders
from mapping.sources.kept import Kept

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


def online(tmp_path, server, *texts):
    return run(tmp_path, "--online", *texts, "--json", HOTSPOTS_ONLINE_GEOCODER="nominatim",
               HOTSPOTS_ONLINE_GEOCODER_URL=server.url)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("12 Eden Road, Middlesbrough", "Eden Road, Middlesbrough"),
        ("Flat 3, 14a Eden Road, TS1 3AA", "Eden Road, TS1 3AA"),
        ("outside 7 Eden Road 07700 900123, Stockton", "Eden Road, Stockton"),
        ("1st Avenue, Redcar", "1st Avenue, Redcar"),
    ],
)
def test_neither_house_numbers_nor_what_identifies_a_person_nor_its_mark_is_sent(
    tmp_path, replay, text, sent
):
    server = replay(lambda question: Reply.of(OSM))
    done = online(tmp_path, server, text)
    assert [question.params["q"] for question in server.seen] == [sent]
    assert f'"{sent}"' in done.stderr


@pytest.mark.parametrize(
    "text", ["He said that he saw the neighbour's son run off to the shops and on to school on foot.",
             "Eden Road " * 12, "07700 900123", "14", " , "]
)  # fmt: skip
def test_a_description_or_nothing_is_not_sent_and_no_text_beside_it_either(tmp_path, replay, text):
    server = replay(lambda question: Reply.of(OSM))
    done = online(tmp_path, server, "Eden Road", text)
    assert done.exit_code == 4
    assert "nothing was sent" in done.stderr and "Eden Road" not in done.stderr
    assert server.seen == []


def test_lists_are_not_sent(tmp_path, replay):
    server = replay(lambda question: Reply.of(OSM))
    assert online(tmp_path, server, *["Eden Road"] * 21).exit_code == 2
    assert server.seen == []


def test_the_texts_of_a_command_are_a_second_apart(tmp_path, replay, time_told):
    server = replay(lambda question: Reply.of(OSM))
    more = {"clock": lambda: time_told.now, "sleep": time_told.sleep}
    with geocoders.open_client(server.url, Kept(tmp_path / "kept"), **more) as client:
        for text in ("Eden Road", "Marton Road", "Linthorpe Road"):
            geocoders.ask(client, geocoders.NOMINATIM, text)
    assert time_told.waits == [1.0, 1.0]
    assert not (tmp_path / "kept").exists()  # neither words nor answers stay


def test_the_command_asks_all_its_texts_through_one_client(tmp_path, replay, monkeypatch):
    server, opened = replay(lambda question: Reply.of(OSM)), []
    real = geocoders.open_client

    def counted(*words, **more):
        opened.append(words)
        return real(*words, sleep=lambda seconds: None, **more)

    monkeypatch.setattr(geocoders, "open_client", counted)
    assert online(tmp_path, server, "Eden Road", "Marton Road").exit_code == 0
    assert (len(opened), len(server.seen)) == (1, 2)


@pytest.mark.parametrize("reply", [Reply(status=503), Reply(is_dropped=True)])
def test_a_service_that_is_down_is_asked_twice_and_says_to_try_again(tmp_path, replay, reply, time_told):
    server = replay(lambda question: reply)
    more = {"clock": lambda: time_told.now, "sleep": time_told.sleep}
    with (
        geocoders.open_client(server.url, Kept(tmp_path / "kept"), **more) as client,
        pytest.raises(SourceError, match=r"asked 2 times\. Try again later\.$"),
    ):
        geocoders.ask(client, geocoders.NOMINATIM, "Eden Road")
    assert len(server.seen) == 2


def test_an_endless_answer_is_cut_off_at_a_megabyte(tmp_path, replay):
    server = replay(lambda question: Reply(pieces=[b"[" + b" " * 65_536] * 40, has_length=False))
    with (
        geocoders.open_client(server.url, Kept(tmp_path / "kept")) as client,
        pytest.raises(SourceError, match="more than 1 MB"),
    ):
        geocoders.ask(client, geocoders.NOMINATIM, "Eden Road")
