"""The two doors that a file comes in by, and what must hold at both whatever the file is.

`Command` is `hotspots import`, `Site` the upload of a signed-in analyst. `take` sends a file through
and asserts the general invariant before it returns what became of it: no traceback, nothing half
kept, every row accounted for, every rejected row told with a reason, one line in the log (for each
member of an archive) with the file's checksum and counts, and none of the file's own words in what is
said about it.
"""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from sqlalchemy import select

from mapping.access import local_day
from mapping.cli_geocode import cli
from mapping.store import accounts, audit, imports, past_imports
from mapping.store.engine import Store, open_store
from mapping.store.models import Report
from webapp import site

LONGEST_SECONDS, MOST_MB = 20, 600
# In the address and the free text of every row that `files` builds: no message may repeat it.
CANARY = "Canary"
REJECTED, FLAGGED = "rejected", "flagged"


@dataclass(frozen=True)
class Outcome:
    """What a door said of a file, and what it kept."""

    status: str
    rows_in: int
    counts: dict[str, int]
    issues: list[dict[str, Any]]
    messages: list[str]
    reports: list[Report]
    incidents: list[dict[str, Any]] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    files: int = 1  # the tables that were imported: one, or the members of an archive

    @property
    def told(self) -> dict[str, int]:
        """Return the counts that are not zero."""
        return {name: count for name, count in self.counts.items() if count}

    @property
    def words(self) -> str:
        """Return every message as one text."""
        return " ".join(self.messages)

    @property
    def rejected(self) -> list[tuple[int, str, str]]:
        """Return (row, field, reason) of every rejection."""
        return self._of(REJECTED)

    @property
    def flagged(self) -> list[tuple[int, str, str]]:
        """Return (row, field, reason) of every flag."""
        return self._of(FLAGGED)

    @property
    def by_reference(self) -> dict[str, Report]:
        """Return what is held, by reference."""
        return {report.reference: report for report in self.reports}

    def _of(self, severity: str) -> list[tuple[int, str, str]]:
        return [
            (issue["row"], issue["field"], issue["reason"])
            for issue in self.issues
            if issue["severity"] == severity
        ]


class Command:
    """The command line, over a database of its own."""

    name = "command"

    def __init__(self, database: Path) -> None:
        self.url = f"sqlite:///{database}"
        self.gazetteer = database.with_name("gazetteer.sqlite")
        self.stderr = ""

    def run(self, *words: object) -> Any:
        """Run a command as a person would."""
        place = {"HOTSPOTS_DATABASE_URL": self.url, "HOTSPOTS_GAZETTEER": str(self.gazetteer)}
        done = CliRunner().invoke(cli, [str(word) for word in words], env=place)
        assert "Traceback" not in done.output
        return done

    def refuse(self, layout: str, path: Path, *options: str) -> str:
        """Send a file that must be refused whole; return what is said of it."""
        before, listed = events(self.url), self.incidents()
        started = time.monotonic()
        done = self.run("import", layout, path, *options)
        assert done.exit_code == 3, f"exit {done.exit_code}: {done.output}"
        assert time.monotonic() - started < LONGEST_SECONDS
        assert self.incidents() == listed, "a refused file left rows"
        check_refusal(new_events(self.url, before), sha256(path))
        check_silence(done.stderr)
        return done.stderr

    def take(self, layout: str, path: Path, *options: str) -> Outcome:
        """Send a file whose rows are looked at one by one."""
        before = events(self.url)
        started = time.monotonic()
        done = self.run("import", layout, path, "--json", *options)
        assert done.exit_code in (0, 3) and done.stdout, f"exit {done.exit_code}: {done.output}"
        assert time.monotonic() - started < LONGEST_SECONDS
        answer = json.loads(done.stdout)
        assert done.exit_code == 0 or answer["status"] == "reject_file"
        counts = {name: answer[name] for name in imports.COUNTS}
        outcome = Outcome(
            answer["status"], answer["rows_in"], counts, answer["issues"], answer["messages"],
            held(self.url), self.incidents(), files=len(answer["files"]),
        )  # fmt: skip
        check(outcome, new_events(self.url, before), sha256(path), [done.stderr])
        return outcome

    def incidents(self) -> list[dict[str, Any]]:
        """Return what `hotspots incidents list` prints."""
        return [json.loads(line) for line in self.run("incidents", "list").stdout.splitlines()]


