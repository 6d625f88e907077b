import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.places.place_words import name_key, sound_of


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Marton Rd", "marton road"),
        ("MARTON ROAD.", "marton road"),
        ("St. Mary's Cl", "saint marys close"),
        ("Saint Marys Close", "saint marys close"),
        ("High St", "high street"),
        ("High St W", "high street west"),
        ("Upper St Ann's Rd", "upper saint anns road"),
        ("Gt. North Rd", "great north road"),
        ("Park/Open Space", "park open space"),
        ("Nelson & Trafalgar Ct", "nelson and trafalgar court"),
        ("Café Crescent", "cafe crescent"),
        ("A1046", "a1046"),
        ("", ""),
        ("---", ""),
    ],
)
def test_the_spellings_of_a_name_have_one_key(text, key):
    assert name_key(text) == key


@given(st.text(max_size=80))
def test_every_text_has_a_key_and_a_key_is_its_own(text):
    key = name_key(text)
    assert key == key.strip()
    assert key.isascii()
    assert name_key(key) == key


@pytest.mark.parametrize(("one", "other"), [("whitby", "witby"), ("philips", "fillips"), ("acklam", "aklam")])
def test_words_that_sound_alike_have_one_sound(one, other):
    assert sound_of(one) == sound_of(other)
