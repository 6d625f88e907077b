"""Imports: whole or not at all, once each, every row accounted for."""

import datetime as dt
import threading
import time

import pandas as pd
import pytest
from sqlalchemy import func, select, text

from mapping import access, schema
from mapping.access import Role
from mapping.errors import AccountingError, NotAllowedError, NotFoundError, StoreError
from mapping.intake.files import read_reports
from mapping.store import accounts, audit, erasure, imports, incidents, past_imports
from mapping.store.models import Report, ReportVersion

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)
JANUARY, FEBRUARY, MARCH = (pd.Timestamp(2026, month, 1, tz="UTC") for month in (1, 2, 3))


def told(result: imports.ImportResult) -> dict[str, int]:
    """Return the counts that are not zero."""
    return {name: count for name, count in result.counts.items() if count}


def put(store, delivered, actor, now=NOW):
    with store.transaction() as session:
        return imports.store_import(session, delivered, actor=actor, now=now)


def held(store) -> dict[str, Report]:
    with store.reading() as session:
        return {row.reference: row for row in session.execute(select(Report)).scalars()}


def test_every_row_is_new_once_and_unchanged_after(store, operator, reports, delivery):
    frame = reports({}, {}, {})
    first = put(store, delivery(frame, rejected=2), operator)
    second = put(store, delivery(frame, rejected=2), operator)
    assert told(first) == {"new": 3, "rejected": 2}
    assert told(second) == {"unchanged": 3, "rejected": 2}
    assert (first.status, first.rows_in, first.import_id) == ("accept_partial", 5, 1)
    assert len(held(store)) == 3


def test_the_answer_has_the_keys_of_the_command(store, operator, reports, delivery):
    answer = put(store, delivery(reports({}), rejected=1), operator).as_dict()
    assert list(answer) == [
        "status",
        "rows_in",
        "new",
        "updated",
        "unchanged",
        "superseded",
        "erased",
        "joined",
        "rejected",
        "linked",
        "queued_links",
        "issues",
        "messages",
        "import_id",
        "files",
        "places",
        "seconds",
    ]
    assert answer["issues"] == [
        {"row": 2, "field": "occurred_at", "reason": "This is not a date.", "severity": "rejected"}
    ]
    assert answer["rows_in"] == sum(answer[name] for name in imports.COUNTS)


def test_changed_content_takes_its_place_and_the_old_is_kept(store, operator, reports, delivery):
    put(store, delivery(reports({"outcome": "open"}, {})), operator)
    changed = put(store, delivery(reports({"outcome": "closed", "category": "Drugs"}, {})), operator)
    assert told(changed) == {"updated": 1, "unchanged": 1}
    now_held = held(store)["W1"]
    assert (now_held.outcome, now_held.category, now_held.import_id) == ("closed", "Drugs", 2)
    with store.reading() as session:
        version = session.execute(select(ReportVersion)).scalar_one()
    assert (version.report_id, version.replaced_by) == (now_held.report_id, 2)
    assert version.content["outcome"] == "open"
    assert version.content["occurred_from"] == "2026-02-10T21:15:00+00:00"


def test_where_a_row_stood_in_its_file_is_not_content(store, operator, reports, delivery):
    put(store, delivery(reports({}, {})), operator)
    assert told(put(store, delivery(reports({}, {}).iloc[::-1].assign(row=[1, 2])), operator)) == {
        "unchanged": 2
    }


def test_an_older_extract_does_not_undo_newer_values(store, operator, reports, delivery):
    put(store, delivery(reports({"outcome": "closed", "extracted_on": MARCH})), operator)
    older = put(store, delivery(reports({"outcome": "open", "extracted_on": FEBRUARY})), operator)
    assert told(older) == {"superseded": 1}
    assert held(store)["W1"].outcome == "closed"


def test_a_later_extract_that_says_the_same_still_makes_the_date_later(store, operator, reports, delivery):
    put(store, delivery(reports({"outcome": "open", "extracted_on": JANUARY})), operator)
    put(store, delivery(reports({"outcome": "open", "extracted_on": MARCH})), operator)
    between = put(store, delivery(reports({"outcome": "wrong", "extracted_on": FEBRUARY})), operator)
    assert told(between) == {"superseded": 1}


def test_an_extract_of_unknown_date_updates(store, operator, reports, delivery):
    put(store, delivery(reports({"outcome": "open", "extracted_on": JANUARY})), operator)
    assert told(put(store, delivery(reports({"outcome": "closed"})), operator)) == {"updated": 1}


