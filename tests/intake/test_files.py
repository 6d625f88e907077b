"""Whole reads: folders, copies, refusals, and every row accounted for."""

import datetime as dt
import gzip
import io
import subprocess
import sys
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping import schema
from mapping.errors import FileRefusedError, NotFoundError
from mapping.intake import read_reports
from mapping.intake.files import Reader, find_files
from mapping.intake.layout import load
from mapping.intake.limits import Limits
from mapping.intake.linking import to_incidents

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
HEADING = (
    "Crime ID,Month,Reported by,Longitude,Latitude,Location,Crime type,LSOA code,"
    "Last outcome category,Context"
)


def month(name, *rows):
    lines = [
        f"{key},{name},Exampleshire Police,{point},{place},{kind},,," for key, point, place, kind in rows
    ]
    return "\n".join((HEADING, *lines)) + "\n"


ASB = ("", "-1.2344,54.5764", "On or near High Street", "Anti-social behaviour")
BURGLARY = ("b1", "-1.2344,54.5764", "On or near High Street", "Burglary")
JANUARY = month("2025-01", ASB, ASB, BURGLARY)
FEBRUARY = month("2025-02", ASB, ("", ",", "No Location", "Anti-social behaviour"))


def read(*paths, layout="police-uk", **options):
    return read_reports(list(paths), layout, now=NOW, **options)


def keys(intake):
    return sorted(intake.reports["report_key"])


def test_a_folder_of_months_is_read_by_name_plain_or_packed_however_deep(write, tmp_path):
    write("2025-02/b-street.csv.gz", gzip.compress(FEBRUARY.encode()))
    write("2025-01/a-street.csv", JANUARY)
    write("2025-01/a-outcomes.csv", "Crime ID,Outcome type\n")
    write("notes.docx", "not a table")
    write(".hidden/a.csv", "x")
    intake = read(tmp_path)
    assert [(file.name, file.rows_in, file.accepted, file.rejected) for file in intake.files] == [
        ("a-street.csv", 3, 3, 0),
        ("b-street.csv.gz", 2, 2, 0),
    ]
    assert intake.messages == ("2 files in the folder hold no table of this layout and were left out.",)
    assert (intake.rows_in, intake.incidents, intake.joined, intake.rejected) == (5, 5, 0, 0)


def test_identical_rows_without_a_reference_are_all_kept(write):  # BAD 60
    intake = read(write("jan.csv", month("2025-01", ASB, ASB, ASB)))
    assert (intake.rows_in, intake.incidents, len(to_incidents(intake.reports)[0])) == (3, 3, 3)


def test_a_month_alone_has_the_keys_it_has_in_its_folder(write, tmp_path):  # BAD 54
    january, february = write("in/jan.csv", JANUARY), write("in/feb.csv", FEBRUARY)
    together = read(tmp_path / "in")
    assert keys(together) == sorted(keys(read(january)) + keys(read(february)))
    assert keys(read(february, january)) == keys(together)


def test_a_zip_gives_the_keys_of_its_members(write):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("2025-01/jan-street.csv", JANUARY)
        archive.writestr("2025-02/feb-street.csv", FEBRUARY)
        archive.writestr("2025-01/jan-outcomes.csv", "Crime ID\n")
    packed = read(write("all.zip", out.getvalue()))
    assert keys(packed) == keys(read(write("jan.csv", JANUARY), write("feb.csv", FEBRUARY)))
    assert len({file.sha256 for file in packed.files}) == 1


def test_a_copy_beside_its_original_is_read_once_and_said(write, tmp_path):  # BAD 54
    write("jan.csv", JANUARY)
    write("jan (1).csv.gz", gzip.compress(JANUARY.encode()))
    intake = read(tmp_path)
    assert intake.rows_in == 3
    assert intake.messages == ("jan.csv has the same content as jan (1).csv.gz and was not read again.",)


def test_a_file_named_twice_is_read_once_and_said(write, tmp_path):
    path = write("jan.csv", JANUARY)
    intake = read(path, tmp_path, path)
    assert (intake.rows_in, intake.messages) == (3, ("2 files were named twice and read once.",))


