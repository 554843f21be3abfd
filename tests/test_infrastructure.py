"""Faults of the machine are nobody's grade: what is killed, full or gone in mid-class costs no student anything."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from class_runs import COURSE, STUDENT, attempts, command, grading, make_class, wait_for
from course_examples import DATASETS

from grader.datasets.use import DataUse
from grader.records.record import Standing
from grader.running import pool_process
from grader.running.grading_process import GRADING
from grader.running.jobs import Job
from grader.sandbox.bubblewrap import Bubblewrap
from grader.worker.process_table import descendants

DISK, BALLAST = 768 << 10, 640 << 10  # bytes; a student's record and pages take about 72 KB
STUDENTS = [f"student{number}" for number in range(6)]


def named(pid):
    """The command line of a process, or nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def kill_once(process, out, words):
    """When a first record is there, kill every process below that has these words in its command line; how many."""
    wait_for(process, lambda: attempts(out))
    killed = 0
    for pid in [pid for pid in descendants(process.pid) if words in named(pid)]:
        with suppress(ProcessLookupError):  # a worker that has ended by itself
            os.kill(pid, signal.SIGKILL)
            killed += 1
    return killed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sandbox", "words"),
    [("auto", "bootstrap.py"), ("process", "bootstrap.py"), ("auto", "multiprocessing.forkserver")],
    ids=["the sandboxes", "the sandboxes at process", "the grading processes"],
)
def test_what_is_killed_in_mid_class_is_started_again_and_everybody_gets_their_points(tmp_path, sandbox, words):
    class_of_six, out = make_class(tmp_path / "class"), tmp_path / "out"
    process = grading(class_of_six, out, "--jobs", "2", "--sandbox", sandbox)
    assert kill_once(process, out, words) >= 1
    process.communicate()
    records = attempts(out)
    finals = {name for name, record in records.items() if record.standing is not Standing.needs_attention}
    assert all(records[name].score == records[name].max_score for name in finals)
    if process.returncode == 1:  # the kill fell into a call: that check is a fault of ours, and the next run mends it
        again = grading(class_of_six, out, "--jobs", "2", "--sandbox", sandbox)
        assert f"{len(finals)} of 6 submissions are already graded" in again.communicate()[1]
        assert again.returncode == 0
        records = attempts(out)
    assert sorted(records) == STUDENTS
    assert {record.score for record in records.values()} == {record.max_score for record in records.values()}


@pytest.mark.skipif(bool(Bubblewrap().obstacle()), reason=Bubblewrap().obstacle())
@pytest.mark.slow
def test_a_full_disk_is_said_and_the_run_goes_on_when_there_is_room(tmp_path):
    """A disk of one megabyte, in a namespace of the test's own."""
    class_of_six, disk = make_class(tmp_path / "class"), tmp_path / "disk"
    disk.mkdir()
    grade = " ".join([*command(class_of_six, disk / "out"), "--sandbox process --jobs 1"])
    script = f"""
        head -c {BALLAST} /dev/zero > {disk}/ballast
        {grade} > {tmp_path}/first 2>&1; echo $? > {tmp_path}/code1
        rm {disk}/ballast; ls -R {disk} > {tmp_path}/left
        {grade} > {tmp_path}/second 2>&1; echo $? > {tmp_path}/code2
        cp -r {disk}/out {tmp_path}/result
    """
    small = ["bwrap", "--dev-bind", "/", "/", "--size", str(DISK), "--tmpfs", str(disk), "sh", "-c", script]
    subprocess.run(small, cwd=COURSE, check=True, timeout=300)
    first, second = (tmp_path / "first").read_text(), (tmp_path / "second").read_text()
    assert (tmp_path / "code1").read_text() == "1\n"
    assert "No space left on device" in first
    assert ".part" not in (tmp_path / "left").read_text()
    assert (tmp_path / "code2").read_text() == "0\n", second
    assert "of 6 submissions are already graded" in second
    records = attempts(tmp_path / "result")
    assert sorted(records) == STUDENTS
    assert {record.score for record in records.values()} == {record.max_score for record in records.values()}


def test_when_a_data_set_is_lost_in_mid_class_nobody_is_graded_on_another(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "ml-latest-small").mkdir()
    assert DataUse(DATASETS, (("movielens",), ("cifar10",), ("movielens",)), "full").real() == ("movielens",)
    job = Job(
        course=str(COURSE),
        assignment="assignment2",
        parts=("cooccurrence",),
        path=os.fsencode(STUDENT),
        name="ann",
        sandbox="process",
        threads=1,
        seed=0,
        profile="full",
        real=("movielens",),
    )
    (tmp_path / "ml-latest-small").rmdir()
    outcome, fault = pool_process.run(GRADING, msgspec.json.encode(job))
    assert not outcome
    assert fault == "movielens was here when the run began and is gone: bring it back, and run this again"
