"""Write tensors as one safetensors blob, and read them back, without copying them.

The safetensors library copies every tensor two or three times on each side, and for a batch of images or a large matrix
that is most of what a call costs. The format is small enough to be written here: eight bytes with the length of a
JSON header (``{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}``), the header, then the tensors one
after the other (https://github.com/huggingface/safetensors, section Format).
"""

from __future__ import annotations

import json
import math
from typing import Any

import torch

_FLOATS = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_SIGNED = {"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8}
_UNSIGNED = {"U32": torch.uint32, "U16": torch.uint16, "U8": torch.uint8}
_DTYPES = _FLOATS | _SIGNED | _UNSIGNED | {"BOOL": torch.bool}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_ALIGNMENT = 8
MAX_TENSORS = 20_000
MAX_DIMENSIONS = 64
_MAX_SIZE = 1 << 48
_MAX_HEADER_BYTES = 8 << 20
_NEARLY_ALL = 0.9


def pack(tensors: dict[str, torch.Tensor]) -> list[memoryview]:
    """Return the pieces of the blob in order: views of contiguous CPU tensors, which must not change until sent."""
    if not tensors:
        return []
    # Largest element size first: so every tensor is aligned to its own element size without padding.
    ordered = sorted(tensors.items(), key=lambda item: -item[1].element_size())
    entries, end = {}, 0
    for name, tensor in ordered:
        start, end = end, end + tensor.nbytes
        entries[name] = {"dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [start, end]}
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    head = memoryview(len(text).to_bytes(8, "little") + text)
    return [head, *(_bytes_of(tensor) for _, tensor in ordered if tensor.nbytes)]


def unpack(blob: bytes | bytearray) -> dict[str, torch.Tensor]:
    """Return the tensors of a blob by name: one that takes nearly all of it is a view into it, others are copies.

    So a small tensor that is kept never keeps a large blob. Every byte after the header must belong to exactly one
    tensor, as the format demands: none overlap, none are spare.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: the bytes are no such blob; the caller must expect any of them.
    """
    # frombuffer needs writable memory; a blob that came over the wire is writable.
    memory = blob if isinstance(blob, bytearray) else bytearray(blob)
    start = 8 + int.from_bytes(memory[:8], "little")
    if start > len(memory):
        raise ValueError("the header is cut short")
    if start > _MAX_HEADER_BYTES or memory.count(b"{", 8, start) > MAX_TENSORS + 2:
        raise ValueError("too many tensors")
    header = json.loads(memory[8:start].decode())
    header.pop("__metadata__", None)
    tensors, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        first, last = entry["data_offsets"]
        tensor = _view(memory, start + first, entry)
        if first != end or last - first != tensor.nbytes:
            raise ValueError("the tensors do not lie one after the other")
        tensors[name], end = tensor if tensor.nbytes >= _NEARLY_ALL * len(memory) else tensor.clone(), last
    if start + end != len(memory):
        raise ValueError("bytes that belong to no tensor")
    return tensors


def _view(memory: bytearray, offset: int, entry: dict[str, Any]) -> torch.Tensor:
    dtype, shape = _DTYPES[entry["dtype"]], entry["shape"]
    if len(shape) > MAX_DIMENSIONS or not all(type(size) is int and 0 <= size <= _MAX_SIZE for size in shape):
        raise ValueError("a shape is a list of sizes")
    count = math.prod(shape)
    if count == 0:
        return torch.empty(shape, dtype=dtype)
    if offset % dtype.itemsize:
        raise ValueError("a tensor that is not aligned")
    return torch.frombuffer(memory, dtype=dtype, count=count, offset=offset).reshape(shape)


def _bytes_of(tensor: torch.Tensor) -> memoryview:
    # A view as bytes, because numpy has no bfloat16 and torch tensors are no buffers.
    return tensor.reshape(-1).view(torch.uint8).numpy().data
