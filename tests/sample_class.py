"""The sample class, graded whole: every student's verdicts and scores are those in tests/goldens.

In activity1 the recognised mistakes are too. Elsewhere they depend on what can be replayed in the time allowed, less on
a busy machine; tests/test_known_mistakes.py tests how mistakes are recognised.

Refresh on purpose with ``REFRESH_GOLDENS=1 pytest tests/test_sample_class_lab1.py`` and review the difference.
"""

import json
import os
import re
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec
import pytest
from class_runs import processes

from grader.course.catalog import find_course
from grader.intake.discover import find_class
from grader.records.record import CheckRecord, ResultRecord, Standing, Visibility
from grader.reports import html, text
from grader.reports.audience import SHOWN_AT, released
from grader.reports.marking import Marking
from grader.running.jobs import Engine, Job
from grader.running.pool import grade_class
from grader.sandbox import levels

HERE = Path(__file__).parent
# On a busy machine the clock may strike before the memory limit does: either verdict is right for these.
EITHER = {"timed_out", "out_of_memory"}


def graded(assignment: str, without: Collection[str], *, recognise: bool = True) -> dict[str, ResultRecord]:
    """The record of every student but those named, graded by the real engine; with hints if it is to `recognise`."""
    course = find_course(HERE)
    jobs = [
        Job(
            course=str(course.root),
            assignment=assignment,
            parts=tuple(part.name for part in course.parts(assignment)),
            path=os.fsencode(path),
            name=path.name,
            sandbox=levels.choose("auto"),
            threads=1,
            seed=1,
            recognise=recognise,
        )
        for path in (one.path for one in find_class([HERE / "submissions" / assignment]).submissions)
        if path.name not in without
    ]
    outcomes = list(grade_class(jobs, Engine(min(processes(), len(jobs)), 1)))
    assert [(o.name, o.refused or o.fault) for o in outcomes if not o.record] == []
    return {outcome.name: outcome.record for outcome in outcomes}


def summary(record: ResultRecord) -> dict[str, dict[str, list[object]]]:
    return {part.name: {check.name: outcome(record, check) for check in part.checks} for part in record.parts}


def outcome(record: ResultRecord, check: CheckRecord) -> list[object]:
    verdict = "stopped" if check.verdict in EITHER else check.verdict.value
    return [verdict, check.score, *([check.mistake] if record.assignment == "activity1" else [])]


NUMBER = re.compile(r"\d+\.\d{3,}|\d{5,}")  # long enough to be no coincidence


def numbers(checks: Iterable[CheckRecord]) -> set[str]:
    """The numbers in all that is recorded of checks: expected values, the student's, and where they differ."""
    inside = [(check.message, check.hint, check.detail, check.traceback, check.evidence) for check in checks]
    return set(NUMBER.findall(msgspec.json.encode(inside).decode()))


# When feedback is released; the first moment hides the most.
MOMENTS = [pytest.param(one, marks=[pytest.mark.slow] * (place > 0)) for place, one in enumerate(SHOWN_AT)]


class SampleClass:
    """What must hold of the class in one assignment; a test file for each, so that they can run side by side."""

    assignment: str
    without: frozenset[str] = frozenset()  # students who are graded only in another class, which is slow
    to_look_at: frozenset[str] = frozenset()  # students of whom a whole part is in no file
    recognise = True  # whether their mistakes are looked for, which can take longer than to grade them

    @pytest.fixture(scope="class")
    @classmethod
    def records(cls):
        """Every student's record, by name."""
        return graded(cls.assignment, cls.without, recognise=cls.recognise)

    def test_the_class_gets_what_it_deserves(self, records):
        found = {name: summary(record) for name, record in sorted(records.items())}
        golden = HERE / "goldens" / f"{self.assignment}.json"
        if os.environ.get("REFRESH_GOLDENS") and not self.without:
            golden.write_text(json.dumps(found, indent=1) + "\n")
        known = json.loads(golden.read_text())
        assert self.without <= set(known)
        assert found == {name: outcomes for name, outcomes in known.items() if name not in self.without}
        assert {record.standing for record in records.values()} <= {Standing.final, Standing.needs_a_look}
        assert {name for name, record in records.items() if record.standing is not Standing.final} == self.to_look_at
        assert len({record.max_score for record in records.values()}) == 1

    def test_no_page_of_a_student_holds_a_value_of_a_hidden_check(self, records):
        known = 0
        for record in records.values():
            checks = [check for part in record.parts for check in part.checks]
            hidden = [check for check in checks if check.visibility is not Visibility.visible]
            secrets = numbers(hidden) - numbers(check for check in checks if check not in hidden)
            known += len(secrets)
            for page in (html.render_report(record), text.render_text(record)):
                assert secrets.isdisjoint(NUMBER.findall(page)), record.submission.name
            as_instructor = html.render_report(record, audience="instructor")
            assert not secrets or secrets & set(NUMBER.findall(as_instructor)), "an instructor is shown them"
        assert known > 0, "some hidden checks of the class fail with values"

    @pytest.mark.parametrize("moment", MOMENTS)
    def test_no_page_of_feedback_holds_a_value_of_a_check_that_is_hidden_at_its_moment(self, records, moment):
        marking = Marking(score=1, max_score=2, derivation="1 = 1 automatic")
        for record in records.values():
            checks = [check for part in record.parts for check in part.checks]
            shown = {Visibility.visible, *SHOWN_AT[moment]}
            secrets = numbers(one for one in checks if one.visibility not in shown)
            secrets -= numbers(one for one in checks if one.visibility in shown)
            seeds = {str(seed) for seed in (record.seed, *(seed for check in checks for seed in check.seeds))}
            page = html.render_report(released(moment, record), marking=marking)
            assert (secrets | seeds).isdisjoint(NUMBER.findall(page)), record.submission.name
