"""`grader.running.pool`: a class on several processes; whatever happens to one submission, the others are graded."""

import os
import shutil
import signal
from functools import partial
from pathlib import Path

import msgspec
import pytest
from course_examples import make_course

from grader.commands.class_line import line_of
from grader.commands.class_run import grade_rest
from grader.commands.grade import exit_code
from grader.course.catalog import find_course
from grader.course.part_toml import Cap
from grader.datasets.folders import user_cache
from grader.records.record import EnvironmentRecord, ResultRecord, Standing, SubmissionRecord, Verdict
from grader.records.store import Store
from grader.reports.attention import must_look, reasons_of
from grader.reports.pages import page_of
from grader.running import grading_process, judging, pool_process
from grader.running.grading_process import GRADING, grade_job, warm_slot
from grader.running.jobs import Engine, Job, JobOutcome
from grader.running.pool import ProcessPool, grade_batches, grade_class
from grader.running.unchanged import REFUSED, OnlyNew
from grader.sandbox import levels

CHECKS = '''
import os, signal, time
from pathlib import Path
from grader import check, expect

@check(points=1)
def check_one(submission):
    """One is 1."""
    expect.equal(submission.one(), 1, name="one()")
'''
DIES = '\n\n@check(points=1)\ndef check_dies():\n    """Dies."""\n    {how}\n    os.kill(os.getpid(), signal.SIGKILL)\n'
SOLUTION = "def one():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n"


@pytest.fixture
def course(tmp_path):
    """Three parts: one that is fine, one whose checks kill the grading process, one whose checks are broken."""
    root = tmp_path / "course"
    once = f"flag = Path({str(tmp_path / 'was_here')!r})\n    if flag.exists():\n        return\n    flag.touch()"
    checks = {
        "fine": CHECKS,
        "dies_once": CHECKS + DIES.format(how=once),
        "dies": CHECKS + DIES.format(how="pass"),
        "broken": CHECKS + "def check_two():\n    pass\n",
    }
    for name, text in checks.items():
        files = {
            f"reference/a/{name}.py": SOLUTION,
            f"fixtures/a/{name}/part.toml": 'title = "T"\n',
            f"fixtures/a/{name}/expected.json": "{}",
            f"checks/a/check_{name}.py": text,
        }
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(content)
    return root


def job(course, name, part="fine", path=None, **fields):
    path = path or course / "reference" / "a" / f"{part}.py"
    fields = {"assignment": "a", "sandbox": levels.choose("auto"), "threads": 1, "seed": 3} | fields
    return Job(course=str(course), parts=(part,), path=os.fsencode(path), name=name, **fields)


def processes(monkeypatch):
    """Every process that a pool starts from now on, in a list that grows."""
    made, original = [], ProcessPool._started
    monkeypatch.setattr(ProcessPool, "_started", lambda *args: made.append(original(*args)) or made[-1])
    return made


def test_a_job_and_an_outcome_travel_as_json():
    sent = job(Path("/c"), "ann", visible_only=True, whole=False, solution_of="b", profile="full", device="cuda")
    assert msgspec.json.decode(msgspec.json.encode(sent), type=Job) == sent
    record = ResultRecord(
        assignment="a",
        submission=SubmissionRecord(name="ann", sha256="0"),
        environment=EnvironmentRecord(sandbox="process"),
    )
    outcome = JobOutcome(name="ann", record=record, refused="r", fault="f")
    assert msgspec.json.decode(msgspec.json.encode(outcome), type=JobOutcome) == outcome


def test_no_submission_waits_for_its_sandbox_to_start_while_its_time_runs(course, monkeypatch):
    begun = []

    def begin(_job, _submission, _parts, slot, _run):
        begun.append(slot.versions)
        return JobOutcome(name="ann")

    monkeypatch.setattr(judging, "graded_anew", begin)
    grade_job(first := job(course, "ann"))
    warm_slot(first)[0].close()
    for kept in (grading_process._started, grading_process._recogniser):
        kept.cache_clear()  # nobody else may get the closed slot
    assert "torch" in begun[0], "a slot knows its versions when it is ready"


