"""What was written into a form is kept by the rules of a file's row, and followed by its writer alone."""

import datetime as dt
import threading

import pandas as pd
import pytest
from sqlalchemy import select

from mapping import access, crs, sending
from mapping.access import Action, Kind, Role
from mapping.errors import ConflictError, NotAllowedError, NotFoundError
from mapping.periods import month_period
from mapping.sending import INTELLIGENCE, REPORT, Said
from mapping.store import (
    audit,
    boundaries,
    erasure,
    imports,
    incidents,
    models,
    past_imports,
    proposals,
    runs,
    submissions,
)
from mapping.store.models import IntelligenceItem, Report, Submission

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
BEFORE = NOW - dt.timedelta(hours=1)
TODAY = dt.date(2026, 3, 2)
WEST, EAST = "E05999001", "E05999002"
FACT = "Bags left by two men in a van AB12 CDE; ring 07700 900123."
KEPT = "Bags left by two men in a van [vehicle registration removed]; ring [phone number removed]."


def said(**changes):
    facts = {
        "kind": REPORT,
        "reference": "F-7KD3-MX9P",
        "category": "Fly-tipping",
        "day": "2026-02-10",
        "ward": WEST,
        "place": "behind the shops, Eden Road",
        "fact": FACT,
    }
    return Said(**facts | changes)


def item(**changes):
    facts = {
        "kind": INTELLIGENCE,
        "category": "Drug use or dealing",
        "opinion": "Will grow; ask 07700 900123.",
        "source_grade": "2",
        "assessment_grade": "B",
        "handling": "P",
    }
    return said(**facts | changes)


@pytest.fixture
def councillor(analysed):
    return analysed.partnership.actor(Role.COUNCILLOR, "council")


@pytest.fixture
def officer(analysed):
    return analysed.partnership.actor(Role.OFFICER, "police")


def only(store, model):
    with store.reading() as session:
        return (
            session.execute(select(model).order_by(next(iter(model.__table__.primary_key)).desc()))
            .scalars()
            .first()
        )


def own(store, actor, today=TODAY):
    with store.reading() as session:
        return submissions.list_own(session, actor=actor, today=today)


def count(store, model):
    with store.reading() as session:
        return len(session.execute(select(model)).scalars().all())


def test_a_report_is_kept_redacted_placed_and_as_its_agencys(store, councillor):
    sending.send(store, said(), actor=councillor, now=BEFORE)
    row = only(store, Report)
    assert row.description == KEPT
    assert (row.source, row.source_agency, row.handling_code) == ("councillors", "council", "P")
    assert (row.reference, row.report_key) == ("F-7KD3-MX9P", "councillors|F-7KD3-MX9P")
    assert (row.category, row.stated_category) == ("Fly-tipping", "Fly-tipping")
    assert (row.placement, row.ward_gss_code, row.easting_m) == ("in ward", WEST, None)
    # London keeps GMT in February: the day is 10 February 00:00 to 11 February 00:00, UTC
    assert (row.occurred_from, row.occurred_to) == (
        dt.datetime(2026, 2, 10, tzinfo=dt.UTC),
        dt.datetime(2026, 2, 11, tzinfo=dt.UTC),
    )
    assert row.reported_at == BEFORE


def test_the_form_is_an_import_of_one_row_through_the_door_for_forms(store, analysed, councillor):
    sending.send(store, said(), actor=councillor, now=BEFORE)
    row = only(store, models.ImportRow)
    assert (row.rows_in, row.new_count, row.door, row.layout) == (1, 1, "form", "councillor-reports")
    assert (row.account_id, row.agency_id, row.batch_id) == (councillor.account_id, "council", row.import_id)
    with store.reading() as session:  # analysts' lists of files are not filled up by forms
        listed = past_imports.list_recent(session, actor=analysed.analyst)
    assert row.import_id not in [one.import_id for one in listed]


def test_an_officers_report_is_told_by_the_officers_agency(store, officer):
    sending.send(store, said(), actor=officer, now=BEFORE)
    row = only(store, Report)
    assert (row.source, row.source_agency, row.handling_code) == ("police-reports", "police", "P")


def test_what_the_form_says_of_owner_and_handling_is_not_asked(store, councillor):
    sending.send(store, said(handling="P", conditions="A1", source_grade="1"), actor=councillor, now=BEFORE)
    row = only(store, Report)
    assert (row.handling_code, row.conditions, row.source_grade) == ("P", "", "")


