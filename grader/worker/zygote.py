"""The zygote of a slot: it imports the libraries once, and forks a fresh worker for every part.

It never runs a student's code, never initialises CUDA and never starts a thread (a fork would copy a thread's locks
but not the thread). Inside bubblewrap it is PID 1 of its namespace: it cannot be killed from inside, and every orphan
becomes its child. If it has a user of its own (``alone``), one ``kill(-1)`` ends all processes that a student left.

Control messages, one worker at a time::

    → {"do": "spawn", "limits": {...}}  with two descriptors: the worker's channel, and where its output goes.
                                        It waits until the last worker has ended
    → {"do": "end"}                     kill the worker now (ignored when there is none)
    ← {"event": "ready", ...}           once, after the imports
    ← {"event": "ended", "exit": 0, "signal": null, "reason": "", "clean": true}    exactly one for each spawn
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import stat
import sys
import time
from typing import Any, NamedTuple

from . import huge_pages, process_table, progress_bars, wire
from .confinement import Walls
from .limits import WorkerLimits
from .preloading import importing
from .scratch import empty_folders
from .watch import Watch

_WATCH_EVERY_MS = 40


def make_home(path: str) -> None:
    """Make the folder of one worker, in a scratch folder: nothing of the last worker's is left, not even an inode."""
    os.mkdir(path, mode=stat.S_IRWXU)


class Asked(NamedTuple):
    """A worker that was asked for: its limits, and descriptors of its channel and of where its output goes."""

    limits: WorkerLimits
    channel: int
    output: int


class Zygote:
    """The control loop, with at most one worker at a time."""

    def __init__(self, control: socket.socket, config: dict[str, Any]) -> None:
        self._control = control
        self._home: str = config["home"]
        self._scratch: list[str] = config["scratch"]
        self._shared: list[str] = config["shared"]
        self._alone: bool = config["alone"]
        self._threads: int = config["threads"]
        self._walls = Walls.of(config["walls"])
        self._worker: int | None = None
        self._asked: Asked | None = None
        self._descriptor = -1
        self._reason = ""
        self._watch = Watch(self._others, self._scratch, self._shared, private=config["private"], cores=self._threads)

    def run(self) -> None:
        """Serve until the trusted side closes the control channel, as the kernel does if that is killed."""
        try:
            while True:
                if self._wait_readable(self._control.fileno()):
                    self._obey(*wire.receive_with_descriptors(self._control))
                if self._worker is not None:
                    self._look(self._worker)
        except wire.WireClosed:
            self._sweep()

    def _wait_readable(self, control: int) -> bool:
        poll = select.poll()
        poll.register(control, select.POLLIN)
        if self._worker is not None:
            poll.register(self._descriptor, select.POLLIN)
        ready = poll.poll(None if self._worker is None else _WATCH_EVERY_MS)
        return any(descriptor == control for descriptor, _ in ready)

    def _obey(self, message: dict[str, Any], descriptors: list[int]) -> None:
        if message["do"] == "spawn":
            self._asked = Asked(WorkerLimits(**message["limits"]), *descriptors)
            self._spawn_if_asked()
        elif message["do"] == "end" and self._worker is not None:
            self._reason = self._reason or "ended"
            self._kill(self._worker)

    def _spawn_if_asked(self) -> None:
        """Fork the worker that was asked for, once the last one has ended."""
        if self._asked is not None and self._worker is None:
            asked, self._asked = self._asked, None
            self._spawn(*asked)

    def _spawn(self, limits: WorkerLimits, channel: int, output: int) -> None:
        self._reason = ""
        make_home(self._home)
        pid = os.fork()
        if pid == 0:
            # Imported in the fork only: the zygote itself does not need it.
            from .child import Place, run_child

            place = Place(self._home, self._threads, self._alone, self._walls)
            run_child(channel, output, limits, place)
        os.close(channel)
        os.close(output)
        self._worker = pid
        self._descriptor = os.pidfd_open(pid)
        self._watch.begin(pid, limits)

    def _look(self, worker: int) -> None:
        pid, status = os.waitpid(worker, os.WNOHANG)
        if pid == 0:
            self._enforce(worker)
            return
        os.close(self._descriptor)
        self._worker = None
        swept = self._sweep()
        cleaned = empty_folders(self._scratch, self._shared)
        code = os.waitstatus_to_exitcode(status)
        event = {
            "event": "ended",
            "exit": code if code >= 0 else None,
            "signal": -code if code < 0 else None,
            "reason": self._reason,
            "clean": swept and cleaned,
        }
        wire.send(self._control, event)
        if event["clean"]:  # else this slot comes to its end
            self._spawn_if_asked()

    def _enforce(self, worker: int) -> None:
        if reason := self._watch.exceeded():
            self._reason = reason
            self._kill(worker)

    def _kill(self, worker: int) -> None:
        os.kill(worker, signal.SIGKILL)
        if self._alone:
            os.kill(-1, signal.SIGKILL)

    def _kill_others(self) -> None:
        if self._alone:
            # All at once in the kernel: a process that keeps forking and ending would always be ahead of a list.
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            return
        for pid in self._others():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _others(self) -> list[int]:
        return process_table.of_this_user() if self._alone else process_table.descendants(os.getpid())

    def _sweep(self) -> bool:
        """Kill and reap all processes the worker left; return whether none is left."""
        deadline = time.monotonic() + 5.0
        while time.monotonic() < deadline:
            self._kill_others()
            if not _reap_all():
                return True
            time.sleep(0.001)
        return False


