"""The data sets of one profile, each made or read when it is first asked for, once in a process."""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from grader.datasets import sources

if TYPE_CHECKING:
    from torch import nn

    from grader.datasets.cifar10 import Images
    from grader.datasets.movielens import MovieLens


class Datasets:
    """What a check's ``datasets`` is: all made by our own seeded code in ``mini``, all real in ``full``."""

    def __init__(self, profile: str) -> None:
        self.profile = profile

    @cached_property
    def movielens(self) -> MovieLens:
        """Ratings and movies: planted in ``mini``, MovieLens ml-latest-small in ``full``."""
        if self.profile == "mini":
            from grader.datasets.planted import plant

            return plant()
        from grader.datasets.movielens import read

        return read(sources.require("movielens"))

    @cached_property
    def cifar10(self) -> Images:
        """Ten classes of 32x32 images: drawn in ``mini``, CIFAR-10 in ``full``."""
        from grader.datasets import cifar10

        return cifar10.drawn_images() if self.profile == "mini" else cifar10.read(sources.require("cifar10"))

    @cached_property
    def torch_home(self) -> Path:
        """A folder to mount read-only as TORCH_HOME: it holds hub/checkpoints/resnet18-f37072fd.pth and no more."""
        from grader.datasets import weights

        return weights.stand_in_home() if self.profile == "mini" else weights.real_home(sources.require("resnet18"))

    @cached_property
    def backbone(self) -> nn.Module:
        """The network whose weights ``torch_home`` holds, ending in its 512 features: what a student's must equal."""
        from grader.datasets import backbone

        return backbone.load(self.torch_home)


@cache
def open_datasets(profile: str) -> Datasets:
    """The data sets of ``mini`` or ``full``; the same object in the whole process, so nothing is read twice."""
    return Datasets(profile)
