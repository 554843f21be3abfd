"""Hash the checks of an assignment and all that they compare with, to tell when a record is out of date."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.course import course_toml
from grader.course.catalog import Part

_QUESTIONS = "questions.toml"
_FOR_MARKERS = ("model_answer", "rubric")


def checks_version(parts: Sequence[Part]) -> str:
    """Return the SHA-256 over ``parts``, all of one assignment: check files, fixture data, part.toml, solutions.

    It also covers the questions, the code of the data sets and course.toml. A changed comment counts: a record quotes
    the checks and the hints. Calibrations, audits, model answers and rubrics do not count: no grading reads them.
    """
    sha = hashlib.sha256()
    for path in dict.fromkeys(path for part in parts for path in read_when_graded(part)):
        content = hashlib.sha256(_content(path)).hexdigest() if path.is_file() else "missing"
        sha.update(f"{path.relative_to(parts[0].course)}\0{content}\n".encode())
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
    yield from (part.check_file, *part.shared_checks)
    yield from (part.reference, part.template, *sorted(part.reference.parent.glob("_*.py")))
    yield from (part.fixture_folder / "part.toml", *sorted(part.fixture_folder.glob("expected.*")))
    yield from (*part.mistakes, *part.variants)
    yield part.fixture_folder.parent / _QUESTIONS
    yield from part.datasets.source_files
