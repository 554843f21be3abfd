"""The processes of a slot, seen from outside in the machine's process table, and whether the slot is clean."""

import subprocess
import sys
import time
from pathlib import Path

from grader.sandbox.slot import Slot
from grader.worker.process_table import descendants
from sandbox.students import student

LOOK_AROUND = """
    import os

    def around(has_its_own_shared_memory):
        home, me = os.environ["HOME"], os.getuid()
        mine = [name for name in os.listdir("/dev/shm") if os.lstat("/dev/shm/" + name).st_uid == me]
        return os.listdir(home), mine if has_its_own_shared_memory else [], processes(), os.getpid(), os.listdir()

    def processes():
        try:
            return sorted(int(name) for name in os.listdir("/proc") if name.isdecimal())
        except PermissionError:
            return []
"""


def assert_serves_the_next(slot: Slot) -> None:
    """The next student gets a worker, and sees no file and no process of the last one."""
    with student(slot, LOOK_AROUND) as s:
        here, shared, alive, me, beside = s("around", slot.level != "process")
        assert beside == ["part.py"]
        assert here == ["submission"]
        assert shared == []
        assert alive in ([], [1, me])
        assert len(processes_of(slot)) == at_rest(slot) + 1


def at_rest(slot: Slot) -> int:
    """How many processes a slot has while it has no worker: the zygote, and bubblewrap around it."""
    return 2 if slot.level == "bubblewrap" else 1


def processes_of(slot: Slot) -> list[int]:
    """The first process of a slot and all below it, without zombies."""
    assert slot.pid is not None
    return [pid for pid in (slot.pid, *descendants(slot.pid)) if state(pid) not in ("Z", "")]


def zygote_of(slot: Slot) -> int:
    """The process that forks the workers of a slot."""
    return processes_of(slot)[at_rest(slot) - 1]


def wait_until_gone(pids: list[int]) -> None:
    """Wait until the processes have ended: the kernel ends a namespace a moment after its first process."""
    deadline = time.monotonic() + 10
    while alive := [pid for pid in pids if state(pid) not in ("Z", "")]:
        assert time.monotonic() < deadline, f"still alive: {alive}"
        time.sleep(0.01)


def state(pid: int) -> str:
    """The letter that the kernel gives for what a process is doing; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def keep_busy(core: int) -> subprocess.Popen[bytes]:
    """Start a process that takes all it can get of one core; kill it when it is no longer needed."""
    spin = "import os, sys\nos.sched_setaffinity(0, {int(sys.argv[1])})\nprint(flush=True)\nwhile True: pass"
    busy = subprocess.Popen([sys.executable, "-S", "-c", spin, str(core)], stdout=subprocess.PIPE)
    assert busy.stdout is not None
    busy.stdout.readline()
    return busy
