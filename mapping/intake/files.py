"""One read: files and folders in, reports and row issues out, every row accounted for.

`Reader` gives one table after another, for whoever stores them one by one. `read_reports` puts
them together, whole or not at all: if any file is refused, all problems of all files are told
together and nothing is returned.
"""

import datetime as dt
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from mapping import periods
from mapping.errors import AccountingError, FileRefusedError
from mapping.intake import layout as layouts
from mapping.intake import linking, row_issues
from mapping.intake.headings import with_heading
from mapping.intake.layout import Area, Layout
from mapping.intake.limits import DEFAULT, Limits
from mapping.intake.readers import SUFFIXES, SourceTable, is_skipped, read_rows, shown
from mapping.intake.validate import empty_reports, to_reports

Progress = Callable[[float, str], None]
_ROWS_BETWEEN: Final = 5_000
_SHARE_READ: Final = 0.95  # of the work; the rest is putting it together


@dataclass(frozen=True)
class FileAccount:
    """What became of one file's rows; `sha256` is that of the file on disk (of the ZIP, for a member)."""

    name: str
    sha256: str
    rows_in: int
    accepted: int
    rejected: int


@dataclass(frozen=True)
class Intake:
    """What one read gave.

    `reports` (REPORTS) holds every accepted row, those with a repeated key included;
    `linking.to_incidents` joins them. `issues` is ROW_ISSUES, `messages` what was assumed.
    """

    reports: pd.DataFrame
    issues: pd.DataFrame
    rows_in: int
    files: tuple[FileAccount, ...]
    messages: tuple[str, ...]

    @property
    def rejected(self) -> int:
        """Number of rows that did not become a report."""
        return sum(account.rejected for account in self.files)

    @property
    def joined(self) -> int:
        """Number of reports whose key repeats that of an earlier one."""
        return int(self.reports["report_key"].duplicated().sum())

    @property
    def incidents(self) -> int:
        """Number of different keys: rows_in - joined - rejected."""
        return len(self.reports) - self.joined


