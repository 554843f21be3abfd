"""How fast, how large. Run with `make bench`; the bounds are those that the design sets, printed beside the figures."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import torch

from grader.course.catalog import find_course
from grader.course.fixture_data import load_module
from grader.running import pool_process
from grader.running.grading_process import GRADING, warm_slot
from grader.running.jobs import Job
from grader.sandbox import levels, walls
from grader.sandbox.slot import SlotSettings
from grader.worker.confinement import Walls, confine
from grader.worker.limits import WorkerLimits
from grader.worker.process_table import prctl

COURSE = find_course(Path(__file__))
RIGHT = COURSE.root / "tests/submissions/activity1/amara_okafor"
LAB = torch.tensor([[0.3374, 0.6005, 0.1735], [3.3359, 0.0492, 1.8374], [2.9407, 0.5301, 2.2620]])


def activity1_job(path: Path) -> bytes:
    job = Job(
        course=str(COURSE.root),
        assignment="activity1",
        parts=("score_matrix",),
        path=os.fsencode(path),
        name=path.name,
        sandbox=levels.choose("auto"),
        threads=1,
        seed=1,
    )
    return msgspec.json.encode(job)


@pytest.fixture(scope="module")
def warm_process():
    job = activity1_job(RIGHT)
    decoded = msgspec.json.decode(job, type=Job)
    GRADING.prepare(decoded)
    GRADING.load(decoded)
    pool_process.run(GRADING, job)
    yield job
    GRADING.leave()


def test_one_more_submission_of_activity1(benchmark, warm_process):
    """The harness's own time: the student's functions take microseconds. Bound 0.15 s, aim 0.05 s."""
    text, fault = benchmark.pedantic(pool_process.run, args=(GRADING, warm_process), rounds=20, warmup_rounds=1)
    assert b'"record"' in text, fault
    benchmark.extra_info["trusted process peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def test_one_worker(benchmark, warm_process):
    """Fork, and end, one worker."""
    slot, _ = warm_slot(msgspec.json.decode(warm_process, type=Job))
    benchmark.pedantic(lambda: slot.worker(WorkerLimits()).close(), rounds=20, warmup_rounds=1)


@pytest.mark.parametrize("around", ["nothing", "namespaces", "shared files"])
def test_walls_of_one_worker(benchmark, around):
    """What Landlock, seccomp and the loss of capabilities add to a fork. Bound 20 ms."""
    settings = SlotSettings(hidden=(COURSE.root / "reference",))
    made = {
        "namespaces": lambda: walls.within_namespaces(settings, ["/tmp"]),
        "shared files": lambda: walls.on_shared_files(settings, "/tmp"),
    }
    config = Walls.of(made[around]()) if around in made else None

    def fork() -> None:
        child = os.fork()
        if child == 0:
            if config is not None:
                prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
                confine(config)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0

    benchmark.pedantic(fork, rounds=40, warmup_rounds=2)


def test_a_class_of_40_on_two_jobs(benchmark, tmp_path):
    """From the command line to the last report, imports included. Bound 15 s."""
    for number in range(40):
        shutil.copytree(RIGHT, tmp_path / "class" / f"student_{number:02d}")

    def grade() -> None:
        command = [sys.executable, "-m", "grader", "grade", "activity1", str(tmp_path / "class"), "--jobs", "2"]
        subprocess.run([*command, "--out", str(tmp_path / "out")], check=True, cwd=COURSE.root, capture_output=True)

    benchmark.pedantic(grade, rounds=2)


def plain_loop(A, rank, num_epochs=1000, lr=0.01):
    """The pseudocode of the assignment, word for word."""
    m, n = A.shape
    U, V = torch.rand(m, rank), torch.rand(n, rank)
    for _ in range(num_epochs):
        for r in range(m):
            for c in range(n):
                e = A[r, c] - U[r] @ V[c]
                U[r] += lr * e * V[c]
                V[c] += lr * e * U[r]
    return U, V


@pytest.mark.parametrize("which", ["reference", "plain loop"])
def test_sgd_factorise(benchmark, which):
    """1000 epochs on the lab's matrix: the reference is no slower than the plain loop."""
    reference = load_module(COURSE.root / "reference/lab1/factorise.py", "reference_lab1_factorise")
    function = reference.sgd_factorise if which == "reference" else plain_loop
    benchmark.pedantic(function, args=(LAB, 2), rounds=5, warmup_rounds=1)
