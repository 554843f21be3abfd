"""Recognise known mistakes (D8): a failure whose calls give what a known wrong solution gives gets that one's hint.

The calls of a failed check are replayed, with their seeds, on the reference and on the part's mistakes, in the
sandbox; so are the quick calls that other checks made of the same functions. A mistake explains the check when all its
answers equal the student's and, in the check itself, one differs from the reference's. The quickest calls come first:
they rule out most mistakes before anything slow is replayed.

Where several mistakes explain a check, the one that explains most of the part's failed checks is named, and then the
one most like the student's in all that was called. In a tie only the sentence that all their hints begin with is shown,
if they share one: a wrong hint is worse than no hint. The record then names them all.
"""

from __future__ import annotations

import ast
import math
import re
from collections import ChainMap, Counter
from collections.abc import Callable, MutableMapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from grader.course.catalog import Part
from grader.course.part_toml import Setting
from grader.errors import CheckFailure, MissingFunction, NotImplementedYet, NotInstalled, TimedOut
from grader.grading.call_log import Call, Forgotten
from grader.grading.part_run import PartOutcome
from grader.grading.replay import OutOfTime, Replay
from grader.sandbox.calls import Remote
from grader.sandbox.slot import Slot

_MOST_CALLS = 6  # of one check; a check that loops over seeds shows its mistake in the first few
_QUICK_SECONDS = 0.05


class Recognised(NamedTuple):
    """Which known mistake a failed check points to ("a or b" where two cannot be told apart), and its hint."""

    mistake: str
    hint: str


class Recogniser:
    """Replays calls on known solutions; answers are kept, so that a class pays for each call once."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._answers: dict[tuple[Path, str], Any] = {}

    def hints(self, part: Part, setting: Setting, outcome: PartOutcome) -> dict[str, Recognised]:
        """Return which known mistake, or mistakes that cannot be told apart, each failed check points to, by check."""
        if not part.mistakes:
            return {}
        history = [call for calls in outcome.calls.values() for call in calls]
        answers = ChainMap[tuple[Path, str], Any]({}, self._answers)  # what is new goes into the first
        replay = Replay(part, setting, self._slot, answers, history)
        failed = {name: _worth_replaying(replay, calls) for name, calls in outcome.failed_calls.items()}
        failed = {name: calls for name, calls in failed.items() if calls}
        try:
            explained = self._explained(part, replay, failed, outcome)
            counts = Counter(path for paths in explained.values() for path in paths)
            likeness = _Likeness(replay, outcome, counts)
            best = {name: _largest(paths, likeness) for name, paths in explained.items()}
        except OutOfTime:
            return {}
        finally:
            replay.close()
            self._keep(answers.maps[0], replay, outcome)
        return {
            name: Recognised(mistake=" or ".join(path.stem for path in paths), hint=hint)
            for name, paths in best.items()
            if paths and (hint := _shared_hint(paths))
        }

    def _keep(self, answers: MutableMapping[tuple[Path, str], Any], replay: Replay, outcome: PartOutcome) -> None:
        """Keep the answers to what is asked of everybody; inputs of hidden checks are every student's own."""
        shared = {
            replay.digests[call]
            for name, calls in outcome.calls.items()
            for call in calls
            if not outcome.is_hidden(name) and call in replay.digests
        }
        self._answers |= {key: answer for key, answer in answers.items() if key[1] in shared}

    def _explained(
        self, part: Part, replay: Replay, failed: dict[str, list[Call]], outcome: PartOutcome
    ) -> dict[str, list[Path]]:
        """Return the mistakes that explain each failed check. What explained one is tried first on the next.

        Hidden checks come last: their inputs are every student's own, so no answers to them are kept.
        """
        explained: dict[str, list[Path]] = {}
        for name, calls in sorted(failed.items(), key=lambda item: outcome.is_hidden(item[0])):
            suspects = sorted({path for paths in explained.values() for path in paths})
            found = self._explaining(part, suspects, replay, calls, outcome)
            explained[name] = found or self._explaining(part, part.mistakes, replay, calls, outcome)
        return explained

    @staticmethod
    def _explaining(
        part: Part, mistakes: Sequence[Path], replay: Replay, calls: list[Call], outcome: PartOutcome
    ) -> list[Path]:
        """Return the mistakes that answer ``calls`` as the student did, where the reference answers otherwise."""
        functions = {call.entry_point for call in calls}
        others = [c for made in outcome.calls.values() for c in made if c.entry_point in functions and c not in calls]
        quick = [call for call in _worth_replaying(replay, others, most=20) if call.seconds < _QUICK_SECONDS]
        # Quick ones first, but not by the clock: in the same order for the whole class, so that answers are kept ones.
        ordered = sorted([*quick, *calls], key=lambda call: call.seconds >= _QUICK_SECONDS)

        def explains(path: Path) -> bool:
            return all(_same(replay.answer(path, call), call.outcome) for call in ordered)

        candidates = [path for path in mistakes if explains(path)]
        right = candidates and all(_same(replay.answer(part.reference, call), call.outcome) for call in calls)
        return [] if right else candidates


