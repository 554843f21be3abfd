"""A slot around a zygote process, whatever the level wraps around that process."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

from grader.errors import SandboxError
from grader.sandbox.gpu import GpuMemory
from grader.sandbox.slot import Ending, Output, Protections, SlotSettings, WorkerGone, WorkerSilent
from grader.worker import wire
from grader.worker.limits import WorkerLimits

_START_SECONDS = 120.0  # importing torch from a cold disk on a busy machine
_END_SECONDS = 15.0  # the kernel may need a while to free gigabytes
_WORDY = 2_000
_READS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Launch:
    """How one level starts its zygote: the command before the zygote's own arguments, the environment, the config."""

    command: tuple[str, ...]
    environment: dict[str, str]
    config: dict[str, Any]


class ZygoteSlot:
    """Starts the zygote on first use, and again when it was lost or left unclean."""

    def __init__(
        self,
        level: str,
        launch: Callable[[SlotSettings], Launch],
        settings: SlotSettings,
        *,
        protections: Protections,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self.level = level
        self.protections, self.missing_protections = protections
        self.versions: dict[str, str] = {}
        self._launch = launch
        self._settings = settings
        self._on_close = on_close
        self._zygote: _Zygote | None = None
        self._last: ForkedWorker | None = None
        self._gpu = GpuMemory() if settings.device == "cuda" else None

    def worker(self, limits: WorkerLimits) -> ForkedWorker:
        """Fork a fresh worker; raises SandboxError when the zygote cannot start, or a worker is still open."""
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
        """Begin the slow imports now, without waiting for them."""
        if self._zygote is None:
            self._zygote = _Zygote(self._launch(self._settings), self._settings)

    def close(self) -> None:
        """End the zygote and everything in its slot."""
        self._drop()
        self._on_close()

    def _running(self) -> _Zygote:
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


class _Zygote:
    """The zygote process and its control channel."""

    def __init__(self, launch: Launch, settings: SlotSettings) -> None:
        ours, theirs = socket.socketpair()
        config = launch.config | {"preload": list(settings.preload), "threads": settings.threads}
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in kill()
        self._process = subprocess.Popen(
            [*launch.command, str(theirs.fileno()), json.dumps(config)],
            env=launch.environment,
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,  # Ctrl-C is for us: we end the slot in order
        )
        theirs.close()
        self.control = ours
        self._versions: dict[str, str] | None = None
        self.expected_endings = 0

    def wait_ready(self) -> dict[str, str]:
        """Package versions in the slot, once the imports are done; raises SandboxError with the zygote's own words."""
        if self._versions is None:
            try:
                event = wire.receive(self.control, deadline=time.monotonic() + _START_SECONDS).header
            except wire.WireError as error:
                raise SandboxError(f"the sandbox did not start: {self.kill() or error}") from error
            self._versions = dict(event["versions"])
        return self._versions

    def settle(self) -> bool:
        """Wait for the endings still owed; whether the slot is alive and clean."""
        try:
            while self.expected_endings:
                if not self.next_ending(time.monotonic() + _END_SECONDS).clean:
                    return False
        except wire.WireError:
            return False
        return self._process.poll() is None

    def next_ending(self, deadline: float) -> Ending:
        """Read the next ``ended`` event."""
        event = wire.receive(self.control, deadline=deadline).header
        self.expected_endings -= 1
        return Ending(event["exit"], event["signal"], event["reason"], event["clean"], event["peak_bytes"])

    def kill(self) -> str:
        """End the process (and with it its namespace); the last words on its stderr."""
        self.control.close()
        self.expected_endings = 0  # nobody will tell of them any more
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)  # a zygote that sees its channel close sweeps its slot and leaves
        self._process.kill()
        self._process.wait()
        if self._errors.closed:
            return ""
        self._errors.seek(0)
        words = self._errors.read()[-_WORDY:].decode(errors="replace").strip()
        self._errors.close()
        return words


