import numpy as np
import pytest

from mapping.places.junctions import are_joined
from mapping.places.place_context import AGREES, DISAGREES, Vicinity
from mapping.places.place_query import take_apart
from mapping.places.readings import Span


def spans(text):
    """Return where "ash street" and "elm street" stand in a text taken apart."""
    query = take_apart(text)
    found = []
    for name in ("ash", "elm"):
        phrase = next(number for number, words in enumerate(query.phrases) if name in words)
        start = query.phrases[phrase].index(name)
        found.append(Span(phrase, start, start + 2))
    return query, *found


@pytest.mark.parametrize(
    ("text", "is_joined"),
    [
        ("Ash Street / Elm Street", True),
        ("Elm Street/Ash Street", True),
        ("Ash Street & Elm Street", True),
        ("Ash Street + Elm Street", True),
        ("Ash Street x Elm Street", True),
        ("Ash Street @ Elm Street", True),
        ("Ash Street o/s 12 Elm Street", True),
        ("from Ash Street to Elm Street", True),
        ("between Ash Street and Elm Street", True),
        ("corner of Ash Street, Elm Street", True),
        ("Ash Street, Elm Street", False),
        ("Ash Street off Elm Street", False),
        ("Ash Street and the shop owned by Mr Brown Elm Street", False),
        ("Ash Street / fly tipping / Elm Street", False),
    ],
)
def test_signs_and_words_between_two_streets_join_them(text, is_joined):
    query, ash, elm = spans(text)
    assert are_joined(query, ash, elm) is is_joined
    assert are_joined(query, elm, ash) is is_joined


@pytest.mark.parametrize(
    ("metres", "weight"),
    [
        (0, AGREES),
        (1_500, AGREES),  # a town reaches that far whatever its extent
        (3_500, AGREES + 1),  # 2 km beyond, at 2 km a letter
        (100_000, DISAGREES),
    ],
)
def test_what_lies_farther_from_a_town_is_less_likely_by_degrees(metres, weight):
    town = Vicinity(np.array([450_000.0]), np.array([520_000.0]), 600.0)
    assert town.weigh(np.array([450_000.0 + metres]), np.array([520_000.0])) == pytest.approx(weight)


def test_a_town_with_an_extent_reaches_as_far_as_that():
    town = Vicinity(np.array([450_000.0]), np.array([520_000.0]), 4_000.0)
    assert town.weigh(np.array([454_000.0]), np.array([520_000.0])) == AGREES
