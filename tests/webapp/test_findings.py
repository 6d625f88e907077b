import pandas as pd
import pytest

from webapp import findings


def _hotspots(*changes, recorded=()):
    count = len(changes)
    return pd.DataFrame(
        {
            "ward_gss_code": [f"E0500000{k % 2}" for k in range(count)],
            "change": list(changes),
            "recorded_at_place": [k in recorded for k in range(count)],
        }
    )


def _proposals(*states):
    return pd.DataFrame({"state": list(states)})


@pytest.mark.parametrize(
    ("hotspots", "proposals", "finding"),
    [
        (_hotspots(), _proposals(), "No place stands out in this period"),
        (_hotspots("new"), _proposals("accepted"), "One place in one ward stands out"),
        (
            _hotspots("new", "steady", "rising"),
            _proposals("proposed", "deferred", "declined"),
            "Three places in two wards stand out; two proposals wait for a decision",
        ),
        (
            _hotspots("new", "steady", recorded=(1,)),
            _proposals("proposed", "accepted"),
            "One place in one ward stands out; one proposal waits for a decision",
        ),
    ],
)
def test_the_borough_heading_counts_places_and_what_waits(hotspots, proposals, finding):
    assert findings.borough(hotspots, proposals) == finding


@pytest.mark.parametrize(
    ("hotspots", "finding"),
    [
        (_hotspots(), "Beechwood: no place stands out in this period"),
        (_hotspots("steady"), "Beechwood: one place stands out"),
        (_hotspots("rising"), "Beechwood: one place stands out, and rising"),
        (_hotspots("new", "steady", "steady"), "Beechwood: three places stand out, one new"),
        (_hotspots("new", "rising", "rising"), "Beechwood: three places stand out, one new and two rising"),
        (_hotspots("steady", recorded=(0,)), "Beechwood: no place stands out in this period"),
    ],
)
def test_the_ward_heading_counts_places_and_which_way_they_go(hotspots, finding):
    assert findings.ward("Beechwood", hotspots) == finding


@pytest.mark.parametrize(
    ("states", "finding"),
    [
        ((), "Nothing is proposed for this period"),
        (("proposed", "deferred"), "Two proposals wait for a decision"),
        (("proposed", "accepted"), "One proposal waits for a decision; 1 decided"),
        (("accepted", "declined"), "All 2 proposals are decided"),
    ],
)
def test_the_list_of_proposals_says_how_many_wait(states, finding):
    assert findings.proposals(_proposals(*states)) == finding


def test_the_sum_of_a_run_is_said_whole():
    counts = {"incidents": 67094, "in_wards": 67079, "outside": 15, "unlocated": 0, "ward_only": 0}
    # 67,094 = 67,079 + 15 + 0
    assert findings.accounts_for(counts).startswith(
        "67,094 incidents = 67,079 in wards + 15 outside + 0 without a place."
    )


def test_places_where_reports_are_recorded_are_told_apart():
    assert findings.recorded(_hotspots("new", "new")) == ""
    assert findings.recorded(_hotspots("new", "new", recorded=(0,))).startswith("One more place is where")
    assert findings.recorded(_hotspots("new", "new", recorded=(0, 1))).startswith("Two more places are where")


def _unusual(*rows):
    said = "9 reports in the last 7 days, 1 normal (9 times; very unlikely to be chance)."
    return {
        "unusual": [
            {"ward": ward, "category": category, "until": "2025-09-30T23:00:00+00:00", "said": said}
            for ward, category in rows
        ]
    }


def test_what_is_unusual_is_told_once_for_a_ward_and_category():
    counts = _unusual(("E1", "Noise"), ("E2", "Noise"), ("E1", "Noise"))
    told = findings.unusual(counts, {"E1": "Beechwood", "E2": "Park"})
    assert [(one.gss, one.ward, one.category) for one in told] == [
        ("E1", "Beechwood", "Noise"),
        ("E2", "Park", "Noise"),
    ]
    assert [one.gss for one in findings.unusual(counts, {}, ward="E2")] == ["E2"]


def test_the_last_day_of_the_data_heads_what_is_unusual():
    # 23:00 UTC is midnight in summer: the last moment known lies on 30 September
    assert findings.unusual_heading(_unusual(("E1", "Noise"))) == (
        "Unusual in the last week of the data, to 30 September 2025"
    )


def test_a_run_that_found_nothing_unusual_or_was_never_asked_says_nothing():
    for counts in ({}, {"unusual": []}):
        assert findings.unusual(counts, {}) == []
        assert findings.unusual_heading(counts) == ""
    assert findings.on_bank_holidays({}, "H1") == ""
