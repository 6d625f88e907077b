import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.errors import MissingColumnsError
from mapping.intake.event_groups import JOIN, LINKS, QUEUE, candidate_links, join_incidents

from .events import account, reports_of

BUSY = [account("police", minutes=1440 * day, east=day) for day in (-9, -7, -5, -3, 3, 5, 7, 9)]


def states(*accounts, **said):
    """Return the state of each link by the numbers of its two accounts."""
    links = candidate_links(reports_of(*accounts), **said)
    return dict(zip(zip(links["first"], links["second"], strict=True), links["state"], strict=True))


@pytest.mark.parametrize(
    ("minutes", "east"), [(0, 0), (20, 25), (-20, 25), (8, -35), (25, 0)], ids=lambda value: str(value)
)
def test_two_sources_that_tell_of_one_place_within_minutes_are_joined(minutes, east):
    assert states(account("police"), account("wardens", minutes=minutes, east=east)) == {(0, 1): "joined"}


def test_what_one_source_tells_twice_is_never_linked():
    assert states(account("police"), account("police"), account("police", minutes=5)) == {}


def test_another_place_another_hour_or_another_matter_is_another_event():
    first = account("police")
    assert states(first, account("wardens", east=89)) == {}  # 2.5 radii of hypot(25, 25) are 88 m
    assert states(first, account("wardens", minutes=121)) == {}
    assert states(first, account("wardens", category="Burglary")) == {}
    assert states(first, account("wardens", category="Other report")) == {}


def test_a_clock_an_hour_off_is_for_a_person():
    assert states(account("police"), account("wardens", minutes=60, east=10)) == {(0, 1): "queued"}


def test_other_words_for_one_matter_join_and_what_is_only_akin_needs_more():
    fire = account("fire", category="Deliberate fire")
    damage = account("police", category="Criminal damage and arson")
    assert states(account("police", category="ASB nuisance"), account("wardens")) == {(0, 1): "joined"}
    assert states(fire, damage | {"easting_m": 450_005.0}) == {(0, 1): "joined"}
    late = account("police", category="Criminal damage and arson", minutes=20, east=40)
    assert states(fire, late) == {(0, 1): "queued"}


def test_at_a_busy_corner_two_that_meet_are_for_a_person():
    links = candidate_links(reports_of(account("police"), account("wardens", minutes=12, east=15), *BUSY))
    assert links["state"].tolist() == ["queued"]
    assert links["others"].tolist() == [len(BUSY)]
    assert QUEUE <= links["score"][0] < JOIN


def test_one_reference_in_two_sources_is_for_a_person():
    found = reports_of(account("police"), account("wardens", minutes=3))
    found["report_key"] = ["police|A7", "wardens|A7"]
    assert candidate_links(found)["state"].tolist() == ["queued"]


def test_two_events_told_twice_each_are_not_thrown_together():
    # At one corner, ten minutes apart, each told by both: no pair is sure, and no three become one.
    early, late = account("police"), account("police", minutes=10)
    found = states(early, late, account("wardens", minutes=1, east=4), account("wardens", minutes=11, east=4))
    assert set(found.values()) == {"queued"}


def test_a_source_that_repeats_itself_makes_its_rival_doubtful():
    found = candidate_links(
        reports_of(account("police"), account("wardens", minutes=3), account("wardens", minutes=4))
    )
    assert found["state"].tolist() == ["queued", "queued"]
    assert found["score"].sum() < 1  # an event is told once per source, so the two share one chance


def test_of_two_rivals_the_far_likelier_is_joined_and_the_other_is_left():
    near, far = account("wardens", minutes=3), account("wardens", minutes=40, east=50)
    assert states(account("police"), near, far) == {(0, 1): "joined"}


def test_three_sources_become_one_event_where_each_fits_the_others():
    three = [account("police"), account("wardens", minutes=5, east=10), account("housing", minutes=9)]
    # The nearest in time first, then the third to both of them: two links hold three together.
    assert states(*three) == {(1, 2): "joined", (0, 1): "joined"}
    assert len(join_incidents(reports_of(*three))[0]) == 1


def test_a_chain_whose_ends_do_not_fit_is_not_one_event():
    # Police and housing are 150 m apart: the wardens between them may be either's, and not both's.
    chain = [account("police"), account("wardens", east=35), account("housing", east=70, minutes=150)]
    assert (0, 2) not in states(*chain)
    assert len(join_incidents(reports_of(*chain))[0]) == 2


