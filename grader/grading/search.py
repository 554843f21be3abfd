"""How a part's functions are looked for in a submission, and what was found, as records have it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Collection, Mapping
from pathlib import Path

from grader.course.catalog import Course, Part
from grader.errors import CourseError
from grader.intake.archive import shown
from grader.records.found import FoundRecord, NotRunRecord
from grader.sandbox.loading import Loaded, Search

_LONGEST_REASON = 300  # characters


def search_of(part: Part, reserved: Collection[str] = ()) -> Search:
    """Return how the entry points of a part are looked for; ``reserved`` are names that belong to other parts."""
    return Search(
        parameters={
            entry.name: tuple(name for name in entry.parameters if not name.startswith("*"))
            for entry in part.entry_points
        },
        required={entry.name: entry.required for entry in part.entry_points},
        patterns=part.pattern_table(),
        reserved=reserved,
    )


@functools.lru_cache(maxsize=64)
def names_of(course: Path, assignment: str) -> Mapping[str, tuple[str, ...]]:
    """Return the names that belong to each part's entry points, with their aliases, by part of an assignment."""
    names: dict[str, tuple[str, ...]] = {}
    for part in Course(course).parts(assignment):
        with contextlib.suppress(CourseError):  # a part that is not finished yet stops no other
            names[part.name] = tuple(name for entry, more in part.alias_table().items() for name in (entry, *more))
    return names


def found_records(loaded: Loaded) -> tuple[FoundRecord, ...]:
    """Return where each entry point was found; names that a student chose are escaped."""
    return tuple(
        FoundRecord(entry_point, shown(one.name), one.file, one.cell, one.line)
        for entry_point, one in loaded.found.items()
    )


def not_run_records(loaded: Loaded) -> tuple[NotRunRecord, ...]:
    """Return the lines that were not run, and why."""
    return tuple(
        NotRunRecord(one.file, one.first, one.last, one.cell, shown(one.why, longest=_LONGEST_REASON))
        for one in loaded.not_run
    )
