"""What one grading found: immutable, JSON in and out, the only thing reports and gradebooks read.

A record never changes once written. Marking again makes a new attempt beside the old one; a report is a pure function
of a record. ``format_version`` is raised when a field changes meaning.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from grader.records.evidence import (
    ConfusionEvidence,
    Curve,
    CurvesEvidence,
    ExhibitEvidence,
    ImageRow,
    ImagesEvidence,
    ImageStrip,
    MatrixEvidence,
)
from grader.records.verdicts import Verdict

__all__ = [
    "FORMAT_VERSION",
    "CheckRecord",
    "ConfusionEvidence",
    "Curve",
    "CurvesEvidence",
    "EnvironmentRecord",
    "Exhibit",
    "ExhibitEvidence",
    "ImageRow",
    "ImageStrip",
    "ImagesEvidence",
    "MatrixEvidence",
    "PartRecord",
    "ResultRecord",
    "Reveal",
    "Standing",
    "SubmissionRecord",
    "Verdict",
    "Visibility",
    "WrittenRecord",
    "from_json",
    "to_json",
]

FORMAT_VERSION = 1


class Visibility(StrEnum):
    """When a student may see a check (Gradescope's four values)."""

    visible = "visible"
    hidden = "hidden"
    after_due_date = "after_due_date"
    after_published = "after_published"


class Standing(StrEnum):
    """Whether a record's score counts."""

    final = "final"
    needs_attention = "needs_attention"  # a grader_error is in it: someone must look
    not_a_grade = "not_a_grade"  # run at the `direct` level, without a sandbox, or on some parts only


class _Frozen(msgspec.Struct, frozen=True):
    """Base of every record."""


class Exhibit(_Frozen, frozen=True, kw_only=True):
    """Evidence that a check shows whatever came of it; students see that of visible checks only."""

    check: str
    visibility: Visibility
    evidence: ExhibitEvidence


class Reveal(StrEnum):
    """How much of a hidden check a student sees: that it is there, what is wrong without values, or everything."""

    name = "name"
    message = "message"
    values = "values"


class CheckRecord(_Frozen, frozen=True, kw_only=True):
    """One check: what it asks, what came of it, and what the student is told.

    ``message`` says what is wrong without values; ``detail`` adds the values and the place, and is shown to students
    only for visible checks, and hidden ones that ``reveal`` their values. ``mistake`` names the known mistake that
    ``hint`` is about, or several that cannot be told apart: "rows_swapped or columns_swapped". ``seeds`` are the seeds
    the worker was given, one for each call.
    """

    name: str
    title: str
    points: float
    visibility: Visibility = Visibility.visible
    reveal: Reveal = Reveal.message
    verdict: Verdict = Verdict.grader_error
    score: float = 0.0
    message: str = ""
    detail: str = ""
    hint: str = ""
    mistake: str = ""
    traceback: str = ""
    evidence: tuple[MatrixEvidence, ...] = ()
    seeds: tuple[int, ...] = ()
    seconds: float = 0.0

    @property
    def took_marks(self) -> bool:
        """Whether the check took marks away by judging: not by failing itself, nor by not being run."""
        return self.score < self.points and self.verdict.is_for_the_student


class PartRecord(_Frozen, frozen=True, kw_only=True):
    """One part of the assignment: its checks, and the figures and exhibits the checks noted.

    ``hidden_figures`` names those of ``figures`` that come from checks which are not visible. ``output`` is what the
    student's code printed while visible checks ran: a print of an argument would give away the inputs of hidden ones.
    """

    name: str
    title: str
    checks: tuple[CheckRecord, ...]
    profile: str = "mini"
    device: str = "cpu"
    file: str = ""
    output: str = ""
    output_truncated: bool = False
    figures: dict[str, float] = msgspec.field(default_factory=dict)
    hidden_figures: tuple[str, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    seconds: float = 0.0

    @property
    def score(self) -> float:
        """Points earned on this part."""
        return round(sum(check.score for check in self.checks), 6)

    @property
    def max_score(self) -> float:
        """Points this part is worth, fixed when pytest collected its checks."""
        return round(sum(check.points for check in self.checks), 6)


class WrittenRecord(_Frozen, frozen=True, kw_only=True):
    """One written question and the answer found in the files; a person marks it, so it has points but no score.

    ``answer`` is the text as typed, cut when ``truncated``; ``source`` is its file. Both are empty where there is none.
    """

    name: str
    title: str
    question: str
    points: float
    answer: str = ""
    source: str = ""
    truncated: bool = False


class SubmissionRecord(_Frozen, frozen=True, kw_only=True):
    """Which files were graded: the folder's or archive's name, a SHA-256 over paths and contents, the paths."""

    name: str
    sha256: str
    files: tuple[str, ...] = ()


class EnvironmentRecord(_Frozen, frozen=True, kw_only=True):
    """Where it was graded: sandbox level, what that level protects against, package versions."""

    sandbox: str
    protections: tuple[str, ...] = ()
    missing_protections: tuple[str, ...] = ()
    versions: dict[str, str] = msgspec.field(default_factory=dict)
    platform: str = ""


class ResultRecord(_Frozen, frozen=True, kw_only=True):
    """One attempt at one assignment by one submission."""

    format_version: int = FORMAT_VERSION
    assignment: str
    assignment_title: str = ""  # what course.toml calls it
    submission: SubmissionRecord
    attempt: int = 1
    started: str = ""  # UTC, ISO 8601
    seconds: float = 0.0
    seed: int = 0
    profile: str = "mini"
    device: str = "cpu"
    datasets: dict[str, str] = msgspec.field(default_factory=dict)  # name to where it came from
    environment: EnvironmentRecord
    parts: tuple[PartRecord, ...] = ()
    written: tuple[WrittenRecord, ...] = ()  # empty where only some parts were asked for
    partial: bool = False  # only some parts or checks were asked for
    notices: tuple[str, ...] = ()  # about the submission as a whole, for the student

    @property
    def heading(self) -> str:
        """The assignment's title, or its name where it has none."""
        return self.assignment_title or self.assignment

    @property
    def score(self) -> float:
        """Points earned in all."""
        return round(sum(part.score for part in self.parts), 6)

    @property
    def max_score(self) -> float:
        """Points the graded parts are worth in all."""
        return round(sum(part.max_score for part in self.parts), 6)

    @property
    def awaiting(self) -> float:
        """Points of the written answers, which a person still has to mark: in neither `score` nor `max_score`."""
        return round(sum(written.points for written in self.written), 6)

    @property
    def is_practice(self) -> bool:
        """Whether it is no grade, whatever came of it: run without a sandbox, or on some parts or checks only."""
        return self.environment.sandbox == "direct" or self.partial

    @property
    def standing(self) -> Standing:
        """Whether the score counts as a grade."""
        verdicts = {check.verdict for part in self.parts for check in part.checks}
        if Verdict.grader_error in verdicts:
            return Standing.needs_attention
        return Standing.not_a_grade if self.is_practice else Standing.final


def to_json(record: ResultRecord) -> bytes:
    """Encode a record as indented JSON, the same bytes for the same record."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def from_json(text: bytes) -> ResultRecord:
    """Decode and validate a record; raises ``msgspec.ValidationError`` naming the field that is wrong."""
    record = msgspec.json.decode(text, type=ResultRecord)
    if record.format_version != FORMAT_VERSION:
        raise msgspec.ValidationError(f"`$.format_version` is {record.format_version}, this is {FORMAT_VERSION}")
    return record
