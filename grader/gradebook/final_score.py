"""Compute the final score of a submission: a pure function of its attempt, marks, overrides and the late policy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

_DAY = timedelta(days=1)
_NONE: Mapping[Any, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class LatePolicy:
    """What it costs to hand in late.

    Each started day costs ``percent_a_day`` of the maximum score, together at most ``most_percent``. The first
    ``grace_minutes`` cost nothing. After ``days_accepted`` days (None: any number) work earns nothing.
    """

    percent_a_day: float = 0.0
    most_percent: float = 100.0
    grace_minutes: int = 0
    days_accepted: int | None = None

    def days_late(self, handed_in: datetime, due: datetime) -> int:
        """Return how many days late something is; a started day counts as a day. 0 within the grace period."""
        late = handed_in - due
        return 0 if late <= timedelta(minutes=self.grace_minutes) else math.ceil(late / _DAY)

    def deduction(self, days: int, score: float, max_score: float) -> float:
        """Return how many points of ``score`` are taken away for handing in ``days`` late."""
        if not days:
            return 0.0
        if self.days_accepted is not None and days > self.days_accepted:
            return score
        percent = min(days * self.percent_a_day, self.most_percent)
        return min(score, max_score * percent / 100)


class Earned(NamedTuple):
    """All that decides the final score of one submission.

    ``checks`` is what all checks of the attempt that counts gave, ``max_checks`` what they are worth. ``overrides``
    says by how much an override changes each overridden check; ``whole`` are points for all checks together.
    ``questions`` has the points of each written question, ``marks`` what people gave. ``days_late`` is None if it was
    late and nobody knows by how much.
    """

    checks: float = 0.0
    max_checks: float = 0.0
    overrides: Mapping[tuple[str, str], float] = _NONE
    whole: float | None = None
    questions: Mapping[str, float] = _NONE
    marks: Mapping[str, float] = _NONE
    days_late: int | None = 0
    policy: LatePolicy = LatePolicy()


class FinalScore(NamedTuple):
    """The final score of a submission, in points, and what it is made of.

    ``awaiting`` are points of written questions that nobody has marked; ``score`` and ``max_score`` leave them out.
    ``derivation`` says in words how the score came about. ``open`` says what a person must still decide.
    """

    score: float
    max_score: float
    automatic: float
    written: float
    late: float
    days_late: int
    awaiting: float
    derivation: str
    open: str = ""


def final_score(earned: Earned) -> FinalScore:
    """Return the final score, with its derivation: ``72.5 = 65 automatic + 12 written − 4.5 late (1 day)``."""
    automatic = earned.checks + sum(earned.overrides.values()) if earned.whole is None else earned.whole
    marks = {name: earned.marks[name] for name in earned.questions if name in earned.marks}
    written = sum(marks.values())
    max_score = earned.max_checks + sum(earned.questions[name] for name in marks)
    days = earned.days_late or 0
    late = earned.policy.deduction(days, automatic + written, max_score)
    awaiting = sum(points for name, points in earned.questions.items() if name not in marks)
    score = round(automatic + written - late, 6)
    return FinalScore(
        score=score,
        max_score=round(max_score, 6),
        automatic=round(automatic, 6),
        written=round(written, 6),
        late=round(late, 6),
        days_late=days,
        awaiting=round(awaiting, 6),
        derivation=_derivation(earned, score, automatic, written, late, days),
        open=_open(earned, awaiting),
    )


def _derivation(earned: Earned, score: float, automatic: float, written: float, late: float, days: int) -> str:
    overridden = earned.whole is not None or bool(earned.overrides)
    terms = f"{score:g} = {automatic:g} {'automatic, overridden' if overridden else 'automatic'}"
    if earned.marks:
        terms += f" + {written:g} written"
    if not days:
        return terms
    if earned.policy.days_accepted is not None and days > earned.policy.days_accepted:
        return f"{terms} − {late:g}: {_days(days)} late, and only {_days(earned.policy.days_accepted)} are accepted"
    return f"{terms} − {late:g} late ({_days(days)})"


def _open(earned: Earned, awaiting: float) -> str:
    """Return what a person must still decide, in a sentence; empty if nothing."""
    sentences = []
    if awaiting:
        unmarked = sum(name not in earned.marks for name in earned.questions)
        sentences.append(f"{unmarked} written answer{'s' * (unmarked > 1)} to mark ({awaiting:g} points).")
    if earned.days_late is None:
        sentences.append("Late, and it is not known by how much.")
    return " ".join(sentences)


def _days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"
