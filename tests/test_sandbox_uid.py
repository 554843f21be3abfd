"""Level `uid`: users for slots. What its workers can and cannot do is in test_sandbox_contract and test_hostile."""

import os
import sys
from pathlib import Path

import pytest

from grader.errors import OutOfMemory, SandboxError
from grader.sandbox import environment
from grader.sandbox.calls import Calls
from grader.sandbox.environment import claim_uid
from grader.sandbox.slot import SlotSettings
from grader.sandbox.uid import OwnUser
from grader.worker.limits import WorkerLimits
from grader.worker.scratch import bytes_held, empty_folders


def test_no_two_slots_have_the_same_user_until_one_is_closed(monkeypatch):
    monkeypatch.setattr(environment, "UIDS", range(61184, 61186))
    (first, one), (second, two) = claim_uid(), claim_uid()
    assert {first, second} == {61184, 61185}
    with pytest.raises(SandboxError, match="all 2 users for sandboxes are taken"):
        claim_uid()
    one.close()
    third, three = claim_uid()
    assert third == first
    two.close()
    three.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_closed_folder_above_python_is_named(tmp_path, monkeypatch):
    inside = tmp_path / "closed" / "python"
    inside.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    monkeypatch.setattr(sys, "prefix", str(inside))
    monkeypatch.setattr(sys, "base_prefix", str(inside))
    words = OwnUser().obstacle()  # names the outermost: pytest's own folder is closed too
    assert words.startswith("an unprivileged user cannot enter /")
    assert words.endswith(f", and so cannot read {inside}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root can become another user")
def test_without_root_it_cannot_be_had():
    assert OwnUser().obstacle() == "only root can become another user"


@pytest.fixture
def slot():
    if reason := OwnUser().obstacle():
        pytest.skip(reason)
    one = OwnUser().open_slot(SlotSettings(preload=("torch",)))
    yield one
    one.close()


def called(slot, source, *args, **limits):
    calls = Calls(slot, WorkerLimits(**limits))
    try:
        calls.load({"part.py": source}, "part.py", {"f": []}, seed=0, seconds=30)
        return calls.call("f", args, {}, seed=0, seconds=30).value
    finally:
        calls.close()


def test_shared_memory_that_a_worker_left_is_removed_and_nobody_elses(slot, tmp_path):
    ours = Path("/dev/shm/mlgrader-test-of-ours")
    ours.write_text("ours")
    left = b"""
import os
def f():
    os.makedirs("/dev/shm/mlgrader-test-left/in/side")
    for path in ("/dev/shm/mlgrader-test-file", "/dev/shm/mlgrader-test-left/in/side/file"):
        open(path, "w").write("for the next")
    os.chmod("/dev/shm/mlgrader-test-left/in", 0)
"""
    try:
        called(slot, left)
        found = called(slot, b"import os\ndef f(): return os.listdir('/dev/shm')")
        assert "mlgrader-test-of-ours" in found
        assert not {"mlgrader-test-left", "mlgrader-test-file"} & set(found)
    finally:
        ours.unlink()


def test_shared_memory_counts_as_memory(slot):
    hog = b"""
import os, time
def f():
    os.mkdir("/dev/shm/mlgrader-test-hog")
    for number in range(8):
        with open(f"/dev/shm/mlgrader-test-hog/{number}", "wb") as file: file.write(bytes(16 << 20))
    os.chmod("/dev/shm/mlgrader-test-hog", 0)
    time.sleep(30)
"""
    with pytest.raises(OutOfMemory, match="used more than the 100 MB"):
        called(slot, hog, memory_bytes=100 << 20)
    assert called(slot, b"def f(): return 1") == 1
    assert not Path("/dev/shm/mlgrader-test-hog").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
def test_of_a_folder_that_is_shared_only_what_is_our_own_is_removed_and_counted(tmp_path):
    for name, owner in (("mine", 0), ("theirs", 61184)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "file").write_bytes(b"x" * 10_000)
        os.chown(folder, owner, owner)
    assert 10_000 + 4096 <= bytes_held([str(tmp_path)]) <= 12_288 + 2 * 4096
    assert empty_folders([], [str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]
    assert (tmp_path / "theirs" / "file").exists()
    assert bytes_held([str(tmp_path)]) == 0
