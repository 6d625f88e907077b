"""What is set up, what is missing, and what to do about it."""

from dataclasses import dataclass
from pathlib import Path

from mapping.errors import MappingError


@dataclass(frozen=True)
class Finding:
    """One thing looked at: well or not, and a sentence."""

    is_well: bool
    text: str


def examine() -> list[Finding]:
    """Look at the settings, the store, the boundaries, the log and the map files."""
    from mapping.settings import read_settings

    try:
        settings = read_settings()
    except MappingError as error:
        return [Finding(False, str(error))]
    well = Finding(True, "Settings can be read.")
    return [well, *_store(settings.database_url), _gazetteer(settings.gazetteer_path), _map_files()]


def _store(url: str) -> list[Finding]:
    from mapping.store import audit, boundaries
    from mapping.store.engine import open_store

    try:
        store = open_store(url)
    except MappingError as error:
        return [Finding(False, str(error))]
    try:
        with store.reading() as session:
            edition, bad = boundaries.in_use(session), audit.verify(session)
    finally:
        store.close()
    return [
        Finding(True, "The store opens and is of this version."),
        Finding(True, f"Wards: {edition.name}.")
        if edition
        else Finding(False, "No wards yet: `hotspots boundaries add FILE --edition NAME`."),
        Finding(True, "The log is whole.")
        if bad is None
        else Finding(False, f"The log does not fit together at entry {bad}: keep a copy and ask for help."),
    ]


def _gazetteer(path: Path) -> Finding:
    """Say whether words can be turned into points. Without a gazetteer the rest works."""
    from mapping.places.gazetteer import Gazetteer

    if not path.exists():
        return Finding(
            True,
            "No gazetteer yet, so reports without a point stay without: `hotspots gazetteer build "
            "--code-point FILE --open-names FILE`.",
        )
    try:
        with Gazetteer.open(path) as gazetteer:
            names, postcodes = len(gazetteer.entries), len(gazetteer.postcodes)
    except MappingError as error:
        return Finding(False, str(error))
    return Finding(True, f"Gazetteer: {names:,} named places and {postcodes:,} postcodes.")


def _map_files() -> Finding:
    from mapping.publishing import assets

    try:
        for name in assets.names():
            assets.asset_path(name)
    except MappingError as error:
        return Finding(False, str(error))
    return Finding(True, "The files that maps are drawn with are installed.")
