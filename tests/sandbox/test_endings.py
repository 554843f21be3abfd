"""A worker may end in any way: the student reads why, and a fault of ours is never the student's."""

import itertools
import os
import re
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from own_level import WALLED

from grader.errors import Crashed, SandboxError
from grader.sandbox import bubblewrap, forked_worker, system_calls, walls
from grader.sandbox.calls import Calls
from grader.sandbox.levels import LEVELS, choose, open_slot
from grader.sandbox.slot import SlotSettings
from sandbox.processes import assert_serves_the_next, at_rest, processes_of, wait_until_gone, zygote_of
from sandbox.students import LIMITS, fails, student, usable

ENDINGS = {
    "os._exit(0)": (
        "import os\ndef f(): os._exit(0)",
        r"`f`: your code ended the whole Python process\..* exit status was 0",
    ),
    "os._exit(3)": ("import os\ndef f(): os._exit(3)", r"exit status was 3"),
    "while it loads": ("import os\nos._exit(0)", r"Loading part\.py: your code ended the whole Python process"),
    "kill": ("import os\ndef f(): os.kill(os.getpid(), 9)", r"`f`: .* ended by signal SIGKILL"),
    "segfault": ("import ctypes\ndef f(): ctypes.string_at(0)", r"ended by signal SIGSEGV"),
    "abort": ("import os\ndef f(): os.abort()", r"ended by signal SIGABRT"),
    "a signal without a name": ("import os\ndef f(): os.kill(os.getpid(), 40)", r"ended by signal 40"),
    "exec": ("import os\ndef f(): os.execv('/bin/true', ['true'])", r"exit status was 0"),
    "stack": ("import ctypes\ndef f(): ctypes.CDLL(None).raise_(0)", r"raised AttributeError"),
    "all below": ("import os, signal\ndef f(): os.killpg(0, signal.SIGKILL)", r"ended by signal SIGKILL"),
    "parent": ("import os, time\ndef f():\n os.close(3)\n time.sleep(60)", r"closed its connection"),
    "closes all": ("import os\ndef f(): os.closerange(0, 4096)", r"`f`: your code"),
    "closes all and stays": (
        "import os, time\ndef f():\n os.closerange(0, 4096)\n time.sleep(60)",
        r"closed its connection",
    ),
    "closes its end of writing": (
        "import socket\ndef f(): socket.socket(fileno=3).shutdown(socket.SHUT_WR)",
        r"`f`: your code",
    ),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_process_that_ends_itself_is_a_crash_in_words(walled, ending):
    source, words = ENDINGS[ending]
    failure = fails(walled, source, seconds=600)  # noticed at once: waiting for the deadline would end this test
    assert isinstance(failure, Crashed)
    assert re.search(words, f"{failure.message} {failure.detail}")


def test_a_process_that_the_kernel_killed_for_want_of_memory_is_no_students_crash(walled, monkeypatch):
    source = "import os, signal\ndef f(number): os.kill(os.getpid(), number)"
    kills = itertools.count()
    monkeypatch.setattr(forked_worker, "oom_kills", lambda: next(kills))
    with pytest.raises(SandboxError, match="the machine ran out of memory"):
        fails(walled, source, int(signal.SIGKILL))
    assert "ended by signal SIGTERM" in fails(walled, source, int(signal.SIGTERM)).message
    monkeypatch.setattr(forked_worker, "oom_kills", lambda: 7)
    assert "ended by signal SIGKILL" in fails(walled, source, int(signal.SIGKILL)).message


def test_what_the_kernel_tells_of_its_kills_is_read():
    told = dict(line.split() for line in Path("/proc/vmstat").read_text().splitlines())
    assert forked_worker.oom_kills() == int(told.get("oom_kill", 0))


def test_a_process_that_ends_between_two_calls_did_not_answer_before_it_was_asked(walled):
    source = """
        import os, threading, time
        def f(): threading.Thread(target=lambda: (time.sleep(0.1), os._exit(4)), daemon=True).start()
    """
    with student(walled, source) as s:
        s("f")
        time.sleep(0.4)
        with pytest.raises(Crashed, match="ended the whole Python process"):
            s("f")


def test_closing_only_its_output_harms_nobody(walled):
    with student(
        walled, "import os\ndef f():\n print('x')\n os.close(1)\n os.close(2)\n return 3\ndef g(): return 4"
    ) as s:
        assert s("f") == 3
        assert s("g") == 4
        assert s.calls.take_output() == ("x\n", False)


def test_a_slot_whose_zygote_was_killed_starts_again_by_itself(walled):
    with student(walled, "def f(): return 1") as s:
        s("f")
        before = processes_of(walled)
        os.kill(zygote_of(walled), signal.SIGKILL)
        wait_until_gone(before)
        with pytest.raises(SandboxError, match="lost during a call"):  # our fault, and no verdict on the student
            s("f")
    assert_serves_the_next(walled)
    assert not set(before) & set(processes_of(walled))


def test_a_zygote_killed_between_two_students_is_not_noticed_by_the_next(walled):
    with student(walled, "def f(): return 1") as s:
        s("f")
    os.kill(zygote_of(walled), signal.SIGKILL)
    with student(walled, "def f(): return 2") as s:
        assert s("f") == 2


@pytest.mark.parametrize("level", WALLED)
def test_a_sandbox_that_cannot_start_says_why(level):
    usable(level)
    slot = open_slot(level, SlotSettings(preload=("no_such_module_of_ours",)))
    with pytest.raises(SandboxError, match="no_such_module_of_ours"):
        slot.worker(LIMITS)
    slot.close()


@pytest.mark.parametrize("level", WALLED)
def test_a_wall_that_cannot_be_put_up_is_our_fault_in_the_workers_words(level, monkeypatch):
    usable(level)
    monkeypatch.setattr(system_calls, "program", lambda **_: b"no program")
    slot = open_slot(level, SlotSettings(preload=("torch",)))
    try:
        with pytest.raises(SandboxError, match=r"could not be set up: OSError.* a wall cannot be put up.*grade again"):
            fails(slot, "def f(): pass")
    finally:
        slot.close()


def test_a_disk_that_is_full_before_the_students_code_begins_is_our_fault(walled):
    with pytest.raises(SandboxError, match=r"the submission's files cannot be written: .*File too large"):
        fails(walled, "def f(): pass\n" + "#" * 5000, limits=replace(LIMITS, file_bytes=4096))


def test_a_worker_that_ends_before_it_has_a_students_file_is_our_fault(walled):
    calls = Calls(walled, LIMITS)
    while len(alive := processes_of(walled)) <= at_rest(walled):
        time.sleep(0.01)
    os.kill(alive[-1], signal.SIGKILL)
    with pytest.raises(SandboxError, match="could not be set up"):
        calls.load({"part.py": b""}, "part.py", {}, seed=0, seconds=5)
    assert not calls.alive


def test_walls_that_the_kernel_refuses_are_found_before_anyone_is_graded(monkeypatch):
    monkeypatch.setattr(system_calls, "program", lambda **_: b"no program")
    walls.obstacle.cache_clear()
    bubblewrap.obstacle.cache_clear()
    try:
        for level in WALLED:
            reason = LEVELS[level].obstacle()
            assert any(words in reason for words in ("a wall cannot be put up", "not installed", "only root"))
        with pytest.raises(SandboxError, match=r"no sandbox works here: .*a wall cannot be put up"):
            choose("auto")
        with pytest.raises(SandboxError, match=r"a wall cannot be put up: Invalid argument\.$"):
            choose("process")
    finally:
        walls.obstacle.cache_clear()
        bubblewrap.obstacle.cache_clear()
