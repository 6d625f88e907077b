"""Categories: one table of names, families and what is sensitive.

A source's own words are mapped by its layout first; this table is what they are mapped to.
Names follow data.police.uk and the partnership indicators; families are what linking and
problem types compare ("nuisance" told by a warden may be "public order" told by the police).
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from mapping.errors import UnknownCategoryError


@dataclass(frozen=True)
class Category:
    """One name, what it is akin to, and how small a count may leave the building."""

    name: str
    family: str
    is_sensitive: bool = False
    aliases: tuple[str, ...] = ()


UNMAPPED: Final = "Other report"

CATEGORIES: Final = (
    Category(
        "Anti-social behaviour", "nuisance", aliases=("ASB", "Antisocial behaviour", "Anti social behaviour")
    ),
    Category("ASB personal", "nuisance", aliases=("AS21", "AS21 Personal", "ASB - personal")),
    Category(
        "ASB nuisance", "nuisance", aliases=("AS22", "AS22 Nuisance", "ASB - nuisance", "Nuisance youths")
    ),
    Category(
        "ASB environmental", "environment", aliases=("AS23", "AS23 Environmental", "ASB - environmental")
    ),
    Category("Bicycle theft", "theft"),
    Category("Burglary", "burglary"),
    Category("Criminal damage and arson", "damage", aliases=("Criminal damage",)),
    Category("Drugs", "drugs", aliases=("Drug use", "Drug dealing")),
    Category("Other crime", "other"),
    Category("Other theft", "theft"),
    Category("Possession of weapons", "violence"),
    Category("Public order", "nuisance", aliases=("Public disorder",)),
    Category("Robbery", "robbery"),
    Category("Shoplifting", "theft"),
    Category("Theft from the person", "theft"),
    Category("Vehicle crime", "vehicle"),
    Category("Violence and sexual offences", "violence", is_sensitive=True, aliases=("Violent crime",)),
    Category(
        "Deliberate fire",
        "fire",
        aliases=("Deliberate secondary fire", "Deliberate fire (secondary)", "Arson"),
    ),
    Category("Deliberate fire (primary)", "fire", aliases=("Deliberate primary fire",)),
    Category("Deliberate fire (vehicle)", "fire", aliases=("Deliberate vehicle fire",)),
    Category("Hate incident", "hate", is_sensitive=True),
    Category("Noise", "noise", aliases=("Noise complaint",)),
    Category("Neighbour complaint", "nuisance", aliases=("Neighbour dispute",)),
    Category("Concern for person", "concern", is_sensitive=True),
    Category("Animals", "nuisance"),
    Category(
        "Off-road vehicles", "vehicle nuisance", aliases=("Off-road bikes", "Off road bikes", "Quad bikes")
    ),
    Category("Fly-tipping", "environment", aliases=("Fly tipping", "Flytipping")),
    Category(UNMAPPED, "other"),
)

_BY_NAME: Final = {category.name: category for category in CATEGORIES}

# What several services may call one event: two names of a row are the same matter in other words ...
SAME_MATTER: Final = (
    ("Anti-social behaviour", "ASB nuisance"),
    ("Deliberate fire", "Deliberate fire (primary)", "Deliberate fire (vehicle)"),
)
# ... and of these rows, seen by one service and by another: a fire is damage to the police.
AKIN: Final = (
    ("Anti-social behaviour", "ASB nuisance", "ASB personal", "Public order", "Neighbour complaint", "Noise"),
    ("Anti-social behaviour", "ASB nuisance", "Noise", "Off-road vehicles"),
    ("Anti-social behaviour", "ASB nuisance", "Neighbour complaint", "Animals"),
    ("Anti-social behaviour", "ASB environmental", "Fly-tipping"),
    ("ASB environmental", "Criminal damage and arson"),
    ("Criminal damage and arson", "Deliberate fire", "Deliberate fire (primary)"),
    ("Criminal damage and arson", "Vehicle crime", "Deliberate fire (vehicle)"),
    ("Violence and sexual offences", "Public order", "Robbery", "Possession of weapons", "Hate incident"),
    ("Hate incident", "ASB personal", "Neighbour complaint", "Criminal damage and arson"),
    ("Robbery", "Theft from the person", "Other theft"),
    ("Shoplifting", "Bicycle theft", "Other theft"),
)  # fmt: skip


def folded(text: str) -> str:
    """Fold case, spaces and Unicode composition, so that spellings compare; look-alike letters do not."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


_LOOKUP: Final = {
    folded(word): category.name for category in CATEGORIES for word in (category.name, *category.aliases)
}


def find(text: str) -> str | None:
    """Return the name that `text` stands for, or None where no table knows it."""
    return _LOOKUP.get(folded(text))


def require(text: str) -> str:
    """Return the name that `text` stands for.

    Raises
    ------
    UnknownCategoryError
        With the names that are known.
    """
    name = find(text)
    if name is None:
        raise UnknownCategoryError(f"'{text[:40]}' is not a category here; known are: {', '.join(_BY_NAME)}.")
    return name


def matter(name: str) -> str:
    """Return one name for all that are the same matter in other words."""
    return next((row[0] for row in SAME_MATTER if name in row), name)


def kinship(first: str, second: str) -> str:
    """Say whether two category names may be words for one event.

    Returns
    -------
    str
        same (one name, or one matter in other words), akin (one event seen by two services), or empty.
        What was mapped to nothing (`UNMAPPED`) says nothing, not even of its like.
    """
    if UNMAPPED in (first, second):
        return ""
    if matter(first) == matter(second):
        return "same"
    return "akin" if any(first in row and second in row for row in AKIN) else ""


def family(name: str) -> str:
    """Return the family of a category name; see `require` for a name that is none."""
    return _BY_NAME[require(name)].family


def is_sensitive(name: str) -> bool:
    """Say whether counts of this category have the higher disclosure floor; see `require`."""
    return _BY_NAME[require(name)].is_sensitive
