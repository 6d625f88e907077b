"""`python -m mapping` is the `hotspots` command, but for serving the site."""

from mapping.cli_backtest import cli

if __name__ == "__main__":
    cli(prog_name="hotspots")
