"""Rows to reports: the cases of a whole row, each in a file named for its defect."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping import schema
from mapping.errors import FileRefusedError
from mapping.intake.layout import Area, load
from mapping.intake.readers import SourceTable
from mapping.intake.validate import BLOCK_ROWS, empty_reports, to_reports

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
GOOD = "W1,03/04/2025 18:30,03/04/2025 18:45,Noise,Loud music,1 High Street,ts1 2az,449500,520500,,"


HEADING = ("reference", "occurred_at", "reported_at", "category", "description", "place", "postcode",
           "easting", "northing", "source", "grading")  # fmt: skip


def wrong(intake, severity="rejected"):
    chosen = intake.issues[intake.issues["severity"] == severity]
    return chosen[["row", "field", "reason"]].values.tolist()


def test_a_good_row_becomes_a_report_with_every_field(read_log):
    intake = read_log(GOOD)
    assert list(intake.reports.columns) == list(schema.REPORTS)
    assert len(intake.issues) == 0
    report = intake.reports.iloc[0]
    assert report[["row", "source", "source_agency", "reference", "report_key"]].tolist() == [
        1, "warden-log", "Council", "W1", "warden-log|W1",
    ]  # fmt: skip
    assert str(report["occurred_from"]) == str(report["occurred_to"]) == "2025-04-03 17:30:00+00:00"
    assert (str(report["reported_at"]), report["time_precision"]) == ("2025-04-03 17:45:00+00:00", "minute")
    assert (report["category"], report["description"]) == ("Noise", "Loud music")
    assert (report["place_text"], report["postcode"]) == ("1 High Street", "TS1 2AZ")
    assert (report["easting_m"], report["northing_m"], report["error_m"]) == (449500.0, 520500.0, 25.0)
    assert (report["match_level"], report["handling_code"]) == ("coordinates", "P")
    assert str(report["extracted_on"]) == "2025-04-03 00:00:00"  # the newest day the log speaks of


def test_a_street_row_becomes_a_report_with_every_field(read_street):
    intake = read_street(
        "abc123,2025-01,Exampleshire Police,Exampleshire Police,-1.2344,54.5764,On or near High Street,"
        "E01012345,Exampleton 001A,Burglary,Under investigation,"
    )
    report = intake.reports.iloc[0]
    assert (report["report_key"], report["source_agency"]) == ("police-uk|abc123", "Exampleshire Police")
    assert (report["place_text"], report["stated_area"]) == ("High Street", "E01012345")
    assert (report["outcome"], report["handling_code"]) == ("Under investigation", "open")
    assert (report["match_level"], report["error_m"]) == ("snap point", 100.0)
    assert str(report["occurred_to"]) == "2025-02-01 00:00:00+00:00"
    assert str(report["extracted_on"]) == "2025-02-01 00:00:00"


def test_types_are_those_of_the_empty_frame(read_log, read_street):
    street = read_street(",2025-01,P,P,,,No Location,,,Anti-social behaviour,,")
    for intake in (read_log(GOOD), street, read_log("bad row")):
        assert intake.reports.dtypes.to_dict() == empty_reports().dtypes.to_dict()


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("On or near High Street", "High Street"),
        ("On or near ", ""),
        ("On or near", ""),
        ("No Location", ""),
        ("On or near Police Station", "Police Station"),
        ("Onwards House", "Onwards House"),
    ],
)
def test_the_words_before_every_place_are_dropped(read_street, told, kept):
    intake = read_street(f",2025-01,P,P,,,{told},,,Anti-social behaviour,,")
    assert intake.reports["place_text"].tolist() == [kept]


def test_ragged_and_truncated_rows_are_rejected_alone(read_log):  # BAD 9, 16
    intake = read_log(GOOD, "W2,03/04/2025 18:30,too few", GOOD.replace("W1", "W3") + "x,y", "W4,03/04/2025")
    assert wrong(intake) == [
        [2, "", "has 3 values where the heading has 11 columns"],
        [3, "", "has 12 values where the heading has 11 columns"],
        [4, "", "has 2 values where the heading has 11 columns"],
    ]
    assert (intake.rows_in, intake.incidents, intake.rejected) == (4, 1, 3)


def test_empty_cells_to_the_right_of_the_table_are_no_values(read_log):
    assert read_log(GOOD + ",,,").incidents == 1


def test_a_row_that_swallowed_lines_says_so(read_log):
    intake = read_log(GOOD, 'W2,"03/04/2025 18:30', 'W3",x', GOOD.replace("W1", "W4"))
    assert wrong(intake) == [
        [2, "", "has 3 values where the heading has 11 columns over 2 lines, so a quote may be missing"]
    ]


def test_a_repeated_heading_and_a_footer_are_rejected_and_blank_lines_not_counted(read_log):  # BAD 13, 14
    intake = read_log(
        GOOD,
        "",
        ",".join(load("warden-log").label(name) for name in HEADING),
        ",,,,,,,,,,",
        "Total,1,,,,,,,,,",
        "  ,,,,,,,,,,",
    )
    assert intake.rows_in == 3
    assert [row[:1] + row[2:] for row in wrong(intake)] == [
        [2, "repeats the heading"],
        [3, "is not a date this layout reads: day/month/year or year-month-day, with hours and minutes"],
    ]


@pytest.mark.parametrize("reference", ["", "N/A", "none", "-", "Unknown"])
def test_rows_without_a_reference_are_rejected_where_one_is_needed(read_log, reference):  # BAD 59
    intake = read_log(GOOD.replace("W1", reference), GOOD.replace("W1", reference))
    assert (intake.rows_in, intake.rejected, intake.joined) == (2, 2, 0)
    assert wrong(intake)[0][1] == "reference"


def test_leading_zeros_and_long_numbers_are_kept_and_rounded_ones_flagged(read_log):  # BAD 30
    references = ["007", "123456789012345678901", "1.23457E+15"]
    intake = read_log(*(GOOD.replace("W1", reference) for reference in references))
    assert intake.reports["reference"].tolist() == references
    assert wrong(intake, "flagged") == [
        [3, "reference", "looks like a number that a spreadsheet has rounded"]
    ]


def test_every_fault_of_a_row_is_told_and_no_fault_repeats_its_words(read_log):
    intake = read_log("N/A,31/02/2025 10:00,,Secret word,,12 Hidden Lane,,,,,")
    assert [row[1] for row in wrong(intake)] == ["reference", "occurred_at"]
    assert not intake.issues["reason"].str.contains("Secret|Hidden|31/02").any()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("noise", "Noise"),
        ("  FLY   tipping ", "Fly-tipping"),
        ("Vandalism", "Criminal damage and arson"),  # from the layout
        ("AS22 Nuisance", "ASB nuisance"),
    ],
)  # BAD 66
def test_spellings_lead_to_one_category(read_log, text, name):
    intake = read_log(GOOD.replace("Noise", text))
    assert (intake.reports["category"].tolist(), len(intake.issues)) == ([name], 0)


@pytest.mark.parametrize("text", ["Martians", "Nоise", ""])  # BAD 28, 66: the second has a Cyrillic o
def test_an_unknown_category_is_kept_as_other_and_flagged(read_log, text):
    intake = read_log(GOOD.replace("Noise", text))
    assert intake.reports["category"].tolist() == ["Other report"]
    assert len(wrong(intake, "flagged")) == 1


def test_a_category_typed_with_a_separate_accent_is_the_same():  # BAD 28
    layout = load("warden-log")
    table = SourceTable(
        "f.csv",
        ["reference", "occurred_at", "category", "place of café"],
        [["Cafe\u0301-1", "1/4/2025", "Noise", ""], ["Café-1", "1/4/2025", "Noise", ""]],
    )
    reports, _, _ = to_reports(table, layout, now=NOW)
    assert reports["report_key"].nunique() == 1


def test_a_row_may_name_its_own_source_and_its_owner_follows(read_log):
    rows = [GOOD.replace(",,", f",{source},") for source in ("police-101", "Riverside Homes", "")]
    intake = read_log(
        *(row.replace("W1", f"W{place}") for place, row in enumerate(rows)), source="night-wardens"
    )
    assert intake.reports[["source", "source_agency"]].values.tolist() == [
        ["police-101", "police"],
        ["Riverside Homes", "Riverside Homes"],
        ["night-wardens", "night-wardens"],
    ]


def test_the_same_reference_in_two_sources_is_two_incidents(read_log):  # BAD 57
    intake = read_log(GOOD.replace(",,", ",police-101,"), GOOD.replace(",,", ",fire-deliberate,"))
    assert (intake.incidents, intake.joined) == (2, 0)


def test_a_grading_makes_a_row_stricter_and_is_read_apart(read_log):  # BAD 64
    gradings = ("", "2B P", "1A C A1", "B24", "nonsense")
    intake = read_log(*(f"W{place}{GOOD[2:]}{grading}" for place, grading in enumerate(gradings)))
    assert intake.reports["handling_code"].tolist() == ["P", "P", "C", "C", "C"]
    assert intake.reports["source_grade"].tolist() == ["", "2", "1", "", ""]
    assert intake.reports["assessment_grade"].tolist() == ["", "B", "A", "", ""]
    assert intake.reports["conditions"].tolist()[2] == "A1"
    assert [row[0] for row in wrong(intake, "flagged")] == [4, 5]


def test_extra_columns_have_no_effect(read_log):  # BAD 7
    heading = "is_admin,handling_code,reference,occurred_at,category,grading"
    intake = read_log("true,open,W1,03/04/2025 18:30,Noise,", heading=heading)
    assert intake.reports["handling_code"].tolist() == ["P"]


def test_what_is_no_postcode_is_flagged_and_its_words_kept_with_the_place(read_log):  # BAD 51
    intake = read_log(
        GOOD.replace("ts1 2az", "TS1 shops"), GOOD.replace("ts1 2az", "TS1 2OZ").replace("W1", "W2")
    )
    assert intake.reports["postcode"].tolist() == ["", ""]
    assert intake.reports["place_text"].tolist() == ["1 High Street, TS1 shops", "1 High Street, TS1 2OZ"]
    assert [row[1] for row in wrong(intake, "flagged")] == ["postcode", "postcode"]


@pytest.mark.parametrize(
    "text", ["=1+1", "<script>alert(1)</script>", "${7*7}", "'; DROP TABLE x", "{{7*7}}", "NA", "O'Brien"]
)  # BAD 29, 67, 68, 69
def test_hostile_words_are_stored_as_they_came(read_log, text):
    intake = read_log(GOOD.replace("1 High Street", text).replace("Loud music", text))
    assert intake.reports[["place_text", "description"]].values.tolist() == [[text, text]]
    assert len(intake.issues) == 0


def test_coordinates_that_cannot_be_keep_their_rows_without_a_point(read_log):  # BAD 45, 48
    points = ["0,0", ",", "inf,1e309", "54N,1W", "-1.2344,54.5764"]
    intake = read_log(*(f"W{n}" + GOOD[2:].replace("449500,520500", point) for n, point in enumerate(points)))
    assert (intake.incidents, intake.rejected) == (5, 0)
    assert intake.reports["easting_m"].isna().all()
    assert intake.reports["error_m"].isna().all()
    assert set(intake.reports["match_level"]) == {""}
    assert [row[0] for row in wrong(intake, "flagged")] == [1, 3, 4, 5]


def test_swapped_columns_are_not_mapped_when_the_area_is_known(read_log):  # BAD 44
    tees = Area((440_000, 480_000), (500_000, 540_000))
    intake = read_log(GOOD.replace("449500,520500", "520500,449500"), area=tees)
    assert intake.reports["easting_m"].isna().all()
    assert "swapped" in wrong(intake, "flagged")[0][2]


def test_wrong_columns_refuse_the_file_and_name_the_layout(write):
    table = SourceTable("f.csv", ["a", "b"], [["1", "2"]])
    with pytest.raises(FileRefusedError, match="The layout police-uk needs the columns 'Crime ID', 'Month'"):
        to_reports(table, load("police-uk"), now=NOW)


def test_rows_beyond_one_block_keep_their_numbers_and_ordinals():
    heading = ["Crime ID", "Month", "Longitude", "Latitude", "Location", "Crime type"]
    row = ["", "2025-01", "", "", "No Location", "Anti-social behaviour"]
    table = SourceTable("f.csv", heading, [list(row) for _ in range(BLOCK_ROWS + 2)])
    reports, issues, rows_in = to_reports(table, load("police-uk"), now=NOW)
    assert (rows_in, len(issues), reports["report_key"].nunique()) == (50_002, 0, 50_002)
    assert reports["row"].iloc[-1] == 50_002
    assert reports["report_key"].iloc[-1].endswith("|50002")


CELLS = st.sampled_from(
    ["", "W1", "W2", "N/A", "03/04/2025 18:30", "2025-04-03", "31/02/2025", "Noise", "0", "449500", "520500",
     "54N", "1e309", "TS1 2AZ", "2B P", "=1+1", "a\x00b", "\udcff", "x\x1by", "Total"]
)  # fmt: skip


@given(st.lists(st.lists(CELLS, min_size=3, max_size=8), max_size=12))
def test_every_row_is_a_report_or_a_rejection_and_the_input_is_unchanged(rows):
    heading = ["reference", "occurred_at", "category", "easting", "northing", "grading"]
    table = SourceTable("f.csv", heading, [list(row) for row in rows])
    reports, issues, rows_in = to_reports(table, load("warden-log"), now=NOW)
    rejected = set(issues.loc[issues["severity"] == "rejected", "row"])
    assert rows_in == len(rows) == len(reports) + len(rejected)
    assert set(reports["row"]) | rejected == set(range(1, len(rows) + 1))
    assert set(issues.loc[issues["severity"] == "flagged", "row"]) <= set(reports["row"])
    assert reports["easting_m"].isna().equals(reports["northing_m"].isna())
    again, _, _ = to_reports(SourceTable("g.csv", heading, rows), load("warden-log"), now=NOW)
    assert again.equals(reports)
