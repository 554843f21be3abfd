"""Keep gradings, each under a key that changes when the grading is out of date.

Each grading is appended to a file below ``build/audit`` as soon as it is done, so an interruption loses nothing. Its
key is a hash of everything it depends on in the course: solution, checks, fixture data, configuration and seed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from grader.course import check_file, executed_code, fingerprint
from grader.course.catalog import Part
from grader.course.part_toml import Setting
from grader.files.json_lines import JsonLines
from grader.records.record import PartRecord, Verdict


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one check said of one solution; ``mistake`` is the known mistake its feedback names ("a or b" in a tie).

    ``lost`` tells whether points are missing, for whatever reason.
    """

    name: str
    title: str
    verdict: Verdict
    lost: bool
    mistake: str = ""
    said: str = ""
    seconds: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """The known mistakes that its feedback names: one, several that cannot be told apart, or none."""
        return tuple(self.mistake.split(" or ")) if self.mistake else ()

    @property
    def took_marks(self) -> bool:
        """Whether it judged the solution to be wrong: not by failing itself, nor by not being run."""
        return self.lost and self.verdict.is_for_the_student


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """One grading of one solution; ``slowest`` is the time of the slowest check, in seconds."""

    key: str
    checks: tuple[CheckResult, ...]
    seconds: float
    slowest: float

    @property
    def lost(self) -> tuple[CheckResult, ...]:
        """The checks that took marks away."""
        return tuple(check for check in self.checks if check.lost)

    @property
    def caught_by(self) -> tuple[CheckResult, ...]:
        """Return the checks that took marks away because the solution was wrong, not because the grader failed."""
        return tuple(check for check in self.lost if check.verdict is not Verdict.grader_error)

    @property
    def timed_out(self) -> bool:
        """Whether a check ran out of time; on a less busy machine it may not."""
        return any(check.verdict is Verdict.timed_out for check in self.checks)

    @property
    def faults(self) -> tuple[CheckResult, ...]:
        """Return the checks that failed themselves."""
        return tuple(check for check in self.checks if check.verdict is Verdict.grader_error)


class Keep:
    """The gradings of one part that are done."""

    def __init__(self, folder: Path, part: Part) -> None:
        self._file = JsonLines[Graded](folder / part.assignment / f"{part.name}.jsonl", Graded)
        self._graded = {graded.key: graded for graded in self._file.read()}

    def get(self, key: str) -> Graded | None:
        """Return the grading with this key, or None if it was not done."""
        return self._graded.get(key)

    def add(self, graded: Graded, *, lasting: bool = True) -> None:
        """Keep a grading for this run and, if it is ``lasting``, for the next ones too."""
        self._graded[graded.key] = graded
        if lasting:
            self._file.append(graded)


def graded_of(key: str, record: PartRecord) -> Graded:
    """Return what is kept of a record."""
    checks = tuple(
        CheckResult(
            name=check.name,
            title=check.title,
            verdict=check.verdict,
            lost=check.score < check.points,
            mistake=check.mistake,
            said=f"{check.message} {check.detail}".strip()[:300],
            seconds=check.seconds,
        )
        for check in record.checks
    )
    slowest = max((check.seconds for check in record.checks), default=0.0)
    return Graded(key=key, checks=checks, seconds=record.seconds, slowest=slowest)


def ground_of(part: Part) -> str:
    """The hash of what every grading of a part depends on: its checks, fixture data, limits, gates and sizes."""
    return key_of(fingerprint.of_code(part.check_file.read_text(encoding="utf-8")), *_of_every_check(part))


def check_hashes(part: Part) -> dict[str, str]:
    """The hash of what each check depends on: its own code, fixture data, limits, gates and sizes."""
    names = [check.name for check in check_file.read(part.check_file).checks]
    every = _of_every_check(part)
    return {name: key_of(executed_code.check_sha256(part, name), *every) for name in names}


def _of_every_check(part: Part) -> tuple[bytes, ...]:
    """Return what the grading of every check depends on: limits, gates and sizes, and the fixture data."""
    facts, setting = part.config, Setting()
    terms = (facts.aliases, facts.files, facts.datasets, facts.limits.on(setting), facts.gates_on(setting))
    data = sorted(part.fixture_folder.glob("expected.*"))
    settings = msgspec.json.encode((*terms, facts.sizes_on(setting)), order="deterministic")
    return (settings, *(path.read_bytes() for path in data))


def key_of(*parts: str | bytes | int) -> str:
    """Return one hash of several strings, in this order."""
    sha = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else str(part).encode()
        sha.update(hashlib.sha256(content).digest())
    return sha.hexdigest()
