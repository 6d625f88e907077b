"""How much of a file is taken on trust: sizes, ratios and counts above which it is refused."""

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds of one read; a caller with larger honest files passes its own.

    `file_bytes` is the file as it lies on disk, `member_bytes` one file after inflating,
    `archive_bytes` everything inside an archive together. `ratio` (inflated to packed) is looked at
    once more than `ratio_free_bytes` have come out, because short repetitive files pack very well.
    `cells` is the rectangle that a sheet may span, `cell_chars` all of its text once every repeat
    and every shared text is written out.
    """

    file_bytes: int = 1024 * MIB
    member_bytes: int = 256 * MIB
    archive_bytes: int = 2048 * MIB
    ratio: int = 200
    ratio_free_bytes: int = MIB
    members: int = 2_000
    columns: int = 500
    seconds: float = 600.0  # for one table, from its first row to its last
    cells: int = 5_000_000
    cell_chars: int = 64 * MIB


DEFAULT: Final = Limits()
