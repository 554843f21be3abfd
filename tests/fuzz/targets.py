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
from grader.intake.defined_names import defined_names, matches, spelt
from grader.intake.inner_zips import open_inner_zips
from grader.worker import wire
from grader.worker.needed import Need
from grader.worker.parsing import parsed
from grader.worker.source_text import Unreadable, read
from grader.worker.statements import statements_of
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


def source(data: bytes) -> None:
    """A file of code as the worker reads it, before any of it runs: a script, or a notebook."""
    for path in ("a.py", "n.ipynb"):
        with suppress(Unreadable):
            found = read(path, data)
            assert found is not None
            lines = found.text.count("\n") + 1
            assert not found.places or len(found.places) == lines or not found.text
            assert all(place >= 0 for line in range(lines + 2) for place in found.place_of(line))
            assert all(notice.endswith(".") for notice in found.notices)


def needed(data: bytes) -> None:
    """A script that is looked through for what its functions need."""
    with suppress(SyntaxError):
        statements = statements_of(parsed(data.decode("utf-8", "replace")), "a.py")
        need = Need(statements, ["f"])
        assert need.statements <= set(range(len(statements)))


def defined(data: bytes) -> None:
    """A file of code that is looked through for the names it defines, without parsing it."""
    names = defined_names(data)
    assert all(spelt(name) == name for name in names)
    assert matches(names, [*names][:1]) == bool(names)


_ALL = (frame, values, archive, notebook, source, needed, defined)
TARGETS = {function.__name__: function for function in _ALL}


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
    typed = ["import torch\n%time x = !ls\n!pip \\\n install", "%%time\ndef f(a=x):\n    return K[a]\n", "?f"]
    code = [{"cell_type": "code", "source": cell} for cell in typed]
    script = b"import os\nK = [i for i in range(3)]\nK.append(1)\nK[0] += 2\n@g\ndef f(x=K): return lambda: x + h\n"
    return {
        "frame": [b"".join(bytes(piece) for piece in wire.pack({"id": 1, "v": entry}, [blob]))],
        "values": [json.dumps(entry).encode() + b"\0" + blob],
        "archive": [_zip({"a/score_matrix.py": b"import torch\n" * 9, "notes.txt": b"hello"})],
        "notebook": [
            json.dumps({"cells": cells, "nbformat": 4}).encode(),
            json.dumps({"worksheets": [old], "nbformat": 3}).encode("utf-16"),
        ],
        "source": [json.dumps({"cells": code, "nbformat": 4}).encode(), b"# coding: cp1252\n%matplotlib x\n" + script],
        "defined": [script, "class Zoé: favourite_size = 3\ndef analyse(): pass\n".encode("utf-16")],
        "needed": [
            script,
            b"class C(B):\n    k = K\nwith a as b: c.d = b\nf = C()\ntry: x = 1\nexcept E as e: y = (z := 2)\n",
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
