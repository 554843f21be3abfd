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

    ``written`` is what the marks of written answers give. Neither ``score`` nor ``max_score`` has the points of
    questions that nobody has marked.
    """

    earned: Earned
    score: float
    max_score: float
    automatic: float
    written: float
    late: float

    @property
    def days_late(self) -> int:
        """How many days late it is, as far as anybody knows."""
        return self.earned.days_late or 0

    @property
    def awaiting(self) -> float:
        """The points of written questions that nobody has marked."""
        return round(sum(self._unmarked), 6)

    @property
    def derivation(self) -> str:
        """How the score came about, in words: ``72.5 = 65 automatic + 12 written − 4.5 late (1 day)``."""
        earned, days = self.earned, self.days_late
        overridden = earned.whole is not None or bool(earned.overrides)
        terms = f"{self.score:g} = {self.automatic:g} {'automatic, overridden' if overridden else 'automatic'}"
        if earned.marks:
            terms += f" + {self.written:g} written"
        if not days:
            return terms
        accepted = earned.policy.days_accepted
        if accepted is not None and days > accepted:
            return f"{terms} − {self.late:g}: {_days(days)} late, and only {_days(accepted)} are accepted"
        return f"{terms} − {self.late:g} late ({_days(days)})"

    @property
    def open(self) -> str:
        """What a person must still decide, in a sentence; empty if nothing."""
        sentences = []
        if self.awaiting:
            answers = f"{len(self._unmarked)} written answer{'s' * (len(self._unmarked) > 1)}"
            sentences.append(f"{answers} to mark ({self.awaiting:g} points).")
        if self.earned.days_late is None:
            sentences.append("Late, and it is not known by how much.")
        return " ".join(sentences)

    @property
    def _unmarked(self) -> list[float]:
        return [points for name, points in self.earned.questions.items() if name not in self.earned.marks]


def final_score(earned: Earned) -> FinalScore:
    """Return the final score of what was earned."""
    automatic = earned.checks + sum(earned.overrides.values()) if earned.whole is None else earned.whole
    written, max_score = 0.0, earned.max_checks
    for question, points in earned.questions.items():
        if question in earned.marks:
            written += earned.marks[question]
            max_score += points
    late = earned.policy.deduction(earned.days_late or 0, automatic + written, max_score)
    score = round(automatic + written - late, 6)
    return FinalScore(earned, score, round(max_score, 6), round(automatic, 6), round(written, 6), round(late, 6))


def _days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"
