"""What counts as placed, and what a map says of the rest."""

import numpy as np
import pytest

from mapping.hotspots.placed import WHOLE, Placed, count_placed, is_coarse, is_placed, stored


@pytest.fixture
def reports(make_incidents):
    """Four in West: to 100 m, to 100.1 m, of unknown error, without a point; East, nowhere, outside."""
    frame = make_incidents([(400_050 + 100 * k, 300_050, "2025-01", 1) for k in range(7)])
    frame["error_m"] = [100.0, 100.1, np.nan, np.nan, 2000.0, np.nan, 100.0]
    frame.loc[[3, 5], ["easting_m", "northing_m"]] = np.nan
    frame.loc[4, "ward_gss_code"] = "E05999002"
    frame.loc[5, ["ward_gss_code", "placement"]] = ["", "unlocated"]
    frame.loc[6, ["ward_gss_code", "placement"]] = ["", "outside"]
    return frame


def test_a_report_is_placed_up_to_an_error_of_one_cell_and_a_missing_error_is_one_cell(reports):
    assert is_placed(reports, 100.0).tolist() == [True, False, True, False, False, False, True]
    assert is_coarse(reports, 100.0).tolist() == [False, True, False, False, True, False, False]
    assert is_placed(reports, 200.0).tolist() == [True, True, True, False, False, False, True]


def test_a_run_counts_its_reports_by_how_well_they_are_known_and_by_ward(reports):
    counted = count_placed(reports, 100.0)
    # the one outside every ward belongs on no map here; the one without any place may
    assert counted == {
        WHOLE: Placed(6, 2, 2, 1),
        "E05999001": Placed(4, 2, 1, 1),
        "E05999002": Placed(1, 0, 1, 0),
    }
    assert counted[WHOLE].share == pytest.approx(2 / 6)
    assert counted[WHOLE].untested_share == pytest.approx(3 / 5)


@pytest.mark.parametrize(("placed", "warned"), [(849, True), (850, False), (1000, False), (0, True)])
def test_the_warning_appears_below_85_percent_and_not_at_it(placed, warned):
    assert bool(Placed(1000, placed).warning) is warned


def test_the_percentage_is_never_rounded_up():
    assert Placed(100_000, 84_999).warning.startswith("Only 84 % of the reports could be placed.")
    assert Placed(67_079, 67_078).sentence.startswith("Placed 99 % of reports")
    assert Placed(67_079, 67_079).sentence == "Placed 100 % of reports"


def test_the_sentence_says_where_the_others_are():
    assert Placed(600, 559, 0, 41).sentence == (
        "Placed 93 % of reports; 41 known only to the ward are in the totals, not on the map"
    )
    assert Placed(2000, 600, 1200, 150).sentence == (
        "Placed 30 % of reports; 1,200 known only roughly are spread over the squares they may lie in, "
        "and are in no test; 150 known only to the ward are in the totals, not on the map; "
        "50 without any place are in the count alone"
    )


def test_nothing_reported_is_nothing_to_say_or_warn_of():
    none = Placed(0, 0)
    assert (none.sentence, none.warning, none.percent) == ("", "", 0)
    assert np.isnan(none.share) and np.isnan(none.untested_share)


def test_what_was_stored_is_read_back():
    counts = {
        "incidents": 6,
        "placing": {WHOLE: Placed(6, 2, 2, 1).as_dict(), "W": Placed(4, 2, 1, 1).as_dict()},
    }
    assert stored(counts) == Placed(6, 2, 2, 1)
    assert stored(counts, "W") == Placed(4, 2, 1, 1)
    assert stored(counts, "E") == Placed(0, 0)  # a ward without a report


def test_a_run_of_before_tells_points_from_none_and_no_ward_apart():
    before = {"incidents": 110, "unlocated": 4, "outside": 10, "in_wards": 96, "ward_only": 6, "edge": 1}
    # 100 belong here; 90 of them have a point
    assert stored(before) == Placed(100, 90, 0, 6)
    assert stored(before, "E05999001") is None
    assert stored({}) is None
