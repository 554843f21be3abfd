"""Hostile submissions against the usual instructor, who is not root: tests that run as root change to such a user."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from class_runs import COURSE

from grader.sandbox import levels

NOBODY = 65534


@pytest.fixture
def home():
    """A folder of an ordinary user, outside pytest's own, which is closed to others."""
    folder = tempfile.mkdtemp(prefix="mlgrader-home-")
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(os.geteuid() != 0, reason="the other hostile tests run as an ordinary user already")
@pytest.mark.parametrize("level", ["bubblewrap", "process"])
def test_every_attack_on_an_ordinary_users_class_is_stopped(home, level):
    if reason := levels.LEVELS[level].obstacle():
        pytest.skip(reason)
    for needed in (Path(sys.prefix), Path(sys.base_prefix), COURSE):
        if any(not folder.stat().st_mode & 0o001 for folder in (needed, *needed.parents)):
            pytest.skip(f"an ordinary user cannot read {needed}")
    attack = [sys.executable, "-B", "-m", "grader", "doctor", "--attack", "--sandbox", level]
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "umask": 0o022}
    words = os.environ | {"HOME": home, "TMPDIR": home}
    ended = subprocess.run(attack, cwd=COURSE, env=words, capture_output=True, encoding="utf-8", check=False, **user)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-1000:]
