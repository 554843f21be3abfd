"""Grade one submission: locate its parts, run their checks with pytest, recognise mistakes, write the record."""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
import os
import platform
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
import torch

from grader import answers, blame, fixture_data
from grader.catalog import Part
from grader.datasets import sources
from grader.errors import CourseError, HarnessError
from grader.facts import MINI_CPU, Cap, Setting
from grader.intake import Submission, locate
from grader.plugin import GradingPlugin, PartRun
from grader.questions import QuestionSheet
from grader.recognise import Recogniser
from grader.record import CheckRecord, EnvironmentRecord, PartRecord, ResultRecord, SubmissionRecord
from grader.sandbox.slot import Slot
from grader.subject import Code, Subject, derived_seed

_INI = Path(__file__).with_name("pytest-grading.ini")
# pytest's own plugins that no check needs. To load them takes longer than to run the checks of a small part, and two of
# them (unraisableexception, threadexception) collect garbage several times at the end.
_UNUSED_PLUGINS = (
    *("cacheprovider", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging", "monkeypatch"),
    *("nose", "pastebin", "pytester", "recwarn", "reports", "setuponly", "setupplan", "stepwise", "subtests"),
    *("threadexception", "tmpdir", "unittest", "unraisableexception", "warnings"),
)
_MOST_OUTPUT = 64 << 10
_PYTEST_OK = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeOptions:
    """What the person at the keyboard chose."""

    seed: int = 0
    profile: Literal["mini", "full"] = "mini"
    device: str = "cpu"
    visible_only: bool = False
    whole: bool = True  # all parts of the assignment are graded
    recognise: bool = True
    cap: Cap | None = None


def grade(
    submission: Submission,
    parts: Sequence[Part],
    slot: Slot,
    options: GradeOptions,
    recogniser: Recogniser | None = None,
) -> ResultRecord:
    """One attempt at ``parts`` (all of one assignment) by ``submission``."""
    started, clock = datetime.now(UTC), time.monotonic()
    sheet = QuestionSheet(parts[0].course, parts[0].assignment)
    collected = answers.collect(submission.files, sheet) if options.whole else answers.Collected()
    notices = [*submission.notices, *collected.notices]
    runs = {part.check_file: _prepare(part, submission, slot, options, notices) for part in parts}
    try:
        next(iter(runs.values())).subject.prepare()
        run_checks(runs, visible_only=options.visible_only)
    finally:
        for run in runs.values():
            run.subject.close()
    for part in parts:
        blame.settle(runs[part.check_file], partial(_checks_on_reference, part, runs[part.check_file], slot))
    if options.recognise:
        notices += _recognise(recogniser or Recogniser(slot), parts, runs, submission.name)
    return ResultRecord(
        assignment=parts[0].assignment,
        submission=SubmissionRecord(
            name=submission.name, sha256=submission.sha256, files=tuple(sorted(submission.files))
        ),
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - clock, 3),
        seed=options.seed,
        profile=options.profile,
        device=options.device,
        datasets=sources.origins([part.facts.datasets for part in parts], options.profile),
        environment=_environment(slot),
        parts=tuple(_part_record(part, runs[part.check_file]) for part in parts),
        written=collected.written,
        partial=options.visible_only or not options.whole,
        notices=tuple(notices),
    )


def _recognise(recogniser: Recogniser, parts: Sequence[Part], runs: dict[Path, PartRun], name: str) -> list[str]:
    """Add hints. A fault of ours on the way costs some of them, and a notice says so: never the grading."""
    try:
        for part in parts:
            recogniser.annotate(part, runs[part.check_file])
    except HarnessError as error:
        sys.stderr.write(f"{name}: hints may be missing: {error}\n")
        return ["Hints may be missing, by a fault of ours. Your score does not depend on them."]
    return []


def _checks_on_reference(part: Part, run: PartRun, slot: Slot, only: Collection[str]) -> PartRun:
    """Some checks of a part, with the inputs and seeds they had in ``run``, on the reference."""
    file = f"{part.name}.py"
    made = part_run(part, Code({file: part.reference.read_bytes()}, file), slot, run.seed, run.setting)
    made.hidden_seed = run.hidden_seed
    try:
        run_checks({part.check_file: made}, only=only)
    finally:
        made.subject.close()
    return made


