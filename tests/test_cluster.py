"""A class graded on the workers of a Dask cluster: real schedulers and workers, killed, stopped and cut off."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cluster_machines import Machines, Wire
from course_examples import make_course
from distributed import Client

import grader
from grader.cluster import course_copy
from grader.cluster.course_copy import CourseCopy
from grader.intake.submission import take_in
from grader.records.store import Store
from grader.running import handed_in

CLASS = Path("tests/submissions/activity1")
QUICK = ("amara_okafor", "hiro_tanaka", "kavya_nair", "mei_chen", "nils_berg", "olga_petrova")

SOLUTION = "def one():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n"
ENDED_BY_TWO = '''
import os, signal
from grader import check, expect

@check(points=1)
def check_one(submission):
    """One is 1."""
    if submission.one() == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    expect.equal(submission.one(), 1, name="one()")
'''


@pytest.fixture
def machines(tmp_path, request):
    (folder := tmp_path / "machines").mkdir()
    found = Machines(folder, **getattr(request, "param", {}))
    yield found
    found.close()


@pytest.fixture
def students(tmp_path):
    """Six quick submissions, and a folder with nothing in it."""
    for name in QUICK:
        shutil.copytree(CLASS / name, tmp_path / "class" / name)
    (tmp_path / "class" / "zoe").mkdir()
    return tmp_path / "class"


def grading(students, out, *options, of="activity1", course="."):
    """Start a grading in a process of its own, which may be killed."""
    command = [sys.executable, "-m", "grader", "grade", of, students, "--layout", "people", "--out", out]
    command += ["--seed", "7", *options]
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(list(map(str, command)), env=os.environ | {"GRADER_COURSE": str(course)}, **output)


def course_with(root, students):
    """A course of one part, and a class: what each student handed in."""
    files = {
        "reference/a/part.py": SOLUTION,
        "fixtures/a/part/part.toml": 'title = "T"\n',
        "fixtures/a/part/expected.json": "{}",
        "checks/a/check_part.py": ENDED_BY_TWO,
    }
    files |= {f"class/{name}/part.py": code for name, code in students.items()}
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)


@pytest.fixture
def poisoned(tmp_path):
    """A course, with a class of three of whom one ends every process that grades it."""
    root = make_course(tmp_path / "course").root
    course_with(root, {name: SOLUTION.replace("1", of) for name, of in zip("abc", "121", strict=True)})
    return root


@pytest.fixture
def waiting(tmp_path):
    """A course, with a class of five of whom the last one takes ten seconds."""
    root = make_course(tmp_path / "course").root
    last = "import time\n\n\ndef one():\n    time.sleep(5)\n    return 1\n"
    course_with(root, {**dict.fromkeys("abcd", SOLUTION), "z": last})
    return root


def ended(process):
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


def marks(out):
    """What everybody has, check by check, and how many attempts there are of each."""
    store = Store(out)
    return {
        record.submission.name: (
            record.refused,
            [(part.name, check.name, check.verdict, check.score) for part in record.parts for check in part.checks],
            len(list(store.attempts(record.submission.name))),
        )
        for record in store.latest()
    }


def wait_until(holds, seconds=120):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_cluster_in_this_process_gives_what_processes_of_this_machine_give(students, tmp_path):
    code, _, err = ended(grading(students, tmp_path / "cluster", "--cluster", "local:2"))
    assert (code, "cluster local:2: 2 at once" in err) == (3, True)
    assert ended(grading(students, tmp_path / "here", "--jobs", 1))[0] == 3
    assert marks(tmp_path / "cluster") == marks(tmp_path / "here")
    assert "holds no files" in marks(tmp_path / "cluster")["zoe"][0]


def another_version(folder):
    """Install the grader in a folder, with a line more; return the environment in which Python finds it there."""
    shutil.copytree(Path(grader.__file__).parent, folder / "grader")
    with (folder / "grader/errors.py").open("a", encoding="utf-8") as code:
        code.write("# changed\n")
    return {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}


@pytest.mark.slow
def test_a_worker_with_less_is_left_out_and_said_and_the_course_comes_to_the_other(machines, students, tmp_path):
    machines.worker("old", "--nthreads", "1", **another_version(tmp_path / "old"))
    machines.worker("full", "--nthreads", "1", GRADER_COURSES="/dev/null/courses")
    machines.worker("good", "--nthreads", "1")
    wait_until(lambda: machines.log.count("Registered to") == 3)
    code, _, err = ended(grading(students, tmp_path / "out", "--cluster", machines.address))
    assert code == 3, err
    assert {name: len(checks) > 0 for name, (_, checks, _) in marks(tmp_path / "out").items()} == {
        **dict.fromkeys(QUICK, True),
        "zoe": False,
    }
    assert "it has another version of mlgrader" in err
    assert "the course could not be kept there: NotADirectoryError" in err
    assert [path.name for path in (tmp_path / "machines").glob("courses-*")] == ["courses-good"]


def test_a_submission_that_ends_what_grades_it_is_named_and_the_worker_goes_on(poisoned, tmp_path):
    code, told, err = ended(
        grading(poisoned / "class", tmp_path / "out", "--cluster", "local:2", of="a", course=poisoned)
    )
    assert {name: len(checks) for name, (_, checks, _) in marks(tmp_path / "out").items()} == {"a": 1, "b": 0, "c": 1}
    assert code == 1, err
    assert "left out" not in err
    assert "our fault" in told
    assert "stopped twice while it graded" in marks(tmp_path / "out")["b"][0]


@pytest.mark.slow
def test_a_worker_whose_machine_is_broken_costs_nobody_a_grade(machines, students, tmp_path):
    (installed := tmp_path / "installed").mkdir()
    (installed / "torch.py").write_text("raise ImportError('libtorch_cpu.so is damaged')")
    machines.worker("broken", "--nthreads", "1", "--no-nanny", PYTHONPATH=str(installed))
    machines.worker("good", "--nthreads", "1", "--no-nanny")
    wait_until(lambda: machines.log.count("Registered to") == 2)
    code, _, err = ended(grading(students, tmp_path / "out", "--cluster", machines.address))
    assert (code, err.count("left out the worker")) == (3, 1), err
    assert "libtorch_cpu.so is damaged" in err
    assert set(marks(tmp_path / "out")) == {*QUICK, "zoe"}


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("machines", [{"failures": "0", "patience": "6s"}], indirect=True)
def test_what_a_killed_or_stopped_worker_was_grading_is_graded_elsewhere_and_once(machines, students, tmp_path, how):
    shutil.copytree(CLASS / "grace_mbeki", students / "aaron")  # takes half a minute: it waits for deadlines
    first = machines.worker("first", "--nthreads", "1", "--no-nanny")
    process = grading(students, tmp_path / "out", "--cluster", machines.address)
    wait_until(lambda: len(marks(tmp_path / "out")) > 2)
    machines.worker("second", "--nthreads", "1", "--no-nanny")
    time.sleep(5)
    first.send_signal(how)
    code, _, err = ended(process)
    assert code == 3, err
    assert ended(grading(students, tmp_path / "here"))[0] == 3
    assert marks(tmp_path / "out") == marks(tmp_path / "here")


@pytest.mark.slow
def test_a_worker_that_stops_with_the_last_submission_holds_up_nobody(machines, waiting, tmp_path):
    workers = {name: machines.worker(name, "--nthreads", "1", "--no-nanny") for name in ("first", "second")}
    wait_until(lambda: machines.log.count("Registered to") == 2)
    process = grading(waiting / "class", tmp_path / "out", "--cluster", machines.address, of="a", course=waiting)
    wait_until(lambda: len(marks(tmp_path / "out")) == 4)
    with Client(machines.address) as client:
        has = {key: worker for worker, keys in client.processing().items() for key in keys}
        last = has[min(has)]  # the other one, if there is one already, is its copy
        workers[client.scheduler_info()["workers"][last]["name"]].send_signal(signal.SIGSTOP)
        code, _, err = ended(process)
        assert code == 0, err
        assert last in client.nthreads(), "the scheduler has not noticed: its patience is longer than ours"
    found = marks(tmp_path / "out")
    assert {name: len(checks) for name, (_, checks, _) in found.items()} == dict.fromkeys("abcdz", 1)
    assert {attempts for *_, attempts in found.values()} == {1}


@pytest.mark.slow
def test_a_killed_client_comes_back_and_nothing_is_graded_twice(machines, students, tmp_path):
    machines.worker("one", "--nthreads", "1", "--no-nanny")
    process = grading(students, tmp_path / "out", "--cluster", machines.address)
    wait_until(lambda: len(marks(tmp_path / "out")) > 3)
    process.kill()
    process.communicate()
    code, _, err = ended(grading(students, tmp_path / "out", "--cluster", machines.address))
    assert code == 3, err
    assert {attempts for *_, attempts in marks(tmp_path / "out").values()} == {1}
    assert len(marks(tmp_path / "out")) == len(QUICK) + 1


@pytest.mark.slow
def test_a_class_goes_on_after_the_network_was_cut(machines, students, tmp_path):
    wire = Wire(int(machines.address.rpartition(":")[2]))
    machines.worker("one", "--nthreads", "1", "--no-nanny")
    process = grading(students, tmp_path / "out", "--cluster", f"tcp://127.0.0.1:{wire.port}")
    wait_until(lambda: len(marks(tmp_path / "out")) > 3)
    wire.cut()
    time.sleep(4)
    wire.mend()
    code, _, err = ended(process)
    assert code == 3, err
    assert {attempts for *_, attempts in marks(tmp_path / "out").values()} == {1}
    assert len(marks(tmp_path / "out")) == len(QUICK) + 1


def test_doctor_says_what_each_worker_gives(machines, ended, tmp_path):
    code, told, _ = ended("doctor", "--cluster", machines.address)
    assert (code, "none: start one with `dask worker tcp://" in told) == (1, True)
    machines.worker("old", "--nthreads", "1", **another_version(tmp_path))
    machines.worker("good", "--nthreads", "1")
    wait_until(lambda: ended("doctor", "--cluster", machines.address)[1].count("at once") == 2)
    code, told, _ = ended("doctor", "--cluster", machines.address)
    assert code == 1
    good, old, why = sorted(told.splitlines(), key=lambda line: ("ok" not in line, "left out" in line))
    assert good.startswith("ok   worker")
    assert "1 at once" in good
    assert "sandbox bubblewrap" in good
    assert old.startswith("MISS worker")
    assert "left out: it has another version of mlgrader" in why


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("local:0", "is no cluster: give tcp://HOST:PORT"),
        ("scheduler:8786", "is no cluster: give tcp://HOST:PORT"),
    ],
)
def test_an_address_that_is_none_is_wrong_usage(address, words, students, tmp_path):
    code, _, err = ended(grading(students, tmp_path / "out", "--cluster", address))
    assert (code, words in err) == (2, True)


def test_no_students_code_runs_on_other_machines_without_a_sandbox(students, tmp_path):
    code, _, err = ended(grading(students, tmp_path / "out", "--cluster", "tcp://127.0.0.1:9", "--sandbox", "direct"))
    assert (code, "not on a cluster" in err) == (2, True)


def test_a_course_is_kept_by_its_hash_and_a_damaged_one_is_not(tmp_path, monkeypatch):
    monkeypatch.setenv(course_copy.VARIABLE, str(tmp_path / "courses"))
    copy = course_copy.pack_files({"course.toml": b"name = 'x'", "checks/a/check_b.py": b"B = 1"})
    assert course_copy.installed(copy.sha256) is None
    course_copy.install(copy)
    course_copy.install(copy)
    assert (course_copy.installed(copy.sha256) / "checks/a/check_b.py").read_bytes() == b"B = 1"
    assert [path.name for path in (tmp_path / "courses").iterdir()] == [copy.sha256]
    with pytest.raises(ValueError, match="damaged"):
        course_copy.install(CourseCopy("0" * 64, copy.content))


def test_what_was_handed_in_comes_back_from_its_bytes():
    submission = take_in(CLASS / "amara_okafor")
    again = handed_in.unpack(handed_in.pack(submission))
    assert (again.name, again.sha256, again.notices) == (submission.name, submission.sha256, submission.notices)
    assert json.dumps(sorted(again.files)) == json.dumps(sorted(submission.files))
    assert dict(again.files) == dict(submission.files)
