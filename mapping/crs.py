"""Coordinates: EPSG:27700 metres inside, EPSG:4326 degrees at the edges.

The conversion is OSTN15, the Ordnance Survey's own grid shift, to a centimetre and offline
(convertbng). pyproj's wheel lacks that grid and is about two metres off, so it is used here
for naming coordinate systems and never for moving points between these two.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping.errors import WrongCrsError

BNG: Final = "EPSG:27700"
WGS84: Final = "EPSG:4326"

# Outside this box there is no Great Britain, and OSTN15 has no answer.
GB_EASTING_M: Final = (0.0, 700_000.0)
GB_NORTHING_M: Final = (0.0, 1_300_000.0)
GB_LON: Final = (-9.0, 2.1)
GB_LAT: Final = (49.7, 61.0)

# The grid that OSTN15's shifts are added to: the National Grid's projection on the GRS80 ellipsoid.
_NATIONAL_GRID_ON_GRS80: Final = (
    "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=GRS80"
)

FloatArray = npt.NDArray[np.float64]


def to_bng(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Convert degrees to metres.

    Parameters
    ----------
    lon, lat : array-like of float, shape (n,), EPSG:4326

    Returns
    -------
    (easting_m, northing_m) : arrays of float, shape (n,), EPSG:27700
        Rounded to the millimetre. NaN where a value is not finite or lies outside Great Britain.

    References
    ----------
    Ordnance Survey (2020). Transformations and OSGM15 user guide (OSTN15).
    """
    easting_m, northing_m = _convert("convert_bng", lon, lat, GB_LON, GB_LAT)
    return _fill_far_islands(easting_m, northing_m, lon, lat)


def _fill_far_islands(
    easting_m: FloatArray, northing_m: FloatArray, lon: npt.ArrayLike, lat: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Convert what `convert_bng` leaves out although OSTN15 covers it.

    Its window ends at the outermost test points (49.922 to 60.84 degrees north, 8.579 west), which
    loses Hugh Town and half of the Scillies, and St Kilda. The same two steps by themselves, the
    projection and then the grid shift, have no such window.
    """
    first, second = np.asarray(lon, dtype=np.float64).ravel(), np.asarray(lat, dtype=np.float64).ravel()
    left_out = np.isnan(easting_m) & _within(first, GB_LON) & _within(second, GB_LAT)
    if left_out.any():
        from convertbng import cutil
        from pyproj import Proj

        east, north = Proj(_NATIONAL_GRID_ON_GRS80)(first[left_out], second[left_out])
        inside = _within(east, GB_EASTING_M) & _within(north, GB_NORTHING_M)
        filled = np.flatnonzero(left_out)[inside]
        easting_m[filled], northing_m[filled] = cutil.convert_etrs89_to_osgb36(east[inside], north[inside])
    return easting_m, northing_m


def to_wgs84(easting_m: npt.ArrayLike, northing_m: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Convert metres to degrees: the inverse of `to_bng`, with the same NaN rule."""
    return _convert("convert_lonlat", easting_m, northing_m, GB_EASTING_M, GB_NORTHING_M)


def _convert(
    name: str, x: npt.ArrayLike, y: npt.ArrayLike, x_range: tuple[float, float], y_range: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    from convertbng import cutil  # 20 ms that `hotspots --help` need not pay

    first, second = np.asarray(x, dtype=np.float64).ravel(), np.asarray(y, dtype=np.float64).ravel()
    usable = _within(first, x_range) & _within(second, y_range)
    out_x, out_y = np.full(first.shape, np.nan), np.full(first.shape, np.nan)
    if usable.any():
        out_x[usable], out_y[usable] = getattr(cutil, name)(first[usable].copy(), second[usable].copy())
    bad = ~(np.isfinite(out_x) & np.isfinite(out_y))
    out_x[bad] = out_y[bad] = np.nan
    return out_x, out_y


def _within(values: FloatArray, limits: tuple[float, float]) -> npt.NDArray[np.bool_]:
    """Say which values lie between the limits, both included; NaN and infinity do not."""
    return (values >= limits[0]) & (values <= limits[1])


def geometry_to_bng(geometry: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Move shapely geometries from EPSG:4326 to EPSG:27700, vertex by vertex.

    Raises
    ------
    WrongCrsError
        A vertex lies outside Great Britain, or the values are not degrees.
    """
    return _transform(geometry, to_bng, "degrees inside Great Britain (EPSG:4326)")


def geometry_to_wgs84(geometry: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Move shapely geometries from EPSG:27700 to EPSG:4326, vertex by vertex."""
    return _transform(geometry, to_wgs84, "metres on British National Grid (EPSG:27700)")


def _transform(geometry: npt.ArrayLike, convert: object, needed: str) -> npt.NDArray[np.object_]:
    def move(points: FloatArray) -> FloatArray:
        moved = np.column_stack(convert(points[:, 0], points[:, 1]))  # type: ignore[operator]
        if np.isnan(moved).any():
            raise WrongCrsError(
                f"{int(np.isnan(moved[:, 0]).sum())} of {len(moved)} outline points are not {needed}; "
                "say which coordinate system the file is in."
            )
        return moved

    return np.asarray(shapely.transform(np.asarray(geometry, dtype=object), move))


def require_bng(frame: pd.DataFrame, name: str) -> None:
    """Refuse a GeoDataFrame that is not in metres on British National Grid."""
    code = getattr(frame, "crs", None)
    if code is None or code.to_epsg() != 27700:
        came = "no coordinate system" if code is None else f"EPSG:{code.to_epsg()}"
        raise WrongCrsError(
            f"`{name}` is in {came}; this step needs metres (EPSG:27700). Use `crs.geometry_to_bng` first."
        )
