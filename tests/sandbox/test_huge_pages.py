"""A slot moves its memory to huge pages before it forks: forks get cheaper, and nothing else changes."""

import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from own_level import own_level

from grader.errors import OutOfMemory
from grader.sandbox.levels import open_slot
from grader.sandbox.slot import SlotSettings
from grader.worker.huge_pages import SETTINGS
from sandbox.processes import zygote_of
from sandbox.students import student

LINUX = tuple(map(int, os.uname().release.split(".")[:2]))
GLIBC = tuple(map(int, os.confstr("CS_GNU_LIBC_VERSION").split()[-1].split(".")))
CAN = LINUX >= (6, 1) and Path(SETTINGS).exists()
ASKS = CAN and GLIBC >= (2, 35) and "[never]" not in Path(SETTINGS, "enabled").read_text()
MOVES = """
from grader.worker.huge_pages import collapse
kept = bytearray(range(256)) * (32 << 12)
collapse()
assert kept == bytearray(range(256)) * (32 << 12)
print(open("/proc/self/smaps_rollup").read())
"""
HOLDS = "def f(megabytes): return len(bytearray(b'x') * (megabytes << 20))"


def on_huge_pages(rollup):
    """How many kB of a process are on huge pages."""
    return int(re.search(r"^AnonHugePages: *(\d+) kB", rollup, re.MULTILINE)[1])


@pytest.mark.skipif(not CAN, reason="this kernel moves no memory to huge pages")
def test_memory_moves_with_all_that_it_holds():
    found = subprocess.run([sys.executable, "-c", MOVES], capture_output=True, text=True, check=True)
    assert on_huge_pages(found.stdout)


@pytest.mark.skipif(own_level() == "direct", reason="no process of its own")
def test_a_slot_is_on_huge_pages_and_the_limits_are_the_same():
    with closing(open_slot(own_level(), SlotSettings(preload=("torch",)))) as slot:
        with student(slot, HOLDS) as s:
            assert s("f", 1) == 1 << 20
        if CAN and os.geteuid() == 0:  # a zygote lets nobody else look
            assert on_huge_pages(Path(f"/proc/{zygote_of(slot)}/smaps_rollup").read_text())
            maps = Path(f"/proc/{zygote_of(slot)}/smaps").read_text()
            assert not ASKS or re.search(r"\[heap\]\n(\w+:.*\n)*?VmFlags:.* hg", maps), (
                "glibc asks for them from the start"
            )
        with student(slot, HOLDS) as s:
            assert s("f", 200) == 200 << 20
            with pytest.raises(OutOfMemory):
                s("f", 400)
