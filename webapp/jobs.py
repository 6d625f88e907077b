"""Background work of the site: one thread beside the pages takes it up, in the order it was asked for.

Huey keeps the queue in a file in the instance folder; how far a job is, and how it ended, is in
the store, where its page reads it. One site process does this work; two would need the queue of
PostgreSQL and consumers of their own.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from huey import SqliteHuey
from huey.consumer import Consumer

from mapping.access import Actor
from mapping.errors import ConflictError, MappingError, StoreError
from mapping.store import accounts, jobs
from webapp import site

if TYPE_CHECKING:
    from mapping.settings import Settings
    from mapping.store.engine import Store

log: Final = logging.getLogger(__name__)

# Told often, written seldom: every write is a transaction.
LEAST_SECONDS_BETWEEN: Final = 0.5

Tell = Callable[[float, str], None]
Work = Callable[["Store", Actor, Mapping[str, Any], Tell], Mapping[str, Any]]


class _Consumer(Consumer):
    """Huey's consumer as threads of the site, which answers signals itself."""

    def _set_signal_handlers(self) -> None:
        """Leave the signals to the web server."""


class Jobs:
    """The queue, its one worker, and what it knows how to do."""

    def __init__(self, settings: "Settings", store: "Store", works: Mapping[str, Work]) -> None:
        self._store = store
        self._works = dict(works)
        path = Path(settings.instance_dir) / "jobs.db"
        self.huey = SqliteHuey("hotspots", filename=str(path), results=False)
        self._task = self.huey.task(name="run_job")(self.run)
        self._consumer: _Consumer | None = None

    def start(self) -> None:
        """Begin to take work up; what an earlier process left unfinished is closed as failed."""
        self.huey.flush()
        with self._store.transaction() as session:
            jobs.fail_unfinished(session, now=site.now())
        self._consumer = _Consumer(self.huey, workers=1, periodic=False, max_delay=0.5, backoff=1.1)
        self._consumer.start()

    def stop(self) -> None:
        """Finish the job in hand and take up no more."""
        if self._consumer is not None:
            self._consumer.stop(graceful=True)
            self._consumer = None

    def ask(self, kind: str, details: Mapping[str, Any], *, actor: Actor) -> int:
        """Queue work of a kind for an account and return the job's id."""
        with self._store.transaction() as session:
            job_id = jobs.create(session, kind=kind, actor=actor, now=site.now())
        self._task(job_id, kind, actor.account_id, dict(details))
        return job_id

    def run(self, job_id: int, kind: str, account_id: int, details: Mapping[str, Any]) -> None:
        """Do one job; whatever happens, its row says how it ended."""
        try:
            with self._store.transaction() as session:
                jobs.start(session, job_id, now=site.now())
        except ConflictError:
            log.warning("job %s was taken up already", job_id)
            return  # it is another worker's, who says how it ends
        try:
            with self._store.reading() as session:
                # As the account stands now: what was allowed when it was asked for may not be.
                actor = accounts.actor_for(session, account_id, today=site.today())
            result = self._works[kind](self._store, actor, details, self._teller(job_id))
            with self._store.transaction() as session:
                jobs.finish(session, job_id, result=result, now=site.now())
        except MappingError as error:
            self._fail(job_id, str(error))
        except Exception as error:
            log.exception("job %s failed: %s", job_id, type(error).__name__, exc_info=False)
            self._fail(
                job_id,
                "Something went wrong here; nothing of it was kept. Try again, then tell us the number.",
            )

    def _fail(self, job_id: int, message: str) -> None:
        with self._store.transaction() as session:
            jobs.fail(session, job_id, message=message, now=site.now())

    def _teller(self, job_id: int) -> Tell:
        """Return a function that notes progress, and never lets a note stop the work."""
        last: list[float] = [0.0]
        lock = threading.Lock()

        def tell(share: float, message: str) -> None:
            now = site.now().timestamp()
            with lock:
                if now - last[0] < LEAST_SECONDS_BETWEEN:
                    return
                last[0] = now
            try:
                with self._store.transaction() as session:
                    jobs.advance(session, job_id, share=share, message=message)
            except StoreError:
                log.warning("job %s: progress could not be noted", job_id)

        return tell
