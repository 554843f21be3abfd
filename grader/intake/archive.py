"""Read a student's zip into memory: ordinary files only, within limits, nothing written to disk.

`zipfile` parses the table of contents. What a zip can lie about (sizes, where a member begins, what it is) is checked
here, and our own loop inflates the members and stops at the first byte too many. Anything that an honest tool would not
write is refused with a sentence for the student; only the litter that honest tools do write (``__MACOSX``, ``.git``, …)
is dropped in silence. Archives inside the archive are kept as bytes. Compression other than deflate is refused, because
bzip2 and LZMA cannot be inflated within a memory limit.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from grader.errors import IntakeRefused

MIB = 1024 * 1024
CHUNK = 64 * 1024

_AGAIN = "Make the zip again with your computer's own “Compress” or “Send to zip”, and hand that in."
_ONLY_CODE = "Hand in only your own code: no data sets, model weights or virtual environments."

# What operating systems, editors and Python leave behind in a folder.
_LITTER = {"__MACOSX", ".DS_Store", "__pycache__", ".git", ".ipynb_checkpoints", ".venv"}
_SEEN = frozenset("\u200c\u200d")  # joiners, which change how the letters around them look; emoji need them

_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_UTF8, _PATCHED, _ENCRYPTED = 0x800, 0x20, 0x1 | 0x40 | 0x2000  # weak, strong, hidden table of contents
# Everything `zipfile` is known to raise for bytes that are not a well-formed zip.
_BROKEN = (zipfile.BadZipFile, struct.error, ValueError, ArithmeticError, NotImplementedError, OSError)


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
    """Return whether a path is something that tools leave behind, such as ``.git/`` or ``._notes.py``."""
    return any(part in _LITTER or part.startswith("._") for part in path.split("/"))


def safe_path(name: str) -> str:
    """Return a name as a relative POSIX path without a trailing slash; raises `IntakeRefused` for any other name."""
    path = name.removeprefix("./").removesuffix("/")
    if any(map(_unprintable, name)):
        problem = "has invisible control characters in its name"
    elif "\\" in name:
        problem = "has a backslash in its name"
    elif name.startswith("/") or re.match(r"[A-Za-z]:", name):
        problem = "has an absolute path"
    elif any(part in {"", ".", ".."} for part in path.split("/")):
        problem = "has a path that leads out of your folder or is not a proper path"
    else:
        return path
    raise IntakeRefused(f"“{shown(name)}” {problem}. Rename it and make the zip again from your folder.")


@dataclass
class Gathering:
    """Collects the files of one submission; refuses the first that breaks a limit or clashes with another."""

    limits: IntakeLimits
    files: dict[str, bytes] = field(default_factory=dict)
    _total: int = 0
    _path_bytes: int = 0
    _known: dict[str, str] = field(default_factory=dict)  # folded path of a file → the path as given
    _folders: set[str] = field(default_factory=set)

    def add(self, path: str, chunks: Iterable[bytes]) -> None:
        """Add one file piece by piece, so that little more than the limit is ever in memory; raises `IntakeRefused`."""
        if len(self.files) >= self.limits.files:
            raise IntakeRefused(f"The submission holds more than {self.limits.files:,} files. {_ONLY_CODE}")
        self.check_path(path)
        self._path_bytes += len(path.encode())
        if self._path_bytes > self.limits.path_bytes:
            raise IntakeRefused(
                f"The paths of all files together are longer than {self.limits.path_bytes:,} bytes. {_ONLY_CODE}"
            )
        self._refuse_twins(path)
        content = bytearray()
        for chunk in chunks:
            content += chunk
            self._total += len(chunk)
            if len(content) > self.limits.file_bytes:
                raise _too_large(f"“{shown(path)}”", self.limits.file_bytes)
            if self._total > self.limits.total_bytes:
                raise _too_large("The submission", self.limits.total_bytes)
        self.files[path] = bytes(content)

    def check_path(self, path: str) -> None:
        """Raise `IntakeRefused` for a path that is nested too deep or has too long a part."""
        parts = path.split("/")
        if len(parts) > self.limits.depth:
            depth = self.limits.depth - 1
            raise IntakeRefused(f"“{shown(path)}” lies more than {depth} folders deep. Move it further up.")
        if any(len(part.encode()) > self.limits.name_bytes for part in parts):
            raise IntakeRefused(f"“{shown(path)}” has too long a name. Give it a shorter one.")

    def _refuse_twins(self, path: str) -> None:
        # Folded as macOS and Windows compare names, so that a submission is the same files on every computer.
        folded = unicodedata.normalize("NFC", path).casefold()
        folders = {folded[:at] for at, char in enumerate(folded) if char == "/"}
        if folded in self._known:
            other = self._known[folded]
            clash = "is there twice" if other == path else f"and “{shown(other)}” differ only by case"
            raise IntakeRefused(f"“{shown(path)}” {clash}. Keep one of the two.")
        if folded in self._folders or not folders.isdisjoint(self._known):
            raise IntakeRefused(f"“{shown(path)}” is one name for a file and a folder. Rename one of them.")
        self._known[folded] = path
        self._folders |= folders


def unzip(archive: bytes, limits: IntakeLimits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """Return the files of a zip by relative POSIX path; raises `IntakeRefused` and nothing else."""
    gathering = Gathering(limits)
    listed = _listed(archive, limits)
    starts = _data_starts(archive, listed)
    for member, start in zip(listed, starts, strict=True):
        path = safe_path(_name(member))
        if _raw_name(member).endswith(b"/") or is_litter(path):
            continue
        _refuse_odd_kind(member, path)
        packed = memoryview(archive)[start : start + member.compress_size]
        gathering.add(path, _contents(packed, member, limits))
    return gathering.files


def names(archive: bytes, limits: IntakeLimits = DEFAULT_LIMITS) -> list[str]:
    """Return the names that a zip lists, without reading any member; raises `IntakeRefused` if it is damaged."""
    return [_name(member) for member in _listed(archive, limits)]


def _listed(archive: bytes, limits: IntakeLimits) -> list[zipfile.ZipInfo]:
    # Counted before parsing: a table of contents with a million entries would fill the memory first.
    if archive.count(b"PK\x01\x02") > limits.members:
        raise IntakeRefused(f"The zip lists more than {limits.members:,} files. {_ONLY_CODE}")
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return sorted(opened.infolist(), key=lambda member: member.header_offset)
    except _BROKEN as error:
        _refuse_as_damaged(error)


def _data_starts(archive: bytes, members: list[zipfile.ZipInfo]) -> list[int]:
    """Find where each member's data begins; refuse members that share bytes, as the best zip bombs do."""
    starts, free_from = [], 0
    for member in members:
        at = member.header_offset
        if not 0 <= at <= len(archive) - _LOCAL_HEADER.size:
            _refuse_as_damaged()
        if at < free_from:
            raise IntakeRefused(f"The zip uses the same bytes for several files. {_AGAIN}")
        signature, *_, name_size, extra_size = _LOCAL_HEADER.unpack_from(archive, at)
        name_at = at + _LOCAL_HEADER.size
        start = name_at + name_size + extra_size
        free_from = start + member.compress_size
        same_name = archive[name_at : name_at + name_size] == _raw_name(member)
        if signature != b"PK\x03\x04" or not same_name:
            _refuse_as_damaged()
        starts.append(start)
    return starts


