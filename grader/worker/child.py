"""A worker: a fork of the zygote that loads one student's part and answers calls until its channel closes.

The student's code runs in this process and may change anything in it, so the trusted side believes nothing it says.
Nothing here judges; it only carries values.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import sys
import traceback
from collections import namedtuple
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Any

import numpy as np
import torch

from . import limits as rlimits
from . import networks, stand_ins, wire
from .buffers import MAX_DIMENSIONS
from .calling import CannotCall, arranged
from .confinement import Walls, confine, landlock_version
from .failures import Unanswerable, describe
from .loader import LoadRequest, StudentCode, load, write
from .process_table import die_with_parent, go_first_when_memory_ends, let_itself_be_counted
from .values import Decoder, Encoder

_CAPPED_REPLY = "the value is too large to hand back"
_MOST_HANDLES = 50_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a worker runs: home folder, number of torch threads, whether it has a user of its own, walls."""

    home: str
    threads: int
    alone: bool
    walls: Walls


def run_child(channel: int, output: int, limits: rlimits.WorkerLimits, place: Place) -> None:
    """Turn this fresh fork into a worker and answer calls; never returns."""
    try:
        os.dup2(output, 2)  # what goes wrong before the student's code runs is reported through the output
        _serve_as_worker(channel, output, limits, place)
    except BaseException:  # noqa: BLE001 -- no exception may reach the zygote's loop
        with contextlib.suppress(BaseException):  # the student's code may have closed stderr
            traceback.print_exc()
        os._exit(1)


def _serve_as_worker(channel: int, output: int, limits: rlimits.WorkerLimits, place: Place) -> None:
    os.setsid()
    die_with_parent()
    for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    _arrange_descriptors(channel, output)
    if place.alone or landlock_version():  # else other workers of this user could read this process, too
        let_itself_be_counted()
    go_first_when_memory_ends()
    rlimits.apply(limits, alone=place.alone)
    os.chdir(place.home)
    confine(place.walls)
    torch.set_num_threads(place.threads)
    Server(socket.socket(fileno=3), limits, place.home).serve()
    os._exit(0)


def _arrange_descriptors(channel: int, output: int) -> None:
    """Keep exactly four open: 0 (empty input), 1 and 2 (captured output), 3 (the channel); close the zygote's own."""
    # First to high numbers, so that none is overwritten before it has been copied.
    channel, output = os.dup(channel), os.dup(output)
    high_channel, high_output = os.dup2(channel, 1000), os.dup2(output, 1001)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(high_output, 1)
    os.dup2(high_output, 2)
    os.dup2(high_channel, 3)
    os.closerange(4, 1024)
    # Line by line, so that what was printed before a kill is not lost.
    sys.stdout = _text_stream(1)
    sys.stderr = _text_stream(2)


