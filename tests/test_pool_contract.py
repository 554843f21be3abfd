"""The contract of `grader.running.pool.Pool`, which every pool must fulfil."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import forkserver
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from grader.errors import CourseError
from grader.running import pace, pool
from grader.running.pace import Pace
from grader.running.pool import Finished, Pool, ProcessPool
from grader.running.pool_process import Work
from grader.worker.process_table import descendants

MOST_SECONDS = 60.0  # for what takes a moment, on a machine with much else to do


class Task(msgspec.Struct, frozen=True):
    """What a process is told to do: a word, and a file or folder to do it with."""

    do: str
    path: str = ""
    ready: str = ""


class Answer(msgspec.Struct, frozen=True):
    pid: int
    said: str


def prepare(first: Task) -> None:
    if first.ready == "no":
        raise CourseError("there is no reference")
    if first.ready == "crash":
        raise RuntimeError("no torch")


def die(_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(flag: str) -> None:
    if not Path(flag).exists():
        Path(flag).touch()
        die(flag)


def sleep(folder: str) -> None:
    Path(folder, str(os.getpid())).touch()
    time.sleep(600)


def wait(flag: str) -> None:
    while not Path(flag).exists():
        time.sleep(0.05)


def meet(folder: str) -> None:
    """Wait until another process is here, too."""
    Path(folder, str(os.getpid())).touch()
    while len(list(Path(folder).iterdir())) < 2:
        time.sleep(0.05)


def fail(_: str) -> None:
    raise ValueError("seven")


def fail_in_our_words(_: str) -> None:
    raise CourseError("the checks are broken")


def interrupt(_: str) -> None:
    os.kill(os.getpid(), signal.SIGINT)


DEEDS: dict[str, Callable[[str], object]] = {
    "say": str,
    "read": lambda name: os.environ.get(name, ""),
    "die": die,
    "die once": die_once,
    "sleep": sleep,
    "wait": wait,
    "meet": meet,
    "raise": fail,
    "raise ours": fail_in_our_words,
    "interrupt": interrupt,
}


def do(task: Task) -> Answer:
    return Answer(os.getpid(), str(DEEDS[task.do](task.path) or task.path))


def level(_: Task) -> str:
    return "bubblewrap"


WORK = Work(task=Task, outcome=Answer, prepare=prepare, do=do, level=level)
Make = Callable[[int], Pool[Task, Answer]]


@pytest.fixture(params=["spawn", "forkserver"])
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Make a pool of some processes; all are closed at the end."""
    monkeypatch.setattr(pool, "start_method", lambda *_: request.param)
    made: list[ProcessPool[Task, Answer]] = []

    def make(jobs: int) -> Pool[Task, Answer]:
        made.append(ProcessPool(WORK, jobs))
        return made[-1]

    yield make
    for one in made:
        one.close()


def by_word(finished: Iterator[Finished[Task, Answer]]) -> dict[str, Finished[Task, Answer]]:
    return {one.task.path or one.task.do: one for one in finished}


def gone(pids: set[int]) -> bool:
    """Whether the processes end within the time they have."""
    deadline = time.monotonic() + MOST_SECONDS
    while left := {pid for pid in pids if pid in descendants(os.getpid())}:
        if time.monotonic() > deadline:
            return not left
        time.sleep(0.05)
    return True


def test_every_task_comes_back_once_with_its_outcome(make):
    tasks = [Task("say", word) for word in ("a", "b", "c", "d")]
    finished = list(make(2).run(tasks))
    assert sorted(one.task.path for one in finished) == ["a", "b", "c", "d"]
    assert all(one.task in tasks and one.outcome.said == one.task.path and not one.fault for one in finished)
    assert os.getpid() not in {one.outcome.pid for one in finished}


def test_the_processes_stay_from_one_run_to_the_next(make):
    one = make(1)
    (first,), (second,) = ([*one.run([Task("say", word)])] for word in ("a", "b"))
    assert first.outcome.pid == second.outcome.pid
    assert list(one.run([])) == []


def test_what_a_task_raises_is_its_fault_in_words_and_concerns_no_other(make):
    finished = by_word(make(1).run([Task("raise"), Task("raise ours"), Task("say", "a")]))
    assert {word: one.fault for word, one in finished.items()} == {
        "raise": "ValueError: seven",
        "raise ours": "the checks are broken",
        "a": "",
    }
    assert finished["raise"].outcome is finished["raise ours"].outcome is None


def test_a_process_that_dies_takes_no_task_with_it(make, tmp_path):
    flag = str(tmp_path / "was_here")
    finished = by_word(make(2).run([Task("die once", flag), Task("say", "a"), Task("die"), Task("say", "b")]))
    assert {word for word, one in finished.items() if one.outcome} == {flag, "a", "b"}
    assert "ended twice" in finished["die"].fault


def test_tasks_after_one_that_kills_its_process_run_on_a_new_one(make):
    """Only what the processes had with it is run again alone: at most some for each process."""
    tasks = [Task("die"), *[Task("say", str(word)) for word in range(20)]]
    finished = by_word(make(1).run(tasks))
    assert {word for word, one in finished.items() if one.outcome} == set(map(str, range(20)))
    pids = [one.outcome.pid for one in finished.values() if one.outcome]
    assert max(map(pids.count, pids)) >= 17


