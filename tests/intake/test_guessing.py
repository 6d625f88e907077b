"""Guesses on eight invented files of different shapes, each asserted column by column."""

from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given

from mapping.intake import samples
from mapping.intake.column_words import is_a_callers_reference, is_about_a_person, words_of
from mapping.intake.guessing import guess, guess_dates
from mapping.intake.layout import FIELDS, Column, load

KINDS = ("ASB - NUISANCE", "NOISE", "CRIMINAL DAMAGE")
LONG = "caller says that youths are kicking a ball against the wall of the flats again"
DAYS = tuple(f"{1 + k % 28:02d}/03/2026" for k in range(30))
AGAIN = ("Litter", "Noise")


def text_of(heading, row, separator=","):
    """Write a file of thirty rows: a heading, and what `row` gives for each number."""
    lines = (heading, *(row(k) for k in range(30)))
    return "".join(separator.join(map(str, line)) + "\n" for line in lines)


STORM = text_of(
    ("Incident Number", "Date Received", "Time Received", "Incident Date", "Incident Time", "Opening Code",
     "Closing Code", "Location", "Postcode", "X", "Y", "Caller Name", "Caller Tel", "Log Text", "OIC"),
    lambda k: (f"NM-{k:05d}", DAYS[k], f"19:{k:02d}", DAYS[k], f"18:{k:02d}", KINDS[k % 3],
               f"NO TRACE {k % 2}", f"{k} Marton Road", f"TS1 {k % 9 + 1}AA", 450_000 + k, 520_000 + k,
               "Jo Bloggs", f"01642 55{k:04d}", LONG, f"PC {k}"),
)  # fmt: skip
NICHE = text_of(
    ("OccurrenceNumber", "OffenceDateFrom", "OffenceTimeFrom", "OffenceDateTo", "HO Offence",
     "Offence Location", "Outcome Type", "DOB"),
    lambda k: (f"42/{k:06d}/26", f"{k % 12 + 1}/{k % 28 + 1}/2026", f"{k % 24:02d}:00",
               f"{k % 12 + 1}/{k % 28 + 1}/2026", ("Burglary", "Theft")[k % 2], "High Street", "No suspect",
               "01/02/1980"),
)  # fmt: skip
FIRE = text_of(
    ("IRS Incident Number", "Date of call", "Time of call", "Type of Fire", "Property type", "Eastings",
     "Northings", "Station"),
    lambda k: (9_000 + k, f"2026-03-{1 + k % 28:02d}", f"{k % 24:02d}:15:00",
               ("Secondary", "Primary")[k % 2], "Bin", f"{450_000 + k}.0", f"{520_000 + k}.0", "Newmouth"),
    ";",
)  # fmt: skip
HOUSING = text_of(
    ("Case Ref", "Tenant Ref", "Tenant Name", "Case Type", "Date Opened", "Property Address", "Status",
     "Notes", "E-mail"),
    lambda k: (f"ASB{k:04d}", f"T{k % 7}", "Jo Bloggs", ("Noise", "Neighbour dispute")[k % 2], DAYS[k],
               f"{k} Eden Court", "Open", LONG, f"jo{k}@mail.example"),
)  # fmt: skip
BARE = text_of(
    ("When", "What happened", "Street"), lambda k: (f"{DAYS[k]} 20:{k:02d}", AGAIN[k % 2], "Eden Road")
)
DEGREES = text_of(
    ("id", "timestamp_utc", "kind", "lng", "lat"),
    lambda k: (k, f"2026-03-{1 + k % 28:02d}T20:00:00Z", AGAIN[k % 2], f"-1.2{k:02d}45", f"54.5{k:02d}12"),
)
GRID = text_of(
    ("Ref", "Datum", "OS grid reference", "Nature of complaint"),
    lambda k: (f"G{k}", DAYS[k], f"NZ 4{k:02d} 20{k % 10}", AGAIN[k % 2]),
    ";",
)
TITLED = "Warden service,,,\nMarch 2026,,,\n" + text_of(
    ("Log number", "Date occurred", "Incident type", "Adress"),
    lambda k: (f"W{k}", DAYS[k], AGAIN[k % 2], "Café Rouge"),
)

