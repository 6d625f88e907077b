"""What became of a place, as a page says it."""

import pytest

from mapping.hotspots.identity_words import became, gone


@pytest.mark.parametrize(
    ("said", "before", "since", "sentence"),
    [
        ("", "", "", ""),
        ("first seen", "", "2026-03-03", "First found in this run."),
        (
            "continued",
            "H002",
            "2026-03-03",
            "Found in every run since the one whose reports begin on 3 March 2026.",
        ),
        ("continued", "H002", "", "Found in the last run too."),
        (
            "grown",
            "H002",
            "2026-03-03",
            "Grown by more than a third since the last run. "
            "Found in every run since the one whose reports begin on 3 March 2026.",
        ),
        ("shrunk", "H002", "", "Shrunk by more than a third since the last run. Found in the last run too."),
        (
            "merged",
            "H001; H002",
            "2026-03-03",
            "Two places of the last run grew together here: H001 and H002. "
            "Found in every run since the one whose reports begin on 3 March 2026.",
        ),
        (
            "split",
            "H001",
            "2026-03-03",  # its ground was part of H001, its number is new
            "H001 of the last run became several places; this is one of them.",
        ),
        ("returned", "H002", "2026-03-03", "Found in an earlier run, gone in the last one, and back."),
    ],
)
def test_each_identity_has_its_sentence(said, before, since, sentence):
    assert became("H002", said, before, since) == sentence


def test_places_that_are_gone_are_named_without_house_numbers():
    assert gone([]) == ""
    assert gone([("H004", "14 Eden Road")]) == "Gone since last time: Eden Road (H004)."
    assert gone([("H004", "Eden Road"), ("H007", "")]) == (
        "Gone since last time: Eden Road (H004) and Place without a name (H007)."
    )


def test_of_many_that_are_gone_the_first_eight_are_named():
    said = gone([(f"H{k:03d}", f"{k}th Street") for k in range(1, 12)])
    assert "H008" in said and "H009" not in said
    assert said.endswith(" and 3 more.")