REPEATED = "repeats the reference of row 2 of a.csv with another place; joined to it as one incident"


def test_a_reference_repeated_in_another_file_says_which(write):
    intake = read(
        write("a.csv", month("2025-01", ASB, BURGLARY)),
        write("b.csv", month("2025-01", ("b1", "-1.3,54.5", "On or near Low Street", "Burglary"))),
    )
    assert intake.issues[["file", "row", "reason"]].values.tolist() == [
        [
            "b.csv",
            1,
            "repeats the reference of row 2 of a.csv with another place; joined to it as one incident",
        ]
    ]
    assert (intake.rows_in, intake.incidents, intake.joined) == (3, 2, 1)


def test_every_refused_file_is_told_at_once_and_nothing_is_kept(write, tmp_path):
    write("a.csv", JANUARY)
    write("b.csv", "")
    write("c.csv", "Month,Month\n2025-01,2025-01\n")
    with pytest.raises(FileRefusedError) as refusal:
        read(tmp_path)
    assert refusal.value.file_name == "2 of 3 files"
    assert [problem[:30] for problem in refusal.value.problems] == [
        "b.csv: The file is empty: it h",
        "c.csv: The column 'Month' come",
        "c.csv: The layout police-uk ne",
    ]


def test_a_quote_left_open_at_the_end_refuses_everything_before_it(write):  # BAD 10
    with pytest.raises(FileRefusedError, match="in row 3"):
        read(write("open_quote.csv", JANUARY.replace("b1", '"b1')))


def test_a_folder_without_a_table_and_a_path_that_is_not_there_are_refused(tmp_path):
    with pytest.raises(FileRefusedError, match="holds no file"):
        read(tmp_path)
    with pytest.raises(FileRefusedError, match="no such file"):
        read(tmp_path / "missing.csv")
    with pytest.raises(FileRefusedError, match="No file was named"):
        read()


def test_a_header_alone_is_no_row_and_said(write):  # BAD 2
    intake = read(write("header_only.csv", HEADING + "\n"))
    assert (intake.rows_in, len(intake.reports)) == (0, 0)
    assert intake.messages == ("header_only.csv: It has a heading and no rows.",)


def test_windows_1252_reads_right_and_says_so(write):  # BAD 21
    text = month("2025-01", ("b1", ",", "On or near Café’s £1 Yard", "Burglary"))
    intake = read(write("windows_1252.csv", text.encode("cp1252")))
    assert intake.reports["place_text"].tolist() == ["Café’s £1 Yard"]
    assert "Windows-1252" in " ".join(intake.messages)


def test_a_gap_between_months_is_said(write):
    intake = read(*(write(f"{name}.csv", month(name, ASB)) for name in ("2025-01", "2025-02", "2025-05")))
    assert intake.messages[-1] == (
        "Exampleshire Police: no file holds 2025-03, 2025-04: "
        "a gap in the series, not a month without incidents."
    )


def test_the_day_of_the_extract_may_be_declared(write):
    row = "incident_id,timestamp,type\n1,2025-04-03T18:30:00,Burglary\n"
    intake = read(write("points.csv", row), layout="timed-points", extracted_on=dt.date(2025, 5, 1))
    assert str(intake.reports["extracted_on"].iloc[0]) == "2025-05-01 00:00:00"


def test_progress_runs_from_nothing_to_all(write, tmp_path):
    write("jan.csv", JANUARY)
    write("feb.csv", FEBRUARY)
    heard = []
    read(tmp_path, progress=lambda share, message: heard.append((round(share, 3), message)))
    assert heard == [(0.0, "Reading feb.csv"), (0.475, "Reading jan.csv"), (1.0, "5 rows read")]


def test_an_unknown_layout_and_a_clock_without_a_zone_are_refused(write):
    path = write("jan.csv", JANUARY)
    with pytest.raises(NotFoundError, match="no layout"):
        read(path, layout="police")
    with pytest.raises(ValueError, match="time zone"):
        read_reports([path], "police-uk", now=NOW.replace(tzinfo=None))


