"""CIFAR-10 from each of its archives: the right pixels and labels, read once, and nothing from an unknown archive."""

import dataclasses
import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest
import torch
from course_examples import DATASETS
from PIL import Image

from grader.datasets.dataset import Source
from grader.errors import DatasetError

cifar10, drawn = DATASETS.module("_images"), DATASETS.module("_drawn")
perturbed = DATASETS.module("_perturbed").perturbed


def pack(path, files, tail=b""):
    with tarfile.open(path, "w:gz") as archive:
        folder = tarfile.TarInfo("train")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    with path.open("ab") as file:
        file.write(tail)


def pinned(path):
    pins = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}
    return Source("cifar10", path.name.removesuffix(".tar.gz"), path, "GRADER_DATA", pins)


@pytest.fixture
def binary(tmp_path, empty_cache):
    """Two images in each of the five training batches and three to test, in the official layout."""
    rng = torch.Generator().manual_seed(0)
    images = torch.randint(256, (13, 3, 32, 32), generator=rng, dtype=torch.uint8)
    labels = torch.tensor([3, 0, 9, 9, 1, 2, 5, 7, 8, 6, 4, 0, 3])
    records = [bytes([label]) + bytes(image.flatten().tolist()) for label, image in zip(labels, images, strict=True)]
    files = {f"data_batch_{n}.bin": b"".join(records[2 * n - 2 : 2 * n]) for n in (5, 1, 2, 3, 4)}
    files |= {"test_batch.bin": b"".join(records[10:]), "readme.html": b"<html>"}
    path = tmp_path / "cifar-10-binary.tar.gz"
    pack(path, {f"cifar-10-batches-bin/{name}": content for name, content in files.items()})
    return pinned(path), images, labels


@pytest.fixture
def jpeg(tmp_path, empty_cache):
    """One plain colour for each image, in no order at all."""
    files = {}
    for name, level in (
        ("test/ship/0002.jpg", 20),
        ("train/truck/0007.jpg", 40),
        ("train/airplane/0009.jpg", 60),
        ("test/cat/0005.jpg", 80),
        ("train/airplane/0001.jpg", 100),
    ):
        encoded = io.BytesIO()
        Image.new("RGB", (32, 32), (level, level, level)).save(encoded, "jpeg")
        files[name] = encoded.getvalue()
    path = tmp_path / "cifar10-jpg.tar.gz"
    pack(path, files, tail=b"\0" * 100_000)
    return pinned(path)


def test_binary_records_become_images_in_their_order(binary):
    source, images, labels = binary
    found = cifar10.read(source)
    assert torch.equal(found.train_images, images[:10])
    assert torch.equal(found.train_labels, labels[:10])
    assert torch.equal(found.test_images, images[10:])
    assert torch.equal(found.test_labels, labels[10:])
    assert found.train_images.dtype == torch.uint8
    assert found.train_labels.dtype == torch.int64
    assert (found.source, found.classes[3], len(found.classes)) == ("cifar-10-binary", "cat", 10)


def test_jpeg_files_are_ordered_by_class_and_name(jpeg):
    found = cifar10.read(jpeg)
    assert found.train_labels.tolist() == [0, 0, 9]
    assert found.train_images[:, 0, 0, 0].tolist() == [100, 60, 40]
    assert found.test_labels.tolist() == [3, 8]
    assert found.test_images[:, 2, 31, 31].tolist() == [80, 20]
    assert found.train_images.shape == (3, 3, 32, 32)
    assert found.source == "cifar10-jpg"


@pytest.mark.parametrize("kind", ["binary", "jpeg"])
def test_an_archive_is_read_once(kind, request):
    made = request.getfixturevalue(kind)
    source = made[0] if kind == "binary" else made
    first = cifar10.read(source)
    source.path.unlink()
    again = cifar10.read(source)
    for name in ("train_images", "train_labels", "test_images", "test_labels"):
        assert torch.equal(getattr(first, name), getattr(again, name)), name


def test_arrays_are_mapped_and_a_write_never_reaches_the_file(jpeg):
    cifar10.read(jpeg).train_images.zero_()
    found = cifar10.read(jpeg)
    assert found.train_images.any()
    assert "cifar10-jpg" in Path("/proc/self/maps").read_text()


