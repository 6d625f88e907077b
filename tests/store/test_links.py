"""One event told by several sources: joined, queued, decided, taken back, and never told to the wrong."""

import datetime as dt

import pandas as pd
import pytest
from sqlalchemy import func, select

from mapping.access import COMMUNITY_SAFETY, Audience, Role
from mapping.errors import ConflictError, NotAllowedError, NotFoundError
from mapping.store import audit, erasure, finding, imports, incidents, links
from mapping.store.models import Report
from mapping.store.place_models import Link
from mapping.store.shelves import REPORTS

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)
AT = pd.Timestamp("2026-02-10 21:15", tz="UTC")
BOTH = Audience(frozenset({"police", "council"}), COMMUNITY_SAFETY)


@pytest.fixture
def analyst(partnership):
    return partnership.actor(Role.ANALYST, "council")


@pytest.fixture
def police_analyst(partnership):
    return partnership.actor(Role.ANALYST, "police")


def told(source, reference, *, minutes=0, east=0.0, agency="council", **more):
    at = AT + pd.Timedelta(minutes=minutes)
    return {
        "source": source,
        "source_agency": agency,
        "reference": reference,
        "report_key": f"{source}|{reference}",
        "occurred_from": at,
        "occurred_to": at,
        "easting_m": 400_500.0 + east,
        "error_m": 25.0,
        **more,
    }


WARDEN = told("wardens", "W1")
POLICE = told("police", "P1", minutes=12, east=20, agency="police")
HOUR_OFF = told("police", "P2", minutes=61, east=5, agency="police")


@pytest.fixture
def put(store, analyst, reports, delivery):
    def put_rows(*rows, actor=None):
        with store.transaction() as session:
            return imports.store_import(session, delivery(reports(*rows)), actor=actor or analyst, now=NOW)

    return put_rows


def groups(store) -> list[list[str]]:
    """Return the references that share an incident, sorted."""
    with store.reading() as session:
        rows = session.execute(
            select(Report.incident_id, Report.reference).where(Report.erased_at.is_(None))
        ).all()
    by_incident: dict[int, list[str]] = {}
    for incident, reference in rows:
        by_incident.setdefault(incident, []).append(reference)
    return sorted(sorted(group) for group in by_incident.values())


def queue(store, actor):
    with store.reading() as session:
        return links.queue(session, actor=actor, today=TODAY)


def all_joined(store, actor):
    with store.reading() as session:
        return links.listing(session, state="joined", actor=actor, today=TODAY)


def decide(store, actor, link_id, decision, reason="seen both"):
    with store.transaction() as session:
        return links.decide(session, link_id, decision=decision, reason=reason, actor=actor, now=NOW)


def test_the_second_source_of_an_event_is_joined_and_counted_once(store, put, analyst):
    put(WARDEN)
    result = put(POLICE)
    assert (result.counts["new"], result.linked, result.queued_links) == (1, 1, 0)
    assert any("another source told of too" in said for said in result.messages)
    assert groups(store) == [["P1", "W1"]]
    with store.reading() as session:
        assert incidents.load(session, BOTH, today=TODAY)["reference"].tolist() == ["W1"]
        [listed] = list(incidents.listing(session, actor=analyst, today=TODAY))
    assert [report["source"] for report in listed["reports"]] == ["wardens", "police"]
    again = put(POLICE)
    assert (again.counts["unchanged"], again.linked) == (1, 0)


def test_a_doubtful_pair_waits_with_its_evidence_and_both_reports(store, put, analyst):
    put(WARDEN)
    assert (put(HOUR_OFF).linked, groups(store)) == (0, [["P2"], ["W1"]])
    [link] = queue(store, analyst)
    assert (link.state, link.first.reference, link.second.reference) == ("queued", "W1", "P2")
    assert (link.evidence["distance_m"], link.evidence["minutes"]) == (5.0, 61.0)
    assert link.effect == pytest.approx(2 * min(link.score, 1 - link.score))  # there is no map yet
    with store.reading() as session:
        assert links.get(session, link.link_id, actor=analyst, today=TODAY) == link


def test_a_person_joins_keeps_apart_and_joins_again(store, put, analyst):
    put(WARDEN)
    put(HOUR_OFF)
    [link] = queue(store, analyst)
    joined = decide(store, analyst, link.link_id, "joined")
    assert (joined.state, joined.decided_by, joined.reason) == ("joined", analyst.name, "seen both")
    assert groups(store) == [["P2", "W1"]]
    decide(store, analyst, link.link_id, "apart")
    assert groups(store) == [["P2"], ["W1"]]
    decide(store, analyst, link.link_id, "joined")
    assert groups(store) == [["P2", "W1"]]
    with store.reading() as session:
        said = [entry for entry in audit.entries(session, kind="link") if entry.action == "decide"]
        assert [entry.details["to"] for entry in said] == ["joined", "apart", "joined"]
        assert "seen both" not in repr(said)
        assert audit.verify(session) is None


