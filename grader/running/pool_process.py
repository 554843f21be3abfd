"""Run one process of a pool: prepare it once, then do one task after another.

The first process also makes the fork server: a fork of itself, with everything imported, that forks the others.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar

import msgspec

from grader.errors import HarnessError
from grader.worker.process_table import die_with_parent, threads

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")
ORDER = b"!"  # to the fork server, with a descriptor of the new process's connection
STARTED = b"+"  # its answer, with a descriptor of that process


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Work(Generic[Task, Outcome]):
    """The work of a pool: each process calls ``prepare`` and ``load`` with the first task, then ``do`` for every task.

    All must be functions at the top of a module, so that a process finds them by name. ``task`` and ``outcome`` are the
    types that travel as JSON. An error in ``prepare``, ``load`` or ``do`` becomes the fault of the tasks concerned.
    ``load`` imports what ``do`` needs, which takes no time in a forked process. A fork also has what ``prepare`` began
    in the first process, which still uses it: ``forget`` drops it there without ending it.
    ``leave`` ends what a process has made, before that ends.
    """

    task: type[Task]
    outcome: type[Outcome]
    do: Callable[[Task], Outcome]
    prepare: Callable[[Task], None] = _nothing
    load: Callable[[Task], None] = _nothing
    forget: Callable[[], None] = _nothing
    leave: Callable[[], None] = _nothing


class Surroundings(NamedTuple):
    """What a process takes over from the grader before it imports anything."""

    folder: str
    path: Sequence[str]
    environment: Mapping[str, str]

    def take_over(self) -> None:
        """Make them those of this process."""
        os.chdir(self.folder)
        sys.path[:] = self.path
        os.environ.clear()
        os.environ.update(self.environment)


def begin(connection: int, orders: int) -> NoReturn:
    """Be the first process of a pool; both are descriptors of sockets.

    Its work comes through the ``connection``. The fork server that it makes takes ``orders``.
    """
    _work(Connection(connection), socket.socket(fileno=orders))


def run(work: Work[Any, Any], task: bytes) -> tuple[bytes, str]:
    """Do one task, given as JSON; return its outcome as JSON, or why there is none. Never raises an exception."""
    try:
        return msgspec.json.encode(work.do(msgspec.json.decode(task, type=work.task))), ""
    except Exception as error:  # noqa: BLE001 -- an error of the grader must not stop the class
        return b"", _in_words(error)


def _work(connection: Connection, orders: socket.socket | None = None) -> NoReturn:
    """Do tasks until the other end is closed, or this process is told to end."""
    die_with_parent()  # a killed `grader` must not leave its processes, and their sandboxes, behind
    try:
        connection.recv().take_over()
        work, first, makes_server = connection.recv()
    except EOFError:  # the grader ended meanwhile
        os._exit(0)
    signal.signal(signal.SIGTERM, lambda *_: _end(work))
    fault = _prepared(work, first)
    if orders is not None:
        if makes_server:
            _make_fork_server(work, connection, orders)
        orders.close()
    with contextlib.suppress(EOFError, OSError):  # the other end is closed
        while True:
            task = connection.recv_bytes()
            outcome, words = (b"", fault) if fault else run(work, task)
            connection.send_bytes(outcome)
            connection.send_bytes(words.encode(errors="backslashreplace"))
    _end(work)


def _prepared(work: Work[Any, Any], first: bytes) -> str:
    """Prepare this process; return why that failed, for every task to report, so that somebody learns of it."""
    try:
        task = msgspec.json.decode(first, type=work.task)
        work.prepare(task)
        work.load(task)
    except Exception as error:  # noqa: BLE001 -- any error here is the grader's
        return _in_words(error)
    return ""


def _end(work: Work[Any, Any]) -> NoReturn:
    """End this process at once: for Python to take down all that torch has made would take 0.13 s."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: two at a time might wait for each other
    try:
        work.leave()
    finally:
        os._exit(0)


def _make_fork_server(work: Work[Any, Any], connection: Connection, orders: socket.socket) -> None:
    """Fork the fork server from this process, unless this has threads: a fork would copy their locks, but not them."""
    if threads(os.getpid()) == 1 and os.fork() == 0:
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            work.forget()
            connection.close()
            _close_all_but(orders)
            with contextlib.suppress(ConnectionError):  # the grader has ended without reading the last answer
                _fork_on_order(orders)
        except BaseException:  # noqa: BLE001 -- nothing may go on to do the tasks of the first process
            traceback.print_exc()
        os._exit(0)


def _close_all_but(orders: socket.socket) -> None:
    """Close what else is open: a claim of a core or of a GPU would be held as long as any process has it open."""
    os.closerange(3, orders.fileno())
    os.closerange(orders.fileno() + 1, os.sysconf("SC_OPEN_MAX"))


def _fork_on_order(orders: socket.socket) -> None:
    """Fork a process for each order, until the grader has ended. It has no name at which others could give orders."""
    while True:
        word, descriptors, *_ = socket.recv_fds(orders, len(ORDER), 1)
        if not word:
            return
        _reap()
        (connection,) = descriptors
        pid = os.fork()
        if pid == 0:
            orders.close()
            _work(Connection(connection))
        os.close(connection)
        handle = os.pidfd_open(pid)
        socket.send_fds(orders, [STARTED], [handle])
        os.close(handle)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _in_words(error: Exception) -> str:
    return str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
