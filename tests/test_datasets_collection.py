"""What a check's `datasets` is, in each profile."""

import hashlib
from itertools import combinations

import pytest
import torch
from course_examples import DATASETS, change

from grader.datasets.catalog import DatasetCatalog
from grader.datasets.collection import Datasets, weights_among
from grader.datasets.dataset import Version
from grader.errors import CourseError, DatasetError


def test_mini_needs_nothing_and_is_made_once(empty_cache):
    datasets = Datasets(DATASETS, "mini", 1)
    assert datasets.movielens.source == "planted"
    assert datasets.cifar10.source == "drawn"
    assert datasets.movielens is datasets.movielens
    assert datasets.cifar10 is datasets.cifar10
    assert not empty_cache.exists()


def test_mini_stays_mini_where_real_data_are(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    (tmp_path / "ml-latest-small").mkdir()
    assert Datasets(DATASETS, "mini", 1).movielens.source == "planted"


def test_the_backbone_is_what_torch_home_holds_and_is_loaded_once(empty_cache):
    datasets = Datasets(DATASETS, "mini", 1)
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
    pins = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("ratings.csv", "movies.csv")}
    version = Version(places=("ml-latest-small",), sha256=pins)
    change(monkeypatch, "movielens", versions={"ml-latest-small": version})
    monkeypatch.setenv("GRADER_DATA", str(folder.parent))
    datasets = Datasets(DATASETS, "full", 1)
    assert datasets.movielens.source == "ml-latest-small"
    assert len(datasets.movielens.ratings) == 1
    (folder / "ratings.csv").unlink()
    assert len(datasets.movielens.ratings) == 1


@pytest.mark.parametrize(
    ("attribute", "name"), [("movielens",) * 2, ("cifar10",) * 2, ("torch_home", "resnet18"), ("backbone", "resnet18")]
)
def test_full_without_the_data_says_what_to_do(empty_cache, attribute, name):
    with pytest.raises(DatasetError, match=f"needs {name}, which is not here: run `grader data fetch {name}`"):
        getattr(Datasets(DATASETS, "full", 1), attribute)


def test_a_class_shares_its_stand_ins_and_another_seed_or_draw_has_others():
    one, again = Datasets(DATASETS, "mini", 1), Datasets(DATASETS, "mini", 1)
    assert one.movielens is again.movielens, "made once in a process"
    others = [
        Datasets(DATASETS, "mini", 2),
        Datasets(DATASETS, "mini", 1, draw=2),
        Datasets(DATASETS, "mini", 2**32 + 1),
    ]
    seen = [one.movielens.ratings, *(other.movielens.ratings for other in others)]
    assert not any(left.equals(right) for left, right in combinations(seen, 2))
    assert all(other.backbone is one.backbone for other in others), "the weights are no secret, and are mounted once"


def test_images_of_another_seed_share_no_image_and_neither_do_training_and_testing():
    found = [Datasets(DATASETS, "mini", seed).cifar10 for seed in (1, 2)]
    sets = [{bytes(image.flatten().tolist()) for image in images[:150]} for one in found for images in
            (one.train_images, one.test_images)]  # fmt: skip
    assert not any(left & right for left, right in combinations(sets, 2))


def test_real_data_are_read_once_whatever_the_seed(empty_cache, tmp_path, monkeypatch):
    folder, text = tmp_path / "ml-latest-small", "movieId,title,genres\n3,Heat (1995),Crime\n"
    folder.mkdir()
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,3,4.0,12\n")
    (folder / "movies.csv").write_text(text)
    pins = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("ratings.csv", "movies.csv")}
    change(monkeypatch, "movielens", versions={"ml-latest-small": Version(places=("ml-latest-small",), sha256=pins)})
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    assert Datasets(DATASETS, "full", 1).movielens is Datasets(DATASETS, "full", 2, draw=3).movielens


def test_a_name_that_no_data_set_has_lists_those_there_are():
    with pytest.raises(CourseError, match="no data set 'movielnes'; did you mean 'movielens'"):
        _ = Datasets(DATASETS, "mini", 1).movielnes
    assert not hasattr(Datasets(DATASETS, "mini", 1), "_private"), "copy and pickle ask for such names"


def own(folder, name, text):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(text)
    return DatasetCatalog(folder)


WEIGHTS = """
class Weights:
    about = None
    def mini(self, seed): import no_such_package
    def read(self, source): return None
    def torch_home(self, source): return source
dataset = Weights()
"""


def test_only_one_data_set_can_be_torch_home(tmp_path):
    own(tmp_path / "sets", "small", WEIGHTS)
    catalog = own(tmp_path / "sets", "large", WEIGHTS)
    assert weights_among(catalog, ("small", "small")) == ("small",)
    assert weights_among(DATASETS, ("movielens", "cifar10")) == ()
    with pytest.raises(CourseError, match="small and large would both be TORCH_HOME"):
        weights_among(catalog, ("small", "large"))
    with pytest.raises(CourseError, match="movielens holds no pretrained weights"):
        Datasets(DATASETS, "mini", 1).torch_home_of("movielens")


def test_a_package_that_a_data_set_needs_is_named_with_the_command_that_installs_it(tmp_path):
    with pytest.raises(DatasetError, match="the data set small needs no_such_package: pip install no_such_package"):
        _ = Datasets(own(tmp_path / "sets", "small", WEIGHTS), "mini", 1).small
    with pytest.raises(CourseError, match=r"early\.py needs no_such_package: pip install no_such_package"):
        own(tmp_path / "sets", "early", "import no_such_package")["early"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dataset = 3", "odd.py defines no `dataset` with about, mini and read"),
        ("", "odd.py defines no `dataset`"),
        ("dataset = (", "odd.py cannot be loaded: SyntaxError"),
        ("from ._missing import thing", "odd.py cannot be loaded: No module named"),
        ("1 / 0", "odd.py cannot be loaded: ZeroDivisionError"),
    ],
)
def test_a_file_that_is_no_data_set_is_an_error_that_names_it(tmp_path, text, words):
    with pytest.raises(CourseError, match=words):
        own(tmp_path / "sets", "odd", text)["odd"]


def test_files_of_data_sets_import_each_other_and_two_courses_may_have_the_same_names(tmp_path):
    for number in (1, 2):
        own(tmp_path / f"sets{number}", "_made", f"NUMBER = {number}")
        own(tmp_path / f"sets{number}", "small", f"from ._made import NUMBER\n{WEIGHTS}")
    catalogs = [DatasetCatalog(tmp_path / f"sets{number}") for number in (1, 2)]
    assert [catalog.names for catalog in catalogs] == [("small",)] * 2
    assert [[path.name for path in catalog.source_files] for catalog in catalogs] == [["_made.py", "small.py"]] * 2
    assert [catalog.module("small").NUMBER for catalog in catalogs] == [1, 2]
