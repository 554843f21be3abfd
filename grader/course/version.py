"""Hash the checks of an assignment and all that they compare with, to tell when a record is out of date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.course import course_toml
from grader.course.catalog import Part


def checks_version(parts: Sequence[Part]) -> str:
    """Return the SHA-256 over ``parts``, all of one assignment: check files, fixture data, part.toml, solutions.

    It also covers the questions, the code of the data sets and course.toml. A changed comment counts: a record quotes
    the checks and the hints. Calibrations and audits do not count, since no grading reads them.
    """
    sha = hashlib.sha256()
    for path in dict.fromkeys(path for part in parts for path in _read_when_graded(part)):
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"
        sha.update(f"{path.relative_to(parts[0].course)}\0{content}\n".encode())
    return sha.hexdigest()


def _read_when_graded(part: Part) -> Iterator[Path]:
    yield part.course / course_toml.FILE
    yield from (part.check_file, *part.shared_checks)
    yield from (part.reference, part.template, *sorted(part.reference.parent.glob("_*.py")))
    yield from (part.fixture_folder / "part.toml", *sorted(part.fixture_folder.glob("expected.*")))
    yield from (*part.mistakes, *part.variants)
    yield part.fixture_folder.parent / "questions.toml"
    yield from part.datasets.source_files
