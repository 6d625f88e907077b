"""Jobs."""

import datetime as dt

import pytest

from mapping.access import Role
from mapping.errors import ConflictError, NotAllowedError, NotFoundError
from mapping.store import audit, jobs

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=5)


@pytest.fixture
def analyst(partnership):
    return partnership.actor(Role.ANALYST)


@pytest.fixture
def job_id(store, analyst) -> int:
    with store.transaction() as session:
        return jobs.create(session, kind="import", actor=analyst, now=NOW)


def look(store, job_id, actor):
    with store.reading() as session:
        return jobs.get(session, job_id, actor=actor)


def test_a_job_goes_from_queued_through_running_to_done(store, analyst, job_id):
    assert (look(store, job_id, analyst).state, look(store, job_id, analyst).share) == ("queued", 0.0)
    with store.transaction() as session:
        jobs.start(session, job_id, now=NOW)
        jobs.advance(session, job_id, share=0.4, message="Placing 400 of 1,000 reports")
    job = look(store, job_id, analyst)
    assert (job.state, job.share, job.message, job.started_at) == (
        "running",
        0.4,
        "Placing 400 of 1,000 reports",
        NOW,
    )
    assert not job.is_over
    with store.transaction() as session:
        jobs.finish(session, job_id, result={"import_id": 7}, now=LATER)
    job = look(store, job_id, analyst)
    assert (job.state, job.share, job.result, job.finished_at) == ("done", 1.0, {"import_id": 7}, LATER)
    assert job.is_over


def test_a_failed_job_says_why(store, analyst, job_id):
    with store.transaction() as session:
        jobs.fail(session, job_id, message="The file was refused.", now=LATER)
    job = look(store, job_id, analyst)
    assert (job.state, job.error, job.is_over) == ("failed", "The file was refused.", True)


def test_only_one_worker_takes_a_job_up(store, job_id):
    with store.transaction() as session:
        jobs.start(session, job_id, now=NOW)
    with pytest.raises(ConflictError, match="another worker"), store.transaction() as session:
        jobs.start(session, job_id, now=NOW)


def test_a_job_that_is_over_stays_as_it_ended(store, analyst, job_id):
    with store.transaction() as session:
        jobs.start(session, job_id, now=NOW)
        jobs.finish(session, job_id, result={}, now=NOW)
    for change in (
        lambda session: jobs.advance(session, job_id, share=0.1, message="again"),
        lambda session: jobs.fail(session, job_id, message="late", now=LATER),
        lambda session: jobs.finish(session, job_id, result={"other": 1}, now=LATER),
    ):
        with pytest.raises(ConflictError), store.transaction() as session:
            change(session)
    assert look(store, job_id, analyst).state == "done"


def test_a_share_stays_between_nothing_and_all(store, analyst, job_id):
    with store.transaction() as session:
        jobs.start(session, job_id, now=NOW)
        jobs.advance(session, job_id, share=1.7, message="")
    assert look(store, job_id, analyst).share == 1.0


def test_what_a_dead_worker_left_is_closed_as_failed(store, analyst, job_id):
    with store.transaction() as session:
        second = jobs.create(session, kind="refresh", actor=analyst, now=NOW)
        third = jobs.create(session, kind="refresh", actor=analyst, now=NOW)
        for running in (second, third):
            jobs.start(session, running, now=NOW)
        jobs.finish(session, third, result={}, now=NOW)
        assert jobs.fail_unfinished(session, now=LATER) == 2
    assert [look(store, one, analyst).state for one in (job_id, second, third)] == [
        "failed",
        "failed",
        "done",
    ]


def test_a_job_is_seen_by_who_asked_for_it_only(store, partnership, analyst, job_id):
    other = partnership.actor(Role.ANALYST, "council")
    for unseen in (job_id, 999):
        with pytest.raises(NotFoundError):
            look(store, unseen, other)
    with store.reading() as session:
        assert jobs.list_recent(session, actor=other) == []
        assert [job.job_id for job in jobs.list_recent(session, actor=analyst)] == [job_id]


def test_asking_for_work_is_in_the_log_and_for_those_who_may(store, partnership, job_id):
    with store.reading() as session:
        assert audit.latest(session, limit=1)[0].details == {"kind": "import"}
    with pytest.raises(NotAllowedError), store.transaction() as session:
        jobs.create(session, kind="import", actor=partnership.actor(Role.CHAIR), now=NOW)
