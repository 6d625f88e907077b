"""Settings: read once from the environment into a frozen object, or the start is stopped.

`SETTINGS` is the whole list, each with its default and what it does; the README repeats it
and a test compares the two.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mapping.errors import SettingsError
from mapping.web_addresses import fault_of, is_loopback

PREFIX: Final = "HOTSPOTS_"
SHORTEST_KEY: Final = 32  # characters; shorter keys can be guessed offline
ONLINE_GEOCODERS: Final = {
    "nominatim": "https://nominatim.openstreetmap.org",
    "os-places": "https://api.os.uk/search/places/v1",
}


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, its default in words, and what it does."""

    name: str
    default: str
    description: str


SETTINGS: Final = (
    Setting(
        "HOTSPOTS_DATABASE_URL",
        "sqlite:///instance/hotspots.db",
        "Where everything is kept: a SQLite file, or postgresql+psycopg://... for several machines.",
    ),
    Setting(
        "HOTSPOTS_INSTANCE_DIR",
        "instance",
        "Folder, for its owner alone, of the job queue, files waiting to be confirmed, what was fetched and "
        "the generated key.",
    ),
    Setting(
        "HOTSPOTS_SECRET_KEY",
        "made once and kept in the instance folder",
        "At least 32 characters; signs form tokens. Changing it makes open forms stale and signs nobody in.",
    ),
    Setting(
        "HOTSPOTS_HOSTS",
        "127.0.0.1,localhost",
        "Names under which the site may be asked for, separated by commas. With any name beyond this "
        "machine, cookies travel over HTTPS only.",
    ),
    Setting(
        "HOTSPOTS_HASH_KEY",
        "made once and kept in the instance folder",
        "At least 32 characters; keys the hash that stands for a complainant. The same on every machine of a "
        "partnership, and never changed: with another key no complainant is recognised again.",
    ),
    Setting(
        "HOTSPOTS_GAZETTEER",
        "gazetteer.sqlite in the instance folder",
        "File in which places are looked up; `hotspots gazetteer build` makes it. "
        "Without it words stay words.",
    ),
    Setting(
        "HOTSPOTS_HARM",
        "the few weights that ship",
        "File of your own harm weights (TOML), said beside the counts of every map made from then on.",
    ),
    Setting(
        "HOTSPOTS_KEEP_ORIGINALS",
        "no",
        "Whether imported files are kept as they came: no, or encrypted (with a key kept in the instance "
        "folder, outside the database).",
    ),
    Setting("HOTSPOTS_MAX_UPLOAD_MB", "64", "Largest file that can be imported through the site, 1 to 1024."),
    Setting(
        "HOTSPOTS_ACTOR", "the first account", "Account for which commands act; the site does not use it."
    ),
    Setting(
        "HOTSPOTS_ONS_URL",
        "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services",
        "Where `hotspots boundaries fetch` asks for wards: ONS Open Geography, or a mirror of it.",
    ),
    Setting(
        "HOTSPOTS_POLICE_UK_URL",
        "https://data.police.uk/api",
        "Where `hotspots fetch police-uk` asks for crimes: data.police.uk, or a mirror of it.",
    ),
    Setting(
        "HOTSPOTS_ONLINE_GEOCODER",
        "no",
        "Whether `hotspots geocode --online` may send the words of a place to somebody's server: no, "
        "nominatim, or os-places. Nothing else ever does.",
    ),
    Setting(
        "HOTSPOTS_ONLINE_GEOCODER_URL",
        "the public address of the service named",
        "Where the online geocoder is asked, such as a Nominatim of your own.",
    ),
    Setting("HOTSPOTS_OS_PLACES_KEY", "none", "Your key for OS Places; it goes to that service alone."),
)


