"""Keep the fingerprints of what was handed in, from which the class page names near-identical submissions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.commands.class_line import ClassLine
from grader.course.catalog import Course
from grader.errors import IntakeRefused
from grader.running.jobs import Job
from grader.similarity import kept
from grader.similarity.fingerprints import every_fingerprint, fingerprints
from grader.similarity.kept import ClassPrints, KeptPrints, prints_of


def keep_fingerprints(course: Course, plan: Sequence[Job], lines: Sequence[ClassLine], folder: Path) -> None:
    """Write the fingerprints of all submissions of a run into ``folder``, beside those of earlier runs.

    Reads only what was not read before. Practice leaves everything as it is: it is no grade. Raises OSError.
    """
    if plan[0].is_practice:
        return
    before = kept.read(folder)
    hashes = {line.name: line.sha256 for line in lines}
    submissions = dict(before.submissions)
    for job in plan:
        known = before.submissions.get(job.name)
        if known is None or known.sha256 != hashes.get(job.name):
            submissions |= _read(job)
    given = every_fingerprint(_templates(course, plan[0].assignment))
    kept.write(folder, ClassPrints(given=given, submissions=submissions))


def _read(job: Job) -> dict[str, KeptPrints]:
    """Return the fingerprints of one submission, by its name; none if it cannot be taken in."""
    try:
        submission = job.take_in()
    except IntakeRefused:
        return {}
    return {job.name: KeptPrints(sha256=submission.sha256, prints=prints_of(fingerprints(submission.files)))}


def _templates(course: Course, assignment: str) -> Iterator[tuple[str, bytes]]:
    """Yield what students are given for an assignment."""
    folder = course.root / "student_template" / assignment
    return ((path.name, path.read_bytes()) for path in sorted(folder.glob("*")) if path.is_file())
