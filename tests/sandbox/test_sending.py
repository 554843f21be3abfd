"""A large argument for a worker that others keep from running: the deadline counts the time that it could use."""

import time

import pytest
import torch

from grader.errors import TimedOut
from grader.sandbox import forked_worker
from sandbox.students import SHORT, student

NAPS = """
    import os, signal, time
    def f(x): return float(x[0])
    def naps(seconds):
        '''Stop this process, so that it reads nothing, and wake it from another.'''
        me = os.getpid()
        if os.fork() == 0:
            time.sleep(0.2)
            os.kill(me, signal.SIGSTOP)
            time.sleep(seconds)
            os.kill(me, signal.SIGCONT)
            os._exit(0)
"""


class AllDenied:
    """Stands in for the kernel's counters: the worker could use none of the time so far."""

    def __init__(self, *_):
        self._started = time.monotonic()

    def seconds(self):
        return time.monotonic() - self._started


@pytest.mark.waits
def test_time_that_a_worker_could_not_use_does_not_count_while_it_is_sent_an_argument(walled, monkeypatch):
    with student(walled, NAPS) as s:
        s("naps", 4 * SHORT)
        time.sleep(0.4)  # it has stopped
        monkeypatch.setattr(forked_worker, "DeniedTime", AllDenied)
        assert s("f", torch.ones(1 << 20), seconds=SHORT) == 1.0
        assert s.calls.spent < 4 * SHORT


@pytest.mark.waits
def test_a_worker_that_reads_nothing_is_not_waited_for(walled):
    with student(walled, NAPS) as s:
        s("naps", 20.0)
        time.sleep(0.4)
        with pytest.raises(TimedOut):
            s("f", torch.ones(1 << 20), seconds=SHORT)
