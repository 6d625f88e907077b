"""FLT 28, BAD 82, ACC 43: one host, politely, again where it helps, and nothing believed unread."""

import gzip
import json
import socket
import time

import pytest

from mapping.errors import SettingsError, SourceError
from mapping.sources import connection
from mapping.sources.client import Client, Patience
from mapping.sources.kept import Kept


def anything(answer):
    return answer


def in_turn(*replies):
    """Give the replies one after the other, the last for ever."""
    left = list(replies)
    return lambda question: left.pop(0) if len(left) > 1 else left[0]


def refused(client, *path, **more):
    with pytest.raises(SourceError) as caught:
        client.ask(*path, read=anything, **more)
    return caught.value


def test_a_question_says_who_asks_and_sends_nothing_else_of_this_machine(
    replay, reply, make_client, tmp_path, monkeypatch
):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login jo password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    server = replay(lambda question: reply.of({"date": "2025-09-01"}, headers={"Set-Cookie": "visitor=7"}))
    client = make_client(server.url)
    answer = client.ask("crime-last-updated", params={"b": "2", "a": "1 &"}, read=anything)
    assert answer == {"date": "2025-09-01"}
    assert server.asked() == ["GET /crime-last-updated?a=1 &&b=2"]
    headers = server.seen[0].headers
    assert headers["User-Agent"].startswith("ward-hotspots/")
    assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
    client.ask("forces", read=anything)
    assert "Cookie" not in server.seen[1].headers


def test_a_long_question_goes_in_the_body(replay, reply, make_client):
    server = replay(lambda question: reply.of([]))
    make_client(server.url).ask(
        "crimes-street", params={"poly": "54.5,-1.2:54.6,-1.2"}, read=anything, is_post=True
    )
    assert server.asked() == ["POST /crimes-street?poly=54.5,-1.2:54.6,-1.2"]


# --- asking again --------------------------------------------------------------------------------


def test_a_busy_source_is_left_alone_for_as_long_as_it_asks(replay, reply, make_client, time_told):
    busy = reply(b"slow down", status=429, headers={"Retry-After": "7"})
    server = replay(in_turn(busy, reply.of([1])))
    assert make_client(server.url).ask("forces", read=anything) == [1]
    assert len(server.seen) == 2 and time_told.waits == [7.0]


def test_a_moment_to_come_back_at_is_held_against_the_answers_own_clock(
    replay, reply, make_client, time_told
):
    dates = {"Date": "Mon, 01 Sep 2025 10:00:00 GMT", "Retry-After": "Mon, 01 Sep 2025 10:00:30 GMT"}
    server = replay(in_turn(reply(status=503, headers=dates), reply.of([1])))
    make_client(server.url).ask("forces", read=anything)
    assert time_told.waits == [30.0]


def test_a_source_that_asks_for_an_hour_is_not_waited_for(replay, reply, make_client, time_told):
    server = replay(in_turn(reply(status=503, headers={"Retry-After": "3600"})))
    error = refused(make_client(server.url), "forces")
    assert "3600 s" in str(error) and error.status == 503
    assert len(server.seen) == 1 and time_told.waits == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_each_wait_is_twice_the_one_before_until_it_gives_up(replay, reply, make_client, time_told, status):
    server = replay(in_turn(reply(b"no", status=status)))
    error = refused(make_client(server.url), "forces")
    assert len(server.seen) == 5 and time_told.waits == [1, 2, 4, 8]
    assert error.status == status and "asked 5 times" in str(error) and "what came is kept" in str(error)


def test_waits_differ_so_that_many_do_not_come_back_together(replay, reply, make_client, time_told):
    server = replay(in_turn(reply(status=503), reply.of([])))
    make_client(server.url, chance=lambda: 0.0).ask("forces", read=anything)
    assert time_told.waits == [0.5]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204, 206])
def test_a_refusal_is_not_asked_again(replay, reply, make_client, status):
    server = replay(in_turn(reply(b"", status=status)))
    error = refused(make_client(server.url), "forces")
    assert error.status == status and len(server.seen) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"is_dropped": True},
        {"sent": 5},  # of 9 bytes that were promised
        {"body": b'{"a": [1, 2'},
        {"body": b""},
        {"body": b"\xff\xfe{}"},
        {"body": b'{"a": 1}', "headers": {"Content-Encoding": "gzip"}},
    ],
    ids=["dropped", "cut", "broken JSON", "empty", "not UTF-8", "not gzip"],
)
def test_an_answer_that_breaks_off_is_asked_for_again(replay, reply, make_client, fault):
    server = replay(in_turn(reply(**{"body": b'{"ok": 1}', **fault}), reply.of({"ok": 2})))
    assert make_client(server.url).ask("forces", read=anything) == {"ok": 2}
    assert len(server.seen) == 2


