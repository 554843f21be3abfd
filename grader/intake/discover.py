"""Which submissions there are in what was given: one, several, or directories of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.errors import IntakeRefused, UsageError
from grader.intake.archive import DEFAULT_LIMITS, is_litter, names, shown
from grader.intake.locate import enumerated
from grader.intake.readers import is_work, zip_bytes


def find_submissions(paths: Sequence[Path], assignment: str | None = None) -> list[Path]:
    """Expand directories of submissions; all else stays as it is, so that `take_in` can say what is wrong.

    A directory is one submission if it holds a ``.py`` or ``.ipynb`` file, an ``answers.md`` or a folder named like
    the assignment, or if it is empty or unreadable. Otherwise it is a class: each thing in it, whatever it is, is
    a submission, except hidden files and litter. Sorted by name; a path given twice counts once. Raises UsageError
    where code stands beside zips that hold code: that may be either.
    """
    found = {path for given in paths for path in _expanded(given, assignment)}
    return sorted(found, key=lambda path: (path.name, path))


def _expanded(path: Path, assignment: str | None) -> list[Path]:
    try:
        children = [child for child in path.iterdir() if not (child.name[0] == "." or is_litter(child.name))]
        one = any(assignment == child.name if child.is_dir() else is_work(child) for child in children)
    except OSError:  # a file, a missing path, a folder that may not be read: for `take_in` to judge
        return [path]
    if one:
        _refuse_either(path, children)
    return [path] if one or not children else children


def _refuse_either(path: Path, children: Sequence[Path]) -> None:
    """Nobody's work may be left out as an archive inside another's, and no student's folder be taken for a class."""
    code = sorted(child.name for child in children if child.suffix.casefold() == ".py")
    zips = sorted(child.name for child in children if child.suffix.casefold() == ".zip" and _holds_work(child))
    if code and zips:
        raise UsageError(
            f"{path} holds {shown(code[0])} and also {enumerated(zips)} with work inside: if it is a class, give what "
            f"is in it ({path}/*); if it is one submission, take the archives out"
        )


def _holds_work(path: Path) -> bool:
    """Whether a zip could be somebody's submission, and not their data."""
    try:
        return path.is_file() and any(is_work(Path(name)) for name in names(zip_bytes(path, DEFAULT_LIMITS)))
    except (OSError, IntakeRefused):
        return False
