"""What is fuzzed: each target takes any bytes, and either understands them or raises the one error it may raise."""

import json
import socket
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from grader.errors import IntakeRefused
from grader.intake.archive import unzip
from grader.intake.inner_zips import open_inner_zips
from grader.worker import wire
from grader.worker.values import Decoder, Encoder
from grader.written.notebook_cells import UnreadableNotebook, read_cells


@dataclass(frozen=True)
class Handle:
    """What a handle is here."""

    id: int
    type: str


def _tell_handle(value: Any) -> dict[str, Any]:
    assert isinstance(value, Handle), f"a {type(value).__name__} was understood, and cannot be told again"
    return {"$": "handle", "id": value.id, "type": value.type}


def frame(data: bytes) -> None:
    """A worker's answer as the trusted side reads it: a frame, then the values in it."""
    left, right = socket.socketpair()
    with left, right, suppress(wire.WireError):
        left.sendall(data[: 1 << 16])
        left.shutdown(socket.SHUT_WR)
        received = wire.receive(right, deadline=time.monotonic() + 5, caps=wire.Caps(header=1 << 16, blob=1 << 16))
        Decoder(received.blob, lambda entry: (int(entry["id"]), str(entry["type"]))).decode(received.header.get("v"))


def values(data: bytes) -> None:
    """The values of a header and a blob: a JSON text, a zero byte, then the blob."""
    text, _, blob = data.partition(b"\0")
    with suppress(wire.WireError):
        entry = wire.parse_header(b'{"v":' + text + b"}").get("v")
        value = Decoder(blob, lambda entry: Handle(int(entry["id"]), str(entry["type"]))).decode(entry)
        # What was understood can be told again, all of it: a check may hand a value on.
        encoder = Encoder(_tell_handle)
        json.dumps(encoder.encode(value))
        for tensor in encoder._tensors.values():
            # A bool of any other byte is undefined behaviour in torch's kernels.
            assert tensor.dtype is not torch.bool or tensor.view(torch.uint8).numpy().max(initial=0) <= 1


def archive(data: bytes) -> None:
    """A zip file as it was handed in, and the same file inside another one: that may only stay closed."""
    read = [open_inner_zips({"in.zip": data}, lambda _: True).files]
    with suppress(IntakeRefused):
        read.append(unzip(data).files)
    for path, content in (item for files in read for item in files.items()):
        assert isinstance(content, bytes), path
        assert not path.startswith("/"), path
        assert not {"", ".", ".."} & set(path.split("/")), path


def notebook(data: bytes) -> None:
    """A notebook as it was handed in."""
    with suppress(UnreadableNotebook):
        for cell in read_cells(data):
            "".join((cell.text, *cell.attachments)).encode()


TARGETS = {function.__name__: function for function in (frame, values, archive, notebook)}


def seeds(name: str) -> list[bytes]:
    """Sound inputs to begin with."""
    encoder = Encoder(lambda _: {"$": "handle", "id": 1, "type": "torch.nn.Linear"})
    table = pd.DataFrame({"id": pd.array([1, None], dtype="Int64"), "kind": pd.Categorical(["a", "b"])})
    plain = {"a": [torch.ones(2, 3), 1, 2.5, None, "x", (b"y", object())], "n": torch.arange(3)}
    entry = encoder.encode(plain | {"table": table, "ordered": OrderedDict(z=np.str_("text"))})
    blob = b"".join(bytes(piece) for piece in encoder.blob())
    cells = [{"cell_type": "markdown", "source": ["# 1\n", "text"]}, {"cell_type": "code", "source": "x = 1"}]
    cells.append(
        {"cell_type": "markdown", "source": "![](attachment:a.png)", "attachments": {"a.png": {"image/png": ""}}}
    )
    old = {"cells": [{"cell_type": "heading", "level": 2, "source": "1"}, {"cell_type": "code", "input": ["x = 1"]}]}
    return {
        "frame": [b"".join(bytes(piece) for piece in wire.pack({"id": 1, "v": entry}, [blob]))],
        "values": [json.dumps(entry).encode() + b"\0" + blob],
        "archive": [_zip({"a/score_matrix.py": b"import torch\n" * 9, "notes.txt": b"hello"})],
        "notebook": [
            json.dumps({"cells": cells, "nbformat": 4}).encode(),
            json.dumps({"worksheets": [old], "nbformat": 3}).encode("utf-16"),
        ],
    }[name]


def _zip(files: dict[str, bytes]) -> bytes:
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for path, content in files.items():
            made.writestr(path, content)
    return buffer.getvalue()
