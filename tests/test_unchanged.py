"""`grader.running.unchanged`: a class that is graded again, but only what is new or has changed."""

from __future__ import annotations

import msgspec
import pytest
from test_resume import job, record_of

from grader.records.record import CheckRecord, PartRecord, ResultRecord
from grader.records.store import RUN_FILE, Store
from grader.running.jobs import Job
from grader.running.unchanged import OnlyNew

VERSIONS = {"checks_version": "c1", "grader_version": "g1"}


@pytest.fixture
def graded(tmp_path):
    """A class of two, graded with seed 5, and the store of their records."""
    jobs = [job(tmp_path, name, **VERSIONS) for name in ("ann", "ben")]
    store = Store(tmp_path / "out")
    for one in jobs:
        store.append(record_for(one))
    return store, jobs


def record_for(one: Job, **fields: object) -> ResultRecord:
    return msgspec.structs.replace(record_of(one), seed=one.seed, **VERSIONS | fields)


def again(store, jobs, *, seed=9, data=None, asked_for=False, **fields):
    later = [msgspec.structs.replace(one, seed=seed, **fields) for one in jobs]
    run = OnlyNew(store, later, data or {}, seed_is_given=asked_for)
    return run.seed, [one.name for one in later if run.is_done(one)], run.in_words


def test_what_is_unchanged_is_kept(graded):
    seed, done, said = again(*graded)
    assert (seed, done) == (5, ["ann", "ben"])
    assert said == "2 of 2 submissions are already graded and unchanged; nothing is new (--again grades all)"


def test_one_late_arrival_is_graded_alone_and_with_the_seed_of_the_class(graded, tmp_path):
    store, jobs = graded
    seed, done, said = again(store, [*jobs, job(tmp_path, "cy", **VERSIONS)])
    assert (seed, done) == (5, ["ann", "ben"])
    assert "2 of 3 submissions are already graded and unchanged; grading 1 new" in said


def test_a_class_that_was_never_graded_is_told_nothing_and_has_its_own_seed(tmp_path):
    assert again(Store(tmp_path / "none"), [job(tmp_path, "ann")]) == (9, [], "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"checks_version": "c2"}, "2 since the checks changed"),
        ({"grader_version": "g2"}, "2 since the grader changed"),
        ({"profile": "full"}, "2 in another setting"),
        ({"device": "cuda"}, "2 in another setting"),
        ({"sandbox": "bubblewrap"}, "2 in another setting"),
        ({"data": {"movielens": "1.1"}}, "2 in another setting"),
        ({"seed": 6, "asked_for": True}, "2 in another setting"),
    ],
)
def test_whatever_a_score_depends_on_makes_it_graded_again(graded, change, said):
    seed, done, words = again(*graded, **change)
    assert (seed, done) == (change.get("seed", 9), [])
    assert said in words


def test_the_seed_that_was_asked_for_may_be_the_one_there_is(graded):
    assert again(*graded, seed=5, asked_for=True)[:2] == (5, ["ann", "ben"])


def test_work_that_changed_is_graded_again(graded, tmp_path):
    (tmp_path / "ann" / "score_matrix.py").write_text("# better\n")
    seed, done, said = again(*graded)
    assert (seed, done) == (5, ["ben"])
    assert "grading 1 changed" in said


def ours(one):
    broken = CheckRecord(name="c", title="C.", points=1)  # a check that did not run: our error
    return record_for(one, parts=(PartRecord(name="p", title="P", checks=(broken,)),))


@pytest.mark.parametrize("last", [ours, lambda one: record_for(one, refused="Damaged.")], ids=["our fault", "refused"])
def test_a_last_attempt_without_a_score_is_not_kept(graded, last):
    store, jobs = graded
    store.append(last(jobs[0]))
    assert again(store, jobs)[1] == ["ben"]


def test_a_grade_whose_last_record_is_damaged_is_made_again(graded):
    store, jobs = graded
    store.path_of(store.append(record_for(jobs[0]))).write_bytes(b"{")
    _, done, said = again(store, jobs)
    assert done == ["ben"]
    assert "grading 1 whose record cannot be read" in said


def test_practice_after_a_grade_changes_nothing(graded):
    store, jobs = graded
    store.append(record_for(jobs[0], partial=True, checks_version="c2"))
    assert again(store, jobs)[1] == ["ann", "ben"]


def test_a_class_that_was_only_practised_is_graded(tmp_path):
    one, store = job(tmp_path, "ann", **VERSIONS), Store(tmp_path / "out")
    store.append(record_for(one, partial=True))
    assert again(store, [one])[1] == []


def test_work_that_can_no_longer_be_read_is_tried_again(graded, tmp_path):
    (tmp_path / "ann" / "score_matrix.py").unlink()
    assert again(*graded)[1] == ["ben"]


def test_notes_of_an_interrupted_run_are_dropped_at_the_end(graded):
    store, jobs = graded
    (store.folder / RUN_FILE).write_bytes(b"{}\n")
    OnlyNew(store, jobs, {}, seed_is_given=False).finish()
    assert not (store.folder / RUN_FILE).exists()
