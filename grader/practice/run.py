"""Run visible checks with grading's own code, at the level without a sandbox: practice and grading agree."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.catalog import Part
from grader.datasets.collection import Datasets, weights_among
from grader.intake.submission import Submission

if TYPE_CHECKING:
    from grader.records.record import ResultRecord
    from grader.sandbox.slot import Slot

# Not the seed of any grading: that is secret, because the inputs of hidden checks follow from it.
SEED = 0


def practise(submission: Submission, parts: Sequence[Part], slot: Slot, seed: int = SEED) -> ResultRecord:
    """Run the visible checks of ``parts`` (all of one handout) and return the record, which is never a grade."""
    from grader.grading.grade import GradeOptions, grade
    from grader.worker.uninitialised import installed

    options = GradeOptions(seed=seed, visible_only=True, whole=False, recognise=False)
    with installed(), _warnings_of_a_worker():
        return grade(submission, parts, slot, options)


@contextmanager
def _warnings_of_a_worker() -> Iterator[None]:
    """Within this, warn as a fresh interpreter does, whatever this one was told: a warning is never an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        for kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", kind)
        yield


def open_slot(parts: Sequence[Part]) -> Slot:
    """Return a slot in this process; students' code finds the stand-in of pretrained weights, if a part has some."""
    from grader.sandbox.direct import DirectSlot

    return DirectSlot(torch_home(parts))


def torch_home(parts: Sequence[Part]) -> Path | None:
    """Return the folder with the stand-in of the parts' pretrained weights; None if they have none."""
    catalog = parts[0].datasets
    weights = weights_among(catalog, tuple(name for part in parts for name in part.config.datasets))
    return Datasets(catalog, "mini", SEED).torch_home_of(weights[0]) if weights else None
