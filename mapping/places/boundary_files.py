"""Boundary files: bytes -> attribute columns and outlines, defensively.

GeoJSON, TopoJSON, GeoPackage or shapefile, plain, gzipped or zipped; content decides, not the file
name. Nothing is handed to GDAL that has not been recognised first, because GDAL opens many formats
that can point at other files.
"""

import gzip
import json
import re
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from mapping.errors import BoundaryError

# The full-resolution wards of the whole United Kingdom are about 150 MB as GeoJSON.
MAX_BYTES: Final = 512 * 2**20
# Outlines pack to a tenth at best; what comes out at more than this was made to fill the memory.
MOST_RATIO: Final = 100
_RATIO_FREE_BYTES: Final = 2**20
_CHUNK: Final = 2**20
_SHAPEFILE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_KINDS: Final = "GeoJSON, TopoJSON, GeoPackage or shapefile, plain, gzipped or zipped"
_EPSG: Final = re.compile(r"EPSG:(?:[\d.]*:)?(\d+)$", re.IGNORECASE)


@dataclass(frozen=True)
class Boundaries:
    """What one file holds, before anything is made of it.

    `faults` says per feature why its outline could not be read; empty where it could, and then
    `geometry` holds it. `crs` is what the file itself states, as `EPSG:n`, or empty.
    """

    columns: dict[str, list[Any]]
    geometry: npt.NDArray[np.object_]
    faults: list[str] = field(repr=False)
    crs: str


