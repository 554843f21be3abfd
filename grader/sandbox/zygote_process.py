"""The zygote process, seen from the trusted side: start it, wait for it, read its events, end it."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import IO, Any

from grader.errors import SandboxError
from grader.sandbox import memory_group
from grader.sandbox.cores import own_cores
from grader.sandbox.slot import Ending, SlotSettings
from grader.worker import wire
from grader.worker.process_table import descendants, peak_bytes

_START_SECONDS = 120.0  # importing torch from a cold disk on a busy machine
END_SECONDS = 15.0  # the kernel may need a while to free gigabytes
_WORDY = 2_000


@dataclass(frozen=True, slots=True)
class Launch:
    """How a level starts its zygote: the command (the zygote adds its own arguments), environment and config."""

    command: tuple[str, ...]
    environment: dict[str, str]
    config: dict[str, Any]


class ZygoteProcess:
    """The zygote process and its control channel."""

    def __init__(self, launch: Launch, settings: SlotSettings) -> None:
        self._memory = memory_group.make()
        ours, theirs = socket.socketpair()
        self._scratch_bytes = settings.scratch_bytes * len(launch.config["scratch"])
        command = self._memory.joined_by(launch.command) if self._memory else launch.command
        config = launch.config | {"preload": list(settings.preload), "threads": settings.threads}
        config["cores"] = own_cores(settings.threads)
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in kill()
        self._process = subprocess.Popen(
            [*command, str(theirs.fileno()), json.dumps(config)],
            env=launch.environment,
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,  # Ctrl-C is for us: we end the slot in order
        )
        theirs.close()
        self.control = ours
        self.threads = settings.threads  # of torch in a worker, and so the cores that it has to itself
        self._versions: dict[str, str] | None = None
        self.expected_endings = 0
        self.library_bytes = 0  # the memory of the libraries, which workers share; known once it is ready

    @property
    def pid(self) -> int:
        """The process that was started, which is the zygote or what the level wraps around it."""
        return self._process.pid

    def wait_ready(self) -> dict[str, str]:
        """Wait for the imports and return the versions of the packages; raises SandboxError with the zygote's words."""
        if self._versions is None:
            try:
                event = wire.receive(self.control, deadline=time.monotonic() + _START_SECONDS).header
            except wire.WireError as error:
                raise SandboxError(f"the sandbox did not start: {self.kill() or error}") from error
            self._versions = dict(event["versions"])
            self.library_bytes = max(map(peak_bytes, (self.pid, *descendants(self.pid))))
        return self._versions

    def settle(self, *, alive: int = 0) -> bool:
        """Wait until all workers but so many have ended; return whether the slot is alive and clean."""
        try:
            while self.expected_endings > alive:
                if not self.next_ending(time.monotonic() + END_SECONDS).clean:
                    return False
        except wire.WireError:
            return False
        return self._process.poll() is None

    def next_ending(self, deadline: float) -> Ending:
        """Read the next ``ended`` event; raises WireError after ``deadline`` (of time.monotonic())."""
        event = wire.receive(self.control, deadline=deadline).header
        self.expected_endings -= 1
        return Ending(event["exit"], event["signal"], event["reason"], event["clean"])

    @property
    def has_event(self) -> bool:
        """Whether it has sent an event that was not read; raises WireClosed if it is gone."""
        return wire.has_unread(self.control)

    def allow_memory(self, size: int) -> None:
        """Have the kernel limit the slot's memory for a worker that may use ``size`` bytes; raises OSError.

        The limit is twice that, and the size of its folders: the kernel also counts pages that a fork copies and files
        in memory, which the zygote's own, exact count does not.
        """
        if self._memory is not None:
            self._memory.allow(2 * size + self._scratch_bytes)

    def went_over_memory(self) -> bool:
        """Return whether the kernel killed processes of the slot because they went over that limit."""
        return self._memory is not None and self._memory.went_over()

    def forget(self) -> None:
        """Close our ends: while any process holds one, the zygote does not notice that its owner has ended."""
        self.control.close()
        self._errors.close()

    def kill(self) -> str:
        """End the process, and with it its namespace; return the end of what it wrote to stderr."""
        self.control.close()
        self.expected_endings = 0  # no event will come for them any more
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)  # a zygote whose channel closes ends its workers and then itself
        self._process.kill()
        self._process.wait()
        if self._memory is not None:
            self._memory.remove()
        if self._errors.closed:
            return ""
        self._errors.seek(0)
        words = self._errors.read()[-_WORDY:].decode(errors="replace").strip()
        self._errors.close()
        return words