class Site:
    """The site, as a signed-in analyst uses it."""

    name = "site"

    def __init__(self, browser: Any, url: str) -> None:
        self.browser, self.url = browser, url

    def post(self, layout: str, content: bytes, name: str) -> Any:
        """Send the form with a file."""
        fields = {"layout": layout, "file": (io.BytesIO(content), name)}
        return self.browser.send("/imports/new", "/imports/new", fields)

    def refuse(self, layout: str, path: Path, *, name: str = "") -> str:
        """Send a file that must be refused whole; return the words of the page."""
        before, rows = events(self.url), len(held(self.url))
        started = time.monotonic()
        answer = self.post(layout, path.read_bytes(), name or path.name)
        assert answer.status_code == 422, f"{answer.status_code}: {words_of(answer.text)}"
        assert time.monotonic() - started < LONGEST_SECONDS
        assert "Traceback" not in answer.text
        assert len(held(self.url)) == rows, "a refused file left rows"
        check_refusal(new_events(self.url, before), sha256(path))
        check_silence(answer.text)
        return words_of(answer.text)

    def take(self, layout: str, path: Path, *, name: str = "") -> Outcome:
        """Send a file, look at its check, confirm it, and read what became of it."""
        before, rows = events(self.url), {report.report_id for report in held(self.url)}
        started = time.monotonic()
        answer = self.post(layout, path.read_bytes(), name or path.name)
        assert answer.status_code == 302, f"{answer.status_code}: {words_of(answer.text)}"
        preview = self.browser.get(answer.location)
        assert preview.status_code == 200
        assert {report.report_id for report in held(self.url)} == rows, "the check alone kept rows"
        assert not new_events(self.url, before, action="import")
        job = self.browser.send(answer.location, f"{answer.location}/confirm", {}).location
        finished = self.browser.get(job)
        found = re.search(r'href="/imports/(\d+)"', finished.text)
        assert found, words_of(finished.text)
        import_id = int(found[1])
        pages = {"preview": preview.text, "job": finished.text, "list": self.browser.get("/imports").text}
        pages |= self._result_pages(import_id)
        assert time.monotonic() - started < LONGEST_SECONDS
        outcome = self._outcome(import_id, rows, pages)
        shown = [pages["result"], pages["job"], pages["list"], pages["row issues"]]
        check(outcome, new_events(self.url, before), sha256(path), shown)
        assert not any("Traceback" in page for page in pages.values())
        return outcome

    def _result_pages(self, import_id: int) -> dict[str, str]:
        pages = {}
        for name, path in (("result", ""), ("row issues", "/row-issues.csv")):
            answer = self.browser.get(f"/imports/{import_id}{path}")
            assert answer.status_code == 200
            pages[name] = answer.text
        return pages

    def _outcome(self, import_id: int, rows: set[int], pages: dict[str, str]) -> Outcome:
        store = open_store(self.url)
        with store.reading() as session:
            analyst = accounts.actor_named(session, "analyst", today=local_day(site.now()))
            told = past_imports.get(session, import_id, actor=analyst)
            issues, _ = past_imports.row_issues(session, import_id, actor=analyst)
        store.close()
        kept = [report for report in held(self.url) if report.report_id not in rows]
        return Outcome(
            told.status, told.rows_in, told.counts, issues.to_dict("records"), told.messages, kept,
            pages=pages,
        )  # fmt: skip


Door = Command | Site

# Runs the command in a process of its own and says the most memory that this process held, which
# `getrusage` in the parent cannot: there it is at least what the parent itself held.
_MEASURED = """
import re, resource, sys, time
from pathlib import Path
from webapp.command import main
try:
    main()
finally:
    status = Path("/proc/self/status")
    peak = re.search(r"VmHWM:\\s+(\\d+)", status.read_text()) if status.exists() else None
    print("peak kB", peak[1] if peak else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
          "in s", time.process_time(), file=sys.stderr)
"""


@dataclass(frozen=True)
class Measured:
    """What a command did in a process of its own, and what it took: `seconds` on the processor.

    Others may share the machine; a limit on time must not fail because they are busy.
    """

    exit_code: int
    stdout: str
    stderr: str
    peak_mb: float
    seconds: float


