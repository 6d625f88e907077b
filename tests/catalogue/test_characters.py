"""Encodings, what a file really is, and odd characters: BAD 21 to 30."""

import gzip
import json
import unicodedata

import pytest

from .doors import new_events
from .files import WARDEN, cells_of, log, packed, row, rows, street, table, xlsx, xml_rows

GOOD = log({}, {})
WORKBOOK = xlsx(xml_rows(cells_of("warden-log", rows("warden-log", {}, {}))))
STRAY = "holds a NUL or a byte that is not valid in the file's encoding"


def test_bad_21_windows_text_reads_right_and_says_so(door, write):
    content = log({"address": "Canary’s Café – £5 • €", "description": "naïve“”…"}, {}).encode("cp1252")
    outcome = door.take("warden-log", write("windows_1252.csv", content))
    assert outcome.told == {"new": 2}
    assert outcome.by_reference["W1"].place_text == "Canary’s Café – £5 • €"
    assert outcome.by_reference["W1"].description == "naïve“”…"
    assert "Read as Windows-1252" in outcome.words


def test_bad_21_a_byte_that_windows_text_has_no_letter_for_loses_its_row(command, write):
    content = log({"address": "Canary Caf\xe9 \x81 Lane"}, {"address": "Caf\xe9"}).encode("latin-1")
    outcome = command.take("warden-log", write("windows_hole.csv", content))
    assert outcome.rejected == [(1, "address", STRAY)]
    assert outcome.by_reference["W2"].place_text == "Café"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_bad_22_utf16_is_read_and_said(door, write, encoding):
    content = log({"address": "Canary Café £5"}, {}).encode(encoding)
    outcome = door.take("warden-log", write("utf16.csv", content))
    assert (outcome.told, outcome.reports[0].place_text) == ({"new": 2}, "Canary Café £5")
    assert "Read as UTF-16." in outcome.words


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (GOOD.encode("utf-32"), "UTF-32"),
        (b"\x00\x00\xfe\xff" + GOOD.encode("utf-32-be"), "UTF-32"),
        (GOOD.encode("utf-32-le"), "binary data"),
        (GOOD.encode("utf-16")[:-1], "UTF-16"),
        (GOOD.replace("Canary", "\ud800").encode("utf-16-le", "surrogatepass"), "UTF-16"),
    ],
    ids=["utf32", "utf32 big", "utf32 unmarked", "utf16 cut", "utf16 half a pair"],
)
def test_bad_22_other_encodings_are_refused_by_name(door, write, content, said):
    assert said in door.refuse("warden-log", write("encoding.csv", content))


def test_bad_23_one_invalid_byte_loses_its_row_and_leaves_the_rest_right(door, write):
    content = log({"address": "Canary Café"}, {"address": "Canary @@"}, {"address": "naïve"}).encode()
    outcome = door.take("warden-log", write("one_byte.csv", content.replace(b"@@", b"\xff")))
    assert outcome.rejected == [(2, "address", STRAY)]
    assert [report.place_text for report in outcome.reports] == ["Canary Café", "naïve"]
    assert "1 bytes are not valid in it" in outcome.words


