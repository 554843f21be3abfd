"""The pytest fixtures that a check may ask for: the student's part, fixture data, gates, inputs, places to note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import torch

from grader.course.fixture_data import Expected
from grader.course.part_toml import Gate
from grader.datasets.collection import Datasets, open_datasets
from grader.errors import CourseError
from grader.grading.part_run import PartOutcome, PartRun
from grader.grading.student_part import StudentPart, derived_seed
from grader.records.record import Visibility
from grader.vocabulary.check import CheckSpec, name_of
from grader.vocabulary.exhibits import Exhibits
from grader.vocabulary.partial_credit import Credit

SPEC = pytest.StashKey[CheckSpec]()
CREDIT = pytest.StashKey[Credit]()


class CheckFixtures:
    """Pytest fixtures by check file: ``runs`` are what goes in, ``outcomes`` what checks note."""

    def __init__(self, runs: Mapping[Path, PartRun], outcomes: Mapping[Path, PartOutcome]) -> None:
        self._runs = runs
        self._outcomes = outcomes

    @pytest.fixture
    def submission(self, request: pytest.FixtureRequest) -> StudentPart:
        """The student's part, in the sandbox."""
        return self._run(request).submission

    @pytest.fixture
    def expected(self, request: pytest.FixtureRequest) -> Expected:
        """The part's fixture data."""
        return self._run(request).expected

    @pytest.fixture
    def gates(self, request: pytest.FixtureRequest) -> dict[str, Gate]:
        """The part's calibrated gates, by name."""
        return self._run(request).gates

    @pytest.fixture
    def figures(self, request: pytest.FixtureRequest) -> Iterator[dict[str, float]]:
        """Where a check notes figures worth showing (a loss, an accuracy), by name."""
        outcome, noted = self._outcomes[request.node.path], dict[str, float]()
        yield noted
        outcome.figures |= {name: float(figure) for name, figure in noted.items()}  # it may be what a student returned
        outcome.hidden_figures -= noted.keys()
        if _is_hidden(request):
            outcome.hidden_figures |= noted.keys()

    @pytest.fixture
    def exhibits(self, request: pytest.FixtureRequest) -> Exhibits:
        """Where a check shows curves, confusion matrices and images, also when it passes."""
        node = request.node
        return Exhibits(self._outcomes[node.path].exhibits, name_of(node.name), node.stash[SPEC].visibility)

    @pytest.fixture
    def datasets(self, request: pytest.FixtureRequest) -> Datasets:
        """The data sets of the part's profile."""
        run = self._run(request)
        return open_datasets(run.datasets, run.setting.profile)

    @pytest.fixture
    def sizes(self, request: pytest.FixtureRequest) -> dict[str, int | float]:
        """The part's problem sizes, by name."""
        return self._run(request).sizes

    @pytest.fixture
    def device(self, request: pytest.FixtureRequest) -> str:
        """Where the student's code is to compute: ``cpu`` or ``cuda``."""
        return self._run(request).setting.device

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> torch.Generator:
        """A generator for this check's inputs; those of hidden checks differ for every submission."""
        run = self._run(request)
        seed = run.hidden_seed if _is_hidden(request) else run.seed
        return torch.Generator().manual_seed(derived_seed(seed, run.name, name_of(request.node.name), "inputs"))

    @pytest.fixture
    def credit(self, request: pytest.FixtureRequest) -> Credit:
        """Partial credit by cases, for checks declared ``partial=True``."""
        if not request.node.stash[SPEC].partial:
            raise CourseError(f"{request.node.nodeid} uses `credit` without partial=True")
        credit: Credit = request.node.stash.setdefault(CREDIT, Credit())
        return credit

    def _run(self, request: pytest.FixtureRequest) -> PartRun:
        return self._runs[request.node.path]


def _is_hidden(request: pytest.FixtureRequest) -> bool:
    return bool(request.node.stash[SPEC].visibility is not Visibility.visible)
