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
    level: str = "ward"
    in_force_from: dt.date | None = None

    @property
    def since(self) -> dt.date:
        """The day it is in force from: that which was said, else that on which it was added."""
        return self.in_force_from or self.added_at.date()


def add_edition(
    session: Session,
    wards: "gpd.GeoDataFrame",
    *,
    name: str,
    source: str,
    licence: str,
    sha256: str,
    level: str = "ward",
    in_force_from: dt.date | None = None,
    base_layers: Mapping[str, str] | None = None,
    actor: Actor,
    now: dt.datetime,
) -> int:
    """Keep a set of wards as an edition; the same edition again changes nothing.

    Parameters
    ----------
    wards : GeoDataFrame, n >= 1 rows, EPSG:27700
        `schema.WARDS`, as `places.wards.read_wards` returns it.
    level : str
        ward, data zone or LSOA.
    in_force_from : date, optional
        The day from which it holds; the day it is added where that is not known.
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
        name=name, source=source, licence=licence, sha256=sha256, level=level, in_force_from=in_force_from,
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


def editions(session: Session, *, level: str = "ward", on: dt.date | None = None) -> list[Edition]:
    """Return the editions of a level, that which is in force last first.

    Parameters
    ----------
    on : date, optional
        Leave out those that are not in force yet on that day.
    """
    chosen = select(models.BoundaryEdition).where(models.BoundaryEdition.level == level)
    held = [_edition(session, row) for row in session.execute(chosen).scalars()]
    if on is not None:
        held = [edition for edition in held if edition.since <= on]
    return sorted(held, key=lambda edition: (edition.since, edition.edition_id), reverse=True)


def in_use(session: Session) -> Edition | None:
    """Return the ward edition in force today, or where none is yet the last that is to come."""
    held = editions(session)
    today = access.local_day(dt.datetime.now(dt.UTC))
    return next((edition for edition in held if edition.since <= today), held[0] if held else None)


def current(session: Session, *, on: dt.date | None = None) -> "tuple[Edition, gpd.GeoDataFrame]":
    """Return the ward edition in force on a day, and its wards; without a day, that which is `in_use`.

    Raises
    ------
    NotFoundError
        None was added yet, or none is in force yet on that day.
    """
    newest = in_use(session) if on is None else next(iter(editions(session, on=on)), None)
    if newest is None:
        raise NotFoundError(
            "No wards are loaded; add them with `hotspots boundaries add FILE --edition NAME`."
        )
    return newest, wards(session, newest.edition_id)


def named(session: Session, name: str) -> Edition:
    """Return the edition of a name.

    Raises
    ------
    NotFoundError
        There is none; the sentence names those there are.
    """
    row = session.execute(
        select(models.BoundaryEdition).where(models.BoundaryEdition.name == name)
    ).scalar_one_or_none()
    if row is None:
        held = session.execute(select(models.BoundaryEdition.name)).scalars().all()
        raise NotFoundError(
            f"There is no edition {name}; there are: {', '.join(sorted(held)) or 'none yet'}."
        )
    return _edition(session, row)


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
        level=row.level,
        in_force_from=row.in_force_from,
    )
