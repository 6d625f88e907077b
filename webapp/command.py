"""The `hotspots` command whole: the work of `mapping`, and `serve`, which only the site can do."""

import click

from mapping.cli_backtest import cli
from mapping.cli_terminal import command


def main() -> None:
    """Run the command line."""
    cli(prog_name="hotspots")


@command(cli, "serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
def serve(*, host: str, port: int, as_json: bool) -> None:  # noqa: ARG001 - every command takes --json
    """Serve the site until stopped."""
    from mapping.settings import read_settings
    from mapping.store.engine import upgrade
    from webapp import server

    settings = read_settings()
    upgrade(settings.database_url)
    click.echo(f"The site is on http://{host}:{port} (Ctrl+C stops it).", err=True)
    server.serve(settings, host=host, port=port)
