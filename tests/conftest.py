"""Shared by the tests: this repository's course, one sandbox slot for each process, and the order of the tests."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from browser_here import chromium
from course_examples import make_course

from grader.cli import main
from grader.commands.new import command as new
from grader.course.catalog import Course
from grader.sandbox import levels
from grader.sandbox.slot import SlotSettings
from grader.vocabulary.check import MARK
from grader.worker.limits import WorkerLimits
from grader.worker.preloading import WAITING_THREADS

# pytest-xdist gives each worker one whole file after another. The longest come first, so that no worker is left alone
# with one at the end.
LONGEST = (
    "test_hostile_own",
    "test_hostile_published",
    "test_sample_class_lab1",
    "test_bad_input",
    "test_cli",
    "test_autograder_zip",
    "test_first_steps",
    "test_desk_browser",
    "test_infrastructure",
    "test_resume",
    "test_limits",
    "test_calibrate",
    "test_pool",
    "test_authoring_docs",
    "test_sample_class_activity1",
    "test_sample_class_assignment2",
    "test_endings",
)


ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser):
    parser.addoption("--shuffle", type=int, metavar="SEED", help="draw the order of the tests in each file from SEED")


def pytest_report_header(config):
    seed = config.getoption("shuffle")
    return None if seed is None else f"order of tests: repeat it with --shuffle {seed}"


def pytest_configure(config):
    # A job in the background ignores Ctrl-C, and so would whatever the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", f"{MARK}(spec): a graded check, where a test writes one")
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ["OMP_NUM_THREADS"] = "1"  # each worker has one core; torch and numpy are not imported yet
    os.environ.update(WAITING_THREADS)


@pytest.hookimpl(tryfirst=True)  # pytest then groups by the parameters of shared fixtures
def pytest_collection_modifyitems(config, items):
    """Run the longest files first and, with --shuffle, the tests of each file in a drawn order."""
    seed = config.getoption("shuffle")
    if seed is not None:
        random.Random(seed).shuffle(items)
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (places.get(item.path.stem, len(places)), item.path))


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    if path is None:
        pytest.skip("Chromium is not installed here (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def course():
    return Course(ROOT)


@pytest.fixture(scope="session")
def slot():
    """The strongest level that this machine gives: bubblewrap, or else `process`."""
    slot = levels.open_slot(levels.choose("auto"), SlotSettings(preload=("torch",)))
    slot.worker(WorkerLimits()).close()  # its imports take seconds: no test pays for them, whichever comes first
    yield slot
    slot.close()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel of this checkout, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("mlgrader-*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """The environment of commands for which the wheel goes before this checkout, with the other packages as they are.

    The wheel has a folder of its own. In a virtual environment it would need a copy of torch: a sandbox sees the
    packages of one environment only.
    """
    home = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(home)]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GRADER_"))}
    return environment | {"PYTHONPATH": str(home), "PATH": f"{home / 'bin'}:{environment['PATH']}"}


@pytest.fixture
def ended(capfd, monkeypatch):
    """`grader ARGUMENTS` in this process: exit code, stdout, stderr."""
    monkeypatch.delenv("GRADER_DEBUG", raising=False)
    monkeypatch.delenv("GRADER_DB", raising=False)

    def call(*arguments):
        capfd.readouterr()
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        return caught.value.code, *capfd.readouterr()

    return call


@pytest.fixture
def demo(tmp_path, monkeypatch):
    """A small course of its own with one part, demo/warm_up, made by `grader new`, and this course's data sets."""
    made = make_course(tmp_path / "course", datasets=True)
    monkeypatch.setenv("GRADER_COURSE", str(made.root))
    new.callback("demo/warm_up")
    return made


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """A user without any real data: the cache is an empty folder, GRADER_DATA and TORCH_HOME are not set."""
    monkeypatch.delenv("GRADER_DATA", raising=False)
    monkeypatch.delenv("TORCH_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"
