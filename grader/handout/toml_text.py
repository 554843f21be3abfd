"""Write TOML: the few kinds of values that course.toml and part.toml hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def toml_text(table: Mapping[str, Any]) -> str:
    """Return a table as TOML, one line for each key; tables inside it are written inline, and None is left out."""
    return "".join(f"{_key(name)} = {_value(value)}\n" for name, value in table.items() if value is not None)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        entries = (f"{_key(name)} = {_value(entry)}" for name, entry in value.items() if entry is not None)
        return "{ " + ", ".join(entries) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float):
        return repr(value)  # also inf and nan, as TOML writes them
    return json.dumps(value, ensure_ascii=False)  # texts, whole numbers, true and false are written as in JSON


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
