"""Places set apart, in the store: added, changed, ended, and never forgotten."""

import dataclasses
import datetime as dt

import pytest

from mapping import pipeline, store_run
from mapping.access import Role
from mapping.errors import ConflictError, NotAllowedError, NotFoundError, PlaceRefusedError
from mapping.places.set_apart import CAUTION, EXCLUSION, Place
from mapping.store import audit, boundaries, excluded_places, imports, runs

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=7)
TODAY = dt.date(2026, 3, 2)
STATION = Place(
    "Police Station, Bridge Street", "police station", EXCLUSION, 400_250.0, 300_250.0, 50.0, "Custody desk"
)


@pytest.fixture
def analyst(partnership):
    return partnership.actor(Role.ANALYST, "council")


def add(store, analyst, **changes):
    with store.transaction() as session:
        return excluded_places.add(session, dataclasses.replace(STATION, **changes), actor=analyst, now=NOW)


def active(store, actor):
    with store.reading() as session:
        return excluded_places.active(session, actor=actor, today=TODAY)


def history(store, actor):
    with store.reading() as session:
        return excluded_places.history(session, actor=actor, today=TODAY)


def test_a_place_is_kept_with_who_and_when(store, analyst):
    place_id = add(store, analyst)
    [kept] = active(store, analyst)
    assert kept.place == dataclasses.replace(STATION, place_id=place_id)
    assert (kept.added_by, kept.added_at, kept.ended_at) == (analyst.name, NOW, None)
    with store.reading() as session:
        assert excluded_places.in_force(session) == (kept.place,)


def test_a_change_ends_one_row_and_adds_another(store, analyst):
    old = add(store, analyst)
    with store.transaction() as session:
        new = excluded_places.change(
            session, old, dataclasses.replace(STATION, treatment=CAUTION), actor=analyst, now=LATER
        )
    assert [kept.place.treatment for kept in active(store, analyst)] == [CAUTION]
    [before] = history(store, analyst)
    assert (before.place.place_id, before.ended_reason, before.ended_at) == (old, "changed", LATER)
    assert new != old


def test_a_change_that_changes_nothing_is_refused_and_ends_nothing(store, analyst):
    place_id = add(store, analyst)
    with pytest.raises(ConflictError, match="Nothing was changed"), store.transaction() as session:
        excluded_places.change(session, place_id, STATION, actor=analyst, now=LATER)
    assert [kept.place.place_id for kept in active(store, analyst)] == [place_id]
    assert history(store, analyst) == []


def test_an_end_needs_a_reason_and_happens_once(store, analyst):
    place_id = add(store, analyst)
    with pytest.raises(PlaceRefusedError, match="Say why"), store.transaction() as session:
        excluded_places.end(session, place_id, reason="-", actor=analyst, now=LATER)
    with store.transaction() as session:
        excluded_places.end(session, place_id, reason="The desk closed in May", actor=analyst, now=LATER)
    assert active(store, analyst) == []
    [kept] = history(store, analyst)
    assert (kept.ended_by, kept.ended_reason) == (analyst.name, "The desk closed in May")
    assert not kept.is_turned_down
    with pytest.raises(NotFoundError, match="not set apart any more"), store.transaction() as session:
        excluded_places.end(session, place_id, reason="Twice", actor=analyst, now=LATER)


def test_one_point_is_set_apart_once(store, analyst):
    add(store, analyst)
    with pytest.raises(ConflictError, match="already"):
        add(store, analyst, treatment=CAUTION, name="Another name")


def test_a_suggestion_that_was_turned_down_is_remembered_and_never_in_force(store, analyst):
    with store.transaction() as session:
        excluded_places.turn_down(session, dataclasses.replace(STATION, reason=""), actor=analyst, now=NOW)
    assert active(store, analyst) == []
    [kept] = history(store, analyst)
    assert kept.is_turned_down
    assert kept.ended_at == kept.added_at == NOW
    add(store, analyst)  # and can be set apart after all
    assert len(active(store, analyst)) == 1


def test_a_person_cannot_end_a_place_in_the_words_of_a_refusal(store, analyst):
    place_id = add(store, analyst)
    with store.transaction() as session:
        excluded_places.end(session, place_id, reason=excluded_places.TURNED_DOWN, actor=analyst, now=LATER)
    assert not history(store, analyst)[0].is_turned_down


def test_meeting_roles_see_the_list_and_analysts_alone_change_it(store, partnership, analyst):
    place_id = add(store, analyst)
    officer = partnership.actor(Role.OFFICER, "fire")
    assert len(active(store, officer)) == 1
    for change in (
        lambda session: excluded_places.add(session, STATION, actor=officer, now=NOW),
        lambda session: excluded_places.change(session, place_id, STATION, actor=officer, now=NOW),
        lambda session: excluded_places.end(session, place_id, reason="Because", actor=officer, now=NOW),
        lambda session: excluded_places.turn_down(session, STATION, actor=officer, now=NOW),
    ):
        with pytest.raises(NotAllowedError), store.transaction() as session:
            change(session)
    for role, agency in ((Role.COUNCILLOR, "council"), (Role.ANALYST, "housing")):
        with pytest.raises(NotAllowedError):
            active(store, partnership.actor(role, agency))


def test_every_change_is_in_the_log_without_a_name_or_a_reason(store, analyst):
    place_id = add(store, analyst)
    with store.transaction() as session:
        excluded_places.end(session, place_id, reason="The desk closed in May", actor=analyst, now=LATER)
    with store.reading() as session:
        lines = audit.entries(session, kind="excluded_place")
    assert [(line.action, line.object_id) for line in lines] == [
        ("add", str(place_id)),
        ("end", str(place_id)),
    ]
    assert lines[0].details == {"treatment": "exclusion"}
    assert "Bridge" not in str(lines) and "May" not in str(lines)


def test_a_run_from_the_store_leaves_out_what_is_set_apart_and_says_so(
    store, analyst, two_wards, reports, delivery
):
    rows = [
        {
            "reference": f"{k}-{month}",
            "easting_m": 400_250.0 if k < 4 else 401_050.0 + 100 * (k - 4) % 900,
            "northing_m": 300_250.0 if k < 4 else 300_450.0 + 100 * (k % 2),
            "occurred_from": f"2025-{month:02d}-10T12:00Z",
            "occurred_to": f"2025-{month:02d}-10T12:00Z",
            "ward_gss_code": "E05999001" if k < 4 else "E05999002",
            "source_agency": "council",
        }
        for k in range(22)
        for month in range(1, 7)
    ]
    with store.transaction() as session:
        boundaries.add_edition(
            session, two_wards, name="May 2025", source="ONS", licence="OGL", sha256="ab" * 32,
            actor=analyst, now=NOW,
        )  # fmt: skip
        imports.store_import(session, delivery(reports(*rows)), actor=analyst, now=NOW)
    place_id = add(store, analyst)
    made = store_run.refresh(store, settings=pipeline.Settings(method="count"), actor=analyst, now=NOW)
    with store.reading() as session:
        run = runs.get(session, made.run_id, actor=analyst, today=TODAY)
        cells = runs.cells(session, made.run_id)
    # 4 of 22 a month for six months lie at the station: 24 of 132 are left out, of squares alone
    assert (run.counts["incidents"], run.counts["in_wards"], run.counts["excluded"]) == (132, 132, 24)
    assert cells["incident_count"].sum() == 108
    [told] = run.counts["set_apart"]
    assert (told["place_id"], told["name"], told["reports"], told["ward_gss_code"]) == (
        place_id, STATION.name, 24, "E05999001",
    )  # fmt: skip
