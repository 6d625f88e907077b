"""Ward boundaries from ONS Open Geography: services of ArcGIS REST, asked a page at a time.

Outlines are asked for in the National Grid where the layer is drawn in it, as all of them are. Asked
for in degrees, the server would shift them by a method it does not name, and it is some metres that
the exact way back would not undo (decision 0009).
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mapping.errors import SourceError
from mapping.sources.client import Client, Progress, objects, refusal, require_documented, silent
from mapping.sources.kept import write_whole
from mapping.sources.ward_services import WardService, choose, lookups

ATTRIBUTION: Final = (
    "Source: Office for National Statistics licensed under the Open Government Licence v3.0. "
    "Contains OS data © Crown copyright and database right {year}"
)
# 25 wards drawn in full are some megabytes: an answer that comes quickly, and little to ask again.
PAGE: Final = 25
_TABLE_PAGE: Final = 1000
_MOST_PAGES: Final = 200
_MOST_LOOKUPS: Final = 3
_AUTHORITY: Final = re.compile(r"(?:E0[6-9]|S12|W06|N09)\d{6}", re.ASCII)
_CODE: Final = re.compile(r"[ENSW]\d{8}", re.ASCII)
_BNG: Final = 27700
_WGS84: Final = 4326


@dataclass(frozen=True)
class Layer:
    """What a layer says of itself; a field that it lacks is empty."""

    service: str
    ward_code: str
    ward_name: str
    district_code: str
    page: int
    epsg: int
    edited: str


@dataclass(frozen=True)
class FetchedWards:
    """Wards as they came: GeoJSON features sorted by code, checked for number, not yet for outline."""

    service: WardService
    authorities: tuple[str, ...]
    features: list[dict[str, Any]]
    epsg: int
    messages: list[str]

    @property
    def attribution(self) -> str:
        """Return the line that whoever shows these wards reproduces."""
        return ATTRIBUTION.format(year=self.service.year)


def require_authorities(codes: Sequence[str]) -> tuple[str, ...]:
    """Check the codes of local authority districts, each once and in order.

    They end up inside a question in SQL, so nothing but a code gets past here.

    Raises
    ------
    SourceError
    """
    wanted = tuple(sorted({code.strip().upper() for code in codes}))
    wrong = sum(not _AUTHORITY.fullmatch(code) for code in wanted)
    if wrong or not wanted:
        raise SourceError(
            f"{wrong} of {len(wanted)} is no code of a local authority: it starts with E06, E07, E08, E09, "
            "S12, W06 or N09 and has six digits after that, as E06000002."
        )
    return wanted


def fetch_wards(
    client: Client,
    authorities: Sequence[str],
    *,
    edition: str = "",
    today: dt.date,
    progress: Progress = silent,
) -> FetchedWards:
    """Fetch the wards of local authorities.

    Parameters
    ----------
    client : Client
        Of ONS Open Geography.
    authorities : sequence of str
        Codes such as E06000002.
    edition : str
        As `ward_services.choose`; the newest where empty.
    today : date
        The list of services is asked for once a day.

    Raises
    ------
    SourceError
        Unknown authority or edition; not reached; or what came is not all of it, or not what was
        asked for.
    """
    wanted = require_authorities(authorities)
    progress(0.02, "Looking for the wards")
    day = today.isoformat()
    names = client.ask(params={"f": "json"}, read=lambda answer: _service_names(client.host, answer), tag=day)
    service = choose(names, wanted, edition=edition)
    layer = _layer(client, service.name, day)
    if not layer.ward_code:
        raise SourceError(f"{service.name} has no field for ward codes.")
    progress(0.1, f"Wards of {service.edition}")
    if layer.district_code:
        wheres, expected = [_in(layer.district_code, wanted)], None
    else:
        expected = _wards_of(client, names, service, wanted, day)
        wheres = [_in(layer.ward_code, expected[at : at + PAGE]) for at in range(0, len(expected), PAGE)]
    features = []
    for number, where in enumerate(wheres):
        for page in _pages(client, layer, where):
            features += page
            progress(0.1 + 0.9 * (number + 0.5) / len(wheres), f"{len(features)} wards")
    _require_whole(layer, features, expected, service)
    if layer.district_code:
        _require_each(
            wanted, {feature["properties"].get(layer.district_code) for feature in features}, service
        )
    features.sort(key=lambda feature: (feature["properties"][layer.ward_code], json.dumps(feature)))
    return FetchedWards(service, wanted, features, _epsg(client.host, features), _messages(service))


def to_geojson(fetched: FetchedWards) -> bytes:
    """Write the wards as GeoJSON; in the National Grid, which the `crs` member then says."""
    document: dict[str, Any] = {"type": "FeatureCollection", "name": fetched.service.name}
    if fetched.epsg == _BNG:
        document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    document["features"] = fetched.features
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def write(fetched: FetchedWards, path: Path) -> None:
    """Write the wards to a file, whole or not at all."""
    write_whole(path, to_geojson(fetched))


def _messages(service: WardService) -> list[str]:
    if not service.generalised_m:
        return []
    return [
        f"The outlines of {service.name} are smoothed by {service.generalised_m} m; a point that near to an "
        "edge can be given to the neighbour."
    ]


# --- what is asked -------------------------------------------------------------------------------


def _layer(client: Client, name: str, day: str) -> Layer:
    return client.ask(
        name,
        "FeatureServer",
        "0",
        params={"f": "json"},
        tag=day,
        read=lambda answer: _as_layer(client.host, name, day, answer),
    )


def _wards_of(
    client: Client, names: Sequence[str], service: WardService, authorities: tuple[str, ...], day: str
) -> list[str]:
    """Return the codes of the wards of districts, from the table that says which lie in which."""
    for name in lookups(names, service)[:_MOST_LOOKUPS]:
        table = _layer(client, name, day)
        if table.ward_code and table.district_code:
            where = _in(table.district_code, authorities)
            rows = [row["attributes"] for page in _pages(client, table, where, is_table=True) for row in page]
            _require_each(authorities, {row.get(table.district_code) for row in rows}, service)
            return sorted({row[table.ward_code] for row in rows})
    raise SourceError(
        f"The outlines of {service.name} do not say which district a ward lies in, and no table that says so "
        "is published for that year; take another edition."
    )


def _pages(
    client: Client, layer: Layer, where: str, *, is_table: bool = False
) -> Iterator[list[dict[str, Any]]]:
    """Ask for what matches, a page at a time, until all that was counted came.

    The server says `exceededTransferLimit` when there is more; a page may come short, or even empty,
    and say so. What was received is held against the count, so a page that is lost is not missed.
    """
    path = (layer.service, "FeatureServer", "0", "query")
    host, tag = client.host, layer.edited
    count = client.ask(
        *path, params={"f": "json", "where": where, "returnCountOnly": "true"}, tag=tag,
        read=lambda answer: _count(host, answer),
    )  # fmt: skip
    size = min(layer.page, _TABLE_PAGE if is_table else PAGE)
    received, offset = 0, 0
    for _ in range(_MOST_PAGES):
        if not count:
            return
        rows, is_more = client.ask(
            *path,
            params={**_shape(layer, is_table=is_table), "where": where, "orderByFields": layer.ward_code,
                    "resultOffset": str(offset), "resultRecordCount": str(size)},
            tag=tag,
            read=_rows_reader(host, layer, is_table=is_table),
        )  # fmt: skip
        yield rows
        received += len(rows)
        offset += len(rows) or size
        if received >= count or not (rows or is_more):
            break
    if received != count:
        raise SourceError(
            f"{host} said that {count} match and sent {received}. "
            "Nothing was made of them; ask again with --fresh."
        )


def _shape(layer: Layer, *, is_table: bool) -> dict[str, str]:
    fields = [name for name in (layer.ward_code, layer.ward_name, layer.district_code) if name]
    shared = {"outFields": ",".join(fields), "returnGeometry": "false" if is_table else "true"}
    return shared | ({"f": "json"} if is_table else {"f": "geojson", "outSR": str(layer.epsg)})


def _in(field: str, codes: Sequence[str]) -> str:
    """Write the condition that a field holds one of some codes."""
    if not all(_CODE.fullmatch(code) for code in codes):
        raise SourceError("A code that came with the wards is none; nothing was asked with it.")
    if len(codes) == 1:
        return f"{field}='{codes[0]}'"
    listed = "','".join(codes)
    return f"{field} IN ('{listed}')"


# --- what is answered ----------------------------------------------------------------------------


def _sound(host: str, answer: Any) -> dict[str, Any]:
    """Return an answer that is an object; ArcGIS says its faults in one with HTTP status 200."""
    require_documented(host, isinstance(answer, dict))
    if "error" in answer:
        fault = answer["error"]
        code = fault.get("code") if isinstance(fault, dict) else None
        raise refusal(host, code if isinstance(code, int) else 400)
    found: dict[str, Any] = answer
    return found


def _service_names(host: str, answer: Any) -> list[str]:
    services = objects(host, _sound(host, answer).get("services"))
    return [str(one.get("name", "")) for one in services if one.get("type") == "FeatureServer"]


def _as_layer(host: str, service: str, day: str, answer: Any) -> Layer:
    held = _sound(host, answer)
    names = [str(one.get("name", "")) for one in objects(host, held.get("fields"))]
    most = held.get("maxRecordCount")
    return Layer(
        service=service,
        ward_code=_field(names, r"WD\d\dCD"),
        ward_name=_field(names, r"WD\d\dNM"),
        district_code=_field(names, r"LAD\d\dCD"),
        page=most if isinstance(most, int) and most > 0 else PAGE,
        epsg=_BNG if _has_grid(held) else _WGS84,
        edited=_edited(held) or day,
    )


def _field(names: Sequence[str], pattern: str) -> str:
    return next((name for name in names if re.fullmatch(pattern, name, re.IGNORECASE)), "")


def _has_grid(held: Mapping[str, Any]) -> bool:
    extent = held.get("extent")
    system = extent.get("spatialReference") if isinstance(extent, dict) else None
    return isinstance(system, dict) and _BNG in (system.get("latestWkid"), system.get("wkid"))


def _edited(held: Mapping[str, Any]) -> str:
    """Name the state of a layer, so that what was kept before a correction is not taken for today's."""
    info = held.get("editingInfo")
    moment = info.get("dataLastEditDate", info.get("lastEditDate")) if isinstance(info, dict) else None
    return f"edited {moment}" if moment else ""


