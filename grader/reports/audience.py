"""Who may see what: a record is reduced to its reader's share *before* any template sees it.

A template that forgets a condition then has nothing to leak.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from grader.records.record import CheckRecord, Exhibit, PartRecord, ResultRecord, Reveal, Verdict, Visibility

Audience = Literal["student", "instructor"]
_Record = TypeVar("_Record", ResultRecord, PartRecord, CheckRecord)
# Of these the message says nothing about the check's inputs: a missing function, our own fault, another check first.
_NOTHING_TO_GUESS = (Verdict.not_implemented, Verdict.grader_error, Verdict.skipped)


def as_seen_by(audience: Audience, record: ResultRecord) -> ResultRecord:
    """Return what ``audience`` may see: instructors everything, students no inside of hidden checks."""
    if audience == "instructor":
        return record
    # Inputs of hidden checks follow from the seed; how long something took can be made to depend on them.
    return _changed(record, parts=tuple(_student_part(part) for part in record.parts), seed=0, seconds=0.0)


def is_withheld(shown: CheckRecord | Exhibit) -> bool:
    """Tell whether a check is hidden from students; checks shown later count as hidden until then."""
    return shown.visibility is not Visibility.visible


def _student_part(part: PartRecord) -> PartRecord:
    # A part's output is that of its visible checks alone, so it may be shown as it is.
    return _changed(
        part,
        checks=tuple(_shown(check) for check in part.checks),
        seconds=0.0,
        figures={name: value for name, value in part.figures.items() if name not in part.hidden_figures},
        hidden_figures=(),
        exhibits=tuple(exhibit for exhibit in part.exhibits if not is_withheld(exhibit)),
    )


def _shown(check: CheckRecord) -> CheckRecord:
    """What a student may see of a check, timings and seeds never."""
    if is_withheld(check) and check.reveal is not Reveal.values:
        return _outside(check)
    return _changed(check, seconds=0.0, seeds=())


def _outside(check: CheckRecord) -> CheckRecord:
    """Keep the named fields only: a field added to the record later stays hidden until someone decides.

    The traceback goes too: ``raise ValueError(Q)`` would otherwise print a hidden input.
    """
    told = check.reveal is Reveal.message or check.verdict in _NOTHING_TO_GUESS
    return CheckRecord(
        name=check.name,
        title=check.title,
        points=check.points,
        visibility=check.visibility,
        verdict=check.verdict,
        score=check.score,
        message=check.message if told else "",
        hint=check.hint if told else "",
        reveal=check.reveal,
    )


def _changed(record: _Record, **changes: Any) -> _Record:
    """Copy a record with some fields changed."""
    return type(record)(**{field: getattr(record, field) for field in record.__struct_fields__} | changes)
