"""Options that several commands share, and how they become settings."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from mapping.pipeline import Settings

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
FILE_OR_FOLDER: Final = click.Path(exists=True, path_type=Path)
FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FILE: Final = click.Path(dir_okay=False, path_type=Path)
NEW_FOLDER: Final = click.Path(file_okay=False, path_type=Path)

_INPUTS: Final = (
    click.option(
        "--wards",
        "ward_files",
        type=FILE,
        multiple=True,
        required=True,
        help="Ward boundaries: one or more GeoJSON, GeoPackage or shapefile files.",
    ),
    click.option(
        "--incidents",
        "incident_files",
        type=FILE_OR_FOLDER,
        multiple=True,
        required=True,
        help="Files or folders of incidents.",
    ),
    click.option(
        "--layout",
        default="police-uk",
        show_default=True,
        help="Layout of the incident files: a name, or a TOML file.",
    ),
    click.option("--edition", default="", help="Name of the boundary edition, e.g. 'May 2025'."),
)

_EITHER: Final = (
    click.option("--wards", "ward_files", type=FILE, multiple=True, help="Ward boundaries, from files."),
    click.option(
        "--incidents",
        "incident_files",
        type=FILE_OR_FOLDER,
        multiple=True,
        help="Files or folders of incidents; without them, what the store holds.",
    ),
    click.option(
        "--layout", help="Layout of the incident files: a name, or a TOML file.  [default: police-uk]"
    ),
    click.option("--edition", default="", help="Name of the boundary edition."),
)

_CHOICES: Final = (
    click.option("--from", "from_on", help="First day, e.g. 2025-01-01."),
    click.option("--to", "to_on", help="Day after the last, e.g. 2025-07-01."),
    click.option("--category", "categories", multiple=True, help="Only these categories."),
    click.option("--cell-size-m", default=100.0, show_default=True, help="Side of an analysis cell."),
    click.option(
        "--method",
        type=click.Choice(["auto", "count", "kernel", "recency", "shrunk", "mixed", "boosted", "blend"]),
        default="auto",
        show_default=True,
        help="How to foretell; auto takes what held best in the months already seen.",
    ),
    click.option(
        "--horizon-days",
        type=click.FloatRange(1, 366),
        help="Days to foretell; else the next calendar month.",
    ),
    click.option(
        "--top", default=3, show_default=True, type=click.IntRange(1, 50), help="Most hotspots a ward."
    ),
    click.option(
        "--harm",
        "harm_path",
        type=FILE,
        envvar="HOTSPOTS_HARM",
        help="Your own harm weights, a TOML file; else the few that ship.",
    ),
    click.option("--seed", default=0, show_default=True, help="For anything drawn at random."),
)


def inputs(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that name wards and incidents."""
    return _with(function, _INPUTS)


def files_or_store(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that name wards and incidents, for a command that without them takes the store."""
    return _with(function, _EITHER)


def require_files_or_store(
    ward_files: tuple[Path, ...], incident_files: tuple[Path, ...], layout: str | None
) -> None:
    """Refuse half of the files, and a layout without any.

    Raises
    ------
    click.UsageError
    """
    if bool(ward_files) != bool(incident_files):
        raise click.UsageError("Give both --wards and --incidents, or neither to look into the store.")
    if layout and not incident_files:
        raise click.UsageError("--layout describes --incidents; the store knows its own layouts.")


def choices(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what to analyse and how."""
    return _with(function, _CHOICES)


def _with(function: Callable[..., None], options: tuple[Any, ...]) -> Callable[..., None]:
    for option in reversed(options):
        function = option(function)
    return function


def settings_of(
    *,
    from_on: str | None,
    to_on: str | None,
    categories: tuple[str, ...],
    cell_size_m: float,
    method: str,
    horizon_days: float | None,
    top: int,
    seed: int,
    harm_path: Path | None = None,
) -> "Settings":
    """Make run settings out of what `choices` read.

    Raises
    ------
    PeriodError, UnknownCategoryError, FileRefusedError
        What was given cannot be read.
    """
    from mapping.errors import PeriodError
    from mapping.harm_file import read_harm
    from mapping.hotspots.harm_tables import CAMBRIDGE
    from mapping.periods import Period, parse_date
    from mapping.pipeline import Settings

    if (from_on is None) != (to_on is None):
        raise PeriodError("One end of the period is missing; give both --from and --to, or neither.")
    period = Period(parse_date(from_on), parse_date(to_on)) if from_on and to_on else None
    return Settings(
        cell_size_m=cell_size_m,
        method=method,
        top_per_ward=top,
        seed=seed,
        horizon_days=horizon_days,
        categories=categories,
        period=period,
        harm=read_harm(harm_path) if harm_path else CAMBRIDGE,
    )
