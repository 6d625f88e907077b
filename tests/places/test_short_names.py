import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.places.short_names import CUT_OFF, NICKNAME, NO_TAIL, OTHER_TAIL, ShortNames

PLACES = [
    (3, "hill street shopping centre"),
    (5, "ada lowe university hospital"),
    (7, "the corngate shopping centre"),
    (11, "pallister park"),
    (13, "northtown skate village"),
    (17, "portley industrial estate"),
    (19, "owler manor lane shops"),
    (23, "hill street retail park"),
]
NAMES = {key: number for number, key in PLACES} | {"hill street": 1}


@pytest.fixture(scope="module")
def short():
    return ShortNames(PLACES, NAMES, frozenset(("lane", "street")), frozenset(("northtown",)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hill street centre", {3: OTHER_TAIL}),
        ("hill street shops", {3: OTHER_TAIL, 23: OTHER_TAIL}),  # of either, so that it is ambiguous
        ("hill street", {}),  # a street's own name is short for nothing
        ("ada lowe hospital", {5: OTHER_TAIL}),
        ("ada lowe", {5: NO_TAIL}),
        ("corngate", {7: CUT_OFF}),
        ("corngate centre", {7: OTHER_TAIL}),
        ("skate village", {13: NO_TAIL}),
        ("portley estate", {17: OTHER_TAIL}),
        ("portley", {}),  # the estate's name alone is the area's
        ("owler manor shops", {19: OTHER_TAIL}),
        ("owler manor", {19: CUT_OFF}),
        ("pally park", {11: NICKNAME}),
        ("pall park", {11: NICKNAME}),
        ("pallist park", {}),  # two letters short: a slip, and weighed as one
        ("pal park", {}),  # three letters are the start of too much
        ("pally parade", {}),
        ("shopping centre", {}),
        ("", {}),
    ],
)
def test_a_text_is_short_for_what_people_call_so(short, text, found):
    assert short.of(text) == found


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ", max_size=30))
def test_no_text_is_short_for_what_is_not_held(text):
    found = ShortNames(PLACES, NAMES, frozenset(("lane",)), frozenset()).of(text)
    assert set(found) <= {number for number, _ in PLACES}
    assert all(OTHER_TAIL <= weight <= NICKNAME for weight in found.values())
