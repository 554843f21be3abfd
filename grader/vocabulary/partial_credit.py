"""Partial credit for a check that tries several cases."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from grader.errors import BrokenConnection, CheckFailure, Crashed, Mismatch, OutOfMemory, TimedOut, UnreadableCode

_OF_ONE_CASE = (Mismatch, Crashed, TimedOut, OutOfMemory)
_OF_ALL = (UnreadableCode, BrokenConnection)


class Credit:
    """Counts the cases that pass: ``with credit.case("n = m"): expect.close(...)``."""

    def __init__(self) -> None:
        self.total = 0
        self.failures: list[tuple[str, CheckFailure]] = []

    @contextlib.contextmanager
    def case(self, label: str) -> Iterator[None]:
        """Try one case: a wrong answer, a crash or a timeout in it costs its share of the points, and the next runs."""
        self.total += 1
        try:
            yield
        except _OF_ALL:
            raise
        except _OF_ONE_CASE as failure:
            # Without the frames that it passed through: they hold the tensors that were compared.
            self.failures.append((label, failure.with_traceback(None)))

    @property
    def share(self) -> float:
        """The share of cases that passed, from 0 to 1; 1 where there are none."""
        return 1.0 - len(self.failures) / self.total if self.total else 1.0

    def failure(self) -> CheckFailure:
        """Return the failure of the first case that failed; it says how many cases are right."""
        label, first = self.failures[0]
        passed = self.total - len(self.failures)
        return type(first)(
            f"{first.message} ({label}; {passed} of {self.total} cases are right)",
            detail=first.detail,
            traceback=first.traceback,
            evidence=first.evidence,
        )
