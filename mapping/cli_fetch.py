"""The commands that ask the open web: wards from ONS Open Geography, crimes from data.police.uk.

Nothing else in the product asks anything beyond this machine.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mapping import cli_options as options
from mapping.cli_store import boundaries, cli, moment, opened
from mapping.cli_terminal import Progress, command, say

if TYPE_CHECKING:
    from mapping.settings import Settings
    from mapping.sources.client import Client
    from mapping.sources.open_geography import FetchedWards
    from mapping.sources.police_uk import FetchedMonths

_FRESH: Final = click.option("--fresh", is_flag=True, help="Ask for everything again, whatever is kept.")


@command(boundaries, "fetch")
@click.argument("authorities", metavar="AUTHORITY...", nargs=-1, required=True)
@click.option("--edition", default="", help="Published edition, e.g. 'May 2024' or 2024; else the newest.")
@click.option("--name", default="", help="Name to keep them under; else e.g. 'May 2025 (E06000002)'.")
@click.option("--out", type=options.NEW_FILE, help="Write GeoJSON here and store nothing.")
@_FRESH
def fetch_boundaries(
    *, authorities: tuple[str, ...], edition: str, name: str, out: Path | None, fresh: bool, as_json: bool
) -> None:
    """Fetch the wards of local authorities (codes such as E06000002) from ONS Open Geography."""
    from mapping.settings import read_settings
    from mapping.sources import open_geography

    settings = read_settings()
    wanted = open_geography.require_authorities(authorities)
    if out is not None:
        fetched = _wards(settings, wanted, edition, fresh=fresh)
        out.parent.mkdir(parents=True, exist_ok=True)
        open_geography.write(fetched, out)
        answer = _about(fetched, None, name or _name_of(fetched), fetched.messages) | {"out": str(out)}
        sentence = f"{len(fetched.features)} wards of {fetched.service.edition} are in {out}."
    else:
        answer = _keep_wards(settings, wanted, edition, name, fresh=fresh)
        sentence = f"Edition {answer['name']} ({answer['wards']} wards) is the one in use now."
    for message in answer["messages"]:
        say(message)
    click.echo(json.dumps(answer, allow_nan=False) if as_json else sentence)


def _keep_wards(
    settings: "Settings", authorities: tuple[str, ...], edition: str, name: str, *, fresh: bool
) -> dict[str, Any]:
    """Fetch wards and keep them as `boundaries add` does, with the same checks."""
    from mapping import store_run
    from mapping.access import Action, Kind, local_day, require
    from mapping.sources import kept, open_geography

    with opened() as (store, actor):
        # before anything is asked: who may not keep wards need not fetch them for this
        require(actor, Action.CREATE, Kind.BOUNDARY, today=local_day(moment()))
        fetched = _wards(settings, authorities, edition, fresh=fresh)
        folder = settings.instance_dir / "fetched" / "boundaries"
        kept.make_private(folder)
        path = folder / f"{fetched.service.name}_{'_'.join(authorities)[:100]}.geojson"
        open_geography.write(fetched, path)
        chosen = name or _name_of(fetched)
        edition_id, messages = store_run.add_boundaries(
            store, [path], name=chosen, licence=fetched.attribution, base_layers={}, actor=actor, now=moment()
        )
    return _about(fetched, edition_id, chosen, [*fetched.messages, *messages])


def _wards(
    settings: "Settings", authorities: tuple[str, ...], edition: str, *, fresh: bool
) -> "FetchedWards":
    from mapping.access import local_day
    from mapping.sources import open_geography

    with _client(settings, settings.ons_url, fresh=fresh) as client, Progress() as progress:
        return open_geography.fetch_wards(
            client, authorities, edition=edition, today=local_day(moment()), progress=progress
        )


def _name_of(fetched: "FetchedWards") -> str:
    return f"{fetched.service.edition} ({', '.join(fetched.authorities)})"


def _about(fetched: "FetchedWards", edition_id: int | None, name: str, messages: list[str]) -> dict[str, Any]:
    return {
        "edition_id": edition_id,
        "name": name,
        "wards": len(fetched.features),
        "service": fetched.service.name,
        "messages": messages,
    }


@cli.group()
def fetch() -> None:
    """Open data from the web; nothing is asked for unless one of these is called."""


@command(fetch, "police-uk")
@click.option("--force", required=True, help="Force as data.police.uk names it, e.g. cleveland.")
@click.option(
    "--months",
    type=click.IntRange(1, 60),
    default=12,
    show_default=True,
    help="How many, back from the newest published.",
)
@click.option("--out", type=options.NEW_FOLDER, help="Folder to write; else one in the instance folder.")
@click.option("--import", "then_import", is_flag=True, help="Import the files at once.")
@_FRESH
def fetch_police_uk(
    *, force: str, months: int, out: Path | None, then_import: bool, fresh: bool, as_json: bool
) -> None:
    """Fetch street-level crimes of a force, a file a month, from the API of data.police.uk."""
    from mapping.errors import SourceError
    from mapping.settings import read_settings
    from mapping.sources import kept, police_uk

    settings = read_settings()
    police_uk.require_force(force)
    folder = out or settings.instance_dir / "fetched" / "police-uk" / force
    if out is None:
        kept.make_private(folder)
    with _client(settings, settings.police_uk_url, fresh=fresh) as client, Progress() as progress:
        fetched = police_uk.fetch_months(client, force, months=months, folder=folder, progress=progress)
    for message in fetched.messages:
        say(message)
    if not fetched.months:
        raise SourceError("None of the months asked for is there, so no file was written.")
    answer = _told(fetched, folder)
    if then_import:
        answer["import"] = _import(fetched)
    click.echo(json.dumps(answer, allow_nan=False, default=str) if as_json else _sentence(answer))


def _told(fetched: "FetchedMonths", folder: Path) -> dict[str, Any]:
    return {
        "force": fetched.force,
        "published_on": fetched.published_on,
        "months": [
            {"month": one.month, "file": str(one.path), "rows": one.rows, "from_cache": one.from_cache}
            for one in fetched.months
        ],
        "missing": fetched.missing,
        "messages": fetched.messages,
        "out": str(folder),
    }


def _sentence(answer: dict[str, Any]) -> str:
    rows = sum(month["rows"] for month in answer["months"])
    held = f"{rows:,} crimes of {len(answer['months'])} months are in {answer['out']}."
    if "import" not in answer:
        return f"{held} Import them with: hotspots import police-uk {answer['out']}"
    return f"{held} Imported: {answer['import']['new']:,} new of {answer['import']['rows_in']:,} rows."


def _import(fetched: "FetchedMonths") -> dict[str, Any]:
    from mapping import store_import
    from mapping.kept_keys import IntakeKeys
    from mapping.settings import read_settings

    paths, settings = [one.path for one in fetched.months], read_settings()
    with opened() as (store, actor), Progress() as progress:
        result = store_import.import_files(
            store, "police-uk", paths, keys=IntakeKeys(settings), gazetteer=settings.gazetteer_path,
            actor=actor, now=moment(), progress=progress,
        ).as_dict()  # fmt: skip
    for message in result["messages"]:
        say(message)
    return result


def _client(settings: "Settings", base: str, *, fresh: bool) -> "Client":
    from mapping.sources.client import Client
    from mapping.sources.kept import Kept

    answers = Kept(settings.instance_dir / "fetched" / "answers", is_fresh=fresh)
    answers.forget_old()
    return Client(base, answers)
