import time
from collections import Counter

import hypothesis.strategies as st
import pytest
from hypothesis import given

from mapping.intake import redaction
from mapping.intake.redaction import KINDS, added, in_words, parts, redact

FOUND = {
    "phone number": [
        "07700 900123", "07700900123", "07700-900-123", "07700.900.123", "(01632) 960123", "01632 960 123",
        "020 7946 0958", "0207 946 0958", "0191 498 0123", "0800 123456", "+44 7700 900123", "+447700900123",
        "+44 (0)7700 900 123", "0044 7700 900123", "447700900123", "44 7700 900123", "+353 85 012 3456",
        "0 7 7 0 0 9 0 0 1 2 3", "07700 90 01 23", "０７７００ ９００１２３", "07700\u200b900\u200b123",
        "07700\u00a0900123", "07700\u2013900123", "٠٧٧٠٠ ٩٠٠١٢٣", "𝟎𝟕𝟕𝟎𝟎 𝟗𝟎𝟎𝟏𝟐𝟑", "0\u202e7700 900123",
    ],
    "e-mail address": [
        "jo@example.org", "Jo.Bloggs+ward@mail.example.co.uk", "o'brien@example.org", "josé@example.org",
        "jo@bücher.example", "ｊｏ＠example.org", "jo\u200b@example.org", "JO_B@EXAMPLE.ORG",
    ],
    # 9434765919: 9x10 + 4x9 + 3x8 + 4x7 + 7x6 + 6x5 + 5x4 + 9x3 + 1x2 = 299 = 27x11 + 2; 11 - 2 = 9
    "NHS number": ["943 476 5919", "9434765919", "943-476-5919"],
    "National Insurance number": [
        "AB 12 34 56 C", "AB123456C", "ab123456c", "AB-12-34-56-D", "ab 12 34 56 c", "AB12 3456 A",
    ],
    "vehicle registration": [
        "AB12 CDE", "AB12CDE", "ab12cde", "ab12 cde", "AB 12 CDE", "Ab12CDE", "NV19 XKM", "BD51-SMR",
        "LK73 ZZZ", "A123 BCD", "a123bcd", "P7 XKM", "Q123 XKM", "ABC 123D", "abc123d", "AIG 1234",
        "XUI 123", "ＡＢ１２ ＣＤＥ",
    ],
    "postcode": ["TS3 6AB", "ts3 6ab", "TS36AB", "SW1A 1AA", "EC1A1BB", "M1 1AE", "TS10  4LZ", "B33.8TH"],
    "bank number": ["4111 1111 1111 1111", "4111111111111111", "3782 822463 10005"],
}  # fmt: skip
CALLED = [
    ("dob 03/02/1990", "dob [date of birth removed]"),
    ("DOB: 3.2.90, male", "DOB: [date of birth removed], male"),
    ("D.O.B. 1990-02-03", "D.O.B. [date of birth removed]"),
    ("his date of birth is 3rd of March 1990", "his date of birth is [date of birth removed]"),
    ("born on the 3 Feb 1990", "born on the [date of birth removed]"),
    ("born in March 1990", "born in [date of birth removed]"),
    ("born March 3, 1990", "born [date of birth removed]"),
    ("03/02/1990 (dob)", "[date of birth removed] (dob)"),
    ("d o b 030290", "d o b [date of birth removed]"),
    # fails its check digit, and is still called one
    ("NHS no. 943 476 5918", "NHS no. [NHS number removed]"),
    ("NHS number 9434765910", "NHS number [NHS number removed]"),
    ("NI no AB 12 34 56", "NI no [National Insurance number removed]"),
    (
        "sort code 12-34-56, account 12345678",
        "sort code [bank number removed], account [bank number removed]",
    ),
    ("reg NV19", "reg [vehicle registration removed]"),
    ("number plate is XKM 7", "number plate is [vehicle registration removed]"),
    ("partial reg: 12 AB", "partial reg: [vehicle registration removed]"),
    ("Tel07700900123pls", "Tel[phone number removed]pls"),
    ("07700 900123 4 lads", "[phone number removed] 4 lads"),
    ("01632 960123/07700 900123", "[phone number removed]/[phone number removed]"),
    ("e-mail: <jo@example.org>.", "e-mail: <[e-mail address removed]>."),
    ("AB12CDE07700900123", "AB12CDE07700900123"),  # one long reference, not two identifiers
]
LEFT = [
    "On the A19 the road was blocked", "A19 AND A66", "M62 EAST", "M62 was shut", "C2 class was cancelled",
    "B1380 near the shops", "Marton Road, TS3", "TS3 and TS4", "TS12 the whole estate", "NO 15 THE AVENUE",
    "flat 12a", "NO 12A", "the 12b bus", "No15 the Avenue", "ts10 1st floor", "at 19:30 for 2 hours",
    "between 18:00-22:00", "from 2300 to 0100", "01/02/2026 19:30", "01-02-2026 19:30", "2026-02-01 19:30",
    "on 3 March 1990 the shop opened", "aged 14, 15 and 16", "5 youths on 3 bikes", "log 452 of 12/03/2026",
    "CVP-26-012345", "incident 123456", "crime ref 1234567890", "case 20/004512", "£1,250.00", "£07",
    "NZ 494 203", "NZ494203", "450250 520250", "54.5701, -1.2345678901", "0.0770090012", "-1.0123456789",
    "101 and 999", "813456", "grid ref 4502 5202", "12.5 km", "page 3 of 12", "2B P, A1 S2", "GB123456C",
    "ZZ123456A", "AB123456Z", "943 476 5918", "4111 1111 1111 1112", "registered at 12 Marton Road",
    "index of 12", "a car reg at 10", "ABC 1234 is a bus", "mid-90s", "K9 unit", "T5 van", "4x4 seen",
    "@home", "jo@", "http-free", "meet @ 7", "Mark said that Mrs Smith knows", "born leader",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in FOUND.items() for value in values]
)
@pytest.mark.parametrize("around", ["{}", "seen: {}.", "Ask ({}) today", "words before\n{}\nand after"])
def test_what_identifies_a_person_is_taken_out_and_said(kind, value, around):
    found = redact(around.format(value))
    assert found.text == around.format(f"[{kind} removed]")
    assert found.removed == {kind: 1}