@pytest.mark.parametrize(("do", "start", "processes"), [("say", 600.0, 1), ("meet", 0.1, 2)])
def test_a_patient_pool_starts_a_second_process_only_where_that_saves_time(monkeypatch, tmp_path, do, start, processes):
    monkeypatch.setattr(pace, "_START_SECONDS", start)
    before = len(multiprocessing.active_children())
    with ProcessPool(WORK, 2, patient=True) as one:
        finished = list(one.run([Task(do, str(tmp_path))] * 2))
        started = len(multiprocessing.active_children()) - before
    assert [each.fault for each in finished] == ["", ""]
    assert started == processes


def test_a_pool_whose_processes_died_goes_on(make):
    one = make(1)
    assert [bool(each.fault) for each in one.run([Task("die")])] == [True]
    assert [each.outcome.said for each in one.run([Task("say", "a")])] == ["a"]


@pytest.mark.parametrize(("ready", "why"), [("no", "there is no reference"), ("crash", "RuntimeError: no torch")])
def test_what_keeps_a_process_from_its_work_is_the_fault_of_every_task(make, ready, why):
    tasks = [Task("say", word, ready) for word in ("a", "b", "c")]
    finished = list(make(2).run(tasks))
    assert sorted(one.task.path for one in finished) == ["a", "b", "c"]
    assert {(one.outcome, one.fault) for one in finished} == {(None, why)}


@pytest.mark.parametrize("how", ["closed", "abandoned by an interruption"])
def test_closing_a_pool_ends_its_processes_whatever_they_do(make, tmp_path, how):
    one = make(2)
    run = one.run([Task("say", "a"), *[Task("sleep", str(tmp_path))] * 3])
    next(run)
    while len(sleeping := {int(path.name) for path in tmp_path.iterdir()}) < 2:
        time.sleep(0.05)
    if how == "closed":
        one.close()
    else:
        with pytest.raises(KeyboardInterrupt), one:
            raise KeyboardInterrupt
    assert gone(sleeping)
    one.close()  # once more does nothing


def test_the_keyboard_does_not_reach_the_processes(make):
    (finished,) = make(1).run([Task("interrupt", "still here")])
    assert finished.outcome.said == "still here"


@pytest.mark.parametrize("value", ["first", "second"])
def test_a_process_has_the_environment_of_now(make, monkeypatch, value):
    monkeypatch.setenv("GRADER_PROBE", value)
    (finished,) = make(1).run([Task("read", "GRADER_PROBE")])
    assert finished.outcome.said == value


def test_threads_that_wait_for_others_sleep(make, monkeypatch):
    """torch reads this once, when it is imported: in a fork server, before there is any process of a pool."""
    monkeypatch.delenv("OMP_WAIT_POLICY")
    forkserver._forkserver._stop()
    (finished,) = make(1).run([Task("read", "OMP_WAIT_POLICY")])
    assert finished.outcome.said == "PASSIVE"
    if server := forkserver._forkserver._forkserver_pid:
        assert b"OMP_WAIT_POLICY=PASSIVE" in Path(f"/proc/{server}/environ").read_bytes().split(b"\0")


@pytest.mark.parametrize("when", ["between two runs", "in the middle of one"])
def test_a_fork_server_that_dies_takes_no_task_with_it(monkeypatch, tmp_path, when):
    monkeypatch.setattr(pool, "start_method", lambda *_: "forkserver")

    def kill_server():
        server = forkserver._forkserver._forkserver_pid
        os.kill(server, signal.SIGKILL)
        while Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            time.sleep(0.01)

    with ProcessPool(WORK, 2) as one:
        first = one.run([Task("say", "a"), Task("say", "b"), Task("wait", str(tmp_path / "go"))])
        finished = [next(first), next(first)]
        if when == "between two runs":
            (tmp_path / "go").touch()
            finished += first
        kill_server()
        (tmp_path / "go").touch()
        finished += [*first, *one.run([Task("say", "c"), Task("say", "d")])]
    assert [each.fault for each in finished] == [""] * 5
    assert {each.outcome.said for each in finished} == {"a", "b", str(tmp_path / "go"), "c", "d"}


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from grader.running import pool
from test_pool_contract import WORK, Task

if __name__ == "__main__":
    pool.start_method = lambda *_: sys.argv[3]
    list(pool.ProcessPool(WORK, 2).run([Task("sleep", sys.argv[1])] * 2))
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_grader_that_is_killed_leaves_no_process(tmp_path, method):
    script, sleeping = tmp_path / "killed.py", tmp_path / "sleeping"
    script.write_text(KILLED)
    sleeping.mkdir()
    command = [sys.executable, str(script), str(sleeping), str(Path(__file__).parent), method]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as grading:
        while len(list(sleeping.iterdir())) < 2:
            assert grading.poll() is None
            time.sleep(0.05)
        grading.kill()
        assert grading.stdout.read() == b"", "whoever is left holds the other end open, and this waits for it"


def test_of_two_processes_the_second_starts_when_the_first_is_ready(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: now[0]))
    two, slow, three = (Pace(jobs, patient=False) for jobs in (2, 2, 3))
    assert [one.most(100) for one in (two, slow, three)] == [1, 1, 7]
    two.note()
    assert two.most(99) == 5
    assert slow.most(100) == 1
    now[0] = 2.0
    assert slow.most(100) == 5, "a slow first task holds nobody up"
    assert slow.seconds is None


@pytest.mark.parametrize("level", ["process", "direct"])
def test_where_students_code_has_our_own_user_there_is_no_fork_server(level):
    """Whoever of the same user connects to its socket can have it run any code outside the sandbox."""
    pool._fork_server.is_wanted = True
    assert pool.start_method(2, level) == "spawn"
    assert pool.start_method(2, "uid") == "forkserver"
