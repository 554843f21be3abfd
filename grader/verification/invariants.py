"""Check the nine invariants of a course, and name the command that repairs each (``grader verify``).

1 layout · 2 stubs · 3 fixture data · 4 right solutions earn full marks · 5 the template earns nothing ·
6 checks and mistakes catch each other · 7 files are well made · 8 gates are calibrated · 9 witnesses agree

Each cause is reported once: a part with a broken check file is not graded and has no finding that follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from grader.calibration import stored
from grader.course.catalog import Course, Part
from grader.errors import CourseError
from grader.verification import authoring
from grader.verification.gradings import How, Solution, grade_solutions, solutions
from grader.verification.judging import judge
from grader.verification.layout import Finding, layout, notebooks, stub, student_page, written_questions
from grader.verification.problems import FileProblem

INVARIANTS = {
    1: "every part has its files, and there are no unknown files",
    2: "the templates are up to date and show no line of a solution",
    3: "make.py gives the stored fixture data, within tolerance",
    4: "the reference and every variant earn full marks in the sandbox",
    5: "the template earns 0, and every verdict is not_implemented",
    6: "every check catches a mistake, and every mistake loses marks",
    7: "checks, gates and known solutions have correct names, options and docstrings",
    8: "every gate has a calibration that is up to date",
    9: "the reference agrees with its independent witness",
}


def verify(course: Course, parts: Sequence[Part], how: How, step: Callable[[str], None]) -> list[Finding]:
    """Return everything that is wrong with ``parts``; calls ``step`` once for each known solution."""
    findings = [*layout(course, parts), *student_page(course)]
    findings += [*written_questions(course, parts), *notebooks(course, parts)]
    wanted: list[Solution] = []
    for part in parts:
        found, to_grade = _read(part)
        findings += found
        wanted += to_grade
        for solution in solutions(part):
            if solution not in to_grade:
                step(solution.name)
    graded = list(grade_solutions(course, wanted, how, step))
    for part in dict.fromkeys(solution.part for solution in wanted):
        findings += judge(part, [result for result in graded if result.solution.part == part])
    return sorted(findings, key=lambda finding: (finding.invariant, finding.where))


def _read(part: Part) -> tuple[list[Finding], list[Solution]]:
    """Return what is wrong with a part before anything is graded, and the solutions that can be graded."""
    problems = authoring.problems(part)
    findings = [_finding(part, problem) for problem in problems]
    broken = {problem.path for problem in problems if problem.unreadable}
    usable = {path: path.is_file() and path not in broken for path in _files(part)}
    usable[part.check_file] &= not any(problem.stops for problem in problems)
    if usable[part.reference] and (fault := _cannot_be_loaded(part)):
        return [*findings, fault], []
    for finding in _stored(part, usable):
        if finding.problem not in {earlier.problem for earlier in findings}:
            findings.append(finding)
    needed = (part.reference, part.check_file, part.fixture_folder / "expected.json")
    if not all(usable[path] for path in needed):
        return findings, []
    return findings, [solution for solution in solutions(part) if solution.path not in broken]


def _finding(part: Part, problem: FileProblem) -> Finding:
    path = problem.path.relative_to(part.course)
    return Finding(7, part.identity, problem.told(part.course), f"fix {path}, line {problem.line}")


def _stored(part: Part, usable: Mapping[Path, bool]) -> Iterator[Finding]:
    """Check the invariants that need no grading, each only if the files that it reads are usable."""
    maker, stored_data = part.fixture_folder / "make.py", part.fixture_folder / "expected.json"
    needed: dict[Callable[[Part], Iterator[Finding]], tuple[int, tuple[Path, ...]]] = {
        stub: (2, (part.reference, part.template)),
        _fixture_data: (3, (part.reference, maker, stored_data)),
        _calibrated: (8, (part.reference, part.check_file)),
        _witness: (9, (part.reference, maker)),
    }
    for invariant, (number, files) in needed.items():
        if all(usable[path] for path in files):
            try:
                yield from invariant(part)
            except CourseError as error:
                yield Finding(number, part.identity, str(error), f"look at reference/{part.identity}.py and make.py")


def _files(part: Part) -> tuple[Path, ...]:
    folder = part.fixture_folder
    return (part.reference, part.template, part.check_file, folder / "make.py", folder / "expected.json")


def _cannot_be_loaded(part: Part) -> Finding | None:
    """Return the finding of a reference that raises while it is imported; None if it does not."""
    from grader.course import fixture_data

    try:
        fixture_data.load_module(part.reference, f"reference_{part.assignment}_{part.name}")
    except CourseError as error:
        return Finding(4, part.identity, str(error), f"look at reference/{part.identity}.py")
    return None


def _fixture_data(part: Part) -> Iterator[Finding]:
    from grader.course import fixture_data

    try:
        names = fixture_data.differences(fixture_data.read(part), fixture_data.make(part))
    except CourseError as error:
        yield Finding(3, part.identity, str(error), f"grader fixtures {part.identity}")
        return
    if names:
        problem = f"make.py now gives other values for {', '.join(names)}"
        yield Finding(3, part.identity, problem, f"grader fixtures {part.identity}")


def _calibrated(part: Part) -> Iterator[Finding]:
    for problem in stored.problems(part):
        yield Finding(8, part.identity, problem.words, problem.repair)


def _witness(part: Part) -> Iterator[Finding]:
    """Call ``witness(reference)`` if ``make.py`` has it: it asserts that another computation gives the same."""
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
