"""Who sees a place, and who does not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

from mapping.hotspots.source_mix import Mix, Seen, Share, name_of

WEST, EAST = "E05999001", "E05999002"


def told(*rows):
    """Return incidents of (source or sources, how many, category, ward)."""
    frame = pd.DataFrame(
        [row for row in rows for _ in range(row[1])],
        columns=["told_by", "many", "category", "ward_gss_code"],
    )
    return frame.assign(source=frame["told_by"].str.partition(";")[0])


def asb(source, many, ward=WEST):
    return (source, many, "ASB nuisance" if source == "warden-log" else "Anti-social behaviour", ward)


def test_chances_are_those_of_fisher_s_exact_test():
    # The ward: 40 reports by wardens and 40 by 101; here 14 and 1.
    #            here  elsewhere
    #   wardens    14         26
    #   101         1         39     usual: 15 x 40 / 80 = 7.5 each
    incidents = told(asb("warden-log", 40), asb("command-and-control", 40))
    here = [*range(14), 40]
    seen = Mix.of(incidents).at(here)
    wardens, calls = seen.shares
    assert (wardens.source, wardens.count, wardens.usual) == ("warden-log", 14, 7.5)
    assert (calls.source, calls.count, calls.usual) == ("command-and-control", 1, 7.5)
    table = [[14, 26], [1, 39]]
    assert wardens.p_more == pytest.approx(fisher_exact(table, "greater").pvalue)
    assert calls.p_fewer == pytest.approx(fisher_exact(table, "greater").pvalue)
    assert wardens.p_fewer == pytest.approx(fisher_exact(table, "less").pvalue)
    assert seen.sentences == ("Seen by wardens (14), hardly by 101 (1; 7.5 would be usual).",)


def test_a_source_that_is_silent_is_named():
    incidents = told(asb("warden-log", 40), asb("command-and-control", 40))
    assert Mix.of(incidents).at(range(14)).sentences == (
        "Seen by wardens alone (14), not by 101 (7 would be usual).",
    )


def test_sources_that_bring_their_usual_part_agree():
    incidents = told(asb("warden-log", 40), asb("command-and-control", 40))
    assert Mix.of(incidents).at([*range(8), *range(40, 47)]).sentences == (
        "Wardens and 101 agree (8 and 7 reports; 7.5 and 7.5 would be usual).",
    )


def test_sources_are_not_said_to_agree_where_one_may_be_short_of_its_part():
    # 16 where 29 would be usual is no "hardly", and no agreement either; nor is what chance explains badly.
    usual = Share("a", 300, 290.0, 0.1, 0.92)
    assert Seen(338, (usual, Share("b", 16, 29.0, 0.999, 0.03)), 0).sentences == ()
    assert Seen(338, (usual, Share("b", 22, 29.0, 0.99, 0.02)), 0).sentences == ()
    assert Seen(338, (usual, Share("b", 22, 29.0, 0.93, 0.1)), 0).sentences == (
        "A and b agree (300 and 22 reports; 290 and 29 would be usual).",
    )


def test_a_source_that_comes_in_for_more_than_its_part_is_named():
    # 9 of 30 fall to the fire service where 30 x 20 / 300 = 2 would; the others are short of theirs by little
    rows = [asb("warden-log", 140), asb("command-and-control", 140), asb("deliberate-fires", 20)]
    seen = Mix.of(told(*rows)).at([*range(11), *range(140, 150), *range(280, 289)])
    assert seen.sentences == ("Seen more than usual by the fire service (9; 2 would be usual).",)


def test_kinds_that_one_source_tells_of_are_no_finding():
    # Burglary is told by the police alone, here as everywhere: nothing is missing from the wardens.
    incidents = told(asb("warden-log", 60), ("police-uk", 60, "Burglary", WEST))
    seen = Mix.of(incidents).at(range(60, 80))
    assert [(share.count, share.usual) for share in seen.shares] == [(20, 20.0), (0, 0.0)]
    assert seen.sentences == ("All 20 reports come from police.uk.",)


def test_each_ward_is_held_against_its_own():
    # Wardens walk in West alone: in East 101 is all there is, and that is usual there.
    rows = [asb("warden-log", 50), asb("command-and-control", 50), asb("command-and-control", 50, EAST)]
    seen = Mix.of(told(*rows)).at(range(100, 115))
    assert [(share.count, share.usual) for share in seen.shares] == [(15, 15.0), (0, 0.0)]


def test_few_reports_say_nothing():
    incidents = told(asb("warden-log", 40), asb("command-and-control", 40))
    assert Mix.of(incidents).at([*range(8), 40]).sentences == ()
    assert Mix.of(incidents).at([0]).sentences == ()
    assert Mix.of(incidents).at([]).sentences == ()


def test_a_map_of_one_source_says_that_nobody_else_is_heard():
    incidents = told(("police-uk", 30, "Burglary", WEST))
    assert Mix.of(incidents).at(range(12)).sentences == (
        "Every report of this map comes from police.uk: nobody else is heard.",
    )


def test_what_several_sources_told_of_is_counted_for_each_and_once_as_corroborated():
    both = "command-and-control; warden-log"
    incidents = told((both, 12, "ASB nuisance", WEST), asb("warden-log", 40), asb("command-and-control", 40))
    seen = Mix.of(incidents).at([0, 1, *range(12, 18), *range(52, 58)])
    assert {share.source: share.count for share in seen.shares} == {
        "warden-log": 8,
        "command-and-control": 8,
    }
    assert seen.corroborated == 2
    assert seen.sentences[-1] == "2 of the 14 reports were told by more than one source."


def test_without_told_by_the_source_is_all_that_is_known():
    incidents = told(asb("warden-log", 4), asb("command-and-control", 4)).drop(columns="told_by")
    seen = Mix.of(incidents).at([0, 4])
    assert {share.source: share.count for share in seen.shares} == {
        "warden-log": 1,
        "command-and-control": 1,
    }
    assert seen.corroborated == 0


def test_a_borderline_place_is_said_nothing_of():
    # Twice as likely as the level allows: 0.05 over two sources and two ways is 0.0125.
    shares = (Share("a", 12, 8.0, 0.025, 0.99), Share("b", 3, 7.0, 0.99, 0.025))
    assert Seen(15, shares, 0).sentences == ()


def test_an_empty_run_has_no_sources():
    mix = Mix.of(told(asb("warden-log", 1)).iloc[:0])
    assert mix.sources == () and mix.at([]).sentences == ()


def test_names_of_sources_read_as_words():
    assert (name_of("warden-log"), name_of("park-rangers")) == ("wardens", "park rangers")


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([WEST, EAST])), min_size=1, max_size=40),
    st.data(),
)
def test_usual_counts_add_up_and_the_order_of_rows_changes_nothing(rows, data):
    incidents = told(*[(source, 1, "Noise", ward) for source, ward in rows])
    here = data.draw(st.lists(st.integers(0, len(rows) - 1), unique=True))
    seen = Mix.of(incidents).at(here)
    # each incident has one source here, so the usual counts of all sources are the place's reports
    assert sum(share.usual for share in seen.shares) == pytest.approx(len(here))
    for share in seen.shares:
        equal = share.p_more + share.p_fewer - 1  # "at least" and "at most" both hold it
        assert -1e-9 <= equal <= 1 + 1e-9
    order = data.draw(st.permutations(range(len(rows))))
    moved = Mix.of(incidents.iloc[order].reset_index(drop=True)).at([order.index(row) for row in here])
    assert [(s.source, s.count) for s in moved.shares] == [(s.source, s.count) for s in seen.shares]
    np.testing.assert_allclose([s.p_more for s in moved.shares], [s.p_more for s in seen.shares])


def test_chance_alone_makes_a_finding_in_at_most_one_place_of_twenty():
    # Sources dealt out at random among 2 000 places of 30 reports each in a ward of 600.
    rng = np.random.default_rng(5)
    sources = np.array(["warden-log"] * 200 + ["command-and-control"] * 300 + ["housing-asb"] * 100)
    found = 0
    incidents = pd.DataFrame({"source": sources, "category": "Noise", "ward_gss_code": WEST})
    mix = Mix.of(incidents)
    for _ in range(2_000):
        found += bool(mix.at(rng.choice(600, 30, replace=False))._unusual)
    assert found / 2_000 <= 0.05


def test_the_chances_of_one_stratum_are_hypergeometric():
    incidents = told(asb("warden-log", 13), asb("command-and-control", 29))
    seen = Mix.of(incidents).at([*range(5), *range(13, 24)])
    wardens = next(share for share in seen.shares if share.source == "warden-log")
    assert wardens.p_more == pytest.approx(hypergeom.sf(4, 42, 13, 16))
    assert wardens.p_fewer == pytest.approx(hypergeom.cdf(5, 42, 13, 16))
