"""Run check files with pytest, which sees nothing of a submission. A process starts it once for a whole class."""

from __future__ import annotations

import contextlib
import io
import math
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest

from grader.course.shared_code import importable
from grader.errors import CourseError
from grader.grading.part_run import PartOutcome, PartRun
from grader.grading.pytest_fixtures import CheckFixtures
from grader.grading.pytest_plugin import Asked, GradingPlugin

_INI = Path(__file__).with_name("pytest-grading.ini")
# pytest's own plugins that no check needs: without output to capture or to report, and in as little time as may be.
_UNUSED_PLUGINS = (
    *("cacheprovider", "capture", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging"),
    *("monkeypatch", "nose", "pastebin", "pytester", "recwarn", "reports", "setuponly", "setupplan", "stepwise"),
    *("subtests", "terminal", "threadexception", "tmpdir", "unittest", "unraisableexception", "warnings"),
)
_MOST_KEPT = 16  # sets of check files; a class is graded by one or two


class _CollectedChecks:
    """The checks of some files: pytest collects them once, and runs them for one submission after another.

    To start pytest takes ten times as long as to run the checks of a small part.
    """

    def __init__(self, files: Collection[Path]) -> None:
        """Collect; raises CourseError, in pytest's words, if that fails."""
        self._plugin = GradingPlugin()
        arguments = [
            *("-c", str(_INI), "--rootdir", str(_INI.parent), "--noconftest", "--import-mode=importlib"),
            *("-p", "pytest_timeout", *(word for name in _UNUSED_PLUGINS for word in ("-p", f"no:{name}"))),
            *("--assert=plain", "--collect-only", *map(str, files)),
        ]
        with contextlib.redirect_stderr(io.StringIO()) as words:
            code = pytest.main(arguments, plugins=[self._plugin, CheckFixtures(self._plugin.grading)])
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            raise CourseError("\n".join(self._plugin.collection_errors) or words.getvalue())

    def run(self, runs: Mapping[Path, PartRun], asked: Asked) -> dict[Path, PartOutcome]:
        """Run the checks that are asked for; raises CourseError if the check files are wrong."""
        items = self._plugin.begin(runs, asked)
        for item, following in zip(items, [*items[1:], None], strict=False):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return self._plugin.grading.outcomes


_kept: dict[tuple[Path, ...], _CollectedChecks] = {}  # by check files, the one that was used last at the end


def run_checks(
    runs: Mapping[Path, PartRun],
    *,
    visible_only: bool = False,
    only: Collection[str] | None = None,
    until_caught: bool = False,
    until: float = math.inf,
) -> dict[Path, PartOutcome]:
    """Run the check files with pytest and return what came of each; raises CourseError when pytest itself fails."""
    files, asked = tuple(runs), Asked(visible_only=visible_only, only=only, until_caught=until_caught, until=until)
    try:
        with _in_silence(), _only_our_pytest(), importable(path.parent for path in files):
            # Not kept while it runs: after an exception nobody knows its state, and a check may grade something itself.
            checks = _kept.pop(files, None) or _CollectedChecks(files)
            outcomes = checks.run(runs, asked)
    except (CourseError, pytest.exit.Exception) as error:
        raise CourseError(f"the checks could not be run: {str(error).strip()[-2000:]}") from None
    _kept[files] = checks
    if len(_kept) > _MOST_KEPT:
        del _kept[next(iter(_kept))]
    return outcomes


@contextlib.contextmanager
def _in_silence() -> Iterator[None]:
    """Within: what the checks print goes nowhere."""
    with contextlib.redirect_stdout(io.StringIO()) as nowhere, contextlib.redirect_stderr(nowhere):
        yield


@contextlib.contextmanager
def _only_our_pytest() -> Iterator[None]:
    """Within: pytest loads no plugin and reads no option but ours (PYTEST_ADDOPTS and the like are put aside)."""
    theirs = {name: os.environ.pop(name) for name in tuple(os.environ) if name.startswith("PYTEST_")}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)  # without a sandbox the worker sets all back itself
        os.environ.update(theirs)