EXPECTED = {
    "storm": (
        STORM,
        {
            "reference": "Incident Number", "reported_at": "Date Received", "reported_time": "Time Received",
            "occurred_at": "Incident Date", "occurred_time": "Incident Time", "category": "Opening Code",
            "closing": "Closing Code", "place": "Location", "postcode": "Postcode", "easting": "X",
            "northing": "Y", "description": "Log Text",
        },
        "day first",
    ),
    "niche": (
        NICHE,
        {
            "reference": "OccurrenceNumber", "occurred_at": "OffenceDateFrom",
            "occurred_time": "OffenceTimeFrom", "occurred_to": "OffenceDateTo", "category": "HO Offence",
            "place": "Offence Location", "outcome": "Outcome Type",
        },
        "month first",
    ),
    "fire": (
        FIRE,
        {
            "reference": "IRS Incident Number", "occurred_at": "Date of call",
            "occurred_time": "Time of call", "category": "Type of Fire", "easting": "Eastings",
            "northing": "Northings",
        },
        "year first",
    ),
    "housing": (
        HOUSING,
        {
            "reference": "Case Ref", "complainant": "Tenant Ref", "category": "Case Type",
            "occurred_at": "Date Opened", "place": "Property Address", "outcome": "Status",
            "description": "Notes",
        },
        "day first",
    ),
    "without a reference": (
        BARE, {"occurred_at": "When", "category": "What happened", "place": "Street"}, "day first",
    ),
    "degrees": (
        DEGREES,
        {
            "reference": "id", "occurred_at": "timestamp_utc", "category": "kind", "longitude": "lng",
            "latitude": "lat",
        },
        "year first",
    ),
    "grid references": (
        GRID,
        {
            "reference": "Ref", "occurred_at": "Datum", "grid_reference": "OS grid reference",
            "category": "Nature of complaint",
        },
        "day first",
    ),
    "title rows, slips and cp1252": (
        TITLED,
        {
            "reference": "Log number", "occurred_at": "Date occurred", "category": "Incident type",
            "place": "Adress",
        },
        "day first",
    ),
}  # fmt: skip


@pytest.fixture(params=EXPECTED)
def case(request, tmp_path):
    """One file with the columns that its fields are, and the order of its dates."""
    text, fields, order = EXPECTED[request.param]
    path = tmp_path / "unknown.csv"
    path.write_bytes(text.encode("cp1252"))
    return samples.take(path), fields, order


def test_every_field_gets_the_column_that_a_person_would_choose(case):
    sample, fields, order = case
    found = guess(sample.columns, sample.rows)
    assert found.fields == fields
    assert found.dates.order == order
    assert found.dates.fitting == found.dates.sampled > 0
    assert not found.dates.is_ambiguous
    assert all(column.reason.endswith(".") for column in found.columns)


def test_shuffling_the_columns_changes_no_guess(case):
    sample, fields, order = case
    turned = [[*row[3:], *row[:3]] for row in (sample.columns, *sample.rows)]
    back = [row[::-1] for row in (sample.columns, *sample.rows)]
    for heading, *rows in (turned, back):
        found = guess(heading, rows)
        assert found.fields == fields
        assert found.dates.order == order


def test_personal_columns_are_left_out_hidden_and_said_to_be(tmp_path):
    path = tmp_path / "storm.csv"
    path.write_text(STORM, encoding="utf-8")
    sample = samples.take(path)
    told = {column.heading: column for column in guess(sample.columns, sample.rows).columns}
    for heading in ("Caller Name", "Caller Tel", "OIC"):
        assert told[heading].field == ""
        assert told[heading].hidden
        assert told[heading].reason.endswith("it is not read.")
    assert told["Log Text"].hidden == "free text"
    assert told["Location"].is_address