class Reader:
    """Files and folders of one layout, read a table at a time and in the order of their names.

    A table (a file, or a member of a ZIP) whose content was read before is passed over, with a
    message. `messages` grows while tables are read.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        layout: Layout,
        *,
        now: dt.datetime,
        source: str | None = None,
        area: Area | None = None,
        extracted_on: dt.date | None = None,
        complainant_key: bytes | None = None,
        limits: Limits = DEFAULT,
    ) -> None:
        if now.tzinfo is None:
            raise ValueError("`now` needs a time zone; pass datetime.now(UTC).")
        self.layout = layout
        self.files, self.messages = find_files(paths, layout)
        self._options: dict[str, Any] = {
            "now": now, "source": source, "area": area, "extracted_on": extracted_on,
            "complainant_key": complainant_key,
        }  # fmt: skip
        self._limits = limits
        self._contents: dict[str, str] = {}

    def check(self) -> None:
        """Open every file to its last line, and refuse all together if one cannot be read.

        Before tables are stored one by one: what is wrong with the last must be known before the
        first is kept.

        Raises
        ------
        FileRefusedError
            With every problem of every file.
        """
        refusals = []
        for path in self.files:
            try:
                for table in self._tables(path):
                    deque(table.rows, maxlen=0)
            except FileRefusedError as refusal:
                refusals.append(refusal)
        raise_together(refusals, len(self.files))

    def read(self, path: Path, *, tell: Callable[[int], None] | None = None) -> Iterator["TableIntake"]:
        """Read the tables of one of the files, leaving out those whose content was read before.

        Parameters
        ----------
        tell : callable, optional
            Called now and then with the number of rows read of the table in hand.

        Raises
        ------
        FileRefusedError
            The file, or one of its tables, cannot be used.
        """
        for table in self._tables(path, tell):
            if self._is_new(table):
                yield _read_table(table, self.layout, self._options)

    def _tables(self, path: Path, tell: Callable[[int], None] | None = None) -> Iterator[SourceTable]:
        for table in read_rows(path, limits=self._limits, skip=self.layout.skip_files):
            headed = with_heading(table, self.layout)
            yield replace(headed, rows=_in_time(headed, self._limits, tell))

    def _is_new(self, table: SourceTable) -> bool:
        earlier = self._contents.setdefault(table.content_sha256, table.name)
        if earlier != table.name:
            self.messages.append(f"{table.name} has the same content as {earlier} and was not read again.")
        return earlier == table.name


def _in_time(table: SourceTable, limits: Limits, tell: Callable[[int], None] | None) -> Iterator[list[str]]:
    """Hand rows on, saying now and then how many there were, and refuse a table that takes too long."""
    started = time.monotonic()
    for count, row in enumerate(table.rows, start=1):
        if count % _ROWS_BETWEEN == 0:
            if time.monotonic() - started > limits.seconds:
                raise FileRefusedError(
                    table.name,
                    [f"After {limits.seconds:.0f} seconds it was not read yet; split it into smaller files."],
                )
            if tell is not None:
                tell(count)
        yield row


@dataclass(frozen=True)
class TableIntake:
    """What one table gave; `reports` as in `Intake`, and `messages` what was assumed of it."""

    account: FileAccount
    reports: pd.DataFrame
    issues: pd.DataFrame
    messages: tuple[str, ...]


def _read_table(table: SourceTable, layout: Layout, options: dict[str, Any]) -> TableIntake:
    said: list[str] = []
    reports, issues, rows_in = to_reports(table, layout, messages=said, **options)
    rejected = int(issues.loc[issues["severity"] == row_issues.REJECTED, "row"].nunique())
    if rows_in != len(reports) + rejected:
        raise AccountingError(
            f"{table.name}: {rows_in} rows in, but {len(reports)} accepted and {rejected} rejected."
        )
    account = FileAccount(table.name, table.file_sha256, rows_in, len(reports), rejected)
    messages = (*table.messages, *said, *(["It has a heading and no rows."] if rows_in == 0 else []))
    return TableIntake(account, reports, issues, messages)


def read_reports(
    paths: Sequence[Path],
    layout: Layout | str,
    *,
    now: dt.datetime,
    source: str | None = None,
    area: Area | None = None,
    extracted_on: dt.date | None = None,
    complainant_key: bytes | None = None,
    limits: Limits = DEFAULT,
    progress: Progress | None = None,
) -> Intake:
    """Read files and folders of one layout.

    Parameters
    ----------
    paths : sequence of Path
        Files (`.csv`, `.csv.gz`, `.xlsx`, `.ods`, `.zip`) and folders, which are searched through.
    layout : Layout or str
        A layout, or one of `layout.names()`.
    now : datetime with a time zone
        What the future is measured from.
    source : str, optional
        Name of the source for rows that do not name their own; the layout's where not given.
    area : Area, optional
        Where the points are expected; see `points.read_points`.
    extracted_on : date, optional
        Day of the extract, for layouts whose files do not say.
    complainant_key : bytes, optional
        Keys the hash of complainant references; needed where a file has them.
    limits : Limits
        Sizes above which a file is refused.
    progress : callable, optional
        Called with the share of the work done (0-1) and a sentence, after each file.

    Returns
    -------
    Intake
        `rows_in` = incidents + joined + rejected. Files are read in the order of their names, and a
        file whose content was already read is passed over, with a message.

    Raises
    ------
    FileRefusedError
        One or more files were refused; it lists every problem of every file, and nothing is kept.
    NotFoundError
        There is no such layout.
    """
    chosen = layouts.load(layout) if isinstance(layout, str) else layout
    reader = Reader(
        paths, chosen, now=now, source=source, area=area, extracted_on=extracted_on,
        complainant_key=complainant_key, limits=limits,
    )  # fmt: skip
    taken: list[TableIntake] = []
    refusals = []
    for place, path in enumerate(reader.files):
        if progress is not None:
            progress(_SHARE_READ * place / len(reader.files), f"Reading {shown(path.name)}")
        try:
            taken.extend(reader.read(path))
        except FileRefusedError as refusal:
            refusals.append(refusal)
    raise_together(refusals, len(reader.files))
    intake = _together(taken, chosen, reader.messages)
    if progress is not None:
        progress(1.0, f"{intake.rows_in:,} rows read")
    return intake


def holds_several(path: Path) -> bool:
    """Say whether a file may hold more than one table, by its first bytes."""
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


def find_files(paths: Sequence[Path], chosen: Layout) -> tuple[list[Path], list[str]]:
    """List the files to read, by name, and say which files of a folder are left out.

    A file named outright is read whatever it is called; in a folder only files that may hold a
    table are, without those the layout leaves out. Hidden files and folders are passed over.

    Raises
    ------
    FileRefusedError
        A path does not exist, or a folder holds nothing to read.
    """
    found: dict[Path, None] = {}
    problems, left_out, twice = [], 0, 0
    for path in paths:
        inside = [path]
        if path.is_dir():
            listed = [
                item for item in path.rglob("*") if item.is_file() and not _is_hidden(item.relative_to(path))
            ]
            inside = [item for item in listed if _may_hold_a_table(item, chosen)]
            left_out += len(listed) - len(inside)
            if not inside:
                problems.append(f"The folder {shown(path.name)} holds no file that may be a table.")
        for item in inside:
            twice += item.resolve() in found
            found[item.resolve()] = None
    if problems or not found:
        name = shown(paths[0].name) if len(paths) == 1 else f"{len(paths)} paths"
        raise FileRefusedError(name, problems or ["No file was named."])
    messages = (
        [f"{left_out} files in the folder hold no table of this layout and were left out."]
        if left_out
        else []
    )
    messages += [f"{twice} files were named twice and read once."] if twice else []
    return sorted(found, key=lambda item: (item.name, str(item))), messages


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _may_hold_a_table(path: Path, chosen: Layout) -> bool:
    return path.suffix.casefold() in SUFFIXES and not is_skipped(path.name, chosen.skip_files)


def raise_together(refusals: Sequence[FileRefusedError], files: int) -> None:
    """Raise what was refused as one refusal; nothing was refused, nothing happens."""
    if len(refusals) == 1:
        raise refusals[0]
    if refusals:
        problems = [f"{refusal.file_name}: {problem}" for refusal in refusals for problem in refusal.problems]
        raise FileRefusedError(f"{len(refusals)} of {files} files", problems)


def _together(taken: Sequence[TableIntake], layout: Layout, messages: Sequence[str]) -> Intake:
    """Put the tables of one read together."""
    filled = [table.reports for table in taken if len(table.reports)]
    reports = pd.concat(filled, ignore_index=True) if filled else empty_reports(layout.kind)
    accounts = tuple(table.account for table in taken)
    issues = row_issues.merged(
        [*(table.issues for table in taken), find_conflicts(reports, accounts, layout)]
    )
    assumed: dict[str, list[str]] = defaultdict(list)  # message -> the files it holds for
    for table in taken:
        for message in table.messages:
            assumed[message].append(table.account.name)
    said = (
        f"{names[0] if len(names) == 1 else f'{len(names)} files'}: {message}"
        for message, names in assumed.items()
    )
    gaps = Gaps(layout)
    gaps.add(reports)
    rows_in = sum(account.rows_in for account in accounts)
    return Intake(reports, issues, rows_in, accounts, (*messages, *said, *gaps.messages()))


def find_conflicts(reports: pd.DataFrame, accounts: Sequence[FileAccount], layout: Layout) -> pd.DataFrame:
    """Flag (ROW_ISSUES) the reports that repeat a reference and contradict what was said under it first.

    Parameters
    ----------
    reports : DataFrame
        Those of the accounts' files, one file after another.
    """
    conflicts = linking.find_conflicts(reports)
    if conflicts.empty:
        return row_issues.from_records([])
    label = layout.label("reference")
    names = [account.name for account in accounts for _ in range(account.accepted)]
    numbers = reports["row"].to_numpy()
    records = []
    for place, leader, differs in conflicts.itertuples(index=False):
        row, other = int(numbers[place]), int(numbers[leader])
        where = f"row {other:,}" if names[place] == names[leader] else f"row {other:,} of {names[leader]}"
        reason = f"repeats the reference of {where} with another {differs}; joined to it as one incident"
        records.append(row_issues.one(names[place], row, label, reason, row_issues.FLAGGED))
    return row_issues.from_records(records)


class Gaps:
    """The months that a series of monthly files jumps over: not told is not zero."""

    def __init__(self, layout: Layout) -> None:
        self._is_monthly = layout.precision == "month"
        self._months: dict[str, set[int]] = defaultdict(set)

    def add(self, reports: pd.DataFrame) -> None:
        """Take note of the months in which each agency told something."""
        if not self._is_monthly or not len(reports):
            return
        numbers = periods.local_months(reports["occurred_from"])
        told = reports[["source_agency"]].assign(month=numbers).drop_duplicates()
        for agency, number in told.itertuples(index=False):
            self._months[agency].add(number)

    def messages(self) -> Iterator[str]:
        """Name the gaps, an agency at a time."""
        for agency, months in sorted(self._months.items()):
            gaps = sorted(set(range(min(months), max(months))) - months)
            if gaps:
                named = ", ".join(periods.month_label(number) for number in gaps[:12])
                yield f"{agency}: no file holds {named}: a gap in the series, not a month without incidents."
