"""Find the mistakes of a part's author by reading its files; a part with one is not graded."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from grader.course.catalog import Part
from grader.course.check_file import CheckFile
from grader.errors import CourseError
from grader.verification import check_rules, part_rules
from grader.verification.problems import FileProblem


def problems(part: Part) -> list[FileProblem]:
    """Return every mistake in a part's reference, check file, part.toml and known solutions, in this order.

    Ignores missing files. Raises `CourseError` for a part.toml that cannot be read.
    """
    found = list(_of_reference_and_checks(part))
    _, unreadable = _parsed_if_there(part.fixture_folder / "make.py", stops=False)
    found += [unreadable] if unreadable else []
    return [*found, *part_rules.solutions(part)]


def refuse_broken(parts: Sequence[Part]) -> None:
    """Raise `CourseError` with a line for each mistake that would have students graded wrongly."""
    found = [problem.told(part.course) for part in parts for problem in _of_reference_and_checks(part) if problem.stops]
    for part in parts:
        missing = (path for path in (part.reference, part.check_file) if not path.is_file())
        found += [f"{path.relative_to(part.course)} is missing" for path in missing]
    if found:
        raise CourseError("\n".join(found))


def refuse_broken_makers(parts: Sequence[Part]) -> None:
    """Raise `CourseError` with a line for each reference or make.py that Python cannot read.

    Leaves the check file out: it may already use a value that make.py has yet to make.
    """
    files = [path for part in parts for path in (part.reference, part.fixture_folder / "make.py")]
    unreadable = [problem.told(parts[0].course) for path in files if (problem := _parsed_if_there(path)[1])]
    if unreadable:
        raise CourseError("\n".join(unreadable))


def _parsed_if_there(path: Path, *, stops: bool = True) -> tuple[ast.Module | None, FileProblem | None]:
    return part_rules.parsed(path, stops=stops) if path.is_file() else (None, None)


def _of_reference_and_checks(part: Part) -> Iterator[FileProblem]:
    tree, unreadable = _parsed_if_there(part.reference)
    if unreadable:
        yield unreadable
    if tree:
        yield from part_rules.reference_names(part)
    yield from _of_checks(part, has_reference=tree is not None)


def _of_checks(part: Part, *, has_reference: bool) -> Iterator[FileProblem]:
    tree, unreadable = _parsed_if_there(part.check_file)
    if unreadable:
        yield unreadable
    if tree is None:
        return
    file = CheckFile(part.check_file, tree)
    yield from check_rules.problems_of(file)
    rules: list[Callable[[Part, CheckFile], Iterator[FileProblem]]] = [
        part_rules.expected_values,
        part_rules.gates,
    ]
    if has_reference:
        rules.append(part_rules.submission_names)
    for rule in rules:
        yield from rule(part, file)
