"""Workbooks: BAD 70 to 72, 74 and 75."""

import socket
import threading
import zipfile
from io import BytesIO

import pytest

from .doors import held, measured, refuse_measured
from .files import cells_of, log, ods, ods_rows, packed, rows, xlsx, xml_rows

LAYOUT = "warden-log"
GOOD = xml_rows(cells_of(LAYOUT, rows(LAYOUT, {}, {})))
FORMULA = "holds a formula; its last stored value was read, and nothing was worked out"
ERROR = "holds an error cell (such as #N/A), which was read as blank"
DOCTYPE = "declares a document type"
DAMAGED = "The workbook is damaged or in a form that cannot be read"
SPREAD = "spread over too large an area"


def sheet_of(*changes: dict[str, object]) -> bytes:
    """Write a workbook of a warden log."""
    return xlsx(xml_rows(cells_of(LAYOUT, rows(LAYOUT, *changes))))


def test_bad_70_formulas_and_errors_are_flagged_and_nothing_is_worked_out(door, write):
    formula = '<c t="str"><f>1+1</f><v>Canary formula</v></c>'
    never, error = '<c t="str"><f>NOW()</f></c>', '<c t="e"><v>#N/A</v></c>'
    content = sheet_of(
        {"address": formula},
        {"address": error},
        {"reference": never},
        {"occurred_at": error},
        {"easting": "<c><f>1+1</f><v>450250</v></c>"},
        {"description": never},
        {"reference": error},
        {},
    )
    outcome = door.take(LAYOUT, write("formulas.xlsx", content))
    assert [row for row, _, _ in outcome.rejected] == [3, 4, 7]
    assert sorted(outcome.flagged) == [(1, "", FORMULA), (2, "", ERROR), (5, "", FORMULA), (6, "", FORMULA)]
    assert outcome.by_reference["W1"].place_text == "Canary formula"
    assert outcome.by_reference["W2"].place_text == ""


def test_bad_70_nothing_is_asked_of_another_machine(command, write):
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)

        def answer():
            try:
                while True:
                    asked.append(listener.accept())
            except OSError:
                return

        waiting = threading.Thread(target=answer)
        waiting.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        call = f'<c t="str"><f>WEBSERVICE("{address}")</f><v>x</v></c>'
        links = (
            f'<Relationships><Relationship Id="r" TargetMode="External" Target="{address}"/></Relationships>'
        )
        parts = {
            "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
            "xl/connections.xml": b"<connections/>",
            "xl/externalLinks/_rels/externalLink1.xml.rels": links.encode(),
        }
        content = xlsx(xml_rows(cells_of(LAYOUT, rows(LAYOUT, {"address": call}))), extra=parts)
        outcome = command.take(LAYOUT, write("calls.xlsx", content))
        waiting.join()
    assert outcome.told == {"new": 1}
    assert asked == []


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_bad_71_a_hidden_sheet_is_not_read_and_that_is_said(door, write, state):
    secret = xml_rows(cells_of(LAYOUT, rows(LAYOUT, {"reference": "Canary"})))
    content = xlsx(secret, GOOD, secret, states=(state, "", state))
    outcome = door.take(LAYOUT, write("hidden_sheets.xlsx", content))
    assert [report.reference for report in outcome.reports] == ["W1", "W2"]
    assert "Only the first visible sheet was read; 2 others (2 hidden) were not." in outcome.words


def test_bad_71_with_every_sheet_hidden_the_file_is_refused(door, write):
    said = door.refuse(LAYOUT, write("all_hidden.xlsx", xlsx(GOOD, GOOD, states=("hidden", "veryHidden"))))
    assert "Every sheet of the workbook is hidden" in said


def test_bad_71_hidden_rows_are_read_and_that_is_said(command, write):
    content = xlsx(GOOD.replace('<row r="2"', '<row hidden="1" r="2"'))
    outcome = command.take(LAYOUT, write("hidden_rows.xlsx", content))
    assert outcome.told == {"new": 2}
    assert "1 hidden rows were read like the others." in outcome.words


