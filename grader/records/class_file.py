"""Who is in the class and who handed in what: ``<out>/class.json``, written when a class is graded.

Records are kept by submission; this file says which person a submission is of, and who handed in nothing.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.errors import UsageError
from grader.files import whole_file

CLASS_FILE = "class.json"
_VERSION = 1


class ClassPerson(msgspec.Struct, frozen=True, kw_only=True):
    """One person of the class.

    ``submission`` is the name of their submission in its record; empty if they handed in nothing. ``id`` is the LMS's
    key or that of the roster. ``earlier`` counts attempts that are not graded; ``when`` is as the LMS writes it.
    ``uploaded`` is what Canvas put before the name of a file of theirs, by which it takes in feedback.
    """

    name: str
    submission: str = ""
    id: str = ""
    email: str = ""
    late: bool = False
    earlier: int = 0
    when: str = ""
    uploaded: str = ""


class ClassFile(msgspec.Struct, frozen=True, kw_only=True):
    """The class of one assignment: the ``layout`` that was recognised, what was ``said``, and everybody in it.

    ``roster`` is the name of the file that named the people; empty if there was none.
    """

    format_version: int = _VERSION
    assignment: str
    layout: str
    said: tuple[str, ...] = ()
    roster: str = ""
    people: tuple[ClassPerson, ...] = ()

    @property
    def absent(self) -> tuple[ClassPerson, ...]:
        """Who handed in nothing."""
        return tuple(person for person in self.people if not person.submission)


def write_class_file(folder: Path, content: ClassFile) -> Path:
    """Write ``class.json`` into a folder, whole; returns its path. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CLASS_FILE
    whole_file.write(path, msgspec.json.format(msgspec.json.encode(content), indent=1))
    return path


def read_class_file(folder: Path) -> ClassFile | None:
    """Return what ``class.json`` in a folder says; None if there is none.

    Raises:
        UsageError: it is not such a file.
    """
    path = folder / CLASS_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return msgspec.json.decode(content, type=ClassFile)
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path}: {error}; delete it and grade the class again") from None
