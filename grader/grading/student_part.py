"""The submission as a check sees it: ``submission.score_matrix(Q, K)`` calls the student's function in the sandbox.

A StudentPart starts a worker when a check first needs one, starts a fresh one after a crash or a timeout, seeds every
call, and keeps the part within its time. It remembers the calls and their arguments, so that a failure can be compared
with known mistakes.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from grader.course.part_toml import Cap, Limits
from grader.errors import CheckFailure, Mismatch, OutOfMemory, Starved, TimedOut
from grader.grading.answering import KeepingSlot, StoredSlot
from grader.grading.call_log import CallRequest, CheckInProgress, Forgotten, Memory, of_file, size_of
from grader.grading.part_loader import Code, PartLoader
from grader.sandbox.calls import Answer, Calls, Remote
from grader.sandbox.forked_worker import MOST_PATIENCE
from grader.sandbox.slot import Slot
from grader.vocabulary import words
from grader.worker.limits import WorkerLimits

T = TypeVar("T")

_FORGET_SECONDS = 5.0  # dropping the values that the last check made takes milliseconds
_MOST_ANSWERS = 2  # of the largest size, in one check
_MOST_TIMEOUTS = 2  # of one function: an endless loop is endless at every call, two are proof enough


class StudentPart:
    """One part of one submission, in the sandbox. Attributes are the part's entry points."""

    def __init__(
        self,
        code: Code,
        entry_points: Mapping[str, Sequence[str]],
        *,
        slot: Slot,
        limits: Limits,
        seed: int,
        identity: str,
        cap: Cap | None = None,
        memory: Memory | None = None,
    ) -> None:
        """Take the code; parts of one submission share a ``memory``."""
        self._code = PartLoader(code, entry_points, seed=seed, seconds=limits.load_seconds, end=self._end)
        self._entry_points = entry_points
        self._slot = slot
        self._limits = cap.on(limits) if cap else limits
        self._most_call_seconds = (cap and cap.call_seconds) or math.inf
        self._part_seconds = self._limits.part_seconds
        self._seed = seed
        self._identity = identity
        self._calls: Calls | None = None
        self._prepared: Calls | None = None  # a worker that has nothing loaded yet
        self._spent = 0.0
        self._timeouts: Counter[str] = Counter()  # by function
        self._starved: Starved | None = None
        self._output = ""  # printed by workers that have ended, and not yet taken
        self._truncated = False
        self._peak_bytes = 0
        self._memory = memory or Memory()
        self.turn = CheckInProgress("", limits.call_seconds)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in self._entry_points:
            raise AttributeError(f"{self._identity} has no entry point {name!r}")
        return lambda *args, **kwargs: self.observe(name, *args, **kwargs).value

    def observe(self, entry_point: str, *args: Any, echo: bool = False, **kwargs: Any) -> Answer:
        """Call an entry point; the answer holds the value and, with ``echo``, the arguments as the call left them."""
        seed = self._next_seed()
        return self._noted(
            CallRequest(entry_point, args, kwargs, seed, echo),
            entry_point,
            lambda calls: self._call(calls, entry_point, args, kwargs, seed, echo),
        )

    def apply(self, remote: Remote, *args: Any, **kwargs: Any) -> Any:
        """Call a value that stayed in the worker (a module, say)."""
        ensure_kept(remote)
        seconds, seed = self.turn.call_seconds, self._next_seed()
        return self._noted(
            CallRequest("", (remote, *args), kwargs, seed),
            remote.words,
            lambda calls: calls.call(remote, args, kwargs, seed=seed, seconds=seconds),
        ).value

    def read(self, remote: Remote, attribute: str) -> Any:
        """Return an attribute of a value that stayed in the worker."""
        ensure_kept(remote)
        seconds = self.turn.call_seconds
        return self._noted(
            CallRequest(f".{attribute}", (remote,), {}, seed=0),
            remote.words,
            lambda calls: Answer(calls.read(remote, attribute, seconds=seconds), arguments=None, seconds=0.0),
        ).value

    def constant(self, name: str, default: Any = None) -> Any:
        """Return a constant of the student's module (``STRATEGY = "dot"``), or ``default`` if there is none."""
        seconds = self.turn.call_seconds

        def ask(calls: Calls) -> Answer:
            value = calls.constant(name, seconds=seconds)
            return Answer(default if value is None else value, arguments=None, seconds=0.0)

        return self._noted(CallRequest(f"={name}", (default,), {}, seed=0), name, ask).value

    def file(self, path: str) -> bytes | None:
        """Return the bytes of a file that the student's code wrote to ``path``, or None if there is none."""
        seconds = self.turn.call_seconds
        found = self._timed(path, lambda calls: calls.file(path, seconds=seconds))
        content = found if isinstance(found, bytes) else None
        if self.turn.calls:
            made = self.turn.calls[-1]
            outcome = self._memory.kept((made.outcome, of_file(content)))
            self.turn.calls[-1] = replace(made, outcome=outcome, files=(*made.files, path))
        return content

    def prepare(self) -> None:
        """Have the first worker forked now, while pytest gets ready; it is loaded when a check first needs it."""
        if self._code.has_sources:
            self._prepared = Calls(self._slot, worker_limits(self._limits))

    def begin(self, check: str, call_seconds: float | None) -> None:
        """Start a check: new call log and deadline; drop handles of the previous check."""
        self.turn = CheckInProgress(check, self._patience(call_seconds))
        if isinstance(self._slot, KeepingSlot | StoredSlot):
            self._slot.begin(check)
        if self._calls is not None:
            before = self._calls.spent
            with contextlib.suppress(CheckFailure):  # a worker that dies of it is replaced at the next question
                self._calls.forget(seconds=_FORGET_SECONDS)
            self._spent += self._calls.spent - before  # a __del__ of theirs may take its time
            if not self._calls.alive:
                self.close()

    def longest(self, call_seconds: float | None) -> float:
        """Return the most seconds that a check may take whose calls have ``call_seconds``.

        A call that is running is not cut short when the part's budget is used up, nor is the loading before it. All of
        it takes longer on a machine that is busy with something else.
        """
        loading = 2 * self._limits.load_seconds  # whole, and then its functions alone
        return MOST_PATIENCE * (self._part_seconds + _FORGET_SECONDS + loading + self._patience(call_seconds))

    def _patience(self, call_seconds: float | None) -> float:
        """Return the seconds of each call: at least what the part gives, which grows with the profile."""
        return min(max(call_seconds or 0.0, self._limits.call_seconds), self._most_call_seconds)

    def close(self) -> None:
        """End the worker."""
        if self._prepared is not None:
            self._prepared.close()
            self._prepared = None
        if self._calls is not None:
            self._end(self._calls)
            self._calls = None

    @property
    def code(self) -> PartLoader:
        """What was found in the student's files, and what was not."""
        return self._code

    @property
    def truncated(self) -> bool:
        """Whether the student's code printed more than is kept."""
        return self._truncated

    @property
    def peak_bytes(self) -> int:
        """The most memory that a worker of this part had at once, beside the libraries; 0 if none ended in order."""
        return self._peak_bytes

    def take_output(self) -> str:
        """Return what the student's code printed since the last call of this."""
        if self._calls is not None:
            self._collect_output(self._calls)
        text, self._output = self._output, ""
        return text

    def _call(
        self, calls: Calls, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], seed: int, echo: bool
    ) -> Answer:
        self._code.require(name)
        return calls.call(name, args, kwargs, seed=seed, seconds=self.turn.call_seconds, echo=echo)

    def _timed(self, what: str, ask: Callable[[Calls], T]) -> T:
        """Ask the worker within the part's budget; a worker that dies is noted, and replaced at the next question."""
        self._check_budget(what)
        calls = self._running()
        before = calls.spent
        try:
            return ask(calls)
        except TimedOut:
            self._timeouts[what] += 1
            raise
        except Starved as failure:
            self._starved = failure
            raise
        finally:
            self._spent += calls.spent - before
            if not calls.alive:
                self.close()

    def _check_budget(self, what: str) -> None:
        if self._starved:  # the machine is no less busy now, and each question would take as long
            raise self._starved
        if self._timeouts[what] >= _MOST_TIMEOUTS:
            raise TimedOut(f"Not run: `{what}` did not finish in time twice already.")
        if self._spent + self._code.spent > self._part_seconds:
            raise TimedOut(f"Not run: this part's {self._part_seconds:g} seconds are used up.")

    def _running(self) -> Calls:
        if self._calls is None:
            self._calls = self._code.load(self._fresh)
        return self._calls

    def _fresh(self) -> Calls:
        """Return a worker that has nothing loaded yet."""
        calls, self._prepared = self._prepared or Calls(self._slot, worker_limits(self._limits)), None
        return calls

    def _end(self, calls: Calls) -> None:
        self._collect_output(calls)
        self._peak_bytes = max(self._peak_bytes, calls.peak_bytes())
        calls.close()

    def _collect_output(self, calls: Calls) -> None:
        printed, truncated = calls.take_output()
        self._output += printed
        self._truncated = self._truncated or truncated

    def _next_seed(self) -> int:
        """Return the seed of the next call: from the run's seed, the check and the call's number in it."""
        self.turn.count += 1
        return derived_seed(self._seed, self._identity, self.turn.check, self.turn.count)

    def _noted(self, question: CallRequest, what: str, ask: Callable[[Calls], Answer]) -> Answer:
        """Make one call and remember it, however it ends, with its own time: without that of loading the file first."""
        asked, before = self._remembered(question), self._spent
        try:
            answer = self._timed(what, ask)
            self._ensure_room(what, answer)
        except CheckFailure as failure:
            self.turn.calls.append(asked.ended(failure, self._spent - before))
            raise
        outcome = self._memory.kept((answer.value, answer.arguments) if asked.echo else answer.value)
        self.turn.calls.append(asked.ended(outcome, answer.seconds))
        return answer

    def begin_run(self) -> None:
        """Count the answers of a gate's next run anew: the check holds none of those before."""
        self.turn.received = 0

    def _ensure_room(self, what: str, answer: Answer) -> None:
        """Refuse an answer where all those of this check together are too large: the check may hold every one."""
        self.turn.received += size_of([answer.value, answer.arguments])
        if self.turn.received > _MOST_ANSWERS * (self._limits.reply_mb << 20):
            most = _MOST_ANSWERS * self._limits.reply_mb
            raise OutOfMemory(f"`{what}`: in this check your code has handed back more than {most} MB.")

    def _remembered(self, question: CallRequest) -> CallRequest:
        """Return the call, without its arguments if they are too large to keep to the end of the submission."""
        fits = self._memory.has_room_for(question.args, question.kwargs)
        return question if fits else question._replace(args=(Forgotten(),), kwargs={})


def ensure_kept(value: Any) -> None:
    """Refuse what a check takes for a module, but a student returned as something else."""
    if value is None:
        raise Mismatch("Your function returns None, expected a module. Does every path through it end with `return`?")
    if not isinstance(value, Remote):
        raise words.other_type("Your function returns", value, "expected a module.")


def worker_limits(limits: Limits) -> WorkerLimits:
    """Return the worker's limits (bytes, seconds) for a part's."""
    return WorkerLimits(
        cpu_seconds=limits.cpu_seconds,
        memory_bytes=limits.memory_mb << 20,
        processes=limits.processes,
        file_bytes=limits.file_mb << 20,
        reply_bytes=limits.reply_mb << 20,
    )


def derived_seed(*parts: object, bits: int = 32) -> int:
    """Return a seed of so many bits made of names and numbers, the same on every machine."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest, "big") >> 8 * len(digest) - bits
