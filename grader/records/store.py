"""Store records: `Records` is the interface, `Store` keeps them in a folder.

::

    <folder>/<submission>/attempt-001.json      the record
    <folder>/<submission>/attempt-001.answers   what was handed in and what it answered, for `grader rescore`
    <folder>/<submission>/report.html           its page, which grader.reports.pages writes, like those of the class
    <folder>/run.jsonl                          what is done, while a class is being graded
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from grader.errors import UsageError
from grader.files import whole_file
from grader.records.record import ResultRecord, from_json, to_json
from grader.records.sharing import Sharing

_ATTEMPT = re.compile(r"attempt-(\d{3,})\.json")
_UNSAFE = re.compile(r"[^\w.()@+=, -]")
_LONGEST = 120  # bytes: file systems allow 255, and the names of pages need some of them
_DIGITS = 12
_CHANGED = re.compile(rf"-[0-9a-f]{{{_DIGITS}}}$")
RUN_FILE = "run.jsonl"  # exists while a class is graded (running/resume.py)
_GRADEBOOK = "gradebook.sqlite"
# What the grader keeps beside the submissions' folders; SQLite has files of its own beside a database.
RESERVED = frozenset(
    {"index.html", "scores.csv", "analysis.json", "class.json", "fingerprints.json", RUN_FILE}
    | {_GRADEBOOK + ending for ending in ("", "-wal", "-shm", "-journal")}
)


class Unreadable(NamedTuple):
    """What is kept as an attempt and is no record: where it is, its number, and why it cannot be read."""

    place: str
    attempt: int
    why: str


class Records(Protocol):
    """Stores the records of an assignment. Never changes or deletes a stored record."""

    def append(self, record: ResultRecord) -> ResultRecord:
        """Add ``record`` as its submission's next attempt; return it with its number.

        Several processes may add records at once: each record gets its own number.

        Raises:
            OSError: The record could not be stored.
        """

    def attempts(self, submission: str) -> Iterator[ResultRecord]:
        """Yield every attempt of the submission of this name, oldest first; none if it was never graded.

        Leaves out what cannot be read.
        """

    def latest(self) -> Iterator[ResultRecord]:
        """Yield the attempt that counts of every submission, sorted by name.

        This is the last attempt that was graded and is no practice; else the last that was refused, or the last
        practice. If a later one than the attempt that counts was refused, its ``reasons`` and ``notices`` say so; if a
        later one cannot be read, its ``reasons`` do.
        """

    def unreadable(self) -> Iterator[Unreadable]:
        """Yield everything that is kept as an attempt and cannot be read: damaged, edited, or of a later version."""


class Store:
    """Stores records below one folder: a folder for each submission, a file for each attempt."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def append(self, record: ResultRecord) -> ResultRecord:
        """Write ``record`` as its submission's next attempt (see `Records.append`)."""
        home = self.home(record.submission.name)
        home.mkdir(parents=True, exist_ok=True)
        while True:
            numbered = msgspec.structs.replace(record, attempt=self.next_attempt(record.submission.name))
            if whole_file.write_new(self.path_of(numbered), to_json(numbered)):
                return numbered

    def next_attempt(self, submission: str) -> int:
        """Return the number that the next record of a submission gets, if nobody else adds one."""
        home = self.home(submission)
        return max((number for number, _ in self._attempts(home)), default=0) + 1 if home.is_dir() else 1

    def attempts(self, submission: str) -> Iterator[ResultRecord]:
        """Yield every attempt of a submission (see `Records.attempts`)."""
        home = self.home(submission)
        if home.is_dir():
            yield from (record for _, record in self._read(home) if isinstance(record, ResultRecord))

    def latest(self) -> Iterator[ResultRecord]:
        """Yield the attempt that counts of every submission (see `Records.latest`)."""
        yield from map(Sharing().of, filter(None, map(self._latest, self._homes())))

    def unreadable(self) -> Iterator[Unreadable]:
        """Yield everything that is kept as an attempt and cannot be read (see `Records.unreadable`)."""
        yield from (
            record for home in self._homes() for _, record in self._read(home) if isinstance(record, Unreadable)
        )

    def unreadable_of(self, submission: str) -> list[Unreadable]:
        """Return what is kept as attempts of one submission and cannot be read."""
        home = self.home(submission)
        return [one for _, one in self._read(home) if isinstance(one, Unreadable)] if home.is_dir() else []

    def path_of(self, record: ResultRecord) -> Path:
        """Return the file of a stored record."""
        return self.home(record.submission.name) / f"attempt-{record.attempt:03d}.json"

    def keep_answers(self, record: ResultRecord, answers: bytes) -> None:
        """Keep what was handed in and what it answered, beside the record of the grading; raises OSError."""
        whole_file.write(self._answers_of(record), answers)

    def answers(self, record: ResultRecord) -> bytes:
        """Return what was last kept of the same files, run with the same seed; nothing if there is none."""
        same = (record.submission.sha256, record.seed)
        for one in reversed(list(self.attempts(record.submission.name))):
            if (one.submission.sha256, one.seed) == same and self._answers_of(one).is_file():
                return self._answers_of(one).read_bytes()
        return b""

    def _answers_of(self, record: ResultRecord) -> Path:
        return self.path_of(record).with_suffix(".answers")

    def latest_of(self, submission: str) -> ResultRecord | None:
        """Return the attempt that counts of one submission; None if it was never graded."""
        home = self.home(submission)
        return self._latest(home) if home.is_dir() else None

    def places(self) -> Iterator[tuple[str, Path]]:
        """Yield where every attempt is kept, relative to the folder, and its file; a submission's oldest first."""
        for home in self._homes():
            yield from ((f"{home.name}/{path.name}", path) for _, path in sorted(self._attempts(home)))

    def home(self, submission: str) -> Path:
        """Return the folder of one submission. Students choose the names, so only harmless characters are used.

        A name that had to be changed gets a few digits of its hash, so that two submissions never share a folder. So
        does a name that looks like a changed one, or like a file of the grader.
        """
        safe = _UNSAFE.sub("_", submission).strip(". ")
        safe = safe.encode()[:_LONGEST].decode(errors="ignore")
        if safe != submission or not safe or safe in RESERVED or _CHANGED.search(safe):
            digest = hashlib.sha256(submission.encode(errors="surrogatepass")).hexdigest()
            safe = f"{safe}-{digest[:_DIGITS]}"
        return self.folder / safe

    def _homes(self) -> list[Path]:
        """Return the folders of all submissions, sorted by name."""
        return sorted(path for path in self.folder.iterdir() if path.is_dir()) if self.folder.is_dir() else []

    def _latest(self, home: Path) -> ResultRecord | None:
        refused = practice = None
        unreadable = list[Unreadable]()
        for _, record in reversed(self._read(home)):
            if isinstance(record, Unreadable):
                unreadable.append(record)
            elif record.is_practice:
                practice = practice or record
            elif record.refused:
                refused = refused or record
            else:
                counts = _with_later_refusal(record, refused) if refused else record
                return _with_later_unreadable(counts, unreadable)
        if latest := refused or practice:
            return _with_later_unreadable(latest, [one for one in unreadable if one.attempt > latest.attempt])
        return None

    def _read(self, home: Path) -> list[tuple[int, ResultRecord | Unreadable]]:
        """Return all that is kept as attempts of one submission, oldest first."""
        return [(number, _read(number, path)) for number, path in sorted(self._attempts(home))]

    @staticmethod
    def _attempts(home: Path) -> list[tuple[int, Path]]:
        found = ((_ATTEMPT.fullmatch(path.name), path) for path in home.iterdir())
        return [(int(match[1]), path) for match, path in found if match]


