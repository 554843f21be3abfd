"""The copy of a course that a worker of a cluster grades with: packed by the client, kept by its hash on the worker."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.course.catalog import Course, Part
from grader.course.graded_files import graded_files
from grader.files.user_cache import user_cache
from grader.files.zipped import zip_of
from grader.reports.submission_pages import TEMPLATES

VARIABLE = "GRADER_COURSES"  # where a worker keeps its copies; default: mlgrader/courses in the user's cache


class CourseCopy(NamedTuple):
    """What grading an assignment reads, as a zip, and the SHA-256 of it, by which workers know it."""

    sha256: str
    content: bytes


def pack(course: Course, parts: Sequence[Part]) -> CourseCopy:
    """Return the copy of a course for one assignment, with its templates: the same bytes for the same files.

    Raises:
        CourseError: a part lacks a file that grading needs.
    """
    templates = (path for path in (course.root / TEMPLATES).rglob("*") if path.is_file())
    files = (*graded_files(course, parts), *templates)
    return pack_files({path.relative_to(course.root).as_posix(): path.read_bytes() for path in files})


def pack_files(files: Mapping[str, bytes]) -> CourseCopy:
    """Return a copy that holds ``files``, by path."""
    content = zip_of(sorted(files.items()))
    return CourseCopy(hashlib.sha256(content).hexdigest(), content)


def installed(sha256: str) -> Path | None:
    """Return the folder of a copy on this machine; None if it is not here."""
    folder = _home() / sha256
    return folder if folder.is_dir() else None


def install(copy: CourseCopy) -> None:
    """Unpack a copy, unless it is here already; several processes may do it at once.

    Raises:
        ValueError: the content has another hash.
    """
    if hashlib.sha256(copy.content).hexdigest() != copy.sha256:
        raise ValueError("the course arrived damaged")
    home = _home()
    home.mkdir(parents=True, exist_ok=True)
    unpacked = Path(tempfile.mkdtemp(dir=home, prefix=".unpacking-"))
    try:
        with zipfile.ZipFile(io.BytesIO(copy.content)) as archive:
            archive.extractall(unpacked)  # it is our own: its hash was compared
        if installed(copy.sha256) is None:
            unpacked.rename(home / copy.sha256)
    except OSError:
        if installed(copy.sha256) is None:  # else another process was quicker
            raise
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)


def _home() -> Path:
    return Path(os.environ.get(VARIABLE) or user_cache() / "courses")
