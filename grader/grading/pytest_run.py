"""Run the check files of a submission with pytest, which sees nothing of the submission itself."""

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
from grader.grading.pytest_plugin import GradingPlugin

_INI = Path(__file__).with_name("pytest-grading.ini")
# pytest's own plugins that no check needs. To load them takes longer than to run the checks of a small part, and two of
# them (unraisableexception, threadexception) collect garbage several times at the end.
_UNUSED_PLUGINS = (
    *("cacheprovider", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging", "monkeypatch"),
    *("nose", "pastebin", "pytester", "recwarn", "reports", "setuponly", "setupplan", "stepwise", "subtests"),
    *("threadexception", "tmpdir", "unittest", "unraisableexception", "warnings"),
)
_PYTEST_OK = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


def run_checks(
    runs: Mapping[Path, PartRun],
    *,
    visible_only: bool = False,
    only: Collection[str] | None = None,
    until_caught: bool = False,
    until: float = math.inf,
) -> dict[Path, PartOutcome]:
    """Run the check files with pytest and return what came of each; raises CourseError when pytest itself fails."""
    arguments = [
        *("-c", str(_INI), "--rootdir", str(_INI.parent), "--noconftest", "--import-mode=importlib"),
        *("-p", "pytest_timeout", *(word for name in _UNUSED_PLUGINS for word in ("-p", f"no:{name}"))),
        *("--assert=plain", "--capture=no", "-qq", "--tb=short", "--no-header", "--no-summary"),
        *(str(path) for path in runs),
    ]
    words = io.StringIO()
    plugin = GradingPlugin(runs, visible_only=visible_only, only=only, until_caught=until_caught, until=until)
    fixtures = CheckFixtures(runs, plugin.outcomes)
    shared = importable(path.parent for path in runs)
    with contextlib.redirect_stdout(words), contextlib.redirect_stderr(words), _only_our_pytest(), shared:
        code = pytest.main(arguments, plugins=[plugin, fixtures])
    nothing_to_run = visible_only and code == pytest.ExitCode.NO_TESTS_COLLECTED
    all_collected = visible_only or all(outcome.records for outcome in plugin.outcomes.values())
    if not nothing_to_run and not (code in _PYTEST_OK and all_collected):
        what = "\n".join(plugin.collection_errors) or words.getvalue().strip()
        raise CourseError(f"the checks could not be run: {what[-2000:]}")
    return plugin.outcomes


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