def refuse_other_records(store: Store, assignment: str) -> None:
    """Raise UsageError if ``store`` has records of another assignment: one class page is about one assignment."""
    others = sorted({record.assignment for record in store.latest()} - {assignment})
    if others:
        there = f"{store.folder} holds records of {', '.join(others)}"
        raise UsageError(f"{there}: choose another --out for {assignment}, or move them away")


def _with_later_refusal(record: ResultRecord, refused: ResultRecord) -> ResultRecord:
    """Return the record that counts, which tells that what was handed in later could not be graded."""
    counts = f"attempt {record.attempt} counts"
    reason = f"Attempt {refused.attempt} was refused, so {counts}. {refused.refused}"
    notice = f"What you handed in later was not graded, so {counts}. {refused.refused}"
    return msgspec.structs.replace(record, reasons=(*record.reasons, reason), notices=(*record.notices, notice))


def _with_later_unreadable(record: ResultRecord, unreadable: Sequence[Unreadable]) -> ResultRecord:
    """Return the record that counts, which tells that later ones cannot be read."""
    counts = f"so attempt {record.attempt} counts"
    reasons = [f"Attempt {one.attempt} cannot be read, {counts}. {one.why}" for one in reversed(unreadable)]
    return msgspec.structs.replace(record, reasons=(*record.reasons, *reasons)) if reasons else record


def _read(number: int, path: Path) -> ResultRecord | Unreadable:
    try:
        return from_json(path.read_bytes())
    except (msgspec.MsgspecError, OSError) as error:
        return Unreadable(f"{path.parent.name}/{path.name}", number, f"{path} cannot be read as a record: {error}")
