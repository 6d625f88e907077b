"""Builders of small files: tables as text, workbooks as XML by hand, archives, wards.

Every row says `Canary` in its address and its free text, which no message may repeat.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

WARDEN = ("reference", "occurred_at", "reported_at", "category", "description", "address", "postcode",
          "easting", "northing", "source", "grading")  # fmt: skip
STREET = ("Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location",
          "LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context")  # fmt: skip
POINTS = ("incident_id", "timestamp", "type", "easting", "northing", "longitude", "latitude", "location")
HEADINGS = {"warden-log": WARDEN, "police-uk": STREET, "timed-points": POINTS}

# A corner of the ward West that `conftest.command` adds, and the same place in degrees.
EASTING, NORTHING = 450_250, 520_250
LON, LAT = -1.2238, 54.5746

_USUAL = {
    "warden-log": {
        "reference": "W{n}", "occurred_at": "03/02/2025 19:30", "category": "Nuisance",
        "description": "Canary told", "address": "Canary Lane", "easting": EASTING, "northing": NORTHING,
    },
    "police-uk": {
        "Month": "2025-01", "Reported by": "Exampleshire Police", "Falls within": "Exampleshire Police",
        "Longitude": LON, "Latitude": LAT, "Location": "On or near Canary Lane", "LSOA code": "E01000001",
        "LSOA name": "Example 001A", "Crime type": "Anti-social behaviour",
    },
    "timed-points": {
        "incident_id": "T{n}", "timestamp": "2025-02-03T19:30:00", "type": "Burglary",
        "easting": EASTING, "northing": NORTHING, "location": "Canary Lane",
    },
}  # fmt: skip

Row = Mapping[str, object]


def row(layout: str, number: int = 1, **changes: object) -> dict[str, object]:
    """Return one good row of a layout by column, with changes (`Crime_type` is `Crime type`)."""
    usual = {
        key: value.format(n=number) if isinstance(value, str) else value
        for key, value in _USUAL[layout].items()
    }
    named = {name: usual.get(name, "") for name in HEADINGS[layout]}
    for name, value in changes.items():
        named[name if name in named else name.replace("_", " ")] = value
    return named


def rows(layout: str, *changes: Row, **shared: object) -> list[dict[str, object]]:
    """Return one row for each set of changes, numbered from 1."""
    return [row(layout, number, **{**shared, **change}) for number, change in enumerate(changes, start=1)]


def cell(value: object, mark: str = ",") -> str:
    """Write a cell as CSV does."""
    text = str(value)
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if set(text) & {mark, '"', "\n", "\r"} else text


def table(given: Sequence[Row], *, heading: Sequence[str] = (), mark: str = ",", end: str = "\n") -> str:
    """Write rows as separated text."""
    names = list(heading or given[0])
    lines = [mark.join(cell(name, mark) for name in names)]
    lines += [mark.join(cell(item.get(name, ""), mark) for name in names) for item in given]
    return end.join(lines) + end


def log(*changes: Row, **shared: object) -> str:
    """Write a warden log of one row for each set of changes."""
    return table(rows("warden-log", *changes, **shared), heading=WARDEN)


def street(*changes: Row, **shared: object) -> str:
    """Write a street file of one row for each set of changes."""
    return table(rows("police-uk", *changes, **shared), heading=STREET)


def points(*changes: Row, **shared: object) -> str:
    """Write timed points of one row for each set of changes."""
    return table(rows("timed-points", *changes, **shared), heading=POINTS)


def cells_of(layout: str, given: Sequence[Row]) -> list[list[object]]:
    """Return a heading and rows as lists of cells, for a workbook."""
    names = HEADINGS[layout]
    return [list(names), *([item.get(name, "") for name in names] for item in given)]


# --- workbooks -----------------------------------------------------------------------------------

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def xml_rows(given: Iterable[Sequence[object]]) -> str:
    """Write cells: text inline, numbers as numbers, a `<c ...>` as it is."""
    out = []
    for number, cells in enumerate(given, start=1):
        written = []
        for place, value in enumerate(cells):
            where = f"{_letters(place)}{number}"
            if isinstance(value, str) and value.startswith("<c"):
                written.append(value.replace("<c", f'<c r="{where}"', 1))
            elif isinstance(value, int | float):
                written.append(f'<c r="{where}"><v>{value}</v></c>')
            else:
                text = escape(str(value))
                written.append(f'<c r="{where}" t="inlineStr"><is><t>{text}</t></is></c>')
        out.append(f'<row r="{number}">{"".join(written)}</row>')
    return "".join(out)


def _letters(place: int) -> str:
    place, letters = place + 1, ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def xlsx(
    *sheets: str,
    states: Sequence[str] = (),
    names: Sequence[str] = (),
    is_1904: bool = False,
    dimension: str = "",
    prologue: str = "",
    extra: Mapping[str, bytes] | None = None,
) -> bytes:
    """Write a minimal XLSX; each sheet is the XML of its rows, the styles are general and a date."""
    said = f'<dimension ref="{dimension}"/>' if dimension else ""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    listed, links = "", f'<Relationship Id="rIdS" Type="{_LINKS}/styles" Target="styles.xml"/>'
    for number, content in enumerate(sheets, start=1):
        state = f' state="{states[number - 1]}"' if number <= len(states) and states[number - 1] else ""
        title = names[number - 1] if number <= len(names) else f"Sheet{number}"
        listed += f'<sheet name="{escape(title)}" sheetId="{number}"{state} r:id="rId{number}"/>'
        links += (
            f'<Relationship Id="rId{number}" Type="{_LINKS}/worksheet" '
            f'Target="worksheets/sheet{number}.xml"/>'
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'{prologue}<worksheet xmlns="{_MAIN}">{said}<sheetData>{content}</sheetData></worksheet>'
        )
    date = '<workbookPr date1904="1"/>' if is_1904 else ""
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">{date}<sheets>{listed}</sheets></workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'
    )
    return packed({**{name: text.encode() for name, text in parts.items()}, **(extra or {})})


def ods(rows_xml: str) -> bytes:
    """Write a minimal ODS of one sheet out of the XML of its rows."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{office}:office:1.0" xmlns:table="{office}:table:1.0" '
        f'xmlns:text="{office}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Log">'
        f"{rows_xml}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{office}:manifest:1.0"/>'
    return packed(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": manifest.encode(),
        }
    )