@dataclass(frozen=True)
class Settings:
    """What the site was told at its start; nothing changes it afterwards."""

    database_url: str = "sqlite:///instance/hotspots.db"
    instance_dir: Path = Path("instance")
    secret_key: str = ""
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    hash_key: str = ""
    gazetteer: Path | None = None
    harm: Path | None = None
    keep_originals: bool = False
    max_upload_mb: int = 64
    actor: str = ""
    ons_url: str = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services"
    police_uk_url: str = "https://data.police.uk/api"
    online_geocoder: str = "no"
    online_geocoder_url: str = ""
    os_places_key: str = field(default="", repr=False)

    @property
    def gazetteer_path(self) -> Path:
        """Where the gazetteer is, or would be."""
        return self.gazetteer or self.instance_dir / "gazetteer.sqlite"

    @property
    def is_loopback_only(self) -> bool:
        """Whether every name leads to this machine, so that plain HTTP leaks nothing."""
        return all(is_loopback(host.strip("[]")) for host in self.hosts)


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read every `HOTSPOTS_` variable.

    Raises
    ------
    SettingsError
        With every problem found, not only the first.
    """
    given = {name: value.strip() for name, value in environ.items() if name.startswith(PREFIX)}
    known = {setting.name for setting in SETTINGS}
    problems = [
        f"{name} is not a setting; known are {', '.join(sorted(known))}."
        for name in sorted(set(given) - known)
    ]
    defaults = Settings()
    online = given.get("HOTSPOTS_ONLINE_GEOCODER") or "no"
    settings = Settings(
        database_url=given.get("HOTSPOTS_DATABASE_URL") or defaults.database_url,
        instance_dir=Path(given.get("HOTSPOTS_INSTANCE_DIR") or defaults.instance_dir),
        secret_key=given.get("HOTSPOTS_SECRET_KEY", ""),
        hosts=_hosts(given.get("HOTSPOTS_HOSTS", "")) or defaults.hosts,
        hash_key=given.get("HOTSPOTS_HASH_KEY", ""),
        gazetteer=Path(given["HOTSPOTS_GAZETTEER"]) if given.get("HOTSPOTS_GAZETTEER") else None,
        harm=Path(given["HOTSPOTS_HARM"]) if given.get("HOTSPOTS_HARM") else None,
        keep_originals=given.get("HOTSPOTS_KEEP_ORIGINALS", "") == "encrypted",
        max_upload_mb=_whole_number(given.get("HOTSPOTS_MAX_UPLOAD_MB", ""), defaults.max_upload_mb),
        actor=given.get("HOTSPOTS_ACTOR", ""),
        ons_url=given.get("HOTSPOTS_ONS_URL") or defaults.ons_url,
        police_uk_url=given.get("HOTSPOTS_POLICE_UK_URL") or defaults.police_uk_url,
        online_geocoder=online,
        online_geocoder_url=given.get("HOTSPOTS_ONLINE_GEOCODER_URL") or ONLINE_GEOCODERS.get(online, ""),
        os_places_key=given.get("HOTSPOTS_OS_PLACES_KEY", ""),
    )
    if given.get("HOTSPOTS_KEEP_ORIGINALS", "") not in ("", "no", "encrypted"):
        problems.append("HOTSPOTS_KEEP_ORIGINALS must be no or encrypted.")
    problems += _problems(settings)
    if problems:
        raise SettingsError("The start was stopped. " + " ".join(problems))
    return settings


def _problems(settings: Settings) -> list[str]:
    problems = []
    if not settings.database_url.startswith(("sqlite:///", "postgresql+psycopg://", "postgresql://")):
        problems.append("HOTSPOTS_DATABASE_URL must start with sqlite:/// or postgresql+psycopg://.")
    if settings.secret_key and len(settings.secret_key) < SHORTEST_KEY:
        problems.append(
            f"HOTSPOTS_SECRET_KEY has {len(settings.secret_key)} characters; give at least {SHORTEST_KEY}, "
            "or leave it out to have one made."
        )
    if settings.hash_key and len(settings.hash_key) < SHORTEST_KEY:
        problems.append(
            f"HOTSPOTS_HASH_KEY has {len(settings.hash_key)} characters; give at least {SHORTEST_KEY}, "
            "or leave it out to have one made."
        )
    if any(not host or set(host) & set("*/ ") or "://" in host for host in settings.hosts):
        problems.append(
            "HOTSPOTS_HOSTS takes plain host names separated by commas: no *, no / and no http://."
        )
    if settings.online_geocoder not in ("no", *ONLINE_GEOCODERS):
        problems.append("HOTSPOTS_ONLINE_GEOCODER must be no, nominatim or os-places.")
    if settings.online_geocoder == "os-places" and not settings.os_places_key:
        problems.append("HOTSPOTS_ONLINE_GEOCODER is os-places, which needs HOTSPOTS_OS_PLACES_KEY.")
    if not 1 <= settings.max_upload_mb <= 1024:
        problems.append("HOTSPOTS_MAX_UPLOAD_MB must be a whole number from 1 to 1024.")
    for name, address in (
        ("HOTSPOTS_ONS_URL", settings.ons_url),
        ("HOTSPOTS_POLICE_UK_URL", settings.police_uk_url),
        *(
            [("HOTSPOTS_ONLINE_GEOCODER_URL", settings.online_geocoder_url)]
            if settings.online_geocoder_url
            else []
        ),
    ):
        if fault := fault_of(address):
            problems.append(f"{name} {fault}.")
    return problems


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in text.split(",")) if text else ()


def _whole_number(text: str, default: int) -> int:
    if not text:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
