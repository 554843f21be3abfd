"""The nine invariants of a course, each with the command that repairs it (``grader verify``).

1 layout · 2 stubs · 3 fixture data · 4 right solutions earn full marks · 5 the template earns nothing ·
6 checks and mistakes catch each other · 7 checks are well made · 8 gates are calibrated · 9 witnesses agree
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.calibration import stored
from grader.course.catalog import Course, Part
from grader.errors import CourseError
from grader.records.record import PartRecord, Verdict
from grader.running.jobs import Engine, Job
from grader.running.pool import grade_class
from grader.verification.layout import Finding, layout, stub, written_questions

INVARIANTS = {
    1: "the four paths of every part exist and nothing unexpected stands beside them",
    2: "the templates regenerate byte for byte, and hold no line of a solution",
    3: "fixture data rebuild within tolerance",
    4: "the reference and every right variant earn full marks through the sandbox",
    5: "the template earns 0, and every verdict is not_implemented",
    6: "every check is failed by a mistake, and every mistake loses marks",
    7: "check docstrings are there, names are unique, points are above 0",
    8: "every gate has a calibration no older than its reference",
    9: "the reference agrees with its independent witness",
}


@dataclass(frozen=True, slots=True)
class Graded:
    """One known solution of a part, graded: ``kind`` is reference, variant, mistake or template."""

    part: Part
    kind: str
    path: Path
    record: PartRecord | None
    fault: str = ""


def verify(
    course: Course, parts: Sequence[Part], engine: Engine, sandbox: str, step: Callable[[str], None]
) -> list[Finding]:
    """Everything that is wrong with ``parts``; ``step`` is called once for each solution graded."""
    findings = [*layout(course, parts), *written_questions(course, parts)]
    for part in parts:
        for number, invariant in ((2, stub), (3, _fixture_data), (8, _calibrated), (9, _witness)):
            findings += _findings(number, invariant, part)
    graded = list(grade_solutions(course, parts, engine, sandbox, step))
    for part in parts:
        own = [result for result in graded if result.part == part]
        for judge in (_full_marks, _nothing_earned, _caught, _well_made):
            findings += judge(part, own)
    return sorted(findings, key=lambda finding: (finding.invariant, finding.where))


def _findings(number: int, invariant: Callable[[Part], Iterator[Finding]], part: Part) -> list[Finding]:
    """What one invariant finds; a file that is broken is a finding too, not the end of the verification."""
    try:
        return list(invariant(part))
    except CourseError as error:
        return [Finding(number, part.identity, str(error), f"look at reference/{part.identity}.py and make.py")]
    except FileNotFoundError:
        return []  # the first invariant names it


def solutions(part: Part) -> list[tuple[str, Path]]:
    """Every known solution of a part: (kind, path)."""
    return [
        ("reference", part.reference),
        ("template", part.template),
        *(("variant", path) for path in part.variants),
        *(("mistake", path) for path in part.mistakes),
    ]


def grade_solutions(
    course: Course, parts: Sequence[Part], engine: Engine, sandbox: str, step: Callable[[str], None]
) -> Iterator[Graded]:
    """Grade every known solution of ``parts`` like a student's."""
    for assignment in dict.fromkeys(part.assignment for part in parts):
        table = {
            f"{part.name}/{kind}/{path.stem}": (part, kind, path)
            for part in parts
            if part.assignment == assignment
            for kind, path in solutions(part)
            if path.is_file()
        }
        jobs = [_job(course, name, part, path, engine, sandbox) for name, (part, _, path) in table.items()]
        for outcome in grade_class(jobs, engine) if jobs else ():
            part, kind, path = table[outcome.name]
            record = outcome.record.parts[0] if outcome.record else None
            step(outcome.name)
            yield Graded(part, kind, path, record, outcome.fault or outcome.refused)


def _job(course: Course, name: str, part: Part, path: Path, engine: Engine, sandbox: str) -> Job:
    return Job(
        course=str(course.root),
        assignment=part.assignment,
        parts=(part.name,),
        path=os.fsencode(path),
        name=name,
        sandbox=sandbox,
        threads=engine.threads,
        seed=20_240_101,
        solution_of=part.name,
        recognise=False,
    )


