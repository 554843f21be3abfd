"""Turn what a student handed in (a folder, a zip, one file) into a `Submission`: bytes by path, never run.

All later steps read `Submission.files` and not the disk, so no file can change, vanish or become a link between the
moment it is checked and the moment it is used. Notebooks are kept as bytes (another module reads their cells), and
zips inside a submission are opened one level.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from grader.errors import IntakeRefused
from grader.intake.archive import DEFAULT_LIMITS, IntakeLimits, shown, unzip
from grader.intake.bulk import Piece, read_pieces
from grader.intake.inner_zips import open_inner_zips
from grader.intake.locate import enumerated
from grader.intake.names import name_of
from grader.intake.reader import Contents
from grader.intake.readers import is_work, read_submission

_ARCHIVES = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"}
_PACKAGES = {"torch", "torchvision", "numpy", "pandas", "scipy", "sklearn", "matplotlib", "PIL", "pytest"}
_NO_EFFECT = {"conftest.py", "pytest.ini", "tox.ini", "sitecustomize.py", "usercustomize.py"}


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One student's work as received.

    ``files`` are sorted by path; ``sha256`` is the same for the same files, whatever they came in; ``notices`` are
    sentences for the student about the files.
    """

    name: str
    files: Mapping[str, bytes]
    sha256: str
    source: Path
    notices: tuple[str, ...] = ()


def take_in(
    path: Path, limits: IntakeLimits = DEFAULT_LIMITS, *, pieces: Sequence[Piece] = (), name: str = ""
) -> Submission:
    """Read a folder, a ``.zip``, or one ``.py``, ``.ipynb`` or ``answers.md``; of it only ``pieces``, if there are any.

    A single folder that holds everything else is stripped from the paths. A zip that is all there is, is the
    submission. ``name`` is what the submission is called (default: as ``path`` is).

    Raises:
        IntakeRefused: it cannot be read, holds no files, breaks a limit, or is of another kind. Nothing else is raised.
    """
    try:
        contents = read_pieces(path, pieces, limits) if pieces else read_submission(path, limits)
        name = name or name_of(path)
    except OSError as error:
        where = f"“{shown(str(error.filename or path))}”"
        raise IntakeRefused(f"{where} cannot be read ({error.strerror}). Check that it is there.") from error
    inside_zip = not pieces and path.suffix.casefold() == ".zip"
    files, notices = _without_zips(contents, limits, deeper=not inside_zip)
    if not files:
        why = " ".join(notices[:3])
        raise IntakeRefused(f"“{name}” holds no files. Hand in the .py files you wrote. {why}".rstrip())
    if all(Path(path).suffix.casefold() in _ARCHIVES for path in files):
        there = enumerated(list(files))
        raise IntakeRefused(
            f"“{name}” holds no work of yours, only archives that are not opened: {there}. Hand in your .py or .ipynb "
            "files, or one .zip of them."
        )
    sha256, notices = _fingerprint(files), _notices(files, contents.left_out, notices)
    return Submission(name=name, files=MappingProxyType(files), sha256=sha256, source=path, notices=notices)


def _without_zips(contents: Contents, limits: IntakeLimits, *, deeper: bool) -> tuple[dict[str, bytes], Sequence[str]]:
    """Return the files, with those of the zips among them, and sentences about it.

    A zip that is all there is, is the submission, and zips inside that are opened only if ``deeper``.
    """
    files, notices = _unwrapped(contents.files), list(contents.notices)
    if len(files) == 1 and next(iter(files)).casefold().endswith(".zip"):
        inner = unzip(next(iter(files.values())), limits)
        files, notices = _unwrapped(inner.files), notices + inner.left_out
        if not deeper:
            return files, notices
    opened = open_inner_zips(files, lambda path: is_work(Path(path)), limits)
    return {path: opened.files[path] for path in sorted(opened.files)}, notices + opened.notices


def _unwrapped(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {path.partition("/")[0] for path in files}
    wrapped = len(tops) == 1 and all("/" in path for path in files)
    return {path.partition("/")[2] if wrapped else path: files[path] for path in sorted(files)}


def _fingerprint(files: Mapping[str, bytes]) -> str:
    # Each piece is preceded by its length, so that no two sets of files run together into the same bytes.
    digest = hashlib.sha256()
    for path in sorted(files):
        for piece in (path.encode(), files[path]):
            digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()


def _notices(files: Iterable[str], links: Iterable[str], others: Sequence[str]) -> tuple[str, ...]:
    notices = [f"{shown(path)} was left out: it is a link or a device, not a file." for path in links] + [*others]
    told = {path for path in files if any(one.startswith(f"{shown(path)} is") for one in others)}
    for path in sorted({*files} - told):
        base = path.rpartition("/")[2]
        module = path.removesuffix("/__init__.py").rpartition("/")[2].removesuffix(".py")
        if base in _NO_EFFECT:
            notices.append(f"Your file {shown(path)} is kept, but it has no effect on grading.")
        elif base.endswith(".py") and module in _PACKAGES | sys.stdlib_module_names:
            other = f"`import {module}` gets Python's own."
            notices.append(f"Your file {shown(path)} has the name of a Python module; {other}")
        elif Path(base).suffix.casefold() in _ARCHIVES:
            notices.append(f"{shown(path)} is an archive inside your submission and was not opened.")
    if len(notices) > 20:
        notices[20:] = [f"There are {len(notices) - 20} more remarks of this kind."]
    return tuple(notices)
