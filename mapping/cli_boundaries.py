"""The command that holds two editions of wards against each other."""

import json

import click

from mapping.cli_geocode import cli
from mapping.cli_store import boundaries, moment, opened
from mapping.cli_terminal import command, show_table

__all__ = ["cli"]


@command(boundaries, "compare")
@click.argument("old")
@click.argument("new")
def compare_boundaries(*, old: str, new: str, as_json: bool) -> None:
    """Say what became of each ward of one edition in another, by its ground and never by its name."""
    from mapping.access import Action, Kind, local_day, require
    from mapping.errors import ConflictError
    from mapping.places.editions import changes, compare
    from mapping.store import boundaries as held

    with opened() as (store, actor), store.reading() as session:
        require(actor, Action.VIEW, Kind.BOUNDARY, today=local_day(moment()))
        editions = [held.named(session, name) for name in (old, new)]
        if len({edition.level for edition in editions}) > 1:
            said = " and ".join(f"{edition.name} holds {edition.level}s" for edition in editions)
            raise ConflictError(f"{said}; compare two editions of one level.")
        sides = [held.wards(session, edition.edition_id) for edition in editions]
    found = changes(compare(*sides))
    if as_json:
        click.echo(json.dumps({"old": old, "new": new, "wards": json.loads(found.to_json(orient="records"))}))
        return
    counted = found.groupby(["edition", "change"]).size().reset_index(name="total")
    for row in counted.itertuples(index=False):
        click.echo(f"{row.total} of the {row.edition} wards: {row.change}")
    show_table(found[["edition", "code", "name", "change", "other_code", "other_name"]])
