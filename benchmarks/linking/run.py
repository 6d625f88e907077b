"""Which reports of several sources are joined as one event, held against the demo's planted truth.

    python -m benchmarks.linking.run [--seeds 700:720] [--found] [--json]

Beside it a rule that anybody would write first: same category, within 50 m and 30 minutes. With `--found`
reports without a point are first looked up in the borough's gazetteer, as an import does.
"""

import argparse
import datetime as dt
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from mapping import demo, intake
from mapping.demo.files import DemoPaths
from mapping.intake.event_groups import candidate_links
from mapping.place_finding import look_up
from mapping.places.gazetteer import Gazetteer
from mapping.places.gazetteer_build import Sources, build
from mapping.places.geocoder import Geocoder

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
RULE_M, RULE_MIN = 50.0, 30.0

Pair = frozenset[str]


@dataclass(frozen=True)
class Score:
    """Links of one borough: those joined, those queued for a person, those of the rule."""

    seed: int
    true: int
    joined: int
    right: int
    queued: int
    queued_right: int
    rule: int
    rule_right: int

    @property
    def precision(self) -> float:
        """Share of the joined that are true."""
        return self.right / self.joined if self.joined else float("nan")

    @property
    def recall(self) -> float:
        """Share of the true that are joined."""
        return self.right / self.true


def judged(seed: int, *, find: bool) -> Score:
    """Build one borough, link its reports and hold them against what was planted."""
    with tempfile.TemporaryDirectory() as folder:
        paths = demo.build(seed, Path(folder))
        reports = intake.read_reports(list(paths.sources), "warden-log", now=NOW).reports
        truth = {frozenset(pair) for pair in json.loads(paths.truth.read_text(encoding="utf-8"))["pairs"]}
        if find:
            reports = _found(reports, paths, Path(folder))
    keys = (reports["source"] + ":" + reports["reference"]).to_numpy(dtype=object)
    links = candidate_links(reports)
    sets = {
        state: _pairs(keys, *(links.loc[links["state"] == state, side] for side in ("first", "second")))
        for state in ("joined", "queued")
    }
    rule = _by_rule(reports, keys)
    return Score(
        seed, len(truth), len(sets["joined"]), len(sets["joined"] & truth), len(sets["queued"]),
        len(sets["queued"] & truth), len(rule), len(rule & truth),
    )  # fmt: skip


def _found(reports: pd.DataFrame, paths: DemoPaths, folder: Path) -> pd.DataFrame:
    sources = Sources((paths.code_point,), (), (paths.street_points,), (), (paths.places,))
    build(folder / "gazetteer.sqlite", sources)
    with Gazetteer.open(folder / "gazetteer.sqlite") as gazetteer:
        return look_up(Geocoder(gazetteer), reports)


def _pairs(keys: np.ndarray, first: pd.Series, second: pd.Series) -> set[Pair]:
    chosen = zip(first.to_numpy(dtype=int), second.to_numpy(dtype=int), strict=True)
    return {frozenset((str(keys[one]), str(keys[other]))) for one, other in chosen}


def _by_rule(reports: pd.DataFrame, keys: np.ndarray) -> set[Pair]:
    """Pair reports of unlike sources and like category within 50 m and 30 minutes."""
    held = np.flatnonzero(reports["easting_m"].notna().to_numpy())
    points = reports[["easting_m", "northing_m"]].to_numpy()[held]
    near = held[cKDTree(points).query_pairs(RULE_M, output_type="ndarray")]
    minutes = reports["occurred_from"].to_numpy(dtype="datetime64[s]").astype(np.int64) / 60
    source, category = (reports[name].to_numpy(dtype=object) for name in ("source", "category"))
    one, other = near[:, 0], near[:, 1]
    is_pair = np.abs(minutes[one] - minutes[other]) <= RULE_MIN
    is_pair &= (source[one] != source[other]) & (category[one] == category[other])
    return _pairs(keys, pd.Series(one[is_pair]), pd.Series(other[is_pair]))


def main() -> int:
    """Judge the seeds asked for."""
    parser = argparse.ArgumentParser(description="Link the demo's reports and judge the links.")
    parser.add_argument("--seeds", default="1:4", help="first:last, the last not included")
    parser.add_argument("--found", action="store_true", help="look up reports without a point first")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    first, last = map(int, chosen.seeds.split(":"))
    scores = [judged(seed, find=chosen.found) for seed in range(first, last)]
    table = pd.DataFrame([asdict(score) for score in scores])
    if chosen.json:
        print(json.dumps(table.to_dict("records")))
        return 0
    table["precision"] = [round(score.precision, 4) for score in scores]
    table["recall"] = [round(score.recall, 4) for score in scores]
    print(table.to_string(index=False))
    total = table.sum()
    for name, right, of in (("joined", "right", "joined"), ("rule", "rule_right", "rule")):
        told = f"precision {total[right] / total[of]:.4f}, recall {total[right] / total['true']:.4f}"
        print(f"{name}: {told}")
    print(f"queued: {total['queued']:.0f}, of them true {total['queued_right']:.0f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
