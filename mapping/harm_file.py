"""A partnership's own harm weights, from a TOML file."""

from pathlib import Path
from typing import Final

from mapping.errors import FileRefusedError, SettingsError
from mapping.hotspots.harm_tables import HarmTable, parse
from mapping.intake.readers import shown

LARGEST_BYTES: Final = 1_000_000


def read_harm(path: Path) -> HarmTable:
    """Read a table of harm weights; see `hotspots.harm_tables.parse` for what it holds.

    Raises
    ------
    FileRefusedError
        There is no such file, it is larger than any such table, is not UTF-8, or cannot be used; every
        reason is said at once.
    """
    if not path.is_file():
        raise FileRefusedError(shown(path.name), ["There is no such file of harm weights."])
    content = path.read_bytes()
    if len(content) > LARGEST_BYTES:
        raise FileRefusedError(shown(path.name), ["It is too large for a table of harm weights."])
    try:
        return parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise FileRefusedError(shown(path.name), ["It is not UTF-8 text."]) from None
    except SettingsError as error:
        raise FileRefusedError(shown(path.name), [str(error)]) from None
