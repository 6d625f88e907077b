"""Texts that name nothing, two streets, a town, or a place for short, in an invented valley.

Every point lies on one line from west to east, so that distances are differences; see `VALLEY`.
"""

import pandas as pd
import pytest

from mapping.places.gazetteer import Gazetteer
from mapping.places.geocoder import Geocoder
from tests import gazetteers

NORTHING_M = 520_000.0
VALLEY = [
    ("The Royd", "street", 450_000),
    ("Beck Street", "street", 450_900),
    ("The Close", "street", 451_800),
    ("Back Lane", "street", 452_700),
    ("Fox Street", "street", 453_600),
    ("Queens Road", "street", 454_500),
    ("Delamere Road", "street", 455_400),
    ("Murrow Street", "street", 456_000),
    ("Duke Street", "street", 456_200),  # 200 m from Murrow Street: they meet
    ("Tolland Street", "street", 456_900),  # 700 m from Duke Street: they do not
    ("Church Road", "street", 458_000),
    ("Farlow", "village", 462_000),
    ("Church Road", "street", 463_000),  # 1 km from Farlow; the others lie 4 and 18 km off
    ("Lunedale Road", "street", 463_900),
    ("Church Road", "street", 480_000),
    ("Hill Street", "street", 470_000),
    ("Hill Street Shopping Centre", "shops", 470_900),
    ("Ada Lowe University Hospital", "hospital", 471_800),
    ("Corngate Shopping Centre", "shops", 472_700),
    ("Middle Grange Shopping Centre", "shops", 473_600),
    ("Middle Grange Lane", "street", 474_500),
    ("Pallister Park", "park", 475_400),
    ("Bexby Shopping Centre", "shops", 476_300),
    ("Bexby Road", "street", 477_200),
]


@pytest.fixture(scope="module")
def valley(tmp_path_factory):
    path = tmp_path_factory.mktemp("valley") / "gazetteer.sqlite"
    gazetteers.build(path, [(name, kind, float(east), NORTHING_M, 60.0) for name, kind, east in VALLEY])
    with Gazetteer.open(path) as gazetteer:
        yield Geocoder(gazetteer)


def one(geocoder, text, **beside):
    return geocoder.answer(
        pd.DataFrame({"query": [text], **{name: [said] for name, said in beside.items()}})
    ).iloc[0]


@pytest.mark.parametrize(
    "text",
    [
        "the road", "down the road", "bottom of the road", "The Road", "the street", "the lane",
        "up the lane", "the wood", "the beck", "by the beck", "lads by the beck again",
    ],
)  # fmt: skip
def test_a_kind_of_street_with_an_article_is_no_name_spelt_wrongly(valley, text):
    assert one(valley, text)["status"] == "unmatched"


@pytest.mark.parametrize(("text", "name"), [("The Royd", "The Royd"), ("the ryd", "The Royd")])
def test_a_name_with_an_article_is_still_found_and_mended(valley, text, name):
    assert (one(valley, text)["name"], one(valley, text)["status"]) == (name, "matched")


@pytest.mark.parametrize("text", ["the close", "Close", "Back Lane"])
def test_a_street_called_by_its_kind_alone_is_never_sure(valley, text):
    found = one(valley, text)
    assert found["status"] == "matched"
    assert found["score"] == pytest.approx(0.6)


@pytest.mark.parametrize("text", ["down at the end of the close", "back lane behind the house"])
def test_a_kind_of_street_in_a_sentence_is_for_a_person(valley, text):
    found = one(valley, text)
    assert found["status"] == "ambiguous"
    assert len(found["candidates"]) == 1


def test_a_house_number_says_that_a_kind_of_street_is_a_name(valley):
    found = one(valley, "rear of 14 The Close")
    assert (found["name"], found["status"]) == ("The Close", "matched")
    assert found["score"] > 0.9


@pytest.mark.parametrize(
    "text",
    [
        "Murrow st / Duke st", "murrow st/duke st", "Murrow Street & Duke Street", "Murrow St and Duke St",
        "between Murrow St and Duke St", "Murrow St x Duke St", "Murrow St jct Duke St",
        "cnr of Murrow St and Duke St", "Murrow St o/s Duke St", "Murrow St + Duke St", "Murrow St @ Duke St",
        "fight, Murrow St / Duke St, two males", "murrow st meets duke st",
    ],
)  # fmt: skip
def test_two_streets_are_where_they_meet(valley, text):
    found = one(valley, text)
    # 456,000 and 456,200: the middle, and a radius of 35 m and 1.4 times the gap of 200 m
    assert (found["status"], found["level"]) == ("matched", "junction")
    assert found["easting_m"] == pytest.approx(456_100, abs=0.5)
    assert found["error_m"] == pytest.approx(35 + 1.4 * 200, abs=0.5)