def test_a_time_makes_a_moment_and_a_last_day_a_window(store, councillor):
    sending.send(store, said(time="19:30"), actor=councillor, now=BEFORE)
    row = only(store, Report)
    assert row.occurred_from == row.occurred_to == dt.datetime(2026, 2, 10, 19, 30, tzinfo=dt.UTC)
    assert row.time_precision == "minute"
    again = said(reference="F-2222-2222", day="2025-10-25", last_day="2025-10-26")
    sending.send(store, again, actor=councillor, now=BEFORE)
    row = only(store, Report)
    # 25 October begins in summer time, 26 October ends in winter time: two days of 24 and 25 hours
    assert row.occurred_from == dt.datetime(2025, 10, 24, 23, tzinfo=dt.UTC)
    assert row.occurred_to == dt.datetime(2025, 10, 27, tzinfo=dt.UTC)
    assert row.time_precision == "day"


def test_a_point_places_it_better_than_the_ward_that_was_chosen(store, councillor):
    # 401 500, 300 500 lies in East; the writer chose West
    lon, lat = (float(values[0]) for values in crs.to_wgs84([401_500.0], [300_500.0]))
    sending.send(store, said(longitude=f"{lon:.5f}", latitude=f"{lat:.5f}"), actor=councillor, now=BEFORE)
    row = only(store, Report)
    assert (row.ward_gss_code, row.stated_area) == (EAST, WEST)
    assert row.easting_m == pytest.approx(401_500, abs=1)
    assert (row.match_level, row.error_m) == ("coordinates", 50.0)


def test_without_ward_or_point_it_is_kept_and_not_placed_yet(store, councillor):
    sending.send(store, said(ward="", postcode="TS3 6AB"), actor=councillor, now=BEFORE)
    row = only(store, Report)
    assert (row.placement, row.postcode) == ("unlocated", "TS3 6AB")
    assert [one.is_placed for one in own(store, councillor)] == [False]


def test_what_happened_before_is_part_of_the_words(store, councillor):
    sending.send(store, said(repeat="once or twice"), actor=councillor, now=BEFORE)
    assert only(store, Report).description == f"{KEPT}\n\nHappened here before: once or twice."


@pytest.mark.parametrize("kind", [said, item])
def test_the_same_form_twice_is_kept_once(store, officer, kind):
    first = sending.send(store, kind(), actor=officer, now=BEFORE)
    assert sending.send(store, kind(), actor=officer, now=NOW) == first
    changed = kind(fact="Something else.")
    assert sending.send(store, changed, actor=officer, now=NOW) == first
    assert count(store, Submission) == 1
    assert count(store, models.ImportRow) == 2  # with that of the analysis


def test_two_clicks_at_once_keep_it_once(store, councillor):
    numbers = []
    barrier = threading.Barrier(2)

    def click():
        barrier.wait()
        numbers.append(sending.send(store, said(), actor=councillor, now=BEFORE))

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert len(numbers) == 2
    assert len(set(numbers)) == 1
    assert count(store, Submission) == 1


def test_another_accounts_reference_opens_nothing(store, analysed, councillor):
    sending.send(store, said(), actor=councillor, now=BEFORE)
    other = analysed.partnership.actor(Role.COUNCILLOR, "council", "another")
    with pytest.raises(ConflictError, match="sent in already"):
        sending.send(store, said(), actor=other, now=NOW)
    assert own(store, other) == []


def test_who_may_send_what_in_follows_the_table(store, analysed, councillor):
    manager = analysed.partnership.actor(Role.MANAGER, "council")
    with pytest.raises(NotAllowedError, match="may not create this"):
        sending.send(store, said(), actor=manager, now=NOW)
    with pytest.raises(NotAllowedError, match=r"may not create this \(intelligence\)"):
        sending.send(store, item(), actor=councillor, now=NOW)
    housing = analysed.partnership.actor(Role.OFFICER, "housing")  # has signed nothing
    with pytest.raises(NotAllowedError, match="no sharing agreement"):
        sending.send(store, said(), actor=housing, now=NOW)
    assert count(store, Submission) == 0


def test_a_form_opens_no_door_for_files(store, analysed, councillor, delivery, reports):
    with pytest.raises(NotAllowedError, match=r"\(import\)"), store.transaction() as session:
        imports.store_import(session, delivery(reports({})), actor=councillor, now=NOW)


def test_what_cannot_be_read_is_said_beside_its_field_and_not_kept(store, councillor):
    found = sending.check(store, said(day="2026-03-05"), actor=councillor, now=NOW)
    assert found.problems == {"day": "This lies in the future"}
    with pytest.raises(ConflictError):
        sending.send(store, said(day="2026-03-05"), actor=councillor, now=NOW)
    assert count(store, Submission) == 0


def test_what_is_doubtful_is_said_before_it_is_sent(store, councillor):
    found = sending.check(store, said(day="2025-03-30", time="01:30"), actor=councillor, now=NOW)
    assert found.problems == {}
    assert found.doubts == ["When falls in the hour that the clock skipped in spring; moved one hour on."]
    assert (found.placement, found.ward_name) == ("in ward", "West")
    assert count(store, Report) == 4  # those of the analysis