def run_checks(runs: dict[Path, PartRun], *, visible_only: bool = False, only: Collection[str] | None = None) -> None:
    """Run the check files with pytest, results into ``runs``; raises CourseError when pytest itself fails."""
    arguments = [
        *("-c", str(_INI), "--rootdir", str(_INI.parent), "--noconftest", "--import-mode=importlib"),
        *("-p", "pytest_timeout", *(word for name in _UNUSED_PLUGINS for word in ("-p", f"no:{name}"))),
        *("--assert=plain", "--capture=no", "-qq", "--tb=short", "--no-header", "--no-summary"),
        *(str(path) for path in runs),
    ]
    words, plugin = io.StringIO(), GradingPlugin(runs, visible_only=visible_only, only=only)
    with contextlib.redirect_stdout(words), contextlib.redirect_stderr(words), _only_our_pytest():
        code = pytest.main(arguments, plugins=[plugin])
    nothing_to_run = visible_only and code == pytest.ExitCode.NO_TESTS_COLLECTED
    if not nothing_to_run and (code not in _PYTEST_OK or not (visible_only or all(r.results for r in runs.values()))):
        what = "\n".join(plugin.collection_errors) or words.getvalue().strip()
        raise CourseError(f"the checks could not be run: {what[-2000:]}")


@contextlib.contextmanager
def _only_our_pytest() -> Iterator[None]:
    """No plugin and no option but ours, whatever is installed here or set in the environment (PYTEST_ADDOPTS)."""
    theirs = {name: os.environ.pop(name) for name in tuple(os.environ) if name.startswith("PYTEST_")}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)  # without a sandbox the worker sets all back itself
        os.environ.update(theirs)


def part_run(
    part: Part, code: Code, slot: Slot, seed: int, setting: Setting = MINI_CPU, cap: Cap | None = None
) -> PartRun:
    """Everything pytest needs to check one part."""
    limits = part.facts.limits.on(setting)
    table = part.alias_table()
    subject = Subject(code, table, slot=slot, limits=limits, seed=seed, identity=part.identity, cap=cap)
    return PartRun(
        name=part.identity,
        subject=subject,
        expected=fixture_data.read(part),
        gates=part.facts.gates_on(setting),
        seed=seed,
        hidden_seed=derived_seed(seed, *(hashlib.sha256(content).hexdigest() for content in code.files.values())),
        setting=setting,
        sizes=part.facts.sizes_on(setting),
    )


def setting_of(part: Part, profile: str, device: str) -> Setting:
    """The setting a part is graded in: full only when all its data sets are on this machine."""
    return part.facts.setting(sources.effective_profile(part.facts.datasets, profile), device)


def _prepare(part: Part, submission: Submission, slot: Slot, options: GradeOptions, notices: list[str]) -> PartRun:
    found = locate(submission.files, part.name, part.facts.files)
    if found.path is not None and found.notice:
        notices.append(found.notice)
    code = Code(submission.files, found.path, found.notice)
    return part_run(part, code, slot, options.seed, setting_of(part, options.profile, options.device), options.cap)


def _part_record(part: Part, run: PartRun) -> PartRecord:
    checks: tuple[CheckRecord, ...] = tuple(run.results.values())
    # JSON holds no NaN and no infinity
    figures = {name: float(figure) for name, figure in run.figures.items() if math.isfinite(figure)}
    return PartRecord(
        name=part.name,
        title=part.facts.title,
        profile=run.setting.profile,
        device=run.setting.device,
        checks=checks,
        file=run.subject.module,
        output=run.output[:_MOST_OUTPUT],
        output_truncated=run.output_truncated or len(run.output) > _MOST_OUTPUT,
        figures=figures,
        hidden_figures=tuple(sorted(run.hidden_figures & figures.keys())),
        exhibits=tuple(run.exhibits.values()),
        seconds=round(sum(check.seconds for check in checks), 3),
    )


def _environment(slot: Slot) -> EnvironmentRecord:
    return EnvironmentRecord(
        sandbox=slot.level,
        protections=slot.protections,
        missing_protections=slot.missing_protections,
        versions={"pytest": pytest.__version__, "torch": str(torch.__version__)} | slot.versions,
        platform=f"{platform.system()} {platform.machine()}",
    )
