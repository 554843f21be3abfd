"""CIFAR-10, from the official binary archive or from an archive of JPEG files.

An archive is read and decoded once; the arrays are kept in the user's cache and memory-mapped from then on, so that
the processes of a machine share them. The official Python version is pickled: it is not read, whoever offers it.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from grader.datasets import drawn
from grader.datasets.keeping import keep
from grader.datasets.published import PINS
from grader.datasets.sources import Source, user_cache
from grader.errors import DatasetError

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_SPLITS = ("train", "test")
_SHAPE = (3, 32, 32)
_DRAWN_PER_CLASS = {"train": 100, "test": 50}


@dataclass(frozen=True, eq=False)
class Images:
    """Images uint8 (N, 3, 32, 32) and labels int64 (N,); shared by every check of a process: copy before changing one.

    The order is that of the source: mixed in cifar-10-binary and drawn; by class, then by file name in cifar10-jpg,
    which has slightly other pixels.
    """

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    classes: tuple[str, ...]
    source: str

    def fold(self, split: str, per_class: int, number: int = 0, *, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """``per_class`` images of every class of "train" or "test", in an order that ``rng`` draws, and their labels.

        Folds 0, 1, ... share no image until all are used up; then they begin again. In any order that is known, or the
        same twice, an image's place would give its label away.
        """
        images, labels = getattr(self, f"{split}_images"), getattr(self, f"{split}_labels")
        chosen = []
        for label in range(len(self.classes)):
            places = (labels == label).nonzero()[:, 0]
            first = number % (len(places) // per_class) * per_class
            chosen.append(places[first : first + per_class])
        mixed = torch.cat(chosen)[torch.randperm(per_class * len(self.classes), generator=rng)]
        return images[mixed], labels[mixed]


def drawn_images() -> Images:
    """The ``mini`` images: ten classes drawn by seeded code."""
    train = drawn.draw(_DRAWN_PER_CLASS["train"], seed=0)
    test = drawn.draw(_DRAWN_PER_CLASS["test"], seed=1)
    return Images(train.images, train.labels, test.images, test.labels, drawn.CLASSES, source="drawn")


def read(source: Source) -> Images:
    """The real images, memory-mapped; raises DatasetError when the archive is not the one that is pinned."""
    decode = {"cifar-10-binary": _binary, "cifar10-jpg": _jpeg}[source.kind]
    kept = user_cache() / "cifar10" / f"{source.kind}-{PINS[source.path.name][:16]}.safetensors"
    keep(kept, lambda unfinished: save_file(decode(_pinned_members(source.path)), unfinished))
    arrays = load_file(kept)
    return Images(**{name: arrays[name] for name in sorted(arrays)}, classes=CLASSES, source=source.kind)


def _pinned_members(archive: Path) -> dict[str, bytes]:
    """Every file of an archive by name; read once, and checked against its pin before anything is decoded."""
    with _Hashed(archive) as file:
        try:
            members = dict(_members(file))
        except (tarfile.TarError, EOFError, OSError) as error:
            raise _damaged(archive) from error
        while file.read(1 << 20):  # what follows the archive's end belongs to the file
            pass
    if file.digest.hexdigest() != PINS[archive.name]:
        raise _damaged(archive)
    return members


def _members(file: _Hashed) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=file, mode="r|gz") as archive:
        for member in archive:
            if content := archive.extractfile(member):  # a folder has none
                yield member.name, content.read()


class _Hashed(BufferedReader):
    """A file that is hashed while it is read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb", buffering=0))
        self.digest = hashlib.sha256()

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size)
        self.digest.update(block)
        return block


def _damaged(archive: Path) -> DatasetError:
    return DatasetError(
        f"{archive} is not the archive it should be: delete it, then `grader data fetch cifar10` gets the official one"
    )


def _binary(members: dict[str, bytes]) -> dict[str, Tensor]:
    """Records of 3073 bytes: the label, then 1024 red, 1024 green and 1024 blue values, row by row."""
    batches = {"train": [f"data_batch_{number}" for number in range(1, 6)], "test": ["test_batch"]}
    arrays: dict[str, Tensor] = {}
    for split, names in batches.items():
        data = b"".join(members[f"cifar-10-batches-bin/{name}.bin"] for name in names)
        records = np.frombuffer(data, np.uint8).reshape(-1, 1 + 3 * 32 * 32)
        arrays |= _arrays(split, records[:, 1:].reshape(-1, *_SHAPE), records[:, 0])
    return arrays


def _jpeg(members: dict[str, bytes]) -> dict[str, Tensor]:
    """Files ``split/class/name.jpg``, by class and then by name."""
    arrays: dict[str, Tensor] = {}
    for split in _SPLITS:
        names = sorted(name for name in members if name.startswith(f"{split}/"))
        images = np.empty((len(names), *_SHAPE), np.uint8)
        for image, name in zip(images, names, strict=True):
            pixels = np.asarray(Image.open(BytesIO(members[name]), formats=["JPEG"]))  # (32, 32, 3)
            image[:] = pixels.transpose(2, 0, 1)
        labels = np.array([CLASSES.index(name.split("/")[1]) for name in names])
        arrays |= _arrays(split, images, labels)
    return arrays


def _arrays(split: str, images: NDArray[np.uint8], labels: NDArray[np.integer]) -> dict[str, Tensor]:
    return {
        f"{split}_images": torch.from_numpy(np.ascontiguousarray(images)),
        f"{split}_labels": torch.from_numpy(labels.astype(np.int64)),
    }
