"""A slot that keeps one zygote process running; the level decides what is wrapped around that process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from grader.errors import SandboxError
from grader.sandbox.forked_worker import ForkedWorker
from grader.sandbox.gpu import GpuMemory
from grader.sandbox.slot import Level, SlotSettings
from grader.sandbox.zygote_process import Launch, ZygoteProcess
from grader.worker import wire
from grader.worker.limits import WorkerLimits


class ZygoteSlot:
    """Starts the zygote on first use, and a new one if that was lost or its slot is not clean."""

    def __init__(
        self,
        level: Level,
        launch: Callable[[SlotSettings], Launch],
        settings: SlotSettings,
        *,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self.level = level.name
        self.protections, self.missing_protections = level.protections()
        self.versions: dict[str, str] = {}
        self._launch = launch
        self._settings = settings
        self._on_close = on_close
        self._zygote: ZygoteProcess | None = None
        self._last: ForkedWorker | None = None
        self._is_steady = False  # the last two workers had the same limits
        self._ahead: ForkedWorker | None = None  # forked for whoever comes next, with nothing of anybody in it
        self._gpu = GpuMemory() if settings.device == "cuda" else None

    @property
    def pid(self) -> int | None:
        """The first process of the slot (bubblewrap itself, or the zygote); None while it is not running."""
        return None if self._zygote is None else self._zygote.pid

    def worker(self, limits: WorkerLimits) -> ForkedWorker:
        """Fork a fresh worker and return it.

        Raises:
            SandboxError: the zygote cannot start, or the previous worker is still open.
        """
        if self._last is not None and self._last.is_open:
            raise SandboxError("a slot holds one worker at a time, and the previous one is not closed")
        self._is_steady = self._last is not None and self._last.limits == limits
        for _ in range(2):
            zygote = self._running()
            if self._gpu is not None:
                self._gpu.require_free()
            try:
                self._last = self._taken(zygote, limits) or ForkedWorker(zygote, limits, self._fork_ahead)
            except wire.WireError:
                self._drop()
            else:
                return self._last
        raise SandboxError(f"the {self.level} sandbox lost its zygote twice; run `grader doctor`")

    def _fork_ahead(self, limits: WorkerLimits) -> None:
        """Have the next worker forked once the last has ended, while that one is judged.

        Only if the last two had the same limits, for then the next one mostly has: a fork in vain takes 8 ms.
        """
        with suppress(OSError, wire.WireError):  # then it is forked when somebody needs it
            if self._is_steady and self._zygote is not None and self._ahead is None:
                self._ahead = ForkedWorker(self._zygote, limits, self._fork_ahead)

    def _taken(self, zygote: ZygoteProcess, limits: WorkerLimits) -> ForkedWorker | None:
        """Return the worker that was forked ahead; None if there is none, or it has other limits or has ended.

        Raises:
            WireError: the slot is lost, or not clean.
        """
        ahead = self._ahead
        if ahead is None:
            return None
        is_fit = ahead.limits == limits and not zygote.has_event
        self._ahead = None
        if is_fit:
            ahead.begin()
            return ahead
        ahead.discard()
        if not zygote.settle():
            raise wire.WireError("the slot is not clean")
        return None

    def start(self) -> None:
        """Begin the slow imports now without waiting for them; raises SandboxError."""
        if self._zygote is None:
            self._zygote = ZygoteProcess(self._launch(self._settings), self._settings)

    def wait_ready(self) -> None:
        """Wait until the libraries are imported; raises SandboxError."""
        self._running()

    def close(self) -> None:
        """End the zygote and everything in its slot. Closing it again does nothing."""
        self._drop()
        self._on_close()

    def forget(self) -> None:
        """Forget the zygote without ending it: in a fork of the process that it belongs to."""
        self._ahead = None
        if self._zygote is not None:
            self._zygote.forget()
            self._zygote = None

    def _running(self) -> ZygoteProcess:
        if self._zygote is not None and not self._zygote.settle(alive=int(self._ahead is not None)):
            self._drop()
        self.start()
        assert self._zygote is not None
        self.versions = self._zygote.wait_ready()
        return self._zygote

    def _drop(self) -> None:
        if self._ahead is not None:
            self._ahead.discard()
            self._ahead = None
        if self._zygote is not None:
            self._zygote.kill()
            self._zygote = None