class ForkedWorker:
    """One fork of the zygote: its channel, its output, and the end of it."""

    def __init__(self, zygote: _Zygote, limits: WorkerLimits) -> None:
        self.output = Output()
        self._zygote = zygote
        self._ending: Ending | None = None
        self._caps = wire.Caps(blob=limits.reply_bytes + (1 << 20))
        self._channel, theirs = socket.socketpair()
        self._pipe, their_end = os.pipe()
        os.set_blocking(self._pipe, False)
        try:
            message = {"do": "spawn", "limits": asdict(limits)}
            wire.send_with_descriptors(zygote.control, message, [theirs.fileno(), their_end])
        except OSError as error:
            self._ending = Ending(None, None, "lost", clean=False)
            self._release()
            raise wire.WireClosed("the zygote is gone") from error
        finally:
            theirs.close()
            os.close(their_end)
        zygote.expected_endings += 1
        self._request = 0

    @property
    def is_open(self) -> bool:
        """Whether the worker may still be running."""
        return self._ending is None

    def request(self, header: dict[str, Any], blob: Sequence[wire.Buffer], *, seconds: float) -> wire.Frame:
        """One question, one answer with the same id, within ``seconds``."""
        if self._ending is not None:
            raise WorkerGone(self._ending)
        deadline = time.monotonic() + seconds
        self._request += 1
        try:
            if wire.has_unread(self._channel):
                raise self._gone("it sent an answer before it was asked")
            wire.send(self._channel, header | {"id": self._request}, blob, deadline=deadline)
            self._await_answer(deadline)
            reply = wire.receive(self._channel, deadline=deadline, caps=self._caps)
        except wire.WireTimeout as error:
            self.close()
            raise WorkerSilent from error
        except wire.WireClosed as error:
            raise self._gone("") from error
        except wire.WireError as error:
            raise self._gone(str(error)) from error
        if reply.header.get("id") != self._request:
            raise self._gone("it answered another question than the one asked")
        self._drain()
        return reply

    def close(self) -> None:
        """End the worker. Its ``ended`` event is read later, when the slot is needed again."""
        if self._ending is None:
            self._drain()
            self._end_now()
            self._ending = Ending(None, None, "ended")
        self._release()

    def _await_answer(self, deadline: float) -> None:
        """Wait until the channel is readable, emptying the output pipe and listening for the worker's end meanwhile."""
        poll = select.poll()
        for source in (self._channel.fileno(), self._pipe, self._zygote.control.fileno()):
            poll.register(source, select.POLLIN)
        while True:
            remaining = deadline - time.monotonic()
            ready = {source for source, _ in poll.poll(max(0.0, remaining) * 1000)}
            if remaining <= 0:
                raise wire.WireTimeout("no answer in time")
            if self._pipe in ready and not self._drain():
                poll.unregister(self._pipe)  # their end is closed: it would be ready for ever
            if self._channel.fileno() in ready:
                return
            if self._zygote.control.fileno() in ready:
                raise wire.WireClosed("the worker ended")

    def _drain(self) -> bool:
        """Take what was printed; whether more may come."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(_READS_AT_ONCE):  # several processes can print faster than we read, past any deadline
                chunk = os.read(self._pipe, 1 << 16)
                if not chunk:
                    return False
                self.output.add(chunk)
        return True

    def _gone(self, protocol_fault: str) -> WorkerGone:
        """End what is left of the worker and say how it ended."""
        self._drain()
        deadline = time.monotonic() + _END_SECONDS
        if protocol_fault or not self._ended_by_itself():
            self._end_now()
        try:
            while self._zygote.expected_endings:
                self._ending = self._zygote.next_ending(deadline)
            ending = self._ending = self._ending or Ending(None, None)
            if not ending.clean:
                self._zygote.kill()
        except wire.WireError:
            self._zygote.kill()
            ending = self._ending = Ending(None, None, "lost", clean=False)
        self._release()
        return WorkerGone(ending, protocol_fault)

    def _ended_by_itself(self) -> bool:
        """Whether the zygote reports an end soon, as it does when the process is already gone."""
        poll = select.poll()
        poll.register(self._zygote.control, select.POLLIN)
        return bool(poll.poll(500))

    def _end_now(self) -> None:
        with contextlib.suppress(wire.WireError, OSError):
            wire.send(self._zygote.control, {"do": "end"})

    def _release(self) -> None:
        self._channel.close()
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
