import numpy as np
import pandas as pd
import pytest

from mapping import categories, intake
from mapping.demo import partners, words
from mapping.demo.telling import COLUMNS

CLOCK = "%d/%m/%Y %H:%M"


def test_five_sources_have_the_columns_of_a_warden_log(built, rows):
    assert [path.name for path in built.sources] == [name for _, _, name in partners.SOURCE_FILES.values()]
    assert list(rows.columns) == list(COLUMNS)
    assert set(rows["source"]) == set(partners.SOURCE_FILES)
    assert rows["source"].value_counts().min() > 900


def test_references_are_never_given_twice(rows):
    assert not rows.duplicated(["source", "reference"]).any()


def test_no_clock_shows_an_hour_that_it_skipped(rows):
    for column in ("occurred_at", "reported_at"):
        hours = rows[column].str[:13]
        assert not hours.isin(["30/03/2025 01", "29/03/2026 01"]).any()


def test_nothing_is_reported_before_it_happened_or_after_the_extract(rows):
    occurred = pd.to_datetime(rows["occurred_at"], format=CLOCK)
    reported = pd.to_datetime(rows["reported_at"], format=CLOCK)
    assert (reported >= occurred).all()
    assert occurred.min() >= pd.Timestamp("2024-10-01")
    assert reported.max() < pd.Timestamp("2026-10-01")


def test_some_rows_have_words_and_no_point(rows):
    share = (rows["easting"] == "").mean()
    assert 0.06 < share < 0.08
    assert ((rows["easting"] == "") == (rows["northing"] == "")).all()
    assert (rows["address"] != "").all()


def test_categories_are_the_sources_own_words_and_all_are_known(rows):
    assert all(categories.find(word) for word in rows["category"].unique())
    for source, table in words.OWN_WORDS.items():
        told = set(rows.loc[rows["source"] == source, "category"])
        assert told & set(table.values())
        assert not told & set(table)


def test_pairs_lie_minutes_and_metres_apart_and_agencies_differ(rows, answers):
    assert len(answers["pairs"]) == 420
    key = rows["source"] + ":" + rows["reference"]
    held = rows.set_index(key)
    first, second = (held.loc[[pair[side] for pair in answers["pairs"]]] for side in (0, 1))
    minutes = [pd.to_datetime(side["occurred_at"], format=CLOCK).to_numpy() for side in (first, second)]
    # up to 24 minutes; one told across the hour in March moves on by an hour
    assert (np.abs(minutes[0] - minutes[1]) <= np.timedelta64(85, "m")).all()
    both = ((first["easting"].to_numpy() != "") & (second["easting"].to_numpy() != "")).nonzero()[0]
    points = [side[["easting", "northing"]].iloc[both].astype(float).to_numpy() for side in (first, second)]
    assert np.hypot(*(points[0] - points[1]).T).max() < 60
    assert (first["source"].to_numpy() != second["source"].to_numpy()).all()


def test_stacks_are_one_point_and_say_what_they_are(rows, answers):
    key = rows["source"] + ":" + rows["reference"]
    for kind, name in (("police station", words.POLICE_STATION), ("hospital", words.HOSPITAL)):
        place = next(place for place in answers["places"] if place["kind"] == kind)
        own = rows[key.isin(place["references"])]
        assert len(own) > 80
        assert own["address"].str.startswith(name).all()
        assert len(own[["easting", "northing"]].drop_duplicates()) == 1


def test_one_caller_reports_one_address_again_and_again(rows, answers):
    place = next(place for place in answers["places"] if place["kind"] == "prolific caller")
    own = rows[(rows["source"] + ":" + rows["reference"]).isin(place["references"])]
    assert place["complainant_reference"]
    assert len(own) >= 20
    assert {"housing-asb", "police-101"} <= set(own["source"])


def test_places_are_told_as_people_do(rows):
    told = rows["address"].str
    for phrase in ("j/w", "O/S ", "o/s ", "rear of", "opp no", "corner of", "Garages, "):
        assert told.contains(phrase, regex=False).sum() > 5, phrase
    assert rows["address"].str.isupper().mean() > 0.08


def test_a_few_street_names_are_misspelt(rows, borough):
    streets = {road.name.upper() for road in borough.town.roads}
    plain = rows.loc[
        (rows["source"] == "police-101") & rows["address"].str.fullmatch(r"\d+ [A-Za-z ]+"), "address"
    ]
    misspelt = ~plain.str.upper().str.replace(r"^\d+ ", "", regex=True).isin(streets)
    assert 0.02 < misspelt.mean() < 0.06  # one report in 25


def test_every_row_is_accepted_by_intake(built, rows):
    now = pd.Timestamp("2026-10-02 08:00", tz="UTC").to_pydatetime()
    read = intake.read_reports(list(built.sources), "warden-log", now=now)
    assert read.rows_in == len(read.reports) == len(rows)
    assert (read.issues["severity"] == "flagged").all()
    assert read.issues["reason"].str.contains("clock ran twice").all()  # real, in October
    assert (read.reports["category"] != categories.UNMAPPED).all()
    assert set(read.reports["source_agency"]) == {"police", "council", "fire"}
    incidents, _ = intake.to_incidents(read.reports)
    assert len(incidents) == len(rows)


@pytest.mark.parametrize("word", ["mr ", "mrs ", "miss "])
def test_no_description_names_a_person(rows, word):
    assert not rows["description"].str.lower().str.contains(rf"\b{word}", regex=True).any()
