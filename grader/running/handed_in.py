"""What somebody handed in as bytes, for a machine that does not have the files."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import msgspec

from grader.intake.submission import Submission


class _HandedIn(msgspec.Struct, frozen=True, array_like=True):
    name: str
    files: dict[str, bytes]
    sha256: str
    notices: tuple[str, ...]


def pack(submission: Submission) -> bytes:
    """Return a submission as bytes."""
    return msgspec.msgpack.encode(
        _HandedIn(submission.name, dict(submission.files), submission.sha256, submission.notices)
    )


def unpack(packed: bytes) -> Submission:
    """Return a submission that was packed; its ``source`` is its name, for the files are elsewhere."""
    one = msgspec.msgpack.decode(packed, type=_HandedIn)
    files = MappingProxyType(one.files)
    return Submission(name=one.name, files=files, sha256=one.sha256, source=Path(one.name), notices=one.notices)
