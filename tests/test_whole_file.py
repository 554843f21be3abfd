"""`grader.files.whole_file`: a file is written whole, or what was there stays."""

import subprocess
import sys

import pytest

from grader.files import whole_file

# A limit on the size of files is as good as a full disk, and needs no disk to fill.
WRITE_TOO_MUCH = """
import resource, sys
from pathlib import Path
from grader.files import whole_file
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    whole_file.write(Path(sys.argv[1]), b"x" * 5000)
except OSError:
    sys.exit(3)
"""


def test_a_file_is_made_and_replaced(tmp_path):
    path = tmp_path / "summary.json"
    for content in (b"longer than the next", b"short"):
        whole_file.write(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_there_stays_where_there_is_no_room(tmp_path):
    path = tmp_path / "summary.json"
    path.write_bytes(b"old")
    ended = subprocess.run([sys.executable, "-c", WRITE_TOO_MUCH, str(path)], check=False)
    assert ended.returncode == 3
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_never_takes_the_place_of_another(tmp_path):
    path = tmp_path / "attempt.json"
    assert whole_file.write_new(path, b"first")
    assert not whole_file.write_new(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_is_not_there_where_there_is_no_room(tmp_path):
    path = tmp_path / "attempt.json"
    code = WRITE_TOO_MUCH.replace("whole_file.write(", "whole_file.write_new(")
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 3
    assert list(tmp_path.iterdir()) == []


def test_a_maker_that_fails_leaves_what_was_there_and_no_draft(tmp_path):
    path = tmp_path / "images.safetensors"

    def broken(draft):
        draft.write_bytes(b"half")
        raise ValueError("no such member")

    with pytest.raises(ValueError, match="no such member"):
        whole_file.make(path, broken)
    assert list(tmp_path.iterdir()) == []
    whole_file.make(path, lambda draft: draft.write_bytes(b"first"))
    with pytest.raises(ValueError, match="no such member"):
        whole_file.make(path, broken)
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]
