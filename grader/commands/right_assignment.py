"""Ask whether it is the right assignment, before a class is graded that has nothing of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader.course.catalog import Course, Part
from grader.errors import IntakeRefused, UsageError
from grader.intake.defined_names import defined_names, matches
from grader.intake.locate import enumerated, locate
from grader.intake.work import is_answer_sheet, is_code
from grader.running.jobs import Job

_FEWEST = 3  # submissions: fewer may all be empty by chance


def refuse_other_assignment(course: Course, jobs: Sequence[Job]) -> None:
    """Raise UsageError if none of three or more submissions has anything of the assignment.

    What cannot be read counts as possible: `take_in` refuses it in words. Stops reading at the first that has any.
    """
    if len(jobs) < _FEWEST:
        return
    assignment, seen = jobs[0].assignment, []
    for job in jobs:
        try:
            files = job.take_in().files
        except IntakeRefused:
            return
        if _has_any(files, course.parts(assignment)):
            return
        seen.append(files)
    raise UsageError(_question(course, assignment, seen))


def _has_any(files: Mapping[str, bytes], parts: Iterable[Part]) -> bool:
    """Return whether one of ``files`` is named like a part, may define one of its functions, or holds answers."""
    if any(map(is_answer_sheet, files)):
        return True
    defined = {name for path, content in files.items() if is_code(path, content) for name in defined_names(content)}
    return any(_is_named(files, part) or matches(defined, _names(part)) for part in parts)


def _is_named(files: Mapping[str, bytes], part: Part) -> bool:
    found = locate(files, part.name, part.config.files)
    return bool(found.path or found.rivals)


def _names(part: Part) -> list[str]:
    """Return every name that a function of a part may have, and the patterns of such names."""
    tables = (part.alias_table(), part.pattern_table())
    return [word for table in tables for name, others in table.items() for word in (name, *others)]


def _question(course: Course, assignment: str, seen: Sequence[Mapping[str, bytes]]) -> str:
    parts = ", ".join(part.name for part in course.parts(assignment))
    files = sorted({path.rpartition("/")[2] for files in seen for path in files})
    counts = {name: sum(_has_any(files, parts) for files in seen) for name, parts in course.assignments.items()}
    likely = max(counts, key=lambda name: counts[name])
    guess = f" {counts[likely]} of them have something of {likely}." if counts[likely] else ""
    nothing = f"none of the {len(seen)} submissions has anything of {assignment} ({parts})"
    grade_anyway = f"If it is right, grade them all the same by giving fewer than {_FEWEST} at a time"
    return f"{nothing}: is this the right assignment?{guess} What they hold: {enumerated(files)}. {grade_anyway}"
