"""One small invented file per layout, as its system would export it, and every field that comes of it."""

import datetime as dt
import hashlib
import hmac

import pandas as pd
import pytest

from mapping import categories, schema
from mapping.errors import SettingsError
from mapping.intake.headings import match_columns
from mapping.intake.layout import load, names
from mapping.intake.layout_checks import fold
from mapping.intake.readers import read_rows
from mapping.intake.validate import empty_reports, to_reports

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
KEY = b"sixteen bytes or more"


@pytest.fixture
def take(write):
    """Read the lines of a file by a layout; returns the frame, the issues and the messages."""

    def read(name, *lines, **options):
        (table,) = read_rows(write("export.csv", "\n".join(lines) + "\n"))
        messages = []
        options = {"complainant_key": KEY, **options}
        frame, issues, rows_in = to_reports(table, load(name), now=NOW, messages=messages, **options)
        rejected = issues.loc[issues["severity"] == "rejected", "row"].nunique()
        assert rows_in == len(frame) + rejected == len(lines) - 1
        assert frame.dtypes.to_dict() == empty_reports(load(name).kind).dtypes.to_dict()
        assert set(frame["category"]) <= {known.name for known in categories.CATEGORIES}
        return frame, issues, messages

    return read


def told(row):
    """Return what a row says beside its defaults: text that is filled, numbers and moments as text."""
    return {
        name: str(value).removesuffix(":00+00:00").removesuffix(" 00:00:00")
        for name, value in row.items()
        if not pd.isna(value) and value != ""
    }


def hashed(text):
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


def said(issues):
    return issues[["row", "field", "severity"]].values.tolist()


def test_a_command_and_control_log(take):
    frame, issues, messages = take(
        "command-and-control",
        "Incident Number,Opened Date,Opened Time,Closed Date,Type Code,Closing Code 1,Location,X,Y,Grid Ref,"
        "Beat,Caller Ref,Incident Text,Disposal",
        "EX-1,03/04/2025,18:30,03/04/2025,Concern for safety,AS22 - Nuisance,12 High Street,449500,520500,,"
        "HB1,C 77,Youths shouting,No further action",
        "EX-2,03-APR-2025,1905,,ASB - personal,ZZ9,Low Street,,,NZ 495 205,HB2,,,",
        "EX-3,04/04/2025,,,Flying saucers,,Low Street,,,,HB2,None,,",
    )
    assert told(frame.iloc[0]) == {
        "row": "1", "source": "command-and-control", "source_agency": "Police", "reference": "EX-1",
        "report_key": "command-and-control|EX-1", "category": "ASB nuisance",
        "stated_category": "AS22 - Nuisance",  # the closing code, known by its first word, wins
        "occurred_from": "2025-04-03 17:30", "occurred_to": "2025-04-03 17:30", "time_precision": "minute",
        "reported_at": "2025-04-03 17:30", "place_text": "12 High Street", "stated_area": "HB1",
        "easting_m": "449500.0", "northing_m": "520500.0", "error_m": "50.0", "match_level": "coordinates",
        "description": "Youths shouting", "outcome": "No further action", "handling_code": "P",
        "complainant_hash": hashed("c77"), "extracted_on": "2025-04-04",
    }  # fmt: skip
    second = told(frame.iloc[1])
    assert (second["category"], second["stated_category"]) == ("ASB personal", "ASB - personal")
    # the square of NZ 495 205 is 449500-449600, 520500-520600; half its diagonal is 70.7 m
    assert (second["easting_m"], second["northing_m"]) == ("449550.0", "520550.0")
    assert (second["match_level"], round(float(second["error_m"]), 1)) == ("grid reference", 120.7)
    assert (second["occurred_from"], frame["time_precision"][2]) == ("2025-04-03 18:05", "day")
    assert frame[["category", "stated_category"]].iloc[2].tolist() == ["Other report", "Flying saucers"]
    assert frame["complainant_hash"].tolist()[1:] == ["", ""]
    assert said(issues) == [[3, "Type", "flagged"]]
    assert messages == [
        "1 word or code for what happened, in 1 row, is not in the layout's list; read as 'Other report'."
    ]