def _text_stream(descriptor: int) -> TextIOWrapper:
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def flush_output() -> None:
    """Flush what the student's code printed, even if it closed or replaced the streams."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


class Server:
    """Answers one request after another; every reply repeats the request's id."""

    def __init__(self, channel: socket.socket | None, limits: rlimits.WorkerLimits, home: str) -> None:
        self._channel = channel
        self._limits = limits
        self._home = home
        self._code: StudentCode | None = None
        self._named: dict[str, Any] = {}
        self._handles: dict[int, Any] = {}
        answers = (self._write, self._load, self._call, self._read, self._constant, self._file, self._forget)
        self._answers = {answer.__name__.removeprefix("_"): answer for answer in answers}

    def serve(self) -> None:
        """Answer until the other side closes the channel."""
        assert self._channel is not None
        me = os.getpid()
        while True:
            try:
                request = wire.receive(self._channel)
            except wire.WireClosed:
                return
            rlimits.allow_cpu(self._limits.cpu_seconds)
            header, blob = self.answer(request)
            if os.getpid() != me:
                return  # the student's code forked and returned twice: only the original process answers
            flush_output()
            wire.send(self._channel, header, blob)

    def answer(self, request: wire.Frame) -> tuple[dict[str, Any], list[memoryview]]:
        """Return the reply to one request, ``{"id", "ok"}`` or ``{"id", "error"}``, and its blob."""
        number = request.header["id"]
        encoder = Encoder(self._keep)
        try:
            answer = self._answers[request.header["do"]]
            reply = {"id": number, "ok": answer(request, encoder)}
            blob = encoder.blob()
            self._ensure_sendable(reply, blob)
        except CannotCall as error:
            names = ", ".join(error.names)
            told = {"kind": error.problem, "type": names, "message": str(error), "traceback": ""}
            return {"id": number, "error": told}, []
        except BaseException as error:  # noqa: BLE001 -- SystemExit and KeyboardInterrupt are answers too
            return {"id": number, "error": describe(error, self._home)}, []
        return reply, blob

    def _ensure_sendable(self, reply: dict[str, Any], blob: list[memoryview]) -> None:
        if sum(map(len, blob)) > self._limits.reply_bytes:
            raise Unanswerable(_CAPPED_REPLY)
        try:
            wire.pack(reply, blob)
        except (wire.WireError, ValueError) as error:  # ValueError: an integer with too many digits for JSON
            raise Unanswerable(_CAPPED_REPLY) from error

    def _write(self, request: wire.Frame, encoder: Encoder) -> Any:  # noqa: ARG002 -- all answers have this signature
        """Write the student's files; until this has answered, the trusted side counts any failure as its own."""
        write(self._home, Decoder(request.blob, self._resolve).decode(request.header["files"]))
        return {}

    def _load(self, request: wire.Frame, encoder: Encoder) -> Any:
        _seed(request.header["seed"])
        stand_ins.install()
        self._code = load(self._home, LoadRequest.of(request.header))
        modules = self._code.modules()
        self._named = {n: kind for module in modules for n, kind in vars(module).items() if _is_namedtuple(kind)}
        return encoder.encode(self._code.reply())

    def _call(self, request: wire.Frame, encoder: Encoder) -> Any:
        decoder = Decoder(request.blob, self._resolve, self._tuple_type)
        target = request.header["target"]
        function = self._target(target)
        arguments = decoder.decode(request.header["args"])
        options = decoder.decode(request.header["kwargs"])
        given, options = arranged(function, self._parameters_of(target), arguments, options)
        _seed(request.header["seed"])
        value = function(*given, **options)
        answer = {"value": encoder.encode(value)}
        if request.header.get("echo"):
            answer["arguments"] = encoder.encode(arguments)
        return answer

    def _read(self, request: wire.Frame, encoder: Encoder) -> Any:
        return {"value": encoder.encode(getattr(self._handles[request.header["target"]], request.header["name"]))}

    def _constant(self, request: wire.Frame, encoder: Encoder) -> Any:
        return {"value": encoder.encode(self._loaded().constant_of(request.header["name"]))}

    def _file(self, request: wire.Frame, encoder: Encoder) -> Any:
        try:
            with open(request.header["path"], "rb") as file:
                content = file.read(self._limits.reply_bytes)
        except (FileNotFoundError, IsADirectoryError):
            return {"value": None}
        return {"value": encoder.encode(content)}

    def _forget(self, request: wire.Frame, encoder: Encoder) -> Any:  # noqa: ARG002 -- all answers have this signature
        self._handles.clear()
        return {}

    def _target(self, target: str | int) -> Any:
        if isinstance(target, int):
            return self._handles[target]
        code = self._loaded()
        if target in code.failures:
            raise code.failures[target]
        return code.functions[target]

    def _parameters_of(self, target: str | int) -> tuple[str, ...]:
        """Return the names that the reference has for the parameters of an entry point; none for a handle."""
        return () if isinstance(target, int) else self._loaded().request.wanted[target].parameters

    def _loaded(self) -> StudentCode:
        if self._code is None:
            raise Unanswerable("no module is loaded")
        return self._code

    def _tuple_type(self, name: str, fields: tuple[str, ...]) -> Any:
        """Return the student's own namedtuple if they have one with this name and fields, else a new one like it.

        A network that a check sends is built.
        """
        own = self._named.get(name)
        if own is not None and own._fields == fields:
            return own
        is_network = (name, fields) == (networks.NAME, networks.FIELDS)
        return networks.built if is_network else namedtuple(name, fields)  # noqa: PYI024

    def _keep(self, value: Any) -> dict[str, Any]:
        number = len(self._handles)
        if number >= _MOST_HANDLES:  # a list of a million items would be a million handles
            raise Unanswerable(_CAPPED_REPLY)
        self._handles[number] = value
        return {"$": "handle", "id": number, "type": _type_name(value)}

    def _resolve(self, entry: dict[str, Any]) -> Any:
        return self._handles[entry["id"]]


def _is_namedtuple(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def _type_name(value: Any) -> str:
    kind = type(value)
    name = (
        kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    )
    if isinstance(value, torch.Tensor) and value.ndim > MAX_DIMENSIONS:
        return f"{name} of {value.ndim} dimensions"
    if isinstance(value, torch.Tensor):
        return f"{name} ({value.layout}, {value.dtype}, on {value.device})"
    return f"{name} ({value.dtype})" if kind is np.ndarray else name


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 -- the generator that students' code uses
    if os.environ.get("CUDA_VISIBLE_DEVICES"):
        torch.manual_seed(seed)
    else:
        # The same without a GPU; manual_seed would format a stack trace at every call, for a GPU that is not there.
        torch.default_generator.manual_seed(seed)
