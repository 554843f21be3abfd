"""`grader.verification.gradings`: a mistake is proven by the checks known to catch it; what holds is not graded again.

The pool is replaced by one that answers at once, from a table of which check fails which mistake.
"""

from typing import NamedTuple

import msgspec
import pytest

from grader.audit import summary
from grader.audit.summary import MistakeSummary, Summary
from grader.records.record import (
    CheckRecord,
    EnvironmentRecord,
    PartRecord,
    ResultRecord,
    SubmissionRecord,
    Verdict,
)
from grader.running.jobs import TOO_BUSY, Engine, JobOutcome
from grader.verification import gradings, proof
from grader.verification.gradings import How, grade_solutions, solutions
from grader.verification.judging import judge

CHECKS = '''from grader import check, expect


@check(points=1)
def check_a(submission):
    """A."""


@check(points=1, depends_on=["a"])
def check_b(submission):
    """B."""


@check(points=1)
def check_c(submission):
    """C."""
'''
NAMES = ("a", "b", "c")
DEPENDS_ON = {"b": "a"}
FAILS = {"first": {"a"}, "second": {"b"}, "third": {"c", "b"}}


class Desk(NamedTuple):
    """A course with one part and three mistakes, and what is graded of it."""

    course: object
    part: object
    jobs: list  # (solution, checks) of every grading that was made
    fails: dict  # checks that fail each mistake; a test changes it
    steps: list

    def grade(self, *, again=False, sandbox="bubblewrap"):
        self.jobs.clear()
        how = How(Engine(1, 1), sandbox, self.course.root / "build" / "verify", again)
        found = grade_solutions(self.course, solutions(self.part), how, self.steps.append)
        return {one.solution.path.stem if one.solution.kind == "mistake" else one.solution.kind: one for one in found}

    @property
    def mistakes_graded(self):
        return {name: only for name, only in self.jobs if name in FAILS}


@pytest.fixture
def desk(demo, monkeypatch):
    (part,) = demo.parts("demo")
    part.check_file.write_text(CHECKS)
    for path in part.mistakes:
        path.unlink()
    for name in FAILS:
        (part.fixture_folder / "mistakes" / f"{name}.py").write_text(f'"""{name}."""\n')
    made = Desk(demo, part, [], {name: set(checks) for name, checks in FAILS.items()}, [])

    def at_once(batches, _):
        for jobs in batches:
            for job in jobs:
                made.jobs.append((job.file.stem, job.only))
                yield answered(job, made.fails)

    monkeypatch.setattr(gradings, "grade_batches", at_once)
    return made


def answered(job, fails):
    """What grading would give: a check that fails, those that depend on it skipped, all others passed."""
    wrong = fails.get(job.file.stem, set()) if "/mistake/" in job.name else set()
    if "fault" in wrong:
        return JobOutcome(name=job.name, fault="no memory")
    if "starved" in wrong:
        return JobOutcome(name=job.name, record=msgspec.structs.replace(record_of({"a": "grader_error"}), starved=True))
    verdicts = {}
    for name in job.only or NAMES:
        first = verdicts.get(DEPENDS_ON.get(name), Verdict.passed)
        failed = Verdict.timed_out if "slow" in wrong else Verdict.failed
        verdicts[name] = Verdict.skipped if first is not Verdict.passed else failed if name in wrong else Verdict.passed
        if "/template/" in job.name:
            verdicts[name] = Verdict.not_implemented
    return JobOutcome(name=job.name, record=record_of(verdicts))


def record_of(verdicts):
    checks = tuple(
        CheckRecord(
            name=name, title=name, points=1, verdict=verdict, score=float(verdict is Verdict.passed), message=""
        )
        for name, verdict in verdicts.items()
    )
    return ResultRecord(
        assignment="demo",
        submission=SubmissionRecord(name="x", sha256="", files=()),
        started="2026-01-01T00:00:00+00:00",
        seconds=0.0,
        seed=0,
        profile="mini",
        device="cpu",
        environment=EnvironmentRecord(sandbox="direct", versions={}, platform=""),
        parts=(PartRecord(name="warm_up", title="", checks=checks),),
    )


def know(part, **checks):
    """Store a proof for mistakes."""
    known = MistakeSummary(total=0, caught=0, recognised=0)
    proofs = {name: (one,) if isinstance(one, str) else one for name, one in checks.items()}
    stored = Summary(
        ground_sha256="old", reference_sha256="old", environment="", checks={}, right={}, mistakes=known, proof=proofs
    )
    summary.write(part, stored)


def test_a_mistake_is_graded_by_its_proof_and_all_that_this_depends_on(desk):
    know(desk.part, first="a", second="b", third="c")
    found = desk.grade()
    assert desk.mistakes_graded == {"first": ("a",), "second": ("a", "b"), "third": ("c",)}
    assert {name: found[name].caught_by for name in FAILS} == {"first": {"a"}, "second": {"b"}, "third": {"c"}}
    assert dict(desk.jobs)["warm_up"] == (), "right solutions and the template are graded whole"
    assert list(judge(desk.part, list(found.values()))) == []
    assert proof.unknown(desk.part) == []


def test_a_mistake_that_passes_its_proof_is_graded_by_all_checks(desk):
    know(desk.part, first="a", second="b", third="c")
    desk.fails["second"] = {"c"}
    found = desk.grade()
    assert [only for name, only in desk.jobs if name == "second"] == [("a", "b"), ()]
    assert found["second"].caught_by == {"c"}
    assert list(judge(desk.part, list(found.values()))) == []


