"""A Dask cluster in virtual time: it stands in for a hundred machines, and runs no code of a student.

What it is asked is what `grader.cluster.pool` asks of a `distributed.Client`. Like Dask's scheduler, it gives a task to
the worker that has least to do, and a task whose worker died to another one. A task that waits behind another goes to a
worker that has nothing to do; Dask looks for such tasks about once a second ("work stealing").
"""

import heapq
import itertools
import json
from concurrent.futures import CancelledError
from dataclasses import dataclass, field

import distributed
import msgspec

from grader.cluster import on_worker, pool
from grader.cluster.course_copy import CourseCopy
from grader.cluster.pool import ClusterPool
from grader.intake.submission import Submission
from grader.records.record import EnvironmentRecord, ResultRecord, SubmissionRecord
from grader.running import handed_in
from grader.running.jobs import Job, JobOutcome

_FOR_EVER = 10_000.0


@dataclass
class Machine:
    """A worker with one thread; ``slowness`` is by how much its tasks take longer. It may die, or fail every task.

    It is there from the time on when it ``joins``. When it ``stops``, nobody notices.
    """

    name: str
    slowness: float = 1.0
    joins: float = 0.0
    dies: float = float("inf")
    stops: float = float("inf")
    fails: bool = False
    tasks: list = field(default_factory=list)  # of which it does the first
    busy: float = 0.0

    def seconds_left(self):
        return sum(task.seconds for task in self.tasks) * self.slowness


@dataclass(eq=False)
class Task:
    """A future: what it becomes is known when its machine is done with it. ``seconds`` of each submission, by name."""

    key: str
    work: dict
    machines: frozenset
    status: str = "pending"
    replies: list = field(default_factory=list)

    @property
    def seconds(self):
        return sum(self.work.values())

    def result(self):
        if self.status == "cancelled":
            raise CancelledError
        return self.replies

    def cancel(self):
        self.status = "cancelled"


class VirtualCluster:
    """Takes tasks and does them in virtual time; ``seconds`` says how long each lasts, by the submission's name."""

    status = "running"

    def __init__(self, machines, seconds):
        self.now = 0.0
        self._machines = {machine.name: machine for machine in machines}
        self._seconds = seconds
        self._order = itertools.count()
        self._events = []
        for machine in machines:
            self._at(machine.dies, self._die, machine)

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds

    def nthreads(self):
        return {name: 1 for name, machine in self._machines.items() if self._lives(machine)}

    def processing(self):
        return {name: [task.key for task in machine.tasks] for name, machine in self._machines.items()}

    def run(self, *_, **__):
        """End nothing: nothing runs."""

    cancel = sync = run

    def submit(self, _function, texts, *_, key, workers=None, **__):
        names = [json.loads(text)["name"] for text in texts]
        task = Task(key, {name: self._seconds[name] for name in names}, frozenset(workers or self._machines))
        self._place(task)
        return task

    def wait(self, tasks, timeout, **_):
        """Let time pass until one of the tasks is done, but not longer than ``timeout``."""
        assert self.now < _FOR_EVER, "nothing ends this class"
        until = self.now + timeout
        while not any(task.status != "pending" for task in tasks):
            if not self._events or self._events[0][0] > until:
                self.now = until
                raise TimeoutError
            self.now, _, what, machine = heapq.heappop(self._events)
            what(machine)

    def _at(self, moment, what, machine):
        if moment < float("inf"):
            heapq.heappush(self._events, (moment, next(self._order), what, machine))

    def _place(self, task):
        fit = [machine for machine in self._machines.values() if machine.name in task.machines and self._lives(machine)]
        if not fit:  # it waits for one of its machines to come back
            return
        machine = min(fit, key=lambda one: (len(one.tasks), one.seconds_left(), one.busy))
        machine.tasks.append(task)
        if len(machine.tasks) == 1:
            self._begin(machine)

    def _lives(self, machine):
        return machine.joins <= self.now < machine.dies

    def _begin(self, machine):
        seconds = 0.1 if machine.fails else machine.tasks[0].seconds * machine.slowness
        self._at(self.now + seconds, self._end, machine)

    def _end(self, machine):
        if not self._lives(machine) or machine.stops < self.now:
            return
        task = machine.tasks.pop(0)
        task.status = "finished"
        if machine.fails:
            task.replies = [(on_worker.FAILED, machine.name, b"", "no space left on device")] * len(task.work)
        else:
            done = {name: _outcome(name, seconds * machine.slowness) for name, seconds in task.work.items()}
            task.replies = [(on_worker.DONE, machine.name, outcome, "") for outcome in done.values()]
            machine.busy += task.seconds
        if machine.tasks:
            self._begin(machine)
        else:
            self._at(self.now + 1.0, self._take_over, machine)

    def _take_over(self, idle):
        """Give a machine that has nothing to do a task that waits on the one with the most."""
        busiest = max(filter(self._lives, self._machines.values()), key=lambda one: len(one.tasks))
        is_free = not idle.tasks and self._lives(idle)
        if is_free and len(busiest.tasks) > 1 and idle.name in busiest.tasks[-1].machines:
            idle.tasks.append(busiest.tasks.pop())
            self._begin(idle)

    def _die(self, machine):
        left, machine.tasks = machine.tasks, []
        for task in left:
            self._place(task)


def _outcome(name, seconds):
    record = ResultRecord(
        assignment="lab1",
        submission=SubmissionRecord(name=name, sha256=""),
        environment=EnvironmentRecord(sandbox="bubblewrap"),
        seconds=seconds,
    )
    return msgspec.json.encode(JobOutcome(name=name, record=record))


def pool_on(cluster, monkeypatch, most=None, tell=print):
    """A pool whose client, whose wait and whose clock are a virtual cluster's."""
    monkeypatch.setattr(pool, "time", cluster)
    monkeypatch.setattr(distributed, "wait", cluster.wait)
    return ClusterPool(cluster, CourseCopy("", b""), most, tell)


def jobs_of(names, device="cpu"):
    content = handed_in.pack(Submission(name="x", files={}, sha256="", source=None))
    common = {"course": "", "assignment": "lab1", "parts": (), "path": b"", "sandbox": "bubblewrap", "threads": 1}
    return [Job(name=name, handed_in=content, seed=1, device=device, **common) for name in names]
