"""Sources a partnership holds: files and forms become reports and row issues."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mapping.intake.event_groups import join_incidents
    from mapping.intake.files import FileAccount, Intake, read_reports
    from mapping.intake.linking import to_incidents

__all__ = ["FileAccount", "Intake", "join_incidents", "read_reports", "to_incidents"]

_ROOMS = {"join_incidents": "event_groups", "to_incidents": "linking"}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: the command line lists layouts without pandas."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS.get(name, 'files')}"), name)
