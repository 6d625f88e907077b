"""One read: files and folders in, reports and row issues out, every row accounted for.

A read succeeds whole or not at all: if any file is refused, all problems of all files are told
together and nothing is returned.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from mapping import periods
from mapping.errors import AccountingError, FileRefusedError
from mapping.intake import layout as layouts
from mapping.intake import linking, row_issues
from mapping.intake.headings import with_heading
from mapping.intake.keys import Ordinals
from mapping.intake.layout import Area, Layout
from mapping.intake.limits import DEFAULT, Limits
from mapping.intake.readers import SUFFIXES, SourceTable, is_skipped, read_rows, shown
from mapping.intake.validate import empty_reports, to_reports

Progress = Callable[[float, str], None]
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


def read_reports(
    paths: Sequence[Path],
    layout_name: str,
    *,
    now: dt.datetime,
    source: str | None = None,
    area: Area | None = None,
    extracted_on: dt.date | None = None,
    limits: Limits = DEFAULT,
    progress: Progress | None = None,
) -> Intake:
    """Read files and folders of one layout.

    Parameters
    ----------
    paths : sequence of Path
        Files (`.csv`, `.csv.gz`, `.xlsx`, `.ods`, `.zip`) and folders, which are searched through.
    layout_name : str
        One of `layout.names()`.
    now : datetime with a time zone
        What the future is measured from.
    source : str, optional
        Name of the source for rows that do not name their own; the layout's where not given.
    area : Area, optional
        Where the points are expected; see `points.read_points`.
    extracted_on : date, optional
        Day of the extract, for layouts whose files do not say.
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
    if now.tzinfo is None:
        raise ValueError("`now` needs a time zone; pass datetime.now(UTC).")
    chosen = layouts.load(layout_name)
    found, messages = find_files(paths, chosen)
    collected = _Collected(chosen, messages)
    ordinals = Ordinals()
    for place, path in enumerate(found):
        if progress is not None:
            progress(_SHARE_READ * place / len(found), f"Reading {shown(path.name)}")
        try:
            for table in read_rows(path, limits=limits, skip=chosen.skip_files):
                if collected.is_new(table):
                    headed = with_heading(table, chosen)
                    read = to_reports(
                        headed,
                        chosen,
                        now=now,
                        source=source,
                        area=area,
                        extracted_on=extracted_on,
                        ordinals=ordinals,
                    )
                    collected.add(headed, *read)
        except FileRefusedError as refusal:
            collected.refuse(refusal)
    intake = collected.finish(len(found))
    if progress is not None:
        progress(1.0, f"{intake.rows_in:,} rows read")
    return intake


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


class _Collected:
    """What the files of one read have given so far."""

    def __init__(self, chosen: Layout, messages: list[str]) -> None:
        self._layout = chosen
        self._messages = messages
        self._reports: list[pd.DataFrame] = []
        self._issues: list[pd.DataFrame] = []
        self._accounts: list[FileAccount] = []
        self._refusals: list[FileRefusedError] = []
        self._contents: dict[str, str] = {}
        self._assumed: dict[str, list[str]] = defaultdict(list)  # message -> the files it holds for

    def is_new(self, table: SourceTable) -> bool:
        """Say whether a table's bytes were not read before under another name."""
        earlier = self._contents.setdefault(table.content_sha256, table.name)
        if earlier != table.name:
            self._messages.append(f"{table.name} has the same content as {earlier} and was not read again.")
        return earlier == table.name

    def add(self, table: SourceTable, reports: pd.DataFrame, issues: pd.DataFrame, rows_in: int) -> None:
        """Take in a table's reports, and check that none of its rows went missing."""
        rejected = issues.loc[issues["severity"] == row_issues.REJECTED, "row"].nunique()
        if rows_in != len(reports) + rejected:
            raise AccountingError(
                f"{table.name}: {rows_in} rows in, but {len(reports)} accepted and {rejected} rejected."
            )
        self._reports.append(reports)
        self._issues.append(issues)
        self._accounts.append(FileAccount(table.name, table.file_sha256, rows_in, len(reports), rejected))
        for message in (*table.messages, *(["It has a heading and no rows."] if rows_in == 0 else [])):
            self._assumed[message].append(table.name)

    def refuse(self, refusal: FileRefusedError) -> None:
        """Remember a refusal, so that all of them are told together."""
        self._refusals.append(refusal)

    def finish(self, files: int) -> Intake:
        """Put the tables together, or raise every refusal as one."""
        if len(self._refusals) == 1:
            raise self._refusals[0]
        if self._refusals:
            problems = [
                f"{refusal.file_name}: {problem}"
                for refusal in self._refusals
                for problem in refusal.problems
            ]
            raise FileRefusedError(f"{len(self._refusals)} of {files} files", problems)
        filled = [part for part in self._reports if len(part)]
        reports = pd.concat(filled, ignore_index=True) if filled else empty_reports()
        issues = row_issues.merged([*self._issues, self._conflicts(reports)])
        rows_in = sum(account.rows_in for account in self._accounts)
        assumed = (
            f"{names[0] if len(names) == 1 else f'{len(names)} files'}: {message}"
            for message, names in self._assumed.items()
        )
        messages = (*self._messages, *assumed, *self._gaps(reports))
        return Intake(reports, issues, rows_in, tuple(self._accounts), messages)

    def _conflicts(self, reports: pd.DataFrame) -> pd.DataFrame:
        """Flag reports that repeat a reference and contradict what was said under it first."""
        conflicts = linking.find_conflicts(reports)
        label = self._layout.label("reference")
        names = [account.name for account in self._accounts for _ in range(account.accepted)]
        numbers = reports["row"].to_numpy()
        records = []
        for place, leader, differs in conflicts.itertuples(index=False):
            row, other = int(numbers[place]), int(numbers[leader])
            where = f"row {other:,}" if names[place] == names[leader] else f"row {other:,} of {names[leader]}"
            reason = f"repeats the reference of {where} with another {differs}; joined to it as one incident"
            records.append(row_issues.one(names[place], row, label, reason, row_issues.FLAGGED))
        return row_issues.from_records(records)

    def _gaps(self, reports: pd.DataFrame) -> Iterator[str]:
        """Name the months that a series of monthly files jumps over: not told is not zero."""
        if self._layout.precision != "month" or not len(reports):
            return
        agencies: dict[str, set[int]] = defaultdict(set)
        numbers = periods.local_months(reports["occurred_from"])
        told = reports[["source_agency"]].assign(month=numbers).drop_duplicates()
        for agency, number in told.itertuples(index=False):
            agencies[agency].add(number)
        for agency, months in sorted(agencies.items()):
            gaps = sorted(set(range(min(months), max(months))) - months)
            if gaps:
                named = ", ".join(periods.month_label(number) for number in gaps[:12])
                yield f"{agency}: no file holds {named}: a gap in the series, not a month without incidents."
