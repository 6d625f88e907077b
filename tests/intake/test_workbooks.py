import datetime as dt
import io
import re
import time
import zipfile

import openpyxl
import pytest

from mapping.errors import FileRefusedError
from mapping.intake.readers import read_rows

MOMENT = dt.datetime.fromisoformat("2025-04-03T18:30")  # a spreadsheet has no zones
HEADING = ["reference", "occurred_at", "category"]
ODS_HEAD = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>'
)
ODS_TAIL = "</office:spreadsheet></office:body></office:document-content>"


def workbook(*rows, change=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(content, part, old, new):
    """Change the text of one part of a workbook."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                assert re.search(old, data)
                data = re.sub(old, new, data, count=1)
            target.writestr(name, data)
    return out.getvalue()


def ods(*tables):
    def cell(value):
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    def row(cells):
        return f"<table:table-row>{''.join(map(cell, cells))}</table:table-row>"

    def sheet(number, rows):
        return f'<table:table table:name="{number}">{"".join(map(row, rows))}</table:table>'

    body = "".join(
        table if isinstance(table, str) else sheet(number, table) for number, table in enumerate(tables)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", ODS_HEAD + body + ODS_TAIL)
    return out.getvalue()


def read(path):
    (table,) = read_rows(path)
    return table.columns, list(table.rows), table


def test_cells_become_text_as_a_person_would_write_it(write):  # BAD 29, 30, 33
    content = workbook(
        HEADING,
        [17.0, MOMENT, "NA"],
        [None, None, None],
        ["007", dt.date(2025, 4, 3), True],
        [2.5, 12345678901234567890, "None"],
    )
    columns, rows, _ = read(write("log.xlsx", content))
    assert columns == HEADING
    assert rows == [
        ["17", "2025-04-03 18:30:00", "NA"],
        ["007", "2025-04-03", "TRUE"],
        ["2.5", "1.234567890123457e+19", "None"],
    ]


def test_the_1904_calendar_is_honoured(write):  # BAD 34
    def change(book):
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    content = workbook(HEADING, ["W1", MOMENT, "Noise"], change=change)
    assert read(write("mac.xlsx", content))[1][0][1] == "2025-04-03 18:30:00"


def test_a_formula_is_not_worked_out_and_its_row_is_doubted(write):  # BAD 70
    content = workbook(HEADING, ["W1", "3/4/2025", "Noise"], ["W2", "=1+1", "=WEBSERVICE(A1)"])
    _, rows, table = read(write("formulas.xlsx", content))
    assert rows[1] == ["W2", "", ""]
    assert list(table.doubts) == [2]
    assert "formula" in table.doubts[2]


def test_an_error_cell_is_blank_and_its_row_is_doubted(write):  # BAD 70
    def change(book):
        book.active["C2"].value = "#N/A"
        book.active["C2"].data_type = "e"

    _, rows, table = read(write("errors.xlsx", workbook(HEADING, ["W1", "3/4/2025", "x"], change=change)))
    assert (rows[0][2], "error cell" in table.doubts[1]) == ("", True)


def test_only_the_first_visible_sheet_is_read_and_that_is_said(write):  # BAD 71
    def change(book):
        for place, state in enumerate(("hidden", "veryHidden")):
            sheet = book.create_sheet(f"secret {place}", place)
            sheet.append(["do not read"])
            sheet.sheet_state = state
        book.create_sheet("later").append(["nor this"])
        book.active = 2
        book.worksheets[2].row_dimensions[2].hidden = True

    content = workbook(HEADING, ["W1", "3/4/2025", "=1+1"], change=change)
    columns, rows, table = read(write("sheets.xlsx", content))
    assert (columns, rows[0][0]) == (HEADING, "W1")
    assert table.messages == [
        "Only the first visible sheet was read; 3 others (2 hidden) were not.",
        "1 hidden rows were read like the others.",
    ]
    assert list(table.doubts) == [1]  # the formula of the sheet that was read, not of another


def test_a_document_type_in_the_xml_refuses_the_workbook_at_once(write):  # BAD 72
    bomb = b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
    content = rewritten(workbook(HEADING), "xl/worksheets/sheet1.xml", rb"^", bomb)
    with pytest.raises(FileRefusedError, match="document type"):
        read(write("entities.xlsx", content))


def test_a_boastful_dimension_costs_nothing(write):  # BAD 74
    plain = workbook(HEADING, ["W1", "3/4/2025", "Noise"])
    content = rewritten(
        plain, "xl/worksheets/sheet1.xml", rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"'
    )
    started = time.perf_counter()
    assert len(read(write("dimension.xlsx", content))[1]) == 1
    assert time.perf_counter() - started < 5


def test_cells_too_far_apart_are_refused(write):
    def change(book):
        book.active["XFD1048576"] = "here"

    with pytest.raises(FileRefusedError, match="too large an area"):
        read(write("far_cell.xlsx", workbook(HEADING, change=change)))


def test_a_macro_a_word_document_and_a_cut_workbook_are_refused(write):  # BAD 75
    out = io.BytesIO(workbook(HEADING))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    with pytest.raises(FileRefusedError, match="macros"):
        read(write("macro.xlsx", out.getvalue()))
    word = io.BytesIO()
    with zipfile.ZipFile(word, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(FileRefusedError, match="office document"):
        read(write("letter.docx", word.getvalue()))
    with pytest.raises(FileRefusedError, match="damaged"):
        read(write("cut.xlsx", workbook(HEADING)[:-200]))


def test_a_workbook_named_csv_is_refused_saying_what_it_is(write):  # BAD 25
    with pytest.raises(FileRefusedError, match="promises plain text, but it is an Excel workbook"):
        read(write("book.csv", workbook(HEADING)))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_broken_xml_is_refused(write, part):
    content = rewritten(workbook(HEADING, ["W1", "3/4/2025", "Noise"]), part, rb"</[a-zA-Z]+>$", b"<")
    with pytest.raises(FileRefusedError, match="damaged or in a form"):
        read(write("broken.xlsx", content))


def test_every_sheet_hidden_and_an_empty_sheet_are_refused(write):
    empty = workbook()
    with pytest.raises(FileRefusedError, match="empty"):
        read(write("empty.xlsx", empty))
    hidden = rewritten(empty, "xl/workbook.xml", rb'state="visible"', b'state="hidden"')
    with pytest.raises(FileRefusedError, match="hidden"):
        read(write("hidden.xlsx", hidden))


def test_an_opendocument_sheet_reads_alike(write):
    columns, rows, table = read(write("log.ods", ods([HEADING, ["W1", "3/4/2025", "Noise"]], [["other"]])))
    assert (columns, rows) == (HEADING, [["W1", "3/4/2025", "Noise"]])
    assert table.messages == ["Only the first visible sheet was read; 1 others (0 hidden) were not."]


def test_an_opendocument_cell_repeated_over_the_whole_sheet_is_refused(write):  # BAD 73
    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="16384">'
    table = (
        '<table:table table:name="s"><table:table-row table:number-rows-repeated="1048576">'
        f"{cell}<text:p>x</text:p></table:table-cell></table:table-row></table:table>"
    )
    with pytest.raises(FileRefusedError, match="too large an area"):
        read(write("repeated.ods", ods(table)))


def test_workbooks_may_come_in_a_zip(write):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.xlsx", workbook(HEADING, ["W1", "3/4/2025", "Noise"]))
    assert read(write("logs.zip", out.getvalue()))[1] == [["W1", "3/4/2025", "Noise"]]