def ods_rows(given: Iterable[Sequence[object]]) -> str:
    """Write cells of text for an ODS."""
    return "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p>'
            "</table:table-cell>"
            for value in cells
        )
        + "</table:table-row>"
        for cells in given
    )


def packed(members: Mapping[str, bytes | str]) -> bytes:
    """Write a ZIP of members by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


# --- wards ---------------------------------------------------------------------------------------


def square(code: Any, name: Any, west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """Return a rectangular ward as a GeoJSON feature."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return feature(code, name, {"type": "Polygon", "coordinates": [ring]})


def feature(code: Any, name: Any, geometry: Any) -> dict[str, Any]:
    """Return a ward as a GeoJSON feature."""
    return {"type": "Feature", "properties": {"WD25CD": code, "WD25NM": name}, "geometry": geometry}


def collection(*features: Any, crs: str = "EPSG:27700") -> str:
    """Write wards as GeoJSON, with the old CRS member unless `crs` is empty."""
    said = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    return json.dumps({"type": "FeatureCollection", **said, "features": list(features)})


def two_wards() -> str:
    """Write West and East, 1 km squares that share the edge at easting 451 000."""
    return collection(
        square("E05999001", "West", 450_000, 520_000, 451_000, 521_000),
        square("E05999002", "East", 451_000, 520_000, 452_000, 521_000),
    )
