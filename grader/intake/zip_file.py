"""The members of a zip: their names as people meant them, and their contents, checked against what the zip says.

`zipfile` parses the table of contents. What a zip can lie about (sizes, where a member begins, what it is) is checked
here, and our own loop inflates the members, so that a reader can stop at the first byte too many. Compression other
than deflate is a `problem`, because bzip2 and LZMA cannot be inflated within a memory limit.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from grader.errors import IntakeRefused

CHUNK = 64 * 1024

AGAIN = "Make the zip again with your computer's own “Compress” or “Send to zip”, and hand that in."

LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_UTF8, _PATCHED, _ENCRYPTED = 0x800, 0x20, 0x1 | 0x40 | 0x2000  # weak, strong, hidden table of contents
# Everything `zipfile` is known to raise for bytes that are not a well-formed zip.
BROKEN = (zipfile.BadZipFile, struct.error, ValueError, ArithmeticError, NotImplementedError, OSError)
# In these encodings the second byte of a letter can be the byte of a backslash: Japan, China, Taiwan, Korea.
_TWO_BYTES = ("cp932", "gbk", "big5", "cp949")
_BACKSLASH_IN_LETTER = re.compile(rb"[\x81-\xfe]\\")


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of a zip's table of contents.

    ``name`` is as it stands there, with any separators. ``is_special`` says that it is a link or a device; ``problem``
    says why its contents cannot be read, or is empty. ``size`` is what the zip says, and `chunks` checks it.
    """

    name: str
    packed: memoryview
    size: int
    is_special: bool
    problem: str
    _checksum: int
    _deflated: bool

    def chunks(self) -> Iterator[bytes]:
        """Yield the contents piece by piece; raises `IntakeRefused` if they are not what the zip says."""
        size = checksum = 0
        for chunk in _inflated(self.packed) if self._deflated else [bytes(self.packed)]:
            size += len(chunk)
            checksum = zlib.crc32(chunk, checksum)
            yield chunk
        if (size, checksum) != (self.size, self._checksum):
            refuse_as_damaged()


def members(archive: bytes, most: int) -> list[Member]:
    """Return the members of a zip in the order of their data.

    Raises:
        IntakeRefused: it is damaged, several members share bytes, or it lists more than ``most``.
    """
    entries = _listed(archive, most)
    whole = memoryview(archive)
    return [
        member_of(entry, whole[start : start + entry.compress_size])
        for entry, start in zip(entries, _data_starts(archive, entries), strict=True)
    ]


def names(archive: bytes, most: int) -> list[str]:
    """Return the names that a zip lists, without reading a member; raises `IntakeRefused` as `members` does."""
    return [name_of_entry(entry) for entry in _listed(archive, most)]


def legacy_name(raw: bytes) -> str:
    """Return a name that is not UTF-8 as text: odd letters perhaps, but a backslash only where a separator stands."""
    if _BACKSLASH_IN_LETTER.search(raw):
        for encoding in _TWO_BYTES:
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return raw.decode("cp437")  # the zip format's own; has the letters of CP850, and never fails


def refuse_as_damaged(cause: BaseException | None = None) -> NoReturn:
    """Raise the `IntakeRefused` of a damaged zip."""
    raise IntakeRefused(f"The zip is damaged or is not a zip. {AGAIN}") from cause


def _listed(archive: bytes, most: int) -> list[zipfile.ZipInfo]:
    # Counted before parsing: a table of contents with a million entries would fill the memory first.
    if archive.count(b"PK\x01\x02") > most:
        raise IntakeRefused(f"The zip lists more than {most:,} files. Hand in only your own code.")
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return sorted(opened.infolist(), key=lambda entry: entry.header_offset)
    except BROKEN as error:
        refuse_as_damaged(error)


def _data_starts(archive: bytes, entries: list[zipfile.ZipInfo]) -> list[int]:
    """Find where each member's data begins; refuse members that share bytes, as the best zip bombs do."""
    starts, free_from = [], 0
    for entry in entries:
        at = entry.header_offset
        if not 0 <= at <= len(archive) - LOCAL_HEADER.size:
            refuse_as_damaged()
        if at < free_from:
            raise IntakeRefused(f"The zip uses the same bytes for several files. {AGAIN}")
        signature, *_, name_size, extra_size = LOCAL_HEADER.unpack_from(archive, at)
        name_at = at + LOCAL_HEADER.size
        start = name_at + name_size + extra_size
        free_from = start + entry.compress_size
        same_name = archive[name_at : name_at + name_size] == _raw_name(entry)
        if signature != b"PK\x03\x04" or not same_name:
            refuse_as_damaged()
        starts.append(start)
    return starts


def member_of(entry: zipfile.ZipInfo, packed: memoryview) -> Member:
    """Return the member that an entry of the table of contents describes, with its data as they are in the zip."""
    # Zips made on Unix keep the file mode in the upper half; zips made on Windows leave it 0.
    kind = stat.S_IFMT(entry.external_attr >> 16)
    name = name_of_entry(entry)
    folder = name.endswith(("/", "\\"))
    return Member(
        name=name,
        packed=packed,
        size=entry.file_size,
        is_special=kind not in {0, stat.S_IFREG} and not folder,
        problem=_problem(entry),
        _checksum=entry.CRC,
        _deflated=entry.compress_type == zipfile.ZIP_DEFLATED,
    )


def _problem(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & _ENCRYPTED:
        return "is protected by a password. Make the zip again without one."
    if entry.flag_bits & _PATCHED or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return f"is compressed in an unusual way. {AGAIN}"
    return ""


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
        refuse_as_damaged(error)
    if not inflater.eof or inflater.unused_data:
        refuse_as_damaged()


def _raw_name(entry: zipfile.ZipInfo) -> bytes:
    # `filename` is cut at a NUL byte and changed by extra fields in newer Pythons; `orig_filename` is not.
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437")


def name_of_entry(entry: zipfile.ZipInfo) -> str:
    """Return a member's name as people meant it, whatever its encoding."""
    raw = _raw_name(entry)
    try:
        return raw.decode()  # macOS writes UTF-8 without saying so in the flags
    except UnicodeDecodeError:
        return legacy_name(raw)