def test_a_grid_reference_stands_in_for_refused_coordinates_and_that_is_said(take):
    frame, issues, _ = take(
        "command-and-control", "Log No,Opened,Type,X,Y,Grid Ref", "1,03/04/2025 18:30,Noise,0,0,NZ 495 205"
    )
    assert frame[["easting_m", "match_level"]].values.tolist() == [[449_550.0, "grid reference"]]
    assert issues["reason"].tolist() == [
        "0, 0 is where a system writes that it does not know the place; the row is kept without a point",
        "gives the point, the coordinates being refused",
    ]


def test_a_force_extract(take):
    frame, issues, _ = take(
        "force-extract",
        "Crime Number,Committed From Date,Committed From Time,Committed To Date,Committed To Time,"
        "Recorded Date,Offence Code,Offence Description,Easting,Northing,MO,Outcome,Protective Marking",
        "42CR/1,03/04/2025,22:00,04/04/2025,07:30,04/04/2025,048/01,Theft of motor vehicle,"
        "449500,520500,Keys,,",
        "42CR/2,03/04/2025,,,,05/04/2025,092E/01,Possession of cannabis,,,,Charged,OFFICIAL-SENSITIVE",
        "42CR/3,03/04/2025,10:00,03/04/2025,09:00,02/04/2025,,Residential burglary,,,,,C",
        "42CR/4,03/04/2025,10:00,,,,00806,,,,,,SECRET",
    )
    first = told(frame.iloc[0])
    assert (first["occurred_from"], first["occurred_to"]) == ("2025-04-03 21:00", "2025-04-04 06:30")
    assert (first["time_precision"], first["reported_at"]) == ("minute", "2025-04-03 23:00")
    assert (first["category"], first["stated_category"]) == ("Vehicle crime", "048/01")
    assert (first["description"], first["handling_code"]) == ("Keys", "P")
    assert frame["category"].tolist() == ["Vehicle crime", "Drugs", "Burglary"]
    # possession keeps apart from trafficking by the code that is kept
    assert frame["stated_category"].tolist()[1:] == ["092E/01", "Residential burglary"]
    assert (frame["outcome"][1], frame["time_precision"][1]) == ("Charged", "day")
    assert frame["handling_code"].tolist() == ["P", "P", "C"]
    assert issues[["row", "reason"]].values.tolist() == [
        [3, "lies before the start, and the start alone was kept"],
        [3, "lies before it occurred"],
        [4, "is marked SECRET or TOP SECRET; this system takes OFFICIAL and OFFICIAL-SENSITIVE, no more"],
    ]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("1", "Violence and sexual offences"), ("8/6", "Violence and sexual offences"),
        ("008/06", "Violence and sexual offences"), ("00806", "Violence and sexual offences"),
        ("8G", "Violence and sexual offences"), ("104/23", "Violence and sexual offences"),
        ("105A", "Violence and sexual offences"), ("19C/1", "Violence and sexual offences"),
        ("88A", "Violence and sexual offences"), ("9A", "Public order"), ("66/91", "Public order"),
        ("125/09", "Public order"), ("10D/1", "Possession of weapons"), ("81/3", "Possession of weapons"),
        ("90", "Possession of weapons"), ("34B/2", "Robbery"), ("28E", "Burglary"), ("30C/1", "Burglary"),
        ("37/2", "Vehicle crime"), ("037/01", "Violence and sexual offences"), ("45/10", "Vehicle crime"),
        ("126", "Vehicle crime"), ("39", "Theft from the person"), ("44", "Bicycle theft"),
        ("46", "Shoplifting"), ("49A", "Other theft"), ("54/1", "Other crime"),
        ("56B", "Criminal damage and arson"), ("58C", "Criminal damage and arson"),
        ("149/1", "Criminal damage and arson"), ("92A/1", "Drugs"),
        ("59", "Other crime"), ("802", "Other crime"), ("814/1", "Other crime"),
        ("92D", "Drugs"), ("93", "Drugs"), ("105/01 Common assault", "Violence and sexual offences"),
        ("28E: Burglary", "Burglary"), ("8 - wounding", "Violence and sexual offences"),
        ("34 youths fighting", ""), ("1999", ""), ("2025/04/03", ""), ("8x/1y2", ""), ("999999", ""),
    ],
)  # fmt: skip
def test_an_offence_code_is_known_by_its_class_in_every_spelling(take, code, name):
    frame, _, _ = take("force-extract", "Crime No,Offence Date,HO Code", f"1,03/04/2025,{code}")
    assert frame["category"].tolist() == [name or "Other report"]
    assert frame["stated_category"].tolist() == [code]


