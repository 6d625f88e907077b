"""Crimes of a force from a server that answers as data.police.uk does: each once, none lost, gaps said."""

import csv
import random
from collections import Counter

import pytest

from mapping.errors import SourceError
from mapping.sources.police_uk import fetch_months


@pytest.fixture
def town(police):
    """Twelve crimes in September, of which one lies on the shared edge and one nowhere; fewer before."""
    for number in range(5):
        police.add(100 + number, -1.239 + 0.001 * number, 54.565)
        police.add(200 + number, -1.229 + 0.001 * number, 54.565, category="violent-crime")
    police.add(300, -1.23, 54.565, category="anti-social-behaviour", persistent_id="", outcome_status=None)
    police.add(301)
    police.add(400, -1.235, 54.561, month="2025-08")
    police.add(401, -1.225, 54.561, month="2025-08", kind="BTP", persistent_id="")
    police.add(500, -1.235, 54.561, month="2025-07")
    police.add(900, -1.10, 54.565)  # in no neighbourhood of the force
    return police


@pytest.fixture
def fetch(make_client, tmp_path):
    def run(server, *, months=1, force="exampleshire", **more):
        client = make_client(server.url, **more)
        return fetch_months(client, force, months=months, folder=tmp_path / "out")

    return run


def rows(month):
    with month.path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def asked(server, text):
    return [line for line in server.asked() if text in line]


def test_every_crime_of_the_force_is_a_row_once(replay, town, fetch):
    server = replay(town.answer)
    done = fetch(server)
    assert (done.force_name, done.published_on, done.missing) == ("Exampleshire Police", "2025-09-01", [])
    (month,) = done.months
    assert (month.month, month.rows, month.from_cache) == ("2025-09", 12, False)
    assert month.path.name == "2025-09-exampleshire-street.csv"
    found = rows(month)
    assert Counter(row["Crime type"] for row in found) == {
        "Burglary": 6, "Violence and sexual offences": 5, "Anti-social behaviour": 1,
    }  # fmt: skip
    assert [row["Longitude"] for row in found if not row["Crime ID"]] == ["-1.23"]
    assert sum(row["Location"] == "No Location" for row in found) == 1
    # two neighbourhoods, one question each; the one on the edge came with both
    assert len(asked(server, "crimes-street/")) == 2 and len(asked(server, "crimes-no-location")) == 1


def test_months_are_counted_back_from_the_newest_and_each_is_a_file(replay, town, fetch, tmp_path):
    done = fetch(replay(town.answer), months=3)
    assert [(one.month, one.rows) for one in done.months] == [("2025-07", 1), ("2025-08", 2), ("2025-09", 12)]
    august = rows(done.months[1])
    assert [row["Reported by"] for row in august] == ["British Transport Police", "Exampleshire Police"]
    assert sorted(path.name[:7] for path in (tmp_path / "out").iterdir()) == ["2025-07", "2025-08", "2025-09"]


def test_a_month_that_is_not_published_is_a_gap_and_no_file(replay, town, fetch):
    town.months = ["2025-09", "2025-07"]
    done = fetch(replay(town.answer), months=4)
    assert [one.month for one in done.months] == ["2025-07", "2025-09"]
    assert done.missing == ["2025-06", "2025-08"]
    assert "2025-08 is not published: a gap, not a month without crime." in done.messages


def test_a_month_with_the_railways_crimes_alone_is_a_gap(replay, town, fetch):
    town.crimes = [crime for crime in town.crimes if crime["id"] != 400]
    done = fetch(replay(town.answer), months=2)
    assert done.missing == ["2025-08"] and [one.month for one in done.months] == ["2025-09"]
    assert any("2025-08 holds nothing from the force" in said for said in done.messages)


def test_a_month_with_hardly_anything_is_pointed_out(replay, town, fetch):
    for number in range(9):
        town.add(600 + number, -1.235, 54.562, month="2025-08")
    done = fetch(replay(town.answer), months=3)
    # 1, 11 and 12 rows: a quarter of the middle one is 2.75
    assert [said for said in done.messages if "usual" in said] == [
        "2025-07 holds 1 of the 11 crimes that are usual; perhaps the force did not deliver all."
    ]


# --- too many for one answer ---------------------------------------------------------------------


def scattered(police, count, *, seed=1):
    chance = random.Random(seed)
    for number in range(count):
        police.add(
            1000 + number, round(chance.uniform(-1.24, -1.22), 6), round(chance.uniform(54.56, 54.57), 6)
        )


def test_an_area_with_too_many_is_asked_in_quarters_and_nothing_is_lost(replay, police, fetch):
    scattered(police, 300)
    police.most = 60
    server = replay(police.answer)
    (month,) = fetch(server).months
    assert month.rows == 300
    assert len({row["Crime ID"] for row in rows(month)}) == 300
    # each neighbourhood of some 150 twice in vain, then its quarters of some 40
    assert len(asked(server, "crimes-street/")) == 2 * (2 + 4)


def test_crimes_on_the_lines_of_the_cut_are_in_the_file_once(replay, police, fetch):
    for number in range(21):
        police.add(1000 + number, -1.235, round(54.56 + 0.0005 * number, 6))
        police.add(2000 + number, round(-1.24 + 0.0005 * number, 6), 54.565)
    police.most = 30
    (month,) = fetch(replay(police.answer)).months
    assert month.rows == 42


def test_what_was_cut_is_not_tried_whole_again(replay, police, fetch):
    scattered(police, 200)
    police.most = 60
    server = replay(police.answer)
    fetch(server)
    before = len(server.seen)
    assert fetch(server).months[0].from_cache
    assert [str(question).split("?")[0] for question in server.seen[before:]] == [
        "GET /api/crime-last-updated"
    ]


