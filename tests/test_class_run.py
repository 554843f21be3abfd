"""`grader.commands.class_run`: a machine that is too busy costs nobody a mark."""

from grader.commands import class_run
from grader.records.record import EnvironmentRecord, ResultRecord, SubmissionRecord
from grader.records.store import Store
from grader.running.jobs import Engine, Job, JobOutcome


def job(name):
    return Job(course="/c", assignment="a", parts=("p",), path=b"", name=name, sandbox="process", threads=2, seed=1)


def record(name, starved):
    return ResultRecord(
        assignment="a",
        submission=SubmissionRecord(name=name, sha256=""),
        environment=EnvironmentRecord(sandbox="process"),
        starved=starved,
    )


def test_what_the_machine_was_too_busy_for_is_graded_again_alone_when_all_others_are_done(monkeypatch, capsys):
    runs, postponed = [], []

    def grade_class(jobs, engine):
        runs.append(([one.name for one in jobs], engine))
        for one in jobs:
            starved = one.name == "cy" or (one.name == "ann" and len(runs) == 1)
            yield JobOutcome(name=one.name, record=record(one.name, starved))

    monkeypatch.setattr(class_run, "grade_class", grade_class)
    jobs = {name: job(name) for name in ("ann", "bob", "cy")}
    outcomes = list(class_run.graded_alone_if_starved(jobs, Engine(4, 2), postponed.append))
    assert runs == [(["ann", "bob", "cy"], Engine(4, 2)), (["ann", "cy"], Engine(1, 2))]
    assert postponed == ["ann", "cy"]
    assert [(one.name, one.record.starved) for one in outcomes] == [("bob", False), ("ann", False), ("cy", True)]
    assert capsys.readouterr().err == "the machine was too busy; grading again, one at a time: ann, cy\n"


def test_nothing_is_started_for_a_class_that_is_graded_already():
    assert list(class_run.graded_alone_if_starved({}, Engine(2, 1), print)) == []


def test_what_is_stored_leaves_the_memory_of_the_run(tmp_path):
    store, handed_in = Store(tmp_path), b"what was handed in and what it answered"
    outcome = JobOutcome(name="ann", record=record("ann", starved=False), answers=handed_in)
    stored = class_run.stored_outcome(outcome, store)
    assert (stored.answers, stored.fault) == (b"", "")
    assert (store.home("ann") / "attempt-001.answers").read_bytes() == handed_in
