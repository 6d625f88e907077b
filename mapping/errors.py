"""Everything that can go wrong here, each in one sentence a person can act on.

A message says what came, what was needed and what to do next. It never holds an address,
a name or free text: row numbers, ids and counts are enough. The facts stay as attributes
so that a page can word them for its own reader.
"""

from collections.abc import Sequence
from typing import Any


class MappingError(Exception):
    """Something this package refuses to do, and says why."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes with the facts, whatever the constructor asks for."""
        return _as_raised, (type(self), self.args, self.__dict__)


def _as_raised(kind: type[MappingError], args: tuple[Any, ...], facts: dict[str, Any]) -> MappingError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(facts)
    return error


class WrongCrsError(MappingError, ValueError):
    """A frame arrived in a coordinate system this step cannot measure in."""


class MissingColumnsError(MappingError, ValueError):
    """A frame lacks columns that this step needs."""

    def __init__(self, frame: str, missing: Sequence[str]) -> None:
        self.frame = frame
        self.missing = tuple(missing)
        super().__init__(
            f"`{frame}` lacks {', '.join(self.missing)}; every column named in `mapping.schema` is needed."
        )


class FileRefusedError(MappingError, ValueError):
    """A whole file was refused and nothing of it was kept; `problems` lists every reason found."""

    def __init__(self, file_name: str, problems: Sequence[str]) -> None:
        self.file_name = file_name
        self.problems = tuple(problems)
        self.import_id: int | None = None  # under which the store wrote the refusal down
        super().__init__(f"{file_name}: {' '.join(self.problems)} Nothing from this file was kept.")


class BoundaryError(MappingError, ValueError):
    """A ward file has outlines that would put incidents in the wrong ward, or in none."""

    def __init__(self, file_name: str, problems: Sequence[str]) -> None:
        self.file_name = file_name
        self.problems = tuple(problems)
        super().__init__(f"{file_name}: {' '.join(self.problems)}")


class PlaceRefusedError(MappingError, ValueError):
    """A place cannot be set apart as it was described; `problems` lists every reason found."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(self.problems))


class UnknownCategoryError(MappingError, LookupError):
    """A category was asked for that no table here knows."""


class PeriodError(MappingError, ValueError):
    """A period cannot be read, is empty, or ends before it starts."""


class TooLittleDataError(MappingError, ValueError):
    """There are too few months, incidents or cells for the answer to mean anything."""


class FlatCountsError(MappingError, ValueError):
    """Every place has the same value, so none can stand out."""


class CoarseTimesError(MappingError, ValueError):
    """Some incidents are not known to the day, so no days between two of them can be counted."""

    def __init__(self, coarse: int, total: int) -> None:
        self.coarse = coarse
        self.total = total
        super().__init__(
            f"{coarse} of {total} incidents are not known to the day; days between incidents need that. "
            "Leave them out with `near_repeats.known_to_the_day` first."
        )


class AccountingError(MappingError, RuntimeError):
    """Rows in and rows accounted for differ: a fault here, never in the data."""


class SettingsError(MappingError, ValueError):
    """A setting is unknown, unreadable or unsafe, so the start was stopped."""


class NotAllowedError(MappingError, PermissionError):
    """A rule (role, agreement, handling, disclosure) forbids this to this account."""


class NotFoundError(MappingError, LookupError):
    """There is no such thing, or none that this account may know of."""


class ConflictError(MappingError, RuntimeError):
    """The thing changed meanwhile, or exists already; reload and try again."""


class StoreError(MappingError, RuntimeError):
    """The database cannot be opened, is from another version, or refused a change."""


class SourceError(MappingError, RuntimeError):
    """A web source was not reached, or what it answered cannot be used; `status` is its status, or 0."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        self.status = status
        super().__init__(message)
