"""`grader.grading`: one submission from its files to its record, end to end through the sandbox."""

import dataclasses
import hashlib
import json
import zipfile
from datetime import UTC, datetime

import pytest
import torch

from grader.course.catalog import Course
from grader.course.part_toml import Setting
from grader.errors import CourseError, SandboxError
from grader.grading.grade import GradeOptions, grade, part_run
from grader.grading.part_loader import Code
from grader.intake.submission import take_in
from grader.records.record import Standing, StoppedAt, Verdict, Visibility, from_json, to_json
from grader.reports.html import render_report
from grader.running import published
from grader.sandbox.direct import Direct
from grader.sandbox.slot import SlotSettings

FAST = [("activity1", "score_matrix"), ("lab1", "truncated_svd")]
VANDAL = """
import os, pathlib
{where}
def score_matrix(Q, K):
    return Q @ K.T
"""


@pytest.fixture
def graded(course, slot):
    def grade_path(path, assignment, *names, by=slot, **options):
        return grade(take_in(path), course.parts(assignment, names), by, GradeOptions(**options))

    return grade_path


def by_name(record, part=0):
    return {check.name: check for check in record.parts[part].checks}


def test_the_seed_of_hidden_inputs_follows_from_the_run_and_the_work_alone(course, slot):
    (part,) = course.parts("activity1")

    def hidden_seed(content, seed):
        return part_run(part, Code({"score_matrix.py": content}, "score_matrix.py"), slot, seed).hidden_seed

    first = hidden_seed(b"x = 1", 5)
    assert hidden_seed(b"x = 1", 5) == first, "graded again it is asked the same"
    assert len({first, hidden_seed(b"x = 2", 5), hidden_seed(b"x = 1", 6), 5}) == 4


@pytest.mark.parametrize(("assignment", "name"), FAST)
def test_the_reference_earns_full_marks(course, graded, assignment, name):
    (part,) = course.parts(assignment, [name])
    record = graded(part.reference, assignment, name, recognise=False)
    assert {check.verdict for check in record.parts[0].checks} == {Verdict.passed}
    assert record.score == record.max_score > 0
    measured = record.parts[0].figures | dict(published.figures(part, Setting()))
    for figure, known in part.config.published.items():
        assert known.low <= measured[figure] <= known.high


def test_when_the_time_is_used_up_no_more_checks_begin_and_that_is_our_fault(course, graded):
    (part,) = course.parts("activity1")
    record = graded(part.mistakes[0], "activity1", until=0.0)
    assert {check.verdict for check in record.parts[0].checks} <= {Verdict.grader_error, Verdict.skipped}
    assert not any(check.hint or check.seeds for check in record.parts[0].checks)
    assert record.standing is Standing.needs_attention


@pytest.mark.parametrize(("assignment", "name"), FAST)
def test_the_template_earns_nothing_and_everything_is_still_to_write(course, graded, assignment, name):
    (part,) = course.parts(assignment, [name])
    record = graded(part.template, assignment, name)
    assert {check.verdict for check in record.parts[0].checks} == {Verdict.not_implemented}
    assert record.score == 0 < record.max_score
    assert all(check.message for check in record.parts[0].checks)


def test_a_whole_assignment_in_a_zip_is_graded_with_what_is_missing_named(course, graded, tmp_path):
    (svd,) = course.parts("lab1", ["truncated_svd"])
    path = tmp_path / "jane.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("work/truncated_svd.py", svd.reference.read_bytes())
        archive.writestr("work/factorize.py", b"x = 1\n")
    record = graded(path, "lab1", seed=3)
    assert [part.name for part in record.parts] == ["factorise", "truncated_svd", "complete", "rate"]
    factorise, right, complete, rate = record.parts
    assert right.score == right.max_score
    assert right.file == "truncated_svd.py"
    for missing in (factorise, complete, rate):
        assert (missing.score, missing.file) == (0, "")
        assert {check.verdict for check in missing.checks} == {Verdict.missing}
        assert f"There is no {missing.name}.py" in missing.checks[0].message
    assert "factorize.py" in factorise.checks[0].message
    assert record.standing is Standing.needs_a_look
    assert "factorise, complete, rate" in record.reasons[0]
    assert record.submission.files == ("factorize.py", "truncated_svd.py")


