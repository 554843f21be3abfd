"""`grader.intake`: what a student handed in becomes bytes by path, and a part's file is found among them."""

import hashlib
import io
import os
import socket
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import IntakeRefused, UsageError
from grader.intake.archive import IntakeLimits
from grader.intake.discover import find_submissions
from grader.intake.locate import Location, locate
from grader.intake.submission import take_in


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return buffer.getvalue()


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
    write(tmp_path / "twins", {"a.py": b"", "A.py": b""})
    write(tmp_path / "odd", {"a\\b.py": b""})
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
        (tmp_path / "odd", IntakeLimits(), "backslash"),
    ):
        with pytest.raises(IntakeRefused, match=says):
            take_in(path, limits)


def test_a_name_that_is_not_unicode_is_refused_as_a_file_and_escaped_as_a_submission(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/j\xfcrgen\n"))
    submission = take_in(write(folder, WORK))
    assert submission.name == r"j\udcfcrgen\n"
    (folder / os.fsdecode(b"\xfc.py")).write_bytes(b"")
    with pytest.raises(IntakeRefused, match=r"\\udcfc"):
        take_in(folder)


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
        | {"model.pth": b"", "data.zip": b"", "sub/torch/nn.py": b""},
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


@pytest.fixture
def course(tmp_path):
    """A directory of submissions of every kind."""
    write(tmp_path / "class" / "bob", {"score_matrix.py": b""})
    write(tmp_path / "class" / "alice", {"activity1/score_matrix.py": b""})
    write(
        tmp_path / "class",
        {"carol.zip": b"", "lost.rar": b"", ".hidden": b"", "__MACOSX/x": b"", ".git/x": b""},
    )
    (tmp_path / "class" / "dan").symlink_to(tmp_path / "nowhere")
    return tmp_path / "class"


def found(paths, *args):
    return [path.name for path in find_submissions(paths, *args)]


def test_a_class_directory_is_expanded_and_nothing_is_dropped(course):
    assert found([course]) == ["alice", "bob", "carol.zip", "dan", "lost.rar"]
    assert found([course, course / "bob", course / "zoe.zip"]) == [*found([course]), "zoe.zip"]


def test_submissions_of_several_directories_are_sorted_by_name(tmp_path):
    for path in ("a/zoe", "a/bob", "b/bob", "b/amy"):
        write(tmp_path / path, {"a.py": b""})
    assert find_submissions([tmp_path / "b", tmp_path / "a"]) == [
        tmp_path / path for path in ("b/amy", "a/bob", "b/bob", "a/zoe")
    ]


def test_a_directory_with_code_is_one_submission(course):
    assert found([course / "bob"]) == ["bob"]
    (course / "README.md").touch()
    assert "bob" in found([course])
    write(course / "eve", {"answers.md": b""})
    assert found([course / "eve"]) == ["eve"]
    (course / "work.IPYNB").touch()
    assert found([course]) == ["class"]


def test_a_folder_named_like_the_assignment_makes_its_parent_a_submission(course):
    assert found([course / "alice"], "activity1") == ["alice"]
    assert found([course / "alice"], "lab1") == ["activity1"]
    assert found([course], "activity1") == found([course])


@pytest.mark.parametrize("inside", ["score_matrix.py", "carol/work.ipynb", "answers.md"])
def test_code_beside_archives_of_work_may_be_one_submission_or_a_class_and_is_refused(tmp_path, inside):
    write(tmp_path, {"ann.py": b"", "zoe.py": b"", "carol.zip": zipped({inside: b""})})
    with pytest.raises(UsageError, match=rf"ann\.py and also carol\.zip.* class, give .*\({tmp_path}/\*\); .* one sub"):
        find_submissions([tmp_path])
    paths = list(tmp_path.iterdir())
    assert find_submissions(paths) == sorted(paths)


def test_what_is_in_an_ordinary_folder_of_one_student_does_not_make_it_a_class(tmp_path):
    write(tmp_path, {"a.py": b"", "data/b.py": b"", "__pycache__/a.pyc": b"", ".ipynb_checkpoints/a.py": b""})
    data = zipped({"ml-latest-small/ratings.csv": b"", "ml-latest-small/README.txt": b""})
    write(tmp_path, {"broken.zip": b"no zip", "folder.zip/c.py": b"", "weights.tar.gz": b"", "data.zip": data})
    os.mkfifo(tmp_path / "pipe.zip")
    assert find_submissions([tmp_path]) == [tmp_path]


def test_an_empty_a_missing_and_an_unreadable_directory_stay_for_take_in_to_refuse(tmp_path, monkeypatch):
    _made(tmp_path / "empty")
    assert found([tmp_path / "gone", tmp_path / "empty"]) == ["empty", "gone"]

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert found([tmp_path]) == [tmp_path.name]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["score_matrix.py", "old/score_matrix.py", "Score_Matrix.py"], "score_matrix.py"),
        (["a/b/score_matrix.py", "a/score_matrix.py"], "a/score_matrix.py"),
        (["score_matrix (1).py", "deep/er/score_matrix.py"], "deep/er/score_matrix.py"),
    ],
)
def test_the_right_name_wins_and_then_the_shallowest_path(files, expected):
    assert locate(files, "score_matrix") == Location(path=expected)


