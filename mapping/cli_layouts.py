"""The commands about layouts: those there are, and learning one from a file nobody has described."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mapping import cli_options as options
from mapping.cli_fetch import cli
from mapping.cli_store import moment, opened
from mapping.cli_terminal import command, say, show_table

if TYPE_CHECKING:
    from mapping.access import Actor
    from mapping.intake.category_words import Words
    from mapping.intake.drafts import Draft, Problem
    from mapping.intake.guessing import ColumnGuess, Guess
    from mapping.intake.layout import Area, Layout
    from mapping.intake.samples import Sample
    from mapping.intake.trials import TriedRow
    from mapping.store.engine import Store


@dataclass(frozen=True)
class Described:
    """A file as it was looked at, what was guessed and said of it, and what is still wrong with that."""

    sample: "Sample"
    guess: "Guess"
    words: "Words"
    draft: "Draft"
    wrong: "list[Problem]"


@cli.group()
def layouts() -> None:
    """Layouts: what the columns of a source's files are."""


@command(layouts, "list")
def list_layouts(*, as_json: bool) -> None:
    """List the layouts that ship and those that were made here."""
    from mapping.intake import layout as shipped
    from mapping.store import layouts as held

    with opened() as (store, actor), store.reading() as session:
        made = held.list_all(session, visible_to=_partners(actor))
    rows = [
        {"name": name, "title": shipped.load(name).title, "made_by": "", "made_at": ""}
        for name in shipped.names()
    ]
    rows += [
        {
            "name": one.name,
            "title": one.title,
            "made_by": one.account_name,
            "made_at": one.created_at.isoformat(),
        }
        for one in made
    ]
    if as_json:
        click.echo(json.dumps({"layouts": rows}))
        return
    for row in rows:
        by = (
            f"  (made by {row['made_by']}, {row['made_at'][:10]})"
            if row["made_by"]
            else "  (comes with the system)"
        )
        click.echo(f"{row['name']:<28} {_line(row['title'])}{by}")


@command(layouts, "show")
@click.argument("name")
def show_layout(*, name: str, as_json: bool) -> None:
    """Print a layout as TOML."""
    from mapping.intake.layout import to_toml
    from mapping.store import layouts as held

    with opened() as (store, actor), store.reading() as session:
        layout = held.resolve(session, name, visible_to=_partners(actor))
    text = to_toml(layout)
    click.echo(json.dumps({"name": layout.name, "title": layout.title, "toml": text}) if as_json else text)


@command(layouts, "learn", spread=("--set", "--map"))
@click.argument("file", type=options.FILE)
@click.option("--title", default="", help="What this kind of file is called; else a name out of the file's.")
@click.option("--name", default="", help="Short name to keep it under, if not one made from the title.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Say what a column is; FIELD= leaves a field out.",
)
@click.option("--dates", help="How dates are written: 'day first', 'month first', 'year first' or 'month'.")
@click.option(
    "--map", "maps", multiple=True, metavar="WORD=CATEGORY", help="Say what a word of the source means."
)
@click.option(
    "--identity",
    "identity",
    multiple=True,
    metavar="FIELD",
    help="What tells rows without a reference apart.",
)
@click.option("--kind", help="'reports' (somebody told of it) or 'intelligence' (assessed, never counted).")
@click.option("--agency", help="Agency that holds the records; else the account's own.")
@click.option("--source", help="Name of the source, if not the layout's.")
@click.option("--handling", help="P (may be shared with the signatories) or C (with conditions).")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the layout to this file as TOML."
)
@click.option("--save", is_flag=True, help="Keep the layout in the store; without it nothing is stored.")
def learn(*, file: Path, out: Path | None, save: bool, as_json: bool, **choices: Any) -> None:
    """Guess what the columns of FILE are, and show ten rows as they would be read.

    Change what is wrong with --set, --dates and --map, then add --save: `hotspots import NAME FILE`
    reads such files from then on.
    """
    from mapping import store_import
    from mapping.access import local_day
    from mapping.errors import SettingsError
    from mapping.intake.layout import to_toml
    from mapping.store import layouts as held

    with opened() as (store, actor):
        found = _described(store, actor, file, choices)
        area = store_import.expected_area(store, today=local_day(moment()))
        layout = None if found.wrong else _layout(found, choices["name"])
        if layout is not None and save:
            with store.transaction() as session:
                held.save(session, layout, actor=actor, now=moment())
    _show(found, layout, area, is_saved=save, as_json=as_json)
    if layout is None and (save or out):
        raise SettingsError(f"Nothing was kept. {' '.join(problem.text for problem in found.wrong)}")
    if layout is not None and out is not None:
        out.write_text(to_toml(layout), encoding="utf-8")


