"""A hundred machines grade ten thousand submissions, in virtual time: none waits while there is work."""

import random
from contextlib import nullcontext

import distributed
import pytest
from virtual_cluster import Machine, VirtualCluster, jobs_of, pool_on

from grader.cluster import connection, pool
from grader.commands.cluster_run import engine_of
from grader.running.jobs import Engine

# Seconds of each submission of the sample class of lab1 (tests/submissions/lab1), and of activity1, with two jobs on
# two cores: the longest are endless loops, which run out of time.
LAB = (0.4, 0.7, 1.2, 1.2, 1.4, 1.9, 2.3, 2.7, 3.3, 3.4, 4.6, 10.4, 10.4, 11.6, 41.8)
LIGHT = (0.04, 0.04, 0.06, 0.06, 0.09, 0.09, 0.09, 0.09, 0.13, 0.15, 0.15, 0.28, 0.35, 2.56, 20.39)
MACHINES, SUBMISSIONS = 100, 10_000


def quiet():
    return [Machine(f"m{number}") for number in range(MACHINES)]


def faulty():
    """Five machines die, at different times; on two others every task fails."""
    machines = quiet()
    for number in range(5):
        machines[number].dies = 3.0 + 20.0 * number
    for machine in machines[-2:]:
        machine.fails = True
    return machines


def uneven():
    """Every tenth machine takes three times as long."""
    return [Machine(f"m{number}", slowness=1.0 if number % 10 else 3.0) for number in range(MACHINES)]


def stopping():
    """Five machines stop without a word, at different times."""
    return [Machine(f"m{n}", stops=3.0 + 20.0 * n if n < 5 else float("inf")) for n in range(MACHINES)]


def bound(machines, seconds):
    """No schedule ends earlier: as if the work could be cut as fine as one likes, on the machines that can grade."""
    work, ends = sum(seconds), {machine.name: min(machine.dies, machine.stops) for machine in machines}
    now = 0.0
    for point in sorted({*ends.values(), float("inf")}):
        speed = sum(1 / m.slowness for m in machines if not m.fails and ends[m.name] > now)
        if work <= speed * (point - now):
            return now + work / speed
        work -= speed * (point - now)
        now = point
    raise AssertionError


def drawn_from(distribution):
    draw = random.Random(1)
    return {f"s{number}": draw.choice(distribution) for number in range(SUBMISSIONS)}


@pytest.mark.parametrize("distribution", [LAB, LIGHT], ids=["lab1", "activity1"])
@pytest.mark.parametrize(("made", "times"), [(quiet, 1), (faulty, 2), (uneven, 1), (stopping, 1)])
def test_a_class_takes_at_most_a_tenth_longer_than_it_must(made, times, distribution, monkeypatch):
    """And ends at most one submission later, the longest one; a machine that dies leaves it to be done again."""
    seconds = drawn_from(distribution)
    cluster = VirtualCluster(made(), seconds)
    names = [one.task.name for one in pool_on(cluster, monkeypatch).run(jobs_of(seconds)) if one.outcome]
    assert sorted(names) == sorted(seconds), "each once"
    must = bound(made(), seconds.values())
    assert cluster.now <= 1.1 * must
    assert cluster.now <= must + times * max(distribution)


def test_workers_that_come_later_are_used(monkeypatch, course):
    machines = [Machine("first"), *(Machine(f"m{number}", joins=20.0) for number in range(9))]
    seconds = {f"s{number}": 2.0 for number in range(500)}
    cluster = VirtualCluster(machines, seconds)
    monkeypatch.setattr(pool, "time", cluster)
    monkeypatch.setattr(distributed, "wait", cluster.wait)
    monkeypatch.setattr(connection, "connected", lambda _: nullcontext(cluster))
    parts = course.parts("activity1")
    with engine_of("tcp://scheduler:8786", Engine(2, 1), None, course, parts) as engine, engine.elsewhere() as opened:
        assert len(list(opened.run(jobs_of(seconds)))) == len(seconds)
    assert cluster.now <= 1.1 * (20 + (1000 - 20) / 10)


def test_short_submissions_are_sent_together_but_not_at_the_end(monkeypatch):
    seconds = {f"s{number}": 0.05 for number in range(SUBMISSIONS)}
    cluster = VirtualCluster(quiet(), seconds)
    sent, submit = [], cluster.submit
    monkeypatch.setattr(cluster, "submit", lambda *words, **more: sent.append(len(words[1])) or submit(*words, **more))
    assert len(list(pool_on(cluster, monkeypatch).run(jobs_of(seconds)))) == SUBMISSIONS
    assert set(sent[:MACHINES]) == {1}, "nobody knows yet how long they take"
    assert max(sent) == 10, "half a second of work"
    assert set(sent[-MACHINES:]) == {1}, "nobody waits behind another while a worker is idle"


def test_short_submissions_are_sent_before_a_worker_has_nothing_to_do(monkeypatch):
    machines = quiet()
    seconds = {f"s{number}": 0.05 for number in range(SUBMISSIONS)}
    cluster = VirtualCluster(machines, seconds)
    longest, wait = [], cluster.wait
    monkeypatch.setattr(cluster, "wait", lambda tasks, **more: longest.append(len(tasks)) or wait(tasks, **more))
    assert len(list(pool_on(cluster, monkeypatch).run(jobs_of(seconds)))) == SUBMISSIONS
    assert longest[0] == MACHINES
    assert max(longest) == 2 * MACHINES
