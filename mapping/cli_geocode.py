"""The command that says where words are: texts or a column of a file in, one object a line out."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mapping import cli_options as options
from mapping.cli_places import cli
from mapping.cli_store import moment, opened
from mapping.cli_terminal import command, say

if TYPE_CHECKING:
    import pandas as pd

    from mapping.places.geocoder import Geocoder

KEYS: Final = (
    "query", "status", "level", "score", "easting_m", "northing_m", "error_m", "ward_gss_code",
    "candidates", "name", "disagreement",
)  # fmt: skip
MOST_ONLINE: Final = 20  # texts a command: the services are not for lists, nor are ours for them
MOST_LETTERS: Final = 100
MOST_WORDS: Final = 14
_AT_ONCE: Final = 20_000  # rows that are answered together: a long file is told as it goes


@command(cli, "geocode")
@click.argument("texts", nargs=-1, metavar="TEXT...")
@click.option("--file", "file", type=options.FILE, help="A table of which one column is looked up.")
@click.option("--column", help="Name of the column with the words.")
@click.option("--postcode-column", help="Column with a postcode beside the words.")
@click.option("--ward-column", help="Column with the ward's GSS code beside the words.")
@click.option("--borough-column", help="Column with the borough's name beside the words.")
@click.option("--ward", "ward", default="", help="GSS code of the ward that all of them lie in, where known.")
@click.option("--borough", "borough", default="", help="Borough that all of them lie in, where known.")
@click.option("--online", is_flag=True, help="Ask the service in HOTSPOTS_ONLINE_GEOCODER: words leave.")
def geocode(
    *, texts: tuple[str, ...], file: Path | None, column: str | None, postcode_column: str | None,
    ward_column: str | None, borough_column: str | None, ward: str, borough: str, online: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Say where words are, offline: matched with an error radius, ambiguous with candidates, or unmatched."""
    if online and file:
        raise click.UsageError("A file is never sent to anyone; --online takes single texts.")
    if bool(texts) == bool(file) or bool(file) != bool(column):
        raise click.UsageError("Give texts, or --file FILE with --column NAME.")
    if online:
        if len(texts) > MOST_ONLINE:
            raise click.UsageError(f"At most {MOST_ONLINE} texts go online at once: no lists.")
        for answer in _ask_online(texts):
            click.echo(_line(answer) if as_json else _told(answer))
        return
    fixed = {"ward_gss_code": ward, "borough": borough}
    named = {"postcode": postcode_column, "ward_gss_code": ward_column, "borough": borough_column}
    geocoder = _geocoder()
    parts = _of_file(file, str(column), named, fixed) if file else [_asked(texts, {}, fixed)]
    for part in parts:
        answers = geocoder.answer(part)
        for row in answers.to_dict("records"):
            click.echo(_line(row) if as_json else _told(row))


def _geocoder() -> "Geocoder":
    """Open the gazetteer with the names that were learned here."""
    from mapping.access import Action, Kind, local_day, require
    from mapping.errors import NotFoundError
    from mapping.place_finding import opened as geocoder_of
    from mapping.settings import read_settings

    path = read_settings().gazetteer_path
    with opened() as (store, actor), store.reading() as session:
        require(actor, Action.VIEW, Kind.GAZETTEER, today=local_day(moment()))
        geocoder = geocoder_of(path, session)
    if geocoder is None:
        raise NotFoundError(
            "There is no gazetteer yet; build one with `hotspots gazetteer build --code-point FILE "
            "--open-names FILE`."
        )
    return geocoder


