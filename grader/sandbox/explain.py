"""Say in a sentence for the student how a call went wrong.

Students read the message even of a hidden check, so it holds nothing that the student's process said: no text of an
exception, no name they chose, no number they chose. Such things go into the detail, which only visible checks show.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.errors import (
    BrokenConnection,
    CheckFailure,
    Crashed,
    NotImplementedYet,
    NotInstalled,
    OutOfMemory,
    Starved,
    TimedOut,
    UnreadableCode,
)
from grader.sandbox.slot import Ending, WorkerGone
from grader.sandbox.type_names import is_known_exception
from grader.worker.limits import WorkerLimits

_MODULE = re.compile(r"[\w.]{1,100}")  # a name as an import statement has it
_LONGEST_TYPE, _LONGEST_MESSAGE, _LONGEST_TRACEBACK = 100, 2_000, 8_000  # characters


def quoted(what: str) -> str:
    """Return a function's name in backticks, or other words with a capital letter, to begin a sentence with."""
    return f"`{what}`" if what.isidentifier() else what[:1].upper() + what[1:]


def end_of_worker(gone: WorkerGone, what: str, limits: WorkerLimits) -> CheckFailure:
    """Return the failure of a check whose worker ended while it was asked for ``what``."""
    subject = quoted(what)
    if gone.protocol_fault:
        words = f"{subject}: your code's process broke its connection to the grader."
        return BrokenConnection(words, detail=f"The connection: {gone.protocol_fault}.")
    ending = gone.ending
    if ending.reason == "memory":
        return OutOfMemory(f"{_over_memory(subject, limits)} and was stopped.")
    if ending.reason == "processes":
        return Crashed(f"{subject} started more than {limits.processes} processes and was stopped.")
    if ending.reason == "threads":
        return Crashed(f"{subject} started more than {limits.threads} threads and was stopped.")
    if ending.reason == "cpu" or ending.signal == signal.SIGXCPU:
        return TimedOut(f"{subject} used more than {limits.cpu_seconds:g} seconds of CPU time and was stopped.")
    if ending.exit_code is not None:
        return Crashed(
            f"{subject}: your code ended the whole Python process. "
            "Return a value instead of calling exit(), quit() or os._exit().",
            detail=f"Its exit status was {ending.exit_code}.",
        )
    return Crashed(f"{subject}: {_ending_words(ending)}")


def out_of_time(what: str, seconds: float) -> TimedOut:
    """Return the failure of a check that waited ``seconds`` for ``what`` and got no answer."""
    advice = ""
    if what.startswith("loading "):
        advice = ' Put what trains, draws or waits at the top level of your file below `if __name__ == "__main__":`.'
    return TimedOut(f"{quoted(what)} did not finish within {seconds:g} seconds and was stopped.{advice}")


def never_had_its_time(what: str, seconds: float) -> Starved:
    """Return the failure of a check whose worker others kept from running until nobody could wait any longer."""
    return Starved(
        f"{quoted(what)} was stopped before it had its {seconds:g} seconds, because the machine was too busy with "
        "something else. That is our fault, not yours."
    )


def error_in_call(
    error: Any, what: str, limits: WorkerLimits, *, parameters: Sequence[str] = (), while_loading: bool = False
) -> CheckFailure:
    """Return the failure of a check in whose call of ``what`` the student's code raised an exception.

    ``parameters`` are those of the reference, for a function that cannot be called with them. ``error`` comes from
    their process and may be anything; it is used as text only.
    """
    said = _Said.read(error)
    if said.kind == "not_installed":
        missing = NotInstalled(said.module, while_loading=while_loading, traceback=said.traceback)
        return missing.for_hidden()  # in a call its name may hold hidden inputs
    if other := _other_parameters(said, quoted(what), parameters):
        return other
    if known := _of_known_kind(said, quoted(what), limits):
        return known
    if is_known_exception(said.type):
        crash = Crashed(f"{quoted(what)} raised {said.type}.", detail=said.message, traceback=said.traceback)
        crash.exception = said.type
        return crash
    detail = f"{said.type}: {said.message}"
    crash = Crashed(f"{quoted(what)} raised an exception.", detail=detail, traceback=said.traceback)
    crash.exception = ""
    return crash


@dataclass(frozen=True, slots=True)
class _Said:
    """What a worker said of an exception, as text of limited length."""

    kind: str
    type: str
    message: str
    traceback: str
    module: str

    @classmethod
    def read(cls, error: Any) -> _Said:
        fields = error if isinstance(error, dict) else {}
        return cls(
            kind=str(fields.get("kind", "")),
            type=str(fields.get("type", ""))[:_LONGEST_TYPE],
            message=str(fields.get("message", ""))[:_LONGEST_MESSAGE],
            traceback=str(fields.get("traceback", ""))[:_LONGEST_TRACEBACK],
            module=name if _MODULE.fullmatch(name := str(fields.get("module", ""))) else "a module",
        )


def _other_parameters(said: _Said, subject: str, parameters: Sequence[str]) -> CheckFailure | None:
    """Return the failure for a function that takes fewer arguments than the assignment's, or needs another one."""
    asked = f"`({', '.join(parameters)})`"
    failures: dict[str, CheckFailure] = {
        "too_few": Crashed(
            f"{subject} does not take all arguments of the assignment, {asked}. Add the parameter that is missing.",
            detail=f"It has no parameter for {said.type}; its parameters are {said.message}.",
        ),
        "too_many": Crashed(
            f"{subject} needs an argument that the assignment does not give: it is called with {asked}. "
            "Give every other parameter a default value.",
            detail=f"Nothing is given for {said.type}; its parameters are {said.message}.",
        ),
    }
    return failures.get(said.kind)


def _of_known_kind(said: _Said, subject: str, limits: WorkerLimits) -> CheckFailure | None:
    """Return the failure for the kinds of error that have words of their own; None for any other exception."""
    detail, trace = said.message, said.traceback
    failures: dict[str, CheckFailure] = {
        "not_implemented": NotImplementedYet(f"{subject} is not written yet.", traceback=trace),
        "gpu_memory": OutOfMemory(
            f"{subject} asked for more GPU memory than there is. "
            "Use smaller batches, and keep no tensors you no longer need.",
            detail=detail,
            traceback=trace,
        ),
        "no_gpu": Crashed(
            f"{subject} asked for a GPU (CUDA), and this run has none. "
            'Use the device you are given instead of .cuda() or a fixed "cuda".',
            detail=detail,
            traceback=trace,
        ),
        "memory": OutOfMemory(f"{_over_memory(subject, limits)}.", detail=detail, traceback=trace),
        "exit": Crashed(f"{subject} called exit(). Return a value instead.", traceback=trace),
        "unsendable": Crashed(f"{subject}: the value is too large to hand back."),
        "signature": Crashed(f"{subject} could not be called with the assignment's arguments.", detail=detail),
        "unreadable": UnreadableCode("Your file cannot be read, so nothing in it could run.", detail=detail),
        "syntax": Crashed("Your file is not valid Python, so nothing in it could run.", detail=detail, traceback=trace),
    }
    return failures.get(said.kind)


def _over_memory(subject: str, limits: WorkerLimits) -> str:
    return f"{subject} used more than the {limits.memory_bytes >> 20} MB of memory allowed"


def _ending_words(ending: Ending) -> str:
    if ending.signal is not None and ending.reason != "ended":
        names = {known.value: known.name for known in signal.Signals}  # most real-time signals have no name
        name = names.get(ending.signal, ending.signal)
        return f"the Python process that ran your code was ended by signal {name}."
    return "your code closed its connection to the grader before it answered."
