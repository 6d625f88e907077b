"""Two boroughs whose pairs are known: what is joined is right, and most of what could be is."""

import datetime as dt

import pytest

from mapping import demo
from mapping.demo.judge import load_truth
from mapping.intake import read_reports
from mapping.intake.event_groups import candidate_links, join_incidents

NOW = dt.datetime(2026, 10, 2, 8, tzinfo=dt.UTC)


@pytest.mark.parametrize("seed", [801, 802])
def test_most_events_told_twice_are_joined_and_hardly_any_others(seed, tmp_path):
    paths = demo.build(seed, tmp_path)
    reports = read_reports(list(paths.sources), "warden-log", now=NOW).reports
    pairs = load_truth(paths.truth)["pairs"]
    links = candidate_links(reports)
    key = (reports["source"] + ":" + reports["reference"]).tolist()
    truth = {frozenset(pair) for pair in pairs}
    joined = links[links["state"] == "joined"]
    right = [
        frozenset((key[a], key[b])) in truth for a, b in zip(joined["first"], joined["second"], strict=True)
    ]
    assert sum(right) / len(right) >= 0.97
    assert sum(right) / len(pairs) >= 0.80  # one pair in nine has a report without a point
    assert (links["state"] == "queued").sum() < 60
    assert len(join_incidents(reports)[0]) == len(reports) - len(joined)
