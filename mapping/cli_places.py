"""The commands about places: building the gazetteer, and looking into it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mapping import cli_options as options
from mapping.cli_layouts import cli
from mapping.cli_store import moment, opened
from mapping.cli_terminal import Progress, command, say, show_table

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from mapping.access import Actor
    from mapping.places.gazetteer import Gazetteer
    from mapping.store.engine import Store

_SOURCES = ("--code-point", "--open-names", "--street-points", "--uprn", "--places", "--wards")


@cli.group()
def gazetteer() -> None:
    """Gazetteer: the streets, places and postcodes in which words are looked up."""


@command(gazetteer, "build", spread=_SOURCES)
@click.option(
    "--code-point",
    type=options.FILE_OR_FOLDER,
    multiple=True,
    help="Code-Point Open: postcodes with a point.",
)
@click.option(
    "--open-names",
    type=options.FILE_OR_FOLDER,
    multiple=True,
    help="OS Open Names: roads, settlements, places.",
)
@click.option(
    "--street-points",
    type=options.FILE_OR_FOLDER,
    multiple=True,
    help="Anchor points: street_or_place, longitude, latitude.",
)
@click.option("--uprn", type=options.FILE_OR_FOLDER, multiple=True, help="OS Open UPRN: single properties.")
@click.option(
    "--places",
    type=options.FILE_OR_FOLDER,
    multiple=True,
    help="Names of your own: name, kind, easting, northing (or postcode), extent_m, aliases.",
)
@click.option("--wards", type=options.FILE, multiple=True, help="Ward boundaries, if not the edition in use.")
@click.option(
    "--out", type=options.NEW_FILE, help="File to write, if not the one that HOTSPOTS_GAZETTEER names."
)
def build_gazetteer(
    *, wards: tuple[Path, ...], out: Path | None, as_json: bool, **files: tuple[Path, ...]
) -> None:
    """Build the gazetteer anew from these files; the old one serves until the new one is whole.

    A path is a CSV, a CSV in gzip, a ZIP of CSVs or a folder of them, as Ordnance Survey ships them.
    """
    from mapping.access import Action, Kind, local_day, require
    from mapping.folder import peak_mb
    from mapping.places.gazetteer_build import Sources, build
    from mapping.settings import read_settings
    from mapping.store import audit

    if not any(files.values()):
        raise click.UsageError("Name at least one file, such as --code-point codepo_gb.zip.")
    path = out or read_settings().gazetteer_path
    with opened() as (store, actor):
        require(actor, Action.CREATE, Kind.GAZETTEER, today=local_day(moment()))
        areas, edition = _wards(store, wards)
        now = moment()
        with Progress() as progress:
            report = build(
                path, Sources(**files), wards=areas, edition=edition,
                built_at=now.isoformat(timespec="seconds"), progress=progress,
            )  # fmt: skip
        with store.transaction() as session:
            details = {"levels": report.levels, "sha256": report.content_sha256}
            audit.append(
                session, actor=actor, action="build gazetteer", kind=Kind.GAZETTEER, details=details, now=now
            )
        changed = {} if out else _look_again(store, actor, path)
    if areas is None:
        say("No wards are loaded, so nothing has a ward; add boundaries, then build again.")
    told = report.as_dict()
    if any(changed.values()):
        number = sum(changed.values())
        say(f"Another place was found for {number:,} of the records held that have words alone.")
    if as_json:
        told |= {"looked_again": changed}
        click.echo(json.dumps({**told, "out": str(path), "peak_mb": peak_mb()}, allow_nan=False))
    else:
        _tell(told)
        click.echo(f"The gazetteer is in {path}.")


def _look_again(store: "Store", actor: "Actor", path: Path) -> dict[str, int]:
    """Look up again what the store holds: nothing else would before its words are sent in anew."""
    from mapping import place_finding

    with store.reading() as session:
        geocoder = place_finding.opened(path, session)
    if geocoder is None:
        return {}
    return place_finding.look_again(store, geocoder, actor=actor, now=moment())


def _wards(store: "Store", files: tuple[Path, ...]) -> "tuple[GeoDataFrame | None, str]":
    """Return the wards that were named, else those in use, else nothing; and the edition's name."""
    from mapping.errors import NotFoundError
    from mapping.places.wards import read_wards
    from mapping.store import boundaries

    if files:
        found = read_wards(files)
        return found, str(found.attrs["edition"])
    try:
        with store.reading() as session:
            edition, current = boundaries.current(session)
    except NotFoundError:
        return None, ""
    return current, edition.name


def _tell(told: Mapping[str, Any]) -> None:
    """Account for the rows of every file, and say what there is of each level."""
    for file in told["files"]:
        refused = sum(file["refused"].values())
        rest = sum(file["left_out"].values())
        kind = file["kind"].replace("_", " ")
        click.echo(
            f"{file['name']} ({kind}): {file['rows']:,} rows = {file['kept']:,} kept "
            f"+ {refused:,} refused + {rest:,} left out."
        )
        for what in ("refused", "left_out"):
            for reason, count in file[what].items():
                click.echo(f"  {count:,} {what.replace('_', ' ')}: {reason}")
    for level, count in told["levels"].items():
        click.echo(f"{level}: {count:,}")
    if told["ward_edition"] or told["wards"]:
        click.echo(f"Wards: {told['wards']:,} of {told['ward_edition'] or 'an unnamed edition'}.")


@command(gazetteer, "show")
@click.argument("name", required=False, default="")
def show_gazetteer(*, name: str, as_json: bool) -> None:
    """Say what the gazetteer was built from, or which entries a NAME leads to."""
    from mapping.access import Action, Kind, local_day, require
    from mapping.places.gazetteer import Gazetteer
    from mapping.settings import read_settings

    with opened() as (_, actor):
        require(actor, Action.VIEW, Kind.GAZETTEER, today=local_day(moment()))
    with Gazetteer.open(read_settings().gazetteer_path) as held:
        if not name:
            if as_json:
                click.echo(json.dumps(held.meta))
            else:
                _tell(held.meta)
                click.echo(f"Built {held.meta['built_at']}.")
            return
        rows = entries_named(held, name)
    if as_json:
        click.echo(json.dumps({"entries": rows}, allow_nan=False))
    elif rows:
        import pandas as pd

        show_table(pd.DataFrame(rows))
    else:
        say("The gazetteer has no entry of this name.")


def entries_named(held: "Gazetteer", name: str) -> list[dict[str, Any]]:
    """List the entries that a name leads to, spelt as it is."""
    from mapping.places.place_words import name_key

    entries = held.entries
    return [
        {
            "name": entries.name[row], "level": entries.level[row], "kind": entries.kind[row],
            "easting_m": round(float(entries.easting_m[row]), 1),
            "northing_m": round(float(entries.northing_m[row]), 1),
            "error_m": float(entries.error_m[row]), "ward_gss_code": entries.ward_gss_code[row],
            "borough": entries.borough[row], "locality": entries.locality[row],
            "postcode_district": entries.postcode_district[row],
        }
        for row in held.find(name_key(name)).tolist()
    ]  # fmt: skip
