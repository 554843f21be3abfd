"""The item analysis of a class, as it is written to ``analysis.json``; docs/analysis.md explains every field."""

from __future__ import annotations

from enum import StrEnum

import msgspec

FORMAT_VERSION = 1
FILE = "analysis.json"  # beside the class page


class Flag(StrEnum):
    """Why a person should look at a check itself."""

    everybody_passes = "everybody_passes"
    nobody_passes = "nobody_passes"
    negative_discrimination = "negative_discrimination"  # better students fail it more often


class _Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every result."""


class CheckItem(_Frozen, frozen=True, kw_only=True):
    """One check of the class.

    ``judged`` counts the submissions that it judged, ``passed`` those of them that passed. It was ``skipped`` for
    others, because another check must pass first, and ``ours`` counts our own errors. ``pass_rate`` and ``mean`` are
    shares between 0 and 1 (``mean`` of the points), None if nobody was judged. ``discrimination`` is the correlation
    of its points with the points of all other checks, between -1 and 1; None if it is undefined.
    """

    part: str
    name: str
    title: str
    points: float
    judged: int
    passed: int
    skipped: int
    ours: int
    pass_rate: float | None
    mean: float | None
    discrimination: float | None
    flags: tuple[Flag, ...] = ()

    @property
    def identity(self) -> str:
        """Return the name under which a check is one of its kind in an assignment."""
        return f"{self.part}/{self.name}"


class PartItem(_Frozen, frozen=True, kw_only=True):
    """One part of the class.

    ``judged`` counts the submissions for which no check of this part failed itself. ``pass_rate`` is the share of
    these with full marks, ``mean`` their mean share of the points. Times are in seconds and include what the checks
    themselves need; ``slowest`` names the submission that took the longest. Memory is in MB, the most that a student's
    process held at once, beside the libraries; ``largest`` names the submission that held the most.
    """

    name: str
    title: str
    points: float
    judged: int
    pass_rate: float | None
    mean: float | None
    discrimination: float | None
    median_seconds: float
    most_seconds: float
    slowest: str
    median_mb: float
    most_mb: float
    largest: str


class AgreeingPair(_Frozen, frozen=True, kw_only=True):
    """Two checks with the same verdict for each of ``judged`` submissions, of which ``passed`` pass both."""

    first: str
    second: str
    judged: int
    passed: int


class MadeBy(_Frozen, frozen=True, kw_only=True):
    """A submission that made a mistake, and the first check that it failed."""

    submission: str
    check: str


class MistakeItem(_Frozen, frozen=True, kw_only=True):
    """A known mistake, its hint, and everybody who made it."""

    part: str
    name: str
    hint: str
    made_by: tuple[MadeBy, ...]


class SimilarPair(_Frozen, frozen=True, kw_only=True):
    """Two submissions whose code is nearly the same; ``share`` (0 to 1) is that of the shorter one's code."""

    first: str
    second: str
    share: float


class MarkerItem(_Frozen, frozen=True, kw_only=True):
    """One person's marks for one written question: how many count, and their mean, of ``points`` at most.

    ``fifths`` says how many marks lie in each fifth of the points; full marks count in the last one.
    """

    question: str
    points: float
    by: str
    marked: int
    mean: float
    fifths: tuple[int, ...]


class ClassAnalysis(_Frozen, frozen=True, kw_only=True):
    """The item analysis of a class.

    ``submissions`` counts those that the figures are about, ``blank`` those of them with no code of their own.
    ``left_out`` counts the others, by reason. Checks and parts are in the order of the assignment; the mistake that
    most made comes first. ``markers`` is empty where nobody has marked.
    """

    format_version: int = FORMAT_VERSION
    assignment: str
    submissions: int
    blank: int
    left_out: dict[str, int]
    parts: tuple[PartItem, ...]
    checks: tuple[CheckItem, ...]
    agreeing: tuple[AgreeingPair, ...]
    mistakes: tuple[MistakeItem, ...]
    near_identical: tuple[SimilarPair, ...] = ()
    markers: tuple[MarkerItem, ...] = ()


def from_json(content: bytes) -> ClassAnalysis:
    """Return an analysis from its JSON; raises msgspec.MsgspecError if it is none."""
    return msgspec.json.decode(content, type=ClassAnalysis)


def to_json(analysis: ClassAnalysis) -> bytes:
    """Return an analysis as indented JSON; the same analysis gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(analysis), indent=1) + b"\n"
