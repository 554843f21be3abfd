"""The pytest plugin: runs check files against a submission and fills in one CheckRecord for each check.

Points are fixed before any check runs; a check that errors or vanishes keeps its place. pytest knows
nothing of the submission: it never sees a folder, conftest, ini file or plugin from there.
"""

from __future__ import annotations

import inspect
import math
import signal
import time
import traceback
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from grader.errors import (
    CheckFailure,
    CourseError,
    HarnessError,
    MissingFunction,
    NotImplementedYet,
    NotInstalled,
    Starved,
)
from grader.grading.part_run import Grading, PartOutcome, PartRun
from grader.grading.pytest_fixtures import CREDIT, OF_ONE_GRADING, SPEC, is_hidden
from grader.records.record import CheckRecord, Verdict, Visibility
from grader.vocabulary.check import MARK, CheckSpec, name_of

_MOST_WORDS = 10_000  # of a message, and of a detail; some quote what a student returned
_TIMEOUT = "signal" if hasattr(signal, "SIGALRM") else "thread"  # Windows, for practice at home, has no such signal
_MARGIN_SECONDS = 60.0  # pytest-timeout stands behind the worker's deadlines: it fires only when those failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which checks of a submission are to run.

    ``only`` names them; by default all of them. With ``until_caught`` the checks of a part are skipped after one that
    took marks. ``until`` is when no more checks may begin (of time.monotonic()): that is our fault.
    """

    visible_only: bool = False
    only: Collection[str] | None = None
    until_caught: bool = False
    until: float = math.inf


class GradingPlugin:
    """Pytest's hooks: they collect the checks of some files once, and judge one submission after another."""

    def __init__(self) -> None:
        self.grading = Grading()
        self.collection_errors: list[str] = []
        self._items: list[pytest.Item] = []
        self._asked = Asked()
        self._left_out: set[tuple[str, str]] = set()  # (part, check): not to be run

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep pytest's words about a check file that cannot be imported: that is our fault."""
        if report.failed:
            self.collection_errors.append(str(report.longrepr))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the checks of all files, in their order."""
        self._items = session.items

    def begin(self, runs: Mapping[Path, PartRun], asked: Asked) -> list[pytest.Item]:
        """Return the checks that are to run for a submission, in order; every check's points are fixed from here on.

        Raises:
            CourseError: the check files are wrong.
        """
        self.grading.runs, self.grading.outcomes = runs, {path: PartOutcome() for path in runs}
        self._asked, self._left_out = asked, set()
        items = _visible_first(self._wanted(self._items))
        for path, run in runs.items():
            if self.grading.outcomes[path].records:
                continue
            if not asked.visible_only:
                raise CourseError(f"{path} has no check to run")
            run.submission.close()  # nothing is asked of it, and its worker holds the slot
        return items

    def _wanted(self, items: list[pytest.Item]) -> list[pytest.Item]:
        """Place every check that is to run in its part's records, and return them."""
        kept = []
        for item in items:
            mark = item.get_closest_marker(MARK)
            if mark is None:
                raise CourseError(f"{item.nodeid} has no @check(points=…)")
            spec = item.stash[SPEC] = mark.args[0]
            run, asked = self._run(item), self._asked
            unwanted = asked.only is not None and name_of(item.name) not in asked.only
            if unwanted or (asked.visible_only and spec.visibility is not Visibility.visible):
                self._left_out.add((run.name, name_of(item.name)))
                continue
            _limit(item, run.submission.longest(spec.timeout) + _MARGIN_SECONDS)
            self._place(item, spec)
            kept.append(item)
        return kept

    def pytest_runtest_setup(self, item: pytest.Function) -> None:
        """Start a check, or skip it where a check that it depends on did not pass."""
        run, spec = self._run(item), item.stash[SPEC]
        self.grading.item = item
        run.submission.begin(name_of(item.name), spec.timeout)
        if time.monotonic() > self._asked.until:
            raise HarnessError("the time for this grading is used up")
        records, own = self._outcome(item).records, name_of(item.name)
        if self._asked.until_caught and any(check.took_marks for check in records.values()):
            pytest.skip("Skipped: an earlier check took marks already")
        for name in spec.depends_on:
            if (run.name, name) in self._left_out:
                continue
            first = records[name]
            if first.verdict is Verdict.passed:
                continue
            records[own] = msgspec.structs.replace(records[own], waits_for=first.waits_for or first.name)
            if first.verdict is Verdict.not_implemented:
                raise NotImplementedYet(first.message)
            if first.verdict is Verdict.missing:
                raise MissingFunction(first.message)
            pytest.skip(_why_skipped(first))

    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """End the worker before a check of another part: a slot holds one at a time."""
        if nextitem is None or nextitem.path != item.path:
            self._run(item).submission.close()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Write what happened into the check's record, and tell pytest no more than whether it may go on.

        pytest's own report would parse the check file to show where a check failed: 8 ms for each, and nobody reads it.
        """
        assert call.when != "collect"
        has_passed = call.excinfo is None
        if call.when == "teardown":
            _forget(item)
        if call.when == "call" or not has_passed:
            self._settle(item, call)
            self._let_go_of_failures(item, call)
        outcome: Literal["passed", "failed"] = "passed" if has_passed else "failed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)

    def _let_go_of_failures(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        if call.excinfo is not None:
            _let_go(call.excinfo.value)
        for made in self._run(item).submission.turn.calls:  # a failure that the check expected is kept, too
            _let_go(made.outcome)

    def _run(self, item: pytest.Item) -> PartRun:
        return self.grading.runs[item.path]

    def _outcome(self, item: pytest.Item) -> PartOutcome:
        return self.grading.outcomes[item.path]

    def _place(self, item: pytest.Item, spec: CheckSpec) -> None:
        run, records, name = self._run(item), self._outcome(item).records, name_of(item.name)
        if name in records:
            raise CourseError(f"{run.name} has two checks named {name!r}")
        known = records.keys() | {check for part, check in self._left_out if part == run.name}
        if missing := [other for other in spec.depends_on if other not in known]:
            raise CourseError(f"{run.name}: {name} depends on {missing[0]!r}, which no earlier check is named")
        hidden = [o for o in spec.depends_on if o in records and records[o].visibility is not Visibility.visible]
        if hidden and spec.visibility is Visibility.visible:
            raise CourseError(f"{run.name}: {name} is visible, and cannot depend on {hidden[0]!r}, which is hidden")
        if "gates" in getattr(item, "fixturenames", ()):
            self._outcome(item).gated.add(name)
        records[name] = CheckRecord(
            name=name,
            title=_title(item),
            points=spec.points,
            visibility=spec.visibility,
            reveal=spec.reveal,
            verdict=Verdict.grader_error,
            message="This check did not run. That is our fault, not yours.",
        )

    def _settle(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Write what came of a check into its record."""
        student, outcome, name = self._run(item).submission, self._outcome(item), name_of(item.name)
        error = call.excinfo.value if call.excinfo is not None else None
        share, credit = 0.0, item.stash.get(CREDIT, None)
        if error is None and credit is not None and credit.failures:
            error, share = credit.failure(), credit.share
        if isinstance(error, NotInstalled):
            outcome.not_installed.add(error.module)
            error = error.for_hidden() if outcome.is_hidden(name) else error
        outcome.starved |= isinstance(error, Starved)
        calls = outcome.calls[name] = student.turn.calls
        printed = student.take_output()
        if not outcome.is_hidden(name):
            outcome.output += printed
            outcome.output_truncated = student.truncated
        outcome.records[name] = msgspec.structs.replace(
            outcome.records[name],
            seconds=round(call.duration, 4),
            seeds=tuple(made.seed for made in calls),
            **_judged(error, outcome.records[name].points, share),
        )
        if isinstance(error, Exception) and not isinstance(error, CheckFailure | HarnessError):
            outcome.broken.add(name)


