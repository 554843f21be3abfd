"""Recognise known mistakes (D8): a failure whose calls give what a known wrong solution gives gets that one's hint.

The calls of a failed check are replayed, with their seeds, on the reference and on the part's mistakes, in the
sandbox; so are the calls that other checks made of the same functions, but for the trainings of gates. A mistake
explains the check when all its answers equal the student's and, in the check itself, one differs from the reference's.
Trainings come last: quick calls rule out most mistakes before. What is repeated does not depend on any clock.

Where several mistakes explain a check, the one that explains most of the part's failed checks is named, and then the
one most like the student's in all that was called. In a tie only the sentence that all their hints begin with is shown;
if they share none, the first sentence of each, as alternatives. The record then names them all.

A training draws random numbers, so its answers can only be compared if the student drew the same ones. Where a part
tells how to watch its first steps (`first_steps`), these are compared first, from the student's own start.
"""

from __future__ import annotations

import ast
import re
from collections import ChainMap, Counter
from collections.abc import Callable, MutableMapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from grader.course import first_steps
from grader.course.catalog import Part
from grader.course.first_steps import FirstSteps
from grader.errors import MissingFunction, NotImplementedYet, NotInstalled, TimedOut
from grader.grading.call_log import Call, Forgotten
from grader.grading.first_steps import FirstStepsSeen, KnownSteps, Trace, trace_of
from grader.grading.kept_answers import KeptAnswers
from grader.grading.part_run import PartOutcome, PartRun
from grader.grading.replay import OutOfTime, Replay
from grader.grading.same_answer import form_of, same_answer
from grader.sandbox.calls import Remote
from grader.sandbox.slot import Slot

_MOST_CALLS = 6  # of one check; one that loops over seeds shows the mistake in the first few, or ends where it shows
_MOST_ALTERNATIVES = 3


class Recognised(NamedTuple):
    """Which known mistake a failed check points to ("a or b" where two cannot be told apart), and its hint."""

    mistake: str
    hint: str


class Recogniser:
    """Replays calls on known solutions; answers are kept, so that a class pays for each call once."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._answers = KeptAnswers()
        self._starts: dict[Any, Any] = {}

    def hints(self, part: Part, run: PartRun, outcome: PartOutcome) -> dict[str, Recognised]:
        """Return which known mistake, or mistakes that cannot be told apart, each failed check points to, by check."""
        if not (part.mistakes and outcome.failed_calls):
            return {}
        history = [call for calls in outcome.calls.values() for call in calls]
        trainings = [call for name in outcome.gated for call in outcome.calls.get(name, ())]
        answers = ChainMap[tuple[Path, str], Any](KeptAnswers(), self._answers)  # what is new goes into the first
        watched, trace = _watched(part, run, outcome)
        replay = Replay(part, run.setting, self._slot, answers, history, trainings)
        explained: dict[str, list[Path]] = {}
        try:
            seen = self._seen(part, watched, trace, replay, run.seed) if watched and trace else FirstStepsSeen()
            self._explain(part, replay, outcome, watched, seen, explained)
            counts = Counter(path for paths in explained.values() for path in paths)
            likeness = _Likeness(replay, outcome, counts)
            best = {name: _largest(paths, likeness) for name, paths in explained.items()}
        except OutOfTime:  # what is proven holds, but a tie may not be one
            best = {name: paths for name, paths in explained.items() if len(paths) == 1}
        finally:
            replay.close()
            self._keep(answers.maps[0], replay, outcome)
        return {
            name: Recognised(mistake=" or ".join(path.stem for path in paths), hint=hint)
            for name, paths in best.items()
            if paths and (hint := _shared_hint(paths))
        }

    def _seen(self, part: Part, watched: FirstSteps, trace: Trace, replay: Replay, seed: int) -> FirstStepsSeen:
        """Compare the first steps of a student's training with those of the part's mistakes."""
        known = KnownSteps(part, watched, lambda path: partial(replay.call_with_draws, path), self._starts, seed)
        return known.compared(trace)

    def _keep(self, answers: MutableMapping[tuple[Path, str], Any], replay: Replay, outcome: PartOutcome) -> None:
        """Keep the answers to what is asked of everybody; inputs of hidden checks are every student's own."""
        shared = {
            replay.digests[call]
            for name, calls in outcome.calls.items()
            for call in calls
            if not outcome.is_hidden(name) and call in replay.digests
        }
        self._answers.update((key, answer) for key, answer in answers.items() if key[1] in shared)

    def _explain(
        self,
        part: Part,
        replay: Replay,
        outcome: PartOutcome,
        watched: FirstSteps | None,
        seen: FirstStepsSeen,
        explained: dict[str, list[Path]],
    ) -> None:
        """Add to ``explained`` the mistakes that explain each failed check; those of one are tried first on the next.

        Hidden checks come last: their inputs are every student's own, so no answers to them are kept.
        """
        for name in sorted(outcome.failed_calls, key=outcome.is_hidden):
            calls = _worth_replaying(replay, outcome.failed_calls[name])
            of_training = watched is not None and {call.entry_point for call in calls} == {watched.function}
            is_watched = watched is not None and name in watched.checks
            if is_watched and seen.explaining:
                explained[name] = self._told_apart(part, seen.explaining, replay, calls, outcome)
            elif calls:
                ruled_out = seen.others if of_training or is_watched else ()
                suspects = sorted({path for paths in explained.values() for path in paths} - {*ruled_out})
                possible = [path for path in part.mistakes if path not in ruled_out]
                explained[name] = (
                    self._explaining(part, suspects, replay, calls, outcome)
                    or self._explaining(part, possible, replay, calls, outcome)
                    or (self._of_this_form(part, replay, calls) if of_training else [])
                )

    @staticmethod
    def _explaining(
        part: Part, mistakes: Sequence[Path], replay: Replay, calls: list[Call], outcome: PartOutcome
    ) -> list[Path]:
        """Return the mistakes that answer ``calls`` as the student did, where the reference answers otherwise.

        They are asked first what the reference answers otherwise: most mistakes answer that as it does.
        """
        telling = [call for call in calls if not same_answer(replay.answer(part.reference, call), call.outcome)]
        if not telling:
            return []
        functions = {call.entry_point for call in calls}
        others = [c for made in outcome.calls.values() for c in made if c.entry_point in functions and c not in calls]
        quick = [call for call in others if not replay.is_training(call)]
        asked = [*calls, *_worth_replaying(replay, quick, most=20)]
        asked.sort(key=lambda call: (replay.is_training(call), call not in telling))

        def explains(path: Path) -> bool:
            return all(same_answer(replay.answer(path, call), call.outcome) for call in asked)

        return [path for path in mistakes if explains(path)]

    def _told_apart(
        self, part: Part, paths: Sequence[Path], replay: Replay, calls: list[Call], outcome: PartOutcome
    ) -> list[Path]:
        """Return those of several mistakes that also answer a check's calls as the student did; all if none does."""
        found = self._explaining(part, paths, replay, calls, outcome) if len(paths) > 1 and calls else []
        return found or list(paths)

    @staticmethod
    def _of_this_form(part: Part, replay: Replay, calls: list[Call]) -> list[Path]:
        """Return the mistakes whose answers have the student's types and shapes, where the reference's have others.

        The numbers in them may be random; what is wrong can be seen without.
        """
        forms = [form_of(call.outcome) for call in calls]

        def alike(path: Path) -> bool:
            return [form_of(replay.answer(path, call)) for call in calls] == forms

        return [] if alike(part.reference) else [path for path in part.mistakes if alike(path)]