def test_nobody_listening_is_said_in_a_sentence(make_client, time_told):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = refused(make_client(f"http://127.0.0.1:{port}"), "forces")
    assert "could not be reached" in str(error) and len(time_told.waits) == 4


def test_silence_and_dripping_are_both_cut_short(replay, reply, make_client):
    server = replay(in_turn(reply(b"[1]", before=lambda: time.sleep(0.6)), reply.of([2])))
    client = make_client(server.url, patience=Patience(read_s=0.2))
    assert client.ask("forces", read=anything) == [2]
    drip = reply(b"[" + b" " * 39 + b"]", pieces=[b" "] * 40, between=lambda: time.sleep(0.05))
    server = replay(in_turn(drip))
    client = make_client(server.url, clock=time.monotonic, patience=Patience(read_s=1, answer_s=0.2, tries=1))
    assert "in time" in str(refused(client, "forces"))


def test_no_more_than_so_many_questions_a_second(replay, reply, make_client, time_told):
    server = replay(lambda question: reply.of([]))
    client = make_client(server.url, per_second=5)
    for _ in range(11):
        client.ask("forces", read=anything)
    # the first at once, ten more a fifth of a second apart
    assert sum(time_told.waits) == pytest.approx(2.0)


def test_an_answer_in_chunks_is_read_and_one_that_lacks_a_chunk_is_asked_for_again(
    replay, reply, make_client
):
    in_chunks = {"headers": {"Transfer-Encoding": "chunked"}, "has_length": False}
    cut, whole = reply(b"3\r\n[1,\r\n", **in_chunks), reply(b"3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n", **in_chunks)
    server = replay(in_turn(cut, whole))
    assert make_client(server.url).ask("forces", read=anything) == [1, 2]
    assert len(server.seen) == 2


# --- what is not believed ------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_not_followed(replay, reply, make_client, status):
    target = replay(lambda question: reply.of({"secret": 1}))
    server = replay(in_turn(reply(b"", status=status, headers={"Location": target.url})))
    error = refused(make_client(server.url), "forces")
    assert "redirect" in str(error) and error.status == status
    assert len(server.seen) == 1 and target.seen == []


def test_a_web_page_is_refused_at_once(replay, reply, make_client):
    page = reply(b"\n <!doctype html><title>Sign in</title>", headers={"Content-Type": "text/html"})
    server = replay(in_turn(page))
    assert "web page" in str(refused(make_client(server.url), "forces"))
    assert len(server.seen) == 1


def test_too_much_is_refused_whether_stated_or_not_and_packed_or_not(replay, reply, make_client):
    large = json.dumps(["x" * 1000] * 1100).encode()  # 1.1 MB
    for answer in (
        reply(large),
        reply(large, has_length=False),
        reply(gzip.compress(large), headers={"Content-Encoding": "gzip"}),
        reply(b"[]", headers={"Content-Length": str(10**12)}),
    ):
        server = replay(in_turn(answer))
        error = refused(make_client(server.url, max_bytes=2**20), "forces")
        assert "more than 1 MB" in str(error) and len(server.seen) == 1
    server = replay(in_turn(reply(gzip.compress(b"[1]"), headers={"Content-Encoding": "gzip"})))
    assert make_client(server.url).ask("forces", read=anything) == [1]


def test_nesting_that_would_overflow_is_an_answer_that_cannot_be_read(replay, reply, make_client):
    server = replay(in_turn(reply(b"[" * 200_000)))
    assert "not JSON" in str(refused(make_client(server.url), "forces"))


@pytest.mark.parametrize("part", ["..", ".", "", "a\r\nHost: x", "x" * 300])
def test_a_part_of_the_path_cannot_lead_elsewhere(replay, reply, make_client, part):
    server = replay(lambda question: reply.of([]))
    refused(make_client(server.url), "exampleshire", part, "boundary")
    assert server.seen == []


def test_whatever_a_part_holds_it_stays_one_part(replay, reply, make_client):
    server = replay(lambda question: reply.of([]))
    make_client(server.url).ask("exampleshire", "N 2/x?y=1#é", "boundary", read=anything)
    assert server.seen[0].parts == ["api", "exampleshire", "N 2/x?y=1#é", "boundary"]


# --- where the connection leads ------------------------------------------------------------------


@pytest.mark.parametrize(
    "base", ["file:///etc/passwd", "http://data.police.uk", "https://u:p@data.police.uk"]
)
def test_an_unsafe_base_address_makes_no_client(tmp_path, base):
    with pytest.raises(SettingsError):
        Client(base, Kept(tmp_path))