def _limit(item: pytest.Item, seconds: float) -> None:
    """Let pytest-timeout end a check after so many seconds."""
    item.own_markers[:] = [mark for mark in item.own_markers if mark.name != "timeout"]  # of an earlier submission
    item.add_marker(pytest.mark.timeout(seconds, method=_TIMEOUT))


def _forget(item: pytest.Item) -> None:
    """Let an item forget the submission that it has run for."""
    for key in OF_ONE_GRADING:
        if key in item.stash:
            del item.stash[key]


def _visible_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """Sort the checks: the visible ones of all parts first. So no hidden input exists yet that one could print."""
    files = list(dict.fromkeys(item.path for item in items))
    return sorted(items, key=lambda item: (is_hidden(item), files.index(item.path)))


def _why_skipped(first: CheckRecord) -> str:
    """Tell the student why a check did not run because of ``first``: name the check to fix first.

    In a chain of checks, that is the one that failed; if our own fault broke the chain, the student need not act.
    """
    if first.verdict is Verdict.skipped:
        return first.message
    if first.verdict is Verdict.grader_error:
        return f"Skipped: “{first.title}” comes first, and the grader failed there. That is our fault, not yours."
    return f"Skipped: first fix “{first.title}”"


def _let_go(failure: Any) -> None:
    """Clear the frames that a failure passed through: it outlives its check, not so the tensors that it was about."""
    while isinstance(failure, BaseException):
        traceback.clear_frames(failure.__traceback__)
        failure = failure.__cause__ or failure.__context__


def _judged(error: BaseException | None, points: float, share: float) -> dict[str, Any]:
    """Return the fields of a record that say what happened."""
    if error is None:
        return {"verdict": Verdict.passed, "score": points, "message": ""}
    if isinstance(error, CheckFailure):
        return {
            "verdict": Verdict(error.verdict),
            "score": round(points * share, 2),
            "message": _encodable(error.message)[:_MOST_WORDS],
            "detail": _encodable(error.detail)[:_MOST_WORDS],
            "traceback": _encodable(error.traceback),
            "evidence": error.evidence,
        }
    if isinstance(error, pytest.skip.Exception):
        return {"verdict": Verdict.skipped, "message": str(error.msg)}
    words = f"{type(error).__name__}: {error}"[:1000]
    return {
        "verdict": Verdict.grader_error,
        "message": "The grader failed here. That is our fault, not yours.",
        "detail": _encodable(words),
    }


def _encodable(text: str) -> str:
    """Write out half surrogate pairs in a student's text: no record can hold them."""
    return text.encode(errors="backslashreplace").decode()


def _title(item: pytest.Item) -> str:
    function = getattr(item, "function", None)
    text = inspect.getdoc(function) or ""
    return " ".join(text.partition("\n\n")[0].split())