@pytest.mark.parametrize(
    "text",
    [
        "Duke St / Tolland St",
        "Duke St & Tolland St",
        "between Duke St and Tolland St",
        "Duke St x Tolland St",
    ],
)
def test_two_streets_that_do_not_meet_are_neither_of_them(valley, text):
    found = one(valley, text)
    assert (found["status"], found["score"]) == ("ambiguous", 0.5)
    assert found["disagreement"] == "Duke Street and Tolland Street are not known to meet"


@pytest.mark.parametrize(
    "text",
    [
        "Duke St / Zabbadock St",
        "Zabbadock Street & Duke Street",
        "Duke St / Zabbadock St, nr Pallister Park",
        "cnr of Duke St and Zabbadock Rd",
    ],
)
def test_a_street_beside_one_that_is_not_known_is_for_a_person(valley, text):
    found = one(valley, text)
    assert found["status"] == "ambiguous"
    assert found["disagreement"] == "of the two streets named only Duke Street is known"


def test_a_slash_between_other_words_joins_no_streets(valley):
    assert one(valley, "noise/shouting, Duke Street")["name"] == "Duke Street"
    assert one(valley, "Duke Street / Farlow")["level"] == "street"


@pytest.mark.parametrize(
    "text", ["Church Road Farlow", "church rd, farlow", "kids throwing stones at cars on Church Road Farlow"]
)
def test_a_town_on_the_map_tells_streets_of_one_name_apart(valley, text):
    found = one(valley, text)
    assert (found["status"], found["easting_m"]) == ("matched", 463_000)
    assert one(valley, "Church Road")["status"] == "ambiguous"


def test_a_town_does_not_beat_a_misspelt_street_in_it(valley):
    assert one(valley, "Lundale Road, Farlow")["name"] == "Lunedale Road"


def test_a_town_beside_a_street_that_is_not_known_is_not_the_answer(valley):
    assert one(valley, "Zabbadock Road, Farlow")["status"] == "unmatched"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hill St Centre", "Hill Street Shopping Centre"),
        ("hill street shopping ctr", "Hill Street Shopping Centre"),
        ("Ada Lowe hosp", "Ada Lowe University Hospital"),
        ("nr ada lowe", "Ada Lowe University Hospital"),
        ("Corngate", "Corngate Shopping Centre"),
        ("outside Corngate cntr", "Corngate Shopping Centre"),
        ("Middle Grange", "Middle Grange Shopping Centre"),
        ("pally park", "Pallister Park"),
        ("Pally Pk", "Pallister Park"),
        ("Hill Street", "Hill Street"),
        ("Middle Grange Lane", "Middle Grange Lane"),
    ],
)
def test_a_place_is_found_by_what_people_call_it(valley, text, name):
    found = one(valley, text)
    assert (found["status"], found["name"]) == ("matched", name)


@pytest.mark.parametrize("text", ["Corngate", "Middle Grange", "pally park", "nr ada lowe"])
def test_a_place_without_its_last_words_is_never_sure(valley, text):
    assert one(valley, text)["score"] <= 0.88


def test_a_word_that_is_short_for_a_place_and_a_street_is_not_guessed_at(valley):
    found = one(valley, "Bexby")
    assert found["status"] == "ambiguous"
    assert {one["name"] for one in found["candidates"]} == {"Bexby Shopping Centre", "Bexby Road"}


@pytest.mark.parametrize(
    "text",
    [
        "Fox & Hounds", "the Fox and Hounds pub", "Queens Sq", "Beck House", "Delamere Chippy",
        "Murrow House flats",
        "Red Fox", "Queens Square Farlow",
    ],
)  # fmt: skip
def test_one_word_in_common_is_no_match(valley, text):
    found = one(valley, text)
    assert found["status"] != "matched"
    assert found["score"] <= 0.5


@pytest.mark.parametrize(
    ("text", "level", "name"),
    [
        ("ZZ1 1AA - gable end", "postcode", "ZZ1 1AA"),
        ("ZZ1 1AA, Linthorpe end", "postcode", "ZZ1 1AA"),
        ("zz1 1aa caller wouldnt say which house", "postcode", "ZZ1 1AA"),
        ("ZZ1 2 - Linthorpe end", "sector", "ZZ1 2"),
        ("somewhere in ZZ1 2 he thinks", "sector", "ZZ1 2"),
        ("ZZ2 (caller wouldnt give address)", "district", "ZZ2"),
        ("ZZ2 various complaints", "district", "ZZ2"),
    ],
)
def test_a_code_is_not_beaten_by_words_that_name_nothing(geocoder, text, level, name):
    found = one(geocoder, text)
    assert (found["status"], found["level"], found["name"]) == ("matched", level, name)


def test_a_street_written_out_beside_a_code_still_counts(geocoder):
    assert one(geocoder, "Kings Road, ZZ1")["name"] == "Kings Road"
    assert one(geocoder, "Brackenbury Avenue, ZZ1 1AA")["status"] == "ambiguous"


def test_a_district_beside_a_street_that_is_not_known_says_so(geocoder):
    found = one(geocoder, "Quillstagg Avenue, ZZ2")
    assert (found["name"], found["score"]) == ("ZZ2", 0.9)
    assert found["disagreement"] == "a street is named that is not known"