def test_a_shorter_extract_deletes_nothing(store, operator, reports, delivery):
    put(store, delivery(reports({}, {}, {})), operator)
    put(store, delivery(reports({})), operator)
    assert len(held(store)) == 3


def test_a_key_that_repeats_in_its_file_is_joined_and_a_conflict_is_told(store, operator, reports, delivery):
    same, other = {"reference": "W1"}, {"reference": "W1", "outcome": "closed"}
    result = put(store, delivery(reports(same, same, other, {"reference": "W9"})), operator)
    assert told(result) == {"new": 2, "joined": 2}
    assert result.messages[-1] == (
        "1 rows repeat a reference with other content; of each, the latest extract speaks, "
        "then a row with a point, then the first. What the others said is kept beside it."
    )
    assert held(store)["W1"].outcome == ""


def test_of_rows_that_repeat_a_key_the_latest_then_the_located_speaks(store, operator, reports, delivery):
    nowhere = {"easting_m": float("nan"), "northing_m": float("nan"), "error_m": float("nan")}
    put(
        store,
        delivery(
            reports(
                {"reference": "A", **nowhere},
                {"reference": "A", "outcome": "located"},
                {"reference": "B", "extracted_on": JANUARY},
                {"reference": "B", "extracted_on": FEBRUARY, "outcome": "later", **nowhere},
            )
        ),
        operator,
    )
    assert held(store)["A"].outcome == "located"
    assert held(store)["B"].outcome == "later"
    assert held(store)["B"].easting_m is None


def test_the_same_reference_of_two_sources_is_two_incidents(store, operator, reports, delivery):
    frame = reports(
        {"reference": "1", "report_key": "fire|1", "source": "fire"},
        {"reference": "1", "report_key": "wardens|1", "source": "wardens"},
    )
    assert told(put(store, delivery(frame), operator)) == {"new": 2}


def test_a_report_of_an_incident_already_told_joins_it(store, operator, reports, delivery):
    first = reports({"reference": "A"})
    put(store, delivery(first), operator)
    second = reports({"reference": "B"}, {"reference": "C"}, {"reference": "D"})
    # B tells again of A, which is held; D tells again of C, which comes with it.
    membership = {"warden-log|B": "warden-log|A", "warden-log|D": "warden-log|C"}
    result = put(store, delivery(second, membership=membership), operator)
    assert told(result) == {"new": 1, "joined": 2}
    incident = {name: row.incident_id for name, row in held(store).items()}
    assert incident == {"A": 1, "B": 1, "C": 2, "D": 2}


def test_a_leader_that_is_not_there_leaves_its_report_on_its_own(store, operator, reports, delivery):
    result = put(store, delivery(reports({"reference": "B"}), membership={"warden-log|B": "gone"}), operator)
    assert told(result) == {"new": 1}


def test_an_erased_reference_stays_erased(store, partnership, reports, delivery):
    analyst = partnership.actor(Role.ANALYST, "council")
    frame = reports({"description": "canary"}, {})
    put(store, delivery(frame), analyst)
    put(store, delivery(reports({"description": "canary 2"}, {})), analyst)
    with store.transaction() as session:
        assert erasure.erase(session, ["warden-log|W1"], actor=analyst, now=NOW) == 1
    assert told(put(store, delivery(frame), analyst)) == {"unchanged": 1, "erased": 1}
    with store.reading() as session:
        assert not session.execute(text("SELECT 1 FROM reports WHERE description LIKE 'canary%'")).all()


def test_rows_that_do_not_add_up_are_refused_whole(store, operator, reports, delivery):
    with pytest.raises(AccountingError, match="4 rows came in and 3 are accounted for"):
        put(store, delivery(reports({}, {}, {}), rows_in=4), operator)
    assert held(store) == {}


def test_a_row_with_two_issues_is_one_rejected_row(store, operator, reports, delivery):
    issues = pd.DataFrame(
        {
            "file": ["a.csv", "a.csv", "a.csv", "b.csv"],
            "row": [2, 2, 1, 2],
            "field": ["occurred_at", "easting", "postcode", "occurred_at"],
            "reason": "?",
            "severity": ["rejected", "rejected", "flagged", "rejected"],
        }
    )
    result = put(store, delivery(reports({}), issues=issues, rows_in=3), operator)
    assert told(result) == {"new": 1, "rejected": 2}


