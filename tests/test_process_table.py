"""`grader.worker.process_table`, `usage` and `watch`: what the zygote counts."""

import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from grader.errors import TimedOut
from grader.sandbox.explain import end_of_worker
from grader.sandbox.slot import Ending, WorkerGone
from grader.worker import process_table, usage
from grader.worker.limits import WorkerLimits
from grader.worker.process_table import cpu_seconds
from grader.worker.usage import CpuShare, Processes
from grader.worker.watch import Watch

SPIN = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"


@pytest.fixture
def spinning():
    process = subprocess.Popen([sys.executable, "-S", "-c", SPIN])
    yield process.pid
    process.kill()
    process.wait()


def test_the_cpu_time_of_a_process_is_told_and_none_when_it_is_gone(spinning):
    deadline = time.monotonic() + 60
    while cpu_seconds(spinning) < 0.2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert cpu_seconds(os.getpid()) == pytest.approx(time.process_time(), abs=0.5)
    assert cpu_seconds(2**22 + 1) == 0.0


def test_processes_are_ahead_by_what_they_took_beyond_their_share(monkeypatch):
    clock, spent = [100.0], {}
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])

    def after(seconds, **now):
        clock[0] += seconds
        spent.clear()
        spent.update({int(name[1:]): value for name, value in now.items()})
        return share.seconds_ahead(dict(spent))

    share = CpuShare(2)
    assert after(1.0, p1=2.0) == 0.0, "its two cores all the time"
    assert after(1.0, p1=2.5) == 0.0
    assert after(1.0, p1=3.5, p2=1.0, p3=1.0) == 1.0, "what was not used is not saved up"
    assert after(1.0, p2=2.0, p4=3.0) == 3.0, "what has ended stays counted"
    assert after(1.0, p2=0.5, p4=3.0) == 1.5, "the number of another process by now"
    assert after(9.0, p4=3.0) == 0.0


def test_a_worker_whose_processes_take_more_than_their_share_is_ended(spinning):
    watch = Watch(lambda: [spinning], [], [], private=False, cores=0)
    watch.begin(spinning, WorkerLimits(cpu_seconds=0.2, memory_bytes=1 << 40))
    deadline = time.monotonic() + 60
    while not (reason := watch.exceeded()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert reason == "cpu"
    failure = end_of_worker(WorkerGone(Ending(None, int(signal.SIGKILL), "cpu")), "f", WorkerLimits(cpu_seconds=3))
    assert isinstance(failure, TimedOut)
    assert failure.message == "`f` used more than 3 seconds of CPU time and was stopped."


@pytest.fixture
def sleeping():
    """Return a function that starts a process, and ends all of them afterwards."""
    with contextlib.ExitStack() as ended:

        def start():
            one = subprocess.Popen(["sleep", "600"])
            ended.callback(one.wait)
            ended.callback(one.kill)
            return one.pid

        yield start


def test_a_process_that_was_started_since_the_last_look_is_counted(sleeping):
    processes = Processes(lambda: [*started], private=True)
    started = [sleeping()]
    processes.begin(started[0])
    assert processes.numbers() == started
    started.append(sleeping())
    assert processes.usage(processes.numbers()).keys() == {*started}


def test_processes_are_listed_at_every_look_where_the_kernel_does_not_tell_the_newest(sleeping):
    looks = []
    processes = Processes(lambda: looks.append(1) or [], private=True)
    processes.begin(2**22 + 1)  # newer than all that the kernel tells of
    for _ in range(3):
        processes.numbers()
    assert len(looks) == 3


def test_what_has_ended_is_left_out_and_its_number_may_be_that_of_another_process(sleeping):
    processes, ending, other = Processes(list, private=False), sleeping(), sleeping()
    assert processes.usage([ending]).keys() == {ending}
    os.kill(ending, signal.SIGKILL)
    os.waitpid(ending, 0)
    assert processes.usage([ending]) == {}
    processes._files[other] = os.pipe()  # no files of it: like those of one that had this number before
    assert processes.usage([other])[other].threads == 1


def test_no_process_is_counted_by_the_name_that_it_gives_itself():
    status = b"Name:\tRssAnon:  5 kB\\nThreads:\t9\nThreads:\t2\nRssAnon:\t    1024 kB\n"
    assert process_table.private_bytes_of(status) == 1 << 20
    assert process_table.field_of(status, b"Threads") == 2
    assert process_table.field_of(status, b"VmSwap") == -1


def test_sockets_count_as_much_as_they_can_hold():
    """Of 50 pairs; the median, because a neighbour in the same network namespace may open a socket meanwhile."""

    sockets = usage.SocketMemory()

    def held():
        before = sockets.bytes()
        with contextlib.ExitStack() as opened:
            for _ in range(50):
                for end in socket.socketpair():
                    opened.enter_context(end)
            return sockets.bytes() - before

    each = int(Path("/proc/sys/net/core/wmem_default").read_text(encoding="ascii"))
    assert statistics.median_low(held() for _ in range(11)) == 100 * each


def test_pages_that_processes_share_count_once():
    """Of a fork that has written nothing, and of one that has."""
    shared = bytearray(b"x" * (64 << 20))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        shared[: 16 << 20 : 4096] = bytes(4096)
        os.write(writing, b"!")
        time.sleep(60)
    os.read(reading, 1)
    try:
        pids = [os.getpid(), child]
        apart = sum(map(process_table.private_bytes, pids))
        together = sum(map(process_table.proportional_bytes, pids))
        saved = apart - together
        assert process_table.private_bytes(os.getpid()) * 0.5 < saved < process_table.private_bytes(child)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)
    assert len(shared) == 64 << 20