@pytest.mark.parametrize(("second", "standing"), [("# mine\n", Standing.needs_a_look), ("", Standing.final)])
def test_of_two_files_that_could_be_a_part_one_is_graded_and_a_person_looks(graded, course, tmp_path, second, standing):
    (part,) = course.parts("activity1", ["score_matrix"])
    for folder, more in (("one", ""), ("two", second)):
        (tmp_path / "ann" / folder).mkdir(parents=True)
        (tmp_path / "ann" / folder / "score_matrix.py").write_text(part.reference.read_text() + more)
    record = graded(tmp_path / "ann", "activity1", recognise=False)
    assert (record.score, record.standing) == (record.max_score, standing)
    assert ["they differ: one/score_matrix.py, two/score_matrix.py" in one for one in record.reasons] == (
        [True] if second else []
    )


def test_a_record_says_what_was_graded_where_and_how(course, graded, slot, tmp_path):
    (part,) = course.parts("activity1", ["score_matrix"])
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "score_matrix.py").write_bytes(part.reference.read_bytes())
    (tmp_path / "ann" / "conftest.py").write_text("raise SystemExit")
    before = datetime.now(UTC).replace(microsecond=0)
    record = graded(tmp_path / "ann", "activity1", seed=11, recognise=False)
    pieces = [
        b"conftest.py",
        b"raise SystemExit",
        b"score_matrix.py",
        part.reference.read_bytes(),
    ]
    digest = hashlib.sha256(b"".join(len(piece).to_bytes(8, "big") + piece for piece in pieces))
    assert record.submission.sha256 == digest.hexdigest()
    assert (record.assignment, record.submission.name, record.seed) == ("activity1", "ann", 11)
    assert (record.profile, record.device, record.partial) == ("mini", "cpu", False)
    about = Course(part.course)
    assert record.assignment_title == about.title_of("activity1")
    assert (record.course_title, record.language) == (about.config.title, "en")
    assert record.environment.sandbox == slot.level
    assert record.environment.protections == slot.protections != ()
    assert record.environment.versions["torch"] == torch.__version__
    assert {"pytest", "python"} <= record.environment.versions.keys()
    assert record.environment.platform
    assert before <= datetime.fromisoformat(record.started) <= datetime.now(UTC)
    assert record.seconds > 0
    checks = record.parts[0].checks
    assert sum(check.points for check in checks) == record.max_score == 90
    assert record.awaiting == 10
    assert all(check.title and check.seconds > 0 for check in checks)
    # `favourite` calls once for each of the three users; every call has its own seed
    assert len(by_name(record)["favourite"].seeds) == 3
    seeds = [seed for check in checks for seed in check.seeds]
    assert len(seeds) == len(set(seeds)) >= 10
    assert any("conftest.py" in notice for notice in record.notices)
    assert from_json(to_json(record)) == record


@pytest.mark.parametrize("name", ["score_matrix.py", "work.ipynb"])
def test_the_lines_where_it_stopped_are_in_the_record(graded, tmp_path, name):
    source = "import torch\n\n\ndef score_matrix(Q, K):\n    rows = Q.shape[0]\n    return Q[rows]\n"
    cells = [{"cell_type": "markdown", "source": "# 1"}, {"cell_type": "code", "source": source}]
    notebook = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    (tmp_path / name).write_text(notebook if name.endswith("ipynb") else source, encoding="utf-8")
    record = graded(tmp_path / name, "activity1", recognise=False)
    crashed = by_name(record)["scores"]
    cell = 2 if name.endswith("ipynb") else 0
    lines = ("def score_matrix(Q, K):", "    rows = Q.shape[0]", "    return Q[rows]")
    assert crashed.verdict is Verdict.crashed
    assert crashed.stopped_at == StoppedAt(file=name, cell=cell, line=6, first=4, lines=lines)
    assert "It stopped in line 6" in render_report(record)


def test_the_same_seed_gives_the_same_record_and_another_gives_other_seeds(course, slot):
    (part,) = course.parts("activity1", ["score_matrix"])
    (path,) = [path for path in part.mistakes if path.stem == "transposed_scores"]
    submission = take_in(path)
    renamed = dataclasses.replace(submission, files={"score_matrix.py": submission.files["transposed_scores.py"]})

    def outcome(seed):
        record = grade(renamed, [part], slot, GradeOptions(seed=seed))
        return [(c.name, c.verdict, c.score, c.message, c.detail, c.hint, c.seeds) for c in record.parts[0].checks]

    first = outcome(1)
    assert first == outcome(1)
    assert [entry[-1] for entry in first] != [entry[-1] for entry in outcome(2)]
    assert ("scores", Verdict.failed) in [entry[:2] for entry in first]
    assert any("users and movies have changed places" in entry[5] for entry in first)


