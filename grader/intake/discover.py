"""Find the submissions in what an instructor was given: who handed in which file or folder.

A :class:`ClassSource` knows one way in which a class arrives. A new one (an archive from an LMS, say) is a new class
in a file of its own, and one more entry in `SOURCES`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from grader.errors import IntakeRefused, UsageError
from grader.intake.archive import DEFAULT_LIMITS, is_litter, names, shown
from grader.intake.locate import enumerated
from grader.intake.names import distinct, name_of
from grader.intake.readers import is_work, zip_bytes


class FoundSubmission(NamedTuple):
    """One submission of a class: what its author is called, and where their files are."""

    name: str
    path: Path


class ClassSource(Protocol):
    """One way in which the submissions of a class arrive."""

    def recognises(self, paths: Sequence[Path]) -> bool:
        """Return whether this source knows what is at ``paths``. Raises nothing."""
        ...

    def submissions(self, paths: Sequence[Path], assignment: str | None) -> list[FoundSubmission]:
        """Return every submission at ``paths``, sorted; names need not differ yet.

        Nobody's work is dropped: what cannot be read is returned too, for `take_in` to refuse in words.

        Raises:
            UsageError: what was given can be read in two ways; says how to give it instead.
        """
        ...


class FoldersAndFiles:
    """Submissions given one by one (a folder, a zip, a file), or as directories that hold one entry per person.

    A directory is one submission if it holds a ``.py`` or ``.ipynb`` file, an ``answers.md`` or a folder named like
    the assignment, or if it is empty or unreadable. Otherwise it is a class: everything in it is a submission, except
    hidden files and litter.
    """

    def recognises(self, paths: Sequence[Path]) -> bool:  # noqa: ARG002
        """Return True: any path can be a submission."""
        return True

    def submissions(self, paths: Sequence[Path], assignment: str | None) -> list[FoundSubmission]:
        """Expand class directories; sorted by file name, and a path given twice counts once."""
        found = {path for given in paths for path in _expanded(given, assignment)}
        return [FoundSubmission(name_of(path), path) for path in sorted(found, key=lambda path: (path.name, path))]


SOURCES: tuple[ClassSource, ...] = (FoldersAndFiles(),)  # the first that recognises the paths is used


def find_submissions(paths: Sequence[Path], assignment: str | None = None) -> list[FoundSubmission]:
    """Return the submissions at ``paths``, each with a name that no other has.

    Raises:
        UsageError: what was given can be read in two ways.
    """
    source = next(source for source in SOURCES if source.recognises(paths))
    found = source.submissions(paths, assignment)
    return [
        FoundSubmission(name, path) for name, (_, path) in zip(distinct([f.name for f in found]), found, strict=True)
    ]


def _expanded(path: Path, assignment: str | None) -> list[Path]:
    try:
        children = [child for child in path.iterdir() if not (child.name[0] == "." or is_litter(child.name))]
        one = any(assignment == child.name if child.is_dir() else is_work(child) for child in children)
    except OSError:  # a file, a missing path, a folder that may not be read: `take_in` says what is wrong
        return [path]
    if one:
        _refuse_either(path, children)
    return [path] if one or not children else children


def _refuse_either(path: Path, children: Sequence[Path]) -> None:
    """Refuse a folder with code beside zips of code: it may be one submission or a class.

    Read as one submission, it would leave out the work in the zips; read as a class, it would split one person's work.
    """
    code = sorted(child.name for child in children if child.suffix.casefold() == ".py")
    zips = sorted(child.name for child in children if child.suffix.casefold() == ".zip" and _holds_work(child))
    if code and zips:
        raise UsageError(
            f"{path} holds {shown(code[0])} and also {enumerated(zips)} with work inside: if it is a class, give what "
            f"is in it ({path}/*); if it is one submission, take the archives out"
        )


def _holds_work(path: Path) -> bool:
    """Return whether a zip could be somebody's submission, and not data that they use."""
    try:
        return path.is_file() and any(is_work(Path(name)) for name in names(zip_bytes(path, DEFAULT_LIMITS)))
    except (OSError, IntakeRefused):
        return False