def test_registrations_are_known_by_their_look_whatever_the_heading():
    rows = [
        [f"R-{k:03d}", f"0{1 + k % 9}/02/2026", "Noise", f"A{'BCDEFGHJKL'[k % 10]}12 XYZ"] for k in range(20)
    ]
    told = {column.heading: column for column in guess(["Ref", "When", "What", "Reg"], rows).columns}
    assert (told["Reg"].field, told["Reg"].hidden) == ("", "vehicle registrations")
    assert told["Ref"].hidden == ""


@pytest.mark.parametrize(
    "heading",
    ["Caller Name", "surname", "DOB", "Date of Birth", "Mobile", "E-mail", "Complainant address",
     "Officer in case", "NI Number", "CallerTelephone", "Attending officer", "Reported by",
     "victim_ref", "Name"],
)  # fmt: skip
def test_a_heading_that_names_a_person_is_known(heading):
    assert is_about_a_person(heading)


@pytest.mark.parametrize(
    "heading",
    [
        "Street name",
        "Ward Name",
        "Offence",
        "Location",
        "Incident ID",
        "Caller ID",
        "Complainant ref",
        "Type",
    ],
)
def test_a_heading_that_names_no_person_is_left_alone(heading):
    assert not is_about_a_person(heading)


def test_only_the_reference_of_who_reported_may_become_one():
    assert is_a_callers_reference("Tenancy Ref")
    assert is_a_callers_reference("complainant")
    assert not is_a_callers_reference("Offender ref")
    assert not is_a_callers_reference("Caller")


def test_a_complainant_column_of_names_is_personal_and_of_codes_is_a_reference():
    for values, field in ((["C1", "C2", "C1"], "complainant"), (["Jo Ann Bloggs"] * 3, "")):
        found = guess(
            ["Ref", "Date", "Type", "Complainant"], [["R1", "03/02/2026", "Noise", one] for one in values]
        )
        assert found.columns[3].field == field
        assert found.columns[3].hidden


def test_the_agencies_that_reported_are_no_persons():
    rows = [["R1", "03/02/2026", "Noise", "Exampleshire Police"]] * 3
    assert guess(["Ref", "Date", "Type", "Reported by"], rows).columns[3].field == "agency"


def test_headings_are_split_into_words():
    assert words_of("OffenceDate_From (UK)") == ("offence", "date", "from", "uk")
    assert words_of("\ufeff  IRSNumber-2 ") == ("irs", "number", "2")


@pytest.mark.parametrize(
    ("values", "order", "fitting", "is_ambiguous"),
    [
        (["03/04/2025", "04/03/2025"], "day first", 2, True),
        (["03/04/2025", "25/03/2025"], "day first", 2, False),
        (["03/04/2025", "03/25/2025"], "month first", 2, False),
        (["2025-04-03", "2025-04-25 19:00"], "year first", 2, False),
        (["2025-04", "2025-05"], "month", 2, False),
        (["03-Apr-2025", "25 April 2025"], "year first", 2, False),  # named months: any order reads them
        (["25/03/2025", "26/03/2025", "03/25/2025"], "day first", 2, False),  # mixed: what most fit
        ([], "day first", 0, False),
    ],
)  # fmt: skip
def test_the_order_of_dates_is_the_one_that_fits(values, order, fitting, is_ambiguous):
    found = guess_dates(values)
    assert (found.order, found.fitting, found.is_ambiguous) == (order, fitting, is_ambiguous)


def test_a_layout_that_fits_already_is_named_the_one_that_reads_most_first():
    heading = ["reference", "occurred_at", "category", "address", "easting", "northing"]
    rows = [["W1", "03/02/2026 19:30", "Noise", "Eden Road", "450250", "520250"]]
    found = guess(heading, rows).fits
    assert [(fit.name, fit.columns) for fit in found] == [
        ("warden-log", 6),
        ("generic", 6),
        ("timed-points", 5),
    ]
    american = [["W1", "02/25/2026 19:30", "Noise", "Eden Road", "450250", "520250"]]
    assert guess(heading, american).fits == ()  # all three would read the day first
    assert guess(["Odd", "File"], [["1", "2"]]).fits == ()


