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
    """Pytest fixtures for the checks of ``grading``, which may change from one run of the checks to the next."""

    def __init__(self, grading: Grading) -> None:
        self._grading = grading

    @pytest.fixture
    def submission(self, request: pytest.FixtureRequest) -> StudentPart:
        """The student's part, in the sandbox."""
        part: StudentPart = self._inputs(request).submission
        return part

    @pytest.fixture
    def expected(self, request: pytest.FixtureRequest) -> Expected:
        """The part's fixture data."""
        return self._inputs(request).expected

    @pytest.fixture
    def datasets(self, request: pytest.FixtureRequest) -> Datasets:
        """The data sets of the part's profile."""
        return self._inputs(request).datasets

    @pytest.fixture
    def sizes(self, request: pytest.FixtureRequest) -> dict[str, int | float]:
        """The part's problem sizes, by name."""
        return self._inputs(request).sizes

    @pytest.fixture
    def device(self, request: pytest.FixtureRequest) -> str:
        """Where the student's code is to compute: ``cpu`` or ``cuda``."""
        return self._inputs(request).device

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> torch.Generator:
        """A generator for this check's inputs; those of hidden checks differ for every submission."""
        return self._inputs(request).rng

    @pytest.fixture
    def gates(
        self,
        request: pytest.FixtureRequest,
        figures: dict[str, float],
        exhibits: Exhibits,
    ) -> Gates:
        """The part's gates: ``gates.require(NAME, name=...)``."""
        run, metrics = self._grading.runs[request.node.path], metrics_in(vars(request.module).values())
        matched(run.gates, metrics, str(request.node.path))
        return Gates(gates=run.gates, metrics=metrics, inputs=self._inputs(request), figures=figures, exhibits=exhibits)

    @pytest.fixture
    def figures(self, request: pytest.FixtureRequest) -> Iterator[dict[str, float]]:
        """Where a check notes figures worth showing (a loss, an accuracy), by name."""
        outcome, noted = self._grading.outcomes[request.node.path], dict[str, float]()
        yield noted
        outcome.figures |= {name: float(figure) for name, figure in noted.items()}  # it may be what a student returned
        outcome.hidden_figures -= noted.keys()
        if _is_hidden(request):
            outcome.hidden_figures |= noted.keys()

    @pytest.fixture
    def exhibits(self, request: pytest.FixtureRequest) -> Exhibits:
        """Where a check shows curves, confusion matrices and images, also when it passes."""
        node = request.node
        return Exhibits(self._grading.outcomes[node.path].exhibits, name_of(node.name), node.stash[SPEC].visibility)

    @pytest.fixture
    def credit(self, request: pytest.FixtureRequest) -> Credit:
        """Partial credit by cases, for checks declared ``partial=True``."""
        if not request.node.stash[SPEC].partial:
            raise CourseError(f"{request.node.nodeid} uses `credit` without partial=True")
        credit: Credit = request.node.stash.setdefault(CREDIT, Credit())
        return credit

    def _inputs(self, request: pytest.FixtureRequest) -> CheckInputs:
        """Return what this check, and the metrics it runs, may ask for: one object for all of them."""
        run, stash = self._grading.runs[request.node.path], request.node.stash
        if _INPUTS not in stash:
            seed = run.hidden_seed if _is_hidden(request) else run.seed
            stash[_INPUTS] = CheckInputs(
                submission=run.submission,
                expected=run.expected,
                catalog=run.datasets,
                setting=run.setting,
                sizes=run.sizes,
                rng=torch.Generator().manual_seed(derived_seed(seed, run.name, name_of(request.node.name), "inputs")),
                seed=seed,
            )
        inputs: CheckInputs = stash[_INPUTS]
        return inputs


def _is_hidden(request: pytest.FixtureRequest) -> bool:
    return bool(request.node.stash[SPEC].visibility is not Visibility.visible)
