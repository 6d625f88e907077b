import pytest

from mapping.errors import FileRefusedError
from mapping.intake.limits import DEFAULT
from mapping.intake.text_tables import detect_encoding, read_text


def parse(data):
    columns, rows, messages, _ = read_text(
        data if isinstance(data, bytes) else data.encode(), "f.csv", limits=DEFAULT
    )
    return columns, list(rows), messages


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_heading_decides_the_separator(mark):  # BAD 8
    # the other marks come more often in the text, but not in the heading
    text = f"a{mark}b{mark}c\n1{mark}'x, y; z, w; v'{mark}3\n".replace("'", '"')
    assert parse(text)[:2] == (["a", "b", "c"], [["1", "x, y; z, w; v", "3"]])


def test_quotes_hold_line_breaks_commas_and_quotes():  # BAD 11
    assert parse('a,b,c\n"1\n2","x, ""y""",3\n')[1] == [["1\n2", 'x, "y"', "3"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do(end):  # BAD 12
    assert parse(end.join(("a,b,c", "1,2,3", "4,5,6")))[1] == [["1", "2", "3"], ["4", "5", "6"]]


def test_mixed_line_ends_and_blank_lines_are_no_rows():  # BAD 12, 14
    assert parse("a,b,c\r\n1,2,3\r4,5,6\n\n ,  ,\n\r\n")[1] == [["1", "2", "3"], ["4", "5", "6"]]


@pytest.mark.parametrize(("row", "where"), [(0, "in the heading"), (1, "in row 1"), (3, "in row 3")])
def test_a_quote_never_closed_refuses_the_file_and_says_where(row, where):  # BAD 10
    lines = ["a,b,c", "1,2,3", "4,5,6", "7,8,9", "10,11,12"]
    lines[row] = lines[row].replace(",", ',"', 1)
    with pytest.raises(FileRefusedError, match=where):
        parse("\n".join(lines))


def test_a_long_field_is_no_error_here():  # BAD 18
    assert len(parse(f"a,b,c\n1,{'x' * 300_000},3\n")[1][0][1]) == 300_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_bytes_decide_the_encoding(encoding):  # BAD 6, 21, 22
    columns, rows, messages = parse("name,b,c\n£5 – Café ’,2,3\n".encode(encoding))
    assert (columns[0], rows[0][0]) == ("name", "£5 – Café ’")
    said = "Windows-1252" if encoding == "cp1252" else "UTF-16" if "16" in encoding else ""
    assert said in "".join(messages)
    assert bool(messages) == bool(said)


def test_one_bad_byte_in_utf8_leaves_the_other_rows_right():  # BAD 23
    data = "a,b,c\ncafé,2,3\n".encode() + b"caf\xff,2,3\n" + "naïve,2,3\n".encode()
    _, rows, messages = parse(data)
    assert [row[0] for row in rows] == ["café", "caf\udcff", "naïve"]
    assert "1 bytes are not valid" in messages[0]


def test_windows_text_that_looks_a_little_like_utf8_stays_windows_text():
    # two stray bytes against one pair that happens to be valid UTF-8
    assert detect_encoding(b"caf\xe9 \xa35 \xc3\xa9", "f.csv")[0] == "cp1252"


def test_utf16_cut_short_is_refused():
    with pytest.raises(FileRefusedError, match="UTF-16"):
        parse("a,b,c\n".encode("utf-16") + b"\x00")
