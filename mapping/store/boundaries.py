"""Boundary editions: dated sets of wards, each kept for the runs that were made with it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from mapping import access, schema
from mapping.access import Action, Actor, Kind
from mapping.crs import BNG, require_bng
from mapping.errors import ConflictError, NotFoundError
from mapping.store import audit, models

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True)
class Edition:
    """Where a set of wards came from."""

    edition_id: int
    name: str
    source: str
    licence: str
    sha256: str
    ward_count: int
    added_at: dt.datetime


def add_edition(
    session: Session,
    wards: "gpd.GeoDataFrame",
    *,
    name: str,
    source: str,
    licence: str,
    sha256: str,
    base_layers: Mapping[str, str] | None = None,
    actor: Actor,
    now: dt.datetime,
) -> int:
    """Keep a set of wards as the newest edition; the same edition again changes nothing.

    Parameters
    ----------
    wards : GeoDataFrame, n >= 1 rows, EPSG:27700
        `schema.WARDS`, as `places.wards.read_wards` returns it.
    base_layers : mapping of str to str
        Layer name (roads, parks, ...) to GeoJSON text in EPSG:4326, drawn under the maps.

    Returns
    -------
    int
        `edition_id`.

    Raises
    ------
    NotAllowedError
        The account may not.
    ConflictError
        Another edition has this name, or there is no ward.
    """
    access.require(actor, Action.CREATE, Kind.BOUNDARY, today=access.local_day(now))
    require_bng(wards, "wards")
    schema.require(wards, list(schema.WARDS), "wards")
    if wards.empty or not name.strip():
        raise ConflictError("A boundary edition needs a name and at least one ward.")
    held = session.execute(
        select(models.BoundaryEdition).where(models.BoundaryEdition.name == name)
    ).scalar_one_or_none()
    if held is not None:
        if held.sha256 == sha256:
            return held.edition_id
        raise ConflictError(
            f"There is a boundary edition of that name with other content ({held.sha256[:12]}); "
            "give the new one its own name, for what was made with the old one refers to it."
        )
    row = models.BoundaryEdition(
        name=name, source=source, licence=licence, sha256=sha256, level="ward", in_force_from=None,
        added_at=now, added_by=actor.account_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _add_wards(session, row.edition_id, wards)
    session.add_all(
        models.BaseLayer(edition_id=row.edition_id, name=layer, geojson=geojson)
        for layer, geojson in (base_layers or {}).items()
    )
    audit.append(
        session,
        actor=actor,
        action="create",
        kind=Kind.BOUNDARY,
        object_id=row.edition_id,
        details={"sha256": sha256, "wards": len(wards)},
        now=now,
    )
    return row.edition_id


def _add_wards(session: Session, edition_id: int, wards: "gpd.GeoDataFrame") -> None:
    import shapely

    outlines = shapely.to_wkb(wards.geometry.to_numpy())
    session.execute(
        insert(models.Ward),
        [
            {"edition_id": edition_id, "ward_gss_code": code, "ward_name": ward_name, "outline": outline}
            for code, ward_name, outline in zip(
                wards["ward_gss_code"].tolist(), wards["ward_name"].tolist(), outlines, strict=True
            )
        ],
    )


def editions(session: Session) -> list[Edition]:
    """Return every edition, newest first."""
    chosen = select(models.BoundaryEdition).order_by(models.BoundaryEdition.edition_id.desc())
    return [_edition(session, row) for row in session.execute(chosen).scalars()]


def current(session: Session) -> "tuple[Edition, gpd.GeoDataFrame]":
    """Return the edition added last, and its wards.

    Raises
    ------
    NotFoundError
        None was added yet.
    """
    newest = session.execute(
        select(models.BoundaryEdition).order_by(models.BoundaryEdition.edition_id.desc()).limit(1)
    ).scalar_one_or_none()
    if newest is None:
        raise NotFoundError(
            "No wards are loaded; add them with `hotspots boundaries add FILE --edition NAME`."
        )
    return _edition(session, newest), wards(session, newest.edition_id)


def get(session: Session, edition_id: int) -> Edition:
    """Return one edition.

    Raises
    ------
    NotFoundError
        There is none of this id.
    """
    row = session.get(models.BoundaryEdition, edition_id)
    if row is None:
        raise NotFoundError("There is no boundary edition of this id.")
    return _edition(session, row)


def wards(session: Session, edition_id: int) -> "gpd.GeoDataFrame":
    """Return an edition's `schema.WARDS`, EPSG:27700, by GSS code; `.attrs["edition"]` names it."""
    import geopandas as gpd
    import shapely

    edition = get(session, edition_id)
    rows = session.execute(
        select(models.Ward.ward_gss_code, models.Ward.ward_name, models.Ward.outline)
        .where(models.Ward.edition_id == edition_id)
        .order_by(models.Ward.ward_gss_code)
    ).all()
    frame = gpd.GeoDataFrame(
        {"ward_gss_code": [row.ward_gss_code for row in rows], "ward_name": [row.ward_name for row in rows]},
        geometry=shapely.from_wkb([row.outline for row in rows]),
        crs=BNG,
    )
    frame.attrs.update({"edition": edition.name, "messages": []})
    return frame


def base_layers(session: Session, edition_id: int) -> dict[str, str]:
    """Return layer name to GeoJSON text (EPSG:4326) of an edition."""
    rows = session.execute(
        select(models.BaseLayer.name, models.BaseLayer.geojson)
        .where(models.BaseLayer.edition_id == edition_id)
        .order_by(models.BaseLayer.name)
    )
    return {row.name: row.geojson for row in rows}


def _edition(session: Session, row: models.BoundaryEdition) -> Edition:
    count = session.execute(
        select(func.count()).select_from(models.Ward).where(models.Ward.edition_id == row.edition_id)
    ).scalar_one()
    return Edition(
        edition_id=row.edition_id,
        name=row.name,
        source=row.source,
        licence=row.licence,
        sha256=row.sha256,
        ward_count=count,
        added_at=row.added_at,
    )
