"""What a check's `datasets` is, in each profile."""

import hashlib

import pytest
import torch
from course_examples import DATASETS, change

from grader.datasets.catalog import DatasetCatalog
from grader.datasets.collection import Datasets, open_datasets, weights_among
from grader.datasets.dataset import Version
from grader.errors import CourseError, DatasetError


def test_mini_needs_nothing_and_is_made_once(empty_cache):
    datasets = Datasets(DATASETS, "mini")
    assert datasets.movielens.source == "planted"
    assert datasets.cifar10.source == "drawn"
    assert datasets.movielens is datasets.movielens
    assert datasets.cifar10 is datasets.cifar10
    assert not empty_cache.exists()


def test_mini_stays_mini_where_real_data_are(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    (tmp_path / "ml-latest-small").mkdir()
    assert Datasets(DATASETS, "mini").movielens.source == "planted"


def test_the_backbone_is_what_torch_home_holds_and_is_loaded_once(empty_cache):
    datasets = Datasets(DATASETS, "mini")
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
    datasets = Datasets(DATASETS, "full")
    assert datasets.movielens.source == "ml-latest-small"
    assert len(datasets.movielens.ratings) == 1
    (folder / "ratings.csv").unlink()
    assert len(datasets.movielens.ratings) == 1


@pytest.mark.parametrize(
    ("attribute", "name"), [("movielens",) * 2, ("cifar10",) * 2, ("torch_home", "resnet18"), ("backbone", "resnet18")]
)
def test_full_without_the_data_says_what_to_do(empty_cache, attribute, name):
    with pytest.raises(DatasetError, match=f"needs {name}, which is not here: run `grader data fetch {name}`"):
        getattr(Datasets(DATASETS, "full"), attribute)


def test_a_process_opens_each_profile_once():
    assert open_datasets(DATASETS, "mini") is open_datasets(DATASETS, "mini")
    assert open_datasets(DATASETS, "mini") is not open_datasets(DATASETS, "full")


def test_a_name_that_no_data_set_has_lists_those_there_are():
    with pytest.raises(CourseError, match="no data set 'movielnes'; did you mean 'movielens'"):
        _ = Datasets(DATASETS, "mini").movielnes
    assert not hasattr(Datasets(DATASETS, "mini"), "_private"), "copy and pickle ask for such names"


def own(folder, name, text):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(text)
    return DatasetCatalog(folder)


WEIGHTS = """
class Weights:
    about = None
    def mini(self): import no_such_package
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
        Datasets(DATASETS, "mini").torch_home_of("movielens")


def test_a_package_that_a_data_set_needs_is_named_with_the_command_that_installs_it(tmp_path):
    with pytest.raises(DatasetError, match="the data set small needs no_such_package: pip install no_such_package"):
        _ = Datasets(own(tmp_path / "sets", "small", WEIGHTS), "mini").small
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
