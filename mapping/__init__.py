"""The work, without a web server: usable from a notebook or the command line.

The public names, fetched when they are asked for, so that `import mapping` costs nothing.
"""

from importlib import import_module
from typing import Any, Final

_ROOMS: Final = {
    "read_wards": "mapping.places.wards",
    "place": "mapping.places.wards",
    "read_reports": "mapping.intake",
    "to_incidents": "mapping.intake",
    "Settings": "mapping.pipeline",
    "analyse": "mapping.pipeline",
    "rehearse": "mapping.pipeline",
    "Period": "mapping.periods",
    "parse_period": "mapping.periods",
    "MappingError": "mapping.errors",
}
__all__ = sorted(_ROOMS)


def __getattr__(name: str) -> Any:
    """Fetch a public name from its room."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'mapping' has no attribute '{name}'")
    return getattr(import_module(_ROOMS[name]), name)
