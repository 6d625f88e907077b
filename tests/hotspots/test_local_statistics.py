"""Gi, Gi* and local Moran's I against sums done by hand, every case counted out, and esda."""

from itertools import permutations

import esda
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libpysal.weights import WSP, WSP2W
from scipy.sparse import csr_array, csr_matrix, eye_array
from scipy.stats import hypergeom

from mapping.errors import FlatCountsError, MappingError
from mapping.hotspots import local_statistics as local
from mapping.hotspots.grid import Grid


def line(size):
    """Link each place to the one before and after."""
    ones = np.ones(size - 1)
    at = np.arange(size - 1)
    half = csr_array((ones, (at, at + 1)), shape=(size, size))
    return half + half.T


def lattice(rows, columns, *, outside=()):
    ward = np.zeros(rows * columns, dtype=np.int64)
    ward[list(outside)] = -1
    return Grid(100.0, 400_000.0, 300_000.0, rows, columns, ("E05999001",), ward)


def round_borough(across=24):
    row, column = np.divmod(np.arange(across * across), across)
    middle = (across - 1) / 2
    is_out = np.hypot(row - middle, column - middle) > across / 2
    return lattice(across, across, outside=np.flatnonzero(is_out))


def skewed_counts(size, seed):
    rng = np.random.default_rng(seed)
    share = rng.gamma(0.4, size=size)
    return rng.multinomial(5 * size, share / share.sum()).astype(float)


# four places on a line with 1, 2, 3 and 6: mean 3, squares of differences 4 + 1 + 0 + 9 = 14
FOUR = np.array([1.0, 2.0, 3.0, 6.0])


def test_gi_by_hand_leaves_the_place_itself_out():
    # Last place: the others 1, 2, 3 have mean 2 and variance 2/3; its one neighbour holds 3.
    # Expected 1 * 2; variance 2/3 * (3 * 1 - 1) / (3 - 1) = 2/3; z = (3 - 2) / sqrt(2/3)
    assert local.gi(FOUR, line(4))[3] == pytest.approx(1 / np.sqrt(2 / 3))


def test_gi_star_by_hand_counts_the_place_itself():
    # Last place: 3 + 6 = 9 where 2 * 3 = 6 are expected; variance 14/4 * (4 * 2 - 4) / 3 = 14/3
    scored = local.gi_star(FOUR, line(4) + eye_array(4))
    assert scored[3] == pytest.approx(3 / np.sqrt(14 / 3))
    # over n - 1 the variance is 14/3 * 4/3
    fewer = local.gi_star(FOUR, line(4) + eye_array(4), divisor="n-1")
    assert fewer[3] == pytest.approx(3 / np.sqrt(14 / 3 * 4 / 3))


def test_local_moran_by_hand_with_its_quadrants():
    # Differences -2, -1, 0, 3. Second place: neighbours' mean (-2 + 0) / 2 = -1; I = 3 * (-1 * -1) / 14
    moran_i, quadrant = local.local_moran(FOUR, line(4))
    assert moran_i == pytest.approx([3 * 2 / 14, 3 * 1 / 14, 0.0, 0.0])
    assert list(quadrant) == ["low-low", "low-low", "low-high", "high-low"]


@given(st.lists(st.integers(0, 9), min_size=5, max_size=12), st.floats(0.1, 50))
def test_multiplying_a_row_of_weights_or_all_counts_changes_no_score(counts, factor):
    values = np.array(counts, dtype=float)
    if np.ptp(values) == 0:
        return
    links = line(len(values))
    scored = local.gi(values, links)
    assert np.allclose(local.gi(values, links * factor), scored, equal_nan=True)
    assert np.allclose(local.gi(values * factor, links), scored, equal_nan=True)


def test_gi_is_undefined_where_nothing_around_could_differ():
    # the first place has no neighbour; of the last all others are equal
    links = csr_array((np.ones(4), ([1, 2, 2, 3], [2, 1, 3, 2])), shape=(4, 4))
    assert np.isnan(local.gi([0.0, 0.0, 0.0, 5.0], links)[[0, 3]]).all()
    everyone = csr_array(np.ones((4, 4)) - np.eye(4))
    assert np.isnan(local.gi(FOUR, everyone)).all()
    assert np.isnan(local.gi_star(FOUR, everyone + eye_array(4))).all()


