"""Where real data are found, and which version a run uses."""

import subprocess
import sys
from pathlib import Path

import pytest
from course_examples import DATASETS

from grader.datasets import folders
from grader.datasets.dataset import Source
from grader.datasets.use import DataUse
from grader.errors import DatasetError, UsageError

WEIGHTS = "resnet18-f37072fd.pth"


def use(parts, profile):
    return DataUse(DATASETS, tuple(map(tuple, parts)), profile)


def put(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


@pytest.fixture
def given(tmp_path, monkeypatch):
    """The folder that GRADER_DATA names."""
    folder = tmp_path / "given"
    folder.mkdir()
    monkeypatch.setenv("GRADER_DATA", str(folder))
    return folder


@pytest.mark.parametrize("name", DATASETS.names)
def test_nothing_is_found_where_nothing_is(empty_cache, name):
    assert DATASETS.find(name) is None
    assert DATASETS.find_all(name) == []


def test_grader_data_goes_before_the_cache(empty_cache, given):
    put(empty_cache / "mlgrader", "ml-latest-small/ratings.csv", "cifar-10-binary.tar.gz")
    assert DATASETS.find("movielens").origin == "cache"
    put(given, "ml-latest-small/ratings.csv", "cifar10-jpg.tar.gz")
    assert DATASETS.find("movielens") == Source(
        "movielens", "ml-latest-small", given / "ml-latest-small", "GRADER_DATA"
    )
    cifar10 = [(source.version, source.origin) for source in DATASETS.find_all("cifar10")]
    assert cifar10 == [("cifar10-jpg", "GRADER_DATA"), ("cifar-10-binary", "cache")]


def test_in_one_folder_the_official_version_goes_before_another(empty_cache, given):
    put(given, "cifar10-jpg.tar.gz", "cifar-10-binary.tar.gz")
    assert DATASETS.find("cifar10").version == "cifar-10-binary"
    put(given, "weights/resnet18-tinyimagenet64.safetensors")
    assert DATASETS.find("resnet18").version == "tinyimagenet64"
    put(given, f"weights/{WEIGHTS}")
    assert DATASETS.find("resnet18").version == "imagenet"


@pytest.mark.parametrize("place", [WEIGHTS, f"weights/{WEIGHTS}", f"hub/checkpoints/{WEIGHTS}"])
def test_weights_are_found_flat_and_as_torchvision_lays_them_out(empty_cache, given, place):
    put(given, place)
    assert DATASETS.find("resnet18").path == given / place


def test_weights_are_found_where_torchvision_keeps_them(empty_cache, tmp_path, monkeypatch):
    put(empty_cache / "torch/hub/checkpoints", WEIGHTS)
    found = DATASETS.find("resnet18")
    assert (found.version, found.origin) == ("imagenet", "torch's cache")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "elsewhere"))
    assert DATASETS.find("resnet18") is None
    put(tmp_path / "elsewhere/hub/checkpoints", WEIGHTS)
    assert DATASETS.find("resnet18").path.is_relative_to(tmp_path / "elsewhere")


def test_the_cache_is_below_the_home_folder_by_default(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert folders.user_cache() == Path.home() / ".cache" / "mlgrader"


def test_a_wrong_grader_data_is_said_and_not_passed_over(empty_cache, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path / "no_such"))
    with pytest.raises(UsageError, match="no_such, which is no folder"):
        DATASETS.find("movielens")


def test_full_needs_every_data_set_that_is_named(empty_cache, given):
    put(given, "ml-latest-small/ratings.csv")
    assert DATASETS.effective_profile(["movielens"], "full") == "full"
    assert DATASETS.effective_profile(["movielens", "cifar10"], "full") == "mini"
    assert DATASETS.effective_profile(["movielens"], "mini") == "mini"
    assert DATASETS.effective_profile([], "full") == "full"


def test_a_run_says_what_it_uses(empty_cache, given):
    put(given, "ml-latest-small/ratings.csv")
    assert use([["movielens"], ["cifar10"], [], ["movielens"]], "full").lines() == [
        "movielens: ml-latest-small in GRADER_DATA",
        "cifar10: mini (drawn; `grader data fetch cifar10` gets the real one)",
    ]
    assert use([["movielens", "resnet18"]], "mini").lines() == [
        "movielens: mini (planted)",
        "resnet18: mini (seeded stand-in)",
    ]


def test_what_is_here_is_not_used_by_a_part_that_lacks_another(empty_cache, given):
    put(given, "cifar10-jpg.tar.gz")
    networks = [["cifar10", "resnet18"], ["cifar10", "resnet18"]]
    assert use(networks, "full").lines() == [
        "cifar10: mini (drawn, for want of resnet18)",
        "resnet18: mini (seeded stand-in; `grader data fetch resnet18` gets the real one)",
    ]
    assert use(networks, "full").origins() == {"cifar10": "drawn", "resnet18": "seeded stand-in"}
    assert use(networks, "full").real() == ()
    put(given, WEIGHTS)
    assert use(networks, "full").real() == ("cifar10", "resnet18")
    assert use(networks, "full").origins() == {"cifar10": "cifar10-jpg", "resnet18": "imagenet"}


def test_parts_of_one_run_may_use_different_versions(empty_cache, given):
    put(given, "cifar10-jpg.tar.gz")
    parts = [["cifar10", "resnet18"], ["cifar10"]]
    assert use(parts, "full").lines()[:2] == [
        "cifar10: cifar10-jpg in GRADER_DATA",
        "cifar10: mini (drawn, for want of resnet18)",
    ]
    assert use(parts, "full").origins() == {"cifar10": "cifar10-jpg and drawn", "resnet18": "seeded stand-in"}
    assert use(parts, "full").real() == ("cifar10",)
    assert use(parts, "mini").real() == ()


def test_weights_that_all_parts_find_in_one_place_are_of_one_profile(empty_cache, given):
    parts = [["cifar10", "resnet18"], ["resnet18"]]
    assert use(parts, "full").profile_of("resnet18") == "mini"
    put(given, WEIGHTS)
    with pytest.raises(DatasetError, match="others, for want of cifar10, not: run `grader data fetch cifar10`"):
        use(parts, "full").profile_of("resnet18")
    assert use(parts, "mini").profile_of("resnet18") == "mini"
    put(given, "cifar10-jpg.tar.gz")
    assert use(parts, "full").profile_of("resnet18") == "full"


def test_looking_needs_no_large_library():
    code = "import sys, grader.datasets.catalog, grader.datasets.use\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not set(loaded) & {"torch", "numpy", "pandas", "pooch", "requests"}
