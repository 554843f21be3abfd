"""Say in words what somebody decided."""

from __future__ import annotations

from datetime import UTC, datetime

from grader.desk.state import State
from grader.gradebook.latest_marks import LatestMark
from grader.gradebook.rubric import in_use, worth


def points_in_words(points: float | None) -> str:
    """Return ``2.5 points``; None takes points back."""
    return "points taken back" if points is None else f"{points:g} point{'' if points == 1 else 's'}"


def mark_in_words(mark: LatestMark, state: State) -> str:
    """Return who gave what for an answer, and when."""
    given = points_in_words(worth(mark, state.items, state.most))
    items = ", ".join(item.words for item in in_use(mark.items or (), state.items))
    return f"{mark.by} decided {when(mark.at)}: {given}{f' ({items})' if items else ''}"


def when(at: datetime) -> str:
    """Return a time as people say it, in this machine's time zone; the day only if it is not today."""
    here, today = at.astimezone(), datetime.now(UTC).astimezone().date()
    return f"at {here:%H:%M}" if here.date() == today else f"on {here:%Y-%m-%d at %H:%M}"