def _fixture_data(part: Part) -> Iterator[Finding]:
    from grader.course import fixture_data

    try:
        names = fixture_data.differences(fixture_data.read(part), fixture_data.make(part))
    except CourseError as error:
        yield Finding(3, part.identity, str(error), f"grader fixtures {part.identity}")
        return
    for name in names:
        yield Finding(3, part.identity, f"{name} does not rebuild", f"grader fixtures {part.identity}")


def _calibrated(part: Part) -> Iterator[Finding]:
    for problem in stored.problems(part):
        yield Finding(8, part.identity, problem.words, problem.repair)


def _witness(part: Part) -> Iterator[Finding]:
    """``make.py`` may define ``witness(reference)``, which asserts agreement with a computation of another kind."""
    from grader.course import fixture_data

    maker = fixture_data.load_module(part.fixture_folder / "make.py", f"make_{part.assignment}_{part.name}")
    reference = fixture_data.load_module(part.reference, f"reference_{part.assignment}_{part.name}")
    if not hasattr(maker, "witness"):
        return
    try:
        maker.witness(reference)
    except Exception as error:  # noqa: BLE001 -- a reference that raises disagrees too
        words = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
        yield Finding(9, part.identity, f"the witness disagrees: {words}", f"look at reference/{part.identity}.py")


def _full_marks(part: Part, graded: Sequence[Graded]) -> Iterator[Finding]:
    for result in graded:
        if result.kind in ("reference", "variant"):
            for problem in _losses(result):
                yield Finding(4, part.identity, f"{result.kind} {result.path.stem}: {problem}", _once_more(result))


def _once_more(result: Graded) -> str:
    """The command that grades a known solution again, to look at what is wrong."""
    part = result.part
    return f"grader grade {part.assignment} {result.path.relative_to(part.course)} --part {part.name}"


def _losses(result: Graded) -> Iterator[str]:
    if result.record is None:
        yield result.fault
        return
    for check in result.record.checks:
        if check.verdict is not Verdict.passed:
            yield f"{check.name} is {check.verdict}: {check.message} {check.detail}".strip()


def _nothing_earned(part: Part, graded: Sequence[Graded]) -> Iterator[Finding]:
    for result in graded:
        if result.kind != "template":
            continue
        if result.record is None:
            yield Finding(5, part.identity, f"the template: {result.fault}", _once_more(result))
            continue
        for check in result.record.checks:
            if check.verdict is not Verdict.not_implemented or check.score:
                problem = f"the template's verdict for {check.name} is {check.verdict}"
                yield Finding(5, part.identity, problem, f"grader stubs {part.identity}")


def _caught(part: Part, graded: Sequence[Graded]) -> Iterator[Finding]:
    mistakes = [result for result in graded if result.kind == "mistake"]
    failed: set[str] = set()  # by judging
    for result in mistakes:
        if result.record is None:
            yield Finding(6, part.identity, f"mistake {result.path.stem}: {result.fault}", "grader doctor")
            continue
        caught_by = {check.name for check in result.record.checks if check.took_marks}
        failed |= caught_by
        if not caught_by:
            problem = f"no check judges mistake {result.path.stem} to be wrong"
            yield Finding(6, part.identity, problem, f"sharpen {_relative(part)}")
    checks = next((result.record.checks for result in graded if result.record), ())
    for check in checks:
        if check.name not in failed:
            yield Finding(
                6, part.identity, f"no mistake fails {check.name}", f"add one below fixtures/{part.identity}/mistakes"
            )


def _well_made(part: Part, graded: Sequence[Graded]) -> Iterator[Finding]:
    record = next((result.record for result in graded if result.record), None)
    if record is None:
        yield Finding(7, part.identity, "the checks cannot be run", f"see {_relative(part)}")
        return
    for check in record.checks:
        if not check.title:
            yield Finding(7, part.identity, f"{check.name} has no docstring", f"write one in {_relative(part)}")
        if check.points <= 0:
            yield Finding(7, part.identity, f"{check.name} is worth nothing", f"see {_relative(part)}")


def _relative(part: Part) -> str:
    return str(part.check_file.relative_to(part.course))
