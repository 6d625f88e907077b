"""Review of places: what waits for an answer, what an answer does, and taking it back."""

import datetime as dt
import threading

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select, update

from mapping.access import COMMUNITY_SAFETY, Audience, Role
from mapping.errors import ConflictError, NotAllowedError, NotFoundError
from mapping.periods import month_period
from mapping.store import (
    agreements,
    audit,
    boundaries,
    erasure,
    imports,
    local_names,
    place_answers,
    place_history,
    place_reviews,
    runs,
)
from mapping.store.models import IntelligenceItem, Report
from mapping.store.place_answers import Said
from mapping.store.place_models import DecidedRecord, PlaceDecision
from mapping.store.place_reviews import Words, effect, fold, recency, token_of
from mapping.store.shelves import REPORTS

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)
WEST, EAST = "E05999001", "E05999002"
NOWHERE = {"easting_m": np.nan, "northing_m": np.nan, "error_m": np.nan, "match_level": "",
           "ward_gss_code": "", "placement": "unlocated"}  # fmt: skip
PIN = Said("pin", 401_250.0, 300_500.0, 100.0, "place", name="Pallister Park")


@pytest.fixture
def analyst(partnership):
    return partnership.actor(Role.ANALYST, "council", name="reviewer")


@pytest.fixture
def wards(store, analyst, two_wards):
    """Keep West and East as the edition in use."""
    with store.transaction() as session:
        boundaries.add_edition(
            session, two_wards, name="May 2025", source="ONS", licence="OGL v3", sha256="ab" * 32,
            actor=analyst, now=NOW,
        )  # fmt: skip


@pytest.fixture
def put(store, analyst, reports, delivery):
    """Return a way to import reports whose words were not found, unless a row says otherwise."""

    def stored(*rows, actor=None, kind="reports", **changes):
        usual = {**NOWHERE, "place_text": "the shelter in the park"}
        frame = reports(*({"reference": f"R{number}", **usual, **row} for number, row in enumerate(rows)))
        frame["place_status"] = [row.get("place_status", "unmatched") for row in rows]
        frame["place_score"] = [row.get("place_score", np.nan) for row in rows]
        if kind == "intelligence":
            frame["report_key"] = "intel|" + frame["reference"]
            frame = frame.assign(opinion="", legacy_grading="")
        with store.transaction() as session:
            return imports.store_import(
                session, delivery(frame, kind=kind, **changes), actor=actor or analyst, now=NOW
            )

    return stored


@pytest.fixture
def waits(store, analyst):
    """Return a way to read the queue."""

    def read(actor=analyst, geocoder=None):
        with store.reading() as session:
            return place_reviews.queue(session, actor=actor, today=TODAY, geocoder=geocoder)

    return read


@pytest.fixture
def say(store, analyst, waits):
    """Return a way to answer the first item of the queue."""

    def answered(said=PIN, actor=analyst, item=None, now=NOW):
        item = item or waits(actor)[0]
        with store.transaction() as session:
            return place_answers.answer(session, item, said, actor=actor, now=now)

    return answered


@pytest.fixture
def back(store, analyst):
    """Return a way to take an answer back."""

    def reversed_(decision_id=1, actor=analyst, now=NOW):
        with store.transaction() as session:
            return place_history.reverse(session, decision_id, actor=actor, now=now)

    return reversed_


def held(store, model=Report):
    with store.reading() as session:
        return {
            row.reference: row for row in session.execute(select(model).order_by(model.reference)).scalars()
        }


def listed(store, actor):
    with store.reading() as session:
        return place_history.decisions(session, actor=actor, today=TODAY)


# --- the queue -----------------------------------------------------------------------------------


def test_records_with_the_same_words_are_one_item(put, waits):
    put({"place_text": "The Shelter  in the park"}, {}, {}, {"place_text": "Elsewhere"})
    first, second = waits()
    assert (first.place_text, first.reports) == ("the shelter in the park", 3)
    assert first.spellings == ("the shelter in the park", "The Shelter  in the park")
    assert (second.place_text, second.records) == ("Elsewhere", 1)


def test_another_postcode_or_stated_area_is_another_item(put, waits):
    put({}, {"postcode": "TS1 1AA"}, {"stated_area": EAST})
    assert {item.words[1:] for item in waits()} == {("", ""), ("TS1 1AA", ""), ("", EAST)}


