"""What every command shares: options that take several values, errors as sentences, progress.

`--wards a.geojson b.geojson` is how people (and shells, with `*.geojson`) write several files.
Click wants the option repeated, so the words after a spreading option are repeated for it.
"""

import sys
import traceback
import uuid
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import click

from mapping.errors import MappingError, NotAllowedError

if TYPE_CHECKING:
    import pandas as pd

UNEXPECTED: Final = 1
REFUSED_INPUT: Final = 3
REFUSED_RULE: Final = 4


def command(group: click.Group, name: str, *, spread: Sequence[str] = ()) -> Callable[[Any], click.Command]:
    """Register a command with `--json`, spreading options and errors that are sentences."""

    def register(function: Callable[..., None]) -> click.Command:
        with_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(function)
        made = _Command.of(with_json, name, tuple(spread))
        group.add_command(made)
        return made

    return register


class _Command(click.Command):
    """A command that lets an option take several words and never shows a traceback."""

    spread: tuple[str, ...] = ()

    @classmethod
    def of(cls, function: Callable[..., None], name: str, spread: tuple[str, ...]) -> "click.Command":
        made = click.command(name, cls=cls)(function)
        made.spread = spread
        return made

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, spread_values(args, self.spread))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MappingError as error:
            say(str(error))
            ctx.exit(REFUSED_RULE if isinstance(error, NotAllowedError) else REFUSED_INPUT)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception as error:  # anything else is a fault here: a number to quote, never the data
            reference = uuid.uuid4().hex[:8]
            where = traceback.extract_tb(error.__traceback__)[-1]
            say(
                f"Something went wrong that should not have ({type(error).__name__} at {where.name}, line "
                f"{where.lineno}; reference {reference}). Nothing was stored. Please report it."
            )
            ctx.exit(UNEXPECTED)


def spread_values(args: Sequence[str], spread: Sequence[str]) -> list[str]:
    """Repeat a spreading option for every word that follows it, up to the next option."""
    out: list[str] = []
    option = ""
    fresh = False
    for word in args:
        if word.startswith("-") and word != "-":
            option, fresh = (word, True) if word in spread else ("", False)
            out.append(word)
        elif option and not fresh:
            out += [option, word]
        else:
            fresh = False
            out.append(word)
    return out


def say(text: str) -> None:
    """Say something to the person, on standard error."""
    click.echo(text, err=True)


class Progress:
    """A bar on standard error while a person waits; silent when nobody looks."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> "Progress":
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bar

            columns = (TextColumn("{task.description:24}"), BarColumn(), TimeElapsedColumn())
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("starting", total=1.0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, share: float, stage: str) -> None:
        """Show the share done and the stage."""
        if self._bar is not None:
            self._bar.update(self._task, description=stage, completed=share)


def show_table(table: "pd.DataFrame") -> None:
    """Print a frame as a table on standard output."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(*[str(column) for column in table.columns])
    for row in table.itertuples(index=False):
        shown.add_row(*[Text(str(value)) for value in row])  # `[red]` in a file is a word here
    Console(width=None if sys.stdout.isatty() else 160).print(shown)
