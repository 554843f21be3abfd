"""The narrow interface that every sandbox level offers: a slot makes workers, a worker answers requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from grader.worker.limits import WorkerLimits
from grader.worker.wire import Buffer, Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSettings:
    """What a slot needs to know before it starts.

    ``preload`` are the modules imported once for all workers; ``threads`` is torch's thread count in each worker;
    ``torch_home`` is mounted read-only as ``TORCH_HOME``; ``hidden`` are folders that must not be visible inside.
    """

    preload: tuple[str, ...] = ("torch", "torchvision", "pandas")
    threads: int = 1
    device: str = "cpu"
    torch_home: Path | None = None
    hidden: tuple[Path, ...] = ()
    scratch_bytes: int = 256 << 20


class Protections(NamedTuple):
    """What a level does on this machine, in words, and what it does not."""

    present: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a worker ended.

    ``reason`` is ours when we ended it: ``ended``, ``memory``, ``processes``, ``threads`` or ``cpu``. It is ``lost``
    when the zygote is gone, and ``machine`` when the kernel, which had no memory left, ended a process meanwhile.
    """

    exit_code: int | None
    signal: int | None
    reason: str = ""
    clean: bool = True


class WorkerGone(Exception):
    """The worker ended, or broke the protocol, before it answered."""

    def __init__(self, ending: Ending, protocol_fault: str = "") -> None:
        super().__init__(protocol_fault or str(ending))
        self.ending = ending
        self.protocol_fault = protocol_fault


class WorkerSilent(Exception):
    """The worker did not answer in time; it has been ended."""


@dataclass(slots=True)
class Output:
    """What a worker printed, stdout and stderr as they came, capped."""

    cap: int = 64 << 10
    truncated: bool = False
    _bytes: bytearray = field(default_factory=bytearray)

    def add(self, chunk: bytes) -> None:
        """Keep what fits under the cap."""
        room = self.cap - len(self._bytes)
        self._bytes += chunk[:room]
        self.truncated = self.truncated or len(chunk) > room

    @property
    def text(self) -> str:
        """The output decoded as UTF-8, undecodable bytes replaced."""
        return self._bytes.decode("utf-8", errors="replace")


class Worker(Protocol):
    """One process that holds one student's part."""

    output: Output

    def request(self, header: dict[str, Any], blob: Sequence[Buffer], *, seconds: float) -> Frame:
        """Send one request, wait for its reply; raises WorkerGone or WorkerSilent."""
        ...

    def close(self) -> None:
        """End the worker and whatever it started."""
        ...


class Slot(Protocol):
    """One place where workers run, one at a time."""

    level: str
    protections: tuple[str, ...]
    missing_protections: tuple[str, ...]
    versions: dict[str, str]

    def worker(self, limits: WorkerLimits) -> Worker:
        """A fresh worker; the previous one must be closed."""
        ...

    def start(self) -> None:
        """Begin what is slow about starting, without waiting for it."""
        ...

    def close(self) -> None:
        """End the slot."""
        ...
