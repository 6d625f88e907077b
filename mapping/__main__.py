"""`python -m mapping` is the `hotspots` command."""

from mapping.cli import main

if __name__ == "__main__":
    main()
