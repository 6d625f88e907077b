"""Queries a second on one core, the product and its peer by turns in one run; medians of five.

python -m benchmarks.geocoding.speed
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pandas as pd

from benchmarks.geocoding import product
from benchmarks.geocoding.misspell import fold
from benchmarks.geocoding.peer import Peer
from benchmarks.geocoding.reference import entries, load_reference
from benchmarks.geocoding.where import data_folder
from mapping.places.geocoder import Geocoder

ROUNDS = 5
PEER_QUERIES = 400  # of each kind; the peer would need minutes for all


def misspelt(name: str, random: Random) -> str:
    """Drop, double or swap one letter."""
    at = random.randrange(1, len(name) - 1)
    return random.choice(
        [name[:at] + name[at + 1 :], name[:at] + name[at] + name[at:],
         name[:at] + name[at + 1] + name[at] + name[at + 2 :]]
    )  # fmt: skip


def rate(answer: Callable[[pd.DataFrame], object], texts: list[str]) -> float:
    """Return queries a second."""
    frame = pd.DataFrame({"query": texts})
    started = time.perf_counter()
    answer(frame)
    return len(texts) / (time.perf_counter() - started)


def main() -> int:
    """Time both and print the ratios."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    folder = data_folder()
    if folder is None:
        print("Skipped: set WARD_HOTSPOTS_TEST_DATA to the folder of open data.", file=sys.stderr)
        return 0
    reference = load_reference(folder)
    held = entries(reference, "everything")
    random = Random(1)
    names = [name for name in held.anchors["name"].unique() if len(fold(name)) > 5]
    texts = {
        "exact street": names,
        "exact postcode": held.postcodes["postcode"].tolist(),
        "misspelt street": [misspelt(name, random) for name in names],
    }
    with tempfile.TemporaryDirectory() as place:
        geocoder, peer = Geocoder(product.build_from(held, reference, Path(place))), Peer(held)
        for kind, asked in texts.items():
            few = random.sample(asked, PEER_QUERIES)
            own, other = [], []
            for _ in range(ROUNDS):
                own.append(rate(geocoder.answer, asked))
                other.append(rate(peer.answer, few))
            ours, theirs = statistics.median(own), statistics.median(other)
            ratio = f"FTS5 and WRatio {theirs:8,.0f}: {ours / theirs:6.1f} times"
            print(f"{kind:16s} {ours:10,.0f} a second, {ratio}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