def test_bad_71_where_the_first_sheet_holds_notes_the_refusal_says_that_only_it_was_read(door, write):
    notes = xml_rows([["Canary notes"], ["read me"]])
    said = door.refuse(LAYOUT, write("notes_first.xlsx", xlsx(notes, GOOD)))
    assert "needs the columns" in said and "Only the first visible sheet was read" in said


EXTERNAL = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + k)} "{f"&{chr(97 + k)};" * 10}">' for k in range(9))
    + "]>"
)
LAUGHING = GOOD.replace("Nuisance", "&j;")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("external.xlsx", xlsx(GOOD.replace("Nuisance", "&e;"), prologue=EXTERNAL)),
        ("laughs.xlsx", xlsx(LAUGHING, prologue=LAUGHS)),
        (
            "shared.xlsx",
            xlsx(GOOD, extra={"xl/sharedStrings.xml": (LAUGHS + "<sst><si><t>&j;</t></si></sst>").encode()}),
        ),
        (
            "utf16.xlsx",
            xlsx(GOOD, extra={"xl/sharedStrings.xml": ("\ufeff" + LAUGHS + "<sst/>").encode("utf-16-le")}),
        ),
        (
            "utf16be.xlsx",
            xlsx(GOOD, extra={"xl/sharedStrings.xml": ("\ufeff" + LAUGHS + "<sst/>").encode("utf-16-be")}),
        ),
        ("capitals.xlsx", xlsx(GOOD, extra={"xl/sharedStrings.XML": (LAUGHS + "<sst/>").encode()})),
        ("links.xlsx", xlsx(GOOD, extra={"xl/_rels/other.xml.rels": EXTERNAL.encode()})),
        (
            "laughs.ods",
            packed(
                {
                    "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                    "content.xml": LAUGHS + "<x>&j;</x>",
                    "META-INF/manifest.xml": "<m/>",
                }
            ),
        ),
        (
            "external.ods",
            packed(
                {
                    "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                    "content.xml": EXTERNAL + "<x>&e;</x>",
                    "META-INF/manifest.xml": "<m/>",
                }
            ),
        ),
    ],
)
def test_bad_72_a_document_type_refuses_the_workbook_whatever_its_encoding(door, write, name, content):
    assert DOCTYPE in door.refuse(LAYOUT, write(name, content))


def test_bad_72_entities_take_neither_memory_nor_time(command, write):
    refused = refuse_measured(command, LAYOUT, write("laughs.xlsx", xlsx(LAUGHING, prologue=LAUGHS)))
    assert DOCTYPE in refused.stderr
    assert refused.peak_mb < 250


