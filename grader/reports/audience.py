"""Who may see what: a record is reduced to its reader's share *before* any template sees it.

A template that forgets a condition then has nothing to leak.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from grader.record import CheckRecord, Exhibit, PartRecord, ResultRecord, Visibility

Audience = Literal["student", "instructor"]
_Record = TypeVar("_Record", ResultRecord, PartRecord)


def as_seen_by(audience: Audience, record: ResultRecord) -> ResultRecord:
    """Return what ``audience`` may see: instructors everything, students no inside of hidden checks."""
    if audience == "instructor":
        return record
    return _changed(record, parts=tuple(_student_part(part) for part in record.parts))


def is_withheld(shown: CheckRecord | Exhibit) -> bool:
    """Tell whether the values of a check are kept from students; checks shown later count as hidden until then."""
    return shown.visibility is not Visibility.visible


def _student_part(part: PartRecord) -> PartRecord:
    # A part's output is that of its visible checks alone, so it may be shown as it is.
    return _changed(
        part,
        checks=tuple(_outside(check) if is_withheld(check) else check for check in part.checks),
        figures={name: value for name, value in part.figures.items() if name not in part.hidden_figures},
        hidden_figures=(),
        exhibits=tuple(exhibit for exhibit in part.exhibits if not is_withheld(exhibit)),
    )


def _outside(check: CheckRecord) -> CheckRecord:
    """Keep the named fields only: a field added to the record later stays hidden until someone decides.

    The traceback goes too: ``raise ValueError(Q)`` would otherwise print a hidden input.
    """
    return CheckRecord(
        name=check.name,
        title=check.title,
        points=check.points,
        visibility=check.visibility,
        verdict=check.verdict,
        score=check.score,
        message=check.message,
        hint=check.hint,
    )


def _changed(record: _Record, **changes: Any) -> _Record:
    """Copy a record with some fields changed."""
    return type(record)(**{field: getattr(record, field) for field in record.__struct_fields__} | changes)