def _described(store: "Store", actor: "Actor", file: Path, choices: dict[str, Any]) -> Described:
    """Look at the file, guess, and change the guess as the options say."""
    from mapping.intake import category_words, drafts, guessing, samples
    from mapping.intake import layout as shipped
    from mapping.store import agencies
    from mapping.store import layouts as held

    sample = samples.take(file)
    with store.reading() as session:
        made = held.readable(session, visible_to=_partners(actor))
        owner = (
            agencies.find(session, choices["agency"])
            if choices["agency"]
            else agencies.get(session, actor.agency_id)
        )
    guess = guessing.guess(sample.columns, sample.rows, known=made)
    chosen = _with_sets(
        {column.heading: column.field for column in guess.columns if column.field},
        choices["sets"],
        sample.columns,
    )
    headings = [heading for heading, field in chosen.items() if field in ("category", "closing")]
    counts = samples.count_words(samples.read_table(file), headings) if headings else {}
    words = category_words.suggest(counts, [*(shipped.load(name) for name in shipped.names()), *made])
    draft = drafts.Draft(
        columns=chosen,
        dates=choices["dates"] or guess.dates.order,
        title=choices["title"] or drafts.title_of(file.name),
        source_agency=owner.agency_id if owner else "",
        handling=choices["handling"] or "P",
        source=choices["source"] or "",
        categories={word.text: word.category for word in words.listed}
        | _pairs(choices["maps"], "--map", last=True),
        identity=choices["identity"] or _identity(chosen),
        kind=choices["kind"] or guess.kind,
    )
    return Described(sample, guess, words, draft, drafts.problems_of(draft, guess))