# --- the lattice ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("distance_m", "inner"), [(100, 4), (141, 4), (142, 8), (200, 12), (300, 28)])
def test_neighbours_are_the_cells_whose_centres_lie_within_the_distance(distance_m, inner):
    links = local.lattice_neighbours(lattice(7, 7), distance_m)
    assert links[[24], :].sum() == inner  # the middle of 7 by 7
    assert (links != links.T).nnz == 0
    assert not links.diagonal().any()


def test_a_cell_outside_the_study_area_is_absent_and_not_a_zero():
    # 3 by 3 without its middle: each corner keeps two neighbours, each side two
    links = local.lattice_neighbours(lattice(3, 3, outside=[4]), 100)
    assert links.shape == (8, 8)
    assert list(np.diff(links.indptr)) == [2] * 8
    scored = local.score_cells([3.0, 0, 0, 0, 0, 0, 0, 1], lattice(3, 3, outside=[4]), distance_m=100, seed=1)
    # South-west corner: 3 + 0 + 0 of it and two neighbours; mean 4/8, variance 10/8 - 1/4 = 1, and
    # (8 * 3 - 9) / 7 = 15/7 of it: z = (3 - 1.5) / sqrt(15/7). A zero in the middle would make it nine cells.
    assert scored["gi_star_z"].iloc[0] == pytest.approx(1.5 / np.sqrt(15 / 7))
    assert scored["cell_id"].iloc[0] == "E400000N300000"


def test_cells_without_a_neighbour_keep_an_ordinary_p_value():
    # a strip and, two cells away, one alone
    scored = local.score_cells([9.0, 2, 1, 9], lattice(1, 5, outside=[3]), distance_m=100, seed=1)
    alone = scored.iloc[-1]
    assert (alone["neighbour_count"], alone["p_value"], alone["moran_i"]) == (0, 1.0, 0.0)
    assert np.isnan(alone["gi_z"])


# --- p-values ------------------------------------------------------------------------------------


def test_p_values_agree_with_every_order_of_the_others():
    values = np.array([4.0, 1.0, 0.0, 2.0, 2.0, 5.0])
    links = line(6) + csr_array(([1.0, 1.0], ([0, 5], [3, 0])), shape=(6, 6))
    exact = []
    for place in range(6):
        others = np.delete(values, place)
        number = int(links[[place], :].sum())
        observed = (links @ values)[place]
        exact.append(np.mean([sum(order[:number]) >= observed for order in permutations(others)]))
    found = local.permutation_p_values(values, links, draws=20_000, seed=7)
    # four standard errors of a share over 20,000 draws are at most 4 * 0.5 / sqrt(20,000) = 0.0141
    assert np.abs(found - exact).max() < 0.0142


def test_p_values_of_yes_and_no_are_hypergeometric():
    grid = round_borough(16)
    size = len(grid.study_cells)
    marked = (np.random.default_rng(3).random(size) < 0.3).astype(float)
    scored = local.score_cells(marked, grid, distance_m=200, draws=5000, seed=4)
    links = local.lattice_neighbours(grid, 200)
    # drawn from the size - 1 others, of which all marks but an own one are marked
    exact = hypergeom.sf(links @ marked - 1, size - 1, marked.sum() - marked, scored["neighbour_count"])
    assert np.abs(scored["p_value"] - exact).max() < 4 * 0.5 / np.sqrt(5000)


def test_under_chance_one_cell_in_twenty_is_below_five_percent():
    grid = round_borough(16)
    size = len(grid.study_cells)
    rng = np.random.default_rng(11)
    shares = [
        (
            local.score_cells(
                rng.permutation(skewed_counts(size, k)), grid, distance_m=200, draws=199, seed=k
            )["p_value"]
            <= 0.05
        ).mean()
        for k in range(60)
    ]
    # never more often than said; ties make whole counts a little more careful
    assert np.mean(shares) <= 0.05 + 2 * np.std(shares) / np.sqrt(60)
    assert np.mean(shares) >= 0.035


