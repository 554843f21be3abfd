"""A class that is interrupted: nothing is lost, and the same command resumes it."""

import json
import os
import signal

import msgspec
import pytest
from class_runs import attempts, grading, make_class, wait_for

from grader.intake.submission import take_in
from grader.records.record import EnvironmentRecord, ResultRecord, SubmissionRecord
from grader.records.store import Store
from grader.running.jobs import Job
from grader.running.resume import ResumableRun

LAST_WORDS = {
    signal.SIGTERM: (143, "ended; what was finished is kept"),
    signal.SIGINT: (130, "interrupted; what was finished"),
}


@pytest.mark.parametrize("sign", LAST_WORDS)
def test_who_interrupts_a_class_is_told_that_nothing_is_lost(tmp_path, sign):
    run = grading(make_class(tmp_path / "class"), tmp_path / "out", "--jobs", "1")
    wait_for(run, lambda: attempts(tmp_path / "out"))
    run.send_signal(sign)
    words = run.communicate()[1]
    code, last = LAST_WORDS[sign]
    assert run.returncode == code
    assert last in words
    assert "leaked" not in words


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_class_goes_on_where_it_was_interrupted(tmp_path, sign):
    class_of_six, out = make_class(tmp_path / "class"), tmp_path / "out"
    first = grading(class_of_six, out, "--jobs", "1")
    wait_for(first, lambda: len(attempts(out)) >= 2)
    first.send_signal(sign)
    first.communicate()
    before = attempts(out)
    assert 2 <= len(before) < 6, "it was interrupted in the middle"

    second = grading(class_of_six, out, "--jobs", "2")
    words = second.communicate()[1]
    after = attempts(out)
    assert second.returncode == 0
    assert "of 6 submissions are already graded" in words
    assert sorted(after) == [f"student{number}" for number in range(6)]
    assert {record.score for record in after.values()} == {next(iter(before.values())).score}
    assert {record.seed for record in after.values()} == {record.seed for record in before.values()}
    for name in list(before)[:-1]:  # the last may have been killed between its record and the note of it
        assert [path.name for path in (out / name).glob("attempt-*.json")] == ["attempt-001.json"]
    assert not (out / "run.jsonl").exists()


def job(folder, name, **fields):
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "score_matrix.py").write_text(f"# {name}\n")
    given = {"course": "c", "assignment": "a", "parts": ("p",), "sandbox": "process", "threads": 1, "seed": 5}
    return Job(path=os.fsencode(folder / name), name=name, **given | fields)


def record_of(job):
    submission = SubmissionRecord(name=job.name, sha256=take_in(job.file).sha256)
    return ResultRecord(assignment="a", submission=submission, environment=EnvironmentRecord(sandbox="process"))


@pytest.fixture
def interrupted(tmp_path):
    jobs = [job(tmp_path, "ann"), job(tmp_path, "ben")]
    run = ResumableRun(tmp_path / "out", jobs, seed_is_given=False)
    store = Store(tmp_path / "out")
    record = store.append(record_of(jobs[0]))
    run.note(record, store.path_of(record))
    return tmp_path, jobs


def again(folder, jobs, *, seed=9, asked_for=False, **fields):
    later = [msgspec.structs.replace(job, seed=seed, **fields) for job in jobs]
    run = ResumableRun(folder / "out", later, seed_is_given=asked_for)
    return run.seed, [job.name for job in later if run.is_done(job)]


def test_the_same_run_keeps_its_seed_and_what_is_done(interrupted):
    assert again(*interrupted) == (5, ["ann"])
    assert again(*interrupted, threads=4) == (5, ["ann"])
    assert again(*interrupted, seed=5, asked_for=True) == (5, ["ann"])


@pytest.mark.parametrize(
    "change", [{"seed": 6, "asked_for": True}, {"profile": "full"}, {"parts": ("q",)}, {"visible_only": True}]
)
def test_another_run_begins_anew(interrupted, change):
    seed, done = again(*interrupted, **change)
    assert (seed, done) == (change.get("seed", 9), [])


def test_work_that_was_handed_in_again_is_graded_again(interrupted):
    folder, jobs = interrupted
    (folder / "ann" / "score_matrix.py").write_text("# better\n")
    assert again(folder, jobs) == (5, [])


def test_a_submission_whose_record_was_taken_away_is_graded_again(interrupted):
    folder, jobs = interrupted
    (folder / "out" / "ann" / "attempt-001.json").unlink()
    assert again(folder, jobs) == (5, [])


@pytest.mark.parametrize("cut", [1, 20])
def test_a_line_that_was_not_written_whole_does_not_count(interrupted, cut):
    folder, jobs = interrupted
    note = folder / "out" / "run.jsonl"
    note.write_bytes(note.read_bytes()[:-cut])
    assert again(folder, jobs) == (5, [])


@pytest.mark.parametrize("content", [b"", b"{", b'{"type": "run", "asked": "x", "seed": 1}\n[1]\n', b"\xff\n"])
def test_a_note_that_cannot_be_read_begins_anew(interrupted, content):
    folder, jobs = interrupted
    (folder / "out" / "run.jsonl").write_bytes(content)
    assert again(folder, jobs) == (9, [])
    assert json.loads((folder / "out" / "run.jsonl").read_text())["seed"] == 9