def test_an_item_says_what_its_records_are_about_and_no_more(put, waits):
    put({"category": "Drugs", "occurred_from": pd.Timestamp("2026-01-05", tz="UTC")}, {}, {})
    (item,) = waits()
    assert item.categories == (("Noise", 2), ("Drugs", 1))
    assert item.sources == (("warden-log", 3),)
    assert item.newest_at == dt.datetime(2026, 2, 10, 21, 15, tzinfo=dt.UTC)
    assert [one.category for one in item.told] == ["Noise", "Noise", "Drugs"]
    assert not hasattr(item.told[0], "description")


def test_what_was_found_given_erased_or_never_said_does_not_wait(put, waits, store, analyst):
    put(
        {"place_status": "matched"}, {"place_status": "given"}, {"place_status": ""},
        {"place_status": "pinned"}, {"place_status": "set aside"}, {"place_text": "to be erased"},
    )  # fmt: skip
    with store.transaction() as session:
        erasure.erase(session, ["warden-log|R5"], actor=analyst, now=NOW)
    assert waits() == []


def test_what_the_reader_may_not_see_is_absent_and_uncounted(put, waits, partnership):
    police = partnership.actor(Role.ANALYST, "police")
    put(
        {}, {"handling_code": "C", "source_agency": "police"},
        {"place_text": "of the police alone", "handling_code": "C", "source_agency": "police"}, actor=police,
    )  # fmt: skip
    assert [(item.place_text, item.reports) for item in waits()] == [("the shelter in the park", 1)]
    assert sum(item.reports for item in waits(police)) == 3


def test_intelligence_waits_too_and_counts_apart(put, waits):
    put({})
    put({}, kind="intelligence")
    (item,) = waits()
    assert (item.reports, item.intelligence) == (1, 1)


@pytest.mark.parametrize("role", [Role.CHAIR, Role.OFFICER, Role.MANAGER, Role.COUNCILLOR])
def test_only_an_analyst_sees_the_queue_answers_or_takes_back(put, waits, say, back, partnership, role):
    put({})
    other, item = partnership.actor(role, "council"), waits()[0]
    for refused in (lambda: waits(other), lambda: say(actor=other, item=item), lambda: back(1, other)):
        with pytest.raises(NotAllowedError):
            refused()


# --- what an answer is worth ---------------------------------------------------------------------


def test_a_report_weighs_half_after_ninety_days_and_intelligence_a_tenth():
    days = pd.Series(pd.to_datetime(["2026-03-02", "2025-12-02", None, "2026-03-02", "2026-04-01"], utc=True))
    is_report = np.array([True, True, True, False, True])
    # 90 days are one half; without a date 360 days are 1/16; a day ahead of today counts as today
    assert recency(days, is_report, today=TODAY).tolist() == [1.0, 0.5, 0.0625, 0.1, 1.0]


def test_candidates_close_together_change_little():
    assert effect(8.0, float("nan"), is_ambiguous=False) == 8.0
    assert effect(8.0, 0.0, is_ambiguous=True) == 2.0  # a quarter
    assert effect(8.0, 400.0, is_ambiguous=True) == pytest.approx(8 * (0.25 + 0.75 * 0.4))
    assert effect(8.0, 4000.0, is_ambiguous=True) == 8.0
    assert effect(8.0, float("nan"), is_ambiguous=True) == 8.0  # nothing is known of them


class TwoPlaces:
    """Knows two places 400 m apart for any words, and a ward without a point."""

    def answer(self, queries):
        found = [
            {"name": name, "level": "place", "score": 0.5, "easting_m": east, "northing_m": 300_500.0,
             "error_m": 50.0, "ward_gss_code": WEST}
            for name, east in (("One", 400_100.0), ("Two", 400_500.0), ("West", np.nan))
        ]  # fmt: skip
        return pd.DataFrame({"candidates": [found] * len(queries)})


def test_what_would_change_the_map_most_comes_first(put, waits):
    put(
        *[{"place_text": "near", "place_status": "ambiguous"}] * 2,
        {"place_text": "unknown"},
        {"place_text": "old", "occurred_from": pd.Timestamp("2025-01-01", tz="UTC")},
    )
    known = waits(geocoder=TwoPlaces())
    assert [item.place_text for item in known] == ["near", "unknown", "old"]
    # two reports of 20 days ago: 2 * 0.5 ** (20 / 90) * (0.25 + 0.75 * 0.4)
    assert known[0].effect == pytest.approx(2 * 0.5 ** (20 / 90) * 0.55)
    assert known[0].spread_m == 400.0
    assert place_reviews.candidates(known, TwoPlaces())[0][1]["name"] == "Two"
    assert len(place_reviews.candidates(known, TwoPlaces())[0]) == 2  # a ward is no point to pin
    assert place_reviews.candidates(known, None) == [[], [], []]


