"""The settings of a course: the contents of its ``course.toml``, which also marks its root folder."""

from __future__ import annotations

import functools
import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec
from msgspec import Meta

from grader.datasets.dataset import Version
from grader.errors import CourseError

FILE = "course.toml"

Sentence = Annotated[str, Meta(pattern=r"^\S[^\n]*$")]
Module = Annotated[str, Meta(pattern=r"^[A-Za-z_]\w*$")]  # as students import it: sklearn
Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")]  # as gettext calls it: de, pt_BR
Package = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][\w.-]*$")]  # as pip calls it: scikit-learn


class AssignmentConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[assignments.NAME]``: what an assignment is called."""

    title: Sentence


class AttackConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[attacks]``: the ``folder`` with hostile submissions, and the ``assignment`` that they are handed in for."""

    folder: str
    assignment: str


class HandoutConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[handout]``: visible checks to be ``kept_back`` from students' computers, as ``assignment/part/check``.

    A check that works out the right answer by the steps that the task asks for would give the solution away.
    """

    kept_back: tuple[str, ...] = ()


class CourseConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contents of ``course.toml``; an unknown key is an error.

    ``language`` is that of students' pages, ``checks`` the folder that the checks lie in. ``packages`` lists what
    students may import besides Python's own library: the module, and what pip calls its package. ``datasets`` declares
    versions of data sets that their readers understand and that nobody can download: ``[datasets.NAME.VERSION]`` with
    ``places`` and ``sha256``. ``is_handout`` marks what `grader handout` made: a course without references, whose
    templates say what the entry points are.
    """

    name: Sentence
    title: Sentence
    language: Language = "en"
    checks: str = "checks"
    packages: dict[Module, Package] = {}
    assignments: dict[str, AssignmentConfig] = {}
    attacks: AttackConfig | None = None
    handout: HandoutConfig = HandoutConfig()
    is_handout: bool = False
    datasets: dict[str, dict[str, Version]] = {}

    def __post_init__(self) -> None:
        folders = {"checks": self.checks, "attacks.folder": self.attacks.folder if self.attacks else "a"}
        for key, folder in folders.items():
            path = PurePosixPath(folder)
            if path.is_absolute() or ".." in path.parts or not path.parts:
                raise ValueError(f"{key} is {folder!r}: name a folder inside the course")


def read(root: Path) -> CourseConfig:
    """Return the settings of the course at ``root``; a folder without ``course.toml`` has the defaults.

    Raises:
        CourseError: the file is damaged, or a key is missing, unknown or wrong; names the file and the key.
    """
    path = root / FILE
    try:
        status = path.stat()
    except FileNotFoundError:
        return CourseConfig(name="course", title="A course")
    return _parsed(path, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=64)
def _parsed(path: Path, _changed: int, _size: int) -> CourseConfig:
    """Read the file once for each of its states: every path of a check file asks for it."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), CourseConfig)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path}: {error}") from None
    except msgspec.ValidationError as error:
        raise CourseError(f"{path}: {_with_key(str(error))}") from None


def _with_key(words: str) -> str:
    """Say `assignments.lab1.title` where msgspec says ``$.assignments[...].title``: TOML's way to name a key."""
    return re.sub(r"\$\.?([\w.\[\]]*)", lambda match: match[1] or "the file", words)
