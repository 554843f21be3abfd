"""Where records are kept: one folder for each submission, one file for each attempt, nothing ever overwritten.

::

    <folder>/<submission>/attempt-001.json      the record
    <folder>/<submission>/report.html           rendered from the latest attempt that is no practice
    <folder>/<submission>/attempt-002.html      of practice, where there is a grade to stand in report.html
    <folder>/index.html                         the class
    <folder>/scores.csv                         the same for a spreadsheet
    <folder>/unfinished.jsonl                   while a class is graded: what is done
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from grader.errors import UsageError
from grader.records.record import ResultRecord, from_json, to_json

_ATTEMPT = re.compile(r"attempt-(\d{3,})\.json")
_UNSAFE = re.compile(r"[^\w.()@+=, -]")
_LONGEST = 120  # bytes: file systems end at 255, and pages need some for themselves
_DIGITS = 12
_CHANGED = re.compile(rf"-[0-9a-f]{{{_DIGITS}}}$")
_OURS = ("index.html", "scores.csv", "unfinished.jsonl")


class Store:
    """The records below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def append(self, record: ResultRecord) -> tuple[ResultRecord, Path]:
        """Write ``record`` as the submission's next attempt; the numbered record and its file."""
        home = self.home(record.submission.name)
        home.mkdir(parents=True, exist_ok=True)
        while True:
            number = max((number for number, _ in self._attempts(home)), default=0) + 1
            numbered = msgspec.structs.replace(record, attempt=number)
            path = self.path_of(numbered)
            if _write_new(path, to_json(numbered)):
                return numbered, path

    def path_of(self, record: ResultRecord) -> Path:
        """The file of a record that was appended."""
        return self.home(record.submission.name) / f"attempt-{record.attempt:03d}.json"

    def latest(self) -> Iterator[ResultRecord]:
        """The last attempt of every submission, by name; raises UsageError when a file is not a record.

        Practice (some parts or checks only, or no sandbox) counts only where there is nothing else.
        """
        for home in sorted(path for path in self.folder.iterdir() if path.is_dir()):
            if record := self._latest(home):
                yield record

    def page_of(self, record: ResultRecord) -> Path:
        """Where the report of a record that was appended belongs."""
        home = self.home(record.submission.name)
        latest = self._latest(home) if record.is_practice else None
        own = latest is not None and not latest.is_practice
        return self.path_of(record).with_suffix(".html") if own else home / "report.html"

    def home(self, submission: str) -> Path:
        """The folder of one submission. Names come from students: only harmless characters become a path.

        A name that had to be changed gets a few digits of its hash, so that two never share a folder; and so does a
        name that looks as if it had been changed, or that is ours.
        """
        safe = _UNSAFE.sub("_", submission).strip(". ")
        safe = safe.encode()[:_LONGEST].decode(errors="ignore")
        if safe != submission or not safe or safe in _OURS or _CHANGED.search(safe):
            digest = hashlib.sha256(submission.encode(errors="surrogatepass")).hexdigest()
            safe = f"{safe}-{digest[:_DIGITS]}"
        return self.folder / safe

    def _latest(self, home: Path) -> ResultRecord | None:
        paths = [path for _, path in sorted(self._attempts(home), reverse=True)]
        grades = (record for record in map(_read, paths) if not record.is_practice)
        return next(grades, None) or (_read(paths[0]) if paths else None)

    @staticmethod
    def _attempts(home: Path) -> list[tuple[int, Path]]:
        found = ((_ATTEMPT.fullmatch(path.name), path) for path in home.iterdir())
        return [(int(match[1]), path) for match, path in found if match]


def _write_new(path: Path, content: bytes) -> bool:
    """Write a file that must not exist yet, whole or not at all; whether it was ours to write."""
    draft = path.with_suffix(f".{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        os.link(draft, path)  # unlike a rename, a link never replaces what is there
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


def _read(path: Path) -> ResultRecord:
    try:
        return from_json(path.read_bytes())
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path} is not a record of this version: {error}") from None
