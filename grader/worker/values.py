"""Turn values into JSON and raw buffers for the wire, and back; what cannot be sent becomes a handle.

None, booleans, integers, strings, finite floats and lists are themselves in JSON; all else is an object with a ``"$"``
key::

    {"$": "float", "v": "nan"}                          NaN and the infinities
    {"$": "tuple", "v": [...]}                           a namedtuple adds "name" and "fields"
    {"$": "dict",  "v": [[key, value], ...]}
    {"$": "tensor", "k": "t0", "requires_grad": false, "device": "cpu"}
    {"$": "array", "k": "t1"}                            numpy
    {"$": "bytes", "k": "t2"}
    {"$": "frame", "columns": [...], "v": [...]}         pandas, column by column
    {"$": "handle", "id": 7, "type": "torch.nn.modules.linear.Linear"}

The same code runs on both sides. Only exact types are encoded, and classes of known libraries as the plain class that
they are made of (`library_types`): an instance of a student's subclass of Tensor, int or list becomes a handle, so the
reading side never calls a method of theirs.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from . import buffers
from .library_types import is_frame, plain
from .table_columns import columns_of, is_native
from .wire import WireError

MAX_DEPTH = 32
MAX_ITEMS = 200_000
_MAX_COLUMNS = 20_000  # pandas is slow to make a column
_PATIENCE_SECONDS = 5.0  # an honest answer is read in a few milliseconds
_BETWEEN_LOOKS = 256  # items of a dict that are read between two looks at the clock

Keep = Callable[[Any], dict[str, Any]]
Resolve = Callable[[dict[str, Any]], Any]
TupleType = Callable[[str, tuple[str, ...]], Any]

# What safetensors can store; anything else (quantised, complex128) becomes a handle that names its type.
_DTYPES = frozenset(
    {
        *(torch.float64, torch.float32, torch.float16, torch.bfloat16),
        *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool),
    }
)
_ARRAY_DTYPES = (_DTYPES - {torch.bfloat16}) | {torch.uint16, torch.uint32}
_BYTE = frozenset({torch.uint8})
_PLAIN_IN_JSON = frozenset({type(None), bool, int, float, str})


class NamedValues(tuple[Any, ...]):  # noqa: SLOT001 -- a tuple may have no slots that are not empty
    """The items of a namedtuple that was received, also by name; no class is made from what the other side says."""

    _name: str
    _fields: tuple[str, ...]

    @classmethod
    def of(cls, name: str, fields: tuple[str, ...]) -> Callable[..., NamedValues]:
        """Return a function that makes one from its items."""

        def make(*items: Any) -> NamedValues:
            values = cls(items)
            values._name, values._fields = name, fields
            return values

        return make

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("_fields", ()):
            return self[self._fields.index(name)]
        raise AttributeError(name)


class Encoder:
    """Turns the values of one message into JSON and collects their tensors.

    ``keep`` makes a handle entry for a value that cannot be sent; ``overflow`` (by default the same) makes one for a
    value that is nested too deep or is one too many.
    """

    def __init__(self, keep: Keep, overflow: Keep | None = None) -> None:
        self._keep = keep
        self._overflow = overflow or keep
        self._tensors: dict[str, torch.Tensor] = {}
        self._items = 0

    def encode(self, value: Any, depth: int = 0) -> Any:
        """Return the JSON form of ``value``; raises what ``keep`` and ``overflow`` raise."""
        self._items += 1
        if depth > MAX_DEPTH or self._items > MAX_ITEMS:
            return self._overflow(value)
        value = plain(value)
        kind = type(value)
        if value is None or kind is bool or kind is int or kind is str:  # not looked up: a student's class may lie
            return value
        if kind is float:
            return value if math.isfinite(value) else {"$": "float", "v": repr(value)}
        if kind is list:
            return [self.encode(item, depth + 1) for item in value]
        if kind is dict:
            pairs = [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in value.items()]
            return {"$": "dict", "v": pairs}
        if issubclass(kind, tuple):
            return self._encode_tuple(value, depth)
        return self._encode_buffer(value, depth)

    def blob(self) -> list[memoryview]:
        """Return the tensors of all values encoded so far, as the pieces of one safetensors blob."""
        return buffers.pack(self._tensors)

    def _encode_tuple(self, value: tuple[Any, ...], depth: int) -> dict[str, Any]:
        # tuple.__iter__ and not iter(): a subclass may have an __iter__ of its own that lies.
        items = [self.encode(item, depth + 1) for item in tuple.__iter__(value)]
        entry: dict[str, Any] = {"$": "tuple", "v": items}
        fields = getattr(value, "_fields", None)
        if type(value) is not tuple and isinstance(fields, tuple) and all(type(f) is str for f in fields):
            name = value._name if isinstance(value, NamedValues) else type(value).__name__  # noqa: SLF001 -- our own class
            entry |= {"name": name, "fields": list(fields)}
        return entry

    def _encode_buffer(self, value: Any, depth: int) -> Any:
        kind = type(value)
        is_tensor = kind is torch.Tensor or kind is torch.nn.Parameter
        deep = (is_tensor or kind is np.ndarray) and value.ndim > buffers.MAX_DIMENSIONS
        if deep or len(self._tensors) >= buffers.MAX_TENSORS:
            return self._overflow(value)
        if is_tensor and value.layout is torch.strided and value.dtype in _DTYPES:
            if value.device.type == "meta":
                return self._keep(value)
            entry = {"$": "tensor", "requires_grad": value.requires_grad, "device": str(value.device)}
            return entry | {"k": self._store(value.detach().cpu().contiguous().resolve_neg())}
        if kind is np.ndarray and is_native(value.dtype):
            native = np.array(value, dtype=value.dtype.newbyteorder("="), order="C")
            return {"$": "array", "k": self._store(torch.from_numpy(native))}
        if kind is bytes or kind is bytearray:
            # one spare byte: torch.frombuffer refuses an empty buffer
            buffer = torch.frombuffer(bytearray(value) + b"\0", dtype=torch.uint8)
            return {"$": "bytes", "k": self._store(buffer), "n": len(value)}
        if is_frame(kind):
            return self._encode_frame(value, depth)
        return self._keep(value)

    def _encode_frame(self, frame: Any, depth: int) -> dict[str, Any]:
        columns = [str(name) for name in frame.columns]
        if len(columns) > _MAX_COLUMNS:
            return self._overflow(frame)
        return {"$": "frame", "columns": columns, "v": [self.encode(column, depth + 1) for column in columns_of(frame)]}

    def _store(self, tensor: torch.Tensor) -> str:
        key = f"t{len(self._tensors)}"
        self._tensors[key] = tensor
        return key


class Decoder:
    """Rebuilds values from their JSON form and the blob; raises WireError for anything malformed, already when made.

    ``resolve`` turns a handle entry into what a handle is on this side; ``tuple_type`` returns what makes a namedtuple
    of a given name and fields.
    """

    def __init__(self, blob: bytes | bytearray, resolve: Resolve, tuple_type: TupleType = NamedValues.of) -> None:
        self._resolve = resolve
        self._tuple_type = tuple_type
        self._items = 0
        self._give_up = math.inf
        try:
            self._tensors = buffers.unpack(blob) if blob else {}
        except Exception as error:  # KeyError for an unknown dtype, TypeError for an odd header, ...
            raise WireError(f"malformed blob, not safetensors: {type(error).__name__}") from error

    def decode(self, entry: Any) -> Any:
        """Return the value whose JSON form is ``entry``; raises WireError if it is malformed."""
        self._give_up = time.monotonic() + _PATIENCE_SECONDS
        try:
            return self._decode(entry)
        except Exception as error:  # OverflowError, pandas' own errors, ...: all of them mean malformed
            raise WireError(f"malformed value: {type(error).__name__}") from error

    def _decode(self, entry: Any, depth: int = 0) -> Any:
        self._items += 1
        if self._items > 2 * MAX_ITEMS:
            raise ValueError("more values than an encoder sends")
        if (depth > MAX_DEPTH or self._items > MAX_ITEMS) and not _is_handle(entry):
            raise ValueError("a value where an encoder sends a handle")
        kind = type(entry)
        if kind in _PLAIN_IN_JSON:
            return entry
        if kind is list:
            return [self._decode(item, depth + 1) for item in entry]
        return self._decode_object(entry, depth)

    def _decode_object(self, entry: dict[str, Any], depth: int) -> Any:
        match entry["$"]:
            case "tensor":
                return self._take(entry, _DTYPES)
            case "tuple":
                return self._decode_tuple(entry, depth)
            case "dict":
                return self._decode_dict(entry, depth)
            case "float":
                return float(entry["v"])
            case "array":
                return self._take(entry, _ARRAY_DTYPES).numpy()
            case "bytes":
                return self._take(entry, _BYTE).numpy().tobytes()[: int(entry["n"])]
            case "frame":
                return self._decode_frame(entry, depth)
            case "handle":
                return self._resolve(entry)
            case kind:
                raise ValueError(f"no kind of value: {kind}")

    def _decode_dict(self, entry: dict[str, Any], depth: int) -> dict[Any, Any]:
        decoded: dict[Any, Any] = {}
        for place, (key, value) in enumerate(entry["v"]):
            # Keys can be chosen to share a hash, and then each takes as long as all before it together.
            if place % _BETWEEN_LOOKS == 0 and time.monotonic() > self._give_up:
                raise ValueError("takes too long to read")
            decoded[self._decode(key, depth + 1)] = self._decode(value, depth + 1)
        return decoded

    def _take(self, entry: dict[str, Any], dtypes: frozenset[torch.dtype]) -> torch.Tensor:
        # pop, because each buffer may be used once: a small header could name a large buffer often, for a copy each.
        tensor = self._tensors.pop(entry["k"])
        if tensor.dtype not in dtypes:
            raise ValueError("no dtype that an encoder sends")
        # A bool of any byte but 0 and 1 is undefined behaviour in torch's kernels.
        return tensor.view(torch.uint8) != 0 if tensor.dtype is torch.bool else tensor

    def _decode_tuple(self, entry: dict[str, Any], depth: int) -> tuple[Any, ...]:
        items = tuple(self._decode(item, depth + 1) for item in entry["v"])
        if "fields" not in entry:
            return items
        name, fields = str(entry["name"]), tuple(str(field) for field in entry["fields"])
        if len(fields) != len(items) or not all(field.isidentifier() for field in fields):
            raise ValueError("fields that do not name the items")
        made: tuple[Any, ...] = self._tuple_type(name, fields)(*items)
        return made

    def _decode_frame(self, entry: dict[str, Any], depth: int) -> Any:
        import pandas as pd

        columns = [str(name) for name in entry["columns"]]
        if len(columns) > _MAX_COLUMNS:
            raise ValueError("more columns than an encoder sends")
        values = [self._decode(column, depth + 1) for column in entry["v"]]
        if not all(type(column) in (list, np.ndarray) for column in values):
            raise ValueError("a column is a list or an array")
        # Made with column numbers, then renamed: students' frames may repeat a name.
        frame = pd.DataFrame(dict(enumerate(values)))
        frame.columns = pd.Index(columns)
        return frame


def _is_handle(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("$") == "handle"
