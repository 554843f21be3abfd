"""The contract of `grader.running.pool.Pool`, which every pool must fulfil."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from grader.errors import CourseError
from grader.running import pool
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


def do(task: Task) -> Answer:
    match task.do:
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "die once":
            flag = Path(task.path)
            if not flag.exists():
                flag.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        case "sleep":
            Path(task.path, str(os.getpid())).touch()
            time.sleep(600)
        case "raise":
            raise ValueError("seven")
        case "raise ours":
            raise CourseError("the checks are broken")
        case "read":
            return Answer(os.getpid(), os.environ.get("GRADER_PROBE", ""))
        case "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
    return Answer(os.getpid(), task.path)


WORK = Work(task=Task, outcome=Answer, prepare=prepare, do=do)
Make = Callable[[int], Pool[Task, Answer]]


@pytest.fixture(params=["spawn", "forkserver"])
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Make a pool of some processes; all are closed at the end."""
    monkeypatch.setattr(pool, "start_method", lambda _: request.param)
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
    (finished,) = make(1).run([Task("read")])
    assert finished.outcome.said == value
