"""The classical statistics reproduce what was printed about known data; each answer with its source."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, eye_array
from scipy.spatial import KDTree
from scipy.stats import poisson

from mapping.hotspots import autocorrelation as auto
from mapping.hotspots import local_statistics as local
from mapping.hotspots import near_repeats


@pytest.fixture(scope="module")
def stats_reference(real_data):
    folder = real_data / "stats_reference"
    if not folder.is_dir():
        pytest.skip("no published data here: WARD_HOTSPOTS_TEST_DATA has no folder stats_reference")
    return folder


def links_within(points, distance):
    pairs = KDTree(points).query_pairs(distance, output_type="ndarray")
    both = np.vstack([pairs, pairs[:, ::-1]])
    return csr_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(len(points), len(points)))


# --- Getis & Ord (1996), cell 120 of the 16 by 16 grid, as in spdep's documentation of localG ----


@pytest.fixture(scope="module")
def grid_1996(stats_reference):
    cells = pd.read_csv(stats_reference / "getis_ord_1996_grid.csv")
    return cells[["x", "y"]].to_numpy(), cells["val"].to_numpy()


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("distance", "published"),
    [(30, 1.221979), (60, 1.748098), (90, 1.986135), (120, 1.893374), (150, 1.237454)],
)
def test_gi_of_the_1996_grid(grid_1996, distance, published):
    points, values = grid_1996
    assert local.gi(values, links_within(points, distance))[119] == pytest.approx(published, abs=1e-6)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("divisor", "published"),
    [("n", 1.45078), ("n-1", 1.447943)],  # the second is what Getis & Ord print on page 267
)
def test_gi_star_of_the_1996_grid(grid_1996, divisor, published):
    points, values = grid_1996
    weights = links_within(points, 30) + eye_array(256)
    found = local.gi_star(values, weights, divisor=divisor)[119]
    assert found == pytest.approx(published, abs=1e-6)


# --- six points, from esda's tests of getisord ---------------------------------------------------

SIX = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)])
SIX_VALUES = np.array([2, 3, 3.2, 5, 8, 7])


def test_general_g_of_the_six_points():
    found = auto.general_g(SIX_VALUES, links_within(SIX, 15))
    assert found.statistic == pytest.approx(0.55709779, abs=1e-8)
    assert found.p_value == pytest.approx(0.172936, abs=1e-6)


def test_gi_and_gi_star_of_the_first_of_the_six_points():
    links = links_within(SIX, 15)
    assert local.gi(SIX_VALUES, links)[0] == pytest.approx(-1.0136729, abs=1e-7)
    assert local.gi_star(SIX_VALUES, links + eye_array(6))[0] == pytest.approx(-1.39727626, abs=1e-8)


@pytest.mark.parametrize(("star", "others", "published"), [(False, 5, -0.62074534), (True, 6, -0.62488094)])
def test_row_standardised_scores_of_esda_take_the_variance_of_unit_weights(star, others, published):
    # Ord & Getis divide by the root of (N S1 - W^2) / (N - 1), S1 the sum of squared weights, so that weights
    # of 1/k give the score of weights of 1. esda writes (N W - W^2) / (N - 1), right for weights of 1 alone:
    # with W = 1 and S1 = 1/k its score is ours times the root of (N/k - 1) / (N - 1).
    links = links_within(SIX, 15)
    weights = links + eye_array(6) if star else links
    number = weights.sum(axis=1)
    by_row = csr_array(weights / number[:, None])
    ours = (local.gi_star if star else local.gi)(SIX_VALUES, by_row)[0]
    assert ours == pytest.approx((local.gi_star if star else local.gi)(SIX_VALUES, weights)[0])
    assert ours * np.sqrt((others / number[0] - 1) / (others - 1)) == pytest.approx(published, abs=1e-8)


# --- Columbus, from spdep's documentation of moran.test and joincount.test -----------------------


@pytest.fixture(scope="module")
def columbus(stats_reference):
    areas = pd.read_csv(stats_reference / "columbus_oldcol.csv")
    links = pd.read_csv(stats_reference / "columbus_oldcol_neighbours.csv")
    assert len(links) == 232
    binary = csr_array((np.ones(len(links)), (links["i"] - 1, links["j"] - 1)), shape=(49, 49))
    return areas["CRIME"].to_numpy(), binary, csr_array(binary / binary.sum(axis=1)[:, None])


def assert_published(found, statistic, expectation, variance, deviate):
    assert found.statistic == pytest.approx(statistic, abs=1e-8)
    assert found.expectation == pytest.approx(expectation, abs=1e-5)
    assert found.variance == pytest.approx(variance, abs=1e-5)
    assert found.deviate == pytest.approx(deviate, abs=1e-4)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("under", "is_binary", "published"),
    [
        ("randomisation", False, (0.510951264, -0.020833333, 0.008908762, 5.6341)),
        ("normality", False, (0.510951264, -0.020833333, 0.008779831, 5.6754)),
        ("randomisation", True, (0.52063815, -0.02083333, 0.00759872, 6.2116)),
    ],
)
def test_moran_of_crime_in_columbus(columbus, under, is_binary, published):
    crime, binary, by_row = columbus
    found = auto.morans_i(crime, binary if is_binary else by_row, under=under)
    assert_published(found, *published)
    assert found.variance == pytest.approx(published[2], abs=1e-8)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("is_high", "published"),
    [(True, (54, 27.22449, 17.88838, 6.3307)), (False, (34, 29.59184, 18.89550, 1.0141))],
)
def test_join_counts_of_crime_in_columbus(columbus, is_high, published):
    crime, binary, _ = columbus
    assert_published(auto.join_count((crime > 35) == is_high, binary), *published)


# --- Burkitt's lymphoma in Uganda, from pointpats' tests of spacetime ----------------------------


@pytest.mark.real_data
def test_knox_of_burkitts_lymphoma(stats_reference):
    cases = gpd.read_file(stats_reference / "burkitt" / "burkitt.shp", read_geometry=False)
    found = near_repeats.knox(
        cases["X"], cases["Y"], cases["T"].astype(int), within_m=20, within_days=5, draws=999, seed=1
    )
    assert found.observed.tolist() == [[13, 3416], [39, 14110]]
    assert found.expected.ravel() == pytest.approx([10.1438161, 3418.85618, 41.856139, 14107.1438], abs=1e-3)
    # pointpats prints the chance of more than 13; ours is of 13 or more, as the permutations count
    more = found.poisson_p_value - poisson.pmf(13, found.expected[0, 0])
    assert more == pytest.approx(0.146246, abs=1e-6)
    # published about 0.21 of 99 shuffles, whose standard error is 0.041
    assert found.p_value == pytest.approx(0.21, abs=0.05)


# --- arson in Chicago 2016, from the Near Repeat Calculator 1.3 kept with the package NearRepeat -


@pytest.fixture(scope="module")
def chicago(stats_reference):
    events = pd.read_csv(
        stats_reference / "near_repeat" / "chicago_arson_2016.csv", header=None, names=["x", "y", "on"]
    )
    day = pd.to_datetime(events["on"]).to_numpy().astype("datetime64[D]").astype(np.int64)
    return near_repeats.near_repeat_table(
        events["x"], events["y"], day, distance_limits_m=(0, 200, 400, 600), day_limits=(0, 1, 2, 3),
        metric="manhattan", seed=1,
    )  # fmt: skip


@pytest.mark.real_data
def test_near_repeat_table_of_arson_in_chicago(chicago):
    # The calculator's columns "0 to 1", "2 to 2", "3 to 3", "More than 3" hold pairs 0, 1, 2 and 3 or more
    # days apart: its labels are one off. One pair 399.96 m and 3 or more days apart is in its next band (140
    # and 234), as if coordinates had been rounded to whole metres first; all else is the same.
    assert list(chicago["time_band"].unique()) == ["same day", "1 day", "2 days", "3 days or more"]
    assert chicago["observed"].to_numpy().reshape(5, 4).tolist() == [
        [0, 2, 0, 8],
        [9, 1, 1, 45],
        [4, 0, 0, 141],
        [6, 0, 0, 233],
        [393, 710, 770, 133658],
    ]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("band", "days", "observed", "ratio"),
    [
        ("up to 200 m", "same day", 9, 74.25),
        ("200-400 m", "same day", 4, 11.647),
        ("400-600 m", "same day", 6, 7.714),
        ("same place", "1 day", 2, 28.286),
    ],
)
def test_knox_ratios_of_arson_in_chicago(chicago, band, days, observed, ratio):
    cell = chicago[(chicago["distance_band"] == band) & (chicago["time_band"] == days)].iloc[0]
    # Published ratios divide by the mean of 99 shuffles; ours by the exact mean. Few and rare pairs are
    # nearly Poisson, so the mean of 99 has a standard error of sqrt(expected / 99).
    mean_of_99 = observed / ratio
    assert abs(mean_of_99 - cell["expected"]) < 3 * np.sqrt(cell["expected"] / 99)
    assert cell["p_value"] <= 0.01
