"""Shared by the tests: the course of this repository, and one sandbox slot for the whole session."""

import signal
from pathlib import Path

import pytest
from course_examples import make_course

from grader.commands.new import command as new
from grader.course.catalog import Course
from grader.sandbox import levels
from grader.sandbox.slot import SlotSettings
from grader.vocabulary.check import MARK


def pytest_configure(config):
    # A job in the background ignores Ctrl-C, and so would whatever the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", f"{MARK}(spec): a graded check, where a test writes one")


@pytest.fixture(scope="session")
def course():
    return Course(Path(__file__).resolve().parents[1])


@pytest.fixture(scope="session")
def slot():
    """The strongest level that this machine gives: bubblewrap, or else `process`."""
    slot = levels.open_slot(levels.choose("auto"), SlotSettings(preload=("torch",)))
    yield slot
    slot.close()


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