def test_a_class_is_graded_whatever_is_wrong_with_some(course, tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    jobs = [
        job(course, "ann"),
        job(course, "bob (2)", seed=4),
        job(course, "gone", path=tmp_path / "nowhere"),
        job(course, "bad", path=tmp_path / "bad.zip"),
        job(course, "ours", part="broken"),
    ]
    outcomes = {outcome.name: outcome for outcome in grade_class(jobs, Engine(2, 1))}
    assert set(outcomes) == {job.name for job in jobs}
    for name, seed in (("ann", 3), ("bob (2)", 4)):
        record = outcomes[name].record
        assert (record.submission.name, record.score, record.seed) == (name, 1, seed)
    assert "Check that it is there" in outcomes["gone"].refused
    assert "damaged" in outcomes["bad"].refused
    assert "has no @check" in outcomes["ours"].fault
    for name in ("gone", "bad", "ours"):
        assert not outcomes[name].record
        assert bool(outcomes[name].refused) != bool(outcomes[name].fault)
    lines = {name: line_of(outcome) for name, outcome in outcomes.items()}
    assert exit_code(list(lines.values())) == 1
    assert exit_code([line for line in lines.values() if not line.fault]) == 3
    assert exit_code([lines["ann"]]) == exit_code([]) == 0


def test_when_a_grading_process_dies_what_it_took_down_is_graded_again(course, tmp_path):
    jobs = [job(course, "unlucky", part="dies_once"), job(course, "doomed", part="dies")]
    outcomes = {outcome.name: outcome for outcome in grade_class(jobs, Engine(1, 1))}
    assert (tmp_path / "was_here").exists()
    assert outcomes["unlucky"].record.score == 2
    assert "ended twice" in outcomes["doomed"].fault


def test_who_ends_the_grader_twice_has_a_record_that_somebody_looks_at(course, tmp_path):
    store, plan = Store(tmp_path / "out"), [job(course, "doomed", part="dies"), job(course, "ann")]
    progress = OnlyNew(store, plan, {}, seed_is_given=False)
    kept, fresh, _ = grade_rest(plan, progress, Engine(1, 1), store, title="T", quiet=True, show=lambda _: None)
    assert kept == []
    assert [(line.name, line.is_ours) for line in fresh] == [("ann", False), ("doomed", True)]
    assert exit_code(fresh) == 1
    record = store.latest_of("doomed")
    assert record.standing is Standing.refused
    assert must_look(record)
    page = page_of(store, record).read_text()
    assert "may not be your fault" in page
    assert "Run the same command" not in page, "that is for the instructor"
    assert "Run the same command" in " ".join(reasons_of(record))
    assert OnlyNew(store, plan, {}, seed_is_given=False).why == {"doomed": REFUSED, "ann": ""}, "it is tried again"


def test_a_batch_may_depend_on_the_outcomes_of_the_one_before(course, monkeypatch):
    started = processes(monkeypatch)
    seen = []

    def batches():
        yield []
        yield [job(course, "ann"), job(course, "bob")]
        assert sorted(seen) == ["ann", "bob"]
        yield [job(course, f"after {name}", part="dies" if name == "bob" else "fine") for name in seen]
        yield [job(course, "last")]

    for outcome in grade_batches(batches(), Engine(1, 1)):
        seen.append(outcome.name)
        assert bool(outcome.fault) == (outcome.name == "after bob")
    assert sorted(seen[2:4]) == ["after ann", "after bob"]
    assert seen[4:] == ["last"]
    # The same process for both batches; others only for what was lost with it, and for what came then.
    assert 3 <= len(started) <= 4
    assert list(grade_class([], Engine(1, 1))) == []


def with_another_assignment(course, name, **keys):
    """Add an assignment with a part `fine` and keys in its part.toml."""
    for folder in ("reference", "fixtures", "checks"):
        shutil.copytree(course / folder / "a", course / folder / name)
    lines = [f"{key} = {value!r}\n" for key, value in {"title": "T", **keys}.items()]
    (course / f"fixtures/{name}/fine/part.toml").write_text("".join(lines))


def test_a_process_grades_one_assignment_after_the_other(course):
    with_another_assignment(course, "b", preload=["json"])
    jobs = [job(course, "ann"), job(course, "bob", assignment="b"), job(course, "cy")]
    outcomes = {outcome.name: outcome for outcome in grade_class(jobs, Engine(1, 1))}
    assert {name: (one.record.assignment, one.record.score) for name, one in outcomes.items()} == {
        "ann": ("a", 1),
        "bob": ("b", 1),
        "cy": ("a", 1),
    }


def test_assignments_that_need_the_same_share_a_slot_and_the_end_closes_all(course, monkeypatch):
    with_another_assignment(course, "b")
    with_another_assignment(course, "c", preload=["json"])
    monkeypatch.setattr(grading_process, "_slots", [])
    slots = [warm_slot(job(course, name, assignment=name, sandbox="direct"))[0] for name in ("a", "b", "c")]
    assert slots[0] is slots[1] is not slots[2]
    closed = []
    for slot in set(slots):
        monkeypatch.setattr(slot, "close", partial(closed.append, slot))
    grading_process.close_slots()
    assert set(closed) == set(slots)


def test_a_process_that_dies_between_batches_takes_nothing_with_it(course, monkeypatch):
    started = processes(monkeypatch)

    def batches():
        yield [job(course, "ann")]
        started[0]._signal(signal.SIGKILL)
        yield [job(course, "bob"), job(course, "cy")]

    outcomes = {outcome.name: outcome for outcome in grade_batches(batches(), Engine(1, 1))}
    assert {name: outcome.record.score for name, outcome in outcomes.items()} == {
        "ann": 1,
        "bob": 1,
        "cy": 1,
    }


def test_what_keeps_a_process_from_grading_is_told_to_everyone_at_once(course, empty_cache, monkeypatch, tmp_path):
    started = processes(monkeypatch)
    make_course(course, datasets=True)
    (course / "fixtures/a/fine/part.toml").write_text('title = "T"\ndatasets = ["resnet18"]\n')
    (tmp_path / "resnet18-f37072fd.pth").write_bytes(b"not the weights")
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    jobs = [job(course, name, profile="full") for name in ("ann", "bob", "cy")]
    outcomes = list(grade_class(jobs, Engine(2, 1)))
    assert sorted(outcome.name for outcome in outcomes) == ["ann", "bob", "cy"]
    (reason,) = {outcome.fault for outcome in outcomes}
    assert "resnet18-f37072fd.pth has SHA-256 " in reason
    assert len(started) <= 2, "nobody is tried again"


def test_a_cap_travels_with_its_job(course, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text("import time\n\n\ndef one():\n    time.sleep(30)\n")
    cap = Cap(call_seconds=0.5, part_seconds=5.0)
    (outcome,) = grade_class([job(course, "slow", path=slow, solution_of="fine", cap=cap)], Engine(1, 1))
    (check,) = outcome.record.parts[0].checks
    assert check.verdict is Verdict.timed_out
    assert "0.5 seconds" in check.message


def test_a_job_never_raises(course, tmp_path):
    nowhere = job(tmp_path / "no_course", "ann")
    text, fault = pool_process.run(GRADING, msgspec.json.encode(nowhere))
    assert fault or msgspec.json.decode(text, type=JobOutcome).refused
    present = msgspec.structs.replace(nowhere, path=os.fsencode(course / "reference"))
    text, fault = pool_process.run(GRADING, msgspec.json.encode(present))
    assert "no assignment" in fault
    assert not text


def test_processes_and_threads_share_the_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    assert Engine.for_machine(None, 100) == Engine(8, 1)
    assert Engine.for_machine(2, 100) == Engine(2, 4)
    assert Engine.for_machine(16, 100) == Engine(16, 1)
    assert Engine.for_machine(None, 3) == Engine(3, 2, patient=True)
    assert not Engine.for_machine(None, 31).patient
    assert not Engine.for_machine(2, 3).patient
    assert Engine.for_machine(4, 0) == Engine(1, 8)


def test_data_sets_are_hidden_from_workers_wherever_they_lie(tmp_path, monkeypatch):
    """Below Python's own folders they would be visible with them, and labels are among them."""
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    root = find_course().root
    settings = grading_process._slot_settings.__wrapped__(str(root), "activity1", 1, "mini", "cpu")
    assert {tmp_path, user_cache(), root / "reference"} <= set(settings.hidden)
