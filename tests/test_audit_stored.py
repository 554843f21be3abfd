"""What an audit stores of right solutions, and which changes make it grade them again."""

import dataclasses

import pytest
from audit_parts import edit, make_part, record_of

from grader.audit import summary
from grader.audit.findings import findings_of, summary_of
from grader.audit.kept import check_hashes, ground_of
from grader.audit.runs import Results
from grader.audit.summary import Failure, RightSummary
from grader.audit.tasks import AuditPlan
from grader.records.record import CheckRecord, Verdict
from grader.running.jobs import JobOutcome


@pytest.fixture
def part(tmp_path):
    return make_part(tmp_path / "course", "plain")


@pytest.mark.parametrize(
    ("path", "old", "new", "holds"),
    [
        ("check_file", "points=4", "points=5", True),
        ("check_file", '"""What is checked."""', '"""What else."""\n# a comment', True),
        ("check_file", "`tail` does so", "`tail` surely does so", True),
        ("check_file", "(4,)", "(5,)", False),
        ("check_file", 'depends_on=["tail"]', "depends_on=[]", False),
        ("expected", "{}", '{"x": 1}', False),
        ("facts", "Tails", "More tails", True),
        ("facts", "\n", "\n[limits]\ncall_seconds = 3\n", False),
        ("facts", "\n", '\n[equivalent]\n"a" = "b"\n', True),
        ("facts", "\n", "\n[limits.full]\ncall_seconds = 3\n", True),  # of the other profile
    ],
)
def test_what_was_graded_holds_until_something_changes_that_it_depends_on(part, path, old, new, holds):
    before = ground_of(part)
    files = {"expected": part.fixture_folder / "expected.json", "facts": part.fixture_folder / "part.toml"}
    edit(files.get(path) or part.check_file, old, new)
    assert (ground_of(dataclasses.replace(part)) == before) is holds


@pytest.mark.parametrize(
    ("path", "old", "new", "changed"),
    [
        ("check_file", "points=4", "points=5", ()),
        ("check_file", '"""What is checked."""', '"""What else."""\n# a comment', ()),
        ("check_file", "return x[-1:]", "return x[-1:] + []", ("random",)),
        ("check_file", "[3, 1, 2], 2)", "[3, 1, 3], 2)", ("tail",)),
        ("check_file", 'depends_on=["tail"]', "depends_on=[]", ("random",)),
        ("expected", "{}", '{"x": 1}', ("tail", "random")),
        ("facts", "\n", "\n[limits]\ncall_seconds = 3\n", ("tail", "random")),
    ],
)
def test_the_hash_of_a_check_is_of_what_it_runs(part, path, old, new, changed):
    edit(part.check_file, "x[-1:], name", "last(x), name")
    edit(part.check_file, "@check(points=6", "def last(x):\n    return x[-1:]\n\n\n@check(points=6")
    before = check_hashes(part)
    files = {"expected": part.fixture_folder / "expected.json", "facts": part.fixture_folder / "part.toml"}
    edit(files.get(path) or part.check_file, old, new)
    after = check_hashes(dataclasses.replace(part))
    assert tuple(name for name in before if before[name] != after[name]) == changed


def test_the_hash_of_a_check_is_of_its_gates_metrics_too(part):
    edit(part.fixture_folder / "part.toml", "\n", '\n[gates.loss]\ntitle = "Loss"\nthreshold = 1.0\nk = 1\n')
    metric = "@metric\ndef loss(submission):\n    return 1.0\n\n\n"
    edit(part.check_file, "@check(points=6", f"{metric}@check(points=6")
    edit(part.check_file, "def check_tail(submission):", "def check_tail(submission, gates):")
    edit(
        part.check_file,
        "    expect.equal(submission.tail",
        '    gates.require("loss", name="it")\n    expect.equal(submission.tail',
    )
    part = dataclasses.replace(part)
    before = check_hashes(part)
    edit(part.check_file, "return 1.0", "return 0.5")
    after = check_hashes(dataclasses.replace(part))
    assert [name for name in before if before[name] != after[name]] == ["tail"]


def audited(part, gradings, took=()):
    """Store an audit of a part whose right solutions lost ``took``: seed and check."""
    plan = AuditPlan(part, gradings)
    failures = tuple(Failure(seed=seed, check=check, verdict="failed", said="before") for seed, check in took)
    right = {
        name: RightSummary(sha256=sha256, gradings=gradings, failures=failures) for name, sha256 in plan.hashes.items()
    }
    mistakes = summary.MistakeSummary(total=1, caught=1, recognised=1)
    made = summary.Summary(
        ground_sha256=plan.ground,
        reference_sha256=plan.hashes["reference"],
        environment="",
        right=right,
        mistakes=mistakes,
        checks=plan.check_hashes,
    )
    summary.write(part, made)
    return made


def test_only_changed_checks_are_graded_again_on_right_solutions(part, tmp_path):
    audited(part, 3, took=[(0, "random"), (1, "tail"), (2, "random"), (2, "gone")])
    assert AuditPlan(part, 3, with_mutants=False).right == (), "nothing has changed"
    edit(part.check_file, "(4,)", "(5,)")  # in `random`, which depends on `tail`
    edit(part.check_file, 'depends_on=["tail"]', "depends_on=[]")
    part = dataclasses.replace(part)
    plan = AuditPlan(part, 4, with_mutants=False)
    asked = [(task.name, task.seed, task.only) for task in plan.right]
    again = [(seed, ("random",)) for seed in range(3)]
    assert asked == [(name, *one) for name in ("reference", "slice") for one in [*again, (3, ())]]

    labels = [task.label for task in AuditPlan(part, 4).tasks]  # with the whole grading that times the reference
    assert len(set(labels)) == len(labels)

    results = Results([plan], tmp_path / "keep")
    for task in plan.tasks:
        passed = [CheckRecord(name=name, title="", points=1.0, score=1.0, verdict=Verdict.passed) for name in task.only]
        lost_now = CheckRecord(name="random", title="", points=1.0, verdict=Verdict.failed, message="now")
        records = [lost_now] if (task.seed, task.name) == (1, "slice") else passed
        results.take(task, JobOutcome(name=task.label, record=record_of(*records)))
    kept = summary_of(plan, findings_of(plan, results))
    before = Failure(seed=1, check="tail", verdict="failed", said="before")
    assert kept.right["reference"].failures == (before,)
    assert kept.right["slice"].failures == (before, Failure(seed=1, check="random", verdict="failed", said="now"))
    assert {right.gradings for right in kept.right.values()} == {4}
    assert kept.checks == check_hashes(part)


def test_what_is_stored_of_right_solutions_stays_when_none_is_to_be_graded(part, tmp_path):
    before = audited(part, 3)
    edit(part.check_file, "(4,)", "(5,)")
    plan = AuditPlan(dataclasses.replace(part), 0)
    assert plan.right == (plan.timed,), "mutants need its time"
    kept = summary_of(plan, findings_of(plan, Results([plan], tmp_path)))
    assert (kept.right, kept.checks) == (before.right, before.checks)
    summary.write(part, kept)
    assert AuditPlan(dataclasses.replace(part), 3).changed == ("tail", "random"), "they are graded the next time"
