"""Two who change records at the same time: one waits for the other, on both databases."""

import threading
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from mapping import sending, store_import, store_run
from mapping.errors import ConflictError
from mapping.kept_keys import IntakeKeys
from mapping.pipeline import Settings as RunSettings
from mapping.settings import Settings
from mapping.store import comparing, erasure, imports, past_imports, runs
from mapping.store.models import Report
from tests.store.conftest import NOW
from tests.test_store_import import LOG, line, two_wards

LONG_ENOUGH_S = 0.6  # for the other to come to the lock


@pytest.fixture
def bring(store, operator, tmp_path):
    """Import files of the warden log, each given as its name and its rows."""

    def bring_in(*files, **options):
        paths = [tmp_path / name for name, _ in files]
        for path, (_, rows) in zip(paths, files, strict=True):
            path.write_text(LOG + rows)
        keys = IntakeKeys(Settings(instance_dir=tmp_path / "instance"))
        return store_import.import_files(
            store, "warden-log", paths, keys=keys, actor=operator, now=NOW, **options
        )

    return bring_in


@pytest.fixture
def add_wards(store, operator, tmp_path):
    """Add two wards as an edition."""

    def add(name="May 2025"):
        return store_run.add_boundaries(
            store, [two_wards(tmp_path / "w.geojson")], name=name, licence="", base_layers={},
            actor=operator, now=NOW,
        )  # fmt: skip

    return add


@contextmanager
def while_it_dawdles(monkeypatch, module, name, work):
    """Do `work` in a thread that dawdles when it has called a function, and go on at that moment."""
    real, is_there = getattr(module, name), threading.Event()

    def dawdling(*given, **named):
        answer = real(*given, **named)
        is_there.set()
        time.sleep(LONG_ENOUGH_S)
        return answer

    monkeypatch.setattr(module, name, dawdling)
    thread = threading.Thread(target=work)
    thread.start()
    assert is_there.wait(20)
    monkeypatch.setattr(module, name, real)
    yield
    thread.join(20)
    assert not thread.is_alive()


def held(store):
    with store.reading() as session:
        return {row.reference: row for row in session.execute(select(Report)).scalars()}


def test_what_is_erased_while_an_import_compares_is_not_written_back(bring, store, operator, monkeypatch):
    bring(("a.csv", line("A")))
    key = held(store)["A"].report_key

    def import_anew():
        bring(("b.csv", line("A", category="Graffiti")))

    with (
        while_it_dawdles(monkeypatch, comparing, "compare", import_anew),
        store.transaction() as session,
    ):
        erasure.erase(session, [key], actor=operator, now=NOW)
    with store.reading() as session:
        (row,) = session.execute(select(Report)).scalars()
    assert (row.place_text, row.category, row.report_key[:7]) == ("", "", "erased ")


def test_a_run_is_not_recorded_while_an_import_makes_a_record_of_it_stricter(
    bring, store, operator, add_wards, monkeypatch
):
    bring(("a.csv", line("A", grading="2B P")))
    edition_id, _ = add_wards()
    recorded = []
    monkeypatch.setattr(store_run, "analyse_store", lambda *_, **__: (edition_id, None))
    monkeypatch.setattr(store_run, "followed", lambda *_, **__: (None, None))
    monkeypatch.setattr(store_run, "record", lambda *_, **__: recorded.append(1) or 1)

    def restrict():
        bring(("b.csv", line("A", grading="2B C")))

    with (
        while_it_dawdles(monkeypatch, runs, "withdraw_for", restrict),
        pytest.raises(ConflictError, match="Reports were changed"),
    ):
        store_run.refresh(store, settings=RunSettings(), actor=operator, now=NOW)
    assert recorded == []
    store_run.refresh(store, settings=RunSettings(), actor=operator, now=NOW)  # and again, as it says
    assert recorded == [1]


def test_a_refusal_hides_no_change_that_is_still_being_written(bring, store, operator):
    bring(("a.csv", line("A")))
    bring(("b.csv", line("A", category="Graffiti")))
    with store.transaction() as session:
        refused = imports.record_refusal(
            session, layout="warden-log", source_name="warden-log", files=[], problems=["no"],
            actor=operator, now=NOW,
        )  # fmt: skip
        assert past_imports.latest_change(session) == 2 < refused.import_id


def test_wards_that_are_added_during_an_import_are_those_of_all_its_rows(bring, store, add_wards):
    seen = []

    def watching(reports):
        seen.append(len(reports))
        if len(seen) == 2:
            add_wards()

    bring(("a.csv", line("A")), ("b.csv", line("B", east=451_250)), watching=watching)
    assert {name: (row.ward_gss_code, row.boundary_edition) for name, row in held(store).items()} == {
        "A": ("E05999001", "May 2025"),
        "B": ("E05999002", "May 2025"),
    }


def test_wards_that_are_added_while_an_import_writes_place_what_it_wrote(
    bring, store, add_wards, monkeypatch
):
    with while_it_dawdles(monkeypatch, comparing, "compare", lambda: bring(("a.csv", line("A")))):
        add_wards()
    assert held(store)["A"].ward_gss_code == "E05999001"


def test_a_form_is_in_the_wards_of_the_moment_it_is_kept(store, partnership, add_wards, monkeypatch):
    officer = partnership.actor("officer")
    said = sending.Said(
        kind="reports", reference=sending.new_reference(), category="Noise", day="2026-02-10",
        fact="Loud", ward="E05999002",
    )  # fmt: skip
    real = imports.prepare
    monkeypatch.setattr(imports, "prepare", lambda *given, **named: (add_wards(), real(*given, **named))[1])
    sending.send(store, said, actor=officer, now=NOW)
    (row,) = held(store).values()
    assert (row.ward_gss_code, row.placement) == ("E05999002", "in ward")
