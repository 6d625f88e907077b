"""Texts about real places in the Tees Valley, whose answers a map tells."""

import math

import pandas as pd
import pytest

from mapping.places.gazetteer import Gazetteer
from mapping.places.gazetteer_build import Sources, build
from mapping.places.geocoder import Geocoder
from mapping.places.wards import read_wards


@pytest.fixture(scope="module")
def teesside(real_data, tmp_path_factory):
    path = tmp_path_factory.mktemp("teesside") / "gazetteer.sqlite"
    held = real_data / "postcodes"
    wards = read_wards(sorted((real_data / "boundaries" / "wards_2025").glob("E0600000[1-4].geojson")))
    sources = Sources(
        code_point=(held / "codepoint_open_ts_2022.csv.gz",),
        street_points=(held / "teesside_street_anchor_points.csv.gz",),
    )
    build(path, sources, wards=wards, edition="2025")
    with Gazetteer.open(path) as gazetteer:
        yield Geocoder(gazetteer)


def answer(geocoder, text, **beside):
    return geocoder.answer(
        pd.DataFrame({"query": [text], **{name: [one] for name, one in beside.items()}})
    ).iloc[0]


@pytest.mark.parametrize(
    ("text", "level", "east", "north"),
    [
        ("o/s shops, pallister pk", "place", 451_628, 519_055),
        ("TS3 8", "sector", 451_981, 519_162),
        ("NZ 514 178", "grid reference", 451_450, 517_850),
        ("NZ5140017800", "grid reference", 451_400, 517_800),
        ("54.5541, -1.2067", "coordinates", 451_407, 517_938),
        ("-1.2067, 54.5541", "coordinates", 451_407, 517_938),
        ("E451400 N517800", "coordinates", 451_400, 517_800),
        ("ts1 1aa", "postcode", 448_907, 520_333),
        ("TSI 1AA", "postcode", 448_907, 520_333),
        ("Palister Ave", "street", 452_367, 519_586),
        ("st barnabas' rd", "street", 448_842, 518_826),
        ("Albert Pk", "place", 449_522, 519_114),
        ("top end of Linthorpe Rd", "street", 449_135, 519_036),
        ("the avenue nunthorpe", "street", 453_324, 515_040),
        ("Teesside Industrial Est", "place", 446_113, 513_881),
    ],
)
def test_what_is_one_place_is_found_within_its_radius(teesside, text, level, east, north):
    found = answer(teesside, text)
    assert (found["status"], found["level"]) == ("matched", level)
    assert math.dist((found["easting_m"], found["northing_m"]), (east, north)) <= min(found["error_m"], 75)
    assert found["ward_gss_code"].startswith("E05")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("High Street", 8),  # of 14
        ("rear of 14 Eden Rd", 2),  # in Middlesbrough and in Redcar and Cleveland
        ("St. Paul'S Rd", 4),
        ("j/w Ormesby Rd & Kings Rd", 5),  # three and two of these names, 1.5 km apart at the nearest
        ("Newport", 1),  # a ward, and Newport Close 6 km away from it
        ("Linthorpe", 1),
        ("A66", 1),
        ("Supermarket", 8),
        ("TS1 1AA Kings Rd", 3),
    ],
)
def test_what_cannot_be_told_lists_what_it_may_be(teesside, text, names):
    found = answer(teesside, text)
    assert found["status"] == "ambiguous"
    assert math.isnan(found["easting_m"])
    assert len(found["candidates"]) == names


@pytest.mark.parametrize(
    "text", ["shops", "the park", "borough wide", "his mum's house", "kids in road", "various"]
)
def test_what_names_nothing_is_unmatched(teesside, text):
    assert answer(teesside, text)["status"] == "unmatched"


def test_a_ward_beside_the_words_tells_two_streets_apart(teesside):
    listed = answer(teesside, "Eden Road")["candidates"]
    for one in listed:
        found = answer(teesside, "rear of 14 Eden Rd", ward_gss_code=one["ward_gss_code"])
        assert (found["status"], found["easting_m"]) == ("matched", one["easting_m"])
