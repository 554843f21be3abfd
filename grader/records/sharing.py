"""Hold the records of a class in a tenth of the memory: what is equal in many of them is there once."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from grader.records.found import FoundRecord
from grader.records.record import CheckRecord, EnvironmentRecord, ResultRecord


class Sharing:
    """Knows the sentences, names and numbers of the records that it was given."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Any] = {}  # by type, since 1 and 1.0 are equal

    def of(self, record: ResultRecord) -> ResultRecord:
        """Return an equal record, made of what earlier ones are made of where that is equal."""
        return cast("ResultRecord", self._struct(record))

    def _struct(self, struct: msgspec.Struct) -> Any:
        values = {name: self._value(getattr(struct, name)) for name in struct.__struct_fields__}
        shared = type(struct)(**values)
        if isinstance(shared, EnvironmentRecord):  # has a dict, so it is no key; its values are there once
            return self._once(shared, *map(id, values.values()))
        is_often_equal = isinstance(shared, FoundRecord) or (isinstance(shared, CheckRecord) and not shared.evidence)
        return self._once(shared, shared) if is_often_equal else shared

    def _value(self, value: Any) -> Any:
        if isinstance(value, msgspec.Struct):
            return self._struct(value)
        if type(value) is tuple:
            items = tuple([self._value(item) for item in value])
            kinds = set(map(type, items))
            return self._once(items, *kinds, items) if len(kinds) < 2 and kinds <= {str, int} else items
        if type(value) is dict and all(type(item) is str for item in value.values()):
            return self._once(value, *value.items())
        return self._once(value, value) if type(value) in (str, float, int) else value

    def _once(self, value: Any, *what: Any) -> Any:
        return self._known.setdefault((type(value), *what), value)