def test_a_fault_of_ours_while_looking_for_hints_costs_the_hints_alone(course, slot, monkeypatch, capfd):
    (part,) = course.parts("activity1", ["score_matrix"])

    def lost(*_):
        raise SandboxError("the sandbox is gone")

    monkeypatch.setattr("grader.grading.known_mistakes.Recogniser._explain", lost)
    submission = take_in(part.mistakes[0])
    submission = dataclasses.replace(submission, files={"score_matrix.py": part.mistakes[0].read_bytes()})
    record = grade(submission, [part], slot, GradeOptions(seed=1))
    plain = grade(submission, [part], slot, GradeOptions(seed=1, recognise=False))
    assert record.standing is Standing.final
    assert (record.score, by_name(record).keys()) == (plain.score, by_name(plain).keys())
    assert not any(check.hint for check in record.parts[0].checks)
    (notice,) = record.notices
    assert notice == "Hints may be missing because the grader failed. Your score does not depend on them."
    assert f"{submission.name}: hints may be missing: the sandbox is gone" in capfd.readouterr().err


def test_without_a_sandbox_it_is_not_a_grade(course, graded):
    (part,) = course.parts("activity1", ["score_matrix"])
    unsafe = Direct().open_slot(SlotSettings(preload=("torch",)))
    record = graded(part.reference, "activity1", by=unsafe, recognise=False)
    assert record.score == record.max_score
    assert record.standing is Standing.not_a_grade
    assert record.environment.sandbox == "direct"
    assert record.environment.missing_protections


def test_some_parts_only_or_visible_checks_only_are_not_a_grade(course, graded):
    (part,) = course.parts("lab1", ["truncated_svd"])
    assert graded(part.reference, "lab1", "truncated_svd", whole=False).standing is Standing.not_a_grade
    visible = graded(part.reference, "lab1", "truncated_svd", visible_only=True)
    assert visible.standing is Standing.not_a_grade
    assert {check.visibility for check in visible.parts[0].checks} == {Visibility.visible}
    everything = graded(part.reference, "lab1", "truncated_svd")
    assert 0 < visible.max_score < everything.max_score
    assert everything.standing is Standing.final


def test_figures_that_are_no_numbers_do_not_make_a_record_unreadable(tmp_path, slot):
    root = tiny_course(
        tmp_path,
        '@check(points=1)\ndef check_it(submission, figures):\n    """It."""\n'
        '    figures.update(good=1.5, bad=float("nan"), worse=float("inf"))\n',
    )
    record = grade(take_in(root / "reference/a/b.py"), Course(root).parts("a"), slot, GradeOptions())
    assert from_json(to_json(record)).parts[0].figures == {"good": 1.5}


def test_figures_and_exhibits_are_recorded_with_their_visibility(tmp_path, slot):
    root = tiny_course(
        tmp_path,
        '@check(points=1)\ndef check_it(submission, figures, exhibits):\n    """It."""\n    figures["open"] = 1.0\n'
        '    exhibits.curves("loss", {"a": [2.0, 1.0]}, x_label="x", y_label="y")\n\n\n'
        '@check(points=1, visibility="hidden")\ndef check_more(submission, figures, exhibits):\n    """More."""\n'
        '    figures.update(secret=2.0, nothing=float("nan"))\n'
        '    exhibits.curves("hidden loss", {"a": [2.0, 1.0]}, x_label="x", y_label="y")\n',
    )
    record = grade(take_in(root / "reference/a/b.py"), Course(root).parts("a"), slot, GradeOptions())
    part = from_json(to_json(record)).parts[0]
    assert part.figures == {"open": 1.0, "secret": 2.0}
    assert part.hidden_figures == ("secret",)
    assert [(e.check, e.visibility, e.evidence.name) for e in part.exhibits] == [
        ("it", Visibility.visible, "loss"),
        ("more", Visibility.hidden, "hidden loss"),
    ]


