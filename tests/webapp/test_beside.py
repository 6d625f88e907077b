"""What stands beside the count of a hotspot, in words and on its page."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text

from mapping import schema
from mapping.hotspots.harm_tables import CAMBRIDGE
from mapping.hotspots.intelligence_layer import Gathering
from mapping.store import accounts, audit, imports
from mapping.store.imports import Delivery
from mapping.store.run_models import RunRow
from webapp import beside

from .conftest import NOW

WEIGHED = {"harm": CAMBRIDGE.as_dict()}
WORDS = re.compile(r"<[^>]+>")


def words_of(answer):
    return " ".join(WORDS.sub(" ", answer.text).split())


def row(**changes):
    usual = {
        "incident_count": 31,
        "source_mix": "Seen by wardens (14), hardly by 101 (1; 9 would be usual). | 2 were told twice.",
        "capped_count": 0,
        "last_seen_on": "2026-09-14",
        "monthly_counts": "8 7 6 5 5",
    }
    return SimpleNamespace(**usual | changes)


def test_who_sees_a_place_is_told_a_sentence_at_a_time_and_the_cap_last():
    assert beside.who_sees(row()) == (
        "Seen by wardens (14), hardly by 101 (1; 9 would be usual).",
        "2 were told twice.",
    )
    assert beside.who_sees(row(source_mix="", capped_count=5)) == (
        beside.NOTHING_UNUSUAL,
        "5 more reports about this place are in the totals and in none of these figures: their caller "
        "already has 3 nearby that count.",
    )


def test_a_run_that_did_not_work_it_out_says_nothing():
    old = row(source_mix="", last_seen_on="")
    assert beside.who_sees(old) == ()
    assert beside.last_seen(old) == ""


def test_when_it_was_last_seen_is_said():
    # 6 + 5 + 5 = 16 of 31
    assert beside.last_seen(row()) == (
        "Last reported on 14 September 2026. 16 of its 31 reports (52\u00a0%) came in the last 3 of 5 months."
    )


def hotspots(harm_ranks):
    count = len(harm_ranks)
    return pd.DataFrame(
        {
            **dict.fromkeys(schema.HOTSPOTS, ""),
            "hotspot_id": [f"H{number}" for number in range(1, count + 1)],
            "place_name": [f"{letter} Road" for letter in "ABCDEFGH"[:count]],
            "rank": range(1, count + 1),
            "incident_count": 4,
            "expected_count": 1.0,
            "rate_ratio": 4.0,
            "p_value": 0.001,
            "p_value_fdr": 0.001,
            "recorded_at_place": False,
            "harm_score": [np.nan if np.isnan(rank) else 403.0 for rank in harm_ranks],
            "weighted_share": [0.0 if np.isnan(rank) else 0.75 for rank in harm_ranks],
            "harm_rank": harm_ranks,
        }
    )


def test_harm_is_told_with_both_ranks_how_far_they_differ_and_its_source():
    frame = hotspots([4.0, 2.0, 3.0, 1.0])
    told = beside.harm_lines(next(frame.itertuples(index=False)), frame, WEIGHED)
    assert told.said == "403 days of harm. 3 of the 4 reports carry a weight; for the others none is known."
    assert (
        told.order[0] == "Number 4 by harm of those with a known weight; number 1 of all by reports foretold."
    )
    assert "D Road is number 1 by harm, 4 by reports foretold" in told.order[1]
    assert told.credit.startswith("Cambridge Crime Harm Index (2016), in days: ")


def test_no_known_weight_is_no_harm_score_and_no_claim_that_there_is_none():
    frame = hotspots([float("nan")] * 4)
    told = beside.harm_lines(next(frame.itertuples(index=False)), frame, WEIGHED)
    assert (told.said, told.order) == (beside.NO_WEIGHT, ())
    assert beside.harm_lines(next(frame.itertuples(index=False)), frame, {}) is None


def gathering(**changes):
    facts = {
        "place": "Eden Road", "easting_m": 450_300.0, "northing_m": 520_250.0, "radius_m": 150.0,
        "item_ids": (1, 2), "first_on": "2026-01-01", "last_on": "2026-02-01", "categories": "Drugs 2",
        "reports": 3, "hotspot_id": "",
    }  # fmt: skip
    return Gathering(**facts | changes)


@pytest.mark.parametrize(
    ("hotspot_ids", "finding"),
    [
        ([], "Intelligence gathers nowhere in this period"),
        ([""], "Intelligence gathers at one place where reports make no hotspot"),
        (["H1", "H2"], "Intelligence gathers at two places, and so do reports"),
        (["", "H2"], "Intelligence gathers at two places; at one of them reports make no hotspot"),
    ],
)
def test_the_heading_says_where_intelligence_gathers_and_reports_do_not(hotspot_ids, finding):
    assert beside.finding([gathering(hotspot_id=each) for each in hotspot_ids]) == finding


# --- on the page ---------------------------------------------------------------------------------


@pytest.fixture
def put(town):
    """Return a way to keep items of intelligence at the corner of Marton Road, in February 2026."""

    def stored(*rows):
        usual = dict.fromkeys([*schema.INTELLIGENCE, "ward_gss_code", "placement"], "") | {
            "source": "intelligence", "source_agency": "community-safety-partnership", "category": "Drugs",
            "time_precision": "day", "place_text": "Marton Road", "easting_m": 450_250.0,
            "northing_m": 520_250.0, "error_m": 50.0, "match_level": "coordinates", "handling_code": "P",
            "source_grade": "2", "assessment_grade": "B", "description": "canary-fact",
            "opinion": "canary-opinion", "ward_gss_code": "E05000001", "placement": "in ward",
            "reported_at": pd.NaT, "extracted_on": pd.NaT,
        }  # fmt: skip
        table = []
        for number, changes in enumerate(rows, start=1):
            named = {"row": number, "reference": f"URN{number}", "report_key": f"intelligence|URN{number}"}
            table.append(usual | named | {"occurred_from": f"2026-02-0{number}"} | changes)
        frame = pd.DataFrame(table)
        frame["occurred_to"] = frame["occurred_from"]
        for column in ("occurred_from", "occurred_to", "reported_at", "extracted_on"):
            frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
        delivery = Delivery(
            reports=frame, issues=schema.empty_issues(), rows_in=len(frame), layout="intelligence",
            source_name="intelligence", files=[{"name": "i.csv", "sha256": "b" * 64, "rows_in": len(frame)}],
            boundary_edition="May 2025",
        )  # fmt: skip
        with town.store.transaction() as session:
            analyst = accounts.actor_named(session, "analyst", today=NOW.date())
            imports.store_import(session, replace(delivery, kind="intelligence"), actor=analyst, now=NOW)

    return stored


def test_an_analyst_reads_the_intelligence_at_a_hotspot_and_never_what_it_says(put, signed_in):
    put(
        {},
        {"source_grade": "3", "assessment_grade": "E", "conditions": "A1 ask first"},
        {"easting_m": 450_500.0},
    )
    answer = signed_in("analyst").get("/runs/1/hotspots/H1")
    words = words_of(answer)
    assert "Who sees it 2 items of intelligence here, not for everybody" in words
    assert "Drugs, 1 February 2026: 2B , may be shared." in words
    assert "3E , with conditions: A1 ask first." in words
    assert words.count("Drives nothing") == 1
    assert "canary" not in answer.text
    assert "URN3" not in words  # 170 m beyond the outline of 80 m


def test_nobody_else_is_told_that_there_is_any(put, signed_in):
    put({}, {})
    for account in ("chair", "officer", "manager"):
        page = signed_in(account).get("/runs/1/hotspots/H1").text
        assert "ntelligence" not in page.replace("Send in intelligence", ""), account
        assert "URN1" not in page


def test_an_item_that_the_agency_may_not_see_is_not_there(put, signed_in):
    put({"source_agency": "wardens", "handling_code": "C"}, {"restricted_to": "wardens"})
    words = words_of(signed_in("analyst").get("/runs/1/hotspots/H1"))
    assert "URN" not in words and "of intelligence here" not in words


def test_reading_intelligence_at_a_hotspot_is_in_the_log_and_looking_without_any_is_not(town, put, signed_in):
    visitor = signed_in("analyst")

    def log():
        visitor.get("/runs/1/hotspots/H1")
        with town.store.reading() as session:
            return [(entry.kind, entry.object_id) for entry in audit.latest(session, limit=2)]

    assert log()[0] == ("hotspot", "1/H1")
    put({})
    assert log() == [("intelligence", "1/H1"), ("hotspot", "1/H1")]


def test_the_layer_lists_where_intelligence_gathers_quiet_places_first(put, signed_in):
    quiet = {"easting_m": 451_500.0, "place_text": "7 Quiet <b>Lane</b>", "ward_gss_code": "E05000002"}
    put({}, {}, {}, quiet, quiet, quiet, {"assessment_grade": "E"})
    answer = signed_in("analyst").get("/runs/1/intelligence")
    words = words_of(answer)
    assert "Intelligence gathers at two places; at one of them reports make no hotspot" in words
    assert "7 items of the map&#39;s period" in words or "7 items of the map's period" in words
    assert words.index("Quiet") < words.index("Marton Road")
    assert "3 items since 4 February 2026, 0 reports within 150 m." in words
    assert "St Germain&#39;s, grid 451500 520250" in words
    assert (
        "Intelligence gathers where reports do: 3 items since 1 February 2026, 12 reports within 150 m."
        in words
    )
    assert "<b>Lane" not in answer.text and "canary" not in answer.text


def test_a_period_without_intelligence_says_what_would_make_a_place(signed_in):
    words = words_of(signed_in("analyst").get("/runs/1/intelligence"))
    assert "Intelligence gathers nowhere in this period" in words
    assert "At least three items" in words


def test_intelligence_changes_no_map_and_no_count(town, put, signed_in):
    visitor = signed_in("officer")
    paths = ("/runs/1", "/runs/1/map.js", "/runs/1/wards/E05000001", "/runs/1/hotspots/H1", "/runs/1/about")

    def pages():
        return [
            re.sub(r"Request [\w-]+|nonce-\S+|value=\"\S+\"", "", visitor.get(path).text) for path in paths
        ]

    before = pages()
    put({}, {}, {})
    assert pages() == before


def test_harm_is_on_the_page_with_its_source_where_the_run_has_weights(town, signed_in):
    visitor = signed_in("officer")
    assert "of harm" not in words_of(visitor.get("/runs/1/hotspots/H1"))
    with town.store.transaction() as session:
        run = session.get(RunRow, 1)
        run.settings = {**run.settings, **WEIGHED}
        weighed = "UPDATE run_hotspots SET harm_score = 403, weighted_share = 0.75, harm_rank = 1"
        session.execute(text(f"{weighed} WHERE hotspot_id = 'H1'"))
    words = words_of(visitor.get("/runs/1/hotspots/H1"))
    assert "Harm 403 days of harm. 9 of the 12 reports carry a weight" in words
    assert "Number 1 by harm of those with a known weight; number 1 of all by reports foretold." in words
    assert "Weights: Cambridge Crime Harm Index (2016), in days" in words
    assert "No weight is known" in words_of(visitor.get("/runs/1/hotspots/H2"))
