"""Judge the geocoder, and its peer, on noisy and on handwritten queries.

    python -m benchmarks.geocoding.run [--seeds 100:103] [--n 4000] [--peer] [--json]

Accuracy is judged on the part `full` of the data, what `error_m` holds on the part `calibration`, which a
third of the truth points were kept from (see `reference.py`).
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.geocoding import handwritten, product
from benchmarks.geocoding.judge import Judged, judge
from benchmarks.geocoding.noise import make_queries
from benchmarks.geocoding.peer import Peer
from benchmarks.geocoding.reference import Reference, entries, load_reference
from benchmarks.geocoding.where import data_folder


def judged(reference: Reference, queries: pd.DataFrame, part: str, *, peer: bool = False) -> Judged:
    """Answer and judge queries with a gazetteer of one part of the data."""
    held = entries(reference, part)  # type: ignore[arg-type]
    if peer:
        return judge(queries, Peer(held).answer(queries), reference)
    with tempfile.TemporaryDirectory() as folder:
        gazetteer = product.build_from(held, reference, Path(folder))
        return judge(queries, product.answers(gazetteer, queries), reference)


def main() -> int:
    """Judge what was asked for and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", default="1:2", help="first:last, the last not included")
    parser.add_argument("--n", type=int, default=4000, help="queries a seed")
    parser.add_argument("--peer", action="store_true", help="judge the peer beside it")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    folder = data_folder()
    if folder is None:
        print("Skipped: set WARD_HOTSPOTS_TEST_DATA to the folder of open data.", file=sys.stderr)
        return 0
    reference = load_reference(folder)
    first, last = map(int, chosen.seeds.split(":"))
    queries = pd.concat([make_queries(reference, seed=seed, n=chosen.n) for seed in range(first, last)])
    by_hand = {name: handwritten.load(reference, path) for name, path in handwritten.LISTS.items()}
    results = {"noisy": judged(reference, queries, "full")}
    results |= {name: judged(reference, one, "everything") for name, one in by_hand.items()}
    if chosen.peer:
        results["noisy, peer"] = judged(reference, queries, "full", peer=True)
        for name, one in by_hand.items():
            results[f"{name}, peer"] = judged(reference, one, "everything", peer=True)
    coverage = judged(reference, queries, "calibration").coverage()
    if chosen.json:
        told = {name: one.summary() for name, one in results.items()}
        print(json.dumps(told | {"coverage": coverage.reset_index().to_dict("records")}))
        return 0
    print(pd.DataFrame({name: one.summary() for name, one in results.items()}).round(4).to_string())
    print(results["noisy"].by_class().to_string())
    print(coverage.to_string())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
