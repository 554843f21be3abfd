"""What a run remembers of a submission until its end: not the whole record, which may be megabytes and is stored."""

from __future__ import annotations

from typing import NamedTuple

from grader.records.record import ResultRecord, Standing, Verdict
from grader.reports.attention import must_look
from grader.reports.cleaning import one_line
from grader.running.jobs import JobOutcome

_STANDING = {
    Standing.final: "",
    Standing.needs_attention: "needs attention",
    Standing.needs_a_look: "needs a look",
    Standing.refused: "refused",
    Standing.not_a_grade: "not a grade",
}
_LONGEST_REASON = 100  # letters; the class page has all of it


class ClassLine(NamedTuple):
    """The line of a submission in the table of a class; without a ``standing`` it has no record.

    ``sha256`` is that of what was handed in, ``refused`` and ``fault`` say why there is no score. ``is_ours`` tells
    whether the grader itself failed, so that the score is not final.
    """

    name: str
    sha256: str = ""
    standing: Standing | None = None
    score: float = 0.0
    max_score: float = 0.0
    seconds: float = 0.0
    awaiting: float = 0.0
    needs_a_look: bool = True
    remark: str = ""
    refused: str = ""
    fault: str = ""
    is_ours: bool = False

    @property
    def is_graded(self) -> bool:
        """Whether it has a score."""
        return self.standing not in (None, Standing.refused)


def line_of(outcome: JobOutcome) -> ClassLine:
    """Return what is remembered of an outcome."""
    record = outcome.record
    if record is None:
        return ClassLine(outcome.name, refused=outcome.refused, fault=outcome.fault, is_ours=outcome.is_ours)
    return ClassLine(
        name=outcome.name,
        sha256=record.submission.sha256,
        standing=record.standing,
        score=record.score,
        max_score=record.max_score,
        seconds=record.seconds,
        awaiting=record.awaiting,
        needs_a_look=must_look(record),
        remark=_remark(record),
        refused=record.refused,
        fault=outcome.fault,
        is_ours=outcome.is_ours,
    )


def _remark(record: ResultRecord) -> str:
    """Say in a few words what a person should know: who must look at it and why, how many checks did not pass."""
    if record.standing is Standing.needs_a_look:
        return f"needs a look: {one_line(record.reasons[0], _LONGEST_REASON)}"
    counts: dict[Verdict, int] = {}
    for part in record.parts:
        for check in part.checks:
            counts[check.verdict] = counts.get(check.verdict, 0) + 1
    missing = sum(not written.answer for written in record.written)
    words = [f"{missing} written answer{'s' if missing > 1 else ''} missing"] if missing else []
    words += [
        f"{count} {verdict.value.replace('_', ' ')}"
        for verdict, count in counts.items()
        if verdict is not Verdict.passed
    ]
    return ", ".join(filter(None, (_STANDING[record.standing], *words)))