@pytest.mark.parametrize(("text", "kept"), CALLED)
def test_what_a_word_beside_it_gives_away_is_taken_out(text, kept):
    assert redact(text).text == kept


@pytest.mark.parametrize("text", LEFT)
def test_what_only_looks_like_it_stays(text):
    assert redact(text) == redaction.Redacted(text, {})


@pytest.mark.parametrize("age", ["01", "30", "50", "80"])
def test_a_registration_has_an_age_that_was_given_out(age):
    assert redact(f"AB{age} CDE").removed == {}


def test_a_postcode_may_stay_where_it_is_the_place():
    text = "shops by TS3 6AB, ring 07700 900123"
    assert redact(text, leaving=("postcode",)).text == "shops by TS3 6AB, ring [phone number removed]"


def test_several_of_a_kind_are_counted_and_said_in_words():
    found = redact("07700 900123 or 07700 900124, jo@example.org")
    assert found.text == "[phone number removed] or [phone number removed], [e-mail address removed]"
    assert found.removed == {"e-mail address": 1, "phone number": 2}
    assert in_words(found.removed) == "an e-mail address and 2 phone numbers"
    assert in_words({}) == ""
    assert added(found.removed, {"phone number": 1}) == {"e-mail address": 1, "phone number": 3}


def test_the_tally_holds_no_value():
    found = redact("AB12 CDE, 07700 900123")
    assert set(found.removed) <= set(KINDS)
    assert all(isinstance(count, int) for count in found.removed.values())


def test_a_mark_that_the_writer_typed_stays_and_is_not_counted():
    assert redact("[phone number removed] dob").removed == {}
    assert parts("a [phone number removed] b") == [
        ("a ", False),
        ("[phone number removed]", True),
        (" b", False),
    ]
    assert parts("") == []


def test_the_rest_of_the_text_stays_as_it_was():
    text = "Naïve\u00a0café – “ﬁne” <b>=1+1</b> 🙂\u200d 07700 900123 é"
    assert redact(text).text == text.replace("07700 900123", "[phone number removed]")


pieces = st.one_of(
    st.sampled_from(
        [value for values in FOUND.values() for value in values]
        + [text for text, _ in CALLED]
        + [f"[{kind} removed]" for kind in KINDS]
        + ["nhs", "dob ", "born on ", "reg ", "ni ", "sort code ", "tel", "@", "+"]
        + [ "(0)", "0", "44", ".", "-", " ", "\n", "\x00", "é", "\u200b"]
    ),
    st.text(max_size=6),
    st.integers(0, 99_999).map(str),
)  # fmt: skip


@given(st.lists(pieces, max_size=14).map("".join))
def test_redacting_twice_is_redacting_once_and_every_mark_is_counted(text):
    found = redact(text)
    assert redact(found.text) == redaction.Redacted(found.text, {})
    marks = Counter(mark for mark, is_mark in parts(found.text) if is_mark)
    typed = Counter(mark for mark, is_mark in parts(text) if is_mark)
    assert marks - typed == Counter({f"[{kind} removed]": count for kind, count in found.removed.items()})


@pytest.mark.parametrize(
    "piece",
    [
        "1 ", "0", "0 ", "a@", "a.", "a@b.c.", "dob ", "born on the ", "AB12", "AB12 CDE ", "+", "07700 ",
        "01 02 03 ", "nhs no ", "reg no ", "sort code ", "[phone number removed]", "[phone ", "é",
        "\u200b", "-- ", "9434765919 ",
    ],
)  # fmt: skip
def test_a_hostile_text_of_100_kb_takes_no_time_to_speak_of(piece):
    text = piece * (100_000 // len(piece))
    started = time.perf_counter()
    redact(text)
    assert (
        time.perf_counter() - started < 10
    )  # about 2 s for the slowest; a rule that backtracks takes minutes
