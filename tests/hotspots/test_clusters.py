"""Density clusters on collapsed points are those of every incident."""

import numpy as np
from sklearn.cluster import DBSCAN

from mapping.hotspots import clusters


def test_repeated_points_collapse_to_one_with_their_count(make_incidents):
    points = clusters.collapse(
        make_incidents([(400_100, 300_100, "2025-01", 3), (400_200, 300_100, "2025-01", 1)])
    )
    assert list(points.easting_m) == [400_100, 400_200]
    assert list(points.count) == [3, 1]
    assert list(points.point_of) == [0, 0, 0, 1]


def test_eight_reports_on_one_point_are_a_cluster_and_seven_are_noise(make_incidents):
    rows = [(400_100, 300_100, "2025-01", 8), (400_900, 300_900, "2025-01", 7)]
    points = clusters.collapse(make_incidents(rows))
    found, is_core = clusters.find_clusters(points, points.count, eps_m=100, min_weight=8)
    assert list(found) == [0, clusters.NOISE]
    assert list(is_core) == [True, False]


def test_core_points_and_clusters_are_those_of_clustering_every_incident():
    rng = np.random.default_rng(3)
    xy = np.round(rng.normal(0, 300, (600, 2)), -1) + 400_000  # rounded, so many repeat
    import pandas as pd

    points = clusters.collapse(pd.DataFrame(xy, columns=["easting_m", "northing_m"]))
    ours, is_core = clusters.find_clusters(points, points.count, eps_m=60, min_weight=8)
    every = DBSCAN(eps=60, min_samples=8).fit(xy)
    core = np.zeros(600, dtype=bool)
    core[every.core_sample_indices_] = True
    assert (is_core[points.point_of] == core).all()
    pairs = set(zip(ours[points.point_of][core].tolist(), every.labels_[core].tolist(), strict=True))
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})  # one to one


def test_nothing_gives_no_cluster(make_incidents):
    points = clusters.collapse(make_incidents([]))
    found, is_core = clusters.find_clusters(points, points.count, eps_m=100, min_weight=8)
    assert len(found) == len(is_core) == 0


def test_exactly_enough_is_enough():
    # three points of weight 1 within reach of each other, and 3 asked for
    points = clusters.Points(
        np.array([0.0, 10.0, 20.0]), np.zeros(3), np.ones(3, dtype=np.int64), np.arange(3)
    )
    cluster_id, is_core = clusters.find_clusters(points, np.ones(3), eps_m=100.0, min_weight=3.0)
    assert is_core.all() and (cluster_id == 0).all()


def test_points_of_which_nothing_is_foretold_are_noise():
    points = clusters.Points(np.array([0.0, 10.0]), np.zeros(2), np.ones(2, dtype=np.int64), np.arange(2))
    cluster_id, is_core = clusters.find_clusters(points, np.zeros(2), eps_m=100.0, min_weight=3.0)
    assert (cluster_id == clusters.NOISE).all() and not is_core.any()
