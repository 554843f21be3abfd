"""The pytest plugin: runs check files against one submission and fills in one CheckRecord for each.

Points are fixed when pytest has collected; a check that errors or vanishes keeps its place. Nothing of the submission
is known to pytest: no folder, conftest, ini file or plugin of theirs is ever seen by it.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from grader.authoring import MARK, PREFIX, CheckSpec
from grader.credit import Credit
from grader.datasets.collection import Datasets, open_datasets
from grader.errors import CheckFailure, CourseError, HarnessError, NotImplementedYet
from grader.exhibits import Exhibits
from grader.facts import MINI_CPU, Gate, Setting
from grader.fixture_data import Expected
from grader.record import CheckRecord, Exhibit, Verdict, Visibility
from grader.subject import Subject, derived_seed
from grader.turns import Call

_SPEC = pytest.StashKey[CheckSpec]()
_MOST_WORDS = 10_000  # of a message, and of a detail; some quote what a student returned
_MARGIN_SECONDS = 60.0  # pytest-timeout stands behind the worker's deadlines: it fires only when those failed


@dataclass(slots=True)
class PartRun:
    """One part while its checks run: what goes in, and the results by check name, in file order.

    ``seed`` is the run's: in visible checks a whole class gets the same inputs. ``hidden_seed`` also depends on what
    was handed in, so that no answer to a hidden check is worth keeping for another time, or for a friend.
    """

    name: str
    subject: Subject
    expected: Expected
    gates: dict[str, Gate]
    seed: int
    setting: Setting = MINI_CPU
    sizes: dict[str, int | float] = field(default_factory=dict)
    hidden_seed: int = 0
    results: dict[str, CheckRecord] = field(default_factory=dict)
    calls: dict[str, list[Call]] = field(default_factory=dict)
    failed_calls: dict[str, list[Call]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)  # checks that ended in an exception of their own
    output: str = ""  # printed while visible checks ran
    output_truncated: bool = False
    figures: dict[str, float] = field(default_factory=dict)
    hidden_figures: set[str] = field(default_factory=set)
    exhibits: dict[str, Exhibit] = field(default_factory=dict)


class GradingPlugin:
    """Hooks and pytest fixtures of one grading; ``runs`` maps each check file to its part.

    ``only`` are the names of the checks to run, where not all of them are to.
    """

    def __init__(
        self, runs: dict[Path, PartRun], *, visible_only: bool = False, only: Collection[str] | None = None
    ) -> None:
        self._runs = runs
        self._visible_only = visible_only
        self._only = only
        self._credits: dict[str, Credit] = {}
        self._left_out: set[tuple[str, str]] = set()  # (part, check): not to be run
        self.collection_errors: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the mark known."""
        config.addinivalue_line("markers", f"{MARK}(spec): a graded check")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A check file that cannot be imported is our fault: keep pytest's words."""
        if report.failed:
            self.collection_errors.append(str(report.longrepr))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Fix every check's points before any of them runs."""
        kept = []
        for item in items:
            mark = item.get_closest_marker(MARK)
            if mark is None:
                raise CourseError(f"{item.nodeid} has no @check(points=…)")
            spec = item.stash[_SPEC] = mark.args[0]
            run = self._run(item)
            unwanted = self._only is not None and _name(item) not in self._only
            if unwanted or (self._visible_only and spec.visibility is not Visibility.visible):
                self._left_out.add((run.name, _name(item)))
                continue
            seconds = run.subject.longest(spec.timeout) + _MARGIN_SECONDS
            item.add_marker(pytest.mark.timeout(seconds, method="signal"))
            self._place(run, _name(item), _title(item), spec)
            kept.append(item)
        items[:] = _visible_first(kept)
        for run in self._runs.values():
            if not run.results:  # nothing is asked of it, and the worker that was prepared for it has the slot
                run.subject.close()

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a check whose precondition failed; otherwise give it the floor."""
        run, spec = self._run(item), item.stash[_SPEC]
        run.subject.begin(_name(item), spec.timeout)
        for name in spec.depends_on:
            if (run.name, name) in self._left_out:
                continue
            first = run.results[name]
            if first.verdict is Verdict.not_implemented:
                raise NotImplementedYet(first.message)
            if first.verdict is not Verdict.passed:
                pytest.skip(f"Not run, because this does not pass yet: {first.title}")

    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """The last check of a part ends its worker: a slot holds one at a time."""
        if nextitem is None or nextitem.path != item.path:
            self._run(item).subject.close()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn what happened into the check's record."""
        report = yield
        if report.when == "setup" and report.outcome == "passed":
            return report
        if report.when == "teardown" and report.outcome == "passed":
            return report
        self._settle(item, call)
        if call.excinfo is not None:
            traceback.clear_frames(call.excinfo.tb)  # a failure outlives its check: not so the tensors it was about
        return report

    @pytest.fixture
    def submission(self, request: pytest.FixtureRequest) -> Subject:
        """The student's part, in the sandbox."""
        return self._run(request.node).subject

    @pytest.fixture
    def expected(self, request: pytest.FixtureRequest) -> Expected:
        """The part's fixture data."""
        return self._run(request.node).expected

    @pytest.fixture
    def gates(self, request: pytest.FixtureRequest) -> dict[str, Gate]:
        """The part's calibrated gates, by name."""
        return self._run(request.node).gates

    @pytest.fixture
    def figures(self, request: pytest.FixtureRequest) -> Iterator[dict[str, float]]:
        """Where a check notes figures worth showing (a loss, an accuracy), by name."""
        run, noted = self._run(request.node), dict[str, float]()
        yield noted
        run.figures |= {name: float(figure) for name, figure in noted.items()}  # it may be what a student returned
        run.hidden_figures -= noted.keys()
        if request.node.stash[_SPEC].visibility is not Visibility.visible:
            run.hidden_figures |= noted.keys()

    @pytest.fixture
    def exhibits(self, request: pytest.FixtureRequest) -> Exhibits:
        """Where a check shows curves, confusion matrices and images, also when it passes."""
        node = request.node
        return Exhibits(self._run(node).exhibits, _name(node), node.stash[_SPEC].visibility)

    @pytest.fixture
    def datasets(self, request: pytest.FixtureRequest) -> Datasets:
        """The data sets of the part's profile."""
        return open_datasets(self._run(request.node).setting.profile)

    @pytest.fixture
    def sizes(self, request: pytest.FixtureRequest) -> dict[str, int | float]:
        """The part's problem sizes, by name."""
        return self._run(request.node).sizes

    @pytest.fixture
    def device(self, request: pytest.FixtureRequest) -> str:
        """Where the student's code is to compute: ``cpu`` or ``cuda``."""
        return self._run(request.node).setting.device

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> torch.Generator:
        """A generator for this check's inputs: of hidden checks they are other ones for every submission."""
        run, hidden = self._run(request.node), request.node.stash[_SPEC].visibility is not Visibility.visible
        seed = run.hidden_seed if hidden else run.seed
        return torch.Generator().manual_seed(derived_seed(seed, run.name, _name(request.node), "inputs"))

    @pytest.fixture
    def credit(self, request: pytest.FixtureRequest) -> Credit:
        """Partial credit by cases, for checks declared ``partial=True``."""
        if not request.node.stash[_SPEC].partial:
            raise CourseError(f"{request.node.nodeid} uses `credit` without partial=True")
        return self._credits.setdefault(request.node.nodeid, Credit())

    def _run(self, item: pytest.Item) -> PartRun:
        return self._runs[item.path]

    def _place(self, run: PartRun, name: str, title: str, spec: CheckSpec) -> None:
        if name in run.results:
            raise CourseError(f"{run.name} has two checks named {name!r}")
        known = run.results.keys() | {check for part, check in self._left_out if part == run.name}
        if missing := [other for other in spec.depends_on if other not in known]:
            raise CourseError(f"{run.name}: {name} depends on {missing[0]!r}, which no earlier check is named")
        seen = [other for other in spec.depends_on if other in run.results]
        hidden = [other for other in seen if run.results[other].visibility is not Visibility.visible]
        if hidden and spec.visibility is Visibility.visible:
            raise CourseError(f"{run.name}: {name} is visible, and cannot depend on {hidden[0]!r}, which is hidden")
        run.results[name] = CheckRecord(
            name=name,
            title=title,
            points=spec.points,
            visibility=spec.visibility,
            reveal=spec.reveal,
            verdict=Verdict.grader_error,
            message="This check did not run. That is our fault, not yours.",
        )

    def _settle(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        run, name = self._run(item), _name(item)
        error = call.excinfo.value if call.excinfo is not None else None
        share, credit = 0.0, self._credits.get(item.nodeid)
        if error is None and credit is not None and credit.failures:
            error, share = credit.failure(), credit.share
        calls = run.calls[name] = run.subject.turn.calls
        printed = run.subject.take_output()
        if run.results[name].visibility is Visibility.visible:
            run.output += printed
            run.output_truncated = run.subject.truncated
        run.results[name] = msgspec.structs.replace(
            run.results[name],
            seconds=round(call.duration, 4),
            seeds=tuple(made.seed for made in calls),
            **_outcome(error, run.results[name].points, share),
        )
        if isinstance(error, CheckFailure):
            run.failed_calls[name] = calls
        elif isinstance(error, Exception) and not isinstance(error, HarnessError):
            run.broken.add(name)


def _visible_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """The checks of each file, the visible ones before the hidden: what those were asked is not there to be printed."""
    files = list(dict.fromkeys(item.path for item in items))
    return sorted(items, key=lambda item: (files.index(item.path), _is_hidden(item)))


def _is_hidden(item: pytest.Item) -> bool:
    return bool(item.stash[_SPEC].visibility is not Visibility.visible)


def _outcome(error: BaseException | None, points: float, share: float) -> dict[str, Any]:
    """The fields of a record that say what happened."""
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
    """Text that came from a student may hold half surrogate pairs, which no record can."""
    return text.encode(errors="backslashreplace").decode()


def _name(item: pytest.Item) -> str:
    return item.name.removeprefix(PREFIX)


def _title(item: pytest.Item) -> str:
    function = getattr(item, "function", None)
    text = inspect.getdoc(function) or ""
    return " ".join(text.partition("\n\n")[0].split())
