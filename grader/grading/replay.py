"""Repeats a student's calls on known solutions: same arguments, same seeds, in the sandbox.

An argument that stayed in the student's worker (a module, say) cannot be sent anywhere. It is made again instead, by
repeating the call that gave it, on the solution that is asked.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from grader.course.catalog import Part
from grader.course.part_toml import Setting
from grader.errors import Starved, SubmissionError, TimedOut
from grader.grading.call_log import Call, Forgotten, of_file, size_of
from grader.grading.student_part import ensure_kept, worker_limits
from grader.sandbox.calls import Calls, Remote
from grader.sandbox.slot import Slot
from grader.worker.values import Encoder

# Work is counted, so that it is the same on every machine and however busy that is: in what first steps, a quick call
# and a gate's training take on a slow core, in hundredths of a second. Answers that are kept count as if they were new.
_MOST_WORK = 3000  # for one part of one submission
_FIRST_STEPS, _QUICK, _TRAINING = 1, 5, 25
_PATIENT_SECONDS = 30.0  # where one call may take longer by its part.toml, the trainings of gates are not repeated
_REPLAY_SECONDS = 10.0
_MOST_SECONDS = 90.0  # if a student chooses inputs that make all others slow; no honest one comes near, see above
_LARGE_BYTES = 32 << 20
_MOST_GIVEN_BYTES = 128 << 20
_WITH_DRAWS = "called_with_draws"  # the function of given_draws.py
_GIVEN_DRAWS = Path(__file__).with_name("given_draws.py")


class OutOfTime(Exception):
    """The work for one part of one submission is used up."""


class _TooLarge(Exception):
    """The arguments of a call are too many or nested too deep to be sent."""


class Replay:
    """Gives the answers of known solutions to the calls of one part, from one worker that loads them in turn.

    ``history`` are all calls of the part: among them are those that made the Remotes. Those among ``trainings`` are of
    checks with a gate. ``answers`` may outlive this object, so that a class pays for each call once; ``digests`` are
    what they are kept under.
    """

    def __init__(
        self,
        part: Part,
        setting: Setting,
        slot: Slot,
        answers: MutableMapping[tuple[Path, str], Any],
        history: Sequence[Call],
        trainings: Collection[Call] = (),
    ) -> None:
        self._part = part
        self._limits = part.config.limits.on(setting)
        self._slot = slot
        self._answers = answers
        self._trainings = frozenset(trainings)
        # What was only read of a module is not made again: a whole state_dict takes too long to compare.
        made = [call for call in history if not _is_read(call)]
        self._makers = {remote: (call, path) for call in made for remote, path in _remotes(call.outcome)}
        self._worker: Calls | None = None
        self._loaded: Path | None = None
        # What solutions gave in this worker. A call may change what it is given (training does), so none is repeated
        # twice on one solution in one worker.
        self._given: dict[tuple[Path | None, int], Any] = {}
        self._given_bytes = 0
        self._left_files = False
        self._counted: set[tuple[Path, str]] = set()
        self._work = 0
        self.digests: dict[Call, str] = {}
        self._ended = 0.0  # seconds that workers took which have ended

    def can_repeat(self, call: Call) -> bool:
        """Return whether a call does not take too long, and all its arguments can be made again."""
        if not self._can_be_made(call, ()):
            return False
        try:
            self._digest(call)
        except _TooLarge:
            return False
        return True

    def _can_be_made(self, call: Call, above: tuple[Call, ...]) -> bool:
        """Return whether a call can be repeated; ``above`` are the calls that need it.

        A lying worker may claim to have made a value that it was given, so the calls may form a circle.
        """
        return (
            not (call in self._trainings and self._limits.call_seconds > _PATIENT_SECONDS)
            and not any(isinstance(argument, Forgotten) for argument in call.args)
            and call not in above
            and all(
                remote in self._makers and self._can_be_made(self._makers[remote][0], (*above, call))
                for remote, _ in _remotes([call.args, call.kwargs])
            )
        )

    def answer(self, solution: Path, call: Call) -> Any:
        """Return what ``solution`` answers to ``call``: a value or a failure; raises OutOfTime."""
        key = (solution, self._digest(call))
        if key not in self._counted:
            self._counted.add(key)
            self._count(_TRAINING if call in self._trainings else _QUICK)
        with contextlib.suppress(KeyError):
            return self._answers[key]
        answer = self._ask(solution, call)
        if not isinstance(answer, TimedOut | Starved | Forgotten):  # not too large, and not on a machine that was busy
            self._answers[key] = answer
        return answer

    def is_training(self, call: Call) -> bool:
        """Return whether a check with a gate made this call: it takes long, compared with all others."""
        return call in self._trainings

    def call_with_draws(
        self, solution: Path, seed: int, draws: Sequence[Any], name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """Return what a function of ``solution`` returns if it draws these tensors; raises CheckFailure, OutOfTime.

        A name that is empty, or begins with a dot, is that of a call log: the first argument is called, or read.
        """
        self._count(_FIRST_STEPS)
        worker = self._holding(solution)
        if name.startswith("."):
            return worker.read(args[0], name[1:], seconds=_REPLAY_SECONDS)
        if not name:
            return worker.call(args[0], args[1:], kwargs, seed=seed, seconds=_REPLAY_SECONDS).value
        given = [list(draws), name, list(args), dict(kwargs)]
        return worker.call(_WITH_DRAWS, given, {}, seed=seed, seconds=_REPLAY_SECONDS).value

    @staticmethod
    def can_keep(answer: Any) -> bool:
        """Return whether an answer is small enough to be kept for a whole class."""
        return size_of(answer) <= _LARGE_BYTES

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._ended = self._spent
            self._worker.close()
            self._worker = None

    def _count(self, work: int) -> None:
        """Count some work; raises OutOfTime if it is too much for one part of one submission."""
        self._work += work
        if self._work > _MOST_WORK or self._spent > _MOST_SECONDS:
            raise OutOfTime

    @property
    def _spent(self) -> float:
        """The seconds that all replays took, without those in which others kept them from running."""
        return self._ended + (self._worker.spent if self._worker else 0.0)

    def _ask(self, solution: Path, call: Call) -> Any:
        try:
            return self._repeat(self._holding(solution), call)
        except SubmissionError as failure:
            failure.__cause__ = failure.__context__ = None  # it is kept: not so the frames that it passed through
            return failure.with_traceback(None)

    def _holding(self, solution: Path) -> Calls:
        """Return the worker, with ``solution`` loaded."""
        if self._loaded != solution and (self._left_files or any(_remotes(list(self._given.values())))):
            self.close()  # what one solution left in the worker (a network, a file) goes before the next
        if self._worker is None or not self._worker.alive:
            self._ended = self._spent
            self._worker, self._loaded = Calls(self._slot, worker_limits(self._limits)), None
            self._left_files = False
        if self._loaded != solution:
            self._given, self._given_bytes = {}, 0
            module = f"{self._part.name}.py"
            seconds = self._limits.load_seconds
            self._loaded = None
            files = {module: solution.read_bytes() + _GIVEN_DRAWS.read_bytes()}
            self._worker.load(files, module, {**self._part.alias_table(), _WITH_DRAWS: ()}, seed=0, seconds=seconds)
            self._loaded = solution
        return self._worker

    def _repeat(self, worker: Calls, call: Call) -> Any:
        key = (self._loaded, id(call))
        if key not in self._given:
            args, kwargs = self._made_again(worker, list(call.args)), self._made_again(worker, call.kwargs)
            seconds = min(self._limits.call_seconds, _REPLAY_SECONDS)
            answer = _ask_again(worker, call, args, kwargs, seconds)
            for path in call.files:
                self._left_files = True
                answer = answer, of_file(worker.file(path, seconds=seconds))
            self._given[key] = self._within_bounds(answer)
        return self._given[key]

    def _within_bounds(self, answer: Any) -> Any:
        """Return an answer, or Forgotten, which equals no student's, if it is too large; never so what holds a Remote.

        Larger answers of a student are not compared.
        """
        size = size_of(answer)
        fits = size <= _LARGE_BYTES and self._given_bytes + size <= _MOST_GIVEN_BYTES
        if not fits and not any(_remotes(answer)):
            return Forgotten()
        self._given_bytes += size
        return answer

    def _made_again(self, worker: Calls, value: Any) -> Any:
        """Return ``value`` with every Remote of the student's worker replaced by the loaded solution's own."""
        if isinstance(value, Remote):
            maker, path = self._makers[value]
            return _at(self._repeat(worker, maker), path)
        if isinstance(value, dict):
            return {key: self._made_again(worker, item) for key, item in value.items()}
        if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
            return type(value)(self._made_again(worker, item) for item in value)
        return value

    def _digest(self, call: Call) -> str:
        """Return a hash that is the same for equal calls of different students."""
        if call not in self.digests:
            self.digests[call] = self._new_digest(call)
        return self.digests[call]

    def _new_digest(self, call: Call) -> str:
        def by_its_maker(value: Any) -> dict[str, Any]:
            if not isinstance(value, Remote):
                raise _TooLarge
            maker, path = self._makers[value]
            return {"$": "made", "by": self._digest(maker), "at": list(path)}

        encoder = Encoder(by_its_maker)
        plain = [
            self._part.identity,
            call.entry_point,
            call.seed,
            call.echo,
            encoder.encode([list(call.args), call.kwargs]),
        ]
        digest = hashlib.sha256(json.dumps(plain).encode())
        for piece in encoder.blob():
            digest.update(piece)
        return digest.hexdigest()


def _ask_again(worker: Calls, call: Call, args: list[Any], kwargs: dict[str, Any], seconds: float) -> Any:
    """Make a call with what its arguments are now."""
    if call.entry_point.startswith("="):
        value, (default,) = worker.constant(call.entry_point[1:], seconds=seconds), args
        return default if value is None else value
    if call.entry_point and not _is_read(call):
        answer = worker.call(call.entry_point, args, kwargs, seed=call.seed, seconds=seconds, echo=call.echo)
        return (answer.value, answer.arguments) if call.echo else answer.value
    remote, *rest = args
    ensure_kept(remote)
    if _is_read(call):
        return worker.read(remote, call.entry_point[1:], seconds=seconds)
    return worker.call(remote, rest, kwargs, seed=call.seed, seconds=seconds).value


def _is_read(call: Call) -> bool:
    return call.entry_point.startswith(".")


def _remotes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Remote, tuple[Any, ...]]]:
    """Yield every Remote in a value, with the keys and places that lead to it."""
    if isinstance(value, Remote):
        yield value, path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _remotes(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            yield from _remotes(item, (*path, place))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    """Return the item at a path; the whole value if it has no such path."""
    for key in path:
        try:
            value = value[key]
        except (LookupError, TypeError):
            return value
    return value
