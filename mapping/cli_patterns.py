"""The command for what the map does not draw: near repeats, live clusters, and how clumped things are."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mapping import cli_options as options
from mapping.cli_boundaries import cli
from mapping.cli_held import from_store
from mapping.cli_store import moment
from mapping.cli_terminal import Progress, command, say, show_table

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from mapping.hotspots.patterns import Pattern
    from mapping.periods import Period
    from mapping.pipeline import Settings, Stopwatch

__all__ = ["cli"]

_BEYOND: Final = ("over ", " or more")  # bands that are there so that every pair is counted once
_LEGEND: Final = (
    "Tables: times as common as chance (pairs seen / expected); * p < 0.05, ** p < 0.01, not corrected for "
    "the number of bands."
)
_Material = tuple["pd.DataFrame", "GeoDataFrame", "Period"]


@command(cli, "patterns", spread=("--wards", "--incidents", "--category"))
@options.files_or_store
@click.option("--from", "from_on", help="First day, e.g. 2025-01-01.")
@click.option("--to", "to_on", help="Day after the last, e.g. 2025-07-01.")
@click.option(
    "--category", "categories", multiple=True, help="Only these categories; each in the data if not given."
)
@click.option("--cell-size-m", default=100.0, show_default=True, help="Side of an analysis cell.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="For what is shuffled.")
@click.option(
    "--draws",
    default=199,
    show_default=True,
    type=click.IntRange(99, 9999),
    help="Shuffles behind every p-value; fewer are made where pairs are many, and that is said.",
)
def patterns_command(
    *,
    ward_files: tuple[Path, ...],
    incident_files: tuple[Path, ...],
    layout: str | None,
    edition: str,
    from_on: str | None,
    to_on: str | None,
    categories: tuple[str, ...],
    cell_size_m: float,
    seed: int,
    draws: int,
    as_json: bool,
) -> None:
    """Say whether incidents repeat nearby, what is live now, and how clumped each category is.

    With --wards and --incidents from files; without either, from what the store holds and everyone your
    agency shares with may see. Near repeats and live clusters need incidents known to the day.
    """
    from mapping import pipeline
    from mapping.hotspots.patterns import find_patterns

    options.require_files_or_store(ward_files, incident_files, layout)
    settings = options.settings_of(
        from_on=from_on, to_on=to_on, categories=categories, cell_size_m=cell_size_m, method="auto",
        horizon_days=None, top=3, seed=seed,
    )  # fmt: skip
    with Progress() as progress:
        watch = pipeline.Stopwatch(progress)
        if incident_files:
            material = _from_files(
                ward_files, incident_files, layout or "police-uk", edition, settings, watch
            )
        else:
            material = _from_store(edition, settings, draws, watch)
        incidents, wards, period = material
        with watch.stage("patterns", 0.3):
            found = find_patterns(
                incidents, wards, period, categories=settings.categories, cell_size_m=cell_size_m,
                draws=draws, seed=seed,
            )  # fmt: skip
    if as_json:
        told = {
            "from": period.start_on.isoformat(), "to": period.end_on.isoformat(), "seed": seed,
            "draws": draws, "cell_size_m": cell_size_m, "patterns": [as_dict(pattern) for pattern in found],
            "messages": _messages(found), "seconds": {**watch.seconds, "total": round(watch.total, 4)},
        }  # fmt: skip
        click.echo(json.dumps(told, allow_nan=False))
        return
    click.echo(f"{period}.")
    for pattern in found:
        _tell(pattern)
    if any(not pattern.near_repeats.table.empty for pattern in found):
        click.echo(f"\n{_LEGEND}")
    for message in _messages(found):
        say(message)


def _from_files(
    ward_files: tuple[Path, ...],
    incident_files: tuple[Path, ...],
    layout: str,
    edition: str,
    settings: "Settings",
    watch: "Stopwatch",
) -> _Material:
    from mapping import file_run, periods

    loaded = file_run.load(
        ward_files, incident_files, layout=layout, edition=edition, now=moment(), watch=watch
    )
    for message in loaded.account.messages:
        say(message)
    period = settings.period or periods.whole_months(loaded.incidents["occurred_from"])
    return loaded.incidents, loaded.wards, period


def _from_store(edition_name: str, settings: "Settings", draws: int, watch: "Stopwatch") -> _Material:
    from mapping.store_run import last_months

    details = {**settings.as_dict(), "draws": draws}
    found, wards = from_store(
        edition_name, settings.period, action="look for patterns", details=details, watch=watch
    )
    return found, wards, settings.period or last_months(found["occurred_from"])


def as_dict(pattern: "Pattern") -> dict[str, Any]:
    """Return a pattern as it is written in JSON: what could not be computed is null, and rows are none."""
    repeats, live, clumping = pattern.near_repeats, pattern.live, pattern.clumping
    return {
        "category": pattern.category,
        "reports": pattern.reports,
        "placed": pattern.placed,
        "known_to_the_day": pattern.known_to_the_day,
        "known_to_the_day_share": _number(pattern.known_to_the_day_share),
        "near_repeats": {
            "said": repeats.said,
            "cautions": list(repeats.cautions),
            "reports": repeats.reports,
            "draws": repeats.draws,
            "knox_ratio": _number(repeats.knox_ratio),
            "observed": _number(repeats.observed),
            "expected": _number(repeats.expected),
            "p_value": _number(repeats.p_value),
            "rows": _rows(repeats.table),
        },
        "clusters": {"said": live.said, "cautions": list(live.cautions), "rows": _rows(live.table)},
        "gathering": {
            "said": clumping.said,
            "cells": clumping.cells,
            "half_cells": clumping.half_cells,
            "moran_i": _number(clumping.moran_i),
            "moran_expected": _number(clumping.moran_expected),
            "p_value": _number(clumping.p_value),
            "general_g_z": _number(clumping.general_g_z),
        },
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _rows(table: "pd.DataFrame") -> list[dict[str, Any]]:
    dated = table.assign(**{name: table[name].astype(str) for name in ("from_on", "to_on") if name in table})
    rows: list[dict[str, Any]] = json.loads(dated.to_json(orient="records"))
    return rows


def _messages(found: "list[Pattern]") -> list[str]:
    tested = sum(1 for pattern in found if not pattern.live.table.empty)
    if tested < 2:
        return []
    return [f"{tested} categories were looked at for live clusters; one in twenty shows one by chance alone."]


def _tell(pattern: "Pattern") -> None:
    click.echo(
        f"\n{pattern.category}: {pattern.reports:,} reports, {pattern.placed:,} placed, "
        f"{pattern.known_to_the_day:,} known to the day."
    )
    repeats, live = pattern.near_repeats, pattern.live
    click.echo(repeats.said)
    if not repeats.table.empty:
        show_table(near_repeat_grid(repeats.table))
    for caution in repeats.cautions:
        say(caution)
    if live.said != repeats.said:
        click.echo(live.said)
    if not live.table.empty:
        for said in live.table.loc[live.table["is_live"], "said"]:
            click.echo(f"  {said}")
        for caution in live.cautions:
            say(caution)
    click.echo(pattern.clumping.said)


def near_repeat_grid(table: "pd.DataFrame") -> "pd.DataFrame":
    """Lay the table of bands out as people read it: distances down, days across.

    The outer bands, all that lies farther or later, are left to the JSON.
    """
    import pandas as pd

    rows: dict[str, dict[str, str]] = {}
    for distance, days, observed, expected, ratio, p_value in table.itertuples(index=False):
        if distance.startswith(_BEYOND[0]) or days.endswith(_BEYOND[1]):
            continue
        stars = "**" if p_value < 0.01 else "*" if p_value < 0.05 else ""
        times = f"{ratio:.1f}" if math.isfinite(ratio) else "-"
        rows.setdefault(distance, {})[days] = f"{times} ({observed:,} / {expected:,.1f}) {stars}".rstrip()
    grid = pd.DataFrame.from_dict(rows, orient="index")
    return grid.rename_axis("distance").reset_index()