def test_an_address_of_an_item_does_not_tell_its_words(put, waits):
    put({})
    (item,) = waits()
    token = token_of(item.words, secret="k")
    assert place_reviews.find([item], token, secret="k") is item
    assert token != token_of(item.words, secret="another")  # so words cannot be tried out against it
    assert token != token_of(Words(item.words.place_text, "TS1 1AA", ""), secret="k")
    for wrong in (token_of(item.words, secret="another"), "", "é"):
        with pytest.raises(NotFoundError):
            place_reviews.find([item], wrong, secret="k")


# --- an answer -----------------------------------------------------------------------------------


def test_an_answer_places_every_record_in_its_ward(put, say, store, wards, waits):
    put({}, {}, {"place_text": "Elsewhere"})
    put({}, kind="intelligence")
    done = say()
    assert (done.reports, done.intelligence, done.by_name, done.runs_withdrawn) == (2, 1, 0, 0)
    row, item = held(store)["R0"], held(store, IntelligenceItem)["R0"]
    for one in (row, item):
        assert (one.easting_m, one.northing_m, one.error_m, one.match_level) == (
            401250.0,
            300500.0,
            100.0,
            "place",
        )
        assert (one.place_status, one.ward_gss_code, one.placement) == ("pinned", EAST, "in ward")
        assert (one.boundary_edition, one.place_score) == ("May 2025", None)
    assert [left.place_text for left in waits()] == ["Elsewhere"]


def test_a_point_in_no_ward_is_kept_and_marked_outside(put, say, store, wards):
    put({})
    say(Said("pin", 500_000.0, 300_500.0, 100.0, "place"))
    assert (held(store)["R0"].placement, held(store)["R0"].ward_gss_code) == ("outside", "")


def test_a_stated_ward_is_surer_than_the_middle_of_many_streets(put, say, store, wards):
    put({"stated_area": WEST})
    say(Said("candidate", 401_250.0, 300_500.0, 900.0, "sector", name="TS1 1"))
    assert (held(store)["R0"].ward_gss_code, held(store)["R0"].easting_m) == (WEST, 401_250.0)


def test_without_wards_an_answer_still_holds(put, say, store):
    put({})
    say()
    assert (held(store)["R0"].placement, held(store)["R0"].place_status) == ("outside", "pinned")


def test_what_cannot_be_placed_is_set_aside_and_stays_in_its_ward_s_total(put, say, store, wards, waits):
    put({"stated_area": WEST})
    say(Said("set aside", reason="a road as long as the borough"))
    row = held(store)["R0"]
    assert (row.place_status, row.easting_m, row.ward_gss_code) == ("set aside", None, WEST)
    assert waits() == []


def test_how_records_stood_is_kept_and_the_log_holds_no_words(put, say, store):
    put({"place_status": "ambiguous", "place_score": 0.5})
    say(Said("candidate", 401_250.0, 300_500.0, 50.0, "place", name="Pallister Park"))
    with store.reading() as session:
        kept = session.execute(select(DecidedRecord)).scalar_one()
        line = audit.latest(session, limit=1)[0]
        assert audit.verify(session) is None
    assert (kept.before["place_status"], kept.before["place_score"], kept.before["easting_m"]) == (
        "ambiguous",
        0.5,
        None,
    )
    assert (line.action, line.kind, line.object_id) == ("place", "place", "1")
    assert line.details == {
        "answer": "candidate",
        "reports": 1,
        "by_name": 0,
        "learned_name": None,
        "runs_withdrawn": 0,
    }
    assert "park" not in repr(line).casefold()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said("set aside", reason=" . "), "Say in a few words why"),
        (Said("guess", 1.0, 1.0, 1.0), "An answer is a candidate, a pin"),
        (Said("pin"), "needs an easting"),
        (Said("pin", float("nan"), 300_500.0, 100.0), "needs an easting"),
        (Said("pin", 1e308, 300_500.0, 100.0), "outside Great Britain"),
        (Said("pin", 401_250.0, 300_500.0, 0.0), "radius is not between"),
        (Said("pin", 401_250.0, 300_500.0, 100.0, learn_name="123"), "needs letters"),
        (Said("pin", 401_250.0, 300_500.0, 100.0, learn_name="a" * 121), "120 characters at most"),
    ],
)
def test_an_incomplete_answer_changes_nothing(put, say, store, said, words):
    put({})
    with pytest.raises(ConflictError, match=words):
        say(said)
    assert held(store)["R0"].place_status == "unmatched"
    with store.reading() as session:
        assert session.execute(select(PlaceDecision)).first() is None


