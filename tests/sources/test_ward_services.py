import pytest

from mapping.errors import SourceError
from mapping.sources.ward_services import choose, lookups, ward_services

# Names as the portal has them, of several years and habits.
PUBLISHED = [
    "Wards_December_2019_Boundaries_UK_BGC_2022",
    "Wards_Dec_2020_UK_BGC_2022",
    "Wards_December_2022_Boundaries_UK_BFC",
    "Wards_December_2022_Boundaries_GB_BFC",
    "WD_MAY_2023_UK_BFC",
    "WD_MAY_2023_UK_BSC",
    "Wards_May_2024_Boundaries_UK_BSC",
    "Wards_May_2024_Boundaries_UK_BFE",
    "Wards_May_2024_Boundaries_UK_BGC",
    "WD_MAY_2025_UK_BFC",
    "WD_MAY_2025_UK_BFC_V2",
    "WD_MAY_2025_UK_BGC_V3",
    "WD_DEC_2025_UK_BUC",
    "Local_Authority_Districts_December_2025_Boundaries_UK_BFC",
    "WD_DEC_2025_UK_NC",
    "Census_Merged_Wards_December_2011_Boundaries_EW_BFC",
    "Westminster_Parliamentary_Constituencies_July_2024_Boundaries_UK_BFC",
    "wards",
]
UNITARY = ["E06000002"]


@pytest.mark.parametrize(
    ("edition", "service"),
    [
        ("", "WD_MAY_2025_UK_BFC_V2"),
        ("2025", "WD_MAY_2025_UK_BFC_V2"),
        ("May 2024", "Wards_May_2024_Boundaries_UK_BFE"),
        ("may 2024", "Wards_May_2024_Boundaries_UK_BFE"),
        ("2024-05", "Wards_May_2024_Boundaries_UK_BFE"),
        ("December 2022", "Wards_December_2022_Boundaries_UK_BFC"),
        ("Dec 2022", "Wards_December_2022_Boundaries_UK_BFC"),
        ("2020", "Wards_Dec_2020_UK_BGC_2022"),
        (" 2019 ", "Wards_December_2019_Boundaries_UK_BGC_2022"),
    ],
)
def test_the_newest_is_taken_then_the_finest_then_the_widest_then_the_last_corrected(edition, service):
    assert choose(PUBLISHED, UNITARY, edition=edition).name == service
    assert choose(PUBLISHED[::-1], UNITARY, edition=edition).name == service


def test_december_comes_after_may_of_the_same_year():
    names = ["WD_MAY_2023_UK_BFC", "WD_DEC_2023_UK_BGC"]
    chosen = choose(names, UNITARY)
    assert (chosen.name, chosen.edition, chosen.generalised_m) == ("WD_DEC_2023_UK_BGC", "December 2023", 20)
    assert choose(names, UNITARY, edition="May 2023").generalised_m == 0


def test_a_service_has_to_cover_the_country_of_each_authority():
    names = ["WD_MAY_2026_EN_BFC", "WD_MAY_2025_GB_BFC", "WD_MAY_2024_UK_BFC"]
    assert choose(names, UNITARY).name == "WD_MAY_2026_EN_BFC"
    assert choose(names, ["E06000002", "S12000018"]).name == "WD_MAY_2025_GB_BFC"
    assert choose(names, ["N09000003"]).name == "WD_MAY_2024_UK_BFC"


def test_an_edition_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(SourceError) as caught:
        choose(PUBLISHED, UNITARY, edition="May 2021")
    assert "May 2025, May 2024, May 2023, December 2022, December 2020, December 2019." in str(caught.value)
    with pytest.raises(SourceError, match="there are: none"):
        choose([], UNITARY)


@pytest.mark.parametrize(
    "edition", ["newest", "May", "25", "2024-13", "Maybe 2024", "2024'; --", "May 2024 UK"]
)
def test_an_edition_that_cannot_be_read_is_refused(edition):
    with pytest.raises(SourceError, match=r"write it as|No such edition"):
        choose(PUBLISHED, UNITARY, edition=edition)


def test_outlines_for_pictures_tables_and_other_areas_are_passed_over():
    names = {one.name for one in ward_services(PUBLISHED)}
    assert names == set(PUBLISHED[:12])


def test_the_plain_table_of_the_same_year_says_which_ward_is_where():
    names = [
        "WD25_LAD25_CTY25_OTH_UK_LU", "WD24_LAD24_UK_LU", "WD25_LAD25_UK_LU", "WD25_LAD25_UK_LU_v2",
        "OA21_WD25_LAD25_EW_LU_v3", "WD25_PCON24_LAD25_UTLA25_UK_LU", "LAD25_UK_LU", "WD25_LAD25_UK_LU_DEC",
        "Ward_to_Local_Authority_District_(May_2025)_Lookup_in_the_UK",
    ]  # fmt: skip
    may = choose(PUBLISHED, UNITARY, edition="May 2025")
    assert lookups(names, may) == [
        "Ward_to_Local_Authority_District_(May_2025)_Lookup_in_the_UK",
        "WD25_LAD25_UK_LU_v2", "WD25_LAD25_UK_LU",
        "WD25_LAD25_CTY25_OTH_UK_LU", "WD25_PCON24_LAD25_UTLA25_UK_LU", "WD25_LAD25_UK_LU_DEC",
    ]  # fmt: skip
    december = choose(["WD_DEC_2023_UK_BFC"], UNITARY)
    assert lookups(["WD23_LAD23_UK_LU", "WD23_LAD23_UK_LU_DEC"], december)[0] == "WD23_LAD23_UK_LU_DEC"
