"""When the grader is killed with SIGKILL, nothing of a student is left at any level; what can be left is cleaned."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from own_level import WALLED

from grader.sandbox import left_behind
from grader.worker.process_table import descendants
from sandbox.processes import wait_until_gone
from sandbox.students import usable

GRADER = """
import sys, time
from grader.sandbox import levels
from grader.sandbox.calls import Calls
from grader.sandbox.slot import SlotSettings
from grader.worker.limits import WorkerLimits

slot = levels.open_slot(sys.argv[1], SlotSettings(preload=("torch",)))
calls = Calls(slot, WorkerLimits())
calls.load({"part.py": sys.argv[2].encode()}, "part.py", {"f": ()}, seed=0, seconds=60)
calls.call("f", (), {}, seed=0, seconds=60)
print(flush=True)
time.sleep(600)
"""
DAEMON = """
import os, time

def f():
    os.makedirs("a/b")
    open("a/b/words", "w").write("of a student")
    os.chmod("a", 0)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(3):
                os.close(number)
            time.sleep(600)
        os._exit(0)
"""


@pytest.fixture
def place(monkeypatch):
    """A temporary folder that every user may enter, for slots only."""
    folder = tempfile.mkdtemp(prefix="killed-", dir="/tmp")
    Path(folder).chmod(0o1777)
    monkeypatch.setenv("TMPDIR", folder)
    monkeypatch.setattr(tempfile, "tempdir", folder)
    yield Path(folder)
    shutil.rmtree(folder, ignore_errors=True)


def grading(level):
    """A process that has called a student's function which leaves files and a daemon; and all processes below it."""
    started = subprocess.Popen([sys.executable, "-c", GRADER, level, DAEMON], stdout=subprocess.PIPE)
    assert started.stdout is not None
    assert started.stdout.readline() == b"\n"
    started.stdout.close()
    return started, descendants(started.pid)


def until(true):
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.waits
@pytest.mark.parametrize("level", WALLED)
def test_a_killed_grader_leaves_no_process_and_no_file(level, place):
    usable(level)
    grader, below = grading(level)
    grader.kill()
    grader.wait()
    wait_until_gone(below)
    until(lambda: not any(place.iterdir()))


@pytest.mark.parametrize("level", ["uid", "process"])
def test_what_is_left_if_all_of_ours_are_killed_at_once_is_told_and_cleaned(level, place, monkeypatch):
    usable(level)
    monkeypatch.setattr(left_behind, "_FRESH_SECONDS", -1.0)
    mine = place / "mlgrader-slot-of my own"
    mine.mkdir()
    grader, below = grading(level)
    (used,) = (path for path in place.iterdir() if path != mine)
    assert list(left_behind.told()) == [], "a grader is using it"
    left_behind.clean()
    assert used.exists()
    os.kill(below[0], signal.SIGSTOP)  # the zygote, which would clean up
    grader.kill()
    grader.wait()
    os.kill(below[0], signal.SIGKILL)
    until(lambda: left_behind.folders() == [used] and left_behind.processes())
    left_behind.clean()
    wait_until_gone(below)
    until(lambda: list(place.iterdir()) == [mine])
    assert list(left_behind.told()) == []