class _Likeness:
    """Measure how like a student's part a mistake is: failed checks it explains, then quick calls answered alike."""

    def __init__(self, replay: Replay, outcome: PartOutcome, counts: Counter[Path]) -> None:
        self._replay = replay
        self._counts = counts
        made = [call for calls in outcome.calls.values() for call in calls if not replay.is_training(call)]
        self._calls = _worth_replaying(replay, made, most=20)

    def __call__(self, path: Path) -> tuple[int, int]:
        alike = sum(same_answer(self._replay.answer(path, call), call.outcome) for call in self._calls)
        return self._counts[path], alike


def _watched(part: Part, run: PartRun, outcome: PartOutcome) -> tuple[FirstSteps | None, Trace | None]:
    """Watch the first steps of a student's training, if a check failed that wrong steps make fail."""
    watched = first_steps.read(part)
    if watched is None or not outcome.failed_calls.keys() & set(watched.checks):
        return watched, None
    try:
        return watched, trace_of(watched, run.submission)
    finally:
        run.submission.close()  # a slot holds one worker at a time


def hint_of(path: Path) -> str:
    """Return the docstring of a mistake: the hint that students get."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split())


def _worth_replaying(replay: Replay, calls: list[Call], most: int = _MOST_CALLS) -> list[Call]:
    """Return calls that can be repeated and that the student's code answered: the first ones, and the very last.

    The last call of a check is the one that it failed on, if it ends there.
    """
    silent = (TimedOut, NotImplementedYet, MissingFunction, NotInstalled, Forgotten)
    answered = [call for call in calls if not isinstance(call.outcome, silent)]
    # A value that stayed with the student says little, and is made anyway for the calls that it is an argument of.
    telling = [call for call in answered if not isinstance(call.outcome, Remote) and replay.can_keep(call.outcome)]
    candidates = telling or answered
    first = list(islice(filter(replay.can_repeat, candidates), most))
    if len(first) == most:
        first[-1] = next(filter(replay.can_repeat, reversed(candidates)))
    return first


def _largest(paths: list[Path], key: Callable[[Path], tuple[int, int]]) -> list[Path]:
    """Return the paths with the largest key; a single path is not compared."""
    if len(paths) < 2:
        return paths
    keys = {path: key(path) for path in paths}
    return [path for path in paths if keys[path] == max(keys.values())]


def _shared_hint(paths: list[Path]) -> str:
    """Return the hint of one mistake; of several, the sentence that all their hints begin with, or the alternatives."""
    hints = [hint_of(path) for path in paths]
    if len(hints) == 1:
        return hints[0]
    first = list(dict.fromkeys(re.split(r"(?<=[.!?]) ", hint, maxsplit=1)[0] for hint in hints))
    if len(first) > _MOST_ALTERNATIVES:
        return ""
    return f"Either: {' Or: '.join(first)}" if len(first) > 1 else first[0]