def test_a_file_named_outright_is_read_whatever_the_layout_leaves_out(write):
    path = write("a-outcomes.csv", JANUARY)
    assert find_files([path], load("police-uk")) == ([path.resolve()], [])


def test_layouts_are_listed_without_loading_the_rest():
    code = "import sys, mapping.intake.layout as l; l.names(); print('mapping.intake.files' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_what_holds_for_several_files_is_said_once(write):
    text = "incident_id,timestamp,type\n{},2025-04-03T18:30:00,Burglary\n"
    intake = read(*(write(f"{n}.csv", text.format(n)) for n in (1, 2)), layout="timed-points")
    assert intake.messages == (
        "2 files: It has no column easting, northing, longitude, latitude, location; read as blank.",
    )


ROWS = st.sampled_from(
    [
        ASB,
        BURGLARY,
        ("b1", "-1.3,54.5", "On or near Low Street", "Burglary"),
        ("b2", ",", "No Location", "Drugs"),
        ("b3", "54.5,-1.2", "", "Other theft"),
        ("", ",", "No Location", "Anti-social behaviour"),
    ]
)
MONTHS = st.sampled_from(["2025-01", "2025-02", "Apr-25"])


@settings(max_examples=40)
@given(st.lists(st.lists(st.tuples(MONTHS, ROWS), max_size=8), min_size=1, max_size=4))
def test_every_row_is_accounted_for_and_a_file_has_the_keys_it_has_alone(tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("read")
    for number, rows in enumerate(files):
        text = HEADING + "\n" + "".join(month(name, row).split("\n", 1)[1] for name, row in rows)
        (folder / f"{number}.csv").write_text(text + "\n" * number)  # no two alike to the byte

    together = read(*sorted(folder.glob("*.csv")))
    alone = [read(path) for path in sorted(folder.glob("*.csv"))]

    for intake in (together, *alone):
        assert intake.rows_in == intake.incidents + intake.joined + intake.rejected
        assert intake.incidents == len(to_incidents(intake.reports)[0])
    assert together.rows_in == sum(map(len, files))
    assert keys(together) == sorted(key for intake in alone for key in keys(intake))


def test_rows_without_a_reference_that_another_file_repeats_are_the_same_rows(write):  # decision 0010
    # Two copies of a month, one saved again by a spreadsheet: 2 incidents, told twice.
    first = write("jan.csv", month("2025-01", ASB, ASB))
    again = write("jan saved again.csv", month("2025-01", ASB, ASB).replace("\n", "\r\n"))
    intake = read(first, again)
    assert (intake.rows_in, intake.incidents, intake.joined) == (4, 2, 2)


def test_a_table_that_takes_too_long_is_refused_and_rows_are_told_on_the_way(write):
    path = write("jan.csv", month("2025-01", *[ASB] * 12_000))
    reader = Reader([path], load("police-uk"), now=NOW)
    told = []
    (taken,) = reader.read(path, tell=told.append)
    assert (taken.account.rows_in, told) == (12_000, [5_000, 10_000])
    hurried = Reader([path], load("police-uk"), now=NOW, limits=Limits(seconds=0.0))
    with pytest.raises(FileRefusedError, match="split it into smaller files"):
        list(hurried.read(path))


def test_what_a_table_assumes_of_its_words_is_told_with_it(read_log):  # BAD 66
    intake = read_log(*(f"W{number},03/04/2025 18:30,,Flying saucers,,,,,,," for number in range(3)))
    said = "1 word or code for what happened, in 3 rows, is not in the layout's list ('Flying saucers')"
    assert any(said in message for message in intake.messages)


def test_a_read_without_a_row_of_intelligence_has_its_columns(write):
    heading = "URN,Date of Intelligence,Intelligence,Grading\n"
    intake = read_reports([write("none.csv", heading)], "intelligence", now=NOW)
    assert list(intake.reports.columns) == list(schema.INTELLIGENCE)
