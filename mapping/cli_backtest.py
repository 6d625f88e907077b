"""The command that holds maps against the months that followed."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mapping import cli_options as options
from mapping.cli_held import from_store
from mapping.cli_patterns import cli
from mapping.cli_store import moment
from mapping.cli_terminal import Progress, command, say, show_table

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from mapping.periods import Period
    from mapping.pipeline import Stopwatch

__all__ = ["cli"]


@command(cli, "backtest", spread=("--wards", "--incidents", "--category", "--area-share"))
@options.files_or_store
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
    layout: str | None,
    edition: str,
    categories: tuple[str, ...],
    cell_size_m: float,
    train: str,
    test_text: str,
    rolling: int | None,
    area_shares: tuple[float, ...],
    as_json: bool,
) -> None:
    """Draw each method's map from the training months and hold it against the months that followed.

    With --wards and --incidents from files; without either, from what the store holds and everyone your
    agency shares with may see.
    """
    from mapping import pipeline
    from mapping.evidence.backtest import AREA_SHARES
    from mapping.periods import Period, parse_period

    options.require_files_or_store(ward_files, incident_files, layout)
    if bool(test_text) == bool(rolling):
        raise click.UsageError("Give either --test or --rolling: the months to judge by, or how many.")
    learnt = parse_period(train)
    tested = _months_after(learnt, rolling) if rolling else parse_period(test_text)
    with Progress() as progress:
        watch = pipeline.Stopwatch(progress)
        if incident_files:
            incidents, wards = _from_files(ward_files, incident_files, layout or "police-uk", edition, watch)
        else:
            details = {"train": str(learnt), "test": str(tested), "categories": list(categories)}
            whole = Period(learnt.start_on, tested.end_on)
            incidents, wards = from_store(edition, whole, action="backtest", details=details, watch=watch)
        with watch.stage("backtest", 0.2):
            table, trials = pipeline.rehearse(
                incidents,
                wards,
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


def _from_files(
    ward_files: tuple[Path, ...],
    incident_files: tuple[Path, ...],
    layout: str,
    edition: str,
    watch: "Stopwatch",
) -> "tuple[pd.DataFrame, GeoDataFrame]":
    from mapping import file_run

    loaded = file_run.load(
        ward_files, incident_files, layout=layout, edition=edition, now=moment(), watch=watch
    )
    return loaded.incidents, loaded.wards


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
