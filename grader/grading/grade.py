"""Grade one submission: locate its parts, run their checks with pytest, recognise mistakes, write the record."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import platform
import sys
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pytest
import torch
from msgspec.structs import replace

from grader.course import fixture_data, packages
from grader.course.catalog import Course, Part, data_use
from grader.course.part_toml import MINI_CPU, Cap, Setting
from grader.errors import HarnessError
from grader.grading import broken_checks
from grader.grading.call_log import Memory
from grader.grading.given_files import untouched_notebooks
from grader.grading.known_mistakes import Recogniser
from grader.grading.part_loader import Code
from grader.grading.part_run import PartOutcome, PartRun
from grader.grading.pytest_run import run_checks
from grader.grading.reasons import Graded, reasons_to_look
from grader.grading.search import found_records, names_of, not_run_records, search_of
from grader.grading.student_lines import StudentLines
from grader.grading.student_part import StudentPart, derived_seed
from grader.intake.archive import shown
from grader.intake.locate import locate
from grader.intake.submission import Submission
from grader.records.record import CheckRecord, EnvironmentRecord, PartRecord, ResultRecord, SubmissionRecord
from grader.sandbox.loading import Search
from grader.sandbox.output import head_and_tail
from grader.sandbox.slot import Slot
from grader.written import answers
from grader.written.questions import QuestionSheet

_LONGEST_NOTICE = 500  # characters of a sentence that a student's process said


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeOptions:
    """What the person who runs the grader chose."""

    seed: int = 0
    profile: Literal["mini", "full"] = "mini"
    device: str = "cpu"
    visible_only: bool = False
    whole: bool = True  # all parts of the assignment are graded
    only: tuple[str, ...] = ()  # the checks to run, of every part; none named: all of them
    until_caught: bool = False  # after one check that took marks, skip the rest of its part
    recognise: bool = True
    cap: Cap | None = None
    until: float = math.inf  # of time.monotonic(): when no more checks may begin, and no search for hints

    @property
    def want_hints(self) -> bool:
        """Whether known mistakes are to be recognised, and there is still time."""
        return self.recognise and time.monotonic() < self.until


@dataclass(frozen=True, slots=True)
class _Checked:
    """One part after its checks have run; ``records`` are those of its outcome, with verdicts and hints settled."""

    part: Part
    run: PartRun
    outcome: PartOutcome
    records: dict[str, CheckRecord]


def grade(
    submission: Submission,
    parts: Sequence[Part],
    slot: Slot,
    options: GradeOptions,
    recogniser: Recogniser | None = None,
    slots: Mapping[str, Slot] = MappingProxyType({}),
) -> ResultRecord:
    """Grade ``parts`` of one assignment, in ``slots`` by name or in ``slot``; raises HarnessError if our side fails."""
    started, clock, course = datetime.now(UTC), time.monotonic(), Course(parts[0].course)
    collected = _written(submission, QuestionSheet(course.root, parts[0].assignment), options)
    notices = [*submission.notices, *collected.notices]
    runs = _runs(parts, submission, {part.name: slots.get(part.name, slot) for part in parts}, options, notices)
    outcomes = _outcomes(runs, options)
    notices += _said(runs.values())
    checked = [_checked(part, runs[part.check_file], outcomes[part.check_file], slot) for part in parts]
    notices += _what_may_be_imported(checked)
    notices += _add_hints(recogniser or Recogniser(slot), checked, submission.name) if options.want_hints else []
    records = _part_records(checked, StudentLines(submission.files))
    return ResultRecord(
        assignment=parts[0].assignment,
        assignment_title=course.title_of(parts[0].assignment),
        course_title=course.config.title,
        language=course.config.language,
        submission=_submission_record(submission),
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - clock, 3),
        seed=options.seed,
        profile=options.profile,
        device=options.device,
        datasets=data_use(parts, options.profile).origins(),
        environment=_environment(slot),
        parts=records,
        written=collected.written,
        unplaced=collected.unplaced,
        partial=options.visible_only or bool(options.only) or not options.whole,
        starved=any(outcome.starved for outcome in outcomes.values()),
        notices=tuple(notices),
        reasons=(*_reasons(records, checked, submission), *collected.reasons),
    )


def _written(submission: Submission, sheet: QuestionSheet, options: GradeOptions) -> answers.Collected:
    return answers.collect(submission.files, sheet) if options.whole else answers.Collected()


def _runs(
    parts: Sequence[Part],
    submission: Submission,
    slots: Mapping[str, Slot],
    options: GradeOptions,
    notices: list[str],
) -> dict[Path, PartRun]:
    """Return what the checks of each part are run with, by check file."""
    memory = Memory()
    return {part.check_file: _prepare(part, submission, slots[part.name], options, notices, memory) for part in parts}


def _outcomes(runs: Mapping[Path, PartRun], options: GradeOptions) -> dict[Path, PartOutcome]:
    """Run the checks of all parts; afterwards their workers end."""
    try:
        next(iter(runs.values())).submission.prepare()
        return run_checks(
            runs,
            visible_only=options.visible_only,
            only=options.only or None,
            until_caught=options.until_caught,
            until=options.until,
        )
    finally:
        for run in runs.values():
            run.submission.close()


def _said(runs: Iterable[PartRun]) -> list[str]:
    """Return the notices of the workers that loaded the student's files, each once."""
    said = dict.fromkeys(notice for run in runs for notice in run.submission.code.notices)
    return [shown(notice, longest=_LONGEST_NOTICE) for notice in said]


