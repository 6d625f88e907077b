"""The shape of a file: BAD 1 to 10."""

import gzip
import json

import pytest

from .doors import xfail
from .files import WARDEN, log, packed, row, rows, table

HEADING = ",".join(WARDEN)
GOOD = log({}, {})


def lines(*given: str) -> str:
    """Write lines below the heading of a warden log."""
    return "\n".join((HEADING, *given)) + "\n"


def line(number: int, **changes: object) -> str:
    """Write one good line of a warden log."""
    return table([row("warden-log", number, **changes)], heading=WARDEN).splitlines()[1]


EMPTY = {
    "no byte.csv": b"",
    "byte order mark.csv": b"\xef\xbb\xbf",
    "utf16 mark.csv": b"\xff\xfe",
    "blank lines.csv": b"\n \n\t\n\r\n",
    "commas.csv": b",,,\n,,\n",
    "quotes.csv": b'""\n',
    "nothing packed.csv.gz": gzip.compress(b""),
    "empty member.zip": packed({"log.csv": b""}),
}


@pytest.mark.parametrize("name", EMPTY)
def test_bad_01_a_file_with_nothing_in_it_is_refused_as_empty(door, write, name):
    assert "empty" in door.refuse("warden-log", write(name, EMPTY[name]))


@xfail("cli_store.import_command: a refused file prints nothing with --json, where one object is promised")
def test_bad_01_with_json_a_refusal_is_one_object_too(command, write):
    done = command.run("import", "warden-log", write("no_byte.csv", b""), "--json")
    assert done.exit_code == 3
    answer = json.loads(done.stdout)
    assert (answer["status"], answer["rows_in"]) == ("reject_file", 0)
    assert "empty" in " ".join(answer["messages"])


@pytest.mark.parametrize("tail", ["", "\n", "\n,,,,,,,,,,\n\n"], ids=["no line end", "alone", "blank rows"])
def test_bad_02_a_heading_alone_keeps_nothing_and_says_so(command, write, tail):
    outcome = command.take("warden-log", write("header_only.csv", HEADING + tail))
    assert (outcome.rows_in, outcome.told, outcome.incidents) == (0, {}, [])
    assert "It has a heading and no rows." in outcome.words


@pytest.mark.parametrize(
    ("layout", "content", "named"),
    [
        ("warden-log", GOOD.replace("category", "kind"), ["category"]),
        ("warden-log", GOOD.replace("category", ""), ["category"]),
        ("warden-log", "reference,address\nW1,Canary\n", ["occurred_at", "category"]),
        ("police-uk", GOOD, ["Crime ID", "Month", "Longitude", "Latitude", "Location", "Crime type"]),
        ("timed-points", GOOD.replace("occurred_at", "when"), ["timestamp"]),
    ],
    ids=["renamed", "blank", "two", "another layout", "renamed point"],
)
def test_bad_03_each_required_column_that_is_missing_is_named(door, write, layout, content, named):
    said = door.refuse(layout, write("column_missing.csv", content)).replace("&#39;", "'")
    assert all(f"'{name}'" in said for name in named)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("postcode", "category"),
        ("postcode", " CATEGORY "),
        ("occurred_at,reported_at", "occurred_at,Occurred-At"),
        ("postcode", "\ufeffcategory"),
    ],
)
def test_bad_04_a_column_that_comes_twice_is_named(door, write, old, new):
    said = door.refuse("warden-log", write("column_twice.csv", GOOD.replace(old, new))).casefold()
    assert "comes 2 times" in said
    assert "category" in said or "occurred" in said


def test_bad_04_a_heading_that_comes_twice_is_shown_short_and_without_control_characters(command, write):
    name = '"post\r\nINFO forged\x1b[31m' + "x" * 300_000 + '"'
    said = command.refuse(
        "warden-log", write("long_twice.csv", GOOD.replace("address,postcode", f"{name},{name}"))
    )
    assert len(said) < 400
    assert said.strip().isprintable()


def test_bad_04_blank_headings_may_come_twice(command, write):
    outcome = command.take(
        "warden-log", write("blanks.csv", GOOD.replace("postcode", "").replace("grading", ""))
    )
    assert outcome.told == {"new": 2}


