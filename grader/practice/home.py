"""A handout on a student's computer: where it is, and the files that the student works in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import course_toml
from grader.course.catalog import Course, Part
from grader.errors import UsageError
from grader.intake.submission import Submission

_CHECKS, _DATA = "checks", "data"  # folders of a handout that hold no work
_WORK = (".py", ".ipynb")


@dataclass(frozen=True)
class Home:
    """The folder of one handout."""

    folder: Path

    @property
    def course(self) -> Course:
        """The small course that holds the visible checks."""
        return Course(self.folder / _CHECKS)

    def parts(self, names: Sequence[str]) -> tuple[Part, ...]:
        """Return the parts named, or all of them; raises UsageError listing what there is."""
        assignment = next(iter(self.course.assignments), "")
        if not assignment:
            raise UsageError(f"no check of {self.folder} runs at home")
        return self.course.parts(assignment, names)

    def submission(self) -> Submission:
        """Return the student's files as they are now; raises UsageError where one cannot be read."""
        try:
            files = {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in self.work()}
        except OSError as error:
            raise UsageError(f"{error.filename} cannot be read: {error.strerror}") from error
        return submission_of(files, self.folder)

    def work(self) -> Iterator[Path]:
        """Yield the files of code below the folder, without the handout's own and without virtual environments."""
        yield from _work_in(self.folder, leave_out=(_CHECKS, _DATA))


def submission_of(files: dict[str, bytes], folder: Path) -> Submission:
    """Return ``files`` by path as the submission of whoever works in ``folder``."""
    sha256 = hashlib.sha256(b"".join(hashlib.sha256(files[path]).digest() for path in sorted(files))).hexdigest()
    return Submission(name=folder.resolve().name or "you", files=files, sha256=sha256, source=folder)


def find_home(start: Path) -> Home:
    """Return the handout around ``start``, or the only one in it.

    Raises:
        UsageError: there is none, or there are several in the folder.
    """
    origin = start.resolve()
    for folder in (origin, *origin.parents):
        if _is_handout(folder):
            return Home(folder)
    inside = [path for path in sorted(origin.glob("*")) if _is_handout(path)]
    if len(inside) == 1:
        return Home(inside[0])
    if inside:
        raise UsageError(f"{origin} has several handouts ({', '.join(path.name for path in inside)}): go to one")
    raise UsageError(
        f"{origin} is not in a handout: go to the folder that your instructor gave you, the one with the folder "
        f"{_CHECKS}/ in it. Instructors make it with `grader handout`."
    )


def _is_handout(folder: Path) -> bool:
    mark = folder / _CHECKS / course_toml.FILE
    return mark.is_file() and course_toml.read(mark.parent).is_handout


def _work_in(folder: Path, leave_out: Sequence[str] = ()) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__")) or path.name in leave_out:
            continue
        if path.is_dir() and not (path / "pyvenv.cfg").is_file():
            yield from _work_in(path)
        elif path.suffix.casefold() in _WORK and path.is_file():
            yield path
