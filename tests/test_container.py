"""What a container gives: read from real cgroups, where this machine lets us make some."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox import container

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from gradescope_tree import LIKE_DOCKER, can_limit, remove_groups

ASKED = """
import os
from grader.sandbox import container, cores
print(container.cores(), container.memory_bytes() >> 20, len(cores.own_cores(1)), container.memory_peak() >> 20 < 300)
"""


def test_without_a_limit_it_is_the_machine():
    assert 0 < container.cores() <= len(os.sched_getaffinity(0))
    assert 0 < container.memory_bytes() <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_a_share_of_the_cores_and_a_limit_of_the_memory_are_seen():
    limits = ["--memory", "300", "--cores", "0.5"]
    if not can_limit(*limits):
        pytest.skip("nobody may limit anything by a cgroup here")
    alone = ["unshare", "--net"]  # where no other grader's claims of cores are seen
    command = [*alone, sys.executable, LIKE_DOCKER, "--namespaces", *limits, sys.executable, "-c", ASKED]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said, _ = process.communicate()
    remove_groups(process.pid)
    every = len(os.sched_getaffinity(0))
    assert said.split() == ["0.5", "300", str(every), "True"], "with a share, no core is chosen: others have it, too"
