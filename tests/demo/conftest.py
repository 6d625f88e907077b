"""The default borough, made once for all tests here, in memory and on disk."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mapping import demo
from mapping.demo import events, intensity, mixes, telling, truth
from mapping.demo.files import DemoPaths
from mapping.demo.intensity import Background
from mapping.demo.judge import load_truth
from mapping.demo.telling import Told
from mapping.demo.town import Town, make_town
from mapping.demo.truth import Planted


@dataclass(frozen=True)
class Borough:
    """All that `demo.build` makes before it writes."""

    town: Town
    background: Background
    planted: list[Planted]
    events: pd.DataFrame
    told: Told


def make_borough(seed: int) -> Borough:
    rngs = [np.random.default_rng([seed, stage]) for stage in range(10, 14)]
    town = make_town(seed)
    background = intensity.background(town, mixes.background_mix(), rngs[0])
    planted = truth.plant(town, background, events.REPORTS_WANTED / 2, rngs[1])
    happened = events.happen(town, background, planted, rngs[2])
    return Borough(town, background, planted, happened, telling.tell(town, happened, planted, rngs[3]))


@pytest.fixture(scope="session")
def borough() -> Borough:
    return make_borough(demo.DEFAULT_SEED)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> DemoPaths:
    return demo.build(demo.DEFAULT_SEED, tmp_path_factory.mktemp("newmouth"))


@pytest.fixture(scope="session")
def answers(built: DemoPaths) -> dict:
    return load_truth(built.truth)


@pytest.fixture(scope="session")
def rows(built: DemoPaths) -> pd.DataFrame:
    tables = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in built.sources]
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="session")
def shipped() -> Path:
    return Path(__file__).parents[2] / "data" / "boundaries" / "demo"
