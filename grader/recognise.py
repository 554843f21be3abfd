"""Recognise known mistakes (D8): a failure whose calls give what a known wrong solution gives gets that one's hint.

The calls of a failed check are replayed, with their seeds, on the reference and on the part's mistakes, in the
sandbox; so are the quick calls that other checks made of the same functions. A mistake explains the check when all its
answers equal the student's and, in the check itself, one differs from the reference's. The quickest calls come first:
they rule out most mistakes before anything slow is replayed.

Where several mistakes explain a check, the one that explains most of the part's failed checks is named, and then the
one most like the student's in all that was called. In a tie only the sentence that all their hints begin with is shown,
if they share one: a wrong hint is worse than no hint.
"""

from __future__ import annotations

import ast
import hashlib
import json
import math
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch

from grader.catalog import Part
from grader.errors import CheckFailure, NotImplementedYet, SubmissionError, TimedOut
from grader.plugin import PartRun
from grader.sandbox.calls import Calls, Remote
from grader.sandbox.slot import Slot
from grader.subject import Call, worker_limits
from grader.worker.values import Encoder

_MOST_CALLS = 6  # of one check; a check that loops over seeds shows its mistake in the first few
_QUICK_SECONDS = 0.05
_SLOW_SECONDS = 3.0
_BUDGET_SECONDS = 20.0  # for one part of one submission


class Recogniser:
    """Replays calls on known solutions; answers are kept, so that a class pays for each call once."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._answers: dict[tuple[Path, str], Any] = {}

    def annotate(self, part: Part, run: PartRun) -> None:
        """Add hint and name of the recognised mistake to the failed checks of ``run``."""
        failed = {name: _worth_replaying(calls) for name, calls in run.failed_calls.items()}
        failed = {name: calls for name, calls in failed.items() if calls}
        if not failed or not part.mistakes:
            return
        replay = _Replay(part, self._slot, self._answers)
        try:
            explained = {name: self._explaining(part, replay, calls, run) for name, calls in failed.items()}
            counts = Counter(path for paths in explained.values() for path in paths)
            likeness = _Likeness(replay, run, counts)
            best = {name: _largest(paths, likeness) for name, paths in explained.items()}
        except _OutOfTime:
            return
        finally:
            replay.close()
        for name, paths in best.items():
            if paths and (hint := _shared_hint(paths)):
                run.results[name] = msgspec.structs.replace(run.results[name], mistake=paths[0].stem, hint=hint)

    @staticmethod
    def _explaining(part: Part, replay: _Replay, calls: list[Call], run: PartRun) -> list[Path]:
        """The mistakes that give the student's answers to ``calls``, where the reference gives another."""
        functions = {call.entry_point for call in calls}
        others = [c for made in run.calls.values() for c in made if c.entry_point in functions and c not in calls]
        quick = [call for call in _worth_replaying(others, most=20) if call.seconds < _QUICK_SECONDS]
        candidates = list(part.mistakes)
        # Quick ones first, but not by the clock: in the same order for the whole class, so that answers are kept ones.
        for call in sorted([*quick, *calls], key=lambda call: call.seconds >= _QUICK_SECONDS):
            candidates = [path for path in candidates if _same(replay.answer(path, call), call.outcome)]
            if not candidates:
                return []
        right = all(_same(replay.answer(part.reference, call), call.outcome) for call in calls)
        return [] if right else candidates


class _Likeness:
    """How like a student's part a mistake is: failed checks explained, then quick calls answered alike."""

    def __init__(self, replay: _Replay, run: PartRun, counts: Counter[Path]) -> None:
        self._replay = replay
        self._counts = counts
        calls = _worth_replaying([call for made in run.calls.values() for call in made], most=20)
        self._calls = [call for call in calls if call.seconds < _QUICK_SECONDS]

    def __call__(self, path: Path) -> tuple[int, int]:
        alike = sum(_same(self._replay.answer(path, call), call.outcome) for call in self._calls)
        return self._counts[path], alike


