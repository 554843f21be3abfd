"""``@check``: makes a function a graded check. Its docstring is what the student reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pytest

from grader.records.record import Reveal, Visibility

MARK = "graded"
PREFIX = "check_"

Function = TypeVar("Function", bound=Callable[..., None])


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSpec:
    """What an author declares about a check.

    ``timeout`` is the wall clock in seconds of each call the check makes (default: the part's ``call_seconds``).
    ``reveal`` says what students see of a check that is hidden: its ``name`` and verdict, also the ``message`` and the
    hint of a known mistake, or the ``values`` too. ``partial`` lets the ``credit`` fixture give a share of the points.
    """

    points: float
    visibility: Visibility = Visibility.visible
    reveal: Reveal = Reveal.message
    depends_on: tuple[str, ...] = ()
    timeout: float | None = None
    partial: bool = False


def check(
    *,
    points: float,
    visibility: str = "visible",
    reveal: str = "message",
    depends_on: Sequence[str] = (),
    timeout: float | None = None,
    partial: bool = False,
) -> Callable[[Function], Function]:
    """Declare a graded check; ``depends_on`` names earlier checks of the file that must pass first.

    >>> @check(points=3)
    ... def check_scores(submission, expected):
    ...     '''Every user's score for every movie is right.'''
    ...     expect.close(submission.score_matrix(expected.Q, expected.K), expected.S, name="S")
    """
    if points <= 0:
        raise ValueError("a check is worth more than 0 points")
    spec = CheckSpec(
        points=float(points),
        visibility=Visibility(visibility),
        reveal=Reveal(reveal),
        depends_on=tuple(map(name_of, depends_on)),
        timeout=timeout,
        partial=partial,
    )
    return getattr(pytest.mark, MARK)(spec)  # type: ignore[no-any-return]


def name_of(function: str) -> str:
    """Return the name of a check in records: its function's name without ``check_``."""
    return function.removeprefix(PREFIX)