def test_the_warden_log_and_timed_points_are_dated_by_their_newest_row(take):
    frame, _, _ = take(
        "warden-log", "reference,occurred_at,category", "W1,03/04/2025 18:30,Noise", "W2,05/04/2025,Noise"
    )
    assert frame["extracted_on"].astype(str).tolist() == ["2025-04-05"] * 2
    frame, _, _ = take("timed-points", "id,timestamp,type", "1,2025-04-03 18:30,Noise")
    assert frame["extracted_on"].astype(str).tolist() == ["2025-04-03"]


def test_councillors_reports(take):
    lines = (
        "When,Time,Ward,Place,What,What residents say,Resident ref,Date reported",
        "03/04/2025,9:30 pm,Harbour,Swings in Holly Park,Youths,They are there every night,R-12,07/04/2025",
        "03/04/2025,,Harbour,Swings in Holly Park,Youths,Same again,r 12,08/04/2025",
        "03/04/2025,,Harbour,Swings in Holly Park,Youths,Same again,,08/04/2025",
    )
    frame, issues, _ = take("councillor-reports", *lines)
    first = told(frame.iloc[0])
    assert (first["occurred_from"], first["reported_at"]) == ("2025-04-03 20:30", "2025-04-06 23:00")
    assert (first["category"], first["place_text"], first["stated_area"]) == (
        "ASB nuisance", "Swings in Holly Park", "Harbour",
    )  # fmt: skip
    assert (first["source_agency"], first["description"]) == ("Council", "They are there every night")
    assert frame["complainant_hash"].tolist() == [hashed("r12"), hashed("r12"), ""]
    assert len(issues) == 0
    # no references: the second and third say the same of the same day, and are counted
    keys = frame["report_key"].str.rsplit("|", n=1).str
    assert keys[1].tolist() == ["1", "1", "2"]
    assert frame["report_key"].str.startswith("councillor-reports|2025-04|").all()
    assert take("councillor-reports", *lines)[0]["report_key"].tolist() == frame["report_key"].tolist()


def test_deliberate_fires(take):
    frame, issues, _ = take(
        "deliberate-fires",
        "Incident Number,Date of call,Time of call,IRS Category,Property type,Easting,Northing",
        "F1,03/04/2025,21:15:00,Deliberate secondary,Refuse,449500,520500",
        "F2,03/04/2025,21:30:00,Deliberate primary (in vehicles),Car,449500,520500",
        "F3,03/04/2025,21:45:00,Deliberate primary,Shed,449500,520500",
        "F4,03/04/2025,22:00:00,Accidental primary,Dwelling,449500,520500",
        "F5,03/04/2025,22:00:00,Deliberate secondary - grass,Grass,449500,520500",
    )
    assert frame["category"].tolist() == [
        "Deliberate fire", "Deliberate fire (vehicle)", "Deliberate fire (primary)", "Other report",
        "Deliberate fire",
    ]  # fmt: skip
    assert (frame["source_agency"][0], frame["description"][0]) == ("Fire", "Refuse")
    assert str(frame["occurred_from"][0]) == str(frame["reported_at"][0]) == "2025-04-03 20:15:00+00:00"
    assert said(issues) == [[4, "IRS Category", "flagged"]]


def test_housing_cases(take):
    frame, _, _ = take(
        "housing-asb",
        "Case Ref,Date Opened,ASB Category,Address,Postcode,UPRN,Complainant Ref,Landlord,Status",
        "H1,03/04/2025 00:00:00,Noise nuisance,Flat 2 The Quay,ts1 2az,010000000001,T/0099,"
        "Riverside Homes,Open",
        "H2,03/04/2025 14:12:07,Verbal abuse/harassment/intimidation/threatening behaviour,,,,,,",
    )
    first = told(frame.iloc[0])
    assert (first["occurred_from"], first["occurred_to"]) == ("2025-04-02 23:00", "2025-04-03 23:00")
    assert (first["reported_at"], first["category"]) == ("2025-04-02 23:00", "Noise")
    assert (first["place_text"], first["postcode"]) == ("Flat 2 The Quay", "TS1 2AZ")
    assert (first["source_agency"], first["outcome"]) == ("Riverside Homes", "Open")
    assert first["complainant_hash"] == hashed("t/0099")
    assert frame["time_precision"].tolist() == ["day", "day"]  # the office's clock is not the trouble's
    assert frame[["source_agency", "category"]].iloc[1].tolist() == ["Housing", "ASB personal"]


