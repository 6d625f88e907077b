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
from mapping.cli_terminal import Progress, command, say, show_table

if TYPE_CHECKING:
    import pandas as pd

    from mapping.periods import Period


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
    click.echo(f"{record['hotspots']} hotspots; method: {record['method_description']}.")
    click.echo(record["why_method"])
    if lost := identity_words.gone((one["hotspot_id"], one["place_name"]) for one in record["gone"]):
        click.echo(lost)
    click.echo(f"Hotspots, cells, proposals and maps are in {out} ({record['seconds']['total']:.1f} s).")


@command(cli, "backtest", spread=("--wards", "--incidents", "--category", "--area-share"))
@options.inputs
@click.option("--train", required=True, help="Months to learn from, e.g. 2025-01:2025-06.")
@click.option("--test", "test_text", default="", help="Months to judge by, e.g. 2025-07:2025-09.")
@click.option(
    "--rolling",
    type=click.IntRange(1, 60),
    help="Instead of --test: so many months after those, each judged by maps drawn from all before it.",
)
@click.option(
    "--category", "categories", multiple=True, help="One table part each; all together if not given."
)
@click.option("--cell-size-m", default=100.0, show_default=True, help="Side of an analysis cell.")
@click.option(
    "--area-share",
    "area_shares",
    type=click.FloatRange(0, 1, min_open=True),
    multiple=True,
    help="Shares of the area to flag, 0-1.",
)
def backtest_command(
    *,
    ward_files: tuple[Path, ...],
    incident_files: tuple[Path, ...],
    layout: str,
    edition: str,
    categories: tuple[str, ...],
    cell_size_m: float,
    train: str,
    test_text: str,
    rolling: int | None,
    area_shares: tuple[float, ...],
    as_json: bool,
) -> None:
    """Draw each method's map from the training months and hold it against the months that followed."""
    from mapping import file_run, pipeline
    from mapping.evidence.backtest import AREA_SHARES
    from mapping.periods import parse_period

    if bool(test_text) == bool(rolling):
        raise click.UsageError("Give either --test or --rolling: the months to judge by, or how many.")
    learnt = parse_period(train)
    tested = _months_after(learnt, rolling) if rolling else parse_period(test_text)
    with Progress() as progress:
        watch = pipeline.Stopwatch(progress)
        loaded = file_run.load(
            ward_files,
            incident_files,
            layout=layout,
            edition=edition,
            now=dt.datetime.now(dt.UTC),
            watch=watch,
        )
        with watch.stage("backtest", 0.2):
            table, trials = pipeline.rehearse(
                loaded.incidents,
                loaded.wards,
                train=learnt,
                test=tested,
                categories=categories,
                cell_size_m=cell_size_m,
                area_shares=area_shares or AREA_SHARES,
                rolling=bool(rolling),
            )
    if as_json:
        rows = json.loads(table.to_json(orient="records"))
        chose = {trial.category: trial.auto for trial in trials}  # of several tests the newest
        left_out = {trial.category: trial.left_out_share for trial in trials}
        click.echo(json.dumps({"rows": rows, "auto": chose, "left_out_share": left_out}))
        return
    for trial in trials:
        say(f"{trial.category}: auto chose {trial.auto}.")
        if trial.left_out_share:
            say(
                f"{trial.category}: {100 * trial.left_out_share:.1f} % of what followed is known to no "
                "single cell; no map is judged by it."
            )
    show_table(_readable(table))


def _months_after(period: "Period", count: int) -> "Period":
    from mapping.periods import Period, month_number, month_start

    return Period(period.end_on, month_start(month_number(period.end_on) + count))


def _readable(table: "pd.DataFrame") -> "pd.DataFrame":
    """Put intervals into brackets, so that a terminal shows them; JSON keeps every column."""
    shown = table.round(3)
    for name, places in (("pei", 2), ("gain", 0)):
        pairs = zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
        shown[f"{name}_95"] = [f"{low:.{places}f} to {high:.{places}f}" for low, high in pairs]
    shown = shown.round({"hits": 1, "pai": 1, "stability": 2, "clumpiness": 2}).astype({"events": int})
    names = {
        "method": "method", "category": "category", "area_share": "area", "cells": "cells",
        "events": "events", "hits": "hits", "hit_rate": "rate", "pai": "pai", "pei": "pei",
        "pei_95": "pei 95 %", "gain_95": "gain on count", "rri_pai_ratio": "rri",
        "rri_predicted_observed": "foretold", "stability": "stable", "clumpiness": "clumpy",
        "judged": "judged",
    }  # fmt: skip
    return shown.rename(columns=names)[list(names.values())]