def test_bad_05_columns_may_stand_in_any_order(command, write):
    given = rows("warden-log", {}, {"easting": 451_500})
    straight = command.take("warden-log", write("in_order.csv", table(given, heading=WARDEN)))
    turned = command.take("warden-log", write("reordered.csv", table(given, heading=WARDEN[::-1])))
    assert (straight.told, turned.told) == ({"new": 2}, {"unchanged": 2})


@pytest.mark.parametrize(
    "heading",
    [
        "\ufeff" + HEADING,
        "\ufeff\ufeff" + HEADING,
        "\ufeff" + HEADING.replace("reference", '"reference"'),
        HEADING.upper(),
        HEADING.replace(",", " , ").replace("_", "  "),
        HEADING.replace("_", "-").replace("category", "\u00a0Category\t"),
        HEADING.replace("occurred_at", '"occurred\nat"'),
    ],
    ids=["mark", "two marks", "mark and quote", "capitals", "spaces", "no-break space", "line break"],
)
def test_bad_06_noise_in_the_heading_changes_nothing(command, write, heading):
    outcome = command.take("warden-log", write("noise.csv", f"{heading}\n{line(1)}\n{line(2)}\n"))
    assert outcome.told == {"new": 2}
    assert [report.reference for report in outcome.reports] == ["W1", "W2"]
    assert "\ufeff" not in outcome.words


EXTRA = ("is_admin", "handling_code", "role", "agency_id", "report_key", "incident_id", "ward_gss_code",
         "restricted_to", "erased_at", "import_id", "__proto__", "source_agency", "extracted_on")  # fmt: skip


def test_bad_07_unknown_extra_columns_have_no_effect(door, write):
    tempting = {**dict.fromkeys(EXTRA, "1"), "handling_code": "open", "ward_gss_code": "E05999002",
                "source_agency": "police", "report_key": "warden-log|W2"}  # fmt: skip
    content = table([{**row("warden-log"), **tempting}], heading=(*WARDEN, *EXTRA))
    outcome = door.take("warden-log", write("extra_columns.csv", content))
    (report,) = outcome.reports
    assert outcome.told == {"new": 1}
    assert (report.report_key, report.handling_code, report.restricted_to) == ("warden-log|W1", "P", "")
    assert report.ward_gss_code != "E05999002"
    assert report.erased_at is None


@pytest.mark.parametrize("mark", [";", "\t", "|"], ids=["semicolon", "tab", "bar"])
@pytest.mark.parametrize("prologue", ["", "sep=?\n"], ids=["plain", "sep line"])
def test_bad_08_another_separator_is_understood(command, write, mark, prologue):
    given = rows("warden-log", {"address": "Canary, Lane, and, more, commas, than, columns, x, y, z"}, {})
    content = prologue.replace("?", mark) + table(given, heading=WARDEN, mark=mark)
    outcome = command.take("warden-log", write("separator.csv", content))
    assert outcome.told == {"new": 2}
    assert outcome.reports[0].place_text.endswith("x, y, z")


@pytest.mark.parametrize("mark", [":", "^", "~", " "])
def test_bad_08_a_separator_nobody_uses_is_refused_and_never_one_fat_column(door, write, mark):
    content = table(rows("warden-log", {}, {}), heading=WARDEN, mark=mark)
    assert "check its separator" in door.refuse("warden-log", write("odd_separator.csv", content))


def test_bad_08_rows_with_another_separator_than_the_heading_are_rejected(command, write):
    content = HEADING.replace(",", ";") + f"\n{line(1)}\n{line(2).replace(',', ';')}\n"
    outcome = command.take("warden-log", write("mixed_separators.csv", content))
    assert outcome.rejected == [(1, "", "has 1 values where the heading has 11 columns")]
    assert outcome.told == {"new": 1, "rejected": 1}