def test_an_answer_moves_only_what_its_giver_may_see(put, say, store, partnership):
    police = partnership.actor(Role.ANALYST, "police")
    put({}, {"handling_code": "C", "source_agency": "police"}, actor=police)
    assert say().reports == 1
    assert [row.place_status for row in held(store).values()] == ["pinned", "unmatched"]


def test_of_two_who_answer_at_once_the_second_is_told(put, waits, store, analyst, partnership):
    put({}, {})
    second = partnership.actor(Role.ANALYST, "police")
    item, outcomes, start = waits()[0], [], threading.Barrier(2)

    def answering(actor):
        start.wait()
        try:
            with store.transaction() as session:
                outcomes.append(place_answers.answer(session, item, PIN, actor=actor, now=NOW).reports)
        except ConflictError as told:
            outcomes.append(str(told))

    both = [threading.Thread(target=answering, args=(actor,)) for actor in (analyst, second)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert len(outcomes) == 2
    assert 2 in outcomes
    assert any("Somebody answered these words a moment before you" in str(told) for told in outcomes)
    with store.reading() as session:
        assert len(session.execute(select(PlaceDecision)).all()) == 1
        assert len(session.execute(select(DecidedRecord)).all()) == 2


def test_words_that_an_import_changed_meanwhile_are_not_answered(put, waits, say):
    put({})
    item = waits()[0]
    put({"place_text": "behind the baths"})
    with pytest.raises(ConflictError, match="do not wait for an answer any more"):
        say(item=item)


def test_a_run_is_withdrawn_only_where_its_readers_lose_sight_of_a_record(analysed, put, say, store, back):
    """An agreement that covers West alone lets the council see a police report said to be in West."""
    police = analysed.partnership.actor(Role.ANALYST, "police")
    run_id = analysed.record(period=month_period("2026-01", "2026-02"))
    put({"reference": "P1"}, actor=police)
    assert say(actor=police).runs_withdrawn == 0
    put({"reference": "P2", "stated_area": WEST, "ward_gss_code": WEST, "source_agency": "police",
         "place_text": "another"}, actor=police)  # fmt: skip
    with store.transaction() as session:
        session.execute(update(agreements.AgreementRow).values(areas=[WEST]))
    assert say(actor=analysed.partnership.again(police)).runs_withdrawn == 1
    with store.reading() as session, pytest.raises(NotFoundError):
        runs.get(session, run_id, actor=analysed.analyst, today=TODAY)


def test_what_is_placed_enters_the_next_run(put, say, store, wards):
    from mapping.store import incidents

    put({})
    say()
    with store.reading() as session:
        loaded = incidents.load(session, Audience(frozenset({"council"}), COMMUNITY_SAFETY), today=TODAY)
    assert loaded["easting_m"].tolist() == [401_250.0]


# --- names ---------------------------------------------------------------------------------------


def learning(name, east=401_250.0):
    return Said("pin", east, 300_500.0, 100.0, "place", name=name, learn_name=name)


def test_a_learned_name_places_what_else_says_it_unless_it_says_another_ward_or_postcode(
    put, waits, say, wards
):
    put(
        {"postcode": "TS1 1AA"}, {}, {"stated_area": EAST}, {"stated_area": "a beat"}, {"stated_area": WEST},
        {"postcode": "TS9 9ZZ"}, {"place_text": "PALLISTER shelter"}, {"place_text": "elsewhere"},
    )  # fmt: skip
    item = next(one for one in waits() if one.words.postcode == "TS1 1AA")
    done = say(learning("Pallister Shelter"), item=item)
    assert (done.reports, done.by_name) == (5, 4)
    assert sorted(item.words[1:] for item in waits()) == [("", ""), ("", WEST), ("TS9 9ZZ", "")]


def test_a_name_is_kept_once_for_a_place_and_again_for_another(put, say, store, analyst):
    put({"place_text": "one"}, {"place_text": "two"}, {"place_text": "three"})
    say(learning("the  Co-op"))
    say(learning("The co-op", east=401_251.0))
    say(learning("the Co-op", east=401_750.0))
    with store.reading() as session:
        names = local_names.list_all(session, actor=analyst, today=TODAY)
        assert len(local_names.held(session)) == 2
    assert [(one.name, one.easting_m, one.learned_by) for one in names] == [
        ("the Co-op", 401_250.0, "reviewer"), ("the Co-op", 401_750.0, "reviewer"),
    ]  # fmt: skip


def test_a_name_is_removed_once_and_known_to_partners_alone(put, say, store, analyst, partnership):
    put({})
    say(learning("the Shelter"))
    police, housing = (partnership.actor(Role.ANALYST, agency) for agency in ("police", "housing"))
    with store.transaction() as session:
        agreements.create(
            session, name="Housing alone", signatories=["housing"], starts_on=dt.date(2025, 1, 1),
            review_on=dt.date(2027, 1, 1), actor=partnership.operator, now=NOW,
        )  # fmt: skip
    housing = partnership.again(housing)
    with store.transaction() as session:
        assert local_names.list_all(session, actor=housing, today=TODAY) == []
        with pytest.raises(NotFoundError):
            local_names.remove(session, 1, actor=housing, now=NOW)
        local_names.remove(session, 1, actor=police, now=NOW)
        with pytest.raises(NotFoundError):
            local_names.remove(session, 1, actor=police, now=NOW)
        assert local_names.held(session) == []
        assert [line.action for line in audit.latest(session, limit=1)] == ["remove name"]


# --- taking back ---------------------------------------------------------------------------------


def test_taking_an_answer_back_restores_every_record_and_forgets_the_name(
    put, say, back, store, wards, waits, analyst
):
    put({"place_status": "ambiguous", "place_score": 0.5}, {"stated_area": EAST})
    put({}, kind="intelligence")
    before = [_state(store), _state(store, IntelligenceItem)]
    say(learning("the shelter in the park"))
    assert waits() == []
    assert back() == place_history.Reversal(put_back=3, changed_since=0)
    assert [_state(store), _state(store, IntelligenceItem)] == [
        {reference: (*state[:-1], "May 2025") for reference, state in shelf.items()} for shelf in before
    ]
    assert len(waits()) == 2
    with store.reading() as session:
        assert local_names.held(session) == []
        line = audit.latest(session, limit=1)[0]
    assert (line.action, line.details) == (
        "take back", {"put_back": 3, "changed_since": 0, "removed_name": 1, "runs_withdrawn": 0},
    )  # fmt: skip
    (decision,) = listed(store, analyst)
    assert (decision.reversed_by, decision.reversed_at) == ("reviewer", NOW)


def _state(store, model=Report):
    names = ("easting_m", "northing_m", "error_m", "match_level", "place_status", "place_score", "placement",
             "ward_gss_code", "boundary_edition")  # fmt: skip
    rows = {
        reference: tuple(getattr(row, name) for name in names)
        for reference, row in held(store, model).items()
    }
    # A stated ward counts from the first answer on; before, these rows were never placed in an edition.
    return {
        reference: (*state[:6], "in ward", EAST, state[8]) if row.stated_area == EAST else state
        for (reference, state), row in zip(rows.items(), held(store, model).values(), strict=True)
    }


def test_an_answer_is_taken_back_once(put, say, back):
    put({})
    say()
    back()
    with pytest.raises(ConflictError, match="taken back already"):
        back()


def test_a_record_that_changed_since_stays_as_it_is(put, say, back, store, waits):
    put({}, {}, {})
    say()
    put({"place_text": "behind the baths"}, {}, {})  # an import brought other words for the first
    with store.transaction() as session:  # and what the chief's import keeps of the others
        session.execute(
            update(Report)
            .where(Report.reference != "R0")
            .values(
                place_status="pinned",
                easting_m=401_250.0,
                northing_m=300_500.0,
                error_m=100.0,
                match_level="place",
            )
        )
        session.execute(update(Report).where(Report.reference == "R2").values(easting_m=401_300.0))
    assert back() == place_history.Reversal(put_back=1, changed_since=2)
    assert [row.place_status for row in held(store).values()] == ["unmatched", "unmatched", "pinned"]
    assert {item.place_text for item in waits()} == {"behind the baths", "the shelter in the park"}


def test_an_answer_that_a_later_one_overtook_moves_nothing(put, say, back, store):
    put({})
    say()
    with store.transaction() as session:
        session.execute(update(Report).values(place_status="unmatched"))
    say()  # the same point again
    assert back(1) == place_history.Reversal(put_back=0, changed_since=1)
    assert held(store)["R0"].place_status == "pinned"
    assert back(2).put_back == 1


def test_answers_for_records_that_one_may_not_see_are_not_there(put, say, back, store, analyst, partnership):
    police = partnership.actor(Role.ANALYST, "police")
    put({"handling_code": "C", "source_agency": "police"}, actor=police)
    say(actor=police)
    assert listed(store, analyst) == []
    assert len(listed(store, police)) == 1
    with pytest.raises(NotFoundError):
        back()


def test_the_list_of_answers_says_who_when_and_what(put, say, store, wards, analyst):
    put({}, {"place_text": "another"})
    say(Said("candidate", 401_250.0, 300_500.0, 50.0, "place", name="Pallister Park"))
    say(Said("set aside", reason="too vague"), now=NOW + dt.timedelta(minutes=1))
    second, first = listed(store, analyst)
    assert (first.answer, first.name, first.reports, first.ward_gss_code) == (
        "candidate",
        "Pallister Park",
        1,
        EAST,
    )
    assert (first.decided_by, first.decided_at, first.reversed_by) == ("reviewer", NOW, "")
    assert (second.answer, second.reason, second.easting_m) == ("set aside", "too vague", None)


# --- imports and erasure -------------------------------------------------------------------------


def test_the_same_words_again_keep_the_answer_and_other_words_do_not(put, say, store, reports):
    put({}, {}, {"place_text": "elsewhere", "place_status": "matched"})
    say()
    again = reports(
        {"reference": "R0", "place_text": "THE shelter in the park", **NOWHERE},
        {"reference": "R1", "place_text": "behind the baths", **NOWHERE},
        {"reference": "R2", "place_text": "elsewhere", **NOWHERE},
        {"reference": "new", "place_text": "the shelter in the park", **NOWHERE},
    )  # fmt: skip
    with store.reading() as session:
        found = place_answers.decided_point(session, REPORTS, again)
        none = place_answers.decided_point(session, REPORTS, again.iloc[:0])
    assert found["place_status"].tolist() == ["pinned", "", "", ""]
    assert found["easting_m"].fillna(0).tolist() == [401_250.0, 0, 0, 0]
    assert found["match_level"].tolist() == ["place", "", "", ""]
    assert len(none) == 0


def test_erasure_takes_the_words_out_of_answers_and_their_names(put, say, store, analyst):
    put({"place_text": "CANARY"}, {"place_text": "CANARY"})
    say(learning("canary"))
    with store.transaction() as session:
        erasure.erase(session, ["warden-log|R0"], actor=analyst, now=NOW)
    assert listed(store, analyst)[0].place_text == "CANARY"  # another record says so still
    with store.transaction() as session:
        erasure.erase(session, ["warden-log|R1"], actor=analyst, now=NOW)
        decision = session.execute(select(PlaceDecision)).scalar_one()
        assert (decision.place_text, decision.name, decision.easting_m) == ("", "", None)
        assert local_names.held(session) == []
        assert session.execute(select(DecidedRecord)).first() is None
    assert listed(store, analyst) == []


def test_how_the_places_of_an_import_were_found_is_counted(put, store, analyst, partnership):
    police = partnership.actor(Role.ANALYST, "police")
    made = put({}, {"place_status": "ambiguous"}, {"place_status": "matched"}, {"place_status": "matched"},
               {"handling_code": "C", "source_agency": "police"}, actor=police)  # fmt: skip
    with store.reading() as session:
        counts = place_reviews.statuses(session, [made.import_id], actor=analyst, today=TODAY)
    assert counts == {"matched": 2, "unmatched": 1, "ambiguous": 1}


def test_folding_keeps_what_tells_places_apart():
    assert fold("  The  ﬁrst Co-Op ") == "the first co-op"
    assert fold("St. Mary’s") != fold("St Marys")