@pytest.mark.parametrize("damage", ["other", "cut", "text"])
def test_an_unknown_archive_is_refused_and_nothing_is_kept(jpeg, empty_cache, damage):
    content = jpeg.path.read_bytes()
    jpeg.path.write_bytes({"other": content + b"!", "cut": content[: len(content) // 200], "text": b"hello"}[damage])
    with pytest.raises(DatasetError, match=r"cifar10-jpg.tar.gz is not the archive it should be: delete it"):
        cifar10.read(jpeg)
    assert not list(empty_cache.rglob("*.safetensors"))


def test_the_drawn_images_of_a_seed_are_the_same_everywhere_and_training_is_not_testing():
    found = cifar10.drawn_images(3)
    assert found.train_images.shape[1:] == found.test_images.shape[1:] == (3, 32, 32)
    assert found.classes == drawn.CLASSES
    assert found.source == "drawn"
    for labels in (found.train_labels, found.test_labels):
        assert len(set(labels.bincount().tolist())) == 1
        assert labels.max() == 9
    assert torch.equal(found.train_images, cifar10.drawn_images(3).train_images)
    train = {bytes(image.flatten().tolist()) for image in found.train_images[:200]}
    assert not train & {bytes(image.flatten().tolist()) for image in found.test_images[:200]}


def test_folds_hold_as_many_of_every_class_and_begin_again_when_all_images_are_used():
    found = cifar10.drawn_images(3)
    rng = torch.Generator().manual_seed(0)
    folds = [found.fold("train", 30, number, rng=rng) for number in range(4)]
    for images, labels in folds:
        assert labels.bincount().tolist() == [30] * 10
        assert images.shape == (300, 3, 32, 32)
    seen = [{bytes(image.flatten().tolist()) for image in images} for images, _ in folds]
    assert not seen[0] & seen[1]
    assert not seen[1] & seen[2]
    assert seen[3] == seen[0], "of 100 images 3 folds of 30 can be made"
    image, label = folds[1][0][45], folds[1][1][45]
    assert found.train_labels[(found.train_images == image).flatten(1).all(dim=1)].tolist() == [int(label)]
    assert len(found.fold("test", 5, rng=rng)[0]) == 50


def test_the_place_of_an_image_says_nothing_about_its_class():
    found = cifar10.drawn_images(3)
    by_class = torch.arange(10).repeat_interleave(50)
    orders = [found.fold("test", 50, rng=torch.Generator().manual_seed(seed))[1] for seed in (1, 1, 2)]
    assert torch.equal(orders[0], orders[1])
    for order, known in ((orders[0], by_class), (orders[0], orders[2]), (orders[2], found.test_labels)):
        # Of 500 labels 50 agree by chance, give or take 7.
        assert 20 < int((order == known).sum()) < 80


def test_published_images_are_handed_over_changed_and_drawn_ones_as_they_are(jpeg):
    drawn_ones = cifar10.drawn_images(3)
    published = dataclasses.replace(drawn_ones, published=True)
    folds = [published.fold("test", 20, rng=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    (images, labels), again, others = folds
    originals, same_labels = drawn_ones.fold("test", 20, rng=torch.Generator().manual_seed(1))
    assert torch.equal(labels, same_labels), "the order is drawn first: image and label belong together"
    assert torch.equal(images, again[0])
    assert not torch.equal(images.sum(dim=0), others[0].sum(dim=0))
    assert not (images == originals).flatten(1).all(dim=1).any()
    assert images.shape == originals.shape
    assert images.dtype == torch.uint8
    assert cifar10.read(jpeg).published
    assert not drawn_ones.published


def test_what_is_in_a_changed_image_stays():
    """A bright spot stays one, near its place or that of its reflection, and no image is changed like the next."""
    images = torch.zeros(500, 3, 32, 32, dtype=torch.uint8)
    images[:, :, 8:12, 10:14] = 200
    changed = perturbed(images, torch.Generator().manual_seed(4)).float()
    bright = (changed.mean(dim=1) > 100).float()
    assert bright.sum(dim=(1, 2)).tolist() == [16.0] * 500, "moved, not resized or cut"
    rows = (bright.amax(dim=2) * torch.arange(32)).sum(dim=1) / 4
    columns = (bright.amax(dim=1) * torch.arange(32)).sum(dim=1) / 4
    assert {*rows.tolist()} == {9.5 + step for step in range(-4, 5)}
    assert {*columns.tolist()} == {middle + step for middle in (11.5, 19.5) for step in range(-4, 5)}
    assert len({tuple(image.flatten().tolist()) for image in changed}) == 500


@pytest.mark.slow
@pytest.mark.skipif("GRADER_DATA" not in os.environ, reason="needs real data: set GRADER_DATA")
def test_the_real_archive():
    source = next((source for source in DATASETS.find_all("cifar10") if source.version == "cifar10-jpg"), None)
    if source is None:
        pytest.skip("GRADER_DATA has no cifar10-jpg.tar.gz")
    found = cifar10.read(source)
    assert found.train_labels.bincount().tolist() == [5000] * 10
    assert found.test_labels.bincount().tolist() == [1000] * 10
    mean = found.train_images[::7].float().mean((0, 2, 3)) / 255
    assert mean.tolist() == pytest.approx([0.4914, 0.4822, 0.4465], abs=0.003)  # the well known means of CIFAR-10
