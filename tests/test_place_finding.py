"""Words become points on the way into the store, and people's answers outlast what comes later."""

import csv
import datetime as dt
import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from mapping import crs, place_finding, store_import, store_run
from mapping.access import local_day
from mapping.cli_geocode import cli
from mapping.kept_keys import IntakeKeys
from mapping.places.gazetteer_build import Sources, build
from mapping.settings import Settings
from mapping.store import accounts, place_answers, place_history, place_reviews
from mapping.store.engine import open_store, upgrade
from mapping.store.models import Report
from mapping.store.place_answers import Said
from tests.catalogue.files import collection, square

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
HEAD = "reference,occurred_at,category,address,postcode,easting,northing,ward\n"
STREETS = [
    ("Marton Road", 450_200, 520_200), ("Kings Road", 450_800, 520_800), ("Kings Road", 455_000, 520_500),
]  # fmt: skip


class House:
    """A store with one ward (1 km by 1 km from 450000, 520000) and another beside it, and a gazetteer."""

    def __init__(self, folder):
        self.folder, self.url = folder, f"sqlite:///{folder}/h.db"
        upgrade(self.url)
        self.store = open_store(self.url)
        self.gazetteer = folder / "gazetteer.sqlite"
        with self.store.transaction() as session:
            self.actor = accounts.first_actor(session, now=NOW)
        wards = folder / "wards.geojson"
        wards.write_text(
            collection(
                square("E05999001", "Park", 450_000, 520_000, 451_000, 521_000),
                square("E05999002", "Quay", 454_000, 520_000, 456_000, 521_000),
            )
        )
        store_run.add_boundaries(
            self.store, [wards], name="May 2025", licence="", base_layers={}, actor=self.actor, now=NOW
        )

    def build(self, streets=STREETS):
        path = self.folder / "streets.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["street_or_place", "longitude", "latitude", "lsoa21_code", "lsoa21_name"])
            for name, east, north in streets:
                lon, lat = crs.to_wgs84([east], [north])
                writer.writerow([name, f"{lon[0]:.7f}", f"{lat[0]:.7f}", "", ""])
        build(self.gazetteer, Sources(street_points=(path,)))

    def bring(self, *rows, name="log.csv"):
        path = self.folder / name
        path.write_text(HEAD + "".join(f"{row}\n" for row in rows))
        keys = IntakeKeys(Settings(instance_dir=self.folder))
        return store_import.import_files(
            self.store, "warden-log", [path], keys=keys, gazetteer=self.gazetteer, actor=self.actor, now=NOW
        )

    def reports(self):
        with self.store.reading() as session:
            return {row.reference: row for row in session.execute(select(Report)).scalars()}

    def geocoder(self):
        with self.store.reading() as session:
            return place_finding.opened(self.gazetteer, session)

    def answer(self, text, said):
        with self.store.transaction() as session:
            items = place_reviews.queue(session, actor=self.actor, today=local_day(NOW))
            item = next(one for one in items if one.place_text == text)
            return place_answers.answer(session, item, said, actor=self.actor, now=NOW).decision_id


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.store.close()


def row(reference, place, *, outcome="ASB", point=",", postcode="", ward=""):
    return f'{reference},01/02/2026 10:00,{outcome},"{place}",{postcode},{point},{ward}'


PIN = Said("pin", 450_500.0, 520_500.0, 100.0, "place")


def test_words_without_a_point_are_found_and_say_how_sure_they_are(house):
    house.build()
    result = house.bring(
        row("A", "o/s 14 Marton Rd"), row("B", "Kings Road"), row("C", "Zzyzx Alley"), row("D", ""),
        row("E", "Marton Road", point="450210,520190"),
    )  # fmt: skip
    assert result.places == {"matched": 1, "ambiguous": 1, "unmatched": 1}
    held = house.reports()
    assert {name: one.place_status for name, one in held.items()} == {
        "A": "matched", "B": "ambiguous", "C": "unmatched", "D": "", "E": "given",
    }  # fmt: skip
    found = held["A"]
    assert (round(found.easting_m), round(found.northing_m)) == (450_200, 520_200)
    assert (found.match_level, found.placement, found.ward_gss_code) == ("street", "in ward", "E05999001")
    assert found.error_m > 25
    assert 0.9 <= found.place_score <= 1
    assert held["B"].easting_m is None and held["B"].placement == "unlocated"
    assert held["E"].easting_m == 450_210


def test_without_a_gazetteer_words_stay_words_and_are_found_when_there_is_one(house):
    house.bring(row("A", "Marton Road"))
    assert house.reports()["A"].place_status == ""
    house.build()
    assert house.bring(row("A", "Marton Road")).counts["unchanged"] == 1  # what was found is not what is said
    assert place_finding.look_again(house.store, house.geocoder(), actor=house.actor, now=NOW) == {
        "reports": 1, "intelligence": 0,
    }  # fmt: skip
    assert house.reports()["A"].place_status == "matched"
    assert house.bring(row("A", "Marton Road")).counts["unchanged"] == 1


