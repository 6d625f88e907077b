import pytest

from mapping.errors import MissingColumnsError
from mapping.intake.linking import find_conflicts, leading_places, to_incidents
from mapping.intake.validate import empty_reports

REPEATED = "repeats the reference of row 1 with another category and place; joined to it as one incident"
HERE, THERE = "-1.2,54.5", "-1.3,54.5"


def street(*rows):
    return [
        f"{reference},2025-01,P,P,{point},On or near High Street,,,{kind},{outcome},"
        for reference, point, kind, outcome in rows
    ]


def test_reports_of_one_reference_are_one_incident_led_by_the_first(read_street):  # BAD 52, 61
    intake = read_street(
        *street(("a", HERE, "Burglary", "one"), ("b", HERE, "Drugs", ""), ("a", HERE, "Burglary", "two"))
    )
    incidents, membership = to_incidents(intake.reports)
    assert incidents["incident_id"].tolist() == ["police-uk|a", "police-uk|b"]
    assert incidents["outcome"].tolist() == ["one", ""]
    assert membership["incident_id"].tolist() == ["police-uk|a", "police-uk|b", "police-uk|a"]
    assert membership["row"].tolist() == [1, 2, 3]
    assert (intake.rows_in, intake.incidents, intake.joined, intake.rejected) == (3, 2, 1, 0)
    assert intake.issues["reason"].tolist() == [
        "repeats the reference of row 1 with another outcome; joined to it as one incident"
    ]


def test_a_report_with_a_point_leads_one_without(read_street):
    intake = read_street(
        *street(("a", ",", "Burglary", ""), ("b", ",", "Drugs", ""), ("a", HERE, "Burglary", ""))
    )
    incidents, _ = to_incidents(intake.reports)
    assert incidents["row"].tolist() == [3, 2]
    assert leading_places(intake.reports).tolist() == [2, 1]
    assert len(intake.issues) == 0


def test_contradictions_are_flagged_and_the_first_stands(read_street):  # BAD 53
    intake = read_street(
        *street(("a", HERE, "Burglary", ""), ("a", THERE, "Drugs", ""), ("a", HERE, "Burglary", ""))
    )
    assert intake.issues[["row", "field", "reason", "severity"]].values.tolist() == [
        [2, "Crime ID", REPEATED, "flagged"]
    ]
    assert to_incidents(intake.reports)[0]["category"].tolist() == ["Burglary"]


def test_points_within_a_metre_are_the_same_place(read_log):
    row = "W1,03/04/2025 18:30,,Noise,,,,{},520500,,"
    intake = read_log(row.format(449500), row.format(449501), row.format(449502))
    assert find_conflicts(intake.reports)["differs"].tolist() == ["place"]
    assert find_conflicts(intake.reports)["place"].tolist() == [2]


def test_another_time_is_a_contradiction(read_log):
    row = "W1,03/04/2025 {},,Noise,,,,,,,"
    assert find_conflicts(read_log(row.format("18:30"), row.format("18:31")).reports)["differs"].tolist() == [
        "time"
    ]


def test_no_report_is_no_incident():
    incidents, membership = to_incidents(empty_reports())
    assert (len(incidents), len(membership), len(find_conflicts(empty_reports()))) == (0, 0, 0)
    assert "incident_id" in incidents


def test_a_frame_that_is_no_reports_is_refused():
    with pytest.raises(MissingColumnsError, match="reports"):
        to_incidents(empty_reports().drop(columns="report_key"))


def test_the_input_is_left_unchanged(read_log):
    reports = read_log("W1,03/04/2025 18:30,,Noise,,,,,,,").reports
    before = reports.copy()
    to_incidents(reports)
    assert reports.equals(before)
