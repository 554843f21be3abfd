"""Deadlines, CPU time, memory, processes and sizes are limited at every level with a process."""

import os
import time

import pytest
import torch

from grader.errors import Crashed, OutOfMemory, Starved, TimedOut
from grader.sandbox import forked_worker
from grader.sandbox.cores import own_cores
from grader.worker.limits import WorkerLimits
from sandbox.processes import keep_busy
from sandbox.students import SHORT, fails, student

LOOPS = {
    "sleep": "import time\ndef f(): time.sleep(1000)",
    "busy": "def f():\n while True: pass",
    "swallows": """
        def f():
            while True:
                try:
                    while True: pass
                except BaseException: pass
    """,
    "ignores signals": """
        import signal
        def f():
            for number in range(1, 65):
                try: signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError): pass
            while True: pass
    """,
    "stops itself": "import os, signal\ndef f(): os.kill(os.getpid(), signal.SIGSTOP)",
    "while it loads": "while True: pass",
    "inside C": "import torch\ndef f():\n x = torch.rand(1500, 1500)\n while True: x = x @ x",
    "prints": "def f():\n while True: print('x' * 1000)",
    "prints from processes": """
        import os
        def f():
            for _ in range(3): os.fork()
            while True: os.write(1, b"x" * 65536)
    """,
    "in a finaliser": """
        class Stay:
            def __eq__(self, other): return True
            def __reduce__(self): raise ValueError
        class Meta(type):
            @property
            def __module__(cls):
                while True: pass
        class Slow(metaclass=Meta): pass
        def f(): return Slow()
    """,
}


@pytest.mark.waits
@pytest.mark.timeout(120)
@pytest.mark.parametrize("loop", LOOPS)
def test_what_never_ends_is_stopped_at_the_deadline(walled, loop):
    failure = fails(walled, LOOPS[loop], seconds=SHORT)
    assert isinstance(failure, TimedOut), failure.message
    assert f"did not finish within {SHORT} seconds and was stopped" in failure.message


@pytest.mark.waits
@pytest.mark.timeout(60)
def test_a_process_that_reads_no_more_cannot_hold_up_a_large_argument(walled):
    source = """
        import os, signal, threading, time
        def f(x):
            threading.Thread(target=lambda: (time.sleep(0.2), os.kill(os.getpid(), signal.SIGSTOP))).start()
    """
    with student(walled, source) as s:
        s("f", 1)
        time.sleep(0.4)
        with pytest.raises(TimedOut):
            s("f", torch.zeros(4 << 20), seconds=SHORT)


@pytest.mark.waits
def test_cpu_time_is_limited_apart_from_the_deadline(walled):
    limits = WorkerLimits(cpu_seconds=0.1)
    failure = fails(walled, "def f():\n while True: pass", limits=limits, seconds=30)
    assert isinstance(failure, TimedOut)
    assert failure.message == "`f` used more than 0.1 seconds of CPU time and was stopped."


@pytest.mark.waits
def test_each_call_has_its_own_cpu_time(walled):
    source = "import time\ndef f():\n end = time.process_time() + 0.5\n while time.process_time() < end: pass"
    with student(walled, source, limits=WorkerLimits(cpu_seconds=0.6)) as s:
        for _ in range(4):
            s("f")


HOGS = {
    "tensor": "import torch\ndef f(): return torch.ones(1 << 40).sum()",
    "tensors": "import torch\nkept = []\ndef f():\n while True: kept.append(torch.ones(1 << 22))",
    "bytes": "def f(): return len(bytearray(1 << 40))",
    "bytearrays": "kept = []\ndef f():\n while True: kept.append(bytearray(b'x') * (1 << 20))",
    "processes": """
        import os, time
        def f():
            for _ in range(4):
                if os.fork() == 0:
                    kept = bytearray(b"x") * (100 << 20)
                    time.sleep(60)
            time.sleep(60)
    """,
    "answer": "import torch\ndef f(): return torch.zeros(1).expand(1 << 40)",
}


@pytest.mark.parametrize("hog", HOGS)
def test_memory_is_limited(walled, hog):
    failure = fails(walled, HOGS[hog], seconds=20)
    assert isinstance(failure, OutOfMemory), failure.message
    assert failure.message.startswith("`f` ")
    assert "memory" in failure.message


