"""Texts in an invented town of two boroughs (see conftest), each answer worked out by hand."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.places.gazetteer import Gazetteer
from mapping.places.geocoder import ANSWERS, Geocoder, LocalName
from tests import gazetteers

WORDS = [
    "marton", "rd", "kings", "st", "14a", "zz1", "1aa", "j/w", "&", ",", "the", "nz", "500", "54.5", "-1.2",
    "uprn",
]  # fmt: skip


def one(geocoder, text, **beside):
    frame = geocoder.answer(
        pd.DataFrame({"query": [text], **{name: [said] for name, said in beside.items()}})
    )
    assert list(frame.columns) == list(ANSWERS)
    return frame.iloc[0]


@pytest.mark.parametrize(
    ("text", "name", "level"),
    [
        ("Marton Road", "Marton Road", "street"),
        ("MARTON RD.", "Marton Road", "street"),
        ("14 Marton Rd, Northtown", "Marton Road", "street"),
        ("flat 3, 22 marton road", "Marton Road", "street"),
        ("rear of 14a Marton Rd", "Marton Road", "street"),
        ("youths o/s the shops Marton rd", "Marton Road", "street"),
        ("Maton Road", "Marton Road", "street"),
        ("Martonn Raod", "Marton Road", "street"),
        ("st marys cl", "St Mary's Close", "street"),
        ("Wynd", "The Wynd", "street"),
        ("Brackenbery Av", "Brackenbury Avenue", "street"),
        ("Brackenbury", "Brackenbury Avenue", "street"),
        ("o/s shops, pallister pk", "Pallister Park", "place"),
        ("the rec", "Pallister Park", "place"),
        ("Kings Road, Southtown", "Kings Road", "street"),
        ("zz1 1aa", "ZZ1 1AA", "postcode"),
        ("ZZI 1AA", "ZZ1 1AA", "postcode"),
        ("ZZ1 2", "ZZ1 2", "sector"),
        ("ZZ2", "ZZ2", "district"),
        ("j/w Marton Rd & Kings Rd", "Marton Road and Kings Road", "junction"),
        ("NZ 500 200", "grid reference", "grid reference"),
        ("450000, 520000", "coordinates", "coordinates"),
    ],
)
def test_what_can_be_told_is_matched(geocoder, text, name, level):
    found = one(geocoder, text)
    assert (found["status"], found["name"], found["level"]) == ("matched", name, level)
    assert 0.5 <= found["score"] <= 1
    assert found["error_m"] > 0


@pytest.mark.parametrize("text", ["Kings Road", "Kings Rd", "12 kings road", "Linthorpe", "Supermarket"])
def test_what_may_be_two_places_is_never_guessed(geocoder, text):
    found = one(geocoder, text)
    assert found["status"] == "ambiguous"
    assert math.isnan(found["easting_m"])
    assert len(found["candidates"]) >= 2
    assert found["score"] <= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "unknown",
        "various locations",
        "his mum's house",
        "borough wide",
        "Quillstagg Avenue",
        "///filled.count.soap",
    ],
)
def test_what_names_no_place_here_is_unmatched(geocoder, text):
    found = one(geocoder, text)
    assert (found["status"], found["level"]) == ("unmatched", "")
    assert math.isnan(found["easting_m"])


@pytest.mark.parametrize(
    ("beside", "northing"),
    [
        ({"borough": "Southtown"}, 510_000),
        ({"borough": "Northtown"}, 520_420),
        ({"postcode": "ZZ2 1AA"}, 510_000),
        ({"postcode": "ZZ1"}, 520_420),
    ],
)
def test_what_is_said_beside_the_words_tells_two_streets_apart(geocoder, beside, northing):
    found = one(geocoder, "Kings Road", **beside)
    assert found["status"] == "matched"
    assert abs(found["northing_m"] - northing) < 150


def test_a_junction_lies_in_the_gap_between_the_nearest_points(geocoder):
    found = one(geocoder, "corner of Marton Road and Kings Road")
    # 520,200 and 520,420: the middle, and a radius of 35 m and 1.4 times the gap of 220 m
    assert found["easting_m"] == pytest.approx(450_000, abs=0.2)
    assert found["northing_m"] == pytest.approx(520_310, abs=0.2)
    assert found["error_m"] == pytest.approx(35 + 1.4 * 220, abs=0.5)


def test_streets_that_do_not_meet_are_no_junction(geocoder):
    assert one(geocoder, "j/w Marton Rd & Linthorpe Rd")["level"] != "junction"


def test_streets_said_to_meet_that_do_not_are_for_a_person(geocoder):
    found = one(geocoder, "j/w Marton Rd & St Marys Close")
    assert found["status"] == "ambiguous"
    assert found["disagreement"] == "Marton Road and St Mary's Close are not known to meet"
    assert [candidate["name"] for candidate in found["candidates"]] == ["Marton Road", "St Mary's Close"]


def test_another_town_than_that_of_the_only_street_is_told_and_lowers_the_score(geocoder):
    found = one(geocoder, "Brackenbury Avenue, Northtown")
    assert (found["status"], found["name"]) == ("matched", "Brackenbury Avenue")
    assert found["score"] < 0.9 < one(geocoder, "Brackenbury Avenue, Southtown")["score"]
    assert found["disagreement"] == "Brackenbury Avenue lies in Southtown, which is not the town named"


def test_a_postcode_district_elsewhere_is_told_with_the_distance(geocoder):
    found = one(geocoder, "St Mary's Close", postcode="ZZ2")
    assert found["score"] < 0.9
    assert "km outside the ward or postcode area said beside it" in found["disagreement"]


@pytest.mark.parametrize("text", ["Brackenbury", "youths at Brackenbury"])
def test_a_name_cut_short_is_never_sure(geocoder, text):
    found = one(geocoder, text)
    assert (found["name"], found["status"]) == ("Brackenbury Avenue", "matched")
    assert found["score"] < 0.9


def test_a_dot_after_st_does_not_end_the_name(geocoder):
    assert one(geocoder, "St. Mary's Close")["name"] == "St Mary's Close"


def test_three_words_of_a_service_say_why_they_are_not_looked_up(geocoder):
    assert "cannot be looked up on this machine" in one(geocoder, "///filled.count.soap")["disagreement"]


def test_the_number_of_a_long_road_is_no_place_on_it(tmp_path):
    gazetteers.build(tmp_path / "g.sqlite", [("A66", "road", 450_300.0, 520_300.0, 60.0)])
    with Gazetteer.open(tmp_path / "g.sqlite") as gazetteer:
        geocoder = Geocoder(gazetteer)
    for text in ("A66", "A 66", "crash on the a66"):
        found = one(geocoder, text)
        assert (found["status"], found["candidates"][0]["name"]) == ("ambiguous", "A66")


def test_a_postcode_elsewhere_than_its_street_is_for_a_person(geocoder):
    found = one(geocoder, "Brackenbury Avenue, ZZ1 1AA")
    assert found["status"] == "ambiguous"
    assert {candidate["name"] for candidate in found["candidates"]} == {"ZZ1 1AA", "Brackenbury Avenue"}
    assert "ZZ1 1AA lies 10." in found["disagreement"]  # 2.5 km east and 10 km north
    assert "km from Brackenbury Avenue" in found["disagreement"]


def test_a_match_far_from_the_point_given_says_how_far(geocoder):
    found = one(geocoder, "St Mary's Close", easting_m=451_000.0, northing_m=523_000.0)
    assert found["status"] == "matched"
    assert found["disagreement"] == "St Mary's Close lies 3.0 km from the point given"
    assert one(geocoder, "St Mary's Close", easting_m=451_000.0, northing_m=520_100.0)["disagreement"] == ""


def test_a_grid_reference_is_the_middle_of_its_square(geocoder):
    found = one(geocoder, "field at NZ 514 178 nr the beck")
    assert (found["easting_m"], found["northing_m"]) == (451_450, 517_850)
    # 95 % of a square of 100 m lie within 61 m of its middle; 10 m of one's own feet beside
    assert found["error_m"] == pytest.approx(math.hypot(61, 10), abs=0.1)


def test_being_near_a_place_is_less_than_being_at_it(geocoder):
    at, near = one(geocoder, "Pallister Park"), one(geocoder, "opp Pallister Park")
    assert near["error_m"] == pytest.approx(math.hypot(at["error_m"], 30))


def test_a_learned_name_is_known_and_two_of_one_name_are_not_guessed_between(town):
    dam = LocalName("Mucky Dam", "place", 450_700.0, 520_700.0, 60.0)
    found = one(Geocoder(town, [dam]), "kids at it again, mucky dam")
    assert (found["status"], found["easting_m"], found["error_m"]) == ("matched", 450_700, 60)
    other = LocalName("mucky dam", "place", 450_700.0, 510_700.0, 60.0)
    assert one(Geocoder(town, [dam, other]), "Mucky Dam")["status"] == "ambiguous"


def test_points_are_held_against_their_own_postcode_and_street(geocoder):
    records = pd.DataFrame(
        {
            "place_text": ["Marton Road", "St Mary's Close, Northtown", "", "Kings Road"],
            "postcode": ["", "", "ZZ2 1AB", ""],
            "easting_m": [450_000.0, 451_000.0, 452_510.0, 400_000.0],
            "northing_m": [520_100.0, 525_000.0, 518_010.0, 500_000.0],
            "error_m": [25.0] * 4,
        }
    )
    # The last may be either Kings Road: no witness against the point.
    said = geocoder.check(records)
    assert said["place_text"].tolist() == ["", "St Mary's Close lies 5.0 km from the point given", "", ""]
    assert said["postcode"].tolist() == ["", "", "ZZ2 1AB lies 8.0 km from the point given", ""]


def test_answers_come_in_the_order_of_the_texts_whatever_stands_beside_them(geocoder):
    texts = ["Kings Road", "zz1 1aa", "Marton Rd", "unknown", "Maton Road", "zz1 1aa", "ZZ1 2"]
    frame = geocoder.answer(pd.DataFrame({"query": texts}))
    assert frame["query"].tolist() == texts
    for number, text in enumerate(texts):
        alone = one(geocoder, text)
        assert (frame.iloc[number]["status"], frame.iloc[number]["name"]) == (alone["status"], alone["name"])
    assert len(geocoder.answer(pd.DataFrame({"query": []}, dtype="str"))) == 0


@settings(deadline=None, max_examples=150)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(WORDS),
            max_size=9,
        ).map(" ".join),
    )
)  # fmt: skip
def test_any_text_has_an_answer_that_keeps_its_promises(geocoder, text):
    found = one(geocoder, text)
    assert found["status"] in ("matched", "ambiguous", "unmatched")
    assert 0 <= found["score"] <= 1
    is_matched = found["status"] == "matched"
    assert math.isfinite(found["easting_m"]) is is_matched
    assert math.isfinite(found["northing_m"]) is is_matched
    assert bool(found["error_m"] > 0) is is_matched
    assert bool(found["level"]) is is_matched
    if found["status"] == "ambiguous":
        assert found["candidates"]


def test_a_gazetteer_of_names_alone_answers_too(tmp_path):
    gazetteers.build(tmp_path / "g.sqlite", [("Co-op", "shop", 450_300.0, 520_300.0, 60.0)])
    with Gazetteer.open(tmp_path / "g.sqlite") as gazetteer:
        geocoder = Geocoder(gazetteer)
    assert one(geocoder, "outside the Co-op")["name"] == "Co-op"
    assert one(geocoder, "TS1 1AA")["status"] == "unmatched"
