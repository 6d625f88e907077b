import pytest

from mapping.categories import UNMAPPED
from mapping.intake.category_words import MOST_LISTED, suggest
from mapping.intake.layout import load

KNOWN = [load("warden-log")]


def suggested(word):
    (found,) = suggest({word: 1}, KNOWN).listed
    return found.category


@pytest.mark.parametrize(
    ("word", "category"),
    [
        ("NOISE COMPLAINT", "Noise"),
        ("AS22", "ASB nuisance"),
        ("Youths causing annoyance", "ASB nuisance"),  # as in the warden log
        ("Noise nuisance - loud music", "Noise"),
        ("Criminal damage to vehicle", "Criminal damage and arson"),
        ("Theft of pedal cycle", "Bicycle theft"),
        ("Shop lifting", "Shoplifting"),
        ("Deliberate secondary fires", "Deliberate fire"),
        ("Burglry", "Burglary"),
        ("Fire - not deliberate", UNMAPPED),
        ("Non-crime damage", UNMAPPED),
        ("Other", UNMAPPED),
        ("Lost property", UNMAPPED),
        ("\u0391\u0392\u0395", UNMAPPED),  # letters that only look like others  BAD 28
        ("...", UNMAPPED),
    ],
)
def test_a_word_becomes_the_category_it_is_known_for_or_close_to(word, category):
    assert suggested(word) == category


def test_spellings_of_one_word_are_counted_together_and_shown_as_most_write_it():
    (word,) = suggest({"Cafe\u0301  noise": 2, "CAF\u00c9 NOISE": 5, "caf\u00e9 noise": 1}, ()).listed
    assert (word.text, word.rows) == ("CAF\u00c9 NOISE", 8)


def test_the_commonest_words_are_listed_and_the_rest_are_counted():
    found = suggest({f"word {k}": k + 1 for k in range(MOST_LISTED + 10)}, ())
    assert len(found.listed) == MOST_LISTED
    assert found.is_capped
    assert (found.distinct, found.rows_beyond) == (MOST_LISTED + 10, 55)  # 1 + 2 + ... + 10
    assert found.listed[0].text == f"word {MOST_LISTED + 9}"


def test_a_word_that_cannot_be_stored_is_not_asked_about():
    assert suggest({"bad\udc80": 3, "nul\0": 1}, ()).listed == ()