def test_memory_that_belongs_to_no_process_is_denied(walled):
    """Once let go of, its pages are in nobody's count."""
    source = """
        import mmap, os
        def anonymous(): mmap.mmap(-1, 1 << 20)
        def nameless(): os.memfd_create("x")
        def private(): return len(mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    """
    with student(walled, source) as s:
        for question in ("anonymous", "nameless"):
            with pytest.raises(Crashed, match="PermissionError"):
                s(question)
        assert s("private") == 1 << 20


def test_a_fork_bomb_is_stopped_and_nothing_of_it_is_left(walled):
    source = """
        import os, time
        def f():
            made = 0
            try:
                while made < 400:
                    if os.fork() == 0: time.sleep(600)
                    made += 1
            except OSError: pass
            time.sleep(600)
    """
    failure = fails(walled, source, seconds=60)
    assert isinstance(failure, Crashed)
    assert "processes" in failure.message


@pytest.mark.waits
def test_a_bomb_of_every_child_forking_is_stopped(walled):
    source = """
        import os, time
        def f():
            for _ in range(7):
                try: os.fork()
                except OSError: pass
            time.sleep(600)
    """
    assert "processes" in fails(walled, source, seconds=60).message


def test_a_fork_that_comes_back_out_of_the_call_does_not_answer_too(walled):
    with student(walled, "import os\ndef f():\n os.fork()\n return 7\ndef g(): return 8") as s:
        assert s("f") == 7
        time.sleep(0.2)
        assert s("g") == 8
        assert s("f") == 7


def test_a_hundred_megabytes_of_output_are_read_and_dropped(walled):
    with student(walled, "import sys\ndef f():\n for _ in range(100): print('x' * (1 << 20))\n return 9") as s:
        assert s("f", seconds=30) == 9
        text, truncated = s.calls.take_output()
        assert 60 << 10 < len(text) <= 64 << 10
        assert truncated


def test_a_huge_file_is_refused_to_the_student_who_writes_it(walled):
    failure = fails(walled, "def f():\n with open('big', 'wb') as file: file.write(b'x' * (5 << 20))")
    assert failure.message == "`f` raised OSError."
    assert "File too large" in failure.detail


@pytest.fixture
def busy_machine():
    """Two more processes on every core."""
    running = [keep_busy(core) for core in sorted(os.sched_getaffinity(0)) * 2]
    yield
    for process in running:
        process.kill()
        process.communicate()


BURN = """
    import os, time
    def burn(seconds):
        while time.process_time() < seconds: pass
        return "done"
    def sleep(): time.sleep(1000)
    def cores(): return sorted(os.sched_getaffinity(0))
    def take_all(): os.sched_setaffinity(0, range(os.cpu_count()))
"""


@pytest.mark.waits
def test_a_deadline_does_not_count_the_time_that_others_took(walled, busy_machine, monkeypatch):
    """Three seconds of work in 3.8, while a worker gets two thirds of its core at most."""
    monkeypatch.setattr(forked_worker, "MOST_PATIENCE", 1000)
    with student(walled, BURN) as s:
        assert s("burn", 3.0, seconds=3.8) == "done"
        with pytest.raises(TimedOut):
            s("sleep", seconds=SHORT)


@pytest.mark.waits
def test_a_worker_that_never_had_its_time_is_our_fault(walled, busy_machine, monkeypatch):
    monkeypatch.setattr(forked_worker, "MOST_PATIENCE", 1.0)
    with student(walled, BURN) as s, pytest.raises(Starved, match=r"`burn` .* its 1 seconds, .* our fault"):
        s("burn", 1000.0, seconds=1.0)


def test_a_worker_keeps_to_the_cores_of_its_slot(walled):
    with student(walled, BURN) as s:
        assert s("cores") == list(own_cores(1))
        with pytest.raises(Crashed, match="PermissionError"):
            s("take_all")
        assert s("cores") == list(own_cores(1))


def test_the_most_memory_that_was_held_at_once_is_known_while_the_worker_lives(walled):
    held = "import torch\ndef f(mb):\n    torch.ones(mb << 18).sum()"
    with student(walled, held) as one:
        before = one.calls.peak_bytes()
        one("f", 150)
        after = one.calls.peak_bytes()
    assert before < 60 << 20
    assert 140 << 20 < after - before < 200 << 20
    assert one.calls.peak_bytes() == 0, "its process is gone"
