"""Collect the files of Gradescope's ``autograder.zip``: the grader, and of the course what grading reads."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

import grader
from grader.autograder import packages
from grader.autograder.settings import FILE, Settings
from grader.course.catalog import Course
from grader.course.graded_files import graded_files
from grader.course.version import checks_version
from grader.exports import gradescope

COURSE, HARNESS = "course", "harness"  # folders of the zip
EXECUTABLE = ("setup.sh", "run_autograder")
_GRADER = Path(grader.__file__).parent
_TEMPLATES = Path(__file__).with_name("templates")


def contents(course: Course, settings: Settings) -> dict[str, bytes]:
    """Return the files of the zip by path.

    Raises:
        UsageError: there is no such assignment, or a package that students may import is not installed here.
        CourseError: a part lacks a file that grading needs.
    """
    parts = course.parts(settings.assignment)
    settings = msgspec.structs.replace(settings, checks_version=checks_version(parts))
    torch, others = packages.pinned(
        [*packages.of_grader(), *course.config.packages.values()], cuda=not settings.torch_index
    )
    python = "python{}.{}".format(*sys.version_info)
    files = {
        "setup.sh": (_TEMPLATES / "setup.sh")
        .read_bytes()
        .replace(b"@PYTHON@", python.encode())
        .replace(b"@FROM@", _source_of_torch(settings.torch_index).encode()),
        "run_autograder": (_TEMPLATES / "run_autograder").read_bytes(),
        "torch.txt": _lines(torch),
        "requirements.txt": _lines(others),
        "not_graded.json": gradescope.not_graded(),
        FILE: msgspec.json.format(msgspec.json.encode(settings)) + b"\n",
    }
    files |= {f"{HARNESS}/grader/{name}": content for name, content in _grader()}
    files |= {f"{COURSE}/{path.relative_to(course.root)}": path.read_bytes() for path in graded_files(course, parts)}
    return dict(sorted(files.items()))


def _source_of_torch(index: str) -> str:
    """Return pip's options for PyTorch: all that it needs is in requirements.txt, unless it comes with CUDA.

    CUDA's packages may not be installed on this machine, so pip then finds those that PyTorch names.
    """
    return f"--no-deps --index-url {shlex.quote(index)}" if index else '--constraint "$source/requirements.txt"'


def _lines(requirements: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in requirements).encode()


def _grader() -> Iterator[tuple[str, bytes]]:
    """Yield the grader's own files; the checks of a course may lie beside them, and are no part of it."""
    for path in sorted(_GRADER.rglob("*")):
        name = path.relative_to(_GRADER)
        if path.is_file() and name.parts[0] != "checks" and "__pycache__" not in name.parts:
            yield name.as_posix(), path.read_bytes()