class _Replay:
    """Answers of known solutions to calls, from one worker that loads them in turn."""

    def __init__(self, part: Part, slot: Slot, answers: dict[tuple[Path, str], Any]) -> None:
        self._part = part
        self._slot = slot
        self._answers = answers
        self._worker: Calls | None = None
        self._loaded: Path | None = None
        self._deadline = time.monotonic() + _BUDGET_SECONDS

    def answer(self, solution: Path, call: Call) -> Any:
        """What ``solution`` gives for ``call``: a value or a failure; raises _OutOfTime."""
        key = (solution, _digest(self._part, call))
        if key not in self._answers:
            if time.monotonic() > self._deadline:
                raise _OutOfTime
            self._answers[key] = self._ask(solution, call)
        return self._answers[key]

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _ask(self, solution: Path, call: Call) -> Any:
        limits = self._part.facts.limits
        seconds = min(limits.call_seconds, _SLOW_SECONDS)
        try:
            if self._worker is None or not self._worker.alive:
                self._worker, self._loaded = Calls(self._slot, worker_limits(limits)), None
            if self._loaded != solution:
                module = f"{self._part.name}.py"
                files = {module: solution.read_bytes()}
                self._worker.load(files, module, self._part.alias_table(), seed=0, seconds=limits.load_seconds)
                self._loaded = solution
            return self._worker.call(call.entry_point, call.args, call.kwargs, seed=call.seed, seconds=seconds).value
        except SubmissionError as failure:
            return failure


class _OutOfTime(Exception):
    """The budget is used up: who is left among the candidates proves nothing, so no hint is given."""


def hint_of(path: Path) -> str:
    """The docstring of a mistake: what the student is told."""
    text = ast.get_docstring(ast.parse(path.read_text())) or ""
    return " ".join(text.split())


def _worth_replaying(calls: list[Call], most: int = _MOST_CALLS) -> list[Call]:
    """The calls that can be repeated: values only, quick enough, and something of the student's ran."""
    return [
        call
        for call in calls
        if not isinstance(call.outcome, (TimedOut, NotImplementedYet))
        and call.seconds <= _SLOW_SECONDS
        and not _holds_remote([call.args, call.kwargs])
    ][:most]


def _holds_remote(value: Any) -> bool:
    """Whether a Remote is somewhere in an argument: it died with its worker."""
    if isinstance(value, dict):
        value = list(value.values())
    return any(map(_holds_remote, value)) if isinstance(value, (list, tuple)) else isinstance(value, Remote)


def _largest(paths: list[Path], key: Callable[[Path], tuple[int, int]]) -> list[Path]:
    """Those of ``paths`` whose key is largest; a single one needs no comparing."""
    if len(paths) < 2:
        return paths
    keys = {path: key(path) for path in paths}
    return [path for path in paths if keys[path] == max(keys.values())]


def _shared_hint(paths: list[Path]) -> str:
    """The hint of one mistake; of several, the sentence all their hints begin with, or nothing."""
    hints = [hint_of(path) for path in paths]
    if len(hints) == 1:
        return hints[0]
    first, *others = (re.split(r"(?<=[.!?]) ", hint, maxsplit=1)[0] for hint in hints)
    return first if all(other == first for other in others) else ""


def _digest(part: Part, call: Call) -> str:
    encoder = Encoder(_refuse)
    plain = [part.identity, call.entry_point, call.seed, encoder.encode([list(call.args), call.kwargs])]
    return hashlib.sha256(json.dumps(plain).encode() + encoder.blob()).hexdigest()


def _refuse(value: Any) -> dict[str, Any]:
    raise TypeError(f"a {type(value).__name__} cannot be replayed")


def _same(left: Any, right: Any) -> bool:
    """Whether two answers are the same within rounding."""
    for kind, same in _COMPARISONS:
        if isinstance(left, kind) and isinstance(right, kind):
            return same(left, right)
    plain = (bool, int, str, bytes, type(None))
    return type(left) is type(right) and isinstance(left, plain) and left == right


def _same_tensors(left: torch.Tensor, right: torch.Tensor) -> bool:
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    return torch.allclose(left.double(), right.double(), rtol=1e-4, atol=1e-6, equal_nan=True)


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
    (Remote, lambda left, right: left.type_name == right.type_name),
    ((list, tuple), _same_lists),
    (dict, _same_dicts),
    (
        float,
        lambda left, right: math.isclose(left, right, rel_tol=1e-4, abs_tol=1e-6) or (left != left and right != right),
    ),
)
