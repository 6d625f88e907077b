"""The commands that work on the store: boundaries, imports, runs, what they found, and its keeping."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mapping import cli_options as options
from mapping.cli import cli
from mapping.cli_terminal import REFUSED_INPUT, Progress, command, say, show_table
from mapping.errors import FileRefusedError

if TYPE_CHECKING:
    from mapping.access import Actor
    from mapping.store.engine import Store
    from mapping.store.imports import ImportResult
    from mapping.store_run import Refreshed


MOST_ISSUES_TOLD: Final = 20
AREA_LEVELS: Final = ("ward", "data zone", "LSOA")


def moment() -> dt.datetime:
    """Return the moment at which a command acts."""
    return dt.datetime.now(dt.UTC)


@contextmanager
def opened() -> "Iterator[tuple[Store, Actor]]":
    """Open the store that the settings name, brought up to date, and say who acts."""
    from mapping.access import local_day
    from mapping.settings import read_settings
    from mapping.store import accounts
    from mapping.store.engine import open_store

    settings = read_settings()
    store = open_store(settings.database_url, upgrade=True)
    try:
        with store.transaction() as session:
            if settings.actor:
                actor = accounts.actor_named(session, settings.actor, today=local_day(moment()))
            else:
                actor = accounts.first_actor(session, now=moment())
        yield store, actor
    finally:
        store.close()


def _answer(value: Any, sentence: str, *, as_json: bool) -> None:
    click.echo(json.dumps(value, allow_nan=False, default=str) if as_json else sentence)


@cli.group()
def boundaries() -> None:
    """Ward boundaries, an edition at a time."""


@command(boundaries, "add")
@click.argument("files", type=options.FILE, nargs=-1, required=True)
@click.option("--edition", "name", required=True, help="Name, e.g. 'May 2025'.")
@click.option("--licence", default="", help="Licence and attribution of the boundaries.")
@click.option("--layer", "layers", type=options.FILE, multiple=True, help="GeoJSON to draw under the maps.")
@click.option("--level", type=click.Choice(["ward", "data-zone", "LSOA"]), default="ward", show_default=True)
@click.option(
    "--in-force-from", "since", help="Day from which it holds, e.g. 2025-05-01; today if not given."
)
def add_boundaries(
    *, files: tuple[Path, ...], name: str, licence: str, layers: tuple[Path, ...], level: str,
    since: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Keep ward files as an edition; reports held are given their wards in the one in force."""
    from mapping import store_run
    from mapping.periods import parse_date
    from mapping.settings import read_settings

    base = {path.stem: path.read_text(encoding="utf-8") for path in layers}
    with opened() as (store, actor):
        edition_id, messages = store_run.add_boundaries(
            store, files, name=name, licence=licence, base_layers=base, level=level.replace("-", " "),
            in_force_from=parse_date(since) if since else None, gazetteer=read_settings().gazetteer_path,
            actor=actor, now=moment(),
        )  # fmt: skip
        in_use = store_run.ward_edition_in_use(store, now=moment())
    for message in messages:
        say(message)
    answer = {"edition_id": edition_id, "name": name, "in_use": in_use, "messages": messages}
    _answer(answer, f"Edition {name} is kept; {in_use or 'none'} is the one in use now.", as_json=as_json)


@command(boundaries, "list")
def list_boundaries(*, as_json: bool) -> None:
    """List the editions held, newest first."""
    from mapping.store import boundaries as held

    with opened() as (store, _), store.reading() as session:
        editions = [
            {**vars(edition), "since": edition.since}
            for level in AREA_LEVELS
            for edition in held.editions(session, level=level)
        ]
    listed = _lines(editions, "name", "level", "ward_count", "since")
    _answer({"editions": editions}, listed, as_json=as_json)


def _lines(rows: list[dict[str, Any]], *columns: str) -> str:
    return "\n".join("  ".join(str(row[column]) for column in columns) for row in rows) or "None yet."