def test_written_answers_are_recorded_beside_the_score_when_the_whole_assignment_is_graded(tmp_path, slot):
    root = tiny_course(tmp_path, '@check(points=4)\ndef check_it(submission):\n    """It."""\n    submission.one()\n')
    question = 'name = "{}"\ntitle = "{}"\npoints = 5\ntext = "What?"\n'
    sheet = "".join(f"[[question]]\n{question.format(name, name.title())}" for name in ("why", "how"))
    (root / "fixtures/a/questions.toml").write_text(sheet)
    (root / "reference/a/answers.md").write_text("# Why\n\nBecause.\n")
    (root / "reference/a/broken.ipynb").write_text("{")
    submission, parts = take_in(root / "reference/a"), Course(root).parts("a")
    record = grade(submission, parts, slot, GradeOptions(visible_only=True))
    assert [(w.name, w.answer, w.source) for w in record.written] == [
        ("why", "Because.", "answers.md"),
        ("how", "", ""),
    ]
    assert (record.score, record.max_score, record.awaiting) == (4, 4, 10)
    assert [notice.split()[0] for notice in record.notices] == ["broken.ipynb"]
    assert [unplaced.source for unplaced in record.unplaced] == ["broken.ipynb"]
    assert "Written answers: open broken.ipynb, which is no readable notebook." in record.reasons
    assert from_json(to_json(record)) == record
    part_only = grade(submission, parts, slot, GradeOptions(whole=False))
    assert (part_only.written, part_only.notices) == ((), ())


def test_an_error_of_ours_needs_attention_and_keeps_its_points(tmp_path, slot):
    root = tiny_course(
        tmp_path,
        '@check(points=4)\ndef check_it(submission):\n    """It."""\n    raise KeyError\n\n\n'
        '@check(points=1)\ndef check_more(submission):\n    """More."""\n    assert submission.one() == 1\n',
    )
    record = grade(take_in(root / "reference/a/b.py"), Course(root).parts("a"), slot, GradeOptions())
    assert record.standing is Standing.needs_attention
    assert (record.score, record.max_score) == (1, 5)


def test_only_some_checks_give_the_verdicts_that_all_of_them_give_and_are_no_grade(tmp_path, slot):
    """A check that one of them depends on is named, too: what fails there is not asked further."""
    root = tiny_course(
        tmp_path,
        "from grader import expect\n\n\n"
        '@check(points=1)\ndef check_first(submission):\n    """F."""\n'
        '    expect.equal(submission.one(), 2, name="one()")\n\n\n'
        '@check(points=1, depends_on=["first"])\ndef check_next(rng):\n    """N."""\n    assert False\n\n\n'
        '@check(points=4)\ndef check_last(submission):\n    """L."""\n    assert submission.one() == 1\n',
    )
    submission, parts = take_in(root / "reference/a/b.py"), Course(root).parts("a")
    whole = grade(submission, parts, slot, GradeOptions(recognise=False))
    some = grade(submission, parts, slot, GradeOptions(recognise=False, only=("first", "next")))
    verdicts = {name: check.verdict for name, check in by_name(some).items()}
    assert verdicts == {"first": Verdict.failed, "next": Verdict.skipped}
    assert verdicts.items() < {name: check.verdict for name, check in by_name(whole).items()}.items()
    assert (some.partial, whole.partial) == (True, False)


def test_a_check_file_that_cannot_be_run_ends_the_worker_too(tmp_path, slot):
    root = tiny_course(tmp_path, "def check_it(submission):\n    submission.one()\n")
    with pytest.raises(CourseError, match="has no @check"):
        grade(take_in(root / "reference/a/b.py"), Course(root).parts("a"), slot, GradeOptions())


def test_a_first_part_without_visible_checks_leaves_the_slot_to_the_next(tmp_path, slot):
    checks = '@check(points=1{})\ndef check_it(submission):\n    """It."""\n    assert submission.one() == 1\n'
    tiny_course(tmp_path, checks.format(', visibility="hidden"'))
    root = tiny_course(tmp_path, checks.format(""), name="c")
    record = grade(take_in(root / "reference/a"), Course(root).parts("a"), slot, GradeOptions(visible_only=True))
    hidden, visible = record.parts
    assert hidden.checks == ()
    assert [check.verdict for check in visible.checks] == [Verdict.passed]


def tiny_course(root, checks, name="b"):
    texts = {
        f"reference/a/{name}.py": "def one():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n",
        f"fixtures/a/{name}/part.toml": f'title = "{name.upper()}"\n',
        f"fixtures/a/{name}/expected.json": "{}",
        f"checks/a/check_{name}.py": f"from grader import check\n\n\n{checks}",
    }
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def test_what_a_submission_does_to_its_own_files_changes_nothing_of_the_next(course, slot, tmp_path):
    part = course.parts("activity1", ["score_matrix"])[0]
    path = tmp_path / "vandal"
    path.mkdir()
    (path / "score_matrix.py").write_text(VANDAL.format(where="pathlib.Path('left_behind').write_text('x')"))
    first = grade(take_in(path), [part], slot, GradeOptions(recognise=False))
    assert by_name(first)["scores"].verdict is Verdict.passed
    found = "print(sorted(os.listdir('.')), sorted(os.listdir(os.path.expanduser('~'))))"
    (path / "score_matrix.py").write_text(VANDAL.format(where=found))
    second = grade(take_in(path), [part], slot, GradeOptions(recognise=False))
    assert "['score_matrix.py'] ['submission']" in second.parts[0].output
    assert sorted(p.name for p in path.iterdir()) == ["score_matrix.py"]