def test_a_layout_that_was_made_here_lends_its_names():
    columns = {"occurred_at": Column(("Wann",), required=True), "outcome": Column(("Ergebnis",))}
    made = replace(load("warden-log"), name="made", columns=columns, points=(), identity=("occurred_at",))
    found = guess(["Ergebnis", "Wann"], [["gut", "03/02/2026"]] * 3, known=[made])
    assert found.fields == {"occurred_at": "Wann", "outcome": "Ergebnis"}
    assert found.fits[0].name == "made"


def test_rows_that_are_nearly_all_graded_are_intelligence():
    rows = [["I1", "03/02/2026", "Drugs", "2B P", LONG]] * 10
    heading = ["Intel ref", "Date", "Subject", "3x5x2", "Information"]
    assert guess(heading, rows).kind == "intelligence"
    blank = [["I1", "03/02/2026", "Drugs", "", LONG]] * 9 + rows[:1]
    assert guess(["Ref", "Date", "Type", "Grading", "Notes"], blank).kind == "reports"


def test_half_a_point_is_not_proposed():
    found = guess(["Ref", "Date", "Type", "Easting"], [["R1", "03/02/2026", "Noise", "450000"]] * 3)
    assert "easting" not in found.fields


def test_a_time_is_not_proposed_beside_a_date_that_tells_it():
    rows = [["R1", "03/02/2026 19:30", "19:30", "Noise"]] * 3
    assert "occurred_time" not in guess(["Ref", "Date", "Time", "Type"], rows).fields
    midnight = [["R1", "03/02/2026 00:00", "19:30", "Noise"]] * 3
    assert guess(["Ref", "Date", "Time", "Type"], midnight).fields["occurred_time"] == "Time"


@pytest.mark.parametrize("heading", ["", " ", "\x1b[31m", "bad\udc80", "L" * 500, "same"])
def test_a_heading_that_no_layout_can_name_is_left_out_with_its_reason(heading):
    found = guess([heading, "Same", "same ", "Date"], [["1", "2", "3", "03/02/2026"]])
    assert not found.columns[0].is_usable
    assert found.columns[0].field == ""
    assert found.columns[0].reason


def test_a_hostile_heading_is_a_name_like_any_other():
    heading = ["<script>alert(1)</script>", "D" * 300, "Offence\nDate", "${alert(1)}", "=1+1"]
    found = guess(heading, [["a", "b", "03/02/2026", "c", "d"]])
    assert found.fields == {"occurred_at": "Offence\nDate"}


CELLS = st.text(max_size=12) | st.sampled_from(
    [
        "03/04/2025",
        "2025-04",
        "NZ 494 203",
        "TS1 1AA",
        "450000",
        "54.5123",
        "19:30",
        "2B P",
        "Noise",
        "",
        "jo@x.example",
    ]
)
NAMES = st.text(max_size=20) | st.sampled_from(
    [
        "Date",
        "Incident Type",
        "X",
        "Y",
        "lat",
        "lon",
        "Ref",
        "id",
        "Postcode",
        "Caller Name",
        "Grid ref",
        "Notes",
        "Time",
    ]
)


@given(st.data())
def test_a_guess_never_raises_and_gives_no_column_or_field_twice(data):
    heading = data.draw(st.lists(NAMES, max_size=8))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(heading), max_size=len(heading)), max_size=12))
    found = guess(heading, rows)
    assert [column.heading for column in found.columns] == heading
    fields = [column.field for column in found.columns if column.field]
    assert len(fields) == len(set(fields))
    assert set(fields) <= set(FIELDS)
    assert all(0 <= column.confidence <= 1 for column in found.columns)
    assert all(column.is_usable for column in found.columns if column.field)
