"""One part while its checks run: what goes in, which never changes, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grader.course.fixture_data import Expected
from grader.course.part_toml import MINI_CPU, Gate, Setting
from grader.datasets.catalog import DatasetCatalog
from grader.grading.call_log import Call
from grader.grading.student_part import StudentPart
from grader.records.record import CheckRecord, Exhibit, Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRun:
    """What the checks of one part are run with.

    ``seed`` is the run's: in visible checks a whole class gets the same inputs. ``hidden_seed`` also depends on the
    files handed in, so that no answer to a hidden check can be reused later or by a friend.
    """

    name: str
    submission: StudentPart
    expected: Expected
    gates: dict[str, Gate]
    seed: int
    hidden_seed: int
    setting: Setting = MINI_CPU
    sizes: dict[str, int | float] = field(default_factory=dict)
    datasets: DatasetCatalog = field(default_factory=lambda: DatasetCatalog(Path()))  # none


@dataclass(slots=True)
class PartOutcome:
    """What the checks of one part came to, by check name, in file order.

    ``broken`` names the checks that ended in an exception of their own; ``not_installed`` names the modules that the
    student's code imports and that are not here; ``gated`` names those that judge whole trainings by a gate, which take
    long; ``starved`` tells whether the machine was too busy to run it; ``output`` is what it printed while visible
    checks ran; ``hidden_figures`` names the figures of hidden checks.
    """

    records: dict[str, CheckRecord] = field(default_factory=dict)
    calls: dict[str, list[Call]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    gated: set[str] = field(default_factory=set)
    not_installed: set[str] = field(default_factory=set)
    starved: bool = False
    output: str = ""
    output_truncated: bool = False
    figures: dict[str, float] = field(default_factory=dict)
    hidden_figures: set[str] = field(default_factory=set)
    exhibits: dict[str, Exhibit] = field(default_factory=dict)

    def is_hidden(self, check: str) -> bool:
        """Return whether students may not see a check yet."""
        return self.records[check].visibility is not Visibility.visible

    @property
    def failed_calls(self) -> dict[str, list[Call]]:
        """Return the calls of the checks that judged the student's code to be wrong."""
        return {name: calls for name, calls in self.calls.items() if self.records[name].verdict.is_for_the_student}


@dataclass(slots=True)
class Grading:
    """What pytest runs at the moment, by check file: the parts of one submission, and what came of them so far."""

    runs: Mapping[Path, PartRun] = field(default_factory=dict)
    outcomes: dict[Path, PartOutcome] = field(default_factory=dict)
    item: pytest.Function = field(init=False)  # the check that runs