@pytest.mark.parametrize("dimension", ["A1:XFD1048576", "A1:A1", "XFD1048576:A1", "A1:ZZZZZZZZZ99999999999"])
def test_bad_74_what_a_sheet_says_of_its_size_costs_nothing(command, write, dimension):
    sent = write("dimension.xlsx", xlsx(GOOD, dimension=dimension))
    assert measured(command, "import", LAYOUT, sent).peak_mb < 250
    assert [report.reference for report in held(command.url)] == ["W1", "W2"]


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', SPREAD),
        ('<row r="1048576"><c r="XFD1048576" s="1"/></row>', SPREAD),
        ('<row r="1048576"><c r="A1048576"><v>1</v></c></row>', SPREAD),
        ('<row r="5"><c r="ZZZZZZZZ5"><v>1</v></c></row>', SPREAD),
        (f'<row r="{"9" * 20}"><c r="A{"9" * 20}"><v>1</v></c></row>', SPREAD),
        ('<row r="-5"><c r="A-5"><v>1</v></c></row>', DAMAGED),
        ('<row r="x"><c r="é5"><v>1</v></c></row>', DAMAGED),
    ],
    ids=["last corner", "styled corner", "last row", "beyond columns", "beyond rows", "minus", "letters"],
)
def test_bad_74_a_cell_far_away_is_refused_before_the_sheet_is_unfolded(command, write, tail, said):
    refused = refuse_measured(command, LAYOUT, write("far_cell.xlsx", xlsx(GOOD + tail)))
    assert said in refused.stderr
    assert refused.peak_mb < 250 and refused.seconds < 5


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 3000
WHOLE = xlsx(GOOD)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("macro.xlsx", xlsx(GOOD, extra={"xl/vbaProject.bin": b"x"}), "macros"),
        ("macro.xlsm", xlsx(GOOD, extra={"xl/vbaProject.bin": b"x"}), "macros"),
        ("capitals.xlsm", xlsx(GOOD, extra={"xl/VBAPROJECT.BIN": b"x"}), "macros"),
        ("encrypted.xlsx", OLD, "protected with a password"),
        ("old.xls", OLD, "old .xls workbook"),
        (
            "binary.xlsb",
            packed({"[Content_Types].xml": "<x/>", "xl/workbook.bin": "x"}),
            "without a table in it",
        ),
        ("cut.xlsx", WHOLE[:-100], "damaged or cut short"),
        ("cut_early.xlsx", WHOLE[:900], "damaged or cut short"),
        ("no_sheet.xlsx", packed({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<workbook/>"}), DAMAGED),
        ("empty_sheet.xlsx", xlsx(""), "The sheet is empty"),
        ("broken.xlsx", xlsx(GOOD + "<row"), DAMAGED),
        (
            "protected.ods",
            packed(
                {
                    "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                    "content.xml": "<x/>",
                    "META-INF/manifest.xml": "<m:encryption-data/>",
                }
            ),
            "protected with a password",
        ),
    ],
)
def test_bad_75_a_workbook_that_cannot_be_read_is_refused_with_its_reason(door, write, name, content, said):
    assert said in door.refuse(LAYOUT, write(name, content))


def test_bad_75_two_parts_whose_names_differ_in_case_are_refused(command, write):
    # The library reads the last, whatever its case; what is looked through beforehand would be the other.
    other = xml_rows(cells_of(LAYOUT, rows(LAYOUT, {"reference": "Canary"})))
    with zipfile.ZipFile(BytesIO(xlsx(other))) as archive:
        decoy = archive.read("xl/worksheets/sheet1.xml")
    assert DAMAGED in command.refuse(
        LAYOUT, write("case.xlsx", xlsx(GOOD, extra={"xl/worksheets/SHEET1.xml": decoy}))
    )


@pytest.mark.parametrize(
    "link",
    [
        '"xl/worksheets/sheet1.xml"',
        '"worksheets/sheet1.xml"/><Relationship Id="rId1" Target="worksheets/other.xml"',
        '"../../worksheets/sheet1.xml"',
        '"http://127.0.0.1:9/sheet1.xml"',
    ],
)
def test_bad_75_the_sheet_that_is_looked_through_is_the_one_that_is_read(command, write, link):
    far = (
        xml_rows(cells_of(LAYOUT, rows(LAYOUT, {}))) + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    with zipfile.ZipFile(BytesIO(xlsx(far))) as archive:
        hostile = archive.read("xl/worksheets/sheet1.xml")
    with zipfile.ZipFile(BytesIO(WHOLE)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    good = members["xl/worksheets/sheet1.xml"]
    place = "xl/_rels/workbook.xml.rels"
    members[place] = members[place].replace(b'"worksheets/sheet1.xml"', link.encode())
    members |= {"xl/worksheets/sheet1.xml": hostile, "xl/worksheets/other.xml": hostile,
                "xl/xl/worksheets/sheet1.xml": good, "worksheets/sheet1.xml": good}  # fmt: skip
    refused = refuse_measured(command, LAYOUT, write("decoy.xlsx", packed(members)))
    assert SPREAD in refused.stderr or DAMAGED in refused.stderr
    assert refused.peak_mb < 250


def test_bad_75_a_workbook_saved_by_another_program_is_read_as_text_is(command, write):
    first = command.take(LAYOUT, write("log.csv", log({}, {})))
    again = command.take(LAYOUT, write("log.xlsx", xlsx(GOOD)))
    sheet = command.take(LAYOUT, write("log.ods", ods(ods_rows(cells_of(LAYOUT, rows(LAYOUT, {}, {}))))))
    assert [outcome.told for outcome in (first, again, sheet)] == [
        {"new": 2},
        {"unchanged": 2},
        {"unchanged": 2},
    ]
