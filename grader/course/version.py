"""Hash the checks of an assignment and all that they compare with, to tell when a record is out of date."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from grader.course import check_file, course_toml
from grader.course.catalog import Part
from grader.course.executed_code import check_sha256

_QUESTIONS = "questions.toml"
_FOR_MARKERS = ("model_answer", "rubric")


class PartVersion(msgspec.Struct, frozen=True):
    """The version of one part: a SHA-256 over all that it is judged by, and one over the code of each check by name."""

    sha256: str
    checks: dict[str, str]


def part_version(part: Part) -> PartVersion:
    """Return the version of one part, which covers what `checks_version` does but course.toml and the questions.

    Raises:
        SyntaxError: the check file is no Python.
    """
    declared = check_file.read(part.check_file).checks
    return PartVersion(
        _sha256(part.course, _judged_by(part)), {one.name: check_sha256(part, one.name) for one in declared}
    )


def checks_version(parts: Sequence[Part]) -> str:
    """Return the SHA-256 over ``parts``, all of one assignment: check files, fixture data, part.toml, solutions.

    It also covers the questions, the code of the data sets and course.toml. A changed comment counts: a record quotes
    the checks and the hints. Calibrations, audits, model answers and rubrics do not count: no grading reads them.
    """
    return _sha256(parts[0].course, (path for part in parts for path in read_when_graded(part)))


def _sha256(course: Path, paths: Iterable[Path]) -> str:
    sha = hashlib.sha256()
    for path in dict.fromkeys(paths):
        content = hashlib.sha256(_content(path)).hexdigest() if path.is_file() else "missing"
        sha.update(f"{path.relative_to(course)}\0{content}\n".encode())
    return sha.hexdigest()


def _content(path: Path) -> bytes:
    """Return what a file says; of ``questions.toml`` without what only people read who mark."""
    content = path.read_bytes()
    if path.name != _QUESTIONS:
        return content
    try:
        questions = tomllib.loads(content.decode()).get("question", [])
        asked = [{key: value for key, value in one.items() if key not in _FOR_MARKERS} for one in questions]
    except (ValueError, AttributeError):  # the invariants tell what is wrong with it
        return content
    return json.dumps(asked, sort_keys=True).encode()


def read_when_graded(part: Part) -> Iterator[Path]:
    """Yield the files of a part that decide what a grading comes to, whether or not they are there."""
    yield part.course / course_toml.FILE
    yield from _judged_by(part)
    yield part.fixture_folder.parent / _QUESTIONS


def _judged_by(part: Part) -> Iterator[Path]:
    yield from (part.check_file, *part.shared_checks)
    yield from (part.reference, part.template, *sorted(part.reference.parent.glob("_*.py")))
    yield from (part.fixture_folder / "part.toml", *sorted(part.fixture_folder.glob("expected.*")))
    yield part.fixture_folder / "first_steps.py"
    yield from (*part.mistakes, *part.variants)
    yield from part.datasets.source_files
