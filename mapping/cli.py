"""The `hotspots` command: one subcommand per step, thin; every rule lives below it.

Results go to standard output (with `--json` exactly one JSON object), progress and warnings to
standard error. Exit codes: 0 done, 1 unexpected fault, 2 wrong usage, 3 input refused with
nothing stored, 4 refused by a rule. `cli_store` adds the commands that work on the store, and
`webapp.command` the one that serves the site.
"""

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mapping import cli_options as options
from mapping.cli_terminal import Progress, command, say

if TYPE_CHECKING:
    pass


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="ward-hotspots", prog_name="hotspots")
def cli() -> None:
    """Ward hotspots and joint tasking for community safety partnerships."""


@command(cli, "run", spread=("--wards", "--incidents", "--category", "--layer"))
@options.inputs
@options.choices
@click.option("--out", type=options.NEW_FOLDER, required=True, help="Folder to write.")
@click.option(
    "--layer",
    "layers",
    type=options.FILE,
    multiple=True,
    help="GeoJSON to draw under the maps. Hotspots follow the streets of a file named roads.geojson.",
)
@click.option(
    "--excluded",
    "excluded_path",
    type=options.FILE,
    help="CSV of places set apart: name, kind, treatment (caution or exclusion), easting, northing, "
    "radius_m, reason.",
)
@click.option(
    "--since",
    "since_path",
    type=options.FOLDER,
    help="Folder of an earlier run, whose hotspots keep their ids in this one.",
)
@click.option("--attribution", default="", help="What the owner of the boundaries wants said under a map.")
@click.option("--no-maps", is_flag=True, help="Write tables and shapes only.")
@click.option("--no-ward-pages", is_flag=True, help="Draw the borough map, but no page or picture per ward.")
def run_command(
    *,
    ward_files: tuple[Path, ...],
    incident_files: tuple[Path, ...],
    layout: str,
    edition: str,
    out: Path,
    layers: tuple[Path, ...],
    excluded_path: Path | None,
    since_path: Path | None,
    attribution: str,
    no_maps: bool,
    no_ward_pages: bool,
    as_json: bool,
    **choices: Any,
) -> None:
    """Turn incident files and ward files into hotspots, proposals and maps; nothing is stored."""
    from mapping import excluded_file, file_run, folder, following, pipeline

    settings = options.settings_of(**choices)
    earlier = following.read_earlier(since_path, settings, file_run.AUDIENCE) if since_path else None
    places = excluded_file.read_places(excluded_path) if excluded_path else ()
    with Progress() as progress:
        watch = pipeline.Stopwatch(progress)
        loaded = file_run.load(
            ward_files,
            incident_files,
            layout=layout,
            edition=edition,
            attribution=attribution,
            layers=layers,
            now=dt.datetime.now(dt.UTC),
            watch=watch,
        )
        analysis = pipeline.analyse(
            loaded.incidents,
            loaded.wards,
            settings,
            places=places,
            roads=folder.roads_of(loaded.account.layers),
            watch=watch,
        )
        analysis = following.follow(analysis, earlier)
        record = folder.write(
            analysis, loaded.account, out, maps=not no_maps, ward_pages=not no_ward_pages, watch=watch
        )
    for message in record["messages"]:
        say(message)
    if as_json:
        click.echo(json.dumps(record, allow_nan=False))
    else:
        _tell_run(record, out)


def _tell_run(record: dict[str, Any], out: Path) -> None:
    from mapping.hotspots import identity_words

    click.echo(
        f"{record['rows_in']:,} rows in = {record['incidents']:,} incidents + {record['joined']:,} joined "
        f"+ {record['rejected']:,} rejected."
    )
    click.echo(
        f"{record['incidents']:,} incidents = {record['in_wards']:,} in {record['wards']} wards "
        f"+ {record['outside']:,} outside + {record['unlocated']:,} without a place."
    )
    for said in (record["placing"]["said"], record["placing"]["warning"].rstrip(".")):
        if said:
            click.echo(f"{said}.")
    recorded = record["recorded_at_places"]
    listed = f", {recorded} of them places where reports are recorded, untested" if recorded else ""
    click.echo(f"{record['hotspots']} hotspots{listed}; method: {record['method_description']}.")
    click.echo(record["why_method"])
    if lost := identity_words.gone((one["hotspot_id"], one["place_name"]) for one in record["gone"]):
        click.echo(lost)
    click.echo(f"Hotspots, cells, proposals and maps are in {out} ({record['seconds']['total']:.1f} s).")