def _submission_record(submission: Submission) -> SubmissionRecord:
    return SubmissionRecord(name=submission.name, sha256=submission.sha256, files=tuple(sorted(submission.files)))


def _reasons(parts: Sequence[PartRecord], checked: Sequence[_Checked], submission: Submission) -> tuple[str, ...]:
    not_installed = {one.part.name: one.outcome.not_installed for one in checked}
    unreadable = {one.part.name: why for one in checked if (why := one.run.submission.code.unreadable)}
    rivals = {one.part.name: one.run.submission.code.rivals for one in checked}
    part = checked[0].part
    given = untouched_notebooks(submission.files, Course(part.course), part.assignment)
    return reasons_to_look(Graded(parts, submission.files.keys() - given, not_installed, unreadable, rivals))


def _checked(part: Part, run: PartRun, outcome: PartOutcome, slot: Slot) -> _Checked:
    """Return a part with its records; where a check itself raised, decide whose fault that is."""
    # A handout has no reference, but its checks pass on it.
    ask = None if Course(part.course).config.is_handout else partial(_checks_on_reference, part, run, slot)
    judged = broken_checks.judged(outcome, ask)
    return _Checked(part, run, outcome, outcome.records | judged)


def _what_may_be_imported(checked: Sequence[_Checked]) -> list[str]:
    """Return what the course lets students import, for one whose code imports something that is not installed."""
    courses = {one.part.course for one in checked if one.outcome.not_installed}
    return [told for course in courses if (told := packages.told(Course(course).config.packages))]


def _add_hints(recogniser: Recogniser, checked: Sequence[_Checked], name: str) -> list[str]:
    """Add hints to the records. If the grader fails here, some hints are lost and a notice says so; scores stay."""
    try:
        for one in checked:
            for check, known in recogniser.hints(one.part, one.run, one.outcome).items():
                one.records[check] = replace(one.records[check], mistake=known.mistake, hint=known.hint)
    except HarnessError as error:
        sys.stderr.write(f"{name}: hints may be missing: {error}\n")
        return ["Hints may be missing because the grader failed. Your score does not depend on them."]
    return []


def _checks_on_reference(part: Part, run: PartRun, slot: Slot, only: Collection[str]) -> PartOutcome:
    """Run some checks of a part on the reference, with the inputs and seeds they had in ``run``."""
    file = f"{part.name}.py"
    made = part_run(part, Code({file: part.reference.read_bytes()}, file), slot, run.seed, run.setting)
    made = dataclasses.replace(made, hidden_seed=run.hidden_seed)
    try:
        return run_checks({part.check_file: made}, only=only)[part.check_file]
    finally:
        made.submission.close()


