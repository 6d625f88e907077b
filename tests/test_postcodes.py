import pytest

from mapping.postcodes import normalise


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("TS1 2AZ", "TS1 2AZ"),
        ("ts12az", "TS1 2AZ"),
        (" Ts10  1aa ", "TS10 1AA"),
        ("TS101AA", "TS10 1AA"),
        ("M1 1AE", "M1 1AE"),
        ("w1a 0ax", "W1A 0AX"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("PA15.1AP", "PA15 1AP"),
    ],
)  # BAD 51
def test_case_and_spacing_are_mended_silently(text, postcode):
    assert normalise(text) == (postcode, False)


@pytest.mark.parametrize(
    ("text", "postcode"),
    [("TS1O 1AA", "TS10 1AA"), ("TS1 OAA", "TS1 0AA"), ("TSI IAA", "TS1 1AA"), ("MI 1AE", "M1 1AE")],
)  # BAD 51
def test_a_letter_where_only_a_digit_can_stand_is_mended_and_said(text, postcode):
    assert normalise(text) == (postcode, True)


@pytest.mark.parametrize("text", ["", "TS1", "TS1 2", "Newmouth", "TS1 2AC", "123 456", "TS123 4AB", "N/A"])
def test_what_is_no_postcode_gives_nothing(text):
    # C, I, K, M, O and V never stand in the last two places
    assert normalise(text) == ("", False)
