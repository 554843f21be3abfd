"""`grader data`: what it prints, and how it ends."""

import hashlib
import subprocess
import sys
import tomllib
from functools import partial

import pytest
from course_examples import ROOT, change, make_course, publish
from file_server import serving

from grader.cli import _EXTRAS
from grader.datasets.dataset import Version

CONTENT = b"0123456789" * 10_000


@pytest.fixture
def ended(ended, empty_cache):
    """`grader data ARGUMENTS` for a user without data: exit code, stdout, stderr."""
    return partial(ended, "data")


@pytest.fixture
def server(monkeypatch):
    """Serves three small files that stand for the real ones."""
    with serving({}) as server:
        for name, file in (("movielens", "ml.tar"), ("cifar10", "cifar-10-binary.tar.gz"), ("resnet18", "r18.pth")):
            server.files[f"/{file}"] = CONTENT + file.encode()
            publish(monkeypatch, name, f"{server.url}/{file}", server.files[f"/{file}"])
        yield server


def test_the_list_says_of_each_what_it_is_and_how_to_get_it(ended):
    code, out, err = ended("list")
    assert (code, err) == (0, "")
    lines = [line.strip() for line in out.splitlines()]
    assert lines[0].startswith("cifar10     CIFAR-10: 60,000 colour images")
    assert lines[0].endswith("(170 MB)")
    assert lines[1] == "not here: grader data fetch cifar10"
    assert "Cite Krizhevsky" in lines[2]
    assert "100,836 ratings" in lines[3]
    assert lines[4] == "not here: grader data fetch movielens"
    assert "Cite Harper and Konstan" in lines[5]
    assert "IMAGENET1K_V1" in lines[6]
    assert lines[7] == "not here: grader data fetch resnet18"


