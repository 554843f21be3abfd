"""The contract of `grader.running.pool.Pool`, which every pool must fulfil."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from grader.errors import CourseError
from grader.running import pace, pool
from grader.running.fork_server import ForkServer
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
    if first.ready == "when prepared":
        assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    if first.ready == "with a thread":
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


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


WORK = Work(task=Task, outcome=Answer, prepare=prepare, do=do)
Make = Callable[[int], Pool[Task, Answer]]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ForkServer]:
    """A fork server of this test, which no other test has used."""
    monkeypatch.setattr(pool, "fork_server", made := ForkServer())
    yield made
    made.end()


def is_there(server: ForkServer) -> None:
    """Wait until it has forked a process."""
    server.start(WORK, b"{}", several=True).end()
    server.start(WORK, b"{}", several=True).end()


@pytest.fixture(params=["new", "forked"])
def make(request: pytest.FixtureRequest, server: ForkServer) -> Iterator[Make]:
    """Make a pool of some processes, of which the first is a new program or a fork; all are closed at the end."""
    if request.param == "forked":
        is_there(server)
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
    while any(map(runs, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def runs(pid: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


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
    assert [word for word, one in finished.items() if one.died] == ["die"]


def test_tasks_after_one_that_kills_its_process_run_on_a_new_one(make):
    """Only what the processes had with it is run again alone: at most some for each process."""
    tasks = [Task("die"), *[Task("say", str(word)) for word in range(20)]]
    finished = by_word(make(1).run(tasks))
    assert {word for word, one in finished.items() if one.outcome} == set(map(str, range(20)))
    pids = [one.outcome.pid for one in finished.values() if one.outcome]
    assert max(map(pids.count, pids)) >= 17


def test_a_process_that_dies_disturbs_no_other(make, tmp_path):
    run = make(2).run([Task("meet", str(tmp_path)), Task("meet", str(tmp_path)), Task("die"), Task("say", "a")])
    finished = list(run)
    met = {one.outcome.pid for one in finished if one.task.do == "meet"}
    assert len(met) == 2
    assert [one.task.do for one in finished if one.fault] == ["die"]


@pytest.mark.parametrize(("do", "start", "processes"), [("say", 600.0, 1), ("meet", 0.1, 2)])
def test_a_patient_pool_starts_a_second_process_only_where_that_saves_time(monkeypatch, tmp_path, do, start, processes):
    monkeypatch.setattr(pace, "_START_SECONDS", start)
    with ProcessPool(WORK, 2, patient=True) as one:
        finished = list(one.run([Task(do, str(tmp_path))] * 2))
        started = len(one._processes)
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


def test_a_pool_that_is_closed_starts_nothing(make):
    one = make(2)
    one.close()
    (finished,) = one.run([Task("say", "a")])
    assert (finished.outcome, finished.fault) == (None, "the grading was ended")
    assert one._processes == []


def test_the_keyboard_does_not_reach_the_processes(make):
    (finished,) = make(1).run([Task("interrupt", "still here")])
    assert finished.outcome.said == "still here"


@pytest.mark.parametrize("value", ["first", "second"])
def test_a_process_has_the_environment_of_now(make, monkeypatch, value):
    monkeypatch.setenv("GRADER_PROBE", value)
    (finished,) = make(1).run([Task("read", "GRADER_PROBE")])
    assert finished.outcome.said == value


def test_threads_that_wait_for_others_sleep(make, monkeypatch):
    """torch reads this once, when it is imported."""
    monkeypatch.delenv("OMP_WAIT_POLICY")
    (finished,) = make(1).run([Task("read", "OMP_WAIT_POLICY", ready="when prepared")])
    assert finished.outcome.said == "PASSIVE"


def server_of(first: int) -> int:
    """The process that is the fork server which a pool's first process has made."""
    while not (children := descendants(first)):
        time.sleep(0.01)
    return min(children)


@pytest.mark.parametrize("when", ["between two runs", "in the middle of one"])
def test_a_fork_server_that_dies_takes_no_task_with_it(server, tmp_path, when):
    with ProcessPool(WORK, 2) as one:
        first = one.run([Task("say", "a"), Task("say", "b"), Task("wait", str(tmp_path / "go"))])
        finished = [next(first)]
        started = server_of(one._processes[0]._child.pid)
        if when == "between two runs":
            (tmp_path / "go").touch()
            finished += first
        os.kill(started, signal.SIGKILL)
        assert gone({started})
        (tmp_path / "go").touch()
        finished += [*first, *one.run([Task("say", "c"), Task("say", "d")])]
    assert [each.fault for each in finished] == [""] * 5
    assert {each.outcome.said for each in finished} == {"a", "b", str(tmp_path / "go"), "c", "d"}


