"""`grader.intake.submission`: what a student handed in becomes bytes by path."""

import hashlib
import os
import socket
from pathlib import Path

import pytest
from handed_in import write, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import IntakeRefused
from grader.intake.archive import IntakeLimits
from grader.intake.submission import take_in

WORK = {"score_matrix.py": b"import torch\n", "sub/notes.txt": b"hello", "empty.py": b""}


def test_a_folder_a_zip_and_a_wrapped_zip_are_the_same_submission(tmp_path):
    folder = write(tmp_path / "alice", WORK)
    plain, wrapped = tmp_path / "bob.zip", tmp_path / "Carol_LATE_1.ZIP"
    plain.write_bytes(zipped(WORK))
    wrapped.write_bytes(zipped({f"submission 3/{path}": content for path, content in WORK.items()}))
    taken = [take_in(path) for path in (folder, plain, wrapped)]
    assert [submission.name for submission in taken] == ["alice", "bob", "Carol_LATE_1"]
    assert [submission.source for submission in taken] == [folder, plain, wrapped]
    assert all(submission.files == WORK for submission in taken)
    assert all(list(submission.files) == sorted(WORK) for submission in taken)
    assert len({submission.sha256 for submission in taken}) == 1
    assert all(submission.notices == () for submission in taken)


def test_the_files_of_a_submission_cannot_be_changed(tmp_path):
    submission = take_in(write(tmp_path, WORK))
    with pytest.raises(TypeError):
        submission.files["score_matrix.py"] = b"better"


def test_the_fingerprint_is_the_documented_one(tmp_path):
    submission = take_in(write(tmp_path, {"é.py": b"12", "b": b""}))
    pieces = [b"b", b"", "é.py".encode(), b"12"]
    expected = hashlib.sha256(b"".join(len(piece).to_bytes(8, "big") + piece for piece in pieces))
    assert submission.sha256 == expected.hexdigest()


name = st.text("ab", min_size=1, max_size=2)
small = st.dictionaries(name, st.binary(max_size=3).map(lambda b: b.replace(b"\0", b"a")), min_size=1, max_size=3)


@given(small, small)
@settings(database=None, deadline=None)
def test_only_equal_submissions_share_a_fingerprint(tmp_path_factory, one, other):
    taken = []
    for files in (one, other):
        path = tmp_path_factory.mktemp("zips") / "s.zip"
        path.write_bytes(zipped(files))
        taken.append(take_in(path))
    assert (taken[0].sha256 == taken[1].sha256) == (one == other)


def test_only_one_wrapping_folder_that_holds_everything_is_stripped(tmp_path):
    assert set(take_in(write(tmp_path / "a", {"x/y/a.py": b"", "x/y/b.py": b""})).files) == {
        "y/a.py",
        "y/b.py",
    }
    beside = {"x/a.py": b"", "readme": b""}
    assert set(take_in(write(tmp_path / "b", beside)).files) == set(beside)
    two = {"x/a.py": b"", "xy/a.py": b""}
    assert set(take_in(write(tmp_path / "c", two)).files) == set(two)


def test_one_file_is_a_submission(tmp_path):
    write(tmp_path, {"score_matrix.py": b"x = 1", "work.ipynb": b"{}", "work.docx": b"?"})
    alone = take_in(tmp_path / "score_matrix.py")
    assert (alone.name, dict(alone.files)) == ("score_matrix", {"score_matrix.py": b"x = 1"})
    assert dict(take_in(tmp_path / "work.ipynb").files) == {"work.ipynb": b"{}"}
    write(tmp_path, {"Answers.md": b"# Q1", "README.md": b""})
    assert dict(take_in(tmp_path / "Answers.md").files) == {"Answers.md": b"# Q1"}
    for path in ("work.docx", "README.md"):
        with pytest.raises(IntakeRefused, match=r"Hand in a \.zip"):
            take_in(tmp_path / path)


def test_the_current_folder_has_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(write(tmp_path / "dave", WORK))
    assert take_in(Path()).name == "dave"