def test_the_list_says_where_data_are(ended, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    (tmp_path / "cifar10-jpg.tar.gz").write_bytes(b"")
    out = ended("list")[1]
    assert f"cifar10-jpg in GRADER_DATA: {tmp_path / 'cifar10-jpg.tar.gz'}\n" in out


@pytest.mark.parametrize("arguments", [(), ("list",), ("fetch",), ("check",)])
def test_every_help_has_an_example(ended, arguments):
    code, out, err = ended(*arguments, "--help")
    assert (code, err) == (0, "")
    assert "\n  Example" in out
    assert f"  grader data {' '.join(arguments)}".rstrip() in out


def test_fetch_brings_what_is_named_with_its_terms(ended, server, empty_cache):
    code, out, err = ended("fetch", "cifar10")
    kept = empty_cache / "mlgrader" / "cifar-10-binary.tar.gz"
    assert (code, err) == (0, "")
    assert [line.strip() for line in out.splitlines()] == [
        "cifar10     title of cifar10 (1 MB)",
        "terms of cifar10",
        f"stored in {kept}",
    ]
    assert kept.read_bytes() == server.files["/cifar-10-binary.tar.gz"]
    assert [path for path, _ in server.asked] == ["/cifar-10-binary.tar.gz"]


def test_fetch_without_names_brings_only_what_is_not_here(ended, server, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    (tmp_path / "ml.tar").touch()
    (tmp_path / "cifar10-jpg.tar.gz").write_bytes(b"")
    code, out, _ = ended("fetch", "--to", tmp_path)
    assert code == 0
    assert [line for line in out.splitlines() if not line.startswith(" ")] == ["resnet18    title of resnet18 (1 MB)"]
    assert (tmp_path / "r18.pth").is_file()


def test_what_was_fetched_is_found(ended, server):
    ended("fetch", "cifar10")
    assert "cifar-10-binary in cache" in ended("list")[1]
    assert ended("check")[0] == 0


def test_fetch_from_a_mirror(ended, server):
    server.files = {"/course/cifar-10-binary.tar.gz": server.files["/cifar-10-binary.tar.gz"]}
    assert ended("fetch", "cifar10")[0] == 1
    assert ended("fetch", "cifar10", "--mirror", f"{server.url}/course")[0] == 0


def test_a_failed_fetch_is_one_line_and_exit_code_1(ended, server):
    server.files["/cifar-10-binary.tar.gz"] = b"a page that says: log in first"
    code, _, err = ended("fetch", "cifar10")
    assert code == 1
    assert err.startswith("grader: ")
    assert "is not the published file" in err
    assert err.count("\n") == 1


def test_an_interrupted_fetch_says_how_to_go_on(ended, server, monkeypatch, empty_cache):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.datasets.download.fetch", interrupted)
    code, _, err = ended("fetch", "cifar10")
    assert code == 130
    assert err == "interrupted; the part already downloaded is kept: run the same command to resume\n"


def test_an_unknown_name_is_a_usage_error(ended):
    code, out, err = ended("fetch", "imagenet")
    assert (code, out) == (2, "")
    assert "movielens" in err


def test_check_without_data_says_so(ended):
    assert ended("check") == (0, "there are no real data sets here: get them with `grader data fetch`\n", "")


@pytest.fixture
def given(tmp_path, monkeypatch):
    """A GRADER_DATA whose MovieLens is as it should be."""
    folder = tmp_path / "given" / "ml-latest-small"
    folder.mkdir(parents=True)
    names = ("README.txt", "tags.csv", "movies.csv", "ratings.csv")
    pins = {name: hashlib.sha256(name.encode()).hexdigest() for name in names}
    for name in names:
        (folder / name).write_bytes(name.encode())
    (folder / "tags.csv").unlink()
    version = Version(places=("ml-latest-small",), sha256=pins, optional=("tags.csv",))
    change(monkeypatch, "movielens", versions={"ml-latest-small": version})
    monkeypatch.setenv("GRADER_DATA", str(folder.parent))
    return folder


def test_check_reads_every_file(ended, given):
    code, out, err = ended("check")
    assert (code, err) == (0, "")
    names = ("README.txt", "movies.csv", "ratings.csv")
    assert out.splitlines() == [f"ok    movielens   {given / name}" for name in names]


def test_check_says_which_file_is_wrong_and_what_to_do(ended, given):
    (given / "ratings.csv").write_bytes(b"other")
    (given / "README.txt").unlink()
    (given / "tags.csv").write_bytes(b"other")
    code, out, _ = ended("check")
    assert code == 1
    found = {line.split()[2].rpartition("/")[2]: line for line in out.splitlines()}
    repair = f"`grader data fetch movielens --to {given.parent}` gets it"
    assert found["movies.csv"].startswith("ok ")
    assert found["README.txt"] == f"WRONG movielens   {given / 'README.txt'} is missing: {repair}"
    for name in ("ratings.csv", "tags.csv"):
        digest = hashlib.sha256(b"other").hexdigest()
        assert found[name].startswith(f"WRONG movielens   {given / name} has SHA-256 {digest}, not ")
        assert found[name].endswith(f": delete it; {repair}")


def test_check_looks_at_data_that_other_data_go_before(ended, given, empty_cache):
    hidden = empty_cache / "mlgrader" / "ml-latest-small"
    hidden.mkdir(parents=True)
    code, out, _ = ended("check")
    assert code == 1
    assert f"WRONG movielens   {hidden / 'ratings.csv'} is missing: `grader data fetch movielens` gets it" in out


def test_check_of_a_version_that_cannot_be_fetched_names_the_one_that_can(ended, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    (tmp_path / "cifar10-jpg.tar.gz").write_bytes(b"other")
    code, out, _ = ended("check")
    assert code == 1
    assert out.rstrip().endswith("copy it again, or `grader data fetch cifar10` gets cifar-10-binary.tar.gz")


def test_a_course_without_data_sets_says_so(ended, tmp_path, monkeypatch):
    make_course(tmp_path / "small")
    monkeypatch.setenv("GRADER_COURSE", str(tmp_path / "small"))
    assert "this course has no data sets" in ended("list")[1]
    code, _, err = ended("fetch", "movielens")
    assert (code, err) == (2, "grader: no data set 'movielens'; there are: none\n")
    assert ended("fetch")[:2] == (0, "nothing to fetch: all data sets are here (see `grader data list`)\n")


def test_listing_and_finding_need_no_large_library():
    code = (
        "import sys\nfrom grader.cli import main\n"
        "try:\n    main(['data', 'list'])\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(ended.stderr.split()) & {"torch", "torchvision", "numpy", "pandas", "pooch", "requests", "PIL"}


def test_a_package_of_the_extra_author_that_is_missing_is_one_line_that_says_how_to_install_it():
    code = "import sys\nsys.modules['pooch'] = None\nfrom grader.cli import main\nmain(['data', 'fetch', 'movielens'])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "grader: this needs pooch, which is not installed: pip install 'mlgrader[author]'\n"


def test_the_packages_of_the_extra_author_are_those_that_the_message_knows():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for extra in ("author", "gradebook", "desk", "parquet", "pdf"):
        named = {package for package, one in _EXTRAS.items() if one == extra}
        packages = {words.partition(">")[0].replace("-", "_") for words in extras[extra]} - {"mlgrader[gradebook]"}
        assert packages == named