def leads_to(*addresses):
    """Stand in for name look-ups; each call gives the next address."""
    left = list(addresses)

    def look_up(host, port, *args, **more):
        address = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        where = (address, port or 0, 0, 0) if ":" in address else (address, port or 0)
        return [(family, socket.SOCK_STREAM, 6, "", where)]

    return look_up


@pytest.fixture
def no_proxy(monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00:ec2::254", "0.0.0.0"]
)
def test_a_name_that_leads_into_a_network_is_not_connected_to(
    make_client, monkeypatch, no_proxy, time_told, address
):
    monkeypatch.setattr(socket, "getaddrinfo", leads_to(address))
    error = refused(make_client("https://wards.example.org"), "forces")
    assert "inside a network" in str(error) and time_told.waits == []


def test_a_name_that_changes_its_address_after_the_look_up_gets_nothing(
    replay, reply, make_client, monkeypatch, no_proxy
):
    server = replay(lambda question: reply.of({"secret": 1}))
    monkeypatch.setattr(socket, "getaddrinfo", leads_to("8.8.8.8", "127.0.0.1"))
    error = refused(make_client(f"https://wards.example.org:{server.port}"), "forces")
    assert "inside a network" in str(error) and server.seen == []


def test_this_machine_by_name_is_this_machine_and_no_other(replay, reply, make_client, monkeypatch):
    server = replay(lambda question: reply.of([]))
    assert make_client(f"http://localhost:{server.port}").ask("forces", read=anything) == []


def test_a_councils_proxy_is_used_but_never_for_this_machine(
    replay, reply, make_client, monkeypatch, no_proxy
):
    proxy = replay(lambda question: reply(b"", status=403))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    assert connection.proxies("https://data.police.uk/api") == {"https": f"http://127.0.0.1:{proxy.port}"}
    assert connection.proxies("http://127.0.0.1:9/api") == {}
    error = refused(make_client("https://data.police.uk/api", patience=Patience(tries=1)), "forces")
    assert "proxy" in str(error)
    assert [(question.method, question.path) for question in proxy.seen] == [
        ("CONNECT", "data.police.uk:443")
    ]
    monkeypatch.setenv("NO_PROXY", "police.uk")
    assert connection.proxies("https://data.police.uk/api") == {}


def test_a_certificate_that_cannot_be_trusted_is_said_and_not_asked_again(replay, reply, make_client):
    server = replay(lambda question: reply.of([]))  # speaks no TLS at all
    error = refused(make_client(f"https://127.0.0.1:{server.port}"), "forces")
    assert "certificate" in str(error)


def test_certificates_of_a_network_that_looks_inside_are_honoured(monkeypatch):
    assert connection.certificates() is True or connection.certificates()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "council.pem")
    assert connection.certificates() == "council.pem"


# --- what is kept --------------------------------------------------------------------------------


def test_what_was_answered_is_not_asked_again_for_the_same_publication(replay, reply, make_client):
    server = replay(lambda question: reply.of([len(server.seen)]))
    first = make_client(server.url)
    assert first.ask("forces", params={"a": "1"}, read=anything, tag="2025-09-01") == [1]
    later = make_client(server.url)
    assert later.ask("forces", params={"a": "1"}, read=anything, tag="2025-09-01") == [1]
    assert (first.asked, later.asked, len(server.seen)) == (1, 0, 1)
    assert later.ask("forces", params={"a": "1"}, read=anything, tag="2025-10-01") == [2]
    assert later.ask("forces", params={"a": "2"}, read=anything, tag="2025-09-01") == [3]
    assert later.ask("forces", params={"a": "1"}, read=anything) == [4]
    fresh = make_client(server.url, is_fresh=True)
    assert fresh.ask("forces", params={"a": "1"}, read=anything, tag="2025-09-01") == [5]
    assert fresh.ask("forces", params={"a": "1"}, read=anything, tag="2025-09-01") == [5]
    assert make_client(server.url).ask("forces", params={"a": "1"}, read=anything, tag="2025-09-01") == [5]


def test_what_could_not_be_read_is_not_kept(replay, reply, make_client):
    server = replay(in_turn(reply.of({"wrong": 1}), reply.of([1])))

    def only_lists(answer):
        if not isinstance(answer, list):
            raise SourceError("not a list")
        return answer

    client = make_client(server.url)
    with pytest.raises(SourceError):
        client.ask("forces", read=only_lists, tag="t")
    assert client.ask("forces", read=only_lists, tag="t") == [1]


def test_a_damaged_answer_is_asked_for_again(replay, reply, make_client, tmp_path):
    server = replay(lambda question: reply.of([1]))
    make_client(server.url).ask("forces", read=anything, tag="t")
    (kept,) = (tmp_path / "answers").iterdir()
    kept.write_bytes(kept.read_bytes()[:12])
    assert make_client(server.url).ask("forces", read=anything, tag="t") == [1]
    assert len(server.seen) == 2