def measured(command: Command, *words: object) -> Measured:
    """Run a command in a process of its own and assert that it took neither too much nor too long."""
    place = {**os.environ, "HOTSPOTS_DATABASE_URL": command.url}
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *map(str, words)],
        env=place, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    found = re.search(r"peak kB (\d+) in s ([\d.]+)", done.stderr)
    assert found, done.stderr
    result = Measured(done.returncode, done.stdout, done.stderr, int(found[1]) / 1024, float(found[2]))
    assert "Traceback" not in done.stderr
    assert result.peak_mb <= MOST_MB, f"{result.peak_mb:.0f} MB"
    assert result.seconds <= LONGEST_SECONDS, f"{result.seconds:.0f} s"
    return result


def refuse_measured(command: Command, layout: str, path: Path) -> Measured:
    """Send a file that must be refused whole, in a process of its own."""
    before = events(command.url)
    result = measured(command, "import", layout, path)
    assert result.exit_code == 3, result.stderr
    assert not held(command.url)
    check_refusal(new_events(command.url, before), sha256(path))
    return result


def check(outcome: Outcome, lines: list[audit.Entry], digest: str, said: Sequence[str]) -> None:
    """Assert what must hold of every file whose rows were looked at."""
    assert outcome.rows_in == sum(outcome.counts.values()), outcome.counts
    told = {(issue.get("file"), issue["row"]) for issue in outcome.issues if issue["severity"] == REJECTED}
    assert len(told) == outcome.counts["rejected"], "a rejected row is not told, or told under no number"
    for issue in outcome.issues:
        assert 1 <= issue["row"] <= outcome.rows_in, issue
        assert isinstance(issue["field"], str)
        assert len(issue["reason"]) > 5 and len(issue["reason"]) < 300, issue
        assert issue["reason"].isprintable() and issue["field"].isprintable(), issue
    imported = [line for line in lines if line.action == "import"]
    assert len(imported) == outcome.files, f"{len(imported)} lines in the log"
    details = [line.details for line in imported]
    assert {line["sha256"] for line in details} == {digest}
    assert sum(line["rows_in"] for line in details) == outcome.rows_in
    assert {name: sum(line[name] for line in details) for name in imports.COUNTS} == outcome.counts
    logged = json.dumps([line.details for line in lines])
    check_silence(logged, *outcome.messages, *(issue["reason"] for issue in outcome.issues), *said)


def check_refusal(lines: list[audit.Entry], digest: str) -> None:
    """Assert that a refusal is one line in the log, with the file's checksum and nothing kept."""
    imported = [line for line in lines if line.action == "import"]
    assert len(imported) == 1, f"{len(imported)} lines in the log"
    details = imported[0].details
    assert (details["status"], details["sha256"], details["rows_in"]) == ("reject_file", digest, 0)
    assert not any(details[name] for name in imports.COUNTS)
    check_silence(json.dumps(details))


def check_silence(*texts: str) -> None:
    """Assert that nothing out of the rows of a file is repeated."""
    for text in texts:
        assert CANARY.casefold() not in text.casefold(), "what a row says was repeated"


def events(url: str) -> int:
    """Return the number of the last line of the log."""
    with opened(url) as session:
        return audit.head(session)[0]


def new_events(url: str, after: int, *, action: str = "") -> list[audit.Entry]:
    """Return the lines of the log that were written since, and check the whole log."""
    with opened(url) as session:
        assert audit.verify(session) is None
        return audit.entries(session, after=after, limit=1000, action=action)


def held(url: str) -> list[Report]:
    """Return every report that is kept, in the order of keeping."""
    with opened(url) as session:
        return list(session.execute(select(Report).order_by(Report.report_id)).scalars())


class opened:  # noqa: N801 - used as a function
    """A reading session on a database that is closed again afterwards."""

    def __init__(self, url: str) -> None:
        self._store: Store = open_store(url)

    def __enter__(self) -> Any:
        self._reading = self._store.reading()
        return self._reading.__enter__()

    def __exit__(self, *fault: Any) -> None:
        self._reading.__exit__(*fault)
        self._store.close()


def sha256(path: Path) -> str:
    """Return the checksum that the log must hold."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def words_of(page: str) -> str:
    """Return the words of a page without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def token_of(page: str) -> str:
    """Return the form token of a page."""
    return page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
