"""Every error mlgrader raises, in two families: about a submission, and about us.

::

    GraderError
    ├── SubmissionError            about the student's work: becomes feedback, never stops the class
    │   ├── IntakeRefused          the files cannot be taken in (exit code 3 for that submission)
    │   └── CheckFailure           one check does not pass; carries the verdict
    │       ├── Mismatch           a value came back and it is wrong          → failed
    │       ├── NotImplementedYet  the stub is still there                    → not_implemented
    │       ├── MissingFunction    it is in none of the files                 → missing
    │       ├── NotInstalled       it imports a module that we do not have    → grader_error
    │       ├── Crashed            exception, exit, signal, nonsense reply    → crashed
    │       ├── TimedOut           wall or CPU time used up                   → timed_out
    │       ├── Starved            the machine was too busy to run it         → grader_error
    │       └── OutOfMemory        memory used up                             → out_of_memory
    └── HarnessError               about us: one line on stderr, says what to do next (exit code 1)
        ├── UsageError             the command line or a configuration file is wrong (exit code 2)
        ├── CourseError            reference, fixture data or checks are broken or missing
        ├── DatasetError           a data set is missing, damaged or cannot be fetched
        └── SandboxError           the sandbox cannot start or misbehaves
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any, ClassVar

NOT_INSTALLED_THERE = (
    "is not installed where your work was graded. You lose no points for that: a person looks at it. To have it graded "
    "now, hand in a version that does without."
)
_LONGEST_MODULE = 100  # characters of a name that a student chose


class GraderError(Exception):
    """Base of everything raised on purpose by mlgrader."""


class SubmissionError(GraderError):
    """About the student's work; the message is written for the student."""


class IntakeRefused(SubmissionError):
    """A submission that cannot be taken in: corrupt or hostile archive, too big, not there."""


class CheckFailure(SubmissionError):
    """One check does not pass.

    ``message`` says what is wrong without giving away values; ``detail`` holds the values (expected, actual, place);
    ``traceback`` is the student's own, already reduced to their frames; ``evidence`` is drawn by the report.
    """

    verdict: ClassVar[str] = "failed"

    def __init__(self, message: str, *, detail: str = "", traceback: str = "", evidence: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.traceback = traceback
        self.evidence = evidence


class Mismatch(CheckFailure):
    """A value came back and it is not what the check expects; ``not_finite`` says that it holds inf or nan."""

    def __init__(self, message: str, *, not_finite: bool = False, **shown: Any) -> None:
        super().__init__(message, **shown)
        self.not_finite = not_finite


class NotImplementedYet(CheckFailure):
    """The stub's ``raise NotImplementedError`` was reached."""

    verdict = "not_implemented"


class MissingFunction(CheckFailure):
    """A function that the check calls is in none of the student's files."""

    verdict = "missing"


class NotInstalled(CheckFailure):
    """The student's code imports a ``module`` that is not installed here: for a person to look at, and nobody's zero.

    ``while_loading`` says that it happened before the code had any argument of a check. Otherwise the module's name
    could be made from the inputs of a hidden check, so `for_hidden` leaves it out.
    """

    verdict = "grader_error"

    def __init__(self, module: str, *, while_loading: bool = True, traceback: str = "") -> None:
        self.module = module[:_LONGEST_MODULE]
        self.while_loading = while_loading
        super().__init__(_not_installed(f"`{self.module}`, which"), traceback=traceback)

    def for_hidden(self) -> NotInstalled:
        """Return the failure as a hidden check may tell it."""
        if self.while_loading:
            return self
        told = NotInstalled(self.module, while_loading=False)
        told.message, told.detail = _not_installed("a module that"), self.module
        return told


def _not_installed(what: str) -> str:
    return f"Your code imports {what} {NOT_INSTALLED_THERE}"


class Crashed(CheckFailure):
    """The student's code raised, exited, was killed, or answered with nonsense.

    ``exception`` is the class of what it raised: "" for one that is not of Python or a library, None if it raised none.
    """

    verdict = "crashed"
    exception: str | None = None


class UnreadableCode(Crashed):
    """A file with code cannot be read here; ``detail`` says why. It may be right: Python newer than ours, say."""


class BrokenConnection(Crashed):
    """The student's process sent what no honest one sends: bytes that cannot be read, or an answer not asked for."""


class TimedOut(CheckFailure):
    """The student's code used up its wall or CPU time."""

    verdict = "timed_out"


class Starved(CheckFailure):
    """The machine was so busy with something else that the student's code did not get the time it was given."""

    verdict = "grader_error"


class OutOfMemory(CheckFailure):
    """The student's code used up its memory."""

    verdict = "out_of_memory"


class HarnessError(GraderError):
    """Our fault or our environment's: never a student's zero."""


class UsageError(HarnessError):
    """The command line or a configuration file is wrong."""


class CourseError(HarnessError):
    """A reference, fixture data or a check file is broken or missing."""


class DatasetError(HarnessError):
    """A data set is missing, damaged or cannot be fetched."""


class SandboxError(HarnessError):
    """The sandbox cannot start or misbehaves."""


def or_one_of(name: str, known: Collection[str], most: int = 3) -> str:
    """Return the end of a sentence about a person's name: those that hold it or are spelled alike; empty if none is."""
    holding = [one for one in known if name.casefold() in one.casefold()]
    alike = [*dict.fromkeys([*holding, *difflib.get_close_matches(name, known, n=most)])][:most]
    return f": did you mean {' or '.join(alike)}?" if alike else ""


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Return the end of a sentence: ``; did you mean 'x'?`` if known names are similar, else the known names."""
    close = difflib.get_close_matches(name, known, n=3)
    likeness = [difflib.SequenceMatcher(None, one, name).ratio() for one in close]
    if nearest := sorted(repr(one) for one, ratio in zip(close, likeness, strict=True) if ratio == max(likeness)):
        return f"; did you mean {' or '.join(nearest)}?"
    return f"; there are: {', '.join(known) or 'none'}"
