"""Recognise known mistakes (D8): a failure whose calls give what a known wrong solution gives gets that one's hint.

The calls of a failed check are replayed, with their seeds, on the reference and on every mistake of the part, in the
sandbox. A mistake explains a check when all its answers equal the student's and at least one differs from the
reference's. Where several explain it, the one that explains most of the part's failed checks is named; a tie names
none: a wrong hint is worse than no hint.
"""

from __future__ import annotations

import ast
import hashlib
import json
import math
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
_SLOW_SECONDS = 3.0
_NOTHING = object()


class Recogniser:
    """Replays calls on known solutions; answers are kept, so that a class pays for each call once."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._answers: dict[tuple[str, str], Any] = {}

    def annotate(self, part: Part, run: PartRun) -> None:
        """Add hint and name of the recognised mistake to the failed checks of ``run``."""
        replayable = {name: _worth_replaying(calls) for name, calls in run.failed_calls.items()}
        replayable = {name: calls for name, calls in replayable.items() if calls}
        if not replayable or not part.mistakes:
            return
        distinct = {_digest(part, call): call for calls in replayable.values() for call in calls}
        reference = self._replay(part, part.reference, distinct)
        gave = {path: self._replay(part, path, distinct) for path in part.mistakes}
        explained: dict[Path, set[str]] = {
            path: {
                name
                for name, calls in replayable.items()
                if _explains(answers, reference, {_digest(part, call): call for call in calls})
            }
            for path, answers in gave.items()
        }
        for name in replayable:
            if (path := _best(explained, name)) is not None:
                run.results[name] = msgspec.structs.replace(run.results[name], mistake=path.stem, hint=hint_of(path))

    def _replay(self, part: Part, path: Path, calls: dict[str, Call]) -> dict[str, Any]:
        key = str(path)
        if missing := {digest: call for digest, call in calls.items() if (key, digest) not in self._answers}:
            for digest, answer in _answers_of(part, path, missing, self._slot).items():
                self._answers[key, digest] = answer
        return {digest: self._answers[key, digest] for digest in calls}


def hint_of(path: Path) -> str:
    """The docstring of a mistake: what the student is told."""
    text = ast.get_docstring(ast.parse(path.read_text())) or ""
    return " ".join(text.split())


def _answers_of(part: Part, path: Path, calls: dict[str, Call], slot: Slot) -> dict[str, Any]:
    limits = part.facts.limits
    answers: dict[str, Any] = {}
    worker = Calls(slot, worker_limits(limits))
    try:
        files = {f"{part.name}.py": path.read_bytes()}
        worker.load(files, f"{part.name}.py", part.alias_table(), seed=0, seconds=limits.load_seconds)
        for digest, call in calls.items():
            answers[digest] = _answer(worker, call, limits.call_seconds) if worker.alive else _NOTHING
    finally:
        worker.close()
    return answers


def _answer(worker: Calls, call: Call, seconds: float) -> Any:
    try:
        return worker.call(call.entry_point, call.args, call.kwargs, seed=call.seed, seconds=seconds).value
    except SubmissionError as failure:
        return failure


def _worth_replaying(calls: list[Call]) -> list[Call]:
    """The calls of a check if they can be repeated: values only, quick enough, and something of the student's ran."""
    for call in calls:
        if isinstance(call.outcome, (TimedOut, NotImplementedYet)) or call.seconds > _SLOW_SECONDS:
            return []
        if any(isinstance(value, Remote) for value in (*call.args, *call.kwargs.values())):
            return []
    return calls[:_MOST_CALLS]


def _explains(mistake: dict[str, Any], reference: dict[str, Any], calls: dict[str, Call]) -> bool:
    same = all(_same(mistake[digest], call.outcome) for digest, call in calls.items())
    return same and not all(_same(reference[digest], call.outcome) for digest, call in calls.items())


def _best(explained: dict[Path, set[str]], name: str) -> Path | None:
    candidates = [path for path, names in explained.items() if name in names]
    most = max((len(explained[path]) for path in candidates), default=0)
    best = [path for path in candidates if len(explained[path]) == most]
    return best[0] if len(best) == 1 else None


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
    return type(left) is type(right) and bool(left == right)


def _same_tensors(left: torch.Tensor, right: torch.Tensor) -> bool:
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    return torch.allclose(left.double(), right.double(), rtol=1e-4, atol=1e-6, equal_nan=True)


def _same_lists(left: Any, right: Any) -> bool:
    return len(left) == len(right) and all(_same(a, b) for a, b in zip(left, right, strict=True))


_COMPARISONS: tuple[tuple[Any, Callable[[Any, Any], bool]], ...] = (
    (torch.Tensor, _same_tensors),
    (np.ndarray, lambda left, right: left.shape == right.shape and bool(np.allclose(left, right, equal_nan=True))),
    (CheckFailure, lambda left, right: type(left) is type(right) and left.message == right.message),
    (Remote, lambda left, right: left.type_name == right.type_name),
    ((list, tuple), _same_lists),
    (float, lambda left, right: math.isclose(left, right, rel_tol=1e-4, abs_tol=1e-6) or (left != left and right != right)),  # noqa: PLR0124 -- NaN
)
