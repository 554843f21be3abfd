"""One fork of the zygote, seen from the trusted side: its requests and replies, its output, and how it ended."""

from __future__ import annotations

import contextlib
import itertools
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from grader.sandbox.denied_time import DeniedTime
from grader.sandbox.output import Output
from grader.sandbox.slot import Ending, WorkerGone, WorkerSilent
from grader.sandbox.zygote_process import END_SECONDS, ZygoteProcess
from grader.worker import wire
from grader.worker.limits import WorkerLimits
from grader.worker.process_table import descendants_listed, peak_bytes

_READS_AT_ONCE = 64
_UNMEASURED_SECONDS = 0.25  # of a request: measuring costs more than a quick one takes
_FRAME_SECONDS = 1.0  # for the rest of an answer that begins at the last moment
MOST_PATIENCE = 10.0  # a worker that others keep from running is waited for this many times its deadline


def oom_kills() -> int:
    """Return how many processes this machine's kernel has killed because memory ran out; 0 if it does not tell."""
    with contextlib.suppress(OSError):
        lines = Path("/proc/vmstat").read_text(encoding="utf-8").splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
    return 0


class _Patience:
    """How long to wait for one answer: ``seconds`` in which the worker could run, but not for ever."""

    def __init__(self, zygote: ZygoteProcess, seconds: float) -> None:
        self._zygote = zygote
        self._seconds = seconds
        self._started = time.monotonic()
        self._measured_from = self._started + min(_UNMEASURED_SECONDS, seconds / 4)
        self._clock: DeniedTime | None = None
        self.deadline = self._started + seconds
        self.denied = 0.0

    @property
    def is_exhausted(self) -> bool:
        """Whether the worker was waited for as long as anyone is, and still had less time than it was given."""
        return self.denied > (MOST_PATIENCE - 1) * self._seconds

    def wait(self) -> float:
        """Return how many seconds to wait until it is to be asked again whether the time is over."""
        return max(0.0, (self.deadline if self._clock else self._measured_from) - time.monotonic())

    def is_over(self) -> bool:
        """Return whether the worker had its time. A request that takes long is measured from then on."""
        now = time.monotonic()
        if self._clock is None and now >= self._measured_from:
            self._clock = DeniedTime(self._zygote.pid, self._zygote.threads)
        if now >= self.deadline:
            self.measure()
            self.deadline = self._started + self._seconds + min(self.denied, (MOST_PATIENCE - 1) * self._seconds)
        return now >= self.deadline

    def moment(self) -> float:
        """Return when the time is over, a moment of time.monotonic(); it moves while others have the worker's time."""
        self.is_over()
        return self.deadline

    def measure(self) -> None:
        """Bring ``denied`` up to date."""
        if self._clock is not None:
            self.denied = self._clock.seconds()


