"""Harm weights: a named, dated table with its source, and the one that ships.

No weight is invented. What a table does not name has no weight, and what has no weight has no harm
score. The merged categories of data.police.uk (violence and sexual offences, criminal damage and
arson) are not offences, so no table can weigh them truly; the one that ships leaves them out.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from mapping import categories
from mapping.categories import folded
from mapping.errors import SettingsError

LONGEST_TEXT: Final = 300
LARGEST_WEIGHT: Final = 1_000_000.0
_DATED: Final = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_TEXTS: Final = ("name", "source", "dated", "unit")
_WEIGHTS: Final = ("categories", "offences")
_MOST_TOLD: Final = 10


@dataclass(frozen=True)
class HarmTable:
    """Weights from one source.

    Attributes
    ----------
    name, source : str
        What it is called, and where its values were read: said wherever a harm score is.
    dated : str
        `2016`, `2016-04` or `2016-04-01`: which issue of it this is.
    unit : str
        What a weight counts, such as days.
    categories : mapping of str to float
        A name in `mapping.categories` to its weight.
    offences : mapping of str to float
        A source's own word or code for what happened (`stated_category`), folded, to its weight. It
        says more than a category and comes before it.
    """

    name: str
    source: str
    dated: str
    unit: str
    categories: Mapping[str, float]
    offences: Mapping[str, float]

    @property
    def credit(self) -> str:
        """What stands beside every harm score."""
        return f"{self.name} ({self.dated}), in {self.unit}: {self.source}"

    def as_dict(self) -> dict[str, Any]:
        """Return what can be written as JSON and read by `stored`."""
        told = asdict(self)
        return {**told, "categories": dict(self.categories), "offences": dict(self.offences)}


CAMBRIDGE: Final = HarmTable(
    name="Cambridge Crime Harm Index",
    source=(
        "Sherman, Neyroud and Neyroud 2016, the starting points of sentencing guidelines; taken second-hand "
        "and to be checked. It is known here for seven kinds of crime only."
    ),
    dated="2016",
    unit="days",
    categories={"Robbery": 365.0},
    offences={
        "homicide": 5475.0,
        "attempted murder": 3285.0,
        "rape": 1825.0,
        "firearms": 730.0,
        "serious assault": 547.0,
        "robbery": 365.0,
        "common assault": 19.0,
    },
)


def parse(text: str) -> HarmTable:
    """Read a partnership's own table, written as TOML.

    Parameters
    ----------
    text : str
        `name`, `source`, `dated` and `unit`; a table `[categories]` from names in
        `mapping.categories` to weights, a table `[offences]` from a source's own words or codes to
        weights, or both. A weight is a number from 0; what has none is left out.

    Raises
    ------
    SettingsError
        It is no such table; every reason is said at once.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The table of harm weights is not readable as TOML: {error}.") from None
    problems = [f"{name} is not known here." for name in told if name not in (*_TEXTS, *_WEIGHTS)]
    texts = {name: str(told.get(name, "")).strip() for name in _TEXTS}
    problems += [problem for name, value in texts.items() if (problem := _text_problem(name, value))]
    weights: dict[str, dict[str, float]] = {}
    for name in _WEIGHTS:
        weights[name], wrong = _read_weights(name, told.get(name, {}))
        problems += wrong
    if not problems and not any(weights.values()):
        problems = ["It weighs nothing: give [categories], [offences] or both."]
    if problems:
        more = [f"And {len(problems) - _MOST_TOLD} more."] if len(problems) > _MOST_TOLD else []
        said = " ".join([*problems[:_MOST_TOLD], *more])
        raise SettingsError(f"The table of harm weights cannot be used. {said}")
    return HarmTable(texts["name"], texts["source"], texts["dated"], texts["unit"], **weights)


def stored(told: Mapping[str, Any] | None) -> HarmTable | None:
    """Read back what `HarmTable.as_dict` wrote; None for a run that was made without weights."""
    return HarmTable(**told) if told else None


def _text_problem(name: str, value: str) -> str:
    if not value:
        return f"It lacks {name}: a weight without it cannot be shown."
    if len(value) > LONGEST_TEXT or not value.isprintable():
        return f"Write {name} on one line of at most {LONGEST_TEXT} characters."
    if name == "dated" and not _DATED.fullmatch(value):
        return "Write dated as 2016, 2016-04 or 2016-04-01."
    return ""


def _read_weights(kind: str, told: object) -> tuple[dict[str, float], list[str]]:
    if not isinstance(told, dict):
        return {}, [f"{kind} must be a table of names and weights."]
    weights: dict[str, float] = {}
    problems = []
    for number, (name, weight) in enumerate(told.items(), start=1):
        key = categories.find(name) if kind == "categories" else folded(name)
        if not key:
            problems.append(f"Line {number} of {kind} names no category known here.")
        elif key in weights:
            problems.append(f"Line {number} of {kind} weighs what another line weighs.")
        elif not _is_weight(weight):
            problems.append(f"Line {number} of {kind} needs a number from 0 to {LARGEST_WEIGHT:,.0f}.")
        else:
            weights[key] = float(weight)
    return weights, problems


def _is_weight(weight: object) -> bool:
    is_number = isinstance(weight, int | float) and not isinstance(weight, bool)
    return is_number and 0 <= float(weight) <= LARGEST_WEIGHT  # type: ignore[arg-type]