def test_a_mistake_that_passes_all_checks_is_found(desk):
    know(desk.part, first="a", second="b", third=("b", "c"))
    desk.fails["second"] = set()
    (finding,) = judge(desk.part, list(desk.grade().values()))
    assert finding.problem == "no check catches mistake second"


def test_a_prerequisite_that_fails_skips_the_proof_and_counts_itself(desk):
    know(desk.part, first="a", second="b", third="c")
    desk.fails["second"] = {"a", "b"}
    found = desk.grade()
    assert found["second"].caught_by == {"a"}
    assert ("second", ("a", "b")) in desk.jobs


def test_a_check_in_no_proof_is_tried_on_all_mistakes(desk):
    know(desk.part, first="a", second="b", third="b")
    found = desk.grade()
    assert [only for name, only in desk.jobs if name == "third"] == [("a", "b"), ("c",)]
    assert found["third"].caught_by == {"b", "c"}
    assert [(one.name, one.lost) for one in found["third"].checks] == [("a", False), ("b", True), ("c", True)]
    assert list(judge(desk.part, list(found.values()))) == []
    assert proof.unknown(desk.part) == ["c"]


def test_a_check_that_no_mistake_fails_is_found_whatever_the_proofs_say(desk):
    know(desk.part, first="a", second="b", third="c")
    desk.fails["third"] = {"b"}
    (finding,) = judge(desk.part, list(desk.grade().values()))
    assert finding.problem == "no mistake fails c"


def test_without_proofs_everything_is_graded_whole_and_named(desk):
    desk.grade()
    assert desk.mistakes_graded == dict.fromkeys(FAILS, ())
    assert proof.unknown(desk.part) == ["first", "second", "third", "a", "b", "c"]


def test_a_proof_of_checks_that_are_gone_is_none(desk):
    know(desk.part, first="a", second=("gone",), third=("gone", "c"))
    desk.grade()
    assert desk.mistakes_graded == {"first": ("a",), "second": (), "third": ("c",)}
    summary.path_of(desk.part).write_text("{}")
    assert proof.stored(desk.part) == {}


def test_what_was_graded_is_not_graded_again(desk):
    know(desk.part, first="a", second="b", third="c")
    before = desk.grade()
    desk.steps.clear()
    assert desk.grade() == before
    assert desk.jobs == []
    assert sorted(desk.steps) == sorted(solution.name for solution in solutions(desk.part))


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("change", "graded"),
    [
        (lambda d, _: edit(d.part.fixture_folder / "mistakes" / "first.py", "first", "1st"), {"first"}),
        (lambda d, _: edit(d.part.check_file, '"""C."""', "pass"), {"warm_up", *FAILS}),
        (lambda d, _: edit(d.part.fixture_folder / "expected.json", "3.0", "4.0"), {"warm_up", *FAILS}),
        (lambda d, _: edit(d.part.reference, "2 * x", "x + x"), {"warm_up", *FAILS}),
        (lambda d, _: (d.part.check_file.parent / "shared.py").write_text("x = 1\n"), {"warm_up", *FAILS}),
        (lambda _, patch: patch.setattr(gradings, "engine_sha256", lambda: "another"), {"warm_up", *FAILS}),
        (lambda d, _: edit(d.part.check_file, '"""C."""', '"""See."""'), set()),
    ],
    ids=["mistake", "checks", "data", "reference", "a file beside the checks", "engine", "words"],
)
def test_what_changed_is_graded_again(desk, monkeypatch, change, graded):
    know(desk.part, first="a", second="b", third="c")
    desk.grade()
    change(desk, monkeypatch)
    desk.grade()
    assert {name for name, _ in desk.jobs} == graded


def test_terms_of_the_part_and_the_sandbox_count_too(desk):
    desk.grade()
    desk.grade(sandbox="process")
    assert len(desk.jobs) == 5
    terms = desk.part.fixture_folder / "part.toml"
    terms.write_text(terms.read_text() + "\n[limits]\ncall_seconds = 5\n")
    changed = desk._replace(part=type(desk.part)(desk.part.course, "demo", "warm_up"))
    changed.grade()
    assert len(desk.jobs) == 5


def test_again_trusts_no_result_and_no_proof(desk):
    know(desk.part, first="a", second="b", third="c")
    desk.grade()
    desk.grade(again=True)
    assert desk.mistakes_graded == dict.fromkeys(FAILS, ())
    assert len(desk.jobs) == 5


@pytest.mark.parametrize("trouble", ["fault", "starved", "slow"])
def test_what_may_be_otherwise_next_time_is_not_kept(desk, trouble):
    know(desk.part, first="a", second="b", third="c")
    desk.fails["first"] |= {trouble}
    found = desk.grade()
    assert found["first"].fault == {"fault": "no memory", "starved": TOO_BUSY, "slow": ""}[trouble]
    desk.fails["first"] = {"a"}
    assert desk.grade()["first"].caught_by == {"a"}
    assert [name for name, _ in desk.jobs] == ["first"]


def test_one_reason_that_stops_many_solutions_is_one_finding(desk):
    for name in FAILS:
        desk.fails[name] = {"fault"}
    (finding,) = judge(desk.part, list(desk.grade().values()))
    assert (finding.invariant, finding.problem) == (6, "3 mistakes could not be graded: no memory")
    assert finding.repair == "grader grade demo fixtures/demo/warm_up/mistakes/first.py --part warm_up"
