"""What people decided about a submission, as the student's page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """The final score and how it came about; the points of each marked answer; words for the student.

    ``score`` is None if no attempt can be a grade. ``marks`` and ``comments`` are by the name of the written question;
    ``comments[""]`` are on the whole submission. ``overridden`` says in sentences where a person gave other points than
    the checks; ``open`` what is not decided.
    """

    score: float | None
    max_score: float
    derivation: str
    open: str = ""
    marks: Mapping[str, float] = field(default_factory=dict)
    comments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    overridden: tuple[str, ...] = ()
