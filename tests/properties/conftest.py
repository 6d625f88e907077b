"""A fresh store for every example: the fixtures of the store's tests, borrowed."""

import importlib.util
import sys
from pathlib import Path

_path = Path(__file__).parents[1] / "store" / "conftest.py"
_spec = importlib.util.spec_from_file_location("properties_borrow_from_store", _path)
assert _spec is not None and _spec.loader is not None
_store = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = _store
_spec.loader.exec_module(_store)

sqlite_template = _store.sqlite_template