def _reap_all() -> bool:
    """Reap the children that have ended; return whether one is still alive."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True


def main(descriptor: int, config_text: str) -> None:
    """Set up the process, import the libraries, report that it is ready, and serve until the channel closes.

    Then the process ends at once: for Python to take down all that torch has made would take 0.13 s.
    """
    config = json.loads(config_text)
    control = socket.socket(fileno=descriptor)
    control.set_inheritable(False)
    os.sched_setaffinity(0, config["cores"])  # every process of a student inherits this, and may not change it
    process_table.guard_self(uid=config["uid"])
    if config["private"]:
        process_table.die_with_parent()  # and with us all in our namespace
    try:
        _prepare_and_serve(control, config)
    finally:
        _leave_nothing(config)
    os._exit(0)


def _leave_nothing(config: dict[str, Any]) -> None:
    """Remove what is left of this slot on the machine, also if the grader was killed and can remove nothing."""
    if not config["private"] and empty_folders(config["scratch"], config["shared"]):
        for folder in config["scratch"]:
            os.rmdir(folder)


def _prepare_and_serve(control: socket.socket, config: dict[str, Any]) -> None:
    make_home(config["home"])  # some libraries write to it when they are imported
    with importing():
        for name in (*config["preload"], f"{__package__}.child"):
            importlib.import_module(name)
        progress_bars.load_quietly()
        _settle_libraries()
        importlib.import_module(f"{__package__}.uninitialised").install()
    huge_pages.collapse()
    # From inside its namespace PID 1 gets only signals that it handles, and Python handles this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o077)
    if not empty_folders(config["scratch"], config["shared"]):
        raise SystemExit("the scratch folders cannot be emptied")
    with contextlib.suppress(wire.WireClosed):  # killed meanwhile
        wire.send(control, _ready(config["preload"]))
        Zygote(control, config).run()


def _settle_libraries() -> None:
    """Make the slow first calls of libraries once here, not in every worker; with too little to start a thread pool."""
    import numpy as np
    import torch

    torch.set_num_threads(1)
    left = torch.ones(2, 2)
    (left @ left).sum().item()
    str(left)  # students print tensors
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 -- numpy imports its generators when somebody first asks for one


def _ready(preload: list[str]) -> dict[str, Any]:
    packages = dict.fromkeys(name.partition(".")[0] for name in preload)
    versions = {name: str(getattr(sys.modules[name], "__version__", "")) for name in packages}
    versions["python"] = ".".join(str(part) for part in sys.version_info[:3])
    return {"event": "ready", "versions": versions, "threads": len(os.listdir("/proc/self/task"))}
