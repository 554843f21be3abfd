"""`grader.worker.scratch`: folders are emptied, and what cannot be removed is not kept quiet."""

import os
import struct

import pytest

from grader.worker import scratch
from grader.worker.scratch import bytes_held, empty_folders


@pytest.fixture
def folder(tmp_path):
    """A folder as a student leaves it."""
    made = tmp_path / "scratch"
    (made / "a" / "b").mkdir(parents=True)
    (made / "a" / "b" / "file").write_text("x")
    (made / "file").write_text("x")
    return made


@pytest.mark.parametrize("shared", [False, True])
def test_whatever_is_in_a_folder_is_removed(folder, shared):
    assert empty_folders(*(([], [str(folder)]) if shared else ([str(folder)], [])))
    assert list(folder.iterdir()) == []


def test_folders_too_deep_to_be_named_are_more_than_any_limit(folder):
    assert bytes_held([str(folder)]) < 1 << 20
    here = os.open(folder, os.O_RDONLY)
    for _ in range(30):  # of 200 characters each; a path has 4096 at most
        os.mkdir("d" * 200, dir_fd=here)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    assert bytes_held([str(folder)]) > 1 << 50
    assert empty_folders([str(folder)])
    assert list(folder.iterdir()) == []


def test_a_folder_gets_back_the_times_mode_and_attributes_of_a_new_one(folder):
    os.setxattr(folder, "user.word", b"secret")
    os.setxattr(folder, "system.posix_acl_default", access_list())
    os.utime(folder, ns=(12345, 54321))
    folder.chmod(0o751)
    assert empty_folders([str(folder)])
    found = folder.stat()
    assert (found.st_mode & 0o777, found.st_mtime_ns) == (0o700, 0)
    assert found.st_atime_ns != 12345  # looking into it sets it again
    assert not [name for name in os.listxattr(folder) if not name.startswith("security.")]


def access_list():
    """A default ACL under which a new file is closed to its owner (linux/posix_acl_xattr.h)."""
    entries = ((0x01, 0), (0x04, 0), (0x20, 0))  # the user, the group, others
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, may, 0xFFFFFFFF) for tag, may in entries)


@pytest.mark.parametrize("refused", ["unlink", "rmdir"])
@pytest.mark.parametrize("shared", [False, True])
def test_what_cannot_be_removed_makes_the_folder_unclean(folder, shared, refused, monkeypatch):
    def refuse(path):
        raise PermissionError(1, "Operation not permitted", path)

    monkeypatch.setattr(os, refused, refuse)
    assert not empty_folders(*(([], [str(folder)]) if shared else ([str(folder)], [])))


@pytest.mark.parametrize("shared", [False, True])
def test_what_appears_again_after_it_was_removed_makes_the_folder_unclean(folder, shared, monkeypatch):
    monkeypatch.setattr(scratch, "_empty", lambda *_: None)
    assert not empty_folders(*(([], [str(folder)]) if shared else ([str(folder)], [])))


def test_a_file_of_another_user_in_a_shared_folder_is_neither_removed_nor_counted(folder, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    assert empty_folders([], [str(folder)])
    assert {path.name for path in folder.iterdir()} == {"a", "file"}


def test_a_folder_that_is_gone_or_now_a_link_is_made_anew(tmp_path):
    gone, link = tmp_path / "gone", tmp_path / "link"
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "kept").write_text("x")
    link.symlink_to(tmp_path / "target")
    assert empty_folders([str(gone), str(link)])
    assert gone.is_dir()
    assert link.is_dir()
    assert not link.is_symlink()
    assert (tmp_path / "target" / "kept").exists()
