"""The burglary series planted in the invented borough is found as near repeats and while it is live."""

import datetime as dt
import json

from click.testing import CliRunner

from mapping.cli_patterns import cli


def patterns_of(built, *words):
    police = next(path for path in built.sources if path.stem == "police-101")
    given = (
        "patterns",
        "--wards",
        built.wards,
        "--incidents",
        police,
        "--layout",
        "warden-log",
        *words,
        "--json",
    )
    done = CliRunner().invoke(cli, [str(word) for word in given], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return {one["category"]: one for one in json.loads(done.stdout)["patterns"]}


def test_the_planted_series_is_a_near_repeat_and_live_in_its_last_month(built, answers):
    series = next(place for place in answers["places"] if place["kind"] == "near repeat")
    (name,) = series["categories"]
    year, month = (int(part) for part in series["to_month"].split("-"))
    end = dt.date(year + month // 12, month % 12 + 1, 1)
    start = end.replace(year=end.year - 1)
    found = patterns_of(built, "--category", name, "Robbery", "--from", start, "--to", end)
    repeats = found[name]["near_repeats"]
    assert repeats["knox_ratio"] > 1.5 and repeats["p_value"] < 0.01 and repeats["cautions"] == []
    first = found[name]["clusters"]["rows"][0]
    assert first["is_live"]
    apart = (first["easting_m"] - series["easting_m"]) ** 2 + (
        first["northing_m"] - series["northing_m"]
    ) ** 2
    assert apart**0.5 <= series["radius_m"] + first["radius_m"]
    # where nothing was planted nothing is claimed
    assert found["Robbery"]["near_repeats"]["p_value"] > 0.05