def _refuse_odd_kind(member: zipfile.ZipInfo, path: str) -> None:
    # Zips made on Unix keep the file mode in the upper half; zips made on Windows leave it 0.
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        raise IntakeRefused(f"“{shown(path)}” is a link or a device. Put the file itself there and zip again.")
    if member.flag_bits & _ENCRYPTED:
        raise IntakeRefused(f"“{shown(path)}” is protected by a password. Make the zip again without one.")
    if member.flag_bits & _PATCHED or member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise IntakeRefused(f"“{shown(path)}” is compressed in an unusual way. {_AGAIN}")


def _contents(packed: memoryview, member: zipfile.ZipInfo, limits: IntakeLimits) -> Iterator[bytes]:
    size = checksum = 0
    most = max(limits.ratio_from_bytes, limits.ratio * len(packed))
    for chunk in _inflated(packed) if member.compress_type == zipfile.ZIP_DEFLATED else [bytes(packed)]:
        size += len(chunk)
        checksum = zlib.crc32(chunk, checksum)
        if size > most:
            raise IntakeRefused(
                f"“{shown(_name(member))}” grows to more than {limits.ratio} times its size. {_ONLY_CODE}"
            )
        yield chunk
    if (size, checksum) != (member.file_size, member.CRC):
        _refuse_as_damaged()


def _inflated(packed: memoryview) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for at in range(0, len(packed), CHUNK):
            chunk = inflater.decompress(packed[at : at + CHUNK], CHUNK)
            while chunk:
                yield chunk
                chunk = inflater.decompress(inflater.unconsumed_tail, CHUNK)
            if inflater.unused_data:
                break
    except zlib.error as error:
        _refuse_as_damaged(error)
    if not inflater.eof or inflater.unused_data:
        _refuse_as_damaged()


def _raw_name(member: zipfile.ZipInfo) -> bytes:
    # `filename` is cut at a NUL byte and changed by extra fields in newer Pythons; `orig_filename` is not.
    return member.orig_filename.encode("utf-8" if member.flag_bits & _UTF8 else "cp437")


def _name(member: zipfile.ZipInfo) -> str:
    try:
        return _raw_name(member).decode()  # macOS writes UTF-8 without saying so in the flags
    except UnicodeDecodeError:
        return member.orig_filename


def _unprintable(char: str) -> bool:
    """Return whether a character is a control, changes the direction of text, or has no width."""
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char not in _SEEN


def _too_large(what: str, most: int) -> IntakeRefused:
    return IntakeRefused(f"{what} is larger than {most / MIB:g} MiB. {_ONLY_CODE}")


def _refuse_as_damaged(cause: BaseException | None = None) -> NoReturn:
    raise IntakeRefused(f"The zip is damaged or is not a zip. {_AGAIN}") from cause
