"""`grader.sandbox.denied_time` and `cores`: nobody is charged for the time that others took."""

import os
import time

import pytest
from sandbox.processes import keep_busy

from grader.sandbox import cores, denied_time
from grader.sandbox.denied_time import DeniedTime


@pytest.fixture
def spinning():
    """Starts processes that keep a core busy."""
    running = []

    def start(core):
        running.append(keep_busy(core))
        return running[-1].pid

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_a_process_that_shares_its_core_is_denied_part_of_the_time(spinning, monkeypatch):
    core = min(os.sched_getaffinity(0))
    ours = [spinning(core)]
    spinning(core)
    spinning(core)
    for find in ("descendants", "descendants_listed"):
        monkeypatch.setattr(denied_time, find, lambda _: ours)
    started, clock = time.monotonic(), DeniedTime(0, 1)
    while clock.seconds() < 0.5:
        assert time.monotonic() - started < 60
    assert clock.seconds() <= time.monotonic() - started


@pytest.mark.parametrize(
    ("threads", "processes", "denied"),
    [
        ([0.0], [10.0], 0.0),  # it ran all the time
        ([0.0], [0.1], 0.0),  # it slept
        ([7.0], [3.0], 7.0),  # others had the core for most of the time
        ([9.5] * 20, [0.5] * 20, 0.0),  # a swarm that had its core, and wanted twenty
        ([9.75] * 20, [0.25] * 20, 5.0),  # the same swarm, with half of its core
        ([2.0, 6.0], [2.0], 6.0),  # the thread that waited longest
        ([], [], 0.0),  # a kernel that does not count
    ],
)
def test_denied_is_what_a_thread_waited_for_unless_its_own_processes_had_the_core(
    monkeypatch, threads, processes, denied
):
    """Of ten seconds with one core."""
    states = iter(
        [
            denied_time._State(100.0, dict.fromkeys(range(len(processes)), 50.0), {0: 3.0} if threads else {}),
            denied_time._State(
                110.0,
                {pid: 50.0 + used for pid, used in enumerate(processes)},
                {number: 3.0 * (number == 0) + waited for number, waited in enumerate(threads)},
            ),
        ]
    )
    monkeypatch.setattr(denied_time, "_state", lambda _: next(states))
    assert DeniedTime(1, 1).seconds() == pytest.approx(denied)


def test_no_two_processes_claim_the_same_cores(monkeypatch):
    releases = []
    monkeypatch.setattr("atexit.register", releases.append)
    # Numbers that no machine has: the cores of this one may be claimed by a grader that runs beside the tests.
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {10_000, 10_001, 10_002})
    claim = cores.own_cores.__wrapped__
    assert [claim(1), claim(1)] == [(10_000,), (10_001,)]
    assert claim(2) == (10_000, 10_001, 10_002), "too few are free"
    releases.pop(0)()
    assert claim(2) == (10_000, 10_001, 10_002), "and what was free of them is not kept"
    assert claim(1) == (10_000,)
    for release in releases:
        release()