def test_what_a_person_kept_apart_stays_so_whatever_comes(store, put, analyst):
    put(WARDEN)
    put(POLICE)
    [link] = all_joined(store, analyst)
    decide(store, analyst, link.link_id, "apart")
    put(POLICE | {"description": "another word"})
    put(told("wardens", "W2", minutes=3000))
    assert groups(store) == [["P1"], ["W1"], ["W2"]]
    assert queue(store, analyst) == []


def test_a_report_that_moves_away_leaves_its_event(store, put, analyst):
    put(WARDEN)
    put(POLICE)
    put(POLICE | {"easting_m": 402_000.0})
    assert groups(store) == [["P1"], ["W1"]]
    assert all_joined(store, analyst) == []
    put(POLICE)
    assert groups(store) == [["P1", "W1"]]


def test_a_report_that_is_placed_later_finds_its_event_and_loses_it_with_its_point(store, put, analyst):
    nowhere = dict.fromkeys(("easting_m", "northing_m", "error_m"), float("nan"))
    put(WARDEN)
    put(POLICE | nowhere | {"match_level": "", "place_text": "Eden Road", "placement": "unlocated"})
    assert groups(store) == [["P1"], ["W1"]]
    with store.transaction() as session:
        before = finding.to_find(session, REPORTS)
        found = {"easting_m": 400_520.0, "northing_m": 300_500.5, "error_m": 30.0, "place_status": "matched"}
        finding.set_found(session, REPORTS, before, before.assign(**found), now=NOW)
    assert groups(store) == [["P1", "W1"]]
    with store.transaction() as session:
        after = finding.to_find(session, REPORTS)
        finding.set_found(session, REPORTS, after, before, now=NOW)
    assert groups(store) == [["P1"], ["W1"]]
    assert all_joined(store, analyst) == []


def test_who_may_not_see_one_report_does_not_know_of_the_link(store, put, analyst, police_analyst):
    put(WARDEN)
    hidden = HOUR_OFF | {"restricted_to": "police"}
    put(hidden, actor=police_analyst)
    [link] = queue(store, police_analyst)
    assert queue(store, analyst) == []
    for act in (
        lambda: decide(store, analyst, link.link_id, "joined"),
        lambda: decide(store, analyst, 999, "joined"),
    ):
        with pytest.raises(NotFoundError, match="There is no such link"):
            act()


def test_an_event_is_one_for_those_who_see_both_reports_and_one_for_those_who_see_one(
    store, put, analyst, police_analyst
):
    put(WARDEN | {"restricted_to": "council"})
    result = put(POLICE, actor=police_analyst)
    assert result.linked == 0  # joined, and not said to an account that may not see the other
    assert groups(store) == [["P1", "W1"]]
    with store.reading() as session:
        for audience, reference in ((BOTH, "P1"), (Audience(frozenset({"council"}), COMMUNITY_SAFETY), "W1")):
            found = incidents.load(session, audience, today=TODAY)
            assert found["reference"].tolist() == [reference]


def test_an_erased_report_takes_its_links_and_gives_the_others_back(store, put, analyst, police_analyst):
    put(WARDEN)
    put(POLICE)
    put(told("housing", "H1", minutes=6, east=8))
    assert groups(store) == [["H1", "P1", "W1"]]
    with store.transaction() as session:
        erasure.erase(session, ["wardens|W1"], actor=analyst, now=NOW)
        ends = session.execute(select(Link.first_report_id, Link.second_report_id)).all()
        gone = session.execute(select(Report.report_id).where(Report.erased_at.is_not(None))).scalar_one()
    assert all(gone not in pair for pair in ends)
    assert all("W1" not in group for group in groups(store))


def test_only_analysts_see_and_decide(store, put, partnership, analyst):
    put(WARDEN)
    put(HOUR_OFF)
    [link] = queue(store, analyst)
    chair = partnership.actor(Role.CHAIR, "council")
    with pytest.raises(NotAllowedError):
        queue(store, chair)
    with pytest.raises(NotAllowedError):
        decide(store, chair, link.link_id, "joined")
    with pytest.raises(ConflictError, match="joined, apart"):
        decide(store, analyst, link.link_id, "maybe")


def test_months_and_a_single_source_are_not_looked_at(store, put):
    month = {"time_precision": "month", "occurred_to": AT + pd.Timedelta(days=28)}
    put(WARDEN | month, told("police", "P3", agency="police", **month))
    put(told("wardens", "W2", minutes=5), told("wardens", "W3", minutes=6))
    with store.reading() as session:
        assert session.execute(select(func.count()).select_from(Link)).scalar_one() == 0


SIX = [
    WARDEN,
    POLICE,
    told("housing", "H1", minutes=6, east=8),
    told("wardens", "W2", minutes=90, east=1_000),
    told("police", "P4", minutes=95, east=1_000, agency="police"),
    told("police", "P5", minutes=1440 * 10, east=1_003, agency="police"),
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4, 5), (5, 4, 3, 2, 1, 0), (2, 4, 0, 5, 3, 1)], ids=str)
def test_in_whatever_order_reports_come_the_same_are_joined(store, put, analyst, order):
    for number in order:
        put(SIX[number])
    assert groups(store) == [["H1", "P1", "W1"], ["P4", "W2"], ["P5"]]
    assert queue(store, analyst) == []
