"""The interface of every sandbox level: a level opens slots, a slot starts workers, a worker answers requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from grader.sandbox.output import Output
from grader.worker.limits import WorkerLimits
from grader.worker.wire import Buffer, Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSettings:
    """What a slot is told before it starts.

    ``preload`` names the modules to import once for all workers; ``threads`` is the number of torch threads in each
    worker; ``device`` is ``cpu`` or ``cuda``; ``torch_home`` is a folder of weights, given to workers read-only as
    ``TORCH_HOME``; ``hidden`` are folders that workers must not see; ``scratch_bytes`` is how much a worker may write,
    where the level can limit it.
    """

    preload: tuple[str, ...] = ("torch", "torchvision", "pandas")
    threads: int = 1
    device: str = "cpu"
    torch_home: Path | None = None
    hidden: tuple[Path, ...] = ()
    scratch_bytes: int = 256 << 20


class Protections(NamedTuple):
    """The protections that a level has on this machine, and those it lacks: one phrase each."""

    present: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a worker ended: its exit code or the signal that ended it, and ``reason`` where we know more.

    ``reason`` is ``ended`` when we ended it at the deadline or after use; ``memory``, ``processes``, ``threads`` or
    ``cpu`` when it went over that limit; ``lost`` when the zygote is gone; ``machine`` when the kernel had no memory
    left and killed a process. ``clean`` tells whether all processes and files of the worker are gone.
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
    """The worker did not answer in time and was ended.

    ``starved`` means that others used the machine so much that it never had the time it was given.
    """

    def __init__(self, *, starved: bool = False) -> None:
        super().__init__()
        self.starved = starved


class Worker(Protocol):
    """One process that holds one student's part."""

    output: Output

    @property
    def denied(self) -> float:
        """Return for how many seconds of its requests others kept it from running."""
        ...

    def peak_bytes(self) -> int:
        """Return the most memory its process has had at once, beside the libraries; 0 if it is gone or not measured."""
        ...

    def request(self, header: dict[str, Any], blob: Sequence[Buffer], *, seconds: float) -> Frame:
        """Send one request and return its reply.

        Raises:
            WorkerGone: the worker ended or broke the protocol.
            WorkerSilent: it did not answer within ``seconds``, not counting those in which it could not run.
        """
        ...

    def close(self) -> None:
        """End the worker and every process it started. Closing it again does nothing."""
        ...


class Slot(Protocol):
    """A place where workers run, one at a time."""

    level: str
    protections: tuple[str, ...]
    missing_protections: tuple[str, ...]
    versions: dict[str, str]  # of Python and the preloaded packages, once a worker was started

    @property
    def pid(self) -> int | None:
        """The process that all processes of this slot descend from; None where there is none.

        There is none before the slot has started, after it was closed, and at level ``direct``.
        """
        ...

    def worker(self, limits: WorkerLimits) -> Worker:
        """Start a fresh worker and return it; the one before it must be closed.

        Raises:
            SandboxError: the sandbox cannot start, or the previous worker is still open.
        """
        ...

    def start(self) -> None:
        """Begin the slow part of starting up (the imports) without waiting for it.

        Raises:
            SandboxError: the sandbox cannot start.
        """
        ...

    def wait_ready(self) -> None:
        """Start up if it has not begun, and wait until a worker can start at once.

        Raises:
            SandboxError: the sandbox cannot start.
        """
        ...

    def close(self) -> None:
        """End the slot with every process and folder that belongs to it."""
        ...


class OwnSlot(Slot, Protocol):
    """A slot as its level opens it; it belongs to the process that did so."""

    def forget(self) -> None:
        """Forget the slot without ending it: in a fork of that process."""
        ...


class Level(Protocol):
    """One way to wall off students' code; ``name`` is what ``--sandbox`` calls it."""

    name: str

    def obstacle(self) -> str:
        """Return why this level cannot be used on this machine; empty if it can. Raises nothing."""
        ...

    def protections(self) -> Protections:
        """Return what this level protects from on this machine, and what it does not. Raises nothing."""
        ...

    def open_slot(self, settings: SlotSettings) -> OwnSlot:
        """Return a new slot; its processes start with the first call of ``start`` or ``worker``.

        Raises:
            SandboxError: the slot cannot be made (all users for sandboxes are taken, weights cannot be copied).
        """
        ...
