"""The record of one grading: immutable, read and written as JSON, the only input of reports and gradebooks.

A record never changes once written: grading again adds a new attempt. A report is a pure function of a record. Raise
``FORMAT_VERSION`` when a field changes its meaning.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

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
    PictureEvidence,
    Ranking,
    RankingsEvidence,
    WordsEvidence,
)
from grader.records.found import FoundRecord, NotRunRecord, StoppedAt
from grader.records.verdicts import Verdict
from grader.records.written import UnplacedRecord, WrittenRecord

__all__ = [
    "FORMAT_VERSION",
    "CheckRecord",
    "ConfusionEvidence",
    "Curve",
    "CurvesEvidence",
    "EnvironmentRecord",
    "Exhibit",
    "ExhibitEvidence",
    "FoundRecord",
    "ImageRow",
    "ImageStrip",
    "ImagesEvidence",
    "MatrixEvidence",
    "NotRunRecord",
    "PartRecord",
    "PictureEvidence",
    "Ranking",
    "RankingsEvidence",
    "ResultRecord",
    "Reveal",
    "Standing",
    "StoppedAt",
    "SubmissionRecord",
    "UnplacedRecord",
    "Verdict",
    "Visibility",
    "WordsEvidence",
    "WrittenRecord",
    "from_json",
    "to_json",
]

FORMAT_VERSION = 1
_Points = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]


class Visibility(StrEnum):
    """When a student may see a check (Gradescope's four values)."""

    visible = "visible"
    hidden = "hidden"
    after_due_date = "after_due_date"
    after_published = "after_published"


class Standing(StrEnum):
    """Whether a record's score counts."""

    final = "final"
    needs_attention = "needs_attention"  # it has a grader_error: a person must look
    needs_a_look = "needs_a_look"  # what was handed in is not what a score can be trusted with: a person must look
    refused = "refused"  # it could not be read, so nothing was graded: a person must look
    not_a_grade = "not_a_grade"  # run without a sandbox (level `direct`), or on some parts or checks only


class _Frozen(msgspec.Struct, frozen=True):
    """Base of every record."""


class Exhibit(_Frozen, frozen=True, kw_only=True):
    """Evidence that a check shows with every verdict; students see only that of visible checks."""

    check: str
    visibility: Visibility
    evidence: ExhibitEvidence


class Reveal(StrEnum):
    """How much of a hidden check a student sees: its name, what is wrong without values, or everything."""

    name = "name"
    message = "message"
    values = "values"


class CheckRecord(_Frozen, frozen=True, kw_only=True):
    """One check: what it asks, its verdict, and its feedback to the student.

    ``message`` says what is wrong without values. ``detail`` adds values and places; students see it only for visible
    checks and for hidden ones that ``reveal`` their values. ``mistake`` names the known mistake that ``hint`` is about,
    or several that cannot be told apart: "rows_swapped or columns_swapped". ``stopped_at`` is the place of the
    ``traceback`` in the student's files. ``waits_for`` names the check that must pass before this one can be judged.
    ``seeds`` has the worker's seed for each call. ``sha256`` is of its code in the course (`course.executed_code`).
    """

    name: str
    title: str
    points: _Points
    visibility: Visibility = Visibility.visible
    reveal: Reveal = Reveal.message
    verdict: Verdict = Verdict.grader_error
    score: _Points = 0.0
    message: str = ""
    detail: str = ""
    hint: str = ""
    mistake: str = ""
    traceback: str = ""
    stopped_at: StoppedAt | None = None
    waits_for: str = ""
    evidence: tuple[MatrixEvidence, ...] = ()
    seeds: tuple[int, ...] = ()
    seconds: float = 0.0
    sha256: str = ""

    @property
    def took_marks(self) -> bool:
        """Return whether the check judged the code and took marks; False if it failed itself or was skipped."""
        return self.score < self.points and self.verdict.is_for_the_student


class PartRecord(_Frozen, frozen=True, kw_only=True):
    """One part of the assignment: its checks, and the figures and exhibits that the checks noted.

    ``hidden_figures`` names the ``figures`` that come from hidden checks, ``figure_titles`` says in words what those
    of gates are. ``output`` is what the student's code printed
    during visible checks only, since printing an argument in a hidden check would give away its inputs. ``found`` says
    where each function was found, ``missing`` names those that are in no file, ``not_run`` the lines left out.
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
    figure_titles: dict[str, str] = msgspec.field(default_factory=dict)
    exhibits: tuple[Exhibit, ...] = ()
    found: tuple[FoundRecord, ...] = ()
    missing: tuple[str, ...] = ()
    not_run: tuple[NotRunRecord, ...] = ()
    seconds: float = 0.0
    memory_mb: float = 0.0  # the most that the process of the student's code held, beside the libraries; 0: unknown
    version: str = ""  # SHA-256 over the checks of this part and all that they compare with
    run_in: int = 0  # the attempt in which the student's code ran, if what it answered was judged again; else 0

    @property
    def score(self) -> float:
        """Return the points earned in this part."""
        return round(sum(check.score for check in self.checks), 6)

    @property
    def max_score(self) -> float:
        """Return the points this part is worth, with checks that did not run."""
        return round(sum(check.points for check in self.checks), 6)


class SubmissionRecord(_Frozen, frozen=True, kw_only=True):
    """The graded files: name of the folder or archive, SHA-256 over paths and contents, and paths."""

    name: str
    sha256: str
    files: tuple[str, ...] = ()


class EnvironmentRecord(_Frozen, frozen=True, kw_only=True):
    """Where the submission was graded: sandbox level, its protections, and package versions."""

    sandbox: str
    protections: tuple[str, ...] = ()
    missing_protections: tuple[str, ...] = ()
    versions: dict[str, str] = msgspec.field(default_factory=dict)
    platform: str = ""


class ResultRecord(_Frozen, frozen=True, kw_only=True):
    """One attempt at one assignment by one submission.

    A submission that could not be taken in is a record without parts: ``refused`` tells the student why. ``reasons``
    are sentences for the instructor: why a person must look at it. ``starved`` tells whether the machine was too busy
    to run all of its code. ``rescored_from`` is the attempt whose answers were judged again by other checks (0: none).
    If the student keeps earlier points, because these were more, ``kept_from`` is the attempt that they are from, and
    ``points_by`` the version of the checks that gave them.
    """

    format_version: int = FORMAT_VERSION
    assignment: str
    assignment_title: str = ""  # what course.toml calls it
    course_title: str = ""
    language: str = "en"  # of the student's page
    submission: SubmissionRecord
    attempt: int = 1
    started: str = ""  # UTC, ISO 8601
    seconds: float = 0.0
    seed: int = 0
    profile: str = "mini"
    device: str = "cpu"
    datasets: dict[str, str] = msgspec.field(default_factory=dict)  # origin of each data set, by name
    environment: EnvironmentRecord
    checks_version: str = ""  # SHA-256 over the checks of these parts, and all that they compare with
    grader_version: str = ""  # SHA-256 over the grader's own code and the versions of its libraries
    parts: tuple[PartRecord, ...] = ()
    written: tuple[WrittenRecord, ...] = ()  # empty if only some parts were graded
    unplaced: tuple[UnplacedRecord, ...] = ()  # may answer a written question
    partial: bool = False  # only some parts or checks were run
    notices: tuple[str, ...] = ()  # about the submission as a whole, for the student
    refused: str = ""
    reasons: tuple[str, ...] = ()
    starved: bool = False
    rescored_from: int = 0
    kept_from: int = 0
    points_by: str = ""

    @property
    def heading(self) -> str:
        """The assignment's title, or its name where it has none."""
        return self.assignment_title or self.assignment

    @property
    def score(self) -> float:
        """Return the points earned in all parts."""
        return round(sum(part.score for part in self.parts), 6)

    @property
    def max_score(self) -> float:
        """Return the points that the graded parts are worth."""
        return round(sum(part.max_score for part in self.parts), 6)

    @property
    def awaiting(self) -> float:
        """Return the points of the written answers, which a person marks; `score` and `max_score` leave them out."""
        return round(sum(written.points for written in self.written), 6)

    @property
    def is_practice(self) -> bool:
        """Return whether it can be no grade: run without a sandbox, or on some parts or checks only."""
        return self.environment.sandbox == "direct" or self.partial

    @property
    def standing(self) -> Standing:
        """Return whether the score counts as a grade, and otherwise why it does not."""
        verdicts = {check.verdict for part in self.parts for check in part.checks}
        if self.refused:
            return Standing.refused
        if Verdict.grader_error in verdicts:
            return Standing.needs_attention
        if self.is_practice:
            return Standing.not_a_grade
        return Standing.needs_a_look if self.reasons else Standing.final


def to_json(record: ResultRecord) -> bytes:
    """Return a record as indented JSON; the same record gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def from_json(text: bytes) -> ResultRecord:
    """Decode and validate a record; raises ``msgspec.ValidationError`` with the name of the wrong field."""
    record = msgspec.json.decode(text, type=ResultRecord)
    if record.format_version != FORMAT_VERSION:
        raise msgspec.ValidationError(f"`$.format_version` is {record.format_version}, this is {FORMAT_VERSION}")
    for check in (check for part in record.parts for check in part.checks):
        if check.score > check.points:
            raise msgspec.ValidationError(f"`{check.name}` has {check.score:g} of {check.points:g} points")
    return record
