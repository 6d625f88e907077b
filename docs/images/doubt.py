"""Draw what spreading doubtful places does to one ward of the invented borough, and print the figures.

Run by `make images`. Of one ward's reports 30 % are made to be known no more closely than the ward's
middle, as a geocoder that finds only the postcode sector leaves them. Three maps are drawn: with every
place known; with the middle taken for a point; and with its error radius, over which weights are spread.
"""

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from mapping import demo, intake, periods, pipeline
from mapping.places import wards as ward_places
from mapping.publishing import style
from mapping.publishing.view import base_layers

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

HERE: Final = Path(__file__).resolve().parent
NOW: Final = dt.datetime(2026, 10, 2, 8, tzinfo=dt.UTC)
PERIOD: Final = periods.parse_period("2024-10:2026-09")
WARD: Final = "E05999004"
SHARE: Final = 0.3
SEED: Final = 15
MARGIN_M: Final = 150.0


def main() -> None:
    """Analyse the three cases, draw them side by side and print what each found."""
    with tempfile.TemporaryDirectory(prefix="newmouth-") as folder:
        paths = demo.build(demo.DEFAULT_SEED, Path(folder))
        read = intake.read_reports(list(paths.sources), "warden-log", now=NOW)
        wards = ward_places.read_wards([paths.wards])
        incidents = ward_places.place(intake.to_incidents(read.reports)[0], wards)
        roads = base_layers({"roads": paths.roads.read_text(encoding="utf-8")})["roads"]
    drawn, middle, error_m = _coarsened(incidents)
    rough = incidents.copy()
    rough.loc[drawn, ["easting_m", "northing_m"]] = middle
    rough.loc[drawn, "place_text"] = ""
    cases = {
        "Every place known": incidents,
        "Ward's middle taken for a point": rough,
        "Spread by its error radius": rough.assign(error_m=np.where(drawn, error_m, rough["error_m"])),
    }
    settings = pipeline.Settings(period=PERIOD)
    answers = {name: pipeline.analyse(frame, wards, settings) for name, frame in cases.items()}
    name = wards.set_index("ward_gss_code").loc[WARD, "ward_name"]
    total = int((incidents["ward_gss_code"] == WARD).sum())
    print(f"{name}: {drawn.sum()} of {total} reports known to {error_m:.0f} m only")
    for case, answer in answers.items():
        for spot in _own(answer).itertuples():
            away = np.hypot(spot.easting_m - middle[0], spot.northing_m - middle[1])
            print(f"{case}: rank {spot.rank}, {spot.place_name}, {spot.incident_count} reports", end="")
            print(f", {spot.forecast_count:.1f} foretold, {away:.0f} m from the middle")
        print(f"{case}: {answer.placing[WARD].sentence}")
    _draw(answers, wards, roads, middle, HERE / "doubt.png")


def _coarsened(incidents: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, float]:
    """Return which reports lose their place, the ward's middle, and the radius that holds 95 % of it."""
    own = ((incidents["ward_gss_code"] == WARD) & incidents["easting_m"].notna()).to_numpy()
    points = incidents.loc[own, ["easting_m", "northing_m"]].to_numpy()
    middle = points.mean(axis=0)
    error_m = float(np.quantile(np.hypot(*(points - middle).T), 0.95))
    return own & (np.random.default_rng(SEED).random(len(own)) < SHARE), middle, error_m


def _own(answer: pipeline.Analysis) -> "GeoDataFrame":
    return answer.hotspots[answer.hotspots["ward_gss_code"] == WARD]


def _draw(
    answers: dict[str, pipeline.Analysis],
    wards: "GeoDataFrame",
    roads: "GeoDataFrame",
    middle: np.ndarray,
    path: Path,
) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13.5, 6.3), dpi=100, facecolor=style.PAPER, layout="constrained")
    FigureCanvasAgg(figure)
    figure.get_layout_engine().set(h_pad=0.15, w_pad=0.08)
    breaks = style.score_breaks(answers["Every place known"].cells["score"])
    ward = wards[wards["ward_gss_code"] == WARD]
    west, south, east, north = ward.total_bounds
    for axes, (name, answer) in zip(figure.subplots(1, 3), answers.items(), strict=True):
        roads.plot(ax=axes, color=style.BASE_COLOURS["roads"], linewidth=0.8, zorder=1)
        _shade(axes, answer, breaks)
        wards.boundary.plot(ax=axes, color=style.WARD_LINE, linewidth=0.7, zorder=3)
        ward.boundary.plot(ax=axes, color=style.FOCUS_LINE, linewidth=1.8, zorder=4)
        axes.plot(*middle, marker="+", markersize=11, markeredgewidth=1.6, color=style.INK, zorder=6)
        found = _own(answer)
        if len(found):
            found.boundary.plot(ax=axes, color=style.ACCENT, linewidth=2.6, zorder=5)
        for spot in found.itertuples():
            is_above = spot.northing_m > middle[1]
            axes.annotate(
                f"{spot.rank}  {spot.place_name}\n{spot.incident_count:,} reports",
                (spot.easting_m, spot.northing_m), xytext=(0, 42 if is_above else -42),
                textcoords="offset points", fontsize=10, color=style.ACCENT, fontweight="bold", ha="center",
                va="bottom" if is_above else "top", zorder=7,
                bbox={"facecolor": style.PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 2},
            )  # fmt: skip
        axes.set(xlim=(west - MARGIN_M, east + MARGIN_M), ylim=(south - MARGIN_M, north + MARGIN_M))
        axes.set(xticks=[], yticks=[], xlabel="", ylabel="", aspect="equal")
        placed = answer.placing[WARD]
        doubt = ": the map may mislead" if placed.is_low else ""
        axes.set_title(f"{name}\n{placed.percent} % placed{doubt}", fontsize=12, loc="left", pad=8)
    _legend(figure, breaks)
    figure.savefig(path, metadata={"Software": None})


def _shade(axes: Any, answer: pipeline.Analysis, breaks: tuple[float, ...]) -> None:
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    side = answer.settings.cell_size_m
    cells = answer.cells.assign(shade=style.class_of(answer.cells["score"], breaks))
    for shade, colour in enumerate(style.class_colours(len(breaks))):
        chosen = cells[cells["shade"] == shade]
        squares = [
            Rectangle((x - side / 2, y - side / 2), side, side)
            for x, y in zip(chosen["easting_m"], chosen["northing_m"], strict=True)
        ]
        axes.add_collection(PatchCollection(squares, facecolor=colour, edgecolor="none", zorder=2))


def _legend(figure: Any, breaks: tuple[float, ...]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    colours, labels = style.class_colours(len(breaks)), style.class_labels(breaks)
    marks = [Patch(facecolor=colour, label=label) for colour, label in zip(colours, labels, strict=True)]
    marks += [
        Patch(facecolor="none", edgecolor=style.ACCENT, linewidth=2.6, label="hotspot, with its rank"),
        Line2D([], [], marker="+", linestyle="", markersize=11, color=style.INK, label="the ward's middle"),
    ]
    figure.legend(
        handles=marks, loc="outside lower center", ncols=len(marks), frameon=False, fontsize=10,
        title="Reports expected in October 2026, per 100 m square", title_fontsize=10,
    )  # fmt: skip


if __name__ == "__main__":
    main()
