"""Turn what a student handed in (a folder, a zip, one file) into a `Submission`: bytes by path, never run.

Everything later reads `Submission.files`, so that no file can change, vanish or turn into a link between the
moment it is looked at and the moment it is used. A ``conftest.py`` is only bytes here, like all else.

Left out on purpose: notebooks are bytes (another module reads their cells), and archives inside a submission
stay closed.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import stat
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from grader.archive import CHUNK, DEFAULT_LIMITS, Gathering, IntakeLimits, is_litter, names, safe_path, shown, unzip
from grader.errors import IntakeRefused, UsageError

_ARCHIVES = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"}
_PACKAGES = {"torch", "torchvision", "numpy", "pandas", "scipy", "sklearn", "matplotlib", "PIL", "pytest"}
_NO_EFFECT = {"conftest.py", "pytest.ini", "tox.ini", "sitecustomize.py", "usercustomize.py"}
# "-1", " (2)", " copy", " - Copy (3)": what browsers, LMSs and file managers add to a second copy's name.
_COPY_MARK = re.compile(r"([ -]+copy|[ _]*\(\d+\)|[ -]\d+)$")


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One student's work as received; ``notices`` are sentences for the student about the files."""

    name: str
    files: Mapping[str, bytes]
    sha256: str
    source: Path
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Location:
    """Where a part's module is: ``path``, or None if it is missing or several ``rivals`` have equal claims.

    ``notice`` tells the student why this file, which files compete, or which only look ``similar``; it is
    empty where the file simply has the name it should have.
    """

    path: str | None = None
    rivals: tuple[str, ...] = ()
    similar: tuple[str, ...] = ()
    notice: str = ""


def take_in(path: Path, limits: IntakeLimits = DEFAULT_LIMITS) -> Submission:
    """Read a folder, a ``.zip``, or one ``.py``, ``.ipynb`` or ``answers.md``; raises only `IntakeRefused`."""
    left_out: list[str] = []
    try:
        mode = path.lstat().st_mode
        files = _unwrapped(_read(path, mode, limits, left_out))
        plain = path.resolve()  # for the sake of "."; links were refused
    except OSError as error:
        where = f"“{shown(str(error.filename or path))}”"
        raise IntakeRefused(f"{where} cannot be read ({error.strerror}). Check that it is there.") from error
    name = shown(plain.name if stat.S_ISDIR(mode) else plain.stem, longest=255)
    if not files:
        raise IntakeRefused(f"“{name}” holds no files. Hand in the .py files you wrote.")
    sha256, notices = _fingerprint(files), _notices(files, left_out)
    return Submission(name=name, files=MappingProxyType(files), sha256=sha256, source=path, notices=notices)


def find_submissions(paths: Sequence[Path], assignment: str | None = None) -> list[Path]:
    """Expand directories of submissions; all else stays as it is, so that `take_in` can say what is wrong.

    A directory is one submission if it holds a ``.py`` or ``.ipynb`` file, an ``answers.md`` or a folder named like
    the assignment, or if it is empty or unreadable. Otherwise it is a class: each thing in it, whatever it is, is
    a submission, except hidden files and litter. Sorted by name; a path given twice counts once. Raises UsageError
    where code stands beside zips that hold code: that may be either.
    """
    found = {path for given in paths for path in _expanded(given, assignment)}
    return sorted(found, key=lambda path: (path.name, path))


def locate(files: Collection[str], part: str, file_aliases: Sequence[str] = ()) -> Location:
    """Find the file that holds a part's module: by name, by alias, or by either as browsers rename it.

    The right name anywhere comes before an alias, an alias before a renamed file; then the shallowest wins.
    """
    wanted = f"{part}.py"
    aliases = {f"{alias.removesuffix('.py')}.py" for alias in file_aliases}
    stems = {_stems(name)[0] for name in {wanted, *aliases}}
    modules = sorted(path for path in files if path.casefold().endswith(".py"))
    for claims in (
        [path for path in modules if _base(path) == wanted],
        [path for path in modules if _base(path) in aliases],
        [path for path in modules if not stems.isdisjoint(_stems(path))],
    ):
        highest = min((path.count("/") for path in claims), default=0)
        best = tuple(path for path in claims if path.count("/") == highest)
        if len(best) > 1:
            notice = f"Each of {_enumerated(best)} could be {wanted}. Keep one, and name it {wanted}."
            return Location(rivals=best, notice=notice)
        if best:
            notice = "" if _base(best[0]) == wanted else f"{shown(best[0])} was taken for {wanted}."
            return Location(path=best[0], notice=notice)
    return _missing(files, wanted)


def _missing(files: Collection[str], wanted: str) -> Location:
    code = (path for path in sorted(files, reverse=True) if path.casefold().endswith((".py", ".py.txt")))
    by_name = {_base(path).casefold(): path for path in code}
    similar = tuple(by_name[name] for name in difflib.get_close_matches(wanted, by_name, cutoff=0.75))
    guess = f" Is it {_enumerated(similar)}? Then rename that." if similar else ""
    notice = f"There is no {wanted} in the submission.{guess}"
    if notebook := next((path for path in sorted(files) if _is_notebook_of(path, wanted)), ""):
        how = f"export it with `jupyter nbconvert --to script`, and hand in {wanted}."
        notice += f" Code in {shown(notebook)} is not graded, as in any notebook: {how}"
    return Location(similar=similar, notice=notice)


