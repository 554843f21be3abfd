"""Read a student's zip into memory: ordinary files only, within limits, nothing written to disk.

A real attack (a bomb, members that share bytes, a link, a path that leads out) refuses the submission in a sentence for
the student. What an honest tool can write (an invisible character in a name, a password, a model of 100 MB) costs only
that file: it is left out, with a notice. Litter of tools (``__MACOSX``, ``Thumbs.db``, …) is dropped in silence. A zip
inside stays as it is; `inner_zips` opens it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from grader.errors import IntakeRefused
from grader.intake import zip_file
from grader.intake.zip_file import Member

MIB = 1024 * 1024

_ONLY_CODE = "Hand in only your own code: no data sets, model weights or virtual environments."

# What operating systems, editors and Python leave behind in a folder; compared without regard to case.
_LITTER = {
    *("__macosx", ".ds_store", "icon\r", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin"),
    *("__pycache__", ".git", ".ipynb_checkpoints", ".venv"),
}
_LITTER_BEGINS = ("._", "~$", ".~lock.")  # AppleDouble files, and the locks of Office and LibreOffice
_SEEN = frozenset("\u200c\u200d")  # joiners, which change how the letters around them look; emoji need them
# Browsers and chats add these invisible marks to names.
_MARKS = dict.fromkeys(map(ord, "\xad\u200b\u200e\u200f\u202a\u202c\u2060\ufeff"))
_WORK = (".py", ".ipynb", ".md")


@dataclass(frozen=True, kw_only=True)
class IntakeLimits:
    """How much one submission may hold; sizes are the bytes really there, not what a header says."""

    files: int = 2_000
    members: int = 20_000  # all entries, with litter and folders
    archive_bytes: int = 100 * MIB  # the zip itself
    total_bytes: int = 50 * MIB
    file_bytes: int = 20 * MIB
    depth: int = 12  # number of parts in a path
    name_bytes: int = 200  # one part of a path, in UTF-8
    path_bytes: int = MIB // 4  # all paths together: they travel in one message
    ratio: int = 200
    ratio_from_bytes: int = MIB  # smaller files may have any ratio: 4 KiB of zeros are no bomb


DEFAULT_LIMITS = IntakeLimits()


def shown(name: str, longest: int = 100) -> str:
    """Return a name that is safe to print: invisible characters escaped, a long one cut in the middle."""
    safe = "".join(c.encode("unicode_escape").decode() if _unprintable(c) else c for c in name)
    return safe if len(safe) <= longest else f"{safe[: longest // 2]}…{safe[-(longest // 3) :]}"


def is_litter(path: str) -> bool:
    """Return whether a path is something that tools leave behind, such as ``.git/``, ``Thumbs.db`` or ``~$x.docx``."""
    return any(part in _LITTER or part.startswith(_LITTER_BEGINS) for part in path.casefold().split("/"))


def safe_path(name: str) -> str:
    """Return a name as a relative POSIX path; empty for the folder itself (``./``).

    Backslashes are separators, as PowerShell writes them; ``./`` and a doubled separator mean nothing; letters are
    composed (NFC); a name that is no Unicode is read as an old Windows would have written it.

    Raises:
        IntakeRefused: the path is absolute or leads out of the folder.
    """
    slashed = unicodedata.normalize("NFC", _as_unicode(name)).replace("\\", "/")
    parts = [part for part in slashed.split("/") if part not in {"", "."}]
    if slashed.startswith("/") or re.match(r"[A-Za-z]:", slashed):
        problem = "has an absolute path"
    elif ".." in parts:
        problem = "has a path that leads out of your folder"
    else:
        return "/".join(parts)
    raise IntakeRefused(f"“{shown(name)}” {problem}. Rename it and make the zip again from your folder.")


@dataclass
class Gathering:
    """Collects the files of one submission; what ``left_out`` says, in sentences, costs only the file it names."""

    limits: IntakeLimits
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    _total: int = 0
    _path_bytes: int = 0
    _known: dict[str, str] = field(default_factory=dict)  # folded path of a file → the path as given
    _folders: set[str] = field(default_factory=set)

    def place(self, name: str) -> str:
        """Return the path of the file ``name`` (of a folder, if it ends with a slash) in the submission.

        Returns "" if it is litter, or is left out because of its name. Invisible marks of browsers are removed from
        the names of folders and of work.

        Raises:
            IntakeRefused: the path is absolute or leads out of the folder.
        """
        path = safe_path(name)
        if not path or is_litter(path):
            return ""
        visible = _without_marks(path, is_folder=name.endswith("/"))
        if problem := self._problem(visible):
            self.left_out.append(f"“{shown(path)}” was left out: {problem}")
            return ""
        if visible != path:
            how = f"it was read as {shown(visible)}."
            self.left_out.append(f"“{shown(path)}” has invisible characters in its name: {how}")
        return visible

    def add(self, path: str, chunks: Iterable[bytes], size: int = 0) -> None:
        """Add one file piece by piece, so that little more than the limit is ever in memory.

        ``size`` is how large it says it is. A file that is no work may say that it is too large: it is left out.

        Raises:
            IntakeRefused: a limit is broken, or another file has the same name.
        """
        if len(self.files) >= self.limits.files:
            raise IntakeRefused(f"The submission holds more than {self.limits.files:,} files. {_ONLY_CODE}")
        if size > self.limits.file_bytes and not _is_work(path):
            self.left_out.append(f"“{shown(path)}” was left out: it is larger than {_mib(self.limits.file_bytes)}.")
            return
        self._path_bytes += len(path.encode())
        if self._path_bytes > self.limits.path_bytes:
            raise IntakeRefused(
                f"The paths of all files together are longer than {self.limits.path_bytes:,} bytes. {_ONLY_CODE}"
            )
        content = self._read(path, chunks)
        if self._is_new(path, content):
            self.files[path] = content

    def _read(self, path: str, chunks: Iterable[bytes]) -> bytes:
        content = bytearray()
        for chunk in chunks:
            content += chunk
            self._total += len(chunk)
            if len(content) > self.limits.file_bytes:
                raise _too_large(f"“{shown(path)}”", self.limits.file_bytes)
            if self._total > self.limits.total_bytes:
                raise _too_large("The submission", self.limits.total_bytes)
        return bytes(content)

    def _problem(self, path: str) -> str:
        parts = path.split("/")
        if any(map(_unprintable, path)):
            return "it has invisible characters in its name. Rename it."
        if len(parts) > self.limits.depth:
            return f"it lies more than {self.limits.depth - 1} folders deep. Move it further up."
        if any(len(part.encode()) > self.limits.name_bytes for part in parts):
            return "it has too long a name. Give it a shorter one."
        return ""

    def _is_new(self, path: str, content: bytes) -> bool:
        """Return whether no other file has this name; of two with the same contents, or of no work, one is enough."""
        # Folded as macOS and Windows compare names, so that a submission is the same files on every computer.
        folded = unicodedata.normalize("NFC", path).casefold()
        folders = {folded[:at] for at, char in enumerate(folded) if char == "/"}
        if other := self._known.get(folded):
            if self.files[other] == content:
                return False
            clash = "is there twice" if other == path else f"and “{shown(other)}” differ only by case"
            if _is_work(path):
                raise IntakeRefused(f"“{shown(path)}” {clash}. Keep one of the two.")
            self.left_out.append(f"“{shown(path)}” was left out: it {clash}.")
            return False
        if folded in self._folders or not folders.isdisjoint(self._known):
            raise IntakeRefused(f"“{shown(path)}” is one name for a file and a folder. Rename one of them.")
        self._known[folded] = path
        self._folders |= folders
        return True


def unzip(archive: bytes, limits: IntakeLimits = DEFAULT_LIMITS, where: Mapping[str, str] | None = None) -> Gathering:
    """Read a zip: its files by relative POSIX path, and what was left out.

    ``where`` reads only some of it: it gives for these names, as `names` lists them, their paths in the submission.

    Raises:
        IntakeRefused: it is damaged, breaks a limit or attacks. Nothing else is raised.
    """
    gathering = Gathering(limits)
    for member in zip_file.members(archive, limits.members):
        path = safe_path(member.name)
        if member.name.endswith(("/", "\\")) or (where is not None and member.name not in where):
            continue
        if is_litter(path) or not (path := gathering.place(where[member.name] if where else member.name)):
            continue
        add_member(gathering, member, path)
    return gathering


def add_member(gathering: Gathering, member: Member, path: str) -> None:
    """Add a member of a zip under ``path``, or leave it out and say why; raises `IntakeRefused` for an attack."""
    if member.is_special:
        raise IntakeRefused(f"“{shown(path)}” is a link or a device. Put the file itself there and zip again.")
    if member.problem:
        gathering.left_out.append(f"“{shown(path)}” was left out: it {member.problem}")
    else:
        gathering.add(path, _no_bomb(member, path, gathering.limits), member.size)


def names(archive: bytes, limits: IntakeLimits = DEFAULT_LIMITS) -> list[str]:
    """Return the names that a zip lists, without reading any member; raises `IntakeRefused` if it is damaged."""
    return zip_file.names(archive, limits.members)


def _no_bomb(member: Member, path: str, limits: IntakeLimits) -> Iterator[bytes]:
    """Return the contents of a member; raises `IntakeRefused` if they are, or claim to be, far larger than packed."""
    most = max(limits.ratio_from_bytes, limits.ratio * len(member.packed))

    def refuse_beyond(size: int) -> None:
        if size > most:
            raise IntakeRefused(f"“{shown(path)}” grows to more than {limits.ratio} times its size. {_ONLY_CODE}")

    def contents() -> Iterator[bytes]:
        size = 0
        for chunk in member.chunks():
            size += len(chunk)
            refuse_beyond(size)
            yield chunk

    refuse_beyond(member.size)
    return contents()


def _is_work(path: str) -> bool:
    return path.casefold().endswith(_WORK)


def _without_marks(path: str, *, is_folder: bool) -> str:
    """Remove invisible marks from the names of folders and of work; a picture is left out instead."""
    *folders, base = path.split("/")
    cleaned = [part.translate(_MARKS) or part for part in (*folders, base)]
    return "/".join(cleaned if is_folder or _is_work(base) else [*cleaned[:-1], base])


def _as_unicode(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes of a file system that are no UTF-8
        return zip_file.legacy_name(name.encode("utf-8", "surrogateescape"))
    return name


def _unprintable(char: str) -> bool:
    """Return whether a character is a control, changes the direction of text, or has no width."""
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char not in _SEEN


def _mib(size: int) -> str:
    return f"{size / MIB:g} MiB"


def _too_large(what: str, most: int) -> IntakeRefused:
    return IntakeRefused(f"{what} is larger than {_mib(most)}. {_ONLY_CODE}")