def test_a_hidden_checks_inputs_are_not_printed_for_the_student(course, slot, tmp_path):
    part = course.parts("activity1", ["score_matrix"])[0]
    (tmp_path / "score_matrix.py").write_text(
        "def score_matrix(Q, K):\n    print(len(Q), 'users')\n    return Q @ K.T\n"
    )
    record = grade(take_in(tmp_path), [part], slot, GradeOptions(recognise=False))
    assert by_name(record)["scores_other_sizes"].score == by_name(record)["scores_other_sizes"].points
    assert record.parts[0].output.splitlines() == ["3 users"]


UNFORESEEN = """
import torch
from grader import check, expect

@check(points=1)
def check_number(submission):
    '''A number is doubled.'''
    expect.that(float(submission.double(2)) == 4, "Wrong.")

@check(points=2, visibility="hidden", depends_on=["number"])
def check_more(submission):
    '''More.'''

@check(points=2, visibility="hidden")
def check_hidden(submission, rng):
    '''A hidden number is doubled.'''
    n = int(torch.randint(9, (1,), generator=rng))
    expect.that({0: 0, 2 * n: n}[submission.double(n)] == n, "Wrong.")

@check(points=2)
def check_noted(submission, figures):
    '''It is noted.'''
    figures["twice"] = submission.double(3)

@check(points=4)
def check_ours(submission):
    '''Ours.'''
    submission.double(1)
    1 / 0
"""


def test_a_check_that_breaks_on_what_a_student_returned_and_not_on_the_reference_is_failed(demo, slot):
    (part,) = demo.parts("demo")
    part.check_file.write_text(UNFORESEEN)

    def checks(source):
        submission = dataclasses.replace(take_in(part.reference), files={"warm_up.py": source})
        return by_name(grade(submission, [part], slot, GradeOptions(seed=4)))

    found = checks(b"def double(x): return 10**400")
    assert {name: check.verdict.value for name, check in found.items()} == {
        "number": "failed",
        "more": "skipped",
        "hidden": "failed",
        "noted": "failed",
        "ours": "grader_error",
    }
    assert found["number"].message.startswith("This check cannot work with what `double` returned.")
    assert found["number"].detail == "The check stopped with OverflowError: int too large to convert to float"
    assert "our fault" in found["ours"].message
    right = checks(part.reference.read_bytes())
    assert {check.verdict.value for name, check in right.items() if name != "ours"} == {"passed"}
    assert right["ours"].verdict is Verdict.grader_error


@pytest.mark.parametrize(
    "reference", ["raise ImportError('gone')", "def treble(x): return 3 * x", "def double(x): 1 / 0"]
)
def test_a_reference_that_cannot_be_asked_is_our_fault_and_passes_nobody(demo, slot, reference):
    (part,) = demo.parts("demo")
    part.check_file.write_text(UNFORESEEN)
    part.reference.write_text(reference)
    submission = dataclasses.replace(
        take_in(part.reference), files={"warm_up.py": b"def double(x): return 10**400 if x else 0"}
    )
    found = by_name(grade(submission, [part], slot, GradeOptions(seed=4)))
    assert {name: check.verdict.value for name, check in found.items()} == {
        "number": "grader_error",
        "more": "skipped",
        "hidden": "grader_error",
        "noted": "grader_error",
        "ours": "grader_error",
    }


def test_that_a_hidden_check_printed_more_than_is_kept_is_not_in_the_record(course, graded, tmp_path):
    (part,) = course.parts("activity1", ["score_matrix"])
    noisy = tmp_path / "score_matrix.py"
    code = part.reference.read_text()
    for shapes, told in (("!=", False), ("==", True)):
        flood = f"    if S.shape {shapes} (3, 4):\n        print('x' * (1 << 20))\n"
        noisy.write_text(code.replace("    return int(", flood + "    return int(", 1))
        assert flood in noisy.read_text()
        assert graded(noisy, "activity1").parts[0].output_truncated is told
