"""`grader.sandbox.memory_group`: the kernel's own limit for the memory of a slot.

Few machines delegate a cgroup to those who run tests. Where user-mode-linux is installed, one test starts a kernel of
its own, whose cgroups are ours, and has it run all the others.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.errors import OutOfMemory, SandboxError
from grader.sandbox import levels, memory_group
from grader.sandbox.calls import Calls
from grader.sandbox.slot import SlotSettings
from grader.worker.limits import WorkerLimits

KERNEL = shutil.which("linux.uml")
MB = 1 << 20

delegated = pytest.mark.skipif(bool(memory_group.obstacle()), reason=memory_group.obstacle())


@pytest.fixture
def group():
    group = memory_group.make()
    yield group
    group.remove()


def takes(group, size):
    """The exit status of a program in the group that takes ``size`` bytes."""
    return subprocess.run(group.joined_by((sys.executable, "-c", f"bytearray({size})")), check=False).returncode


@delegated
def test_what_takes_more_than_the_group_is_allowed_is_ended_by_the_kernel(group):
    group.allow(100 * MB)
    assert takes(group, 20 * MB) == 0
    assert not group.went_over()
    assert takes(group, 200 * MB) == -9
    assert group.went_over()
    group.allow(400 * MB)
    assert not group.went_over(), "what happened before counts no more"
    assert takes(group, 200 * MB) == 0


@delegated
def test_all_processes_of_a_group_are_counted_together(group):
    group.allow(150 * MB)
    hold = f"import os, time; taken = bytearray({60 * MB}); print(flush=True); time.sleep(60)"
    started = [
        subprocess.Popen(group.joined_by((sys.executable, "-c", hold)), stdout=subprocess.PIPE) for _ in range(4)
    ]
    try:
        for process in started:
            process.stdout.readline()  # it holds its memory, or has ended: the kernel chooses which
        deadline = time.monotonic() + 10
        while sum(process.poll() is None for process in started) > 2:
            assert time.monotonic() < deadline, "there is room for two of them"
            time.sleep(0.01)
        assert group.went_over()
    finally:
        group.remove()  # ends those that are left
        assert all(process.wait(10) == -9 for process in started)
        for process in started:
            process.stdout.close()


@delegated
def test_of_two_groups_one_says_nothing_of_the_other(group):
    other = memory_group.make()
    group.allow(50 * MB)
    other.allow(50 * MB)
    assert takes(other, 100 * MB) == -9
    assert (group.went_over(), other.went_over()) == (False, True)
    other.remove()


@delegated
def test_slots_share_the_cores_by_weight_however_many_processes_one_has(group):
    """On one core a swarm of six and a single process of another slot get the same."""
    if "cpu" not in memory_group._controllers(group._path.parent):
        pytest.skip("the cgroup that was delegated may not share out cores")
    assert any("by weight" in words for words in memory_group.protections().present)
    other = memory_group.make()
    core = str(min(os.sched_getaffinity(0)))
    spin = ("taskset", "-c", core, sys.executable, "-S", "-c", "while True: pass")
    running = [subprocess.Popen(group.joined_by(spin)) for _ in range(6)]
    running.append(subprocess.Popen(other.joined_by(spin)))
    try:
        time.sleep(3)
        before = [used(each) for each in (group, other)]
        time.sleep(6)
        swarm, single = (used(each) - start for each, start in zip((group, other), before, strict=True))
        assert 0.6 < single / swarm < 1.6, "with six times the weight it would be a sixth"
    finally:
        other.remove()
        group.remove()
        for process in running:
            process.wait(10)


def used(group):
    """The microseconds of CPU time that a group has used."""
    lines = (group._path / "cpu.stat").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("usage_usec"))


@delegated
def test_a_group_that_cannot_be_made_is_a_fault_of_the_sandbox(monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(SandboxError, match="was delegated to the grader, but cannot be used"):
        memory_group.make()


SWARM = f"""
import os, time

def swarm():
    for _ in range(40):
        if not os.fork():
            taken = bytearray({90 * MB})
            time.sleep(60)
    time.sleep(60)

def alone():
    taken = bytearray({60 * MB})
    return len(taken)
"""


def ask(slot, name):
    """What a function of the swarm's file comes to, in a fresh worker."""
    calls = Calls(slot, WorkerLimits(memory_bytes=100 * MB))
    try:
        calls.load({"swarm.py": SWARM.encode()}, "swarm.py", {name: ()}, seed=0, seconds=60)
        return calls.call(name, (), {}, seed=0, seconds=60).value
    finally:
        calls.close()


@delegated
def test_a_swarm_is_out_of_memory_and_the_slot_serves_the_next():
    level = levels.choose("auto")
    slot = levels.open_slot(level, SlotSettings(preload=("torch",)))
    try:
        assert ask(slot, "alone") == 60 * MB
        with pytest.raises(OutOfMemory):
            ask(slot, "swarm")
        assert ask(slot, "alone") == 60 * MB
        assert any("limited by the kernel (cgroup)" in words for words in slot.protections)
        groups = sorted(memory_group._delegated(memory_group._own_group()).glob("slot-*"))
        assert len(groups) == 1
    finally:
        slot.close()
    assert not groups[0].exists()


@pytest.mark.skipif(not bool(memory_group.obstacle()), reason="a cgroup was delegated")
def test_where_nothing_was_delegated_every_level_says_so():
    assert memory_group.make() is None
    for level in ("bubblewrap", "process"):
        _, missing = levels.LEVELS[level].protections()
        assert any("a watch measures it every 40 ms" in words and memory_group.obstacle() in words for words in missing)


@pytest.mark.slow
@pytest.mark.skipif(KERNEL is None or os.geteuid() != 0, reason="needs root and user-mode-linux")
def test_all_of_this_holds_in_a_kernel_of_our_own(tmp_path):
    start = tmp_path / "init"
    start.write_text(f"""#!/bin/sh
        export PATH={os.environ["PATH"]} HOME={tmp_path} TMPDIR={tmp_path}
        mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs none /dev/shm; mount -t tmpfs none /run
        mount -t cgroup2 none /sys/fs/cgroup
        cat /sys/fs/cgroup/cgroup.controllers > {tmp_path}/controllers
        for name in memory cpu; do echo +$name > /sys/fs/cgroup/cgroup.subtree_control; done
        mkdir /sys/fs/cgroup/given; echo $$ > /sys/fs/cgroup/given/cgroup.procs
        {sys.executable} -c 'import os; os.setxattr("/sys/fs/cgroup/given", "user.delegate", b"1")'
        cd {Path(__file__).parents[1]}
        {sys.executable} -m pytest -p no:cacheprovider {__file__} -q -k "not our_own" > {tmp_path}/said 2>&1
        echo $? > {tmp_path}/code
        exec {sys.executable} -c 'import ctypes; ctypes.CDLL(None).reboot(0x4321fedc)'
    """)
    start.chmod(0o755)
    machine = [KERNEL, "rootfstype=hostfs", "rw", f"init={start}", "mem=3G", "con=null", "con0=fd:0,fd:1"]
    subprocess.run(machine, stdin=subprocess.DEVNULL, capture_output=True, timeout=500, check=False)
    said = (tmp_path / "said").read_text()
    assert (tmp_path / "code").read_text() == "0\n", said
    assert ("6 passed" if "cpu" in (tmp_path / "controllers").read_text().split() else "5 passed") in said, said