def test_a_file_of_rejected_rows_only_is_a_rejected_file(store, operator, reports, delivery):
    result = put(store, delivery(reports(), rejected=2), operator)
    assert (result.status, told(result)) == ("reject_file", {"rejected": 2})
    assert held(store) == {}


def test_a_fault_half_way_leaves_nothing(store, operator, reports, delivery):
    frame = reports({}, {}, {"description": "NUL \x00"})
    with pytest.raises(StoreError, match="NUL"):
        put(store, delivery(frame), operator)
    assert held(store) == {}
    with store.reading() as session:
        assert past_imports.list_recent(session, actor=operator) == []
        assert [entry.action for entry in audit.entries(session)] == ["set up"]


def test_the_log_holds_hash_and_counts_and_no_content(store, operator, reports, delivery):
    put(store, delivery(reports({"description": "canary", "place_text": "canary"}), rejected=1), operator)
    with store.reading() as session:
        entry = audit.latest(session, limit=1)[0]
    assert (entry.action, entry.kind, entry.object_id) == ("import", "import", "1")
    assert entry.details == {
        "sha256": "ab" * 32,
        "layout": "warden-log",
        "status": "accept_partial",
        "rows_in": 2,
        "new": 1,
        "updated": 0,
        "unchanged": 0,
        "superseded": 0,
        "erased": 0,
        "joined": 0,
        "rejected": 1,
        "runs_withdrawn": 0,
    }


def test_a_preview_answers_the_same_and_stores_nothing(store, operator, reports, delivery):
    delivered = delivery(reports({}, {"reference": "W1"}), rejected=1)
    with store.reading() as session:
        foreseen = imports.preview(session, delivered, actor=operator, now=NOW).as_dict()
    assert held(store) == {}
    done = put(store, delivered, operator).as_dict()
    done["files"][0]["import_id"] = None
    assert foreseen == done | {"import_id": None}


def test_what_was_prepared_before_the_lock_is_stored_the_same(store, operator, reports, delivery):
    with store.reading() as session:
        ready = imports.prepare(session, delivery(reports({}, {})), actor=operator)
    assert told(put(store, ready, operator)) == {"new": 2}
    assert told(put(store, delivery(reports({}, {})), operator)) == {"unchanged": 2}


def test_a_refused_file_is_recorded_with_its_reasons(store, operator):
    file = {"name": "x.csv", "sha256": "cd" * 32, "rows_in": 0, "accepted": 0, "rejected": 0}
    with store.transaction() as session:
        result = imports.record_refusal(
            session,
            layout="warden-log",
            source_name="warden-log",
            files=[file],
            problems=["It is empty."],
            actor=operator,
            now=NOW,
        )
    assert result.as_dict()["status"] == "reject_file"
    assert (result.messages, result.import_id) == (["It is empty."], 1)
    with store.reading() as session:
        assert past_imports.get(session, 1, actor=operator).messages == ["It is empty."]
        assert audit.latest(session, limit=1)[0].details["sha256"] == "cd" * 32


def test_owners_are_named_by_their_agency_and_strangers_records_held_by_the_importer(
    store, partnership, reports, delivery
):
    analyst = partnership.actor(Role.ANALYST, "fire")
    frame = reports(
        {"source_agency": "Council"},
        {"source_agency": "Harbour trust"},
        {"source_agency": "Harbour trust", "handling_code": "open"},
        {"source_agency": ""},
    )
    result = put(store, delivery(frame), analyst)
    owners = {name: row.source_agency for name, row in held(store).items()}
    assert owners == {"W1": "council", "W2": "fire", "W3": "harbour-trust", "W4": "fire"}
    assert result.messages == ["2 rows name an owner that is no agency here; they are held for Fire."]


def test_restrictions_are_kept_by_agency_id_and_never_lost(store, partnership, reports, delivery):
    analyst = partnership.actor(Role.ANALYST, "council")
    frame = reports(
        {"restricted_to": "Police|Coastguard"}, {"restricted_to": "|"}, {"handling_code": "secret"}
    )
    put(store, delivery(frame), analyst)
    kept = held(store)
    assert [kept[name].restricted_to for name in ("W1", "W2")] == ["coastguard|police", "|"]
    assert kept["W3"].handling_code == "C"