@command(cli, "import")
@click.argument("layout")
@click.argument("files", type=options.FILE_OR_FOLDER, nargs=-1, required=True)
@click.option("--source", help="Name of the source, where the file does not say.")
@click.option("--extracted-on", help="Day of the extract, e.g. 2025-10-03, where the files do not say it.")
@click.option("--dry-run", is_flag=True, help="Say what would be stored, and store nothing.")
def import_command(
    *,
    layout: str,
    files: tuple[Path, ...],
    source: str | None,
    extracted_on: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import files of a layout: every row is stored once or listed with its reason."""
    from mapping import store_import
    from mapping.folder import peak_mb
    from mapping.kept_keys import IntakeKeys
    from mapping.periods import parse_date
    from mapping.settings import read_settings
    from mapping.store.imports import REJECT_FILE, refused_result

    day = parse_date(extracted_on) if extracted_on else None
    settings = read_settings()
    keys = IntakeKeys(settings)
    try:
        with opened() as (store, actor), Progress() as progress:
            result = store_import.import_files(
                store, layout, files, keys=keys, gazetteer=settings.gazetteer_path, source=source,
                extracted_on=day, dry_run=dry_run,
                actor=actor, now=moment(), progress=progress,
            )  # fmt: skip
    except FileRefusedError as refusal:
        if as_json:
            click.echo(json.dumps(refused_result(refusal.problems, refusal.import_id).as_dict()))
        raise
    for message in result.messages:
        say(message)
    if as_json:
        click.echo(json.dumps({**result.as_dict(), "peak_mb": peak_mb()}, allow_nan=False))
    else:
        _tell_import(result)
    if result.status == REJECT_FILE:
        raise click.exceptions.Exit(REFUSED_INPUT)


def _tell_import(result: "ImportResult") -> None:
    """Account for every row, a file at a time, and show the first of the rows that need a look."""
    for issue in result.issues[:MOST_ISSUES_TOLD]:
        where = f"{issue['file']}, " if len(result.files) > 1 else ""
        say(f"{where}row {issue['row']}: {issue['field']}: {issue['reason']} ({issue['severity']})")
    if len(result.issues) > MOST_ISSUES_TOLD:
        say(f"... and {len(result.issues) - MOST_ISSUES_TOLD:,} more; --json lists all of them.")
    if len(result.files) > 1:
        for file in result.files:
            click.echo(f"{file['name']}: {_account(file['rows_in'], file)}")
    click.echo(_account(result.rows_in, result.counts))


def _account(rows_in: int, counts: Mapping[str, int]) -> str:
    """Write the sum that must hold: rows in = new + updated + ... + rejected."""
    from mapping.store.imports import COUNTS

    parts = [f"{counts[name]:,} {name}" for name in COUNTS if counts[name]]
    return f"{rows_in:,} rows in = {' + '.join(parts) or 'nothing'}."


@cli.group()
def originals() -> None:
    """Files kept as they came (see HOTSPOTS_KEEP_ORIGINALS)."""


@command(originals, "get")
@click.argument("sha256")
@click.option("--out", type=options.NEW_FILE, required=True, help="File to write; it must not exist yet.")
def get_original(*, sha256: str, out: Path, as_json: bool) -> None:
    """Write an imported file as it came, by the checksum that its import shows."""
    from mapping.kept_keys import IntakeKeys
    from mapping.settings import read_settings
    from mapping.store import originals as held

    key = IntakeKeys(read_settings()).originals
    with opened() as (store, actor), store.transaction() as session:
        data = held.fetch(session, sha256.lower(), key=key, actor=actor, now=moment())
    with out.open("xb") as file:
        file.write(data)
    _answer({"sha256": sha256, "bytes": len(data), "out": str(out)}, f"{len(data):,} bytes are in {out}.",
            as_json=as_json)  # fmt: skip


@cli.group()
def incidents() -> None:
    """Incidents held in the store."""


@command(incidents, "list")
def list_incidents(*, as_json: bool) -> None:  # noqa: ARG001 - one object a line either way
    """Print the incidents this account may read, one JSON object a line."""
    from mapping.access import local_day
    from mapping.store import incidents as held

    with opened() as (store, actor), store.reading() as session:
        for row in held.listing(session, actor=actor, today=local_day(moment())):
            click.echo(json.dumps(row, allow_nan=False, default=str))


@command(cli, "find", spread=("--category",))
@options.choices
@click.option("--edition", "edition_name", default="", help="Ward edition to use, if not the one in force.")
def find(*, edition_name: str, as_json: bool, **choices: Any) -> None:
    """Analyse the store, record the run and print its hotspots."""
    from mapping.hotspots import identity_words
    from mapping.publishing import gis

    made = _refresh(choices, edition_name=edition_name)
    hotspots = made.analysis.hotspots
    say(f"Run {made.run_id}: {len(hotspots)} hotspots. {made.analysis.choice.reason}")
    lost = made.analysis.chain.gone if made.analysis.chain else None
    if lost is not None and len(lost):
        say(identity_words.gone(zip(lost["hotspot_id"], lost["place_name"], strict=True)))
    if as_json:
        click.echo(gis.to_geojson(hotspots))
    else:
        columns = [
            "rank",
            "ward_name",
            "place_name",
            "incident_count",
            "expected_count",
            "trend",
            "change",
            "peak_hours",
        ]
        show_table(hotspots[columns].round(1))


@command(cli, "propose", spread=("--category",))
@options.choices
def propose(*, as_json: bool, **choices: Any) -> None:
    """Analyse the store, record the run and print its proposals."""
    made = _refresh(choices)
    proposals = made.analysis.proposals
    if as_json:
        rows = json.loads(proposals.to_json(orient="records"))
        click.echo(json.dumps({"run_id": made.run_id, "proposals": rows}))
    else:
        show_table(proposals[["rank", "headline", "reasons", "cautions"]])


@command(cli, "map", spread=("--category",))
@options.choices
@click.option("--out", type=options.NEW_FOLDER, required=True, help="Folder to write.")
@click.option("--no-ward-pages", is_flag=True, help="Draw the borough map, but no page or picture per ward.")
def map_command(*, out: Path, no_ward_pages: bool, as_json: bool, **choices: Any) -> None:
    """Analyse the store and write the folder that `run` writes."""
    from mapping import folder, pipeline, store_run

    made = _refresh(choices)
    with Progress() as progress:
        record = folder.write(
            made.analysis,
            store_run.account_of(made),
            out,
            maps=True,
            ward_pages=not no_ward_pages,
            watch=pipeline.Stopwatch(progress),
        )
    _answer({"run_id": made.run_id, **record}, f"Run {made.run_id} is in {out}.", as_json=as_json)


def _refresh(choices: dict[str, Any], *, edition_name: str = "") -> "Refreshed":
    from mapping import store_run

    settings = options.settings_of(**choices)
    with opened() as (store, actor), Progress() as progress:
        return store_run.refresh(
            store, settings=settings, edition_name=edition_name, actor=actor, now=moment(), progress=progress
        )


@cli.group()
def users() -> None:
    """Accounts of the site."""


@command(users, "add")
@click.argument("name")
@click.option(
    "--role", required=True, help="analyst, chair, officer, councillor, manager, administrator, auditor."
)
@click.option("--agency", required=True, help="Agency it belongs to; `hotspots agencies list` shows them.")
def add_user(*, name: str, role: str, agency: str, as_json: bool) -> None:
    """Add an account; its password is made here and shown this once."""
    from mapping.store import accounts, passwords

    password = passwords.generate()
    with opened() as (store, actor), store.transaction() as session:
        made = accounts.create(
            session, name=name, role=role, agency_id=agency, password=password, actor=actor, now=moment()
        )
    answer = {"account_id": made.account_id, "name": made.name, "role": made.role, "password": password}
    _answer(
        answer, f"{made.name} ({made.role}) signs in with {password}. It is not shown again.", as_json=as_json
    )


@command(users, "list")
def list_users(*, as_json: bool) -> None:
    """List the accounts."""
    from mapping.access import Action, Kind, local_day, require
    from mapping.store import accounts

    with opened() as (store, actor), store.reading() as session:
        require(actor, Action.VIEW, Kind.ACCOUNT, today=local_day(moment()))
        rows = [{**vars(account), "is_active": account.is_active} for account in accounts.list_all(session)]
    _answer({"accounts": rows}, _lines(rows, "name", "role", "agency_id", "is_active"), as_json=as_json)


@command(users, "disable")
@click.argument("name")
def disable_user(*, name: str, as_json: bool) -> None:
    """Disable an account; whoever is signed in with it is signed out at once."""
    from mapping.access import local_day
    from mapping.store import accounts

    with opened() as (store, actor), store.transaction() as session:
        found = accounts.actor_named(session, name, today=local_day(moment()))
        accounts.disable(session, found.account_id, actor=actor, now=moment())
    _answer(
        {"account_id": found.account_id, "is_active": False}, f"{found.name} is disabled.", as_json=as_json
    )


@cli.group()
def agencies() -> None:
    """Agencies of the partnership."""


@command(agencies, "add")
@click.argument("name")
def add_agency(*, name: str, as_json: bool) -> None:
    """Add an agency; it sees nothing until it signs a sharing agreement."""
    from mapping.store import agencies as held

    with opened() as (store, actor), store.transaction() as session:
        made = held.create(session, name=name, actor=actor, now=moment())
    _answer(vars(made), f"{made.name} is known as {made.agency_id}.", as_json=as_json)


@command(agencies, "list")
def list_agencies(*, as_json: bool) -> None:
    """List the agencies."""
    from mapping.store import agencies as held

    with opened() as (store, _), store.reading() as session:
        rows = [vars(agency) for agency in held.list_all(session)]
    _answer({"agencies": rows}, _lines(rows, "agency_id", "name"), as_json=as_json)


@cli.group()
def audit() -> None:
    """Check the log of who did what."""


@command(audit, "verify")
def verify_audit(*, as_json: bool) -> None:
    """Check that no entry of the log was changed, removed or put in another order."""
    from mapping.store import audit as log

    with opened() as (store, _), store.reading() as session:
        bad = log.verify(session)
        entries, _ = log.head(session)
    if bad is not None:
        say(
            f"The log was tampered with: entry {bad} does not fit the one before. Keep the database as it is."
        )
    _answer({"verified": bad is None, "entries": entries, "first_bad_seq": bad},
            f"{entries} entries, all in order." if bad is None else "", as_json=as_json)  # fmt: skip
    if bad is not None:
        raise click.exceptions.Exit(1)


@command(cli, "demo")
@click.option("--new-passwords", is_flag=True, help="Set and show new passwords of the demo's accounts.")
def demo(*, new_passwords: bool, as_json: bool) -> None:
    """Build the invented borough of Newmouth and load it, with an account for every role."""
    from mapping.demo import loading
    from mapping.kept_keys import IntakeKeys
    from mapping.settings import read_settings

    settings = read_settings()
    with opened() as (store, actor), Progress() as progress:
        shown = loading.load(
            store,
            keys=IntakeKeys(settings),
            gazetteer=settings.gazetteer_path,
            actor=actor,
            now=moment(),
            new_passwords=new_passwords,
            progress=progress,
        )
    if as_json:
        click.echo(json.dumps(shown))
        return
    click.echo(shown["message"])
    for account in shown["accounts"]:
        click.echo(f"  {account['name']:<15} {account['password']}   ({account['post']})")


@command(cli, "doctor")
def doctor(*, as_json: bool) -> None:
    """Say what is set up, what is missing, and what to do about it."""
    from mapping.doctor import examine

    findings = examine()
    _answer({"findings": [vars(finding) for finding in findings]},
            "\n".join(f"{'ok  ' if finding.is_well else 'LOOK'} {finding.text}" for finding in findings),
            as_json=as_json)  # fmt: skip