def test_a_seed_gives_the_same_p_values_and_none_is_ever_zero():
    grid = round_borough(12)
    counts = skewed_counts(len(grid.study_cells), 2)
    counts[:30] = 50
    first, again = (local.score_cells(counts, grid, distance_m=150, seed=5) for _ in range(2))
    assert first.equals(again)
    assert first["p_value"].min() == pytest.approx(1 / 1000)


def test_moran_p_value_is_one_outside_high_high():
    grid = round_borough(12)
    scored = local.score_cells(skewed_counts(len(grid.study_cells), 2), grid, distance_m=150, seed=5)
    is_high = scored["quadrant"] == "high-high"
    assert (scored.loc[~is_high, "moran_p_value"] == 1.0).all()
    assert (scored.loc[is_high, "moran_p_value"] == scored.loc[is_high, "p_value"]).all()


# --- esda ----------------------------------------------------------------------------------------

# esda says that its two sides will be told apart; here only the side they share with ours is compared
esda_warns = pytest.mark.filterwarnings("ignore:The alternative hypothesis", "ignore:invalid value")


@pytest.fixture(scope="module")
def beside_esda():
    grid = round_borough(20)
    counts = skewed_counts(len(grid.study_cells), 8)
    weights = WSP2W(WSP(csr_matrix(local.lattice_neighbours(grid, 200))), silence_warnings=True)
    return counts, weights, local.score_cells(counts, grid, distance_m=200, draws=4999, seed=1)


@esda_warns
@pytest.mark.parametrize(("star", "column"), [(False, "gi_z"), (True, "gi_star_z")])
def test_gi_and_gi_star_are_those_of_esda(beside_esda, star, column):
    counts, weights, ours = beside_esda
    theirs = esda.G_Local(counts, weights, transform="B", star=star, permutations=4999, n_jobs=1, seed=2)
    assert np.abs(ours[column] - theirs.Zs).max() < 1e-10
    # theirs is the smaller of both sides; each estimate is within 4 * 0.5 / sqrt(4999) = 0.0283
    folded = np.minimum(ours["p_value"], 1 - ours["p_value"])
    assert np.abs(folded - theirs.p_sim).max() < 2 * 0.0283


@esda_warns
def test_local_moran_is_that_of_esda(beside_esda):
    counts, weights, ours = beside_esda
    theirs = esda.Moran_Local(counts, weights, transformation="r", permutations=4999, n_jobs=1, seed=2)
    assert np.abs(ours["moran_i"] - theirs.Is).max() < 1e-10
    named = np.array(["", "high-high", "low-high", "low-low", "high-low"])[theirs.q]
    assert list(ours["quadrant"]) == list(named)
    is_high = named == "high-high"
    assert np.abs(ours["p_value"] - theirs.p_sim)[is_high & (theirs.p_sim < 0.4)].max() < 2 * 0.0283


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("measure", [local.gi, local.local_moran, local.permutation_p_values])
def test_equal_counts_are_refused(measure):
    extra = {"seed": 1} if measure is local.permutation_p_values else {}
    with pytest.raises(FlatCountsError, match="none can stand out"):
        measure([2.0, 2.0, 2.0, 2.0], line(4), **extra)


def test_the_diagonal_must_say_what_the_statistic_means():
    with pytest.raises(MappingError, match="clear the diagonal"):
        local.gi(FOUR, line(4) + eye_array(4))
    with pytest.raises(MappingError, match="fill the diagonal"):
        local.gi_star(FOUR, line(4))
    with pytest.raises(MappingError, match="clear the diagonal"):
        local.local_moran(FOUR, line(4) + eye_array(4))


def test_what_does_not_fit_is_refused_with_the_numbers():
    with pytest.raises(MappingError, match=r"\(4,\) do not fit weights of shape \(5, 5\)"):
        local.gi(FOUR, line(5))
    with pytest.raises(MappingError, match="1 values are not numbers"):
        local.gi([1.0, np.nan, 2.0, 3.0], line(4))
    with pytest.raises(MappingError, match="at least one cell"):
        local.lattice_neighbours(lattice(3, 3), 50)
    with pytest.raises(MappingError, match="at least 99"):
        local.permutation_p_values(FOUR, line(4), draws=50, seed=1)
    with pytest.raises(MappingError, match="links of weight 1"):
        local.permutation_p_values(FOUR, line(4) * 0.5, seed=1)
