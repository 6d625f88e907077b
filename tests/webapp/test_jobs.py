import logging
import time

import pytest

from mapping.access import local_day
from mapping.errors import NotFoundError
from mapping.store import accounts, jobs
from webapp import site
from webapp.jobs import Jobs


@pytest.fixture
def analyst(town):
    with town.store.reading() as session:
        return accounts.actor_named(session, "analyst", today=local_day(site.now()))


def _make(town, works):
    made = Jobs(town.settings, town.store, works)
    made.huey.immediate = True
    return made


def _ended(town, job_id, actor):
    with town.store.reading() as session:
        return jobs.get(session, job_id, actor=actor)


def test_work_is_done_with_what_it_was_asked_and_its_result_is_kept(town, analyst):
    made = _make(town, {"count": lambda store, actor, details, tell: {"sum": details["a"] + details["b"]}})
    job = _ended(town, made.ask("count", {"a": 2, "b": 3}, actor=analyst), analyst)
    assert (job.state, job.share, job.result) == ("done", 1.0, {"sum": 5})


def test_a_refusal_becomes_the_jobs_sentence(town, analyst):
    def refuse(store, actor, details, tell):
        raise NotFoundError("No wards are loaded; add them first.")

    made = _make(town, {"refuse": refuse})
    job = _ended(town, made.ask("refuse", {}, actor=analyst), analyst)
    assert (job.state, job.error) == ("failed", "No wards are loaded; add them first.")


def test_a_fault_shows_nothing_of_what_it_was_about(town, analyst, caplog):
    def fail(store, actor, details, tell):
        raise RuntimeError("row 7: 14 Marton Road")

    made = _make(town, {"fail": fail})
    with caplog.at_level(logging.ERROR):
        job = _ended(town, made.ask("fail", {}, actor=analyst), analyst)
    assert job.state == "failed"
    assert "Marton" not in job.error
    assert "Marton" not in caplog.text
    assert "RuntimeError" in caplog.text


def test_rights_are_asked_again_when_the_work_begins(town, analyst):
    with town.store.transaction() as session:
        administrator = accounts.actor_named(session, "administrator", today=local_day(site.now()))
        job_id = jobs.create(session, kind="late", actor=analyst, now=site.now())
        accounts.disable(session, analyst.account_id, actor=administrator, now=site.now())
    done = []
    made = _make(town, {"late": lambda *_: done.append("done")})
    made.run(job_id, "late", analyst.account_id, {})
    job = _ended(town, job_id, analyst)
    assert job.state == "failed"
    assert "disabled" in job.error
    assert done == []


def test_progress_is_noted_now_and_then_and_not_at_every_word(town, analyst):
    seen = []

    def work(store, actor, details, tell):
        for step in range(50):
            tell(step / 50, f"Step {step}")
            with store.reading() as session:
                seen.append(jobs.list_recent(session, actor=analyst, limit=1)[0].message)
        return {}

    _make(town, {"work": work}).ask("work", {}, actor=analyst)
    assert seen[0] == "Step 0"
    assert len(set(seen)) <= 3  # at most one note each half second


def test_a_job_taken_up_twice_is_done_once(town, analyst):
    done = []
    made = _make(town, {"work": lambda *_: done.append("done") or {}})
    job_id = made.ask("work", {}, actor=analyst)
    made.run(job_id, "work", analyst.account_id, {})
    assert done == ["done"]
    assert _ended(town, job_id, analyst).state == "done"


def test_a_worker_beside_the_site_takes_work_up_and_stops_when_told(town, analyst):
    made = Jobs(town.settings, town.store, {"work": lambda *_: {"answer": 42}})
    made.start()
    try:
        job_id = made.ask("work", {}, actor=analyst)
        deadline = time.monotonic() + 10
        while not _ended(town, job_id, analyst).is_over and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        made.stop()
    assert _ended(town, job_id, analyst).result == {"answer": 42}


def test_what_an_earlier_process_left_unfinished_is_closed_and_not_done_twice(town, analyst):
    before = Jobs(town.settings, town.store, {"work": lambda *_: {}})
    job_id = before.ask("work", {}, actor=analyst)  # queued, and the process dies
    done = []
    after = Jobs(town.settings, town.store, {"work": lambda *_: done.append("done") or {}})
    after.start()
    time.sleep(0.5)
    after.stop()
    assert _ended(town, job_id, analyst).state == "failed"
    assert "start it again" in _ended(town, job_id, analyst).error
    assert done == []