def test_noise_and_environmental_complaints(take):
    types = [
        "NOISE - MUSIC",
        "DOMESTIC NOISE",
        "Noise: alarm",
        "Dog fouling",
        "Bonfires",
        "Fly tipping",
        "Asbestos",
    ]
    frame, issues, _ = take(
        "noise-complaints",
        "Reference,Received,Type,Site Address,Customer Ref",
        *(f"N{place},03/04/2025 23:10,{kind},1 High Street,K{place}" for place, kind in enumerate(types)),
    )
    assert frame["category"].tolist() == [
        "Noise", "Noise", "Noise", "ASB environmental", "ASB environmental", "Fly-tipping", "Other report",
    ]  # fmt: skip
    assert str(frame["reported_at"][0]) == str(frame["occurred_from"][0]) == "2025-04-03 22:10:00+00:00"
    assert (frame["source_agency"][0], frame["place_text"][0]) == ("Council", "1 High Street")
    assert said(issues) == [[7, "Type", "flagged"]]


def test_fly_tipping_is_fly_tipping_whatever_was_left(take):
    frame, issues, messages = take(
        "fly-tipping",
        "Job number,Date reported,Waste type,Land type,Size of incident,Latitude,Longitude,Action taken",
        "J1,03/04/2025,White goods,Highway,Small van load,54.5764,-1.2344,Cleared",
        "J2,03/04/2025,,Highway,,,,",
        "J3,03/04/2025,White goods,Highway,,,,",
    )
    first = told(frame.iloc[0])
    assert (first["category"], first["stated_category"]) == ("Fly-tipping", "White goods")
    assert (first["description"], first["outcome"]) == ("Small van load", "Cleared")
    assert abs(float(first["easting_m"]) - 449_590) < 60
    assert (frame["category"][1], frame["time_precision"][1]) == ("Fly-tipping", "day")
    assert len(issues) == 0
    assert messages[0].endswith("is not in the layout's list ('White goods'); read as 'Fly-tipping'.")


def test_intelligence_is_graded_bounded_and_never_says_who_told_it(take):
    frame, issues, _ = take(
        "intelligence",
        "Intel URN,Date of information,Theme,Sanitised text,Analyst comment,Location,Grid ref,Grading,"
        "Handling code,Handling conditions,Source name,Owning agency",
        "I1,03/04/2025,Drug supply,A car calls at night,It fits the pattern,Quay Street,NZ 4950 2050,"
        "2B,P,,Smith,Police",
        "I2,03/04/2025,Drug supply,The same,,,,1A C A1,,Not for patrol,Jones,",
        "I3,03/04/2025,Drug supply,Older,,,,B24,,,,",
        "I4,03/04/2025,Drug supply,Ungraded,,,,,,,,",
        "I5,03/04/2025,Drug supply,No letter,,,,3E,,,,",
        "I6,03/04/2025,Drug supply,Nonsense,,,,4Z,P,,,",
        "I7,03/04/2025,Drug supply,Too high,,,,1A P,TOP SECRET,,,",
        "I8,03/04/2025,Drug supply,Loose,,,,1A P,open,,,",
    )
    assert list(frame.columns) == list(schema.INTELLIGENCE)
    first = told(frame.iloc[0])
    assert (first["description"], first["opinion"]) == ("A car calls at night", "It fits the pattern")
    # the square of 10 m of NZ 4950 2050: centre 449505, 520505, half its diagonal 7.1 m
    assert (first["easting_m"], first["match_level"]) == ("449505.0", "grid reference")
    assert round(float(first["error_m"]), 1) == 107.1
    columns = ["source_grade", "assessment_grade", "handling_code", "conditions", "legacy_grading"]
    assert frame[columns].values.tolist() == [
        ["2", "B", "P", "", ""],
        ["1", "A", "C", "A1 Not for patrol", ""],
        ["", "", "C", "", "B24"],
        ["", "", "C", "", ""],
        ["3", "E", "C", "", ""],
        ["", "", "C", "", ""],
        ["1", "A", "P", "", ""],  # open is looser than the source allows
    ]
    assert said(issues) == [[row, "Grading", "flagged"] for row in (3, 4, 5, 6)] + [
        [7, "Handling Code", "rejected"]
    ]
    everything = frame.to_csv() + issues.to_csv()
    assert "Smith" not in everything
    assert "Jones" not in everything


