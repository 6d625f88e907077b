"""Boundary editions."""

import datetime as dt

import geopandas as gpd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from mapping.access import Role
from mapping.errors import ConflictError, MissingColumnsError, NotAllowedError, NotFoundError, WrongCrsError
from mapping.store import audit, boundaries

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)


def add(session, wards, actor, name="May 2025", sha256="ab" * 32, **more):
    facts = {"name": name, "source": "ONS", "licence": "OGL v3", "sha256": sha256}
    return boundaries.add_edition(session, wards, **facts | more, actor=actor, now=NOW)


def test_an_edition_comes_back_with_its_outlines_to_the_last_digit(store, operator, two_wards):
    odd = shapely.Polygon([(0.1, 0.2), (1 / 3, 7.7), (5.123456789, 0.1)])
    wards = two_wards.set_geometry([odd, shapely.MultiPolygon([odd, shapely.box(9, 9, 10, 10)])])
    with store.transaction() as session:
        edition_id = add(session, wards, operator, base_layers={"roads": '{"type": "X"}', "parks": "{}"})
    with store.reading() as session:
        edition, found = boundaries.current(session)
        assert boundaries.get(session, edition_id) == edition
        assert boundaries.base_layers(session, edition_id) == {"parks": "{}", "roads": '{"type": "X"}'}
        assert audit.latest(session, limit=1)[0].details == {"sha256": "ab" * 32, "wards": 2}
    assert (edition.name, edition.source, edition.licence, edition.ward_count) == (
        "May 2025",
        "ONS",
        "OGL v3",
        2,
    )
    assert found.attrs["edition"] == "May 2025"
    assert_geodataframe_equal(found, wards, check_like=True, check_dtype=False)


def test_wards_come_by_code_whatever_order_they_came_in(store, operator, two_wards):
    with store.transaction() as session:
        add(session, two_wards.iloc[::-1], operator)
        _, found = boundaries.current(session)
    assert found["ward_gss_code"].tolist() == ["E05999001", "E05999002"]
    assert found["ward_name"].tolist() == ["West", "East"]


def test_the_edition_added_last_is_current_and_old_ones_stay(store, operator, two_wards):
    with store.transaction() as session:
        old = add(session, two_wards, operator)
        new = add(session, two_wards.iloc[:1], operator, name="May 2026", sha256="cd" * 32)
        assert boundaries.current(session)[0].edition_id == new
        assert [edition.edition_id for edition in boundaries.editions(session)] == [new, old]
        assert len(boundaries.wards(session, old)) == 2


def test_editions_hold_from_their_day_and_an_older_one_added_later_takes_nothing_over(
    store, operator, two_wards
):
    with store.transaction() as session:
        for name, day in (("2025", dt.date(2025, 5, 1)), ("2013", dt.date(2013, 5, 2)),
                          ("2999", dt.date(2999, 5, 7))):  # fmt: skip
            add(session, two_wards, operator, name=name, sha256=name * 16, in_force_from=day)
        assert boundaries.current(session)[0].name == "2025"
        assert boundaries.current(session, on=dt.date(2025, 4, 30))[0].name == "2013"
        assert boundaries.current(session, on=dt.date(2999, 5, 7))[0].name == "2999"
        with pytest.raises(NotFoundError):
            boundaries.current(session, on=dt.date(2013, 5, 1))


def test_wards_that_are_all_to_come_are_used_until_then(store, operator, two_wards):
    with store.transaction() as session:
        add(session, two_wards, operator, name="2999", in_force_from=dt.date(2999, 5, 7))
        assert boundaries.current(session)[0].name == "2999"


def test_the_same_edition_again_changes_nothing(store, operator, two_wards):
    with store.transaction() as session:
        first = add(session, two_wards, operator)
        assert add(session, two_wards, operator) == first
        assert len(boundaries.editions(session)) == 1


def test_other_content_under_a_name_that_is_taken_is_refused(store, operator, two_wards):
    with store.transaction() as session:
        add(session, two_wards, operator)
    with pytest.raises(ConflictError, match="abababababab"), store.transaction() as session:
        add(session, two_wards, operator, sha256="cd" * 32)


def test_wards_that_cannot_be_measured_are_refused(store, operator, two_wards):
    for wards, why in (
        (two_wards.to_crs("EPSG:4326"), WrongCrsError),
        (two_wards.drop(columns="ward_name"), MissingColumnsError),
        (two_wards.iloc[:0], ConflictError),
    ):
        with pytest.raises(why), store.transaction() as session:
            add(session, wards, operator)
    with pytest.raises(ConflictError), store.transaction() as session:
        add(session, gpd.GeoDataFrame(two_wards), operator, name="  ")


def test_without_an_edition_the_answer_says_how_to_add_one(store):
    with store.reading() as session, pytest.raises(NotFoundError, match="hotspots boundaries add"):
        boundaries.current(session)
    with store.reading() as session, pytest.raises(NotFoundError):
        boundaries.wards(session, 7)


def test_only_analysts_and_administrators_add_editions(store, partnership, two_wards):
    for role in set(Role) - {Role.ANALYST, Role.ADMINISTRATOR}:
        with pytest.raises(NotAllowedError), store.transaction() as session:
            add(session, two_wards, partnership.actor(role))
