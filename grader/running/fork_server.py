"""Start the processes of pools: the first one as a new program, all others as forks that share its imports.

To import torch takes a second of CPU time. So the first process forks itself as soon as it has imported everything, and
that fork, the fork server, forks all later processes, also those of later pools. It takes orders through a pair of
sockets that were never bound to a name, so nobody else can give it any: neither another program nor a student's code.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple

from grader.running.pool_process import ORDER, STARTED, Surroundings, Work
from grader.worker.preloading import WAITING_THREADS

_END_SECONDS = 10.0
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}  # numpy starts its threads when imported, and a fork may have only one
# What a grading process needs before it can start its sandbox; torch comes later.
_AT_ONCE = ("grader.running.grading_process", "grader.sandbox.levels")
_BEGIN = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grader handles Ctrl-C and ends its processes in order
import json, sys, importlib
sys.path[:], at_once, *ends = json.loads(sys.argv[1])
from grader.running.pool_process import begin
for name in at_once:
    importlib.import_module(name)
begin(*ends)
"""


class PoolProcess:
    """A process of a pool, as the pool sees it.

    ``tasks`` are those that it has, of which it does the first. ``handle`` is a descriptor of the process (pidfd): a
    number could by now be that of another process.
    """

    def __init__(self, connection: Connection, handle: int, child: subprocess.Popen[bytes] | None = None) -> None:
        self.connection = connection
        self.tasks = deque[Any]()
        self._handle = handle
        self._child = child
        self._begun = 0.0  # when it could begin with the first of its tasks
        self._is_warm = False  # it has done a task
        self._is_told = self._ended = False
        self._lock = threading.Lock()

    @property
    def is_idle(self) -> bool:
        """Return whether it waits for a task."""
        return not (self.tasks or self._ended or self._ends_within(0))

    @property
    def seconds(self) -> float:
        """Return how long the process has had for the first of its tasks; 0 for its very first, as it had to start."""
        return time.monotonic() - self._begun if self._is_warm else 0.0

    def send(self, task: Any, text: bytes) -> None:
        """Send a task, whose JSON is ``text``. If the process has ended, `receive` tells."""
        if not self.tasks:
            self._begun = time.monotonic()
        self.tasks.append(task)
        with suppress(OSError):
            self.connection.send_bytes(text)

    def receive(self) -> tuple[bytes, str]:
        """Receive the outcome of the first task, and its fault; raises EOFError or OSError if the process has ended."""
        return self.connection.recv_bytes(), self.connection.recv_bytes().decode()

    def done(self) -> Any:
        """Note that the first task is done, and return it."""
        self._begun, self._is_warm = time.monotonic(), True
        return self.tasks.popleft()

    def tell_to_end(self) -> None:
        """Tell the process to end now, whatever it does."""
        with self._lock:
            if not self._is_told:
                self._is_told = True
                self._signal(signal.SIGTERM)

    def end(self) -> None:
        """End the process, and wait until it has ended. Another thread may do the same."""
        self.tell_to_end()
        with self._lock:
            if self._ended:
                return
            if not self._ends_within(_END_SECONDS):
                self._signal(signal.SIGKILL)
            if self._child is not None:
                self._child.wait()
            os.close(self._handle)
            self._ended = True

    def _ends_within(self, seconds: float) -> bool:
        return bool(wait([self._handle], seconds))

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)


class _Program(NamedTuple):
    """A process that was started as a new program, and the socket at which its fork server will take orders."""

    process: PoolProcess
    orders: socket.socket


class ForkServer:
    """Starts processes; all pools of this process share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # each thread of a cluster's worker has a pool of its own
        self._begun: _Program | None = None
        self._orders: socket.socket | None = None
        self._pays = False  # from the second pool of a process on, and where several processes start

    def begin(self) -> None:
        """Begin to start the first process: what it needs at once is ready when its work is known. Raises OSError."""
        with self._lock:
            if self._begun is None and self._orders is None:
                self._begun = _program()

    def start(self, work: Work[Any, Any], first: bytes, *, several: bool) -> PoolProcess:
        """Start a process for this work, whose first task is ``first``; waits until the fork server is there.

        ``several`` says that others will start, too.

        Raises:
            OSError: no process could be started.
        """
        with self._lock:
            self._pays, pays = True, self._pays or several
            process = self._forked() or self._first(pays)
        environment = os.environ | WAITING_THREADS | (_ONE_THREAD if pays else {})
        with suppress(OSError):  # one that has ended already is noticed when its outcome is asked for
            process.connection.send(Surroundings(str(Path.cwd()), sys.path, dict(environment)))
            process.connection.send((work, first, pays))
        return process

    def end(self) -> None:
        """Let the fork server end, if there is one, and a first process that got no work."""
        if self._orders is not None:
            self._orders.close()
        if self._begun is not None:
            self._begun.orders.close()
            self._begun.process.end()
        self._orders = self._begun = None

    def _first(self, makes_server: bool) -> PoolProcess:
        """Return a process that is a new program, and will fork itself if it makes the fork server."""
        process, orders = self._begun or _program()
        self._begun = None
        if makes_server:
            self._orders = orders
        else:
            orders.close()
        return process

    def _forked(self) -> PoolProcess | None:
        """Have the fork server fork a process; return None if there is none, or it has ended."""
        if self._orders is None:
            return None
        (ours, theirs), handles = Pipe(), list[int]()
        try:
            socket.send_fds(self._orders, [ORDER], [theirs.fileno()])
            _, handles, *_ = socket.recv_fds(self._orders, len(STARTED), 1)
        except OSError:
            pass  # it has ended
        finally:
            theirs.close()
            if not handles:
                ours.close()
                self.end()
        return PoolProcess(ours, handles[0]) if handles else None


def _program() -> _Program:
    (ours, theirs), (orders, taken) = Pipe(), socket.socketpair()
    ends = theirs.fileno(), taken.fileno()
    command = [sys.executable, "-c", _BEGIN, json.dumps([sys.path, _AT_ONCE, *ends])]
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=ends)
    except OSError:
        ours.close()
        orders.close()
        raise
    finally:
        theirs.close()
        taken.close()
    return _Program(PoolProcess(ours, os.pidfd_open(child.pid), child), orders)


fork_server = ForkServer()
atexit.register(fork_server.end)
