"""Copies of submissions that take long on a cluster: the first outcome counts, and each comes once; in virtual time."""

import random
from concurrent.futures import CancelledError

import pytest
from distributed import KilledWorker
from virtual_cluster import Machine, VirtualCluster, jobs_of, pool_on

from grader.cluster import on_worker
from grader.cluster.on_the_way import Sent, copies
from grader.cluster.pace import Pace

TEN_AND_SHORT = {"long": 10.0, **{f"s{number}": 1.0 for number in range(5)}}


class Watched(VirtualCluster):
    """Keeps all tasks that it gets, and what was asked for with them; tells ``copied`` of a task and its copy."""

    def __init__(self, machines, seconds, copied=lambda *_: None):
        super().__init__(machines, seconds)
        self.sent, self.asked, self._copied = [], [], copied

    def submit(self, *words, **more):
        task = super().submit(*words, **more)
        same = [one for one in self.sent if one.status == "pending" and one.work.keys() & task.work.keys()]
        self.sent.append(task)
        self.asked.append(more)
        if same:
            self._copied(*same, task)  # there is only one
        return task

    def machine_of(self, task):
        (name,) = [name for name, keys in self.processing().items() if task.key in keys]
        return name


def failed(name):
    return [(on_worker.FAILED, name, b"", "no space")]


def killed(_):
    raise KilledWorker("grade-1", None, 3)


def cut(_):
    raise CancelledError


def end(task, how, name):
    """Have a task end in another way than it would, when its machine is done with it."""
    task.result = lambda: how(name)


def names(finished):
    return sorted(one.task.name for one in finished)


def graded(cluster, seconds, monkeypatch, **more):
    """Grade a class, each once; return the faults, and what was told."""
    told = []
    finished = [*pool_on(cluster, monkeypatch, tell=told.append, **more).run(jobs_of(seconds))]
    assert names(finished) == sorted(seconds), "each once"
    return [one.fault for one in finished if one.outcome is None], told


@pytest.mark.parametrize(("how", "left_out"), [(failed, "b"), (killed, ""), (cut, "")])
def test_a_copy_that_comes_to_nothing_changes_nothing(how, left_out, monkeypatch):
    machines = [Machine("a"), Machine("b", slowness=0.5)]
    cluster = Watched(machines, TEN_AND_SHORT, lambda _, copy: end(copy, how, "b"))
    faults, told = graded(cluster, TEN_AND_SHORT, monkeypatch)
    assert (faults, len(cluster.sent), cluster.now) == ([], len(TEN_AND_SHORT) + 1, 10.0), "one copy, and no other"
    assert told == ([f"left out the worker {left_out}: no space"] if left_out else [])


@pytest.mark.parametrize(("how", "left_out"), [(failed, "a"), (killed, ""), (cut, "")])
def test_the_copy_counts_when_the_first_comes_to_nothing(how, left_out, monkeypatch):
    cluster = Watched([Machine("a"), Machine("b")], TEN_AND_SHORT, lambda task, _: end(task, how, "a"))
    faults, told = graded(cluster, TEN_AND_SHORT, monkeypatch)
    assert (faults, len(cluster.sent), cluster.now) == ([], len(TEN_AND_SHORT) + 1, 15.0), "nothing is sent again"
    assert told == ([f"left out the worker {left_out}: no space"] if left_out else [])


@pytest.mark.parametrize(("how", "faults", "again"), [(failed, ["no space"], 0), (killed, [], 1), (cut, [], 1)])
def test_what_comes_to_nothing_twice_is_settled_as_without_a_copy(how, faults, again, monkeypatch):
    """The submission is the cause, or it is tried once more."""

    def both(task, copy):
        end(task, how, "a")
        end(copy, how, "b")

    cluster = Watched([Machine("a"), Machine("b")], TEN_AND_SHORT, both)
    assert graded(cluster, TEN_AND_SHORT, monkeypatch) == (faults, [])
    assert len(cluster.sent) == len(TEN_AND_SHORT) + 1 + again


def test_what_was_lost_is_tried_alone_without_a_copy(monkeypatch):
    seconds = {"long": 1.0, **{f"s{number}": 1.0 for number in range(5)}}
    cluster = Watched([Machine("a"), Machine("b")], seconds)
    submit = cluster.submit

    def lose_the_first(*words, **more):
        task = submit(*words, **more)
        if len(cluster.sent) == 1:
            seconds["long"] = 30.0  # so that it takes long when it is alone
            end(task, killed, "a")
        return task

    monkeypatch.setattr(cluster, "submit", lose_the_first)
    assert graded(cluster, seconds, monkeypatch) == ([], [])
    assert len(cluster.sent) == len(seconds) + 1


