"""Read which checks caught each mistake in the last audit."""

from __future__ import annotations

from grader.audit import summary
from grader.course import check_file
from grader.course.catalog import Part
from grader.errors import CourseError


def stored(part: Part) -> dict[str, tuple[str, ...]]:
    """Return for each mistake the checks that caught it and those they depend on; leaves out checks that are gone.

    These are only tried first: if a mistake passes them, all checks grade it.
    """
    try:
        known = summary.read(part)
    except CourseError:
        return {}  # `grader audit` says what is wrong with it
    file = check_file.read(part.check_file)
    proofs = {name: file.with_prerequisites(checks) for name, checks in (known.proof if known else {}).items()}
    return {name: checks for name, checks in proofs.items() if checks}


def unknown(part: Part) -> list[str]:
    """Return the names of mistakes without a proof and of checks in no proof; these take longer to verify."""
    try:
        checks = [check.name for check in check_file.read(part.check_file).checks]
    except (OSError, SyntaxError, ValueError):
        return []  # the invariants report this
    proofs = stored(part)
    proven = {check for chosen in proofs.values() for check in chosen}
    mistakes = [path.stem for path in part.mistakes]
    return [*(name for name in mistakes if name not in proofs), *(name for name in checks if name not in proven)]
