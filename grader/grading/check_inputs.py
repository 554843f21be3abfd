"""The inputs that checks and metrics ask for by name, defined once for the pytest plugin and for calibration."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from grader.course.fixture_data import Expected
from grader.course.part_toml import Setting
from grader.datasets.catalog import DatasetCatalog
from grader.datasets.collection import Datasets, open_datasets


@dataclass(frozen=True, kw_only=True)
class CheckInputs:
    """The inputs of one check, or of one run of a metric in calibration.

    ``submission`` is the student's part in the sandbox, ``expected`` the part's fixture data, ``catalog`` has the data
    sets of the course, ``sizes`` the problem sizes of the setting by name; ``seed`` is that of ``rng``.
    """

    submission: Any
    expected: Expected
    catalog: DatasetCatalog
    setting: Setting
    sizes: dict[str, int | float]
    seed: int

    @property
    def datasets(self) -> Datasets:
        """The data sets of the part's profile."""
        return open_datasets(self.catalog, self.setting.profile)

    @property
    def device(self) -> str:
        """Where the student's code is to compute: ``cpu`` or ``cuda``."""
        return self.setting.device

    @cached_property
    def rng(self) -> torch.Generator:
        """The generator of all inputs: the same object each time, also for the several runs of a gate."""
        return torch.Generator().manual_seed(self.seed)