def _with_sets(guessed: dict[str, str], sets: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """Change which column is what: `--set place=Street`, or `--set place=` to leave the field out."""
    from mapping.intake.headings import fold

    found = dict(guessed)
    for field, column in _pairs(sets, "--set", last=False).items():
        found = {heading: named for heading, named in found.items() if named != field}
        if column:
            heading = next((heading for heading in columns if fold(heading) == fold(column)), None)
            if heading is None:
                raise click.UsageError(f"--set {field}: this file has no such column.")
            found[heading] = field
    return found


def _identity(chosen: dict[str, str]) -> tuple[str, ...]:
    from mapping.intake.guessing import IDENTITY

    return (
        ()
        if "reference" in chosen.values()
        else tuple(field for field in IDENTITY if field in chosen.values())
    )


def _pairs(texts: Sequence[str], option: str, *, last: bool) -> dict[str, str]:
    """Split `A=B`; a word of the source may hold the sign itself, so there the last one parts them."""
    found = {}
    for text in texts:
        left, sign, right = text.rpartition("=") if last else text.partition("=")
        if not sign or not left.strip():
            raise click.UsageError(f"{option} needs two things parted by =, such as {option} place=Street.")
        found[left.strip()] = right.strip()
    return found


def _layout(found: Described, name: str) -> "Layout":
    from mapping.intake import drafts

    layout = drafts.to_layout(found.draft, drafts.as_rows(found.sample.columns, found.sample.rows))
    short = drafts.slug(name) or layout.name
    return replace(layout, name=short, source=found.draft.source or short)


def _partners(actor: "Actor") -> frozenset[str]:
    from mapping.access import local_day
    from mapping.store import layouts as held

    return held.partners(actor, today=local_day(moment()))


def _line(text: str) -> str:
    """Write a text of a file on one line of a terminal, which must not take orders from it."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:60]


def _show(
    found: Described, layout: "Layout | None", area: "Area | None", *, is_saved: bool, as_json: bool
) -> None:
    from mapping.intake import trials

    rows = [] if layout is None else trials.try_rows(found.sample, layout, now=moment(), area=area)
    if as_json:
        click.echo(json.dumps(_as_json(found, layout, rows, is_saved=is_saved and layout is not None)))
        return
    _show_columns(found)
    _show_words(found)
    if rows:
        _table([_tried(row) for row in rows])
    for problem in found.wrong:
        say(f"{_line(problem.heading)}: {problem.text}" if problem.heading else problem.text)
    if layout is not None and is_saved:
        say(f"Kept as {layout.name}: read such files with `hotspots import {layout.name} FILE`.")
    elif layout is not None:
        say(f"Nothing was stored. Add --save to keep it as {layout.name}.")


def _table(rows: list[dict[str, Any]]) -> None:
    import pandas as pd

    show_table(pd.DataFrame(rows))


def _show_columns(found: Described) -> None:
    guess, draft = found.guess, found.draft
    for message in found.sample.messages:
        say(message)
    for fit in guess.fits[:3]:
        title = _line(fit.title)
        say(f"This looks like {title}: `hotspots import {fit.name} FILE` reads {fit.columns} of its columns.")
    _table([_guessed(column, draft.columns.get(column.heading, "")) for column in guess.columns])
    doubt = (
        ", though they do not show whether the day or the month comes first"
        if guess.dates.is_ambiguous
        else ""
    )
    click.echo(f"Dates are read {draft.dates}{doubt}.")


def _show_words(found: Described) -> None:
    words = found.words
    if words.listed:
        chosen = found.draft.categories
        _table(
            [
                {
                    "Word": _line(word.text),
                    "Rows": word.rows,
                    "Category": chosen[word.text],
                    "Why": word.reason,
                }
                for word in words.listed
            ]
        )
    if words.is_capped:
        say(f"{words.distinct:,} different words; the {len(words.listed)} commonest are listed.")


def _guessed(column: "ColumnGuess", field: str) -> dict[str, str]:
    sure = "sure" if column.confidence >= 0.75 else "likely" if column.confidence >= 0.4 else "a guess"
    is_guess = field == column.field
    return {
        "Column": _line(column.heading),
        "Read as": field or "-",
        "How sure": sure if field and is_guess else "",
        "Why": column.reason if is_guess else "You said so.",
    }


def _tried(row: "TriedRow") -> dict[str, Any]:
    """Say how a row would be read, without its free text and without a house number."""
    from mapping.periods import LONDON
    from mapping.wording import public_place

    if row.refused:
        return {
            "Row": row.row,
            "What": "refused",
            "When": "",
            "Where": "",
            "Point": "",
            "Why": "; ".join(row.refused),
        }
    when = ""
    if row.occurred_from is not None:
        shape = {"month": "%Y-%m", "day": "%Y-%m-%d"}.get(row.time_precision, "%Y-%m-%d %H:%M")
        when = row.occurred_from.astimezone(LONDON).strftime(shape)
    has_point = row.easting_m is not None and row.northing_m is not None
    return {
        "Row": row.row,
        "What": row.category,
        "When": when,
        "Where": public_place(row.place),
        "Point": f"{row.easting_m:.0f}, {row.northing_m:.0f}" if has_point else "",
        "Why": "; ".join(row.doubts),
    }


def _as_json(
    found: Described, layout: "Layout | None", rows: "Sequence[TriedRow]", *, is_saved: bool
) -> dict[str, Any]:
    from mapping.intake.layout import to_toml

    guess, draft, words = found.guess, found.draft, found.words
    return {
        "layout": layout.name if layout else "",
        "is_saved": is_saved,
        "fits": [vars(fit) for fit in guess.fits],
        "rows_in": found.sample.rows_in,
        "columns": [
            {
                "column": column.heading,
                "field": draft.columns.get(column.heading, ""),
                "guess": column.field,
                "reason": column.reason,
                "confidence": column.confidence,
                "hidden": column.hidden,
            }
            for column in guess.columns
        ],
        "dates": {**vars(guess.dates), "order": draft.dates},
        "identity": list(draft.identity),
        "kind": draft.kind,
        "handling": draft.handling,
        "source_agency": draft.source_agency,
        "categories": [
            {
                "word": word.text,
                "rows": word.rows,
                "category": draft.categories[word.text],
                "reason": word.reason,
            }
            for word in words.listed
        ],
        "words": words.distinct,
        "preview": [{key.casefold(): value for key, value in _tried(row).items()} for row in rows],
        "problems": [{"part": one.part, "column": one.heading, "text": one.text} for one in found.wrong],
        "messages": list(found.sample.messages),
        "toml": to_toml(layout) if layout else "",
    }