def test_what_is_not_there_or_empty_is_refused(tmp_path):
    with pytest.raises(IntakeRefused, match=r"nobody\.zip.*Check that it is there"):
        take_in(tmp_path / "nobody.zip")
    for litter in ({}, {".git/config": b"", "__pycache__/a.pyc": b""}):
        with pytest.raises(IntakeRefused, match="“empty” holds no files"):
            take_in(write(tmp_path / "empty", litter) if litter else _made(tmp_path / "empty"))
    (tmp_path / "broken.zip").write_bytes(b"PK\3\4 not really")
    with pytest.raises(IntakeRefused, match="damaged"):
        take_in(tmp_path / "broken.zip")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_links_and_devices_in_a_folder_are_never_followed(tmp_path, monkeypatch):
    secret = write(tmp_path / "secret", {"expected.py": b"answers"})
    folder = write(tmp_path / "eve", {"a.py": b"1", "sub/b.py": b"2"})
    (folder / "link.py").symlink_to(secret / "expected.py")
    (folder / "sub" / "folder").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    (folder / "dangling.py").symlink_to(tmp_path / "nowhere")
    os.mkfifo(folder / "pipe.py")  # a careless open() would wait here for ever
    monkeypatch.chdir(folder)  # the address of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("sock.py")
        submission = take_in(folder)
    assert dict(submission.files) == {"a.py": b"1", "sub/b.py": b"2"}
    for path in ("link.py", "sub/folder", "loop", "dangling.py", "pipe.py", "sock.py"):
        assert any(notice.startswith(f"{path} was left out") for notice in submission.notices)


def test_no_descriptor_stays_open(tmp_path):
    write(tmp_path / "a", WORK)
    (tmp_path / "b.zip").write_bytes(zipped(WORK))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        take_in(tmp_path / "a")
        take_in(tmp_path / "b.zip")
        with pytest.raises(IntakeRefused):
            take_in(tmp_path / "a", IntakeLimits(files=1))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_submission_that_is_itself_a_link_is_refused(tmp_path):
    write(tmp_path / "frank", WORK)
    (tmp_path / "grace").symlink_to(tmp_path / "frank")
    (tmp_path / "heidi.py").symlink_to(tmp_path / "frank" / "score_matrix.py")
    for path in (tmp_path / "grace", tmp_path / "heidi.py"):
        with pytest.raises(IntakeRefused, match="is a link"):
            take_in(path)