def test_a_service_under_repair_is_told_from_too_many_in_the_end(replay, police, fetch, reply):
    scattered(police, 5)

    def answer(question):
        return reply(b"", status=503) if "crimes-street/" in question.path else police.answer(question)

    server = replay(answer)
    with pytest.raises(SourceError, match="503") as caught:
        fetch(server)
    assert caught.value.status == 503
    # the neighbourhood and six cuts twice each, the last five times
    assert len(asked(server, "crimes-street/")) == 6 * 2 + 5


def test_once_overloaded_is_not_too_many(replay, town, fetch, reply):
    town.first["crimes-street/"] = reply(b"", status=503)
    server = replay(town.answer)
    assert fetch(server).months[0].rows == 12
    assert len(asked(server, "crimes-street/")) == 3


def test_an_outline_of_many_corners_goes_by_post(replay, town, fetch):
    saw = [(-1.4 + 0.001 * n, 54.57 + 0.01 * (n % 2)) for n in range(300)]
    ring = [*saw, (-1.1, 54.56), (-1.4, 54.56)]
    town.rings = {"saw": [{"latitude": f"{y:.6f}", "longitude": f"{x:.6f}"} for x, y in ring]}
    server = replay(town.answer)
    assert fetch(server).months[0].rows == 12
    (question,) = [question for question in server.seen if "crimes-street/" in question.path]
    assert question.method == "POST" and len(question.params["poly"]) > 4094


# --- what can be wrong ---------------------------------------------------------------------------


def test_an_unknown_force_is_told_with_those_there_are(replay, town, fetch):
    with pytest.raises(SourceError, match=r"no force of that name; there are: exampleshire, kent\."):
        fetch(replay(town.answer), force="narnia")


@pytest.mark.parametrize(
    "force", ["", "Cleveland", "../admin", "cleveland?x=1", "a" * 99, "x y", "cleveland\n", "-"]
)
def test_a_force_is_named_by_letters_and_hyphens_before_anything_is_asked(replay, town, fetch, force):
    server = replay(town.answer)
    with pytest.raises(SourceError, match="small letters and hyphens"):
        fetch(server, force=force)
    assert server.seen == []


def test_neighbourhoods_without_an_outline_are_counted_and_not_asked_again(replay, town, fetch):
    town.rings["N3"] = None  # answered with 404
    town.rings["N4"] = town.square(-1.2, 54.5)[:2]
    server = replay(town.answer)
    done = fetch(server)
    assert "2 of 4 neighbourhoods have no outline there; crimes in them may be missing." in done.messages
    assert done.months[0].rows == 12
    fetch(server)
    assert len(asked(server, "N3/boundary")) == 1


def test_a_force_without_neighbourhoods_cannot_be_asked_by_area(replay, town, fetch):
    town.rings = {}
    with pytest.raises(SourceError, match="no neighbourhood with an outline"):
        fetch(replay(town.answer))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("crime-last-updated", {"date": "today"}),
        ("crime-last-updated", []),
        ("crimes-street-dates", []),
        ("crimes-street-dates", [{"date": "2025-9"}]),
        ("crimes-street-dates", {"date": "2025-09"}),
        ("/forces", [{"id": 1, "name": None}]),
        ("neighbourhoods", {"N1": "x"}),
        ("boundary", [{"latitude": "54.5"}]),
        ("boundary", [{"latitude": "x", "longitude": "1"}]),
        ("boundary", [{"latitude": "nan", "longitude": "1"}]),
        ("crime-categories", ["burglary"]),
        ("crimes-street/", {"crimes": []}),
        ("crimes-no-location", [None]),
    ],
)
def test_an_answer_of_another_shape_is_refused_and_leaves_no_file(
    replay, town, fetch, reply, tmp_path, path, value
):
    town.first[path] = reply.of(value)
    with pytest.raises(SourceError, match="not the documented one"):
        fetch(replay(town.answer))
    assert not list(tmp_path.glob("out/*.csv"))


# --- going on ------------------------------------------------------------------------------------


def test_an_interrupted_fetch_goes_on_and_leaves_what_was_finished(replay, town, fetch, reply, tmp_path):
    server = replay(town.answer)
    town.first["date=2025-09&poly="] = reply(b"", status=403)
    with pytest.raises(SourceError):
        fetch(server, months=2)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["2025-08-exampleshire-street.csv"]
    before = len(server.seen)
    done = fetch(server, months=2)
    assert [(one.month, one.from_cache) for one in done.months] == [("2025-08", True), ("2025-09", False)]
    went_out = [str(question).split("?")[0].removeprefix("GET /api/") for question in server.seen[before:]]
    assert went_out == ["crime-last-updated", *["crimes-street/all-crime"] * 2, "crimes-no-location"]


def test_a_new_publication_is_fetched_anew_and_a_revision_is_in_the_file(replay, town, fetch):
    server = replay(town.answer)
    first = rows(fetch(server).months[0])
    town.crimes[0]["outcome_status"] = {"category": "Offender given a caution", "date": "2025-10"}
    assert rows(fetch(server).months[0]) == first
    town.published_on = "2025-10-01"
    again = fetch(server).months[0]
    assert not again.from_cache
    assert Counter(row["Last outcome category"] for row in rows(again))["Offender given a caution"] == 1


def test_fresh_asks_for_everything(replay, town, fetch):
    server = replay(town.answer)
    fetch(server)
    count = len(server.seen)
    assert not fetch(server, is_fresh=True).months[0].from_cache
    assert len(server.seen) == 2 * count