def part_run(
    part: Part,
    code: Code,
    slot: Slot,
    seed: int,
    setting: Setting = MINI_CPU,
    cap: Cap | None = None,
    memory: Memory | None = None,
) -> PartRun:
    """Return everything that pytest needs to check one part; the parts of a submission share a ``memory``."""
    limits = part.config.limits.on(setting)
    table = part.alias_table()
    search = search_of(part, code.search.reserved)
    given = dataclasses.replace(code, files={**part.utilities, **code.files}, search=search)
    submission = StudentPart(
        given, table, slot=slot, limits=limits, seed=seed, identity=part.identity, cap=cap, memory=memory
    )
    handed_in = [hashlib.sha256(content).hexdigest() for content in code.files.values()]
    return PartRun(
        name=part.identity,
        submission=submission,
        expected=fixture_data.read(part),
        gates=part.config.gates_on(setting),
        seed=seed,
        hidden_seed=derived_seed(seed, *handed_in, bits=63),  # 32 could all be tried with one hidden input
        setting=setting,
        sizes=part.config.sizes_on(setting),
        datasets=part.datasets,
    )


def setting_of(part: Part, profile: str, device: str) -> Setting:
    """Return the setting a part is graded in: full only when all its data sets are on this machine."""
    return part.setting(profile, device)


def _prepare(
    part: Part, submission: Submission, slot: Slot, options: GradeOptions, notices: list[str], memory: Memory
) -> PartRun:
    untouched = [path for path, content in submission.files.items() if part.is_untouched(content)]
    found = locate(submission.files, part.name, part.config.files, untouched)
    if found.notice and (found.path is not None or found.rivals):
        notices.append(found.notice)
    names = names_of(part.course, part.assignment)
    others = Search(reserved=[name for other, theirs in names.items() if other != part.name for name in theirs])
    code = Code(submission.files, found.path, found.notice, found.rivals, others)
    setting = setting_of(part, options.profile, options.device)
    return part_run(part, code, slot, options.seed, setting, options.cap, memory)


def _part_records(checked: Sequence[_Checked], lines: StudentLines) -> tuple[PartRecord, ...]:
    return tuple(_part_record(one, lines) for one in checked)


def _part_record(checked: _Checked, lines: StudentLines) -> PartRecord:
    part, run, outcome, records = checked.part, checked.run, checked.outcome, checked.records
    output = head_and_tail(outcome.output)
    # JSON holds no NaN and no infinity
    figures = {name: float(figure) for name, figure in outcome.figures.items() if math.isfinite(figure)}
    return PartRecord(
        name=part.name,
        title=part.config.title,
        profile=run.setting.profile,
        device=run.setting.device,
        checks=tuple(replace(check, stopped_at=lines.around(check.traceback)) for check in records.values()),
        file=run.submission.code.file,
        found=found_records(run.submission.code.found),
        missing=run.submission.code.missing,
        not_run=not_run_records(run.submission.code.found),
        output=output,
        output_truncated=outcome.output_truncated or output != outcome.output,
        figures=figures,
        hidden_figures=tuple(sorted(outcome.hidden_figures & figures.keys())),
        figure_titles={name: gate.title for name, gate in run.gates.items() if name in figures and gate.title},
        exhibits=tuple(outcome.exhibits.values()),
        seconds=round(sum(check.seconds for check in records.values()), 3),
        memory_mb=round(run.submission.peak_bytes / (1 << 20), 1),
    )


def _environment(slot: Slot) -> EnvironmentRecord:
    return EnvironmentRecord(
        sandbox=slot.level,
        protections=slot.protections,
        missing_protections=slot.missing_protections,
        versions={"pytest": pytest.__version__, "torch": str(torch.__version__)} | slot.versions,
        platform=f"{platform.system()} {platform.machine()}",
    )
