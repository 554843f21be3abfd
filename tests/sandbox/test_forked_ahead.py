"""The next worker is forked while the last one is judged."""

import dataclasses
import os
import signal
import time
from pathlib import Path

import pytest

from grader.errors import OutOfMemory
from sandbox.processes import at_rest, processes_of, state
from sandbox.students import LIMITS, student

WHO = "import os\ndef f(): return os.stat('/proc/self').st_ino, os.getpid()"


def ahead_of(slot):
    """Wait for the worker that was forked ahead; return its process as the machine sees it."""
    deadline = time.monotonic() + 30
    while len(alive := processes_of(slot)) <= at_rest(slot) or not slot._zygote.has_event:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    (pid,) = alive[at_rest(slot) :]
    return pid


def used(slot, limits=LIMITS, *, times=2):
    for _ in range(times):
        with student(slot, WHO, limits=limits) as s:
            s("f")


def test_the_next_worker_is_there_before_it_is_asked_for(walled):
    used(walled)
    ahead = ahead_of(walled)
    with student(walled, WHO) as s:
        s("f")
        assert processes_of(walled)[at_rest(walled) :] == [ahead]


def test_none_is_forked_ahead_after_two_with_different_limits(walled):
    used(walled)
    used(walled, dataclasses.replace(LIMITS, processes=10), times=1)
    assert walled._ahead is None


def test_one_with_other_limits_is_ended_first(walled):
    used(walled)
    ahead = ahead_of(walled)
    small = dataclasses.replace(LIMITS, memory_bytes=100 << 20)
    with student(walled, "def f(size): return len(bytearray(size))", limits=small) as s:
        assert state(ahead) in ("Z", "")
        with pytest.raises(OutOfMemory, match="100 MB"):
            s("f", 200 << 20)


def test_one_that_has_ended_meanwhile_is_nobodys_loss(walled):
    used(walled)
    os.kill(ahead_of(walled), signal.SIGKILL)
    time.sleep(0.2)
    with student(walled, "def f(): return 7") as s:
        assert s("f") == 7


def test_a_zygote_that_has_ended_meanwhile_is_nobodys_loss(walled):
    used(walled)
    ahead_of(walled)
    os.kill(processes_of(walled)[at_rest(walled) - 1], signal.SIGKILL)
    time.sleep(0.2)
    with student(walled, "def f(): return 7") as s:
        assert s("f") == 7


def test_none_that_nobody_asks_leaves_anything_open(walled):
    def opened():
        return len([*Path("/proc/self/fd").iterdir()])

    used(walled)
    before = opened()
    for number in range(4):
        used(walled, dataclasses.replace(LIMITS, processes=10 + number))
    assert opened() == before