def test_building_a_gazetteer_places_what_is_held(house):
    house.bring(row("A", "Marton Road"))
    house.build()  # only to have its source file; the command builds its own
    house.gazetteer.unlink()
    place = {"HOTSPOTS_DATABASE_URL": house.url, "HOTSPOTS_GAZETTEER": str(house.gazetteer)}
    words = ["gazetteer", "build", "--street-points", str(house.folder / "streets.csv"), "--json"]
    done = CliRunner().invoke(cli, words, env=place)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["looked_again"] == {"reports": 1, "intelligence": 0}
    assert "Another place was found for 1 of the records held that have words alone." in done.stderr
    assert house.reports()["A"].place_status == "matched"


def test_a_better_gazetteer_makes_no_row_look_changed(house):
    house.build()
    house.bring(row("A", "Marton Road"))
    house.build([("Marton Road", 450_300, 520_300)])
    assert house.bring(row("A", "Marton Road")).counts["unchanged"] == 1
    assert house.bring(row("A", "Marton Road", outcome="Noise")).counts["updated"] == 1
    assert round(house.reports()["A"].easting_m) == 450_300


def test_a_persons_answer_outlasts_an_update_and_ends_with_other_words(house):
    house.build()
    house.bring(row("A", "Kings Road"))
    decision = house.answer("Kings Road", PIN)
    assert house.reports()["A"].place_status == "pinned"
    house.bring(row("A", "Kings Road", outcome="Noise"))  # the same words, another category
    kept = house.reports()["A"]
    assert (kept.category, kept.place_status, kept.easting_m) == ("Noise", "pinned", 450_500)
    assert kept.ward_gss_code == "E05999001"
    place_finding.look_again(house.store, house.geocoder(), actor=house.actor, now=NOW)
    assert house.reports()["A"].place_status == "pinned"
    house.bring(row("A", "Marton Road"))  # its source says another place now
    assert house.reports()["A"].place_status == "matched"
    with house.store.transaction() as session:
        undone = place_history.reverse(session, decision, actor=house.actor, now=NOW)
    assert undone.changed_since == 1
    assert house.reports()["A"].place_status == "matched"


def test_a_learned_name_is_found_by_the_next_import(house):
    house.build()
    house.bring(row("A", "the mucky dam"))
    said = Said("pin", 450_500.0, 520_500.0, 100.0, "place", "Mucky Dam", learn_name="the mucky dam")
    house.answer("the mucky dam", said)
    house.bring(row("B", "kids at it, the mucky dam"), name="next.csv")
    assert house.reports()["B"].place_status == "matched"
    assert house.reports()["B"].easting_m == 450_500


def test_the_command_writes_one_object_a_line_in_order(house):
    house.build()
    place = {"HOTSPOTS_DATABASE_URL": house.url, "HOTSPOTS_GAZETTEER": str(house.gazetteer)}
    done = CliRunner().invoke(cli, ["geocode", "Marton Rd", "Kings Road", "nowhere", "--json"], env=place)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    keys = ["query", "status", "level", "score", "easting_m", "northing_m", "error_m", "ward_gss_code"]
    assert [list(one)[:9] for one in rows] == [[*keys, "candidates"]] * 3
    assert [one["status"] for one in rows] == ["matched", "ambiguous", "unmatched"]
    assert rows[1]["easting_m"] is None and len(rows[1]["candidates"]) == 2
    table = house.folder / "asked.csv"
    table.write_text("id,where,postcode\n1,Marton Road,\n2,Kings Rd,\n")
    words = ["geocode", "--file", str(table), "--column", "Where", "--postcode-column", "postcode", "--json"]
    done = CliRunner().invoke(cli, words, env=place)
    assert [json.loads(line)["query"] for line in done.stdout.splitlines()] == ["Marton Road", "Kings Rd"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["geocode"], "Give texts, or --file FILE with --column NAME"),
        (["geocode", "x", "--file", "{table}", "--column", "where"], "Give texts, or --file FILE"),
        (["geocode", "--file", "{table}", "--column", "plaice"], "It has no column plaice; its columns"),
        (["geocode", "--online", "--file", "{table}", "--column", "where"], "A file is never sent to anyone"),
    ],
)  # fmt: skip
def test_wrong_use_of_the_command_is_one_sentence(house, words, said):
    house.build()
    table = house.folder / "asked.csv"
    table.write_text("id,where\n1,Marton Road\n")
    place = {"HOTSPOTS_DATABASE_URL": house.url, "HOTSPOTS_GAZETTEER": str(house.gazetteer)}
    done = CliRunner().invoke(cli, [word.format(table=table) for word in words], env=place)
    assert done.exit_code in (2, 3)
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_without_a_gazetteer_the_command_says_how_to_make_one(house):
    place = {"HOTSPOTS_DATABASE_URL": house.url, "HOTSPOTS_GAZETTEER": str(house.gazetteer)}
    done = CliRunner().invoke(cli, ["geocode", "Marton Road"], env=place)
    assert done.exit_code == 3
    assert "There is no gazetteer yet; build one with `hotspots gazetteer build" in done.stderr
