"""Keep what a student's code answered to its checks, so that changed checks can judge it again without running it.

::

    <out>/<submission>/attempt-001.answers      the files handed in, and what they answered, part by part

An answer is kept as it came: the reply's JSON and its safetensors blob, which the same strict reader decodes again. It
is found by its question: the part, the check, all that this check had asked before, and the request with all its
arguments and its seed. So a check that asks something else finds nothing, and the student's code must be run.

The answers of a part that together are too large are not kept; nor is an answer that never came, because the code ran
out of time or ended its process. Then the part is run again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from grader.errors import HarnessError
from grader.intake.submission import Submission
from grader.worker.wire import Buffer, Frame, parse_header

_MOST_BYTES = 4 << 20  # of the answers of one part; most take 10 to 100 kB, those that return whole data sets 100 MB
_MOST_FILE_BYTES = 8 << 20  # of all that one student handed in
_ENTRY = 150  # bytes of a question's name


class NotKept(HarnessError):
    """Nothing is kept that answers a question."""


class StoredReply(msgspec.Struct, frozen=True, array_like=True):
    """The answer to one question: the JSON of the reply, its blob, and what the code printed on the way."""

    header: bytes
    blob: bytes
    printed: str

    def frame(self) -> Frame:
        """Return the reply as a worker sent it; raises WireError if it is none."""
        return Frame(parse_header(self.header), bytearray(self.blob))


class PartAnswers:
    """The answers of one part, by question, and how large they are together."""

    def __init__(self, replies: Mapping[str, StoredReply] = MappingProxyType({})) -> None:
        self.replies = dict(replies)
        self._bytes = 0

    @property
    def is_too_large(self) -> bool:
        """Whether they take more than is kept; then none of them is."""
        return self._bytes > _MOST_BYTES

    def add(self, question: str, reply: Frame, printed: str) -> None:
        """Keep the first answer to a question."""
        if self._bytes > _MOST_BYTES or question in self.replies:
            return
        header = json.dumps(reply.header).encode()
        self._bytes += _ENTRY + len(header) + len(reply.blob) + len(printed)
        if self.is_too_large:
            self.replies.clear()
        else:
            self.replies[question] = StoredReply(header, bytes(reply.blob), printed)


class StoredAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """What was handed in and what it answered: ``parts`` has the answers of each part of which all are kept."""

    name: str
    files: dict[str, bytes]
    sha256: str
    notices: tuple[str, ...] = ()
    parts: dict[str, dict[str, StoredReply]] = {}

    def submission(self) -> Submission:
        """Return what was handed in."""
        files = MappingProxyType(self.files)
        return Submission(name=self.name, files=files, sha256=self.sha256, source=Path(self.name), notices=self.notices)


def to_bytes(submission: Submission, parts: Mapping[str, PartAnswers]) -> bytes:
    """Return a submission and its answers as they are stored; nothing if what was handed in is too large."""
    if sum(map(len, submission.files.values())) > _MOST_FILE_BYTES:
        return b""
    stored = StoredAnswers(
        name=submission.name,
        files=dict(submission.files),
        sha256=submission.sha256,
        notices=submission.notices,
        parts={name: answers.replies for name, answers in parts.items() if not answers.is_too_large},
    )
    return msgspec.msgpack.encode(stored)


def from_bytes(content: bytes) -> StoredAnswers:
    """Return what was stored; raises ``msgspec.MsgspecError`` if it is no such file."""
    return msgspec.msgpack.decode(content, type=StoredAnswers)


class Questions:
    """Names the questions that the checks of a part ask, one after another.

    A call may depend on those before it in the same check: on a network that they made, or on what they left in the
    student's module. So a question's name covers them all. What comes before the check does not count, as in grading.
    """

    def __init__(self, part: str) -> None:
        self._part = part
        self._before = b""

    def begin(self, check: str) -> None:
        """Start a check."""
        self._before = hashlib.sha256(f"{self._part}/{check}".encode()).digest()

    def name(self, request: Mapping[str, Any], blob: Sequence[Buffer]) -> str:
        """Return the name of a request. To load the code is the same question at any time."""
        digest = hashlib.sha256(b"" if request["do"] == "load" else self._before)
        digest.update(json.dumps(request, sort_keys=True).encode())
        for piece in blob:
            digest.update(piece)
        if request["do"] != "load":
            self._before = digest.digest()
        return digest.hexdigest()
