"""The inputs that checks and metrics ask for by name, defined once for the pytest plugin and for calibration."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch

from grader.course.fixture_data import Expected
from grader.course.part_toml import Setting
from grader.datasets.catalog import DatasetCatalog
from grader.datasets.collection import Datasets


@dataclass(frozen=True, kw_only=True)
class CheckInputs:
    """The inputs of one check, or of one run of a metric in calibration.

    ``submission`` is the student's part in the sandbox, ``expected`` the part's fixture data, ``catalog`` has the data
    sets of the course, ``sizes`` the problem sizes of the setting by name. ``rng`` draws all inputs: it is the same
    object for the several runs of a gate. ``seed`` is the secret one that stand-ins of data sets are drawn from, and
    ``draw`` their number.
    """

    submission: Any
    expected: Expected
    catalog: DatasetCatalog
    setting: Setting
    sizes: dict[str, int | float]
    rng: torch.Generator
    seed: int
    draw: int = 1

    @property
    def datasets(self) -> Datasets:
        """The data sets of the part's profile."""
        return Datasets(self.catalog, self.setting.profile, self.seed, self.draw)

    def of_run(self, number: int) -> CheckInputs:
        """Return the inputs of one of a gate's runs, counted from 1.

        Each run has stand-ins of its own, the first those of other checks: so runs are independent.
        """
        if number > 1:
            self.submission.begin_run()
        return replace(self, draw=number)

    @property
    def device(self) -> str:
        """Where the student's code is to compute: ``cpu`` or ``cuda``."""
        return self.setting.device