def test_a_file_swapped_for_a_link_after_it_was_seen_is_refused(tmp_path, monkeypatch):
    folder = write(tmp_path / "mallory", {"a.py": b"1"})
    secret = write(tmp_path, {"expected.py": b"answers"}) / "expected.py"
    true_open = os.open

    def swap_then_open(path, flags, *args, **kwargs):
        if path == "a.py":
            (folder / "a.py").unlink()
            (folder / "a.py").symlink_to(secret)
        return true_open(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", swap_then_open)
    with pytest.raises(IntakeRefused, match=r"a\.py"):
        take_in(folder)


def test_an_unreadable_file_is_refused_and_not_dropped(tmp_path, monkeypatch):
    folder = write(tmp_path / "ivan", WORK)
    true_open = os.open

    def refuse(path, *args, **kwargs):
        if path == "empty.py":
            raise PermissionError(13, "Permission denied", path)
        return true_open(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(IntakeRefused, match=r"empty\.py.*Permission denied"):
        take_in(folder)


def test_a_folder_obeys_the_limits_and_the_rules_of_a_zip(tmp_path):
    deep = write(tmp_path / "deep", {"a/b/c/d.py": b""})
    assert set(take_in(deep, IntakeLimits(depth=4)).files) == {"b/c/d.py"}
    big = write(tmp_path / "big", {"a.py": b"x" * 600, "b.py": b"x" * 600})
    endless = _made(tmp_path / "endless")
    inside = endless
    for _ in range(60):
        inside = _made(inside / "d")
    write(tmp_path / "twins", {"a.py": b"", "A.py": b"1"})
    write(tmp_path / "odd", {"..\\b.py": b""})
    (tmp_path / "big.zip").write_bytes(b"PK" * 500)
    for path, limits, says in (
        (deep, IntakeLimits(depth=3), "folders deep"),
        (endless, IntakeLimits(), "folders deep"),
        (big, IntakeLimits(file_bytes=599), "larger"),
        (big, IntakeLimits(total_bytes=1199), "larger"),
        (big, IntakeLimits(files=1), "1 files"),
        (big, IntakeLimits(members=1), "too many files"),
        (big / "a.py", IntakeLimits(file_bytes=599), "larger"),
        (tmp_path / "big.zip", IntakeLimits(archive_bytes=999), "too large"),
        (tmp_path / "twins", IntakeLimits(), "only by case"),
        (tmp_path / "odd", IntakeLimits(), "leads out"),
    ):
        with pytest.raises(IntakeRefused, match=says):
            take_in(path, limits)


def test_a_name_that_is_not_unicode_is_read_as_an_old_one_and_escaped_as_a_submission(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/j\xfcrgen\n"))
    submission = take_in(write(folder, WORK))
    assert submission.name == r"j\udcfcrgen\n"
    (folder / os.fsdecode(b"\x81bung.py")).write_bytes(b"")
    assert "übung.py" in take_in(folder).files


def test_files_named_like_modules_or_without_effect_are_kept_with_a_notice(tmp_path):
    folder = write(
        tmp_path / "judy",
        {
            "random.py": b"",
            "sub/torch/__init__.py": b"",
            "randoms.py": b"",
            "random.txt": b"",
            "conftest.py": b"",
        }
        | {"model.pth": b"", "data.zip": zipped({"ratings.csv": b""}), "sub/torch/nn.py": b""},
    )
    submission = take_in(folder)
    assert len(submission.files) == 8
    assert submission.notices == (
        "Your file conftest.py is kept, but it has no effect on grading.",
        "data.zip is an archive inside your submission and was not opened.",
        "Your file random.py has the name of a Python module; `import random` gets Python's own.",
        "Your file sub/torch/__init__.py has the name of a Python module; `import torch` gets Python's own.",
    )


def test_notices_stay_few(tmp_path):
    submission = take_in(write(tmp_path, {f"{number}/random.py": b"" for number in range(50)}))
    assert len(submission.notices) == 21
    assert "30 more" in submission.notices[-1]


def test_a_zip_that_is_all_there_is_is_the_submission_and_one_more_inside_is_opened(tmp_path):
    inner = zipped({"lab1/score_matrix.py": b"1"})
    write(tmp_path / "moodle", {"lab1.zip": inner})
    write(tmp_path / "with_notes", {"notes.txt": b"2", "lab1.zip": inner})
    write(tmp_path, {"twice.zip": zipped({"dora/lab1.zip": inner})})
    assert dict(take_in(tmp_path / "moodle").files) == {"score_matrix.py": b"1"}
    assert dict(take_in(tmp_path / "twice.zip").files) == {"score_matrix.py": b"1"}
    assert dict(take_in(tmp_path / "with_notes").files) == {"lab1/lab1/score_matrix.py": b"1", "notes.txt": b"2"}


def test_work_that_lies_only_in_archives_that_stay_closed_is_refused_and_no_zero(tmp_path):
    deep = zipped({"a.zip": zipped({"b.zip": zipped({"score_matrix.py": b""})})})
    write(tmp_path, {"deep.zip": deep, "rar/work.rar": b"Rar!", "two/a.7z": b"", "two/b.tar.gz": b""})
    write(tmp_path / "data", {"a.7z": b"", "score_matrix.py": b""})
    for name in ("deep.zip", "rar", "two"):
        with pytest.raises(IntakeRefused, match="no work of yours, only archives that are not opened"):
            take_in(tmp_path / name)
    assert "a.7z is an archive inside your submission and was not opened." in take_in(tmp_path / "data").notices


def test_a_damaged_zip_inside_is_told_once(tmp_path):
    (notice,) = take_in(write(tmp_path, {"a.py": b"", "data.zip": b"no zip"})).notices
    assert notice.startswith("data.zip is an archive inside your submission and was not opened. The zip is damaged")