class _Likeness:
    """Measure how like a student's part a mistake is: failed checks it explains, then quick calls answered alike."""

    def __init__(self, replay: Replay, outcome: PartOutcome, counts: Counter[Path]) -> None:
        self._replay = replay
        self._counts = counts
        calls = _worth_replaying(replay, [call for made in outcome.calls.values() for call in made], most=20)
        self._calls = [call for call in calls if call.seconds < _QUICK_SECONDS]

    def __call__(self, path: Path) -> tuple[int, int]:
        alike = sum(_same(self._replay.answer(path, call), call.outcome) for call in self._calls)
        return self._counts[path], alike


def hint_of(path: Path) -> str:
    """Return the docstring of a mistake: the hint that students get."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split())


def _worth_replaying(replay: Replay, calls: list[Call], most: int = _MOST_CALLS) -> list[Call]:
    """Return the calls that can be repeated and that the student's code answered."""
    silent = (TimedOut, NotImplementedYet, MissingFunction, NotInstalled, Forgotten)
    answered = [call for call in calls if not isinstance(call.outcome, silent)]
    # A value that stayed with the student says little, and is made anyway for the calls that it is an argument of.
    telling = [call for call in answered if not isinstance(call.outcome, Remote) and replay.can_keep(call.outcome)]
    return list(islice((call for call in telling or answered if replay.can_repeat(call)), most))


def _largest(paths: list[Path], key: Callable[[Path], tuple[int, int]]) -> list[Path]:
    """Return the paths with the largest key; a single path is not compared."""
    if len(paths) < 2:
        return paths
    keys = {path: key(path) for path in paths}
    return [path for path in paths if keys[path] == max(keys.values())]


def _shared_hint(paths: list[Path]) -> str:
    """Return the hint of one mistake; of several, the sentence that all their hints begin with, or nothing."""
    hints = [hint_of(path) for path in paths]
    if len(hints) == 1:
        return hints[0]
    first, *others = (re.split(r"(?<=[.!?]) ", hint, maxsplit=1)[0] for hint in hints)
    return first if all(other == first for other in others) else ""


def _same(left: Any, right: Any) -> bool:
    """Return whether two answers are the same within rounding."""
    if _is_frame(left) and _is_frame(right):
        return _same_dicts(left.to_dict("list"), right.to_dict("list"))
    for kind, same in _COMPARISONS:
        if isinstance(left, kind) and isinstance(right, kind):
            return same(left, right)
    plain = (bool, int, str, bytes, type(None))
    return type(left) is type(right) and isinstance(left, plain) and left == right


def _is_frame(value: Any) -> bool:
    """Return whether a value is a table, without importing pandas."""
    return type(value).__name__ == "DataFrame" and type(value).__module__.startswith("pandas")


def _same_tensors(left: torch.Tensor, right: torch.Tensor) -> bool:
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    return torch.allclose(left.double(), right.double(), rtol=1e-4, atol=1e-6, equal_nan=True)


def _kind(remote: Remote) -> str:
    """Return the type of a value that stayed in the worker; all modules count as one type."""
    modules = ("submission_", "torch.nn.", "torchvision.")
    return "a module" if remote.type_name.startswith(modules) else remote.type_name


def _same_lists(left: Any, right: Any) -> bool:
    return len(left) == len(right) and all(_same(a, b) for a, b in zip(left, right, strict=True))


def _same_dicts(left: Any, right: Any) -> bool:
    return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)


_COMPARISONS: tuple[tuple[Any, Callable[[Any, Any], bool]], ...] = (
    (torch.Tensor, _same_tensors),
    (np.ndarray, lambda left, right: left.shape == right.shape and bool(np.allclose(left, right, equal_nan=True))),
    (
        CheckFailure,
        lambda left, right: type(left) is type(right) and (left.message, left.detail) == (right.message, right.detail),
    ),
    (Remote, lambda left, right: _kind(left) == _kind(right)),
    ((list, tuple), _same_lists),
    (dict, _same_dicts),
    (
        float,
        lambda left, right: math.isclose(left, right, rel_tol=1e-4, abs_tol=1e-6) or (left != left and right != right),
    ),
)
