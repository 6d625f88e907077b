import numpy as np
import pandas as pd
import pytest

from mapping.intake.event_words import keys_of, likeness, place_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("rear of 12 Eden Road, Exampleton", "eden"),
        ("Eden Rd/Tees St", "eden tees"),
        ("JUNCTION OF EDEN ROAD AND TEES STREET", "eden tees"),
        ("o/s St Mark's Church", "marks church"),
        ("The Green", "the green"),  # nothing else tells it
        ("12", ""),
        ("Exampleton", "exampleton"),
        ("Garages, Garnet Rise", "garnet"),
        ("", ""),
    ],
)
def test_a_key_keeps_what_tells_one_place_from_another(text, key):
    assert place_key(text) == key


def test_likeness_is_one_where_a_word_is_shared_and_unknown_where_one_is_silent():
    found = likeness(["eden", "eden", "eden tees", ""], ["eden tees", "marsh", "tees", "eden"])
    assert found[[0, 2]].tolist() == [1, 1]
    assert found[1] < 0.7
    assert np.isnan(found[3])
    assert likeness([], []).shape == (0,)


def test_a_misspelling_is_still_much_alike():
    assert likeness(["garnet"], ["garnett"])[0] > 0.7
    assert likeness(["seahollow"], ["seaholow"])[0] > 0.7


def test_keys_are_made_once_for_each_text_and_in_order():
    keys = keys_of(pd.Series(["Eden Road", "", "Eden Road"]), is_place=True)
    assert keys.tolist() == ["eden", "", "eden"]
    assert keys_of(pd.Series(["Youths, shouting!"]), is_place=False).tolist() == ["youths shouting"]