@pytest.mark.parametrize(
    "damage", [b"\xe2\x80", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\xaf", b"\x80"],
    ids=["cut apostrophe", "cut face", "half a pair", "overlong", "alone"],
)  # fmt: skip
def test_bad_23_one_broken_character_never_makes_another_row_wrong(command, write, damage):
    content = log({"address": "Canary Café"}, {"address": "Canary @@"}, {}).encode().replace(b"@@", damage)
    outcome = command.take("warden-log", write("broken_character.csv", content))
    assert outcome.by_reference["W1"].place_text == "Canary Café"
    assert outcome.rejected == [(2, "address", STRAY)]


def test_bad_23_an_invalid_byte_in_a_heading_is_that_columns_alone(door, write):
    content = log({"address": "Canary Café"}, {}).encode()
    outcome = door.take(
        "warden-log", write("byte_in_heading.csv", content.replace(b"postcode", b"post\xffcode"))
    )
    assert outcome.told == {"new": 2}
    said = door.refuse(
        "warden-log", write("byte_in_needed.csv", content.replace(b"category", b"cat\xffgory"))
    )
    assert "category" in said


def test_bad_24_a_nul_loses_its_row(door, write):
    content = log(
        {"address": "a\x00b"}, {"reference": "W\x002"}, {"grading": "\x00"}, {"description": "Canary\x00"}, {}
    )
    outcome = door.take("warden-log", write("nul.csv", content))
    assert outcome.rejected == [
        (1, "address", STRAY), (2, "reference", STRAY), (3, "grading", STRAY), (4, "description", STRAY),
    ]  # fmt: skip
    assert [report.reference for report in outcome.reports] == ["W5"]


@pytest.mark.parametrize("zeros", [8, 512, 5000])
def test_bad_24_a_file_that_ends_in_nuls_keeps_nothing_of_them(command, write, zeros):
    sent = write("nul_tail.csv", GOOD.encode() + b"\x00" * zeros)
    if zeros < 20:
        assert command.take("warden-log", sent).told == {"new": 2, "rejected": 1}
    else:
        assert "binary data" in command.refuse("warden-log", sent)


NOT_A_TABLE = {
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 300, "PNG picture"),
    "photo.csv": (b"\xff\xd8\xff\xe0" + b"\x00" * 300, "JPEG picture"),
    "letter.csv": (b"%PDF-1.7\n%", "PDF"),
    "workbook.csv": (WORKBOOK, "Excel workbook"),
    "page.csv": (b"<!DOCTYPE html><html><table><tr><td>Canary</td></tr></table>", "HTML"),
    "fragment.csv": (b"\n<table><tr><td>a,b,c</td></tr></table>", "HTML"),
    "comment.csv": (b"<!-- saved --><html></html>", "HTML"),
    "page.xls": (b"<html xmlns:x='urn:x'><table></table></html>", "HTML"),
    "data.csv": (b'{"rows": [{"reference": "Canary"}]}', "JSON"),
    "list.csv": (b' [1, 2, "Canary"]', "JSON"),
    "document.csv": (b"<?xml version='1.0'?><a>Canary</a>", "XML"),
    "letter.rtf": (b"{\\rtf1\\ansi a, b, c}", "RTF"),
    "store.csv": (b"SQLite format 3\x00" + b"\x00" * 100, "SQLite"),
    "program.csv": (b"MZ\x90\x00\x03" + b"\x00" * 300, "binary data"),
    "table.csv": (b"PAR1" + b"\x00" * 30, "Parquet"),
    "text.xlsx": (GOOD.encode(), "plain text"),
    "text.zip": (GOOD.encode(), "plain text"),
    "text.csv.gz": (GOOD.encode(), "plain text"),
    "text.ods": (GOOD.encode(), "plain text"),
    "workbook.ods": (WORKBOOK, "Excel workbook"),
    "letter.docx": (packed({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"}), "office document"),
    "workbook.csv.gz": (gzip.compress(WORKBOOK), "no plain text"),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old .xls"),
}


@pytest.mark.parametrize("name", NOT_A_TABLE)
def test_bad_25_what_is_no_table_is_refused_by_its_content(door, write, name):
    content, said = NOT_A_TABLE[name]
    assert said in door.refuse("warden-log", write(name, content))


@pytest.mark.parametrize(
    "reference",
    ["A\x1b[31mB", "A\r\nimport 7 done", "A\nB", "A\u2028B", "A\x85B", "A\x9bB", "A\x07", "A\x00B"],
    ids=ascii,
)
def test_bad_26_control_characters_in_a_reference_lose_its_row(door, write, reference):
    outcome = door.take("warden-log", write("control_reference.csv", log({"reference": reference}, {})))
    assert outcome.told == {"new": 1, "rejected": 1}
    ((number, field, _),) = outcome.rejected
    assert (number, field) == (1, "reference")


def test_bad_26_elsewhere_they_are_taken_out_and_no_log_is_forged(command, write, caplog):
    forged = "\r\nERROR webapp: forged\x1b[2J\x07"
    content = log(
        {"description": "Canary" + forged},
        {"address": "Canary" + forged},
        {"category": "Noise" + forged},
        {"source": "wardens" + forged},
        {"postcode": forged},
        {"grading": forged},
    )
    outcome = command.take("warden-log", write("forged\r\nlog.csv", content))
    assert outcome.told == {"new": 6}
    for report in outcome.reports:
        for value in (report.description, report.place_text, report.source, report.category):
            assert "\x1b" not in value and "\x07" not in value
        assert "\n" not in report.place_text + report.source
    assert "forged\x1b" not in caplog.text and "\nERROR webapp: forged" not in caplog.text
    details = [line.details for line in new_events(command.url, 0, action="import")]
    assert "forged" not in json.dumps(details)


ODD = {
    "override": "Canary \u202eenaL\u202c",
    "isolates": "\u2066Canary\u2069 Lane",
    "zero width": "Can\u200bary\u200dLane",
    "combining": "Z" + "\u0301" * 400,
    "tags": "\U000e0041\U000e0042",
    "faces": "\U0001f600 Lane",
    "wide": "漢字通り",
}


def test_bad_27_odd_writing_is_stored_and_shown_apart(door, write):
    content = table(
        [row("warden-log", k, address=odd, description=odd) for k, odd in enumerate(ODD.values(), start=1)],
        heading=WARDEN,
    )
    outcome = door.take("warden-log", write("odd_writing.csv", content))
    assert outcome.told == {"new": len(ODD)}
    assert [report.place_text for report in outcome.reports] == list(ODD.values())
    if outcome.pages:
        assert '<td class="govuk-table__cell untrusted">' in outcome.pages["preview"]


def test_bad_27_a_file_name_written_backwards_is_shown_apart(site, write):
    outcome = site.take("warden-log", write("backwards.csv", GOOD), name="log\u202evsc.exe.csv")
    for page in (outcome.pages["preview"], outcome.pages["result"], outcome.pages["list"]):
        assert 'untrusted">' in page or 'untrusted" ' in page
        assert "\u202e" not in page.replace('<span class="untrusted">log\u202evsc.exe.csv</span>', "")


def test_bad_28_composed_and_separate_accents_are_the_same_word(command, write):
    given = [
        {"Crime ID": "Café 1", "Crime type": "Drugs"},
        {"Crime ID": unicodedata.normalize("NFD", "Café 1"), "Crime type": "Drugs"},
    ]
    outcome = command.take("police-uk", write("accents.csv", street(*given)))
    assert outcome.told == {"new": 1, "joined": 1}
    bare = [
        {"Location": "On or near Café Lane"},
        {"Location": unicodedata.normalize("NFD", "On or near Café Lane")},
    ]
    both = command.take("police-uk", write("bare_accents.csv", street(*bare)))
    again = command.take("police-uk", write("bare_accents2.csv", street(bare[1], bare[0])))
    assert both.told == {"new": 2}
    assert again.counts["new"] == 0


@pytest.mark.parametrize(
    "word",
    [
        "Burgl\u0430ry",
        "Ｂurglary",
        "Burglary\u200b",
        "Burg\u00adlary",
        "\u202eBurglary",
        "Ⅴehicle crime",
        "Вurglary",
    ],
    ids=ascii,
)
def test_bad_28_a_look_alike_is_never_the_category(command, write, word):
    content = street({"Crime type": word, "Crime ID": "a"}, {"Crime type": " BURGLARY", "Crime ID": "b"})
    outcome = command.take("police-uk", write("look_alike.csv", content))
    assert [report.category for report in outcome.reports] == ["Other report", "Burglary"]
    assert [row for row, _, _ in outcome.flagged] == [1]


def test_bad_28_a_look_alike_reference_is_another(command, write):
    content = log(*[{"reference": name} for name in ("A1", "\u04101", "Ａ1", "a1", "ß", "ss")])
    assert command.take("warden-log", write("look_alike_reference.csv", content)).told == {"new": 6}


def test_bad_29_words_that_programs_take_for_nothing_are_kept(door, write):
    words = ["NA", "None", "Null", "nan", "N/A", "true", "1e5", "inf", "0123", 'O\'Brien’s "Arms"', "-"]
    content = table(
        [row("warden-log", k, address=word, description=word) for k, word in enumerate(words, start=1)],
        heading=WARDEN,
    )
    outcome = door.take("warden-log", write("nothing_words.csv", content))
    assert [report.place_text for report in outcome.reports] == words
    assert [report.description for report in outcome.reports] == words


def test_bad_29_a_street_called_none_is_a_street(command, write):
    named = ["None", "On or near Null Street", "On or near ", "On or near", "No Location", "NA"]
    outcome = command.take(
        "police-uk", write("no_location.csv", street(*[{"Location": name} for name in named]))
    )
    assert [report.place_text for report in outcome.reports] == ["None", "Null Street", "", "", "", "NA"]


def test_bad_30_leading_zeros_and_long_numbers_are_kept(door, write):
    names = ["00123", "123", "12345678901234567890123", "1234567890123450000"]
    outcome = door.take("warden-log", write("numbers.csv", log(*[{"reference": name} for name in names])))
    assert [report.reference for report in outcome.reports] == names


@pytest.mark.parametrize("rounded", ["1.23457E+15", "1,23457E+15", "1.2E+05"])
def test_bad_30_a_number_that_a_spreadsheet_rounded_is_flagged(command, write, rounded):
    outcome = command.take("warden-log", write("rounded.csv", log({"reference": rounded}, {})))
    assert outcome.flagged == [(1, "reference", "looks like a number that a spreadsheet has rounded")]


def test_bad_30_numbers_in_a_workbook_keep_their_digits_or_are_flagged(door, write):
    numbers = [123, "00123", 999_999_999_999_999, 1_234_567_890_123_456, 12_345_678_901_234_567_890]
    given = rows("warden-log", *[{"reference": number} for number in numbers])
    outcome = door.take("warden-log", write("numbers.xlsx", xlsx(xml_rows(cells_of("warden-log", given)))))
    assert outcome.told == {"new": 5}
    assert [report.reference for report in outcome.reports][:3] == ["123", "00123", "999999999999999"]
    assert [row for row, _, _ in outcome.flagged] == [4, 5]