def _ask_online(texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Send the words of places to the service that the settings allow, and list what it answers.

    Every text is judged before the first is sent.
    """
    from mapping.errors import SettingsError
    from mapping.settings import read_settings
    from mapping.sources import geocoders
    from mapping.sources.kept import Kept

    settings = read_settings()
    service = settings.online_geocoder
    if service == "no":
        raise SettingsError(
            "Nothing is sent to anyone: HOTSPOTS_ONLINE_GEOCODER is no. Set it to nominatim or os-places "
            "if your information governance allows the words of a place to leave."
        )
    words = [_words_of_a_place(text) for text in texts]
    kept = Kept(settings.instance_dir / "fetched" / "answers")
    with geocoders.open_client(settings.online_geocoder_url, kept) as client:
        for text, sent in zip(texts, words, strict=True):
            say(geocoders.leaves(service, client.host, sent))
            _note_asked(service, client.host)
            yield _as_answer(text, geocoders.ask(client, service, sent, key=settings.os_places_key))


def _words_of_a_place(text: str) -> str:
    """Return what may be sent of a text: no identifier, no house number, and no description.

    Raises
    ------
    NotAllowedError
        It is longer than the words of a place are, or nothing of it is left.
    """
    from mapping import wording
    from mapping.errors import NotAllowedError
    from mapping.intake import redaction

    redacted = redaction.redact(text, leaving=("postcode",)).text
    bare = "".join("," if is_mark else part for part, is_mark in redaction.parts(redacted))
    parts = (" ".join(wording.without_door(part).split()) for part in bare.replace("\n", ",").split(","))
    words = ", ".join(part for part in parts if part)
    if not words or len(words) > MOST_LETTERS or len(words.split()) > MOST_WORDS:
        raise NotAllowedError(
            f"A text of {len(text)} characters is not the words of one place (at most {MOST_LETTERS} "
            f"characters and {MOST_WORDS} words once numbers are out), so nothing was sent; give the street "
            "and town alone."
        )
    return words


def _note_asked(service: str, host: str) -> None:
    """Write into the log that somebody is about to be asked; where that cannot be kept, nobody is."""
    from mapping.access import Action, Kind, local_day, require
    from mapping.store import audit

    with opened() as (store, actor), store.transaction() as session:
        require(actor, Action.VIEW, Kind.GAZETTEER, today=local_day(moment()))
        details = {"service": service, "host": host}
        audit.append(
            session, actor=actor, action="ask online", kind=Kind.GAZETTEER, details=details, now=moment()
        )


def _as_answer(text: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    blank = dict.fromkeys(("score", "easting_m", "northing_m", "error_m"), float("nan"))
    words_of = {"level": "", "ward_gss_code": "", "name": "", "disagreement": ""}
    status = "ambiguous" if found else "unmatched"
    return {"query": text, "status": status, **words_of, **blank, "candidates": tuple(found)}


def _asked(
    texts: Sequence[str], beside: Mapping[str, Sequence[str]], fixed: Mapping[str, str]
) -> "pd.DataFrame":
    """Put texts beside what is known of them; a column that says nothing is left out."""
    import pandas as pd

    held = {name: [value] * len(texts) for name, value in fixed.items() if value} | dict(beside)
    return pd.DataFrame({"query": list(texts), **held}, dtype="str")


def _of_file(
    path: Path, column: str, named: Mapping[str, str | None], fixed: Mapping[str, str]
) -> "Iterator[pd.DataFrame]":
    """Read the columns that were named, some thousand rows at a time.

    Raises
    ------
    FileRefusedError
        It is no table, or has no such column.
    """
    from mapping.errors import FileRefusedError
    from mapping.intake.readers import read_rows, shown

    for table in read_rows(path):
        held = {name.strip().casefold(): number for number, name in enumerate(table.columns)}
        wanted = {"query": column, **{name: said for name, said in named.items() if said}}
        missing = [said for said in wanted.values() if said.strip().casefold() not in held]
        if missing:
            heads = ", ".join(name[:30] for name in table.columns[:12])
            raise FileRefusedError(
                shown(path.name), [f"It has no column {', '.join(missing)}; its columns are {heads}."]
            )
        places = {name: held[said.strip().casefold()] for name, said in wanted.items()}
        rows: list[list[str]] = []
        for row in table.rows:
            rows.append([row[at] if at < len(row) else "" for at in places.values()])
            if len(rows) == _AT_ONCE:
                yield _part(rows, list(places), fixed)
                rows = []
        if rows:
            yield _part(rows, list(places), fixed)


def _part(rows: Sequence[Sequence[str]], names: Sequence[str], fixed: Mapping[str, str]) -> "pd.DataFrame":
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return _asked(columns.pop("query"), columns, fixed)


def _line(row: Mapping[Any, Any]) -> str:
    """Write an answer as one JSON object; what is not known is null."""
    plain = {name: _plain(row[name]) for name in KEYS}
    return json.dumps(plain, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else round(float(value), 4)
    if isinstance(value, tuple):
        return [{name: _plain(one) for name, one in candidate.items()} for candidate in value]
    return value


def _told(row: Mapping[Any, Any]) -> str:
    """Write an answer for a person."""
    if row["status"] == "matched":
        where = f"{row['easting_m']:.0f}, {row['northing_m']:.0f} within {row['error_m']:.0f} m"
        ward = f", ward {row['ward_gss_code']}" if row["ward_gss_code"] else ""
        doubt = f"; {row['disagreement']}" if row["disagreement"] else ""
        return (
            f"{row['query']}: {row['name']} ({row['level']}), {where}{ward}, score {row['score']:.2f}{doubt}"
        )
    listed = "; ".join(f"{one['name']} {one['ward_gss_code']}".strip() for one in row["candidates"])
    doubt = f" ({row['disagreement']})" if row["disagreement"] else ""
    return f"{row['query']}: {row['status']}{doubt}{': ' + listed if listed else ''}"