def test_only_an_analyst_imports_and_only_while_its_agency_shares(store, partnership, reports, delivery):
    for role in set(Role) - {Role.ANALYST}:
        with pytest.raises(NotAllowedError):
            put(store, delivery(reports({})), partnership.actor(role, "council"))
    with pytest.raises(NotAllowedError, match="signed no sharing agreement"):
        put(store, delivery(reports({})), partnership.actor(Role.ANALYST, "housing"))
    late = dt.datetime(2027, 1, 1, 9, tzinfo=dt.UTC)
    with pytest.raises(NotAllowedError, match="read only"):
        put(store, delivery(reports({})), partnership.actor(Role.ANALYST, "fire"), now=late)
    assert held(store) == {}


def test_imports_and_their_issues_are_for_their_own_agency(store, partnership, reports, delivery):
    mine, other = partnership.actor(Role.ANALYST, "council"), partnership.actor(Role.ANALYST, "fire")
    put(store, delivery(reports({}), rejected=3), mine)
    with store.reading() as session:
        issues, total = past_imports.row_issues(session, 1, actor=mine, offset=1, limit=1)
        assert [found.import_id for found in past_imports.list_recent(session, actor=mine)] == [1]
        assert past_imports.list_recent(session, actor=other) == []
        for refused in (past_imports.get, past_imports.row_issues):
            with pytest.raises(NotFoundError):
                refused(session, 1, actor=other)
    assert total == 3
    assert list(issues.columns) == list(schema.ROW_ISSUES)
    assert issues["row"].tolist() == [3]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\someone\\wardens.csv", "wardens.csv"),
        ("x" * 300 + ".csv", "x" * 120),
    ],
)
def test_a_file_is_listed_by_a_short_name_without_its_path(store, operator, reports, delivery, name, shown):
    file = {"name": name, "sha256": "ab" * 32, "rows_in": 1, "accepted": 1, "rejected": 0}
    put(store, delivery(reports({}), files=[file]), operator)
    with store.reading() as session:
        assert past_imports.get(session, 1, actor=operator).file_name == shown


def test_several_files_are_one_import_with_a_checksum_of_their_own(store, operator, reports, delivery):
    files = [
        {"name": f"{name}.csv", "sha256": name * 64, "rows_in": 1, "accepted": 1, "rejected": 0}
        for name in "ab"
    ]
    put(store, delivery(reports({}, {}), files=files), operator)
    with store.reading() as session:
        found = past_imports.get(session, 1, actor=operator)
    assert found.file_name == "a.csv and 1 more"
    assert found.files == files
    assert found.sha256 not in ("a" * 64, "b" * 64)


def test_two_importers_of_the_same_file_leave_each_row_once(store, operator, reports, delivery):
    delivered = delivery(reports(*({} for _ in range(300))))
    start, results = threading.Barrier(2), []

    def run() -> None:
        start.wait()
        results.append(put(store, delivered, operator))

    importers = [threading.Thread(target=run) for _ in range(2)]
    for importer in importers:
        importer.start()
    for importer in importers:
        importer.join()
    assert sorted(str(told(result)) for result in results) == ["{'new': 300}", "{'unchanged': 300}"]
    with store.reading() as session:
        assert session.execute(select(func.count()).select_from(Report)).scalar() == 300
        assert audit.verify(session) is None


def test_two_importers_of_overlapping_files_leave_each_row_once(store, operator, reports, delivery):
    rows = [{"reference": f"W{number}"} for number in range(300)]
    parts = [delivery(reports(*rows[:200])), delivery(reports(*rows[100:]))]
    start, results = threading.Barrier(2), []

    def run(part) -> None:
        start.wait()
        results.append(put(store, part, operator))

    importers = [threading.Thread(target=run, args=(part,)) for part in parts]
    for importer in importers:
        importer.start()
    for importer in importers:
        importer.join()
    assert sorted(result.counts["new"] for result in results) == [100, 200]
    assert len(held(store)) == 300


def test_more_rows_than_one_statement_holds(store, operator, reports, delivery):
    frame = reports(*({} for _ in range(4100)))  # 2000 keys at once
    assert told(put(store, delivery(frame), operator)) == {"new": 4100}
    changed = frame.assign(outcome="closed")
    assert told(put(store, delivery(changed), operator)) == {"updated": 4100}
    with store.reading() as session:
        audience = access.Audience(frozenset({operator.agency_id}), access.COMMUNITY_SAFETY)
        loaded = incidents.load(session, audience, today=TODAY)
    assert loaded["outcome"].tolist() == ["closed"] * 4100
    assert loaded["row"].tolist() == list(range(1, 4101))


