"""How far a run is: who is graded now, how many are done, and a time left that one slow student does not change."""

import io

import pytest
from record_examples import check, environment
from rich.console import Console

from grader.commands import class_progress
from grader.commands.class_progress import ClassProgress, Shown, line_of, time_left
from grader.records.record import PartRecord, ResultRecord, SubmissionRecord, Verdict
from grader.running.jobs import JobOutcome
from grader.running.remaining_time import RemainingTime


class Clock:
    """A clock that stands until it is moved."""

    now = 100.0

    def __call__(self):
        return self.now


def record(name="ann", verdict="passed", reasons=(), around=0.0, **seconds):
    parts = tuple(
        PartRecord(name=part, title=part, checks=(check("c", 1, verdict=Verdict(verdict)),), seconds=took)
        for part, took in seconds.items()
    )
    return ResultRecord(
        assignment="lab",
        submission=SubmissionRecord(name=name, sha256=""),
        environment=environment(),
        parts=parts,
        reasons=reasons,
        seconds=around + sum(seconds.values()),
    )


def outcome(name, **fields):
    return JobOutcome(name=name, record=record(name, **fields))


def test_the_time_left_is_the_mean_time_of_each_part_over_all_processes():
    remaining = RemainingTime(2)
    assert remaining.seconds(10, []) is None
    for fast, slow, around in ((1, 8, 1), (3, 8, 1), (2, 8, 1), (2, 8, 1)):
        remaining.learn(record(svd=fast, training=slow, around=around))
    # The longest svd, 3 s, counts as much as the second longest, 2 s: 1.75 + 8 + 1 each.
    assert remaining.seconds(10, []) == pytest.approx(10 * 10.75 / 2)
    assert remaining.seconds(10, [10.75, 4.75]) == pytest.approx((10 * 10.75 + 6) / 2)
    assert remaining.seconds(0, [0.0]) == pytest.approx(10.75), "one submission is not shared by two processes"
    assert remaining.seconds(0, [60.0]) == 0


def test_one_slow_student_does_not_change_the_time_left_but_two_do():
    remaining = RemainingTime(1)
    for _ in range(20):
        remaining.learn(record(training=5))
    assert remaining.seconds(80, []) == pytest.approx(400)
    remaining.learn(record(training=300))
    assert remaining.seconds(80, []) == pytest.approx(400)
    remaining.learn(record(training=300))
    assert remaining.seconds(80, []) > 2000


def test_times_of_earlier_runs_count_until_enough_are_finished():
    remaining = RemainingTime(1, [record(training=10)])
    for _ in range(4):
        remaining.learn(record(training=2))
        remaining.learn(record())  # refused
    assert remaining.seconds(1, []) == 10
    remaining.learn(record(training=2))
    assert remaining.seconds(1, []) == 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds left"),
        (13, "about 15 s left"),
        (57, "about 55 s left"),
        (100, "about 2 min left"),
        (3530, "about 59 min left"),
        (3580, "about 1 h left"),
        (8300, "about 2 h 20 min left"),
    ],
)
def test_a_time_that_nobody_knows_exactly_is_told_roughly(seconds, words):
    assert time_left(seconds) == words


def test_the_first_that_have_no_outcome_are_being_graded():
    clock = Clock()
    progress = ClassProgress(["ann", "bob", "cy", "dan"], 2, clock=clock)
    assert progress.now() == {"ann": 0, "bob": 0}
    clock.now += 7
    progress.finish(outcome("bob", svd=3))
    assert progress.now() == {"ann": 7, "cy": 0}
    progress.postpone("ann")  # the machine was too busy
    assert progress.now() == {"cy": 0, "dan": 0}
    for name in ("cy", "dan"):
        progress.finish(outcome(name, svd=3))
    clock.now += 2
    assert list(progress.now()) == ["ann"]
    progress.finish(outcome("ann", svd=3))
    assert (progress.finished, progress.now(), progress.left()) == (4, {}, "")


def test_done_failed_and_needs_a_look_are_counted_apart():
    progress = ClassProgress([f"s{n}" for n in range(6)], 1, clock=Clock())
    assert line_of(progress) == "0 of 6 graded: 0 done"
    progress.finish(outcome("s0", svd=4))
    assert line_of(progress) == "1 of 6 graded: 1 done; about 20 s left"
    progress.finish(JobOutcome(name="s1", fault="the disk is full"))
    progress.finish(outcome("s2", verdict="grader_error", svd=4))
    progress.finish(outcome("s3", reasons=("Nothing was found.",), svd=4))
    assert line_of(progress) == "4 of 6 graded: 1 done, 2 failed, 1 needs a look; about 10 s left"


def test_where_there_is_no_terminal_a_line_comes_now_and_then(capsys):
    clock = Clock()
    with Shown(ClassProgress([f"s{n}" for n in range(100)], 2, clock=clock)) as shown:
        for n in range(50):
            clock.now += 1
            shown.finish(outcome(f"s{n}", svd=2))
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" graded")[0] for line in lines] == [f"{n} of 100" for n in (10, 20, 30, 40, 50)]
    with Shown(ClassProgress(["ann"], 1, clock=clock), quiet=True) as shown:
        clock.now += 60
        shown.finish(outcome("ann"))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("columns", [80, 120])
def test_on_a_terminal_three_lines_say_it_all(columns):
    clock = Clock()
    names = ["[bold]x", "a" * 60, *(f"s{n}" for n in range(98))]
    progress = ClassProgress(names, 6, clock=clock)
    progress.now()
    clock.now += 90
    progress.finish(outcome("s0", svd=2))
    console = Console(file=io.StringIO(), width=columns)
    console.print(class_progress._drawn(progress))
    bar, times, now = console.file.getvalue().splitlines()
    assert "1 of 100 graded: 1 done" in bar
    assert times.strip() == "1 min 30 s so far, about 30 s left"
    assert now.startswith(f"now: [bold]x (90 s), {'a' * 23}… (90 s), s1 (90 s)")
    assert max(map(len, (bar, times, now))) <= columns
    assert (columns < 120) == now.endswith("…"), "a line that is too long is cut, and does not go on in the next"
