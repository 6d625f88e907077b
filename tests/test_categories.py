import gzip

import pytest

from mapping import categories
from mapping.errors import UnknownCategoryError

# The fourteen crime types of data.police.uk, as its street files write them.
POLICE_UK = (
    "Anti-social behaviour", "Bicycle theft", "Burglary", "Criminal damage and arson", "Drugs", "Other crime",
    "Other theft", "Possession of weapons", "Public order", "Robbery", "Shoplifting", "Theft from the person",
    "Vehicle crime", "Violence and sexual offences",
)  # fmt: skip


@pytest.mark.parametrize("name", POLICE_UK)
def test_every_police_uk_type_is_its_own_name(name):
    assert categories.require(name) == name


@pytest.mark.real_data
def test_every_type_in_the_real_files_is_known(real_data):
    found = set()
    for path in sorted((real_data / "police_uk").glob("*/*.csv.gz"))[::5]:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            header = next(file).strip().split(",")
            place = header.index("Crime type") - len(header)  # from the right: only a location holds commas
            found |= {line.rstrip().split(",")[place] for line in file}
    assert found == set(POLICE_UK)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ASB", "Anti-social behaviour"),
        ("  anti-social   BEHAVIOUR ", "Anti-social behaviour"),
        ("AS22", "ASB nuisance"),
        ("Violent crime", "Violence and sexual offences"),
        ("fly tipping", "Fly-tipping"),
        ("Arson", "Deliberate fire"),
    ],
)
def test_spellings_find_their_name(said, name):
    assert categories.find(said) == name


def test_composed_and_decomposed_letters_are_equal_and_look_alikes_are_not():
    assert categories.folded("Café") == categories.folded("Cafe\u0301")
    assert categories.find("Drugs") == "Drugs"
    assert categories.find("Drugѕ") is None  # a Cyrillic s


def test_no_spelling_stands_for_two_names():
    words = [
        categories.folded(word) for known in categories.CATEGORIES for word in (known.name, *known.aliases)
    ]
    assert len(words) == len(set(words))


def test_an_unknown_category_is_refused_with_the_known_ones():
    with pytest.raises(
        UnknownCategoryError, match=r"'Jaywalking' is not a category here; known are: .*Burglary"
    ):
        categories.require("Jaywalking")
    with pytest.raises(UnknownCategoryError):
        categories.family("Jaywalking")
    assert categories.find("") is None


def test_what_may_leave_only_in_larger_numbers():
    sensitive = {known.name for known in categories.CATEGORIES if categories.is_sensitive(known.name)}
    assert sensitive == {"Violence and sexual offences", "Hate incident", "Concern for person"}


def test_a_wardens_nuisance_and_a_police_public_order_are_akin():
    assert categories.family("ASB nuisance") == categories.family("Public order") == "nuisance"
    assert categories.family("Burglary") != categories.family("Robbery")


def test_which_categories_may_be_words_for_one_event():
    kin = categories.kinship
    assert kin("Anti-social behaviour", "ASB nuisance") == "same"
    assert kin("Deliberate fire", "Criminal damage and arson") == "akin"
    assert kin("Noise", "ASB nuisance") == kin("Off-road vehicles", "ASB nuisance") == "akin"
    assert kin("Burglary", "Burglary") == "same"
    assert kin("Burglary", "Noise") == ""
    assert kin(categories.UNMAPPED, categories.UNMAPPED) == ""


def test_kinship_has_no_direction_and_its_rows_hold_known_names():
    names = [known.name for known in categories.CATEGORIES]
    assert {name for row in (*categories.SAME_MATTER, *categories.AKIN) for name in row} <= set(names)
    for first in names:
        for second in names:
            assert categories.kinship(first, second) == categories.kinship(second, first)