def test_intelligence_is_kept_apart_and_never_counted(store, officer):
    sending.send(store, item(), actor=officer, now=BEFORE)
    row = only(store, IntelligenceItem)
    assert row.description == KEPT
    assert row.opinion == "Will grow; ask [phone number removed]."
    assert (row.source_grade, row.assessment_grade, row.handling_code, row.conditions) == ("2", "B", "P", "")
    assert (row.source, row.source_agency, row.ward_gss_code) == ("intelligence", "police", WEST)
    assert only(store, Submission).removed == {"phone number": 2, "vehicle registration": 1}
    assert count(store, Report) == 4
    assert count(store, models.Incident) == 4


@pytest.mark.parametrize(
    ("handling", "conditions", "code"),
    [("P", "", "P"), ("", "", "C"), ("C", "A1 S2. Tell us first", "C"), ("P", "A1", "C"), ("X", "", "C")],
)
def test_unknown_handling_is_c_and_so_is_what_carries_conditions(
    store, officer, handling, conditions, code
):  # BAD 64
    sending.send(store, item(handling=handling, conditions=conditions), actor=officer, now=BEFORE)
    row = only(store, IntelligenceItem)
    assert (row.handling_code, row.conditions) == (code, conditions)


def test_formulas_and_scripts_are_kept_as_they_were_written(store, councillor):  # BAD 67, 68
    words = (
        "=HYPERLINK('http://evil.example') <script>alert(1)</script> ${7*7} {{7*7}}; DROP TABLE reports; --"
    )
    sending.send(store, said(fact=words, place="=1+1"), actor=councillor, now=BEFORE)
    row = only(store, Report)
    assert (row.description, row.place_text) == (words, "=1+1")


def test_the_log_says_who_sent_what_in_and_never_what_it_says(store, councillor):
    number = sending.send(store, said(), actor=councillor, now=BEFORE)
    with store.reading() as session:
        sent, kept = audit.latest(session, limit=2)
    assert (sent.action, sent.kind, sent.object_id) == ("send in", "submission", str(number))
    assert sent.details["removed"] == {"phone number": 1, "vehicle registration": 1}
    assert (kept.action, kept.kind, kept.role) == ("import", "import", "councillor")
    assert "Eden" not in f"{sent}{kept}"


def test_a_writer_sees_received_and_placed_and_nobody_elses(store, analysed, councillor, officer):
    number = sending.send(store, said(), actor=councillor, now=BEFORE)
    (one,) = own(store, councillor)
    assert (one.submission_id, one.kind, one.reference, one.sent_at) == (
        number,
        REPORT,
        "F-7KD3-MX9P",
        BEFORE,
    )
    assert (one.is_placed, one.ward_name, one.used_at, one.acted_on_at) == (True, "West", None, None)
    assert one.description == KEPT
    for other in (officer, analysed.analyst):
        assert own(store, other) == []
        with pytest.raises(NotFoundError), store.reading() as session:
            submissions.get_own(session, number, actor=other, today=TODAY)


def test_the_words_of_intelligence_are_not_given_back(store, officer):
    sending.send(store, item(), actor=officer, now=BEFORE)
    (one,) = own(store, officer)
    assert (one.kind, one.description, one.place_text) == (INTELLIGENCE, "", "")
    assert (one.is_placed, one.used_at, one.acted_on_at) == (True, None, None)


def report_of(store, actor, **changes):
    """Send a report in and return the id of its incident."""
    sending.send(store, said(**changes), actor=actor, now=BEFORE)
    return only(store, Report).incident_id


def test_a_run_made_later_uses_it(store, analysed, councillor):
    report_of(store, councillor)
    assert own(store, councillor)[0].used_at is None
    analysed.record()
    (one,) = own(store, councillor)
    assert (one.used_at, one.acted_on_at) == (NOW, None)


@pytest.mark.parametrize(
    ("sent", "run"),
    [
        ({"ward": ""}, {}),  # in no ward
        ({"day": "2025-12-31"}, {}),  # before the period
        ({}, {"settings": {"categories": ["Noise"]}}),
        ({}, {"period": month_period("2026-01")}),
        ({}, {"audience": access.Audience(frozenset({"police", "housing"}), access.COMMUNITY_SAFETY)}),
        ({}, {"now": BEFORE - dt.timedelta(minutes=1)}),  # made before it came
    ],
)
def test_a_run_that_leaves_it_out_does_not_use_it(store, analysed, councillor, sent, run):
    report_of(store, councillor, **sent)
    analysed.record(**run)
    assert own(store, councillor)[0].used_at is None