def _is_notebook_of(path: str, wanted: str) -> bool:
    stem, dot, suffix = _base(path).rpartition(".")
    return dot + suffix.casefold() == ".ipynb" and wanted.removesuffix(".py") in _stems(stem)


def _read(path: Path, mode: int, limits: IntakeLimits, left_out: list[str]) -> dict[str, bytes]:
    gathering = Gathering(limits)
    if stat.S_ISLNK(mode):
        raise IntakeRefused(f"“{shown(path.name)}” is a link. Give the folder or file that it points to.")
    if stat.S_ISDIR(mode):
        with _opened(path, os.O_DIRECTORY) as folder:
            _FolderReader(gathering, left_out).read(folder)
    elif stat.S_ISREG(mode) and path.suffix.casefold() == ".zip":
        return unzip(_zip_bytes(path, limits), limits)
    elif stat.S_ISREG(mode) and _is_work(path):
        with _opened(path) as file:
            gathering.add(safe_path(path.name), _chunks(file))
    else:
        raise IntakeRefused(f"“{shown(path.name)}” is no folder, .zip, .py or .ipynb. Hand in a .zip.")
    return gathering.files


def _zip_bytes(path: Path, limits: IntakeLimits) -> bytes:
    with _opened(path) as file, os.fdopen(file, "rb", closefd=False) as stream:
        archive = stream.read(limits.archive_bytes + 1)
    if len(archive) > limits.archive_bytes:
        raise IntakeRefused("The zip is too large. Leave out data sets, model weights and environments.")
    return archive


@dataclass
class _FolderReader:
    """Reads a folder through descriptors, so that no part of a path can be swapped for a link meanwhile."""

    gathering: Gathering
    left_out: list[str]
    seen: int = 0

    def read(self, folder: int, prefix: str = "") -> None:
        for entry in sorted(self._entries(folder), key=lambda entry: entry.name):
            path = prefix + entry.name
            if is_litter(entry.name):
                continue
            mode = entry.stat(follow_symlinks=False).st_mode
            self.gathering.check_path(safe_path(path))
            if stat.S_ISDIR(mode):
                with _opened(entry.name, os.O_DIRECTORY, folder) as subfolder:
                    self.read(subfolder, f"{path}/")
            elif stat.S_ISREG(mode):
                with _opened(entry.name, folder=folder) as file:
                    self.gathering.add(path, _chunks(file))
            else:
                self.left_out.append(path)

    def _entries(self, folder: int) -> Iterator[os.DirEntry[str]]:
        with os.scandir(folder) as entries:
            for entry in entries:
                self.seen += 1
                if self.seen > self.gathering.limits.members:
                    raise IntakeRefused("The folder holds too many files. Hand in only your own code.")
                yield entry


@contextmanager
def _opened(path: str | Path, flags: int = 0, folder: int | None = None) -> Iterator[int]:
    # Not blocking: should a FIFO have taken the file's place, opening it must not wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _chunks(file: int) -> Iterator[bytes]:
    return iter(lambda: os.read(file, CHUNK), b"")


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


def _notices(files: Iterable[str], left_out: Sequence[str]) -> tuple[str, ...]:
    notices = [f"{shown(path)} was left out: it is a link or a device, not a file." for path in left_out]
    for path in files:
        base = _base(path)
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


def _expanded(path: Path, assignment: str | None) -> list[Path]:
    try:
        children = [child for child in path.iterdir() if not (child.name[0] == "." or is_litter(child.name))]
        one = any(assignment == child.name if child.is_dir() else _is_work(child) for child in children)
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
            f"{path} holds {shown(code[0])} and also {_enumerated(zips)} with work inside: if it is a class, give what "
            f"is in it ({path}/*); if it is one submission, take the archives out"
        )


def _holds_work(path: Path) -> bool:
    """Whether a zip could be somebody's submission, and not their data."""
    try:
        return path.is_file() and any(_is_work(Path(name)) for name in names(_zip_bytes(path, DEFAULT_LIMITS)))
    except (OSError, IntakeRefused):
        return False


def _is_work(path: Path) -> bool:
    return path.suffix.casefold() in {".py", ".ipynb"} or path.name.casefold() == "answers.md"


def _stems(path: str) -> list[str]:
    """Give the spellings a file may stand for: its own, then with one copy mark after another taken off."""
    stems = [_base(path).casefold().removesuffix(".py")]
    while mark := _COPY_MARK.search(stems[-1]):
        stems.append(stems[-1][: mark.start()])
    return [re.sub(r"[\s-]+", "_", stem) for stem in stems]


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _enumerated(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(map(shown, paths[:3])) + more
