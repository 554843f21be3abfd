"""The pytest fixtures that a check may ask for: the student's part, fixture data, gates, inputs, places to note."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from grader.course.fixture_data import Expected
from grader.datasets.collection import Datasets
from grader.errors import CourseError
from grader.grading.check_inputs import CheckInputs
from grader.grading.part_run import Grading
from grader.grading.student_part import StudentPart, derived_seed
from grader.records.record import Visibility
from grader.vocabulary.check import CheckSpec, name_of
from grader.vocabulary.exhibits import Exhibits
from grader.vocabulary.gates import Gates, matched, metrics_in
from grader.vocabulary.partial_credit import Credit

_INPUTS = pytest.StashKey[CheckInputs]()
SPEC = pytest.StashKey[CheckSpec]()
CREDIT = pytest.StashKey[Credit]()
OF_ONE_GRADING: tuple[pytest.StashKey[Any], ...] = (_INPUTS, CREDIT)  # what a check keeps while it runs


class CheckFixtures:
    """Pytest fixtures for the checks of ``grading``, which may change from one run of the checks to the next.

    None takes pytest's ``request``: pytest makes one for each fixture of each check, a twentieth of what judging takes.
    """

    def __init__(self, grading: Grading) -> None:
        self._grading = grading

    @pytest.fixture
    def submission(self) -> StudentPart:
        """The student's part, in the sandbox."""
        part: StudentPart = self._inputs().submission
        return part

    @pytest.fixture
    def expected(self) -> Expected:
        """The part's fixture data."""
        return self._inputs().expected

    @pytest.fixture
    def datasets(self) -> Datasets:
        """The data sets of the part's profile."""
        return self._inputs().datasets

    @pytest.fixture
    def sizes(self) -> dict[str, int | float]:
        """The part's problem sizes, by name."""
        return self._inputs().sizes

    @pytest.fixture
    def device(self) -> str:
        """Where the student's code is to compute: ``cpu`` or ``cuda``."""
        return self._inputs().device

    @pytest.fixture
    def rng(self) -> torch.Generator:
        """A generator for this check's inputs; those of hidden checks differ for every submission."""
        return self._inputs().rng

    @pytest.fixture
    def gates(self, figures: dict[str, float], exhibits: Exhibits) -> Gates:
        """The part's gates: ``gates.require(NAME, name=...)``."""
        item = self._grading.item
        run, metrics = self._grading.runs[item.path], metrics_in(vars(item.module).values())
        matched(run.gates, metrics, str(item.path))
        return Gates(gates=run.gates, metrics=metrics, inputs=self._inputs(), figures=figures, exhibits=exhibits)

    @pytest.fixture
    def figures(self) -> Iterator[dict[str, float]]:
        """Where a check notes figures worth showing (a loss, an accuracy), by name."""
        item, noted = self._grading.item, dict[str, float]()
        outcome = self._grading.outcomes[item.path]
        yield noted
        outcome.figures |= {name: float(figure) for name, figure in noted.items()}  # it may be what a student returned
        outcome.hidden_figures -= noted.keys()
        if is_hidden(item):
            outcome.hidden_figures |= noted.keys()

    @pytest.fixture
    def exhibits(self) -> Exhibits:
        """Where a check shows curves, confusion matrices and images, also when it passes."""
        item = self._grading.item
        return Exhibits(self._grading.outcomes[item.path].exhibits, name_of(item.name), item.stash[SPEC].visibility)

    @pytest.fixture
    def credit(self) -> Credit:
        """Partial credit by cases, for checks declared ``partial=True``."""
        item = self._grading.item
        if not item.stash[SPEC].partial:
            raise CourseError(f"{item.nodeid} uses `credit` without partial=True")
        return item.stash.setdefault(CREDIT, Credit())

    def _inputs(self) -> CheckInputs:
        """Return what this check, and the metrics it runs, may ask for: one object for all of them."""
        item, stash = self._grading.item, self._grading.item.stash
        run = self._grading.runs[item.path]
        if _INPUTS not in stash:
            seed = run.hidden_seed if is_hidden(item) else run.seed
            stash[_INPUTS] = CheckInputs(
                submission=run.submission,
                expected=run.expected,
                catalog=run.datasets,
                setting=run.setting,
                sizes=run.sizes,
                rng=torch.Generator().manual_seed(derived_seed(seed, run.name, name_of(item.name), "inputs")),
                seed=seed,
            )
        return stash[_INPUTS]


def is_hidden(item: pytest.Item) -> bool:
    """Return whether students do not see the inside of a check."""
    return item.stash[SPEC].visibility is not Visibility.visible
