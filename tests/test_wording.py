"""Words for numbers, chance and places."""

import pytest

from mapping import wording


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("On or near Eden Road", "Eden Road"),
        ("12 Saltern Crescent", "Saltern Crescent"),
        ("12a-14 Saltern Crescent, TS3 8AB", "Saltern Crescent"),
        ("Flat 3, 12 Saltern Crescent", "Saltern Crescent"),
        ("Flats at Bellbuoy Hill", "Bellbuoy Hill"),
        ("rear of 14 Eden Rd", "Eden Rd"),
        ("O/S Bittern Social Club", "Bittern Social Club"),
        ("nr 5 High St", "High St"),
        ("Nrth Street", "Nrth Street"),
        ("Atlantic Road", "Atlantic Road"),
        ("House of Fraser", "House of Fraser"),
        ("TS3 8AB", ""),
        ("1st Avenue", "1st Avenue"),
        ("", ""),
    ],
)
def test_a_place_is_said_by_street_or_landmark_and_never_by_its_number(text, place):
    assert wording.public_place(text) == place


def test_a_very_long_place_is_cut_and_says_so():
    assert wording.public_place("x" * 500) == "x" * 59 + "…"


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0"), (0.04, "under 0.1"), (2.04, "2"), (2.18, "2.2"), (9.96, "10"), (1234.5, "1,234"),
     (float("nan"), "unknown")],
)  # fmt: skip
def test_estimates_are_said_without_false_precision(value, said):
    assert wording.quantity(value) == said


@pytest.mark.parametrize(
    ("p_value", "said"),
    [(0.0099, "very unlikely to be chance"), (0.01, "unlikely to be chance"),
     (0.049, "unlikely to be chance"),
     (0.05, "could be chance"), (1.0, "could be chance"), (float("nan"), "")],
)  # fmt: skip
def test_chance_is_said_in_three_steps(p_value, said):
    assert wording.chance(p_value) == said


def test_lists_are_joined_as_a_sentence_does():
    assert [wording.join_words(w) for w in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "", "a", "a and b", "a, b and c",
    ]  # fmt: skip
    assert wording.reports(1) == "1 report" and wording.reports(1204) == "1,204 reports"
