"""A Dask scheduler and workers on this machine, each a process of its own, as on several machines."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

_SECONDS = 60.0


class Machines:
    """Starts a scheduler; each worker keeps its courses in a folder of its own.

    The scheduler tries what a worker took down with it ``failures`` times on others. A worker that says nothing for
    ``patience`` is gone.
    """

    def __init__(self, folder, failures="3", patience="5 minutes"):
        self._folder = folder
        self._config = {
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": failures,
            "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": patience,
        }
        self._processes = []
        self.address = f"tcp://127.0.0.1:{self._scheduler()}"

    def worker(self, name, *options, **environment):
        """Start a worker; return its process."""
        own = {"GRADER_COURSES": str(self._folder / f"courses-{name}")} | environment
        return self._start("dask_worker", self.address, "--name", name, "--no-dashboard", *options, **own)

    @property
    def log(self):
        """What all workers have said."""
        return "".join(path.read_text() for path in self._folder.glob("dask_worker-*.log"))

    def close(self):
        """End all."""
        for process in self._processes:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
        for process in self._processes:
            process.wait()

    def _scheduler(self):
        told = self._folder / "scheduler.json"
        self._start("dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", told)
        until = time.monotonic() + _SECONDS
        while not (told.exists() and told.read_text().rstrip().endswith("}")):
            assert time.monotonic() < until, "the scheduler does not start"
            time.sleep(0.1)
        return told.read_text().partition("tcp://127.0.0.1:")[2].partition('"')[0]

    def _start(self, program, *arguments, **environment):
        command = [sys.executable, "-m", f"distributed.cli.{program}", *map(str, arguments)]
        with (self._folder / f"{program}-{len(self._processes)}.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, env=os.environ | self._config | environment, stdout=log, stderr=subprocess.STDOUT
            )
        self._processes.append(process)
        return process


class Wire:
    """A connection to a TCP port that can be cut and mended."""

    def __init__(self, port):
        self._to = port
        self._open = set()
        self._is_cut = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Close all connections, and refuse new ones."""
        self._is_cut = True
        for one in [*self._open]:
            _close(one)

    def mend(self):
        """Let new connections through again."""
        self._is_cut = False

    def _accept(self):
        while True:
            near, _ = self._listener.accept()
            if self._is_cut:
                _close(near)
                continue
            far = socket.create_connection(("127.0.0.1", self._to))
            self._open |= {near, far}
            for ends in ((near, far), (far, near)):
                threading.Thread(target=_pass_on, args=ends, daemon=True).start()


def _pass_on(source, sink):
    with suppress(OSError):
        while content := source.recv(1 << 16):
            sink.sendall(content)
    _close(source)
    _close(sink)


def _close(one):
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
