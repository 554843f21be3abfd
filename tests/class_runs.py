"""Classes graded by the real command, in a process of its own, for tests that do it harm."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from grader.records.record import from_json

COURSE = Path(__file__).parents[1]
STUDENT = COURSE / "tests" / "submissions" / "activity1" / "amara_okafor"


def processes():
    """How many processes a test may start to do its work: one in a worker of pytest-xdist, which has one core."""
    return 1 if "PYTEST_XDIST_WORKER" in os.environ else len(os.sched_getaffinity(0))


def make_class(folder, size=6):
    """A folder with copies of one student's work."""
    for number in range(size):
        shutil.copytree(STUDENT, folder / f"student{number}")
    return folder


def command(folder, out, *options):
    """The words that grade it."""
    return [sys.executable, "-m", "grader", "grade", "activity1", str(folder), "--out", str(out), *options]


def grading(folder, out, *options, **settings):
    """The command as a process that has just begun."""
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL, "text": True}
    return subprocess.Popen(command(folder, out, *options), cwd=COURSE, **pipes, **settings)


def attempts(out):
    """The records by student; of several attempts one."""
    return {path.parent.name: from_json(path.read_bytes()) for path in sorted(out.glob("*/attempt-*.json"))}


def wait_for(process, condition):
    """Wait until a condition holds, while the process lives."""
    deadline = time.monotonic() + 120
    while process.poll() is None and not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
