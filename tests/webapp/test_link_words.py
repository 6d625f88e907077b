"""What the pages about links say of two reports."""

import dataclasses
import datetime as dt

import pytest

from mapping.store.links import LinkView, Told
from webapp import link_words

AT = dt.datetime(2026, 2, 10, 21, 15, tzinfo=dt.UTC)
ONE = Told(
    report_id=1, incident_id=1, source="police-101", source_agency="police", reference="NP-1",
    category="Noise", stated_category="", occurred_from=AT, occurred_to=AT, time_precision="minute",
    reported_at=None, place_text="12 Marton Road", postcode="", easting_m=450_250.0, northing_m=520_250.0,
    error_m=25.0, match_level="coordinates", ward_gss_code="E05000001", description="Loud music",
    handling_code="P", conditions="", restricted_to="",
)  # fmt: skip
OTHER = dataclasses.replace(ONE, report_id=2, source="warden-log", source_agency="council", error_m=40.0)
EVIDENCE = {
    "distance_m": 18.0, "error_m": 47.2, "minutes": 7.0, "words": 0.6, "accounts": None,
    "weights": {"distance": 1.3, "vagueness": -0.8, "time": 2.1, "category": 0.5, "words": 0.2, "busy": -0.7},
}  # fmt: skip
LINK = LinkView(7, "queued", 0.64, EVIDENCE, ONE, OTHER, 1.0, AT, "", None, "")


def test_a_score_is_told_by_what_it_is_made_of_the_weightiest_first():
    said = [(one.sign, one.text) for one in link_words.comparisons(LINK)]
    assert said == [
        ("+", "7 minutes apart"),
        ("−", "Many reports of the same matter close by, so two may meet by chance"),
        ("+", "18 m apart, within what both allow (47 m)"),  # 1.3 - 0.8 bits
        ("+", "Both say Noise"),
        ("·", "Their words for the place have something in common (0.6 alike)"),
    ]  # their accounts are not compared: one says nothing


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"distance_m": 60.0}, "60 m apart, farther than both allow (47 m)"),
        ({"weights": {"vagueness": -4.0}}, "18 m apart, but the places are known to within 47 m only"),
        ({"minutes": 0.2}, "The same time"),
        ({"minutes": 1.0}, "1 minute apart"),
    ],
)
def test_where_and_when_are_said_as_they_are(changes, said):
    link = dataclasses.replace(LINK, evidence=EVIDENCE | changes)
    assert said in [one.text for one in link_words.comparisons(link)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Tuesday 10 February 2026 at 21:15"),
        ({"occurred_to": AT + dt.timedelta(hours=2)}, "Between Tuesday 10 February 2026 at 21:15 and 23:15"),
        ({"time_precision": "day"}, "10 February 2026, at no known hour"),
        ({"time_precision": "month"}, "February 2026"),
        ({"occurred_from": None, "occurred_to": None}, "No time is known"),
    ],
)
def test_a_time_is_said_no_finer_than_its_source_knows(changes, said):
    assert link_words.when(dataclasses.replace(ONE, **changes)) == said


def test_free_text_is_for_those_who_may_read_reports():
    agencies = {"police": "Exampleshire Police", "council": "Council"}
    one, other = link_words.accounts(LINK, agencies, with_words=True)
    assert (one.letter, one.title, one.words) == ("A", "Police 101, Exampleshire Police", "Loud music")
    assert one.where == "12 Marton Road; known to within 25 m"
    assert other.title == "Warden log, Council"
    assert all(told.words == "" for told in link_words.accounts(LINK, agencies, with_words=False))


def test_a_pair_is_named_by_where_and_when_without_a_house_number():
    assert link_words.line(LINK) == "Marton Road, Tuesday 10 February 2026 at 21:15"
    assert link_words.need([LINK]) == "1 doubtful link between police 101 and warden log"
    third = dataclasses.replace(LINK, first=dataclasses.replace(ONE, source="fire"))
    assert link_words.need([LINK, third]) == "2 doubtful links between reports of different sources"


@pytest.mark.parametrize(
    ("score", "said"), [(0.64, "about 6 in 10"), (0.97, "more than 9 in 10"), (0.01, "less than 1 in 10")]
)
def test_a_chance_is_never_certain(score, said):
    assert link_words.chance(score) == said


def test_the_heading_counts_what_waits():
    assert link_words.finding([]) == "No pair of reports waits for an answer"
    assert link_words.finding([LINK]) == "One pair of reports may be one event"
    assert link_words.finding([LINK] * 3) == "Three pairs of reports may each be one event"
