"""Every way a call can go wrong, as a sentence for the student.

The message of a hidden check is shown, so nothing that a student's process said may stand in it: no text of an
exception, no name they gave, no number they chose. That is the detail, which visible checks show.
"""

from __future__ import annotations

import signal
from typing import Any

from grader.errors import CheckFailure, Crashed, NotImplementedYet, OutOfMemory, TimedOut
from grader.sandbox.names import is_known_exception
from grader.sandbox.slot import Ending, WorkerGone
from grader.worker.limits import WorkerLimits


def quoted(what: str) -> str:
    """What was asked for, as a sentence begins with it."""
    return f"`{what}`" if what.isidentifier() else what[:1].upper() + what[1:]


def end_of_worker(gone: WorkerGone, what: str, limits: WorkerLimits) -> CheckFailure:
    """The end of a worker in words."""
    subject = quoted(what)
    if gone.protocol_fault:
        words = f"{subject}: your code's process broke its connection to the grader."
        return Crashed(words, detail=f"The connection: {gone.protocol_fault}.")
    ending = gone.ending
    if ending.reason == "memory":
        return OutOfMemory(f"{subject} used more than {limits.memory_bytes >> 20} MB of memory and was stopped.")
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


def _ending_words(ending: Ending) -> str:
    if ending.signal is not None and ending.reason != "ended":
        names = {known.value: known.name for known in signal.Signals}  # most real-time signals have no name
        name = names.get(ending.signal, ending.signal)
        return f"the Python process that ran your code was ended by signal {name}."
    return "your code closed its connection to the grader before it answered."


def error_in_call(error: Any, what: str, limits: WorkerLimits) -> CheckFailure:
    """An exception in the student's code in words. ``error`` comes from their process: it is text, nothing more."""
    fields = error if isinstance(error, dict) else {}
    kind, name = str(fields.get("kind", "")), str(fields.get("type", ""))[:100]
    message, trace = str(fields.get("message", ""))[:2000], str(fields.get("traceback", ""))[:8000]
    subject = quoted(what)
    if kind == "not_implemented":
        return NotImplementedYet(f"{subject} is not written yet.", traceback=trace)
    if kind == "gpu_memory":
        return OutOfMemory(
            f"{subject} asked for more GPU memory than there is. "
            "Use smaller batches, and keep no tensors you no longer need.",
            detail=message,
            traceback=trace,
        )
    if kind == "no_gpu":
        return Crashed(
            f"{subject} asked for a GPU (CUDA), and this run has none. "
            'Use the device you are given instead of .cuda() or a fixed "cuda".',
            detail=message,
            traceback=trace,
        )
    if kind == "memory":
        words = f"{subject} used more than the {limits.memory_bytes >> 20} MB allowed."
        return OutOfMemory(words, detail=message, traceback=trace)
    if kind == "exit":
        return Crashed(f"{subject} called exit(). Return a value instead.", traceback=trace)
    if kind == "unsendable":
        return Crashed(f"{subject}: the value is too large to hand back.")
    if kind == "signature":
        return Crashed(f"{subject} could not be called with the assignment's arguments.", detail=message)
    if kind == "syntax":
        words = "Your file is not valid Python, so nothing in it could run."
        return Crashed(words, detail=message, traceback=trace)
    if is_known_exception(name):
        return Crashed(f"{subject} raised {name}.", detail=message, traceback=trace)
    return Crashed(f"{subject} raised an exception.", detail=f"{name}: {message}", traceback=trace)