@pytest.mark.parametrize(
    "missing",
    [
        {"easting_m": np.nan, "northing_m": np.nan, "error_m": np.nan},
        {"occurred_from": pd.NaT, "occurred_to": pd.NaT},
        {"time_precision": "month", "occurred_to": pd.Timestamp("2026-03-01", tz="UTC")},
        {"error_m": 400.0},  # the middle of a postcode district
    ],
    ids=["no point", "no time", "a month", "a vague point"],
)
def test_what_cannot_be_compared_is_never_linked(missing):
    assert states(account("police"), account("wardens") | missing) == {}


def test_a_day_without_an_hour_is_never_joined_by_itself():
    start = pd.Timestamp("2026-02-10", tz="UTC")
    day = {"occurred_from": start, "time_precision": "day", "occurred_to": start + pd.Timedelta(days=1)}
    assert states(account("police"), account("wardens") | day) == {(0, 1): "queued"}
    midnight = {"occurred_from": start, "occurred_to": start}  # a minute that many systems write for none
    assert states(account("police") | midnight, account("wardens") | midnight) == {(0, 1): "queued"}
    before = {name: value - pd.Timedelta(days=1) for name, value in midnight.items()}
    assert states(account("police"), account("wardens") | before) == {}


def test_a_point_without_an_error_counts_as_a_cell_wide():
    found = candidate_links(reports_of(account("police"), account("wardens", error_m=np.nan)))
    assert found["error_m"].round(1).tolist() == [103.1]  # hypot(25, 100)
    assert found["weights"][0]["vagueness"] == pytest.approx(2 * np.log2(35.355 / 103.08), abs=0.001)


def test_a_person_who_keeps_two_apart_frees_both_for_others():
    three = account("police"), account("wardens", minutes=3), account("wardens", minutes=24, east=30)
    assert states(*three, apart=[(0, 1)]) == {(0, 2): "joined"}


def test_what_a_person_joined_leaves_no_place_for_a_second_of_that_source():
    three = account("police"), account("wardens", minutes=3), account("wardens", minutes=24, east=30)
    assert states(*three, joined=[(0, 2)]) == {}


def test_nobody_is_joined_by_a_third_to_whom_a_person_kept_them_apart():
    three = [account("police"), account("wardens", minutes=5, east=10), account("housing", minutes=9)]
    found = states(*three, apart=[(0, 2)])
    joined = [pair for pair, state in found.items() if state == "joined"]
    assert len(joined) == 1
    assert (0, 2) not in found


def test_one_event_counts_once_and_names_everybody_who_told_of_it():
    told = reports_of(account("wardens"), account("police", minutes=4), account("fire", minutes=1440))
    incidents, links = join_incidents(told)
    assert incidents["report_key"].tolist() == ["wardens|0", "fire|2"]
    assert incidents["told_by"].tolist() == ["police; wardens", "fire"]
    assert len(told) == len(incidents) + (links["state"] == "joined").sum()


def test_nothing_in_nothing_out():
    empty = reports_of(account("police")).iloc[:0]
    assert candidate_links(empty).columns.tolist() == list(LINKS)
    assert len(join_incidents(empty)[0]) == 0


def test_reports_that_lack_a_column_are_refused():
    with pytest.raises(MissingColumnsError, match="place_text"):
        candidate_links(reports_of(account("police")).drop(columns="place_text"))


ACCOUNTS = st.lists(
    st.builds(
        account,
        st.sampled_from(["police", "wardens", "housing"]),
        minutes=st.integers(-90, 90),
        east=st.integers(-60, 60),
        category=st.sampled_from(["Anti-social behaviour", "ASB nuisance", "Noise"]),
    ),
    max_size=9,
)


def by_key(reports, links):
    keys = reports["report_key"].tolist()
    ends = zip(links["first"], links["second"], links["state"], links["score"].round(9), strict=True)
    return {(*sorted((keys[one], keys[other])), state, score) for one, other, state, score in ends}


@settings(max_examples=60, deadline=None)
@given(ACCOUNTS, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_place_on_the_map_changes_a_link(accounts, chance):
    reports = reports_of(*accounts)
    order = list(range(len(reports)))
    chance.shuffle(order)
    shuffled = reports.iloc[order].reset_index(drop=True)
    moved = reports.assign(easting_m=reports["easting_m"] + 1_000)
    expected = by_key(reports, candidate_links(reports))
    assert by_key(shuffled, candidate_links(shuffled)) == expected
    assert by_key(moved, candidate_links(moved)) == expected


@settings(max_examples=60, deadline=None)
@given(ACCOUNTS)
def test_no_event_is_told_twice_by_one_source(accounts):
    reports = reports_of(*accounts)
    incidents, links = join_incidents(reports)
    told = [told.split("; ") for told in incidents["told_by"]]
    assert all(len(set(sources)) == len(sources) for sources in told)
    assert sum(map(len, told)) == len(reports)
    assert links["score"].between(QUEUE, 1).all()
