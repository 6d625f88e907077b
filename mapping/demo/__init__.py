"""Newmouth in Exampleshire: an invented borough whose hotspots are known because they were planted.

For trying the product without anyone's data, and for asking a run what it found. Nothing here is
shared with what it judges: places, times and noise are drawn by code of their own.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mapping.demo.files import DemoPaths

DEFAULT_SEED: Final = 3


def build(seed: int, out_dir: Path) -> "DemoPaths":
    """Write one borough: map layers, five sources in layout `warden-log`, names of places, truth, partners.

    Parameters
    ----------
    seed : int
        The same seed writes the same bytes; another seed is another borough.
    out_dir : Path
        Made if it is not there; files of the same names are replaced.

    Returns
    -------
    DemoPaths
    """
    import numpy as np  # the command line need not pay for this

    from mapping.demo import events, files, intensity, mixes, names, telling, truth
    from mapping.demo.town import make_town

    rngs = [np.random.default_rng([seed, stage]) for stage in range(10, 14)]
    town = make_town(seed)
    background = intensity.background(town, mixes.background_mix(), rngs[0])
    planted = truth.plant(town, background, events.REPORTS_WANTED / 2, rngs[1])
    happened = events.happen(town, background, planted, rngs[2])
    told = telling.tell(town, happened, planted, rngs[3])
    folder = Path(out_dir)
    layers = files.write_layers(town, folder)
    sources = files.write_sources(told, folder / "sources")
    files.write_truth(town, happened, planted, told, folder / "truth.json")
    files.write_agencies(folder / "agencies.json")
    known = names.write(town, folder / "gazetteer")
    return files.DemoPaths(
        folder, **layers, sources=sources, truth=folder / "truth.json", agencies=folder / "agencies.json",
        **known,
    )  # fmt: skip


def renew_edition(folder: str | Path) -> None:
    """Write the ward edition that ships, in `data/boundaries/demo`, from the default seed."""
    from mapping.demo import files
    from mapping.demo.town import make_town

    files.write_edition(make_town(DEFAULT_SEED), Path(folder))