class ForkedWorker:
    """One fork of the zygote: its channel, its output, and its end.

    ``once_closed`` is called when it has been told to end, in order.
    """

    def __init__(
        self, zygote: ZygoteProcess, limits: WorkerLimits, once_closed: Callable[[WorkerLimits], None]
    ) -> None:
        """Have it forked; raises WireClosed if the zygote is gone."""
        self.output = Output()
        self.limits = limits
        self._once_closed = once_closed
        self.denied = 0.0
        self._zygote = zygote
        self._ending: Ending | None = None
        self._caps = wire.Caps(blob=limits.reply_bytes + (1 << 20))
        self._channel, theirs = socket.socketpair()
        self._pipe, their_end = os.pipe()
        os.set_blocking(self._pipe, False)
        try:
            zygote.allow_memory(limits.memory_bytes)
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
        self._numbers = itertools.count()
        self.begin()  # while the zygote forks: it costs half as much as a call

    def begin(self) -> None:
        """Count from now on what the kernel kills for want of memory: the first request comes."""
        self._oom_kills = oom_kills()

    @property
    def is_open(self) -> bool:
        """Return whether the worker may still be running."""
        return self._ending is None

    def request(self, header: dict[str, Any], blob: Sequence[wire.Buffer], *, seconds: float) -> wire.Frame:
        """Send one request and return its reply; raises WorkerGone, or WorkerSilent (see `Worker.request`)."""
        if self._ending is not None:
            raise WorkerGone(self._ending)
        patience = _Patience(self._zygote, seconds)
        number = next(self._numbers)
        try:
            if wire.has_unread(self._channel):
                raise self._gone("it sent an answer before it was asked")
            wire.send(self._channel, header | {"id": number}, blob, deadline=patience.moment)
            self._await_answer(patience)
            least = time.monotonic() + _FRAME_SECONDS
            reply = wire.receive(self._channel, deadline=lambda: max(patience.moment(), least), caps=self._caps)
            patience.measure()
        except wire.WireTimeout as error:
            self.close()
            raise WorkerSilent(starved=patience.is_exhausted) from error
        except wire.WireClosed as error:
            raise self._gone("") from error
        except wire.WireError as error:
            raise self._gone(str(error)) from error
        finally:
            self.denied += patience.denied
        if reply.header.get("id") != number:
            raise self._gone("it answered another question than the one asked")
        self._drain()
        return reply

    def peak_bytes(self) -> int:
        """Return the most memory its process has had at once, beside the libraries; 0 if it is gone."""
        pids = descendants_listed(self._zygote.pid) if self.is_open else []
        return max(0, max(map(peak_bytes, pids), default=0) - self._zygote.library_bytes)

    def close(self) -> None:
        """End the worker, without waiting: its ``ended`` event is read when the slot is used again."""
        if self._ending is None:
            self._drain()
            self.discard()
            self._once_closed(self.limits)
        self._release()

    def discard(self) -> None:
        """End a worker that nobody will ask anything any more."""
        self._end_now()
        self._ending = Ending(None, None, "ended")
        self._release()

    def _await_answer(self, patience: _Patience) -> None:
        """Wait for the channel to become readable; meanwhile read the output and notice if the worker ends."""
        poll = select.poll()
        for source in (self._channel.fileno(), self._pipe, self._zygote.control.fileno()):
            poll.register(source, select.POLLIN)
        while True:
            ready = {source for source, _ in poll.poll(patience.wait() * 1000)}
            if self._pipe in ready and not self._drain():
                poll.unregister(self._pipe)  # closed at their end: poll would report it for ever
            if self._channel.fileno() in ready:
                return
            if self._zygote.control.fileno() in ready:
                raise wire.WireClosed("the worker ended")
            if patience.is_over():
                raise wire.WireTimeout("no answer in time")

    def _drain(self) -> bool:
        """Read what was printed; return whether more may come."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(_READS_AT_ONCE):  # bounded: several processes can print faster than we read
                chunk = os.read(self._pipe, 1 << 16)
                if not chunk:
                    return False
                self.output.add(chunk)
        return True

    def _gone(self, protocol_fault: str) -> WorkerGone:
        """End what is left of the worker, and return how it ended."""
        self._drain()
        deadline = time.monotonic() + END_SECONDS
        if protocol_fault or not self._ended_by_itself():
            self._end_now()
        try:
            while self._zygote.expected_endings:
                self._ending = self._zygote.next_ending(deadline)
            ending = self._ending = self._excused(self._ending or Ending(None, None))
            if not ending.clean:
                self._zygote.kill()
        except wire.WireError:
            self._zygote.kill()
            ending = self._ending = Ending(None, None, "lost", clean=False)
        self._release()
        return WorkerGone(ending, protocol_fault)

    def _excused(self, ending: Ending) -> Ending:
        """Find out whether a SIGKILL that we did not send came from the kernel because memory ran out."""
        if ending.signal != signal.SIGKILL or ending.reason:
            return ending
        if self._zygote.went_over_memory():
            return replace(ending, reason="memory")
        return replace(ending, reason="machine") if oom_kills() > self._oom_kills else ending

    def _ended_by_itself(self) -> bool:
        """Return whether the zygote reports the end within half a second, as it does if the process is already gone."""
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