def _count(host: str, answer: Any) -> int:
    count = _sound(host, answer).get("count")
    require_documented(host, isinstance(count, int) and 0 <= count < 100_000)
    return int(str(count))


def _rows_reader(
    host: str, layer: Layer, *, is_table: bool
) -> Callable[[Any], tuple[list[dict[str, Any]], bool]]:
    """Make what reads a page: its rows, and whether the server says that there are more."""

    def read(answer: Any) -> tuple[list[dict[str, Any]], bool]:
        held = _sound(host, answer)
        rows = objects(host, held.get("features"))
        for row in rows:
            values = row.get("attributes" if is_table else "properties")
            code = values.get(layer.ward_code) if isinstance(values, dict) else None
            require_documented(host, isinstance(code, str) and _CODE.fullmatch(code) is not None)
            if not is_table and not isinstance(row.get("geometry"), dict):
                raise SourceError(f"Ward {code} came without an outline.")
        # f=geojson has the mark under `properties`, f=json at the top; both are met
        beside = held.get("properties")
        marks = beside if isinstance(beside, dict) else {}
        return rows, bool(held.get("exceededTransferLimit") or marks.get("exceededTransferLimit"))

    return read


def _require_whole(
    layer: Layer, features: list[dict[str, Any]], expected: list[str] | None, service: WardService
) -> None:
    """Refuse wards that are not exactly those asked for."""
    # a ward that two districts share comes in a part for each of them
    keys = [
        (feature["properties"][layer.ward_code], feature["properties"].get(layer.district_code))
        for feature in features
    ]
    if len(set(keys)) != len(keys):
        raise SourceError(
            f"{len(keys) - len(set(keys))} wards came twice, so others are missing; ask again with --fresh."
        )
    missing = set(expected or ()) ^ {code for code, _ in keys} if expected else set()
    if missing:
        raise SourceError(
            f"{len(missing)} of {len(expected or ())} wards of the authority are not among the outlines of "
            f"{service.name}; take another edition."
        )


def _require_each(authorities: Sequence[str], found: Set[Any], service: WardService) -> None:
    without = [code for code in authorities if code not in found]
    if without:
        raise SourceError(
            f"The wards of {service.edition} hold none of {', '.join(without)}; "
            "the code may be of another year."
        )


def _epsg(host: str, features: list[dict[str, Any]]) -> int:
    """Tell degrees from metres by the numbers, since not every server heeds what it is asked for."""
    point: Any = features[0]["geometry"].get("coordinates")
    while isinstance(point, list) and point and isinstance(point[0], list):
        point = point[0]
    require_documented(
        host, isinstance(point, list) and len(point) >= 2 and all(isinstance(v, int | float) for v in point)
    )
    return _WGS84 if abs(point[0]) <= 180 and abs(point[1]) <= 90 else _BNG
