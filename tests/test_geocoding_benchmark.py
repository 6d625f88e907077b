"""The benchmark that judges the geocoder: its labels hold, and the geocoder keeps a floor on it."""

import ast
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.geocoding import handwritten, noise
from benchmarks.geocoding.judge import judge
from benchmarks.geocoding.reference import entries, load_reference
from benchmarks.geocoding.run import judged

HERE = Path(noise.__file__).parent
JUDGING = ("judge.py", "product.py", "run.py", "speed.py", "peer.py")


@pytest.fixture(scope="module")
def reference(real_data):
    return load_reference(real_data)


@pytest.fixture(scope="module")
def queries(reference):
    return noise.make_queries(reference, seed=1, n=800)


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_what_makes_the_noise_shares_nothing_with_what_it_judges():
    for path in HERE.glob("*.py"):
        if path.name not in JUDGING:
            ours = {name for name in imported(path) if name.startswith("mapping")}
            assert ours <= {"mapping.crs"}, path.name


def test_a_seed_makes_the_same_queries_again(reference, queries):
    assert noise.make_queries(reference, seed=1, n=800).equals(queries)
    assert not noise.make_queries(reference, seed=2, n=800).equals(queries)


def test_streets_that_are_held_out_are_in_no_gazetteer_that_is_judged(reference):
    held_out = set(reference.anchors.loc[reference.anchors["is_held_out_street"], "name"])
    assert len(held_out) > 50
    for part in ("full", "calibration"):
        assert not held_out & set(entries(reference, part).anchors["name"])


def test_what_is_called_ambiguous_has_two_places(reference, queries):
    bare = queries[queries["noise_class"] == "same_name_bare"]
    assert len(bare) >= 20
    assert set(bare["expected_status"]) == {"ambiguous"}


def test_every_handwritten_query_can_be_resolved(reference):
    rows = handwritten.load(reference)
    assert len(rows) >= 200
    assert rows["query"].is_unique
    assert set(rows["expected_status"]) == {"matched", "ambiguous", "unmatched", "not matched"}


def test_the_geocoder_keeps_its_floor(reference, queries):
    for asked, part in ((queries, "full"), (handwritten.load(reference), "everything")):
        told = judged(reference, asked, part).summary()
        assert told["accuracy_at_1"] >= 0.95
        assert told["right_scoring_sure"] >= 0.9
        assert told["wrong_among_sure"] < 0.01
        assert told["ambiguous_answered_ambiguous"] >= 0.9
        assert told["unanswerable_not_matched"] >= 0.9


def test_a_judge_that_is_told_nothing_finds_nothing_right(reference, queries):
    facts = {"status": "matched", "level": "street", "score": 0.99, "name": "x", "error_m": 1.0}
    blank = pd.DataFrame(facts | {"easting_m": 0.0, "northing_m": 0.0}, index=queries.index)
    told = judge(queries, blank, reference).summary()
    assert told["accuracy_at_1"] == 0.0
    assert told["wrong_among_sure"] == 1.0