def test_bad_09_ragged_rows_are_rejected_alone(door, write):
    content = lines(line(1), line(2) + ",extra", line(3)[:-3], line(4), "W5", line(6) + ",,x")
    outcome = door.take("warden-log", write("ragged.csv", content))
    assert outcome.told == {"new": 2, "rejected": 4}
    assert outcome.rejected == [
        (2, "", "has 12 values where the heading has 11 columns"),
        (3, "", "has 9 values where the heading has 11 columns"),
        (5, "", "has 1 values where the heading has 11 columns"),
        (6, "", "has 13 values where the heading has 11 columns"),
    ]


def test_bad_09_empty_cells_beyond_the_table_are_no_values(command, write):
    content = lines(line(1) + ",,,", line(2) + ' , "" ,\t,', line(3) + "," * 100_000)
    assert command.take("warden-log", write("trailing_empty.csv", content)).told == {"new": 3}


def test_bad_09_a_row_as_short_as_its_last_value_is_ragged_too(command, write):
    outcome = command.take("warden-log", write("short.csv", lines("W1,03/02/2025 19:30,,Nuisance", line(2))))
    assert outcome.told == {"new": 1, "rejected": 1}


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (lines(line(1), line(2).replace("Canary told", '"Canary told'), line(3), line(4)), "in row 2"),
        ('"' + GOOD, "in the heading"),
        (lines(line(1), "", "\t", line(2) + '"Canary'), "in row 2"),
        (GOOD[:-1] + '"', "in row 2"),
        (lines(line(1)) + '"\ue000end of table\ue000', "in row 2"),
    ],
    ids=["in the middle", "heading", "last cell", "last byte", "forged end"],
)
def test_bad_10_a_quote_never_closed_refuses_the_file_and_says_where(door, write, content, where):
    said = door.refuse("warden-log", write("open_quote.csv", content)).replace("&#34;", '"')
    assert f'A quote (") is opened {where} and never closed' in said


def test_bad_10_a_quote_closed_rows_later_rejects_what_it_swallowed_and_says_so(command, write):
    content = lines(line(1), line(2).replace("Canary told", '"Canary told'), line(3),
                    line(4).replace("Canary Lane", '"Canary Lane"'), line(5))  # fmt: skip
    outcome = command.take("warden-log", write("late_quote.csv", content))
    ((number, _, reason),) = outcome.rejected
    assert number == 2 and "over 3 lines, so a quote may be missing" in reason
    assert [report.reference for report in outcome.reports] == ["W1", "W5"]


def test_bad_10_a_row_that_swallowed_another_and_still_fits_is_rejected(command, write):
    # Row 2 opens a quote in its description, row 3 closes it in its own: together they have eleven cells,
    # the date of row 2 and the place of row 3.
    content = lines(line(1), line(2).replace("Canary told", '"Canary told'),
                    line(3, easting=451_500).replace("Canary told", 'Canary "told'), line(4))  # fmt: skip
    outcome = command.take("warden-log", write("swallowed_row.csv", content))
    reason = "holds 2 lines of the file as one cell, with a row in it, so a quote may be missing"
    assert outcome.rejected == [(2, "", reason)]
    assert (outcome.rows_in, outcome.told) == (3, {"new": 2, "rejected": 1})


def test_bad_10_a_text_of_many_lines_and_commas_is_no_row(command, write):
    told = "one, two, three, four, five, six, seven\nMonday, 3 February, Tuesday, 4 February, and, so, on"
    content = log({"description": told}, {"description": told.replace("\n", "\r\n\r\n")})
    assert command.take("warden-log", write("lists.csv", content)).told == {"new": 2}


def test_bad_10_the_mark_that_ends_a_table_is_text_in_a_file(command, write):
    mark = "\ue000end of table\ue000"
    outcome = command.take(
        "warden-log", write("end_mark.csv", lines(line(1), mark, line(2, description=mark)))
    )
    assert outcome.told == {"new": 2, "rejected": 1}
    assert outcome.by_reference["W2"].description == mark


def test_bad_10_a_quote_inside_a_word_is_a_letter(command, write):
    outcome = command.take(
        "warden-log", write("inches.csv", lines(line(1).replace("Canary told", '5" pipe')))
    )
    assert outcome.by_reference["W1"].description == '5" pipe'
