"""The demo borough on disk: map layers, five sources, the truth. The same seed writes the same bytes."""

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from mapping import crs
from mapping.demo import partners, rhythm, words
from mapping.demo.telling import COLUMNS, Told
from mapping.demo.town import Town
from mapping.demo.truth import Planted

LAYERS: Final = ("wards", "roads", "parks", "shops", "water")
_DEGREES: Final = {"wards": 7}  # decimals; a centimetre for outlines that decide, a metre for the rest
EDITION: Final = "Newmouth wards, May 2025 (invented)"
MADE_ON: Final = "23 November 2026"


@dataclass(frozen=True)
class DemoPaths:
    """Where `build` put what."""

    folder: Path
    wards: Path
    roads: Path
    parks: Path
    shops: Path
    water: Path
    sources: tuple[Path, ...]
    truth: Path
    agencies: Path
    code_point: Path
    street_points: Path
    places: Path


def write_layers(town: Town, folder: Path) -> dict[str, Path]:
    """Write the map layers as GeoJSON, WGS 84, and return where each is."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for name in LAYERS:
        found[name] = folder / f"{name}.geojson"
        shapes, properties = _layer(name, town)
        found[name].write_bytes(_geojson(name, shapes, properties, _DEGREES.get(name, 5)))
    return found


def write_sources(told: Told, folder: Path) -> tuple[Path, ...]:
    """Write one CSV per source and return where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for source, (_, _, name) in partners.SOURCE_FILES.items():
        rows = told.rows.loc[told.rows["source"] == source, list(COLUMNS)]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows.itertuples(index=False, name=None))
        paths.append(folder / name)
        paths[-1].write_bytes(text.getvalue().encode("utf-8"))
    return tuple(paths)


def write_truth(town: Town, events: pd.DataFrame, planted: list[Planted], told: Told, path: Path) -> None:
    """Write what was planted, the pairs told twice, and the prolific caller's references."""
    month = rhythm.month_of(events["at"].to_numpy())
    places = []
    for place in planted:
        own = (events["place_id"] == place.place_id).to_numpy()
        kept = place.as_dict(np.bincount(month[own], minlength=len(rhythm.MONTHS)).tolist())
        rows = told.rows[told.rows["place_id"] == place.place_id]
        kept["references"] = [f"{s}:{r}" for s, r in zip(rows["source"], rows["reference"], strict=True)]
        if place.kind == "prolific caller":
            kept["complainant_reference"] = f"CALLER-{town.seed:04d}"
        places.append(kept)
    pairs = [
        [":".join(first), ":".join(second)] for first, second in told.pairs[["first", "second"]].to_numpy()
    ]
    truth = {
        "borough": words.BOROUGH,
        "seed": town.seed,
        "crs": crs.BNG,
        "months": list(rhythm.MONTHS),
        "events": len(events),
        "reports": len(told.rows),
        "places": places,
        "pairs": pairs,
        "without_point": _without_point(told),
    }
    path.write_bytes(_json(truth, indent=1))


def _without_point(told: Told) -> dict[str, list[float]]:
    """Return where reports without a point really were: for asking how well their words were found."""
    rows = told.rows[told.rows["easting"] == ""]
    return {
        f"{source}:{reference}": [round(float(east), 1), round(float(north), 1)]
        for source, reference, east, north in rows[
            ["source", "reference", "true_easting_m", "true_northing_m"]
        ].itertuples(index=False, name=None)
    }


def write_agencies(path: Path) -> None:
    """Write the partnership."""
    path.write_bytes(_json(partners.agencies(), indent=1))


def write_edition(town: Town, folder: Path) -> None:
    """Write the ward edition that ships: the layers, what they are, and their checksums."""
    paths = write_layers(town, folder)
    sums = [f"{hashlib.sha256(paths[name].read_bytes()).hexdigest()}  {name}.geojson" for name in LAYERS]
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(
        _README.format(edition=EDITION, date=MADE_ON, seed=town.seed), encoding="utf-8"
    )


_README: Final = """# {edition}

An invented borough: Newmouth in Exampleshire. No such place, ward, street or code exists; it lies over real
fields only because coordinates have to lie somewhere.

| | |
|---|---|
| Files | `wards.geojson` (14 wards, codes E05999001 to E05999014), `roads`, `parks`, `shops`, `water` |
| Coordinates | WGS 84 (EPSG:4326), longitude then latitude |
| Source | made by `mapping.demo`, seed {seed}; a test builds it again and compares |
| Date | made on {date}, as if the wards had come into force in May 2025 |
| Licence | CC0: invented for this project, nothing in it comes from anyone else |
| Checksums | `SHA256SUMS`: `sha256sum -c SHA256SUMS` |

To renew it after a change to `mapping.demo`:

    python -c "from mapping.demo import renew_edition; renew_edition('data/boundaries/demo')"
"""


def _layer(name: str, town: Town) -> tuple[np.ndarray, list[dict[str, Any]]]:
    if name == "wards":
        shapes = town.wards.shapes
        properties = [
            {
                "WD25CD": str(code),
                "WD25NM": str(ward),
                "LAD25CD": words.BOROUGH_CODE,
                "LAD25NM": words.BOROUGH,
            }
            for code, ward in zip(town.wards.codes, town.wards.names, strict=True)
        ]
    elif name == "roads":
        shapes = shapely.simplify(np.array([road.line for road in town.roads], dtype=object), 2.0)
        properties = [{"name": road.name, "kind": road.kind} for road in town.roads]
    elif name == "parks":
        shapes = shapely.simplify(np.array([park.shape for park in town.parks], dtype=object), 2.0)
        properties = [{"name": park.name, "kind": park.kind} for park in town.parks]
    elif name == "shops":
        shapes = shapely.points([[mark.easting_m, mark.northing_m] for mark in town.landmarks])
        properties = [{"name": mark.name, "kind": mark.kind} for mark in town.landmarks]
    else:
        shapes = shapely.simplify(np.array([town.land.sea, town.land.river], dtype=object), 2.0)
        properties = [{"name": "Example Sea", "kind": "sea"}, {"name": "River Exam", "kind": "river"}]
    return np.asarray(shapes, dtype=object), properties


def _geojson(name: str, shapes: np.ndarray, properties: Sequence[dict[str, Any]], decimals: int) -> bytes:
    features = []
    for shape, facts in zip(crs.geometry_to_wgs84(shapes), properties, strict=True):
        geometry = _rounded(shapely.geometry.mapping(shape), decimals)
        features.append({"type": "Feature", "properties": facts, "geometry": geometry})
    head = {"type": "FeatureCollection", "name": name}
    lines = [json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features]
    text = json.dumps(head)[:-1] + ', "features": [\n' + ",\n".join(lines) + "\n]}\n"
    return text.encode("utf-8")


def _rounded(geometry: Any, decimals: int) -> Any:
    if isinstance(geometry, dict):
        return {key: _rounded(value, decimals) for key, value in geometry.items()}
    if isinstance(geometry, list | tuple):
        return [_rounded(value, decimals) for value in geometry]
    return round(geometry, decimals) if isinstance(geometry, float) else geometry


def _json(value: Any, *, indent: int) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=indent) + "\n").encode("utf-8")
