"""Values to TOML text: the little that a layout needs, every text escaped.

The standard library reads TOML and writes none.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

_ESCAPES: Final = {
    **{chr(code): f"\\u{code:04X}" for code in (*range(32), 127)},
    "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\",
}  # fmt: skip
_TO_ESCAPED: Final = str.maketrans(_ESCAPES)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def written(values: Mapping[str, Any]) -> str:
    """Write a table of texts, numbers, truths, lists and tables of these.

    Tables and lists that hold none are single lines, so that columns stand one below the other.

    Raises
    ------
    TypeError
        A value is of another type; TOML itself could hold dates, but no layout does.
    """
    plain = {key: value for key, value in values.items() if not isinstance(value, Mapping)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    for key, table in values.items():
        if isinstance(table, Mapping) and table:
            lines += ["", f"[{_key(key)}]"]
            lines += [f"{_key(name)} = {_value(value)}" for name, value in table.items()]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_value, value)) + "]"
    raise TypeError(f"A layout holds no {type(value).__name__}.")


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    return f'"{text.translate(_TO_ESCAPED)}"'
