"""Hold the records of a class in a quarter of the memory: what is equal in many of them is there once."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from grader.records.record import EnvironmentRecord, ResultRecord

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


class Sharing:
    """Knows the sentences, names and numbers of the records that it was given."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Any] = {}  # by type, since 1 and 1.0 are equal

    def of(self, record: ResultRecord) -> ResultRecord:
        """Return an equal record, made of what earlier ones are made of where that is equal."""
        return self._struct(record)

    def _struct(self, struct: _Struct) -> _Struct:
        values = {name: self._value(getattr(struct, name)) for name in struct.__struct_fields__}
        shared = type(struct)(**values)
        # Its values are there once, so their places tell whether they are the same.
        return self._once(shared, *map(id, values.values())) if type(shared) is EnvironmentRecord else shared

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