def test_a_copy_goes_to_another_machine_one_at_a_time_and_counts_as_a_task(monkeypatch):
    draw, most = random.Random(1), 12
    seconds = {f"s{number}": draw.choice((0.1, 0.3, 1.0, 20.0)) for number in range(300)}
    found = []

    def look(task, copy):
        found.append(cluster.machine_of(task) != cluster.machine_of(copy))
        assert sum(one.status == "pending" for one in cluster.sent) <= most

    machines = [Machine(f"m{number}", slowness=1.0 if number % 4 else 3.0) for number in range(20)]
    cluster = Watched(machines, seconds, look)
    assert graded(cluster, seconds, monkeypatch, most=most) == ([], [])
    assert len(found) > 3
    assert all(found)


def test_no_copies_while_all_take_as_long_as_is_usual(monkeypatch):
    seconds = {f"s{number}": 5.0 + number % 3 for number in range(30)}
    cluster = Watched([Machine(f"m{number}") for number in range(8)], seconds)
    assert graded(cluster, seconds, monkeypatch) == ([], [])
    assert len(cluster.sent) == len(seconds)


def test_only_a_worker_that_has_graded_gets_a_copy(monkeypatch):
    """It has the course, a sandbox, and a GPU where that is asked for."""
    seconds = {"s0": 1.0, "s1": 30.0, "s2": 30.0}
    cluster = Watched([Machine(f"m{number}") for number in range(4)], seconds)
    running = pool_on(cluster, monkeypatch)
    assert names(running.run(jobs_of(seconds, device="cuda"))) == sorted(seconds)
    assert [sorted(task.machines) for task in cluster.sent[3:]] == [["m0"]]
    assert all(asked["resources"] == {"GPU": 1} for asked in cluster.asked)


def test_a_worker_that_was_left_out_gets_no_copy(monkeypatch):
    seconds = {"long": 30.0, **{f"s{number}": 1.0 for number in range(10)}}
    machines = [Machine("a"), Machine("b"), Machine("c")]
    cluster = Watched(machines, seconds)
    submit = cluster.submit

    def fail_later(*words, **more):
        machines[1].fails = len(cluster.sent) > 4
        return submit(*words, **more)

    monkeypatch.setattr(cluster, "submit", fail_later)
    assert graded(cluster, seconds, monkeypatch) == ([], ["left out the worker b: no space left on device"])
    assert [sorted(task.machines) for task in cluster.sent if "long" in task.work][1:] == [["c"]]


def test_submissions_that_were_sent_together_are_copied_one_by_one(monkeypatch):
    seconds = {f"s{number}": 0.05 for number in range(600)}
    cluster = Watched([Machine("a"), Machine("b"), Machine("c", stops=1.0)], seconds)
    assert graded(cluster, seconds, monkeypatch) == ([], [])
    (together,) = [task for task in cluster.sent if task.status == "pending" and len(task.work) > 1]
    assert [task for task in cluster.sent if len(task.work) == 1 and task.work.keys() <= together.work.keys()]


def test_a_task_whose_submissions_were_partly_copied_and_done_brings_the_others(monkeypatch):
    seconds = {f"s{number}": 60.0 if number == 300 else 0.05 for number in range(600)}
    cluster = Watched([Machine("a"), Machine("b")], seconds)
    assert graded(cluster, seconds, monkeypatch) == ([], [])
    (together,) = [task for task in cluster.sent if len(task.work) > 1 and "s300" in task.work]
    done = [task for task in cluster.sent if task.work.keys() < together.work.keys()]
    assert {(len(task.work), task.status) for task in done} == {(1, "finished"), (1, "pending")}
    assert together.status == "finished"


def test_what_slow_workers_have_is_copied_first_and_fast_ones_get_it():
    since = {"x": 50.0, "y": 60.0, "z": 5.0}
    tasks = {name: Sent((), (name.encode(),), frozenset(), moment) for name, moment in since.items()}
    usual = {"a": 1.0, "b": 1.1, "c": 0.9, "d": 1.2, "slow": 3.0, "lame": 3.0}
    has = {"a": ["x"], "slow": ["y"], "b": ["z"], "c": [], "d": [], "lame": []}
    threads = dict.fromkeys(has, 1)

    def chosen(**changed):
        found = copies(tasks.items(), has | changed, threads, usual, 10.0)
        return [(one.texts[0].decode(), *one.workers) for one in found]

    assert chosen() == [("z", "c"), ("y", "d")], "that of b, which may have stopped, then that of the slow one"
    assert chosen(c=["other"]) == [("z", "d")]
    assert chosen(c=["other"], d=["other"]) == []
    threads |= {"a": 2}
    assert chosen(c=["other"], d=["other"]) == [("z", "a")], "a has another thread"
    threads = {"a": 1, "lame": 1}
    assert chosen() == [("x", "lame")], "there is no other one"


def test_one_slow_start_does_not_keep_short_submissions_from_travelling_together():
    pace = Pace()
    pace.note("a", 0.25)
    assert pace.together(1000, 2) == 2
    for _ in range(20):
        pace.note("a", 0.05)
    assert pace.together(1000, 2) == 10
    assert pace.together(40, 2) == 5, "fewer towards the end"
    for _ in range(2):
        pace.note("a", 20.0)
    assert pace.together(1000, 2) == 1, "one in ten is an endless loop"
