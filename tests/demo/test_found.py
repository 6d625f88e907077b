"""What was planted in Newmouth is what a run finds; many boroughs in `make prove`."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
import demo_truth

from mapping.demo import DEFAULT_SEED


def judged(seeds):
    verdicts = [demo_truth.judge_seed(seed, "2026-09", 24, 3)[0] for seed in seeds]
    return np.mean([v.recall for v in verdicts]), np.mean([v.precision for v in verdicts])


def test_the_shipped_borough_s_places_are_found():
    recall, precision = judged([DEFAULT_SEED])
    assert recall >= 0.8 and precision >= 0.7  # one borough of eleven places: each is nine points of recall


@pytest.mark.prove
def test_twenty_boroughs_never_looked_at_while_building():
    recall, precision = judged(range(600, 620))
    print(f"recall {recall:.3f} precision {precision:.3f} over seeds 600-619")
    assert recall >= 0.9 and precision >= 0.8