def test_the_first_account_of_a_fresh_store_can_import(store, reports, delivery):
    with store.transaction() as session:
        first = accounts.first_actor(session, now=NOW)
        imports.store_import(session, delivery(reports({})), actor=first, now=NOW)
        audience = access.Audience(frozenset({first.agency_id}), access.COMMUNITY_SAFETY)
        assert len(incidents.load(session, audience, today=TODAY)) == 1


@pytest.mark.real_data
def test_nine_months_of_cleveland_are_stored_once(store, operator, delivery, real_data):
    # 67,094 rows, counted with `zcat` and `wc`; none has a reference twice and none is refused.
    paths = sorted((real_data / "police_uk").rglob("2025-*-cleveland-street.csv*"))
    taken = read_reports(paths, "police-uk", now=NOW)
    delivered = delivery(taken.reports, rows_in=taken.rows_in, issues=taken.issues, layout="police-uk")
    assert told(put(store, delivered, operator)) == {"new": 67_094}
    started = time.monotonic()
    assert told(put(store, delivered, operator)) == {"unchanged": 67_094}
    # Some seconds; minutes where every key is compared with every row.
    assert time.monotonic() - started < 60


def test_a_record_changes_hands_only_by_the_agency_that_holds_it(store, partnership, reports, delivery):
    police, council = (partnership.actor(Role.ANALYST, agency) for agency in ("police", "council"))
    put(
        store,
        delivery(reports({"reference": "P1", "source_agency": "police", "handling_code": "C"})),
        police,
    )
    # the same source and reference, in a file or layout that calls the records the council's
    theirs = reports(
        {"reference": "P1", "source_agency": "council", "description": "other"},
        {"reference": "P1", "source_agency": "council", "description": "and more"},
        {"reference": "W9", "source_agency": "council"},
    )
    with store.reading() as session:
        foreseen = imports.preview(session, delivery(theirs), actor=council, now=NOW)
    done = put(store, delivery(theirs), council)
    assert told(done) == told(foreseen) == {"new": 1, "rejected": 2}
    assert [(issue["row"], issue["field"], issue["severity"]) for issue in done.issues] == [
        (1, "reference", "rejected"),
        (2, "reference", "rejected"),
    ]
    kept = held(store)["P1"]
    assert (kept.source_agency, kept.handling_code, kept.description) == ("police", "C", "")
    # whoever brings the police's own extract, it is the police's; and the police may hand a record over
    mine = delivery(reports({"reference": "P1", "source_agency": "police", "outcome": "closed"}))
    assert told(put(store, mine, council)) == {"updated": 1}
    assert told(put(store, delivery(theirs.iloc[:1]), police)) == {"updated": 1}
    assert held(store)["P1"].source_agency == "council"


def test_nobody_shares_another_agencys_record_more_widely_than_it_does(store, partnership, reports, delivery):
    police, council = (partnership.actor(Role.ANALYST, agency) for agency in ("police", "council"))
    owned = {"reference": "W1", "source_agency": "police"}
    strict = owned | {"handling_code": "C", "conditions": "A1", "restricted_to": "police|fire"}
    put(store, delivery(reports(strict)), police)
    looser = owned | {"handling_code": "P", "conditions": "S1", "restricted_to": "", "outcome": "closed"}
    for expected in ({"updated": 1}, {"unchanged": 1}):  # the same file again is no other file
        result = put(store, delivery(reports(looser)), council)
        assert told(result) == expected
        assert "1 rows would share another agency's records more widely" in result.messages[-1]
    row = held(store)["W1"]
    assert (row.handling_code, row.conditions, row.restricted_to, row.outcome) == (
        "C", "A1; S1", "fire|police", "closed",
    )  # fmt: skip
    # Its own account can loosen it, and a stricter word binds whoever brings it.
    assert told(put(store, delivery(reports(looser | {"conditions": ""})), police)) == {"updated": 1}
    assert (held(store)["W1"].handling_code, held(store)["W1"].restricted_to) == ("P", "")
    put(store, delivery(reports(owned | {"handling_code": "C", "outcome": "closed"})), council)
    assert held(store)["W1"].handling_code == "C"