def test_threads_are_counted():
    before = process_table.threads(os.getpid())
    done = threading.Event()
    started = [threading.Thread(target=done.wait) for _ in range(5)]
    for thread in started:
        thread.start()
    assert process_table.threads(os.getpid()) == before + 5
    assert process_table.tasks_of_this_user() >= before + 5
    done.set()
    for thread in started:
        thread.join()


def test_mappings_beyond_those_of_the_zygote_are_counted_a_few_processes_at_a_time(monkeypatch):
    counts = {1: 100, 2: 150, 3: 90, 4: 1100}
    monkeypatch.setattr(usage, "_mappings", lambda pid: counts[pid])
    clock = iter([10.0, 10.0, 10.0, 10.1, 20.0, 20.0, 20.1])  # two fit into the first look, then one
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    memory = usage.MappingMemory(1)
    each = usage._BYTES_OF_A_MAPPING
    assert memory.bytes_of([2, 3, 4]) == 1000 * each
    assert memory.bytes_of([2, 3, 4]) == 1050 * each
    assert memory.bytes_of([2]) == 50 * each


def test_mappings_are_as_many_as_the_kernel_lists():
    # Those of a process that does nothing: to read our own list changes it.
    with subprocess.Popen("echo; read line", shell=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as idle:
        idle.stdout.readline()
        listed = Path(f"/proc/{idle.pid}/maps").read_text().splitlines()
        assert usage._mappings(idle.pid) == len(listed) > 5
        idle.stdin.close()
    assert usage._mappings(2**22 + 1) == 0


@pytest.mark.parametrize("listed", [True, False], ids=["the kernel lists children", "it does not"])
def test_all_processes_below_one_are_found(monkeypatch, listed):
    if not listed:
        monkeypatch.setattr(process_table, "_children", lambda pid: [*Path(f"/proc/{pid}/none").iterdir()])
    with subprocess.Popen(
        ["sh", "-c", "sh -c 'sleep 60 & sleep 60' & echo ready; wait"], stdout=subprocess.PIPE
    ) as one:
        try:
            assert one.stdout.readline() == b"ready\n"
            while len(found := process_table.descendants_listed(one.pid)) < 3:
                time.sleep(0.01)
            assert sorted(found) == sorted(process_table.descendants(one.pid))
        finally:
            for pid in (*process_table.descendants(one.pid), one.pid):
                os.kill(pid, signal.SIGKILL)