def test_a_withdrawn_run_uses_nothing(store, analysed, councillor):
    report_of(store, councillor)
    run_id = analysed.record()
    with store.transaction() as session:
        session.get(runs.RunRow, run_id).withdrawn_at = NOW
    assert own(store, councillor)[0].used_at is None


@pytest.mark.parametrize(
    ("decision", "is_acted_on"), [("accept", True), ("change", True), ("defer", False), ("decline", False)]
)
def test_it_is_acted_on_when_the_group_agrees_to_do_something_there(
    store, analysed, councillor, decision, is_acted_on
):
    incident_id = report_of(store, councillor)
    analysed.record(members=pd.DataFrame({"hotspot_id": ["H1"], "incident_id": [incident_id]}))
    chair = analysed.partnership.actor(Role.CHAIR, "council")
    later = NOW + dt.timedelta(days=1)
    with store.transaction() as session:
        frame = proposals.for_run(session, 1)
        number = int(frame.loc[frame["hotspot_id"] == "H1", "proposal_id"].iloc[0])
        proposals.decide(
            session, number, decision=decision, reason="Partners can be there.", present=["chair"],
            agreed_response="Lighting first" if decision == "change" else "", actor=chair, now=later,
        )  # fmt: skip
    (one,) = own(store, councillor)
    assert one.used_at == NOW
    assert one.acted_on_at == (later if is_acted_on else None)


def test_what_was_erased_says_so_and_nothing_else(store, analysed, councillor):
    report_of(store, councillor)
    with store.transaction() as session:
        erasure.erase(session, ["councillors|F-7KD3-MX9P"], actor=analysed.analyst, now=NOW)
    (one,) = own(store, councillor)
    assert one.is_erased
    assert (one.description, one.place_text, one.used_at, one.ward_name) == ("", "", None, "")


def test_a_form_that_was_erased_is_not_kept_again(store, analysed, councillor):
    report_of(store, councillor)
    with store.transaction() as session:
        erasure.erase(session, ["councillors|F-7KD3-MX9P"], actor=analysed.analyst, now=NOW)
    with pytest.raises(ConflictError, match="has been erased"):
        sending.send(store, said(), actor=councillor, now=NOW)
    assert own(store, councillor)[0].description == ""


def test_words_restricted_to_others_are_not_given_back(store, analysed, councillor):
    report_of(store, councillor)
    with store.transaction() as session:
        session.execute(
            select(Report).where(Report.reference == "F-7KD3-MX9P")
        ).scalar_one().restricted_to = "police"
    analysed.record()
    (one,) = own(store, councillor)
    assert (one.description, one.place_text, one.used_at) == ("", "", None)


def test_when_the_agreement_has_closed_nothing_is_shown(store, analysed, councillor):
    report_of(store, councillor)
    day = dt.date(2027, 3, 1)  # reviewed on 1 January, closed 30 days later
    gone = analysed.partnership.again(councillor, today=day)
    with pytest.raises(NotAllowedError, match="closed"):
        own(store, gone, today=day)
    assert not access.allows(gone, Action.CREATE, Kind.SUBMISSION, today=day)


def test_a_report_by_form_enters_the_next_run_like_any(store, analysed, councillor):
    report_of(store, councillor)
    audience = access.Audience(frozenset({"police", "council"}), access.COMMUNITY_SAFETY)
    with store.reading() as session:
        loaded = incidents.load(session, audience, today=TODAY)
    assert "F-7KD3-MX9P" in loaded["reference"].tolist()


def test_wards_to_choose_from_are_those_of_the_newest_edition(store, partnership, analysed):
    with store.reading() as session:
        assert submissions.ward_names(session) == {EAST: "East", WEST: "West"}


def test_neither_lsoas_nor_wards_to_come_are_offered_as_wards(store, operator, analysed, two_wards):
    other = two_wards.assign(ward_gss_code=["E01000001", "E01000002"], ward_name=["Zone 1", "Zone 2"])
    facts = {"source": "ONS", "licence": "", "actor": operator, "now": NOW}
    to_come = dt.date(2999, 5, 1)
    with store.transaction() as session:
        boundaries.add_edition(session, other, name="LSOA", sha256="ef" * 32, level="LSOA", **facts)
        boundaries.add_edition(session, other, name="2999", sha256="ee" * 32, in_force_from=to_come, **facts)
        assert submissions.ward_names(session) == {EAST: "East", WEST: "West"}
        assert boundaries.current(session)[0].name == "May 2025"
        assert boundaries.current(session, on=to_come)[0].name == "2999"


def test_a_reference_can_be_read_out_and_is_never_the_same():
    references = {sending.new_reference() for _ in range(2000)}
    assert len(references) == 2000
    assert not set("".join(references)) - set("F-346789BCDFGHJKMNPQRTVWXY")
