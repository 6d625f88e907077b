"""Draw the proof and write its page, from the tables beside it.

python -m benchmarks.proof.picture [--out docs/proof]
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from benchmarks.proof.null_and_power import SIMULATED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ALLOWED: Final = 0.05
BAND: Final = (0.80, 0.97)
INK, WARM, COOL, QUIET = "#1d2b3a", "#b5532a", "#2a6f97", "#8a949e"
KINDS: Final = {
    "alike": "places alike",
    "points": "unequal numbers of addresses",
    "differing": "places that differ by 45 %",
}
PAGE: Final = """# What the map promises, tried

Made by `make prove`: the tables beside this page, the picture and the page itself. The towns of the first
two parts are invented (`benchmarks/proof/towns.py`): eight wards of 100 squares and about 500 reports,
twelve months. The whole pipeline is run on each, {simulated} simulated maps included.

![Four panels: false hotspots, power, calibration, stability](proof.png)

## A map without hotspots seldom shows one

{null}

At most 0.05 is promised; two standard errors of 1,000 maps make that 0.064.

## How large a place must be to be found

Share of planted places (reports added within 60 m, in a town whose places differ by 45 %) that a
hotspot's centre comes within 150 m of.

{power}

## Between what and what

Share of 90 % intervals that held, `auto`, all reports, anti-social behaviour and burglary together; group
1 are the hottest squares, which expect a tenth of the events. 80 to 97 % is promised.

{calibration}

## The places stay

1 % of the area, single months, each foretold from all months before it. Kept: squares chosen again the
next month. Stability: Jaccard's index of the two sets.

{stability}

"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("docs/proof"))
    out: Path = parser.parse_args().out
    null, power, held, stable = (
        pd.read_csv(out / f"{name}.csv") for name in ("null", "power", "calibration", "stability")
    )
    _draw(out / "proof.png", null, power, held, stable)
    order = ["total", *map(str, range(1, 11))]
    wide = held.pivot_table(index="group", columns="place", values="held").loc[order].reset_index()
    page = PAGE.format(
        simulated=SIMULATED,
        null=_table(null.assign(town=null["town"].map(KINDS))),
        power=_table(power[["planted_reports", "in_last_months", "times", "found", "two_errors"]]),
        calibration=_table(wide),
        stability=_table(
            stable[["place", "method", "origins", "hit_rate", "pei", "kept_share", "stability", "clumpiness"]]
        ),
    )
    (out / "README.md").write_text(page, encoding="utf-8", newline="\n")
    return 0


def _table(frame: pd.DataFrame) -> str:
    """Write a frame as a Markdown table."""
    rows = [[str(name).replace("_", " ") for name in frame.columns], ["---"] * len(frame.columns)]
    rows += [
        [f"{value:.3f}" if isinstance(value, float) else str(value) for value in row]
        for row in frame.astype(object).to_numpy()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _draw(
    path: Path, null: pd.DataFrame, power: pd.DataFrame, held: pd.DataFrame, stable: pd.DataFrame
) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(11, 8), layout="constrained")
    _draw_null(axes[0, 0], null)
    _draw_power(axes[0, 1], power)
    _draw_held(axes[1, 0], held)
    _draw_stable(axes[1, 1], stable)
    for axis in axes.ravel():
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def _draw_null(axis: "Axes", null: pd.DataFrame) -> None:
    names = [f"{KINDS[row.town]}\n(method {row.method})" for row in null.itertuples()]
    axis.barh(names, null["with_any_hotspot"], xerr=null["two_errors"], color=COOL, ecolor=INK)
    axis.axvline(ALLOWED, color=WARM, linestyle="--", label="promised at most")
    axis.set(xlim=(0, 0.1), title="Maps without hotspots that show one", xlabel="share of maps")
    axis.invert_yaxis()
    axis.legend(frameon=False)


def _draw_power(axis: "Axes", power: pd.DataFrame) -> None:
    for months, rows in power.groupby("in_last_months"):
        steady = months == power["in_last_months"].max()
        axis.errorbar(
            rows["planted_reports"], rows["found"], yerr=rows["two_errors"], marker="o" if steady else "s",
            color=COOL if steady else WARM, label="over the year" if steady else "in the last three months",
        )  # fmt: skip
    axis.set(ylim=(0, 1.03), title="Planted places found", xlabel="reports planted", ylabel="share found")
    axis.legend(frameon=False)


def _draw_held(axis: "Axes", held: pd.DataFrame) -> None:
    order = ["total", *map(str, range(1, 11))]
    for (place, rows), marker in zip(held.groupby("place"), "os", strict=False):
        axis.plot(order, rows.set_index("group").loc[order, "held"], marker=marker, linestyle="", label=place)
    axis.axhspan(*BAND, color=QUIET, alpha=0.25, label="80 to 97 %")
    axis.set(ylim=(0.6, 1.02), title="90 % intervals that held", xlabel="tenth of what is expected")
    axis.legend(frameon=False)


def _draw_stable(axis: "Axes", stable: pd.DataFrame) -> None:
    wide = stable.pivot_table(index="method", columns="place", values="kept_share").sort_values("Cleveland")
    wide.plot.barh(ax=axis, color=[COOL, WARM])
    axis.set(xlim=(0, 1), title="Squares kept the next month, 1 % of the area", xlabel="share", ylabel="")
    axis.legend(loc="lower left")


if __name__ == "__main__":
    sys.exit(main())