@pytest.mark.parametrize(
    "renamed",
    [
        *(
            "Score_Matrix.py",
            "score-matrix.py",
            "score matrix.py",
            "score_matrix (1).py",
            "score_matrix(12).py",
        ),
        *("score_matrix-1.py", "score_matrix copy.py", "score_matrix - Copy (2).py", "SCORE-MATRIX-2 (1).PY"),
        "score_matrix 2.py",
    ],
)
def test_a_file_renamed_by_an_lms_or_browser_is_accepted_with_a_notice(renamed):
    location = locate(["notes.py", f"work/{renamed}"], "score_matrix")
    assert location.path == f"work/{renamed}"
    assert location.notice == f"work/{renamed} was taken for score_matrix.py."


@pytest.mark.parametrize("other", ["score_matrix_1.py", "scorematrix.py", "my_score_matrix.py", "score_matrix.py.txt"])
def test_other_names_are_missing_but_pointed_out(other):
    location = locate([other, "cnn.py"], "score_matrix")
    assert (location.path, location.rivals, location.similar) == (None, (), (other,))
    assert other in location.notice


@pytest.mark.parametrize("notebook", ["score_matrix.ipynb", "week 1/Score-Matrix (1).IPYNB"])
def test_code_in_a_notebook_is_not_to_be_renamed_but_exported(notebook):
    location = locate(["cnn.py", notebook, "score_matrix.pyc", "score_matrix.pt"], "score_matrix")
    assert (location.path, location.similar) == (None, ())
    assert f"Code in {notebook} is not graded" in location.notice
    assert "`jupyter nbconvert --to script`, and hand in score_matrix.py." in location.notice
    assert "rename" not in location.notice
    both = locate(["other.ipynb", notebook, "scorematrix.py"], "score_matrix")
    assert both.similar == ("scorematrix.py",)
    assert "nbconvert" in both.notice
    assert "nbconvert" not in locate(["other.ipynb"], "score_matrix").notice


def test_a_missing_part_is_neither_found_nor_ambiguous():
    assert locate(["cnn.py", "score_matrix/__init__.py"], "score_matrix").path is None
    location = locate([], "score_matrix")
    assert location == Location(notice="There is no score_matrix.py in the submission.")


def test_equal_claims_are_ambiguous():
    location = locate({"b/complete.py": b"", "a/complete.py": b"", "c/d/complete.py": b""}, "complete")
    assert (location.path, location.rivals) == (None, ("a/complete.py", "b/complete.py"))
    assert "a/complete.py, b/complete.py" in location.notice
    assert locate(["complete (1).py", "complete (2).py"], "complete").path is None


def test_aliases_come_between_the_right_name_and_renamed_files():
    aliases = ("movies", "lab-2.py")
    assert locate(["movies.py", "sub/rate.py"], "rate", aliases) == Location(path="sub/rate.py")
    by_alias = locate(["sub/movies.py", "Rate.py"], "rate", aliases)
    assert by_alias == Location(path="sub/movies.py", notice="sub/movies.py was taken for rate.py.")
    assert locate(["Movies (1).py"], "rate", aliases).path == "Movies (1).py"
    assert locate(["lab-2 (1).py"], "rate", aliases).path == "lab-2 (1).py"
    assert locate(["lab-3.py"], "rate", aliases).path is None
