"""A slot that keeps one zygote process running; the level decides what is wrapped around that process."""

from __future__ import annotations

from collections.abc import Callable

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
        for _ in range(2):
            zygote = self._running()
            if self._gpu is not None:
                self._gpu.require_free()
            try:
                self._last = ForkedWorker(zygote, limits)
            except wire.WireError:
                self._drop()
            else:
                return self._last
        raise SandboxError(f"the {self.level} sandbox lost its zygote twice; run `grader doctor`")

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
        if self._zygote is not None:
            self._zygote.forget()
            self._zygote = None

    def _running(self) -> ZygoteProcess:
        if self._zygote is not None and not self._zygote.settle():
            self._drop()
        self.start()
        assert self._zygote is not None
        self.versions = self._zygote.wait_ready()
        return self._zygote

    def _drop(self) -> None:
        if self._zygote is not None:
            self._zygote.kill()
            self._zygote = None