def test_a_column_of_source_names_is_said_to_be_unread():
    heading = ["URN", "Date", "Grading", "Source Name", "CHIS ref", "Handler", "Handling code", "Source"]
    messages = " ".join(match_columns(heading, load("intelligence")).messages)
    for name in ("Source Name", "CHIS ref", "Handler"):
        assert f"'{name}' seems to hold who the source is; it was not read" in messages
    assert "'Handling code' seems" not in messages
    log = match_columns(["source_name", "occurred_at", "reference", "category"], load("warden-log"))
    assert "who the source is" not in " ".join(log.messages)


def test_a_generic_table(take):
    frame, issues, _ = take(
        "generic",
        "Date,Time,Type,Where,Handling,Restricted to,Source,Longitude,Latitude",
        "03/04/2025,18:30,Litter,High Street,,,park-rangers,-1.2344,54.5764",
        "03/04/2025,,Litter,High Street,C,fire and police,,,",
    )
    assert frame["category"].tolist() == ["ASB environmental"] * 2
    assert frame[["source", "source_agency"]].values.tolist() == [
        ["park-rangers", "park-rangers"],
        ["generic", "Partnership"],
    ]
    assert frame["handling_code"].tolist() == ["P", "C"]
    assert frame["restricted_to"].tolist() == ["", "fire|police"]
    assert frame["match_level"].tolist() == ["coordinates", ""]
    assert len(issues) == 0


def test_the_plain_complainant_is_nowhere(take):
    lines = (
        "Case Ref,Date Opened,Category,Complainant Ref",
        "H1,03/04/2025,Noise,Zebedee-77",
        "H2,03/04/2025,Din,\x1bZebedee 77",
    )
    frame, issues, messages = take("housing-asb", *lines)
    assert frame["complainant_hash"].tolist() == [hashed("zebedee77")] * 2
    everything = " ".join([frame.to_csv(), issues.to_csv(), *messages]).casefold()
    assert "zebedee" not in everything
    other, _, _ = take("housing-asb", *lines, complainant_key=b"another key of sixteen")
    assert other["complainant_hash"][0] != frame["complainant_hash"][0]


@pytest.mark.parametrize("key", [None, b"", b"fifteen bytes.."])
def test_without_a_key_a_file_that_names_complainants_is_not_read(take, key):
    with pytest.raises(SettingsError, match="names its complainants, which are kept as keyed hashes alone"):
        take(
            "housing-asb",
            "Case Ref,Date Opened,Category,Complainant Ref",
            "H1,03/04/2025,Noise,Z",
            complainant_key=key,
        )
    frame, _, _ = take(
        "housing-asb", "Case Ref,Date Opened,Category", "H1,03/04/2025,Noise", complainant_key=key
    )
    assert frame["complainant_hash"].tolist() == [""]


@pytest.mark.parametrize("name", names())
def test_a_heading_of_the_first_names_of_a_layout_is_read_without_a_doubt(name):
    layout = load(name)
    found = match_columns(list(dict.fromkeys(map(layout.label, layout.columns))), layout)
    assert set(found.positions) == set(layout.columns)
    assert found.problems == ()
    assert found.messages == ()


@pytest.mark.parametrize("name", names())
def test_only_the_telling_may_share_its_column_with_the_happening(name):
    # a control room's log opens when somebody calls; no other two fields may be one column
    layout = load(name)
    known = [(fold(word), field) for field, column in layout.columns.items() for word in column.names]
    for word, field in known:
        others = {other for same, other in known if same == word}
        assert others == {field} or {other.split("_")[0] for other in others} == {"occurred", "reported"}


def test_no_layout_but_those_that_name_complainants_asks_for_a_key():
    asking = {name for name in names() if "complainant" in load(name).columns}
    assert asking == {
        "command-and-control", "councillor-reports", "fly-tipping", "generic", "housing-asb",
        "noise-complaints",
    }  # fmt: skip
    assert all(load(name).is_sensitive("complainant") for name in asking)
