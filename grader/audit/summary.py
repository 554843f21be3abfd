"""Read and write ``audit.json``: what the last audit of a part found, kept with the course.

Its hashes say what is out of date. The many gradings of right solutions are repeated for changed checks only.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.course.catalog import Part
from grader.errors import CourseError
from grader.files import whole_file

GRADINGS = 50  # of each right solution, each with its own seed


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A right solution that lost marks: with which seed, in which check."""

    seed: int
    check: str
    verdict: str
    said: str


class RightSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A right solution: the hash of its code and the result of its gradings."""

    sha256: str
    gradings: int
    failures: tuple[Failure, ...] = ()

    @property
    def timed_out(self) -> bool:
        """Whether it failed because time ran out; on a less busy machine it may not."""
        return any(failure.verdict == "timed_out" for failure in self.failures)


class MistakeSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How many known mistakes there are, how many lose marks, and how many the feedback names."""

    total: int
    caught: int
    recognised: int


class MutantSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How many mutants the reference has; ``survivors`` lists identities."""

    total: int
    caught: int
    equivalent: int
    survivors: tuple[str, ...]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of ``audit.json``; ``ground_sha256`` is the hash of checks, fixture data and facts.

    ``checks`` has the hash of each check when right solutions were graded: only changed ones grade them again.
    ``proof`` names for each mistake a few checks that catch it: `grader verify` runs those alone.
    """

    ground_sha256: str
    reference_sha256: str
    environment: str
    right: dict[str, RightSummary]
    mistakes: MistakeSummary
    checks: dict[str, str]
    mutants: MutantSummary | None = None
    proof: dict[str, tuple[str, ...]] = {}


def path_of(part: Part) -> Path:
    """Return the path of a part's ``audit.json``."""
    return part.fixture_folder / "audit.json"


def read(part: Part) -> Summary | None:
    """Read the stored summary; None if there is none.

    Raises:
        CourseError: the file is not a summary.
    """
    path = path_of(part)
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Summary)
    except msgspec.MsgspecError as error:
        raise CourseError(f"{path}: {error}; `grader audit {part.identity}` makes it anew") from None


def write(part: Part, summary: Summary) -> Path:
    """Store a summary beside the part's fixture data."""
    path = path_of(part)
    whole_file.write(path, msgspec.json.format(msgspec.json.encode(summary), indent=1) + b"\n")
    return path
