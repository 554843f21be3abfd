"""Decide who may see what: remove from a record what its reader may not see, *before* any template gets it.

A template that forgets a condition then has nothing to leak.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from grader.records.record import CheckRecord, Exhibit, PartRecord, ResultRecord, Reveal, Verdict, Visibility
from grader.records.verdicts import VERDICTS

Audience = Literal["student", "instructor"]
Moment = Literal["before-due", "after-due", "published"]
# Which checks become visible at a moment. Those that are `hidden` never do.
SHOWN_AT: Mapping[Moment, frozenset[Visibility]] = MappingProxyType(
    {
        "before-due": frozenset(),
        "after-due": frozenset({Visibility.after_due_date}),
        "published": frozenset({Visibility.after_due_date, Visibility.after_published}),
    }
)
_Record = TypeVar("_Record", ResultRecord, PartRecord, CheckRecord, Exhibit)
_Shown = TypeVar("_Shown", CheckRecord, Exhibit)


# The reasons are for the instructor; what a student must know is in the notices. That there are some, both may know.
_TOLD = ("A person looks at what you handed in.",)


def as_seen_by(audience: Audience, record: ResultRecord) -> ResultRecord:
    """Return what ``audience`` may see: instructors see everything, students nothing from inside hidden checks."""
    if audience == "instructor":
        return record
    # The seed gives away the inputs of hidden checks. Durations would too: code can be slow for some inputs only.
    parts = tuple(_student_part(part) for part in record.parts)
    return _changed(record, parts=parts, seed=0, seconds=0.0, reasons=_TOLD if record.reasons else ())


def released(moment: Moment, record: ResultRecord) -> ResultRecord:
    """Return the record with all checks visible that are visible at a moment, and what they show.

    Figures that hidden checks noted stay hidden: a record does not say which of them did.
    """
    parts = tuple(
        _changed(
            part,
            checks=tuple(_visible_at(moment, check) for check in part.checks),
            exhibits=tuple(_visible_at(moment, exhibit) for exhibit in part.exhibits),
        )
        for part in record.parts
    )
    return _changed(record, parts=parts)


def _visible_at(moment: Moment, shown: _Shown) -> _Shown:
    return _changed(shown, visibility=Visibility.visible) if shown.visibility in SHOWN_AT[moment] else shown


def is_withheld(shown: CheckRecord | Exhibit) -> bool:
    """Tell whether a check is hidden from students; a check that is shown later counts as hidden."""
    return shown.visibility is not Visibility.visible


def _student_part(part: PartRecord) -> PartRecord:
    # A part's output comes from its visible checks only, so students may see it.
    return _changed(
        part,
        checks=tuple(_shown(check) for check in part.checks),
        seconds=0.0,
        memory_mb=0.0,
        figures={name: value for name, value in part.figures.items() if name not in part.hidden_figures},
        hidden_figures=(),
        figure_titles={name: title for name, title in part.figure_titles.items() if name not in part.hidden_figures},
        exhibits=tuple(exhibit for exhibit in part.exhibits if not is_withheld(exhibit)),
    )


def _shown(check: CheckRecord) -> CheckRecord:
    """Return what a student may see of a check: never its timings, its seeds, or how the grader itself failed."""
    if check.verdict is Verdict.grader_error or (is_withheld(check) and check.reveal is not Reveal.values):
        return _outside(check)
    return _changed(check, seconds=0.0, seeds=())


def _outside(check: CheckRecord) -> CheckRecord:
    """Keep only the fields named here: a field that the record gets later stays hidden until someone lists it.

    The traceback is removed too: ``raise ValueError(Q)`` would print a hidden input.
    """
    told = check.reveal is Reveal.message or not VERDICTS[check.verdict].may_tell_inputs
    return CheckRecord(
        name=check.name,
        title=check.title,
        points=check.points,
        visibility=check.visibility,
        verdict=check.verdict,
        score=check.score,
        message=check.message if told else "",
        hint=check.hint if told else "",
        waits_for=check.waits_for,
        reveal=check.reveal,
    )


def _changed(record: _Record, **changes: Any) -> _Record:
    """Copy a record with some fields changed."""
    return type(record)(**{field: getattr(record, field) for field in record.__struct_fields__} | changes)