def read_boundaries(path: Path) -> Boundaries:
    """Read one boundary file.

    Raises
    ------
    BoundaryError
        The file is missing, empty, too large, or nothing known here.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(16)
        if head.startswith(b"\x00\x00\x27\x0a"):
            return _from_gdal(path, path.name)
        if head.startswith(b"PK\x03\x04"):
            return _from_zip(path)
        return _from_bytes(_content(path, is_gzip=head.startswith(b"\x1f\x8b")), path.name)
    except OSError as error:
        raise BoundaryError(path.name, [f"The file cannot be read: {error.strerror}."]) from None


def _content(path: Path, *, is_gzip: bool) -> bytes:
    try:
        if is_gzip:
            with gzip.open(path) as packed:
                return _inflated(packed, path.stat().st_size, path.name)
        with path.open("rb") as stream:
            return _capped(stream.read(MAX_BYTES + 1), path.name)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise BoundaryError(
            path.name, ["The compressed data is damaged or stops early; copy the file again."]
        ) from None


def _capped(content: bytes, name: str) -> bytes:
    if len(content) > MAX_BYTES:
        raise BoundaryError(name, [f"It holds more than {MAX_BYTES // 2**20} MB, the most read here."])
    return content


def _inflated(stream: IO[bytes] | gzip.GzipFile, packed_bytes: int, name: str) -> bytes:
    """Inflate piece by piece, so that what was made to fill the memory is refused before it does."""
    chunks, total = [], 0
    while chunk := stream.read(_CHUNK):
        total += len(chunk)
        if total > MAX_BYTES or (total > _RATIO_FREE_BYTES and total > packed_bytes * MOST_RATIO):
            said = f"It holds more than {MAX_BYTES // 2**20} MB or {MOST_RATIO} times its size"
            raise BoundaryError(name, [f"{said}, the most read here."])
        chunks.append(chunk)
    return b"".join(chunks)


def _from_bytes(content: bytes, name: str) -> Boundaries:
    if not content.strip():
        raise BoundaryError(name, ["The file is empty."])
    if content.startswith(b"SQLite format 3\x00"):
        return _from_gdal_bytes(content, ".gpkg", name)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _from_json(content, name)
    raise BoundaryError(name, [f"The file is not one of the kinds read here: {_KINDS}."])


def _from_zip(path: Path) -> Boundaries:
    """Read the one boundary file in a zip; the parts of a shapefile get names of our own."""
    try:
        with zipfile.ZipFile(path) as archive:
            main = [
                item
                for item in archive.infolist()
                if item.filename.lower().endswith((".shp", ".gpkg", ".geojson", ".json"))
            ]
            if len(main) != 1:
                raise BoundaryError(
                    path.name, [f"The zip holds {len(main)} boundary files; put exactly one in it."]
                )
            if not main[0].filename.lower().endswith(".shp"):
                return _from_bytes(_member(archive, main[0], path.name), path.name)
            stem = main[0].filename[:-4].lower()
            with tempfile.TemporaryDirectory() as folder:
                for item in archive.infolist():
                    suffix = item.filename[-4:].lower()
                    if item.filename[:-4].lower() == stem and suffix in _SHAPEFILE_PARTS:
                        Path(folder, f"wards{suffix}").write_bytes(_member(archive, item, path.name))
                return _from_gdal(Path(folder, "wards.shp"), path.name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error):  # damaged, encrypted
        raise BoundaryError(path.name, ["The zip is damaged or encrypted; make it again."]) from None


def _member(archive: zipfile.ZipFile, item: zipfile.ZipInfo, name: str) -> bytes:
    with archive.open(item) as stream:
        return _inflated(stream, item.compress_size, name)


def _from_json(content: bytes, name: str) -> Boundaries:
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BoundaryError(name, ["The file is not in UTF-8; save it again as GeoJSON."]) from None
    except (ValueError, RecursionError):  # broken, or a number of more than 4,300 digits
        raise BoundaryError(name, ["The JSON is broken or nested too deeply to be a ward file."]) from None
    if document.get("type") == "Topology":
        return _from_gdal_bytes(content, ".json", name)
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise BoundaryError(name, ["The JSON holds no FeatureCollection and no Topology, so no wards."])
    return _from_features(features, _stated_crs(document.get("crs")))


def _from_features(features: list[Any], crs: str) -> Boundaries:
    """Take GeoJSON features apart; a feature of the wrong shape gets a fault, never a crash."""
    shapes, faults, rows = [], [], []
    for feature in features:
        held = feature if isinstance(feature, dict) else {}
        properties, shape = held.get("properties"), held.get("geometry")
        rows.append(properties if isinstance(properties, dict) else {})
        faults.append(_fault_of(shape))
        shapes.append(json.dumps(shape) if not faults[-1] else None)
    read = shapely.from_geojson(np.array(shapes, dtype=object), on_invalid="ignore")
    geometry = np.asarray(shapely.force_2d(read), dtype=object)
    faults = [
        fault or ("its outline cannot be read" if shape is None else "")
        for fault, shape in zip(faults, geometry, strict=True)
    ]
    names = dict.fromkeys(name for row in rows for name in row)
    return Boundaries({name: [row.get(name) for row in rows] for name in names}, geometry, faults, crs)


def _fault_of(shape: object) -> str:
    """Say what is plainly wrong with a GeoJSON geometry, or nothing."""
    if not isinstance(shape, dict):
        return "it has no outline"
    parts: Any = shape.get("coordinates")
    if shape.get("type") == "Polygon":
        parts = [parts]
    elif shape.get("type") != "MultiPolygon":
        kind = shape.get("type")
        return f"it is a {kind}, not an area" if kind in _OTHER_SHAPES else "its outline cannot be read"
    try:
        rings = [np.asarray([pair[:2] for pair in ring], dtype=np.float64) for part in parts for ring in part]
    except (TypeError, ValueError, IndexError, OverflowError):
        return "its outline cannot be read"
    if any(ring.ndim != 2 or not np.isfinite(ring).all() for ring in rings):
        return "its outline holds values that are not numbers"
    if any((ring[0] != ring[-1]).any() for ring in rings):
        return "its outline is not closed"
    return ""


_OTHER_SHAPES: Final = ("Point", "MultiPoint", "LineString", "MultiLineString", "GeometryCollection")


def _stated_crs(member: object) -> str:
    """Return `EPSG:n` from the old GeoJSON `crs` member, or nothing."""
    if not isinstance(member, dict) or not isinstance(member.get("properties"), dict):
        return ""
    stated = str(member["properties"].get("name", ""))
    if stated.endswith("CRS84"):
        return "EPSG:4326"
    found = _EPSG.search(stated)
    return f"EPSG:{found[1]}" if found else ""


def _from_gdal_bytes(content: bytes, suffix: str, name: str) -> Boundaries:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, f"wards{suffix}")
        copy.write_bytes(content)
        return _from_gdal(copy, name)


def _from_gdal(source: Path, name: str) -> Boundaries:
    import pyogrio  # GDAL costs 50 ms that a GeoJSON file need not pay
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        with warnings.catch_warnings():  # they name files of this machine
            warnings.simplefilter("ignore", RuntimeWarning)
            layers = [str(layer) for layer, kind in pyogrio.list_layers(source) if kind is not None]
            meta, _, wkb, values = pyogrio.raw.read(source, layer=layers[0] if layers else 0, force_2d=True)
    except (DataLayerError, DataSourceError, ValueError):
        raise BoundaryError(name, ["The file is damaged or incomplete; save it again."]) from None
    if len(layers) != 1:
        raise BoundaryError(
            name, [f"The file holds {len(layers)} layers of shapes; save the wards alone in one file."]
        )
    geometry = shapely.from_wkb(wkb, on_invalid="ignore")
    columns = {str(label): list(column) for label, column in zip(meta["fields"], values, strict=True)}
    faults = _faults_of(list(np.asarray(wkb)), geometry)
    return Boundaries(columns, geometry, faults, str(meta["crs"] or "").upper())


def _faults_of(wkb: Sequence[bytes | None], geometry: npt.NDArray[np.object_]) -> list[str]:
    faults = []
    for raw, shape in zip(wkb, geometry, strict=True):
        if raw is None:
            faults.append("it has no outline")
        elif shape is None:
            faults.append("its outline is not closed or cannot be read")
        elif shape.geom_type not in ("Polygon", "MultiPolygon"):
            faults.append(f"it is a {shape.geom_type}, not an area")
        elif not np.isfinite(shapely.get_coordinates(shape)).all():
            faults.append("its outline holds values that are not numbers")
        else:
            faults.append("")
    return faults
