"""Group the checks of a part by what there is to fix: one cause, and all checks that fail because of it.

A check may wait for another one, need a function that is not written yet, stop at the same line, or show the same
known mistake. A student then reads one explanation and not six, and which one is worth most.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from grader.records.record import CheckRecord, PartRecord, StoppedAt, Verdict, Visibility
from grader.reports.class_rows import anchor_of

_ABSENT = frozenset({Verdict.not_implemented, Verdict.missing})
_ENDED = frozenset({Verdict.crashed, Verdict.timed_out, Verdict.out_of_memory})


class Placed(NamedTuple):
    """A check, and where it is on the page."""

    anchor: str
    check: CheckRecord


class Cause(NamedTuple):
    """A check to start with; those that wait for it, and those that go wrong for the same reason."""

    first: Placed
    waiting: tuple[Placed, ...] = ()
    alike: tuple[Placed, ...] = ()

    @property
    def lost(self) -> float:
        """Return the points that this check and all that depend on it did not earn."""
        return lost((self.first, *self.waiting, *self.alike))


def lost(places: Sequence[Placed]) -> float:
    """Return the points that some checks did not earn."""
    return round(sum(place.check.points - place.check.score for place in places), 6)


def causes_of(number: int, part: PartRecord) -> tuple[Cause, ...]:
    """Return what there is to fix in a part, in the order of its checks; ``number`` counts the parts from 1."""
    places = [Placed(anchor_of(number, at), check) for at, check in enumerate(part.checks, 1)]
    firsts = dict[str, Cause]()  # by the name of the first check
    led_to = dict[str, str]()  # from each check to the first one of its cause
    for place in places:
        check = place.check
        if check.verdict is Verdict.passed:
            continue
        name = led_to.get(check.waits_for) or _alike(check, firsts)
        led_to[check.name] = name or check.name
        if not name:
            firsts[check.name] = Cause(place)
        elif check.verdict is Verdict.skipped:
            firsts[name] = firsts[name]._replace(waiting=(*firsts[name].waiting, place))
        else:
            firsts[name] = firsts[name]._replace(alike=(*firsts[name].alike, place))
    return tuple(firsts.values())


def passed_of(number: int, part: PartRecord) -> tuple[Placed, ...]:
    """Return the checks of a part that passed."""
    return tuple(
        Placed(anchor_of(number, at), check)
        for at, check in enumerate(part.checks, 1)
        if check.verdict is Verdict.passed
    )


def worth_most(parts: Sequence[Sequence[Cause]]) -> Cause | None:
    """Return where to start: the cause that most points depend on, of those whose inside the student sees if any is."""
    found = [cause for part in parts for cause in part if cause.first.check.verdict.is_for_the_student]
    visible = [cause for cause in found if cause.first.check.visibility is Visibility.visible]
    return max(visible or found, key=lambda cause: cause.lost, default=None)


def following(parts: Sequence[Sequence[Cause]]) -> dict[str, Placed]:
    """Return for each check to fix the next one of the page, by its place; the last one has none."""
    firsts = [cause.first for part in parts for cause in part if cause.first.check.verdict.is_for_the_student]
    return {one.anchor: other for one, other in pairwise(firsts)}


def _alike(check: CheckRecord, firsts: dict[str, Cause]) -> str:
    """Return the first check of the cause that this one shares; empty if it is another one."""
    return next((name for name, cause in firsts.items() if _same(check, cause.first.check)), "")


def _same(check: CheckRecord, first: CheckRecord) -> bool:
    """Compare only what the reader of the page sees, so that the grouping tells nothing of hidden checks."""
    if check.hint and check.hint == first.hint:
        return True
    if check.verdict is not first.verdict or check.verdict not in _ABSENT | _ENDED:
        return False
    if check.stopped_at and first.stopped_at:
        return _place(check.stopped_at) == _place(first.stopped_at)
    return check.message != "" and check.message == first.message


def _place(stopped: StoppedAt) -> tuple[str, int, int]:
    return stopped.file, stopped.cell, stopped.line
