"""Postcodes: one spelling, `AB12 3CD`, for the ways people type them."""

import re
from typing import Final

_FORM: Final = re.compile(r"([A-Z]{1,2}[0-9][0-9A-HJKMNP-Y]?)([0-9][ABD-HJLNP-UW-Z]{2})")
_TO_DIGIT: Final = str.maketrans("OI", "01")


def normalise(text: str) -> tuple[str, bool]:
    """Return a postcode in one spelling, and whether letters had to be read as digits.

    Case and spacing are mended silently; a letter O or I where only a digit can stand is mended and
    said. What is no postcode gives "".
    """
    packed = re.sub(r"[\s.\-]", "", text.upper())
    found = _FORM.fullmatch(packed)
    if found:
        return f"{found[1]} {found[2]}", False
    # The third character from the end is always a digit, and so is what follows the area's letters.
    outward, inward = packed[:-3], packed[-3:]
    area = outward[:2] if outward[1:2].isalpha() and outward[1:2] not in "OI" else outward[:1]
    mended = area + outward[len(area) :].translate(_TO_DIGIT) + inward[:1].translate(_TO_DIGIT) + inward[1:]
    found = _FORM.fullmatch(mended)
    return (f"{found[1]} {found[2]}", True) if found else ("", False)
