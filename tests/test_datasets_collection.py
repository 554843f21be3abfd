"""What a check's `datasets` is, in each profile."""

import hashlib

import pytest
import torch

from grader.datasets.collection import Datasets, open_datasets
from grader.datasets.published import PINS
from grader.errors import DatasetError


def test_mini_needs_nothing_and_is_made_once(empty_cache):
    datasets = Datasets("mini")
    assert datasets.movielens.source == "planted"
    assert datasets.cifar10.source == "drawn"
    assert datasets.movielens is datasets.movielens
    assert datasets.cifar10 is datasets.cifar10
    assert not empty_cache.exists()


def test_mini_stays_mini_where_real_data_are(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    (tmp_path / "ml-latest-small").mkdir()
    assert Datasets("mini").movielens.source == "planted"


def test_the_backbone_is_what_torch_home_holds_and_is_loaded_once(empty_cache):
    datasets = Datasets("mini")
    weights = torch.load(datasets.torch_home / "hub" / "checkpoints" / "resnet18-f37072fd.pth")
    assert torch.equal(datasets.backbone.conv1.weight, weights["conv1.weight"])
    assert datasets.backbone(torch.zeros(2, 3, 32, 32)).shape == (2, 512)
    assert datasets.backbone is datasets.backbone


def test_full_reads_the_real_files(empty_cache, tmp_path, monkeypatch):
    folder = tmp_path / "given" / "ml-latest-small"
    folder.mkdir(parents=True)
    ratings, movies = "userId,movieId,rating,timestamp\n1,3,4.0,12\n", "movieId,title,genres\n3,Heat (1995),Crime\n"
    for name, text in (("ratings.csv", ratings), ("movies.csv", movies)):
        (folder / name).write_text(text)
        monkeypatch.setitem(PINS, f"ml-latest-small/{name}", hashlib.sha256(text.encode()).hexdigest())
    monkeypatch.setenv("GRADER_DATA", str(folder.parent))
    datasets = Datasets("full")
    assert datasets.movielens.source == "ml-latest-small"
    assert len(datasets.movielens.ratings) == 1
    (folder / "ratings.csv").unlink()
    assert len(datasets.movielens.ratings) == 1


@pytest.mark.parametrize(("attribute", "name"), [("movielens",) * 2, ("cifar10",) * 2, ("torch_home", "resnet18")])
def test_full_without_the_data_says_what_to_do(empty_cache, attribute, name):
    with pytest.raises(DatasetError, match=f"needs {name}, which is not here: run `grader data fetch {name}`"):
        getattr(Datasets("full"), attribute)


def test_a_process_opens_each_profile_once():
    assert open_datasets("mini") is open_datasets("mini")
    assert open_datasets("mini") is not open_datasets("full")