def test_a_first_process_that_dies_leaves_the_fork_server_to_the_others(server):
    with ProcessPool(WORK, 2) as one:
        pids = {each.outcome.pid for each in one.run([Task("say", "a")] * 2)}
        first = one._processes[0]._child.pid
        os.kill(first, signal.SIGKILL)
        assert gone({first})
        after = [each.outcome.pid for each in one.run([Task("say", "a")] * 2)]
        assert first in pids
        assert not [process for process in one._processes if process._child], "all are forks"
        assert len(after) == 2


def test_nobody_else_can_give_the_fork_server_an_order(server):
    """Whoever could would run any code outside the sandbox: it has one socket, without a name to connect to."""
    with ProcessPool(WORK, 2) as one:
        list(one.run([Task("say", "a")] * 2))
        opened = Path(f"/proc/{server_of(one._processes[0]._child.pid)}/fd")
        ours = [str(file.readlink()) for file in opened.iterdir() if int(file.name) > 2]
        (orders,) = ours
        assert orders.startswith("socket:")
        known = Path("/proc/net/unix").read_text().splitlines()[1:]
        (line,) = (line.split() for line in known if line.split()[6] in orders)
        assert len(line) == 7, "no name"


def test_a_process_with_threads_makes_no_fork_server(server):
    with ProcessPool(WORK, 2) as one:
        finished = list(one.run([Task("say", word, ready="with a thread") for word in "ab"]))
        assert [each.fault for each in finished] == ["", ""]
        assert all(process._child for process in one._processes), "each is a new program"


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from grader.running import pool
from test_pool_contract import WORK, Task

if __name__ == "__main__":
    list(pool.ProcessPool(WORK, 2).run([Task("sleep", sys.argv[1])] * 2))
"""


def test_a_grader_that_is_killed_leaves_no_process(tmp_path):
    script, sleeping = tmp_path / "killed.py", tmp_path / "sleeping"
    script.write_text(KILLED)
    sleeping.mkdir()
    command = [sys.executable, str(script), str(sleeping), str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as grading:
        while len(list(sleeping.iterdir())) < 2:
            assert grading.poll() is None
            time.sleep(0.05)
        grading.kill()
        assert grading.stdout.read() == b"", "whoever is left holds the other end open, and this waits for it"


def test_a_process_gets_its_next_task_early_only_while_all_are_short_and_many_are_left():
    one = Pace(2, patient=False)
    assert not one.is_ahead(100), "nobody knows yet"
    one.note(0.0)
    assert not one.is_ahead(100), "nobody knows yet"
    one.note(0.1)
    assert one.is_ahead(3)
    assert not one.is_ahead(2)
    one.note(1.5)
    assert not one.is_ahead(100)


def test_a_task_that_is_too_large_to_be_sent_early_is_sent_later(make):
    """The pool would wait for a process that works, which may wait for the pool."""
    tasks = [Task("say", str(number) + "a" * 300_000) for number in range(12)]
    assert sorted(one.outcome.said for one in make(2).run(tasks)) == sorted(task.path for task in tasks)


def leave() -> None:
    with Path(os.environ["GRADER_PROBE"]).open("a", encoding="utf-8") as left:
        left.write("left\n")
    time.sleep(0.5)


def test_a_process_that_is_told_to_end_twice_ends_once(monkeypatch, tmp_path):
    """A second signal, in the middle of ending, might wait for what the first has begun."""
    monkeypatch.setenv("GRADER_PROBE", str(left := tmp_path / "left"))
    with ProcessPool(Work(task=Task, outcome=Answer, do=do, leave=leave), 1) as one:
        list(one.run([Task("say", "a")]))
        (process,) = one._processes
        process._signal(signal.SIGTERM)
        while not left.exists():
            time.sleep(0.01)
        process._signal(signal.SIGTERM)
    assert left.read_text() == "left\n"


def test_a_process_that_has_begun_to_start_gets_the_first_work(server, tmp_path):
    server.begin()
    server.begin()  # once more does nothing
    begun = server._begun.process._child.pid
    with ProcessPool(WORK, 2) as one:
        pids = {each.outcome.pid for each in one.run([Task("meet", str(tmp_path))] * 2)}
    assert begun in pids
    server.begin()
    assert server._begun is None, "the fork server is there"


def test_a_process_that_has_begun_and_gets_no_work_ends(server):
    server.begin()
    begun = server._begun.process._child.pid
    server.end()
    assert gone({begun})
