"""`grader.intake.readers`: one contract for everything that reads a submission."""

import os
import stat
import zipfile
from pathlib import Path

import pytest
from handed_in import write, zipped

from grader.errors import IntakeRefused
from grader.intake.archive import IntakeLimits
from grader.intake.readers import READERS, FolderReader, SingleFileReader, ZipReader
from grader.intake.submission import take_in

SECRET = b"expected = 42"


def as_folder(place, files):
    return write(place / "folder", files)


def as_zip(place, files):
    place.mkdir(exist_ok=True)
    (place / "work.zip").write_bytes(zipped(files))
    return place / "work.zip"


def as_file(place, files):
    (name,) = files
    return write(place / "alone", files) / name


KINDS = {FolderReader: as_folder, ZipReader: as_zip, SingleFileReader: as_file}
SEVERAL = [as_folder, as_zip]
every_kind = pytest.mark.parametrize("made", KINDS.values())
of_several_files = pytest.mark.parametrize("made", SEVERAL)


def test_every_reader_is_tested_here():
    assert {type(reader) for reader in READERS} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_exactly_one_reader_takes_a_submission(kind, tmp_path):
    path = KINDS[kind](tmp_path, {"a.py": b"x = 1"})
    assert [type(reader) for reader in READERS if reader.takes(path)] == [kind]


@every_kind
def test_the_same_files_are_the_same_submission_whatever_reads_them(made, tmp_path):
    taken = take_in(made(tmp_path, {"a.py": b"x = 1"}))
    assert dict(taken.files) == {"a.py": b"x = 1"}
    assert taken.sha256 == take_in(as_folder(tmp_path / "other", {"a.py": b"x = 1"})).sha256
    assert taken.notices == ()


@of_several_files
def test_files_come_in_the_order_of_their_paths(made, tmp_path):
    files = {"b.py": b"2", "a/z.py": b"1", "B.txt": b"3", "a.py": b""}
    assert list(take_in(made(tmp_path, files)).files) == sorted(files)


@every_kind
@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"file_bytes": 9}, "larger"),
        ({"total_bytes": 9}, "larger"),
        ({"files": 0}, "more than 0 files"),
        ({"name_bytes": 3}, "too long a name"),
        ({"path_bytes": 3}, "longer than 3 bytes"),
    ],
    ids=str,
)
def test_the_limits_hold(made, limits, says, tmp_path):
    path = made(tmp_path, {"a.py": b"x" * 10})
    with pytest.raises(IntakeRefused, match=says):
        take_in(path, IntakeLimits(**limits))


@of_several_files
def test_the_depth_and_the_number_of_entries_are_limited(made, tmp_path):
    path = made(tmp_path, {"a/b/c.py": b"", "d.py": b""})
    with pytest.raises(IntakeRefused, match="files"):
        take_in(path, IntakeLimits(members=1))
    taken = take_in(path, IntakeLimits(depth=2))
    assert dict(taken.files) == {"d.py": b""}
    assert "folders deep" in taken.notices[0]


@every_kind
@pytest.mark.parametrize("name", ["..\\b.py", "a\n.py", "\u202eyp.a.py", "C:a.py", "\x1b[31m.py"])
def test_a_hostile_name_is_refused_and_escaped_in_the_message(made, name, tmp_path):
    with pytest.raises(IntakeRefused) as caught:
        take_in(made(tmp_path, {name: b""}))
    assert str(caught.value).isprintable()


@of_several_files
def test_an_odd_name_costs_only_that_file(made, tmp_path):
    odd = {"a\n.png": b"", "\u200e.jpg": b"", "d/" * 12 + "deep.py": b"", "x\x1b/b.py": b""}
    taken = take_in(made(tmp_path, {"a.py": b"1", "sub\\b.py": b"2", "\u200ec.py": b"3", **odd}))
    assert dict(taken.files) == {"a.py": b"1", "sub/b.py": b"2", "c.py": b"3"}
    assert len(taken.notices) == 5
    assert sum("was left out: it" in notice for notice in taken.notices) == 4


@of_several_files
def test_a_large_file_that_is_no_work_costs_only_itself(made, tmp_path):
    taken = take_in(made(tmp_path, {"a.py": b"1", "model.pt": b"x" * 99}), IntakeLimits(file_bytes=50))
    assert dict(taken.files) == {"a.py": b"1"}
    assert "model.pt" in taken.notices[0]


@of_several_files
def test_names_that_are_one_on_another_computer_are_refused(made, tmp_path):
    for place, twins in (("cases", ("a.py", "A.py")), ("accents", ("e\u0301.py", "\xe9.py"))):
        with pytest.raises(IntakeRefused, match=r"differ only by case|is there twice"):
            take_in(made(tmp_path / place, dict(zip(twins, (b"1", b"2"), strict=True))))


@of_several_files
def test_litter_is_dropped_in_silence(made, tmp_path):
    litter = {".git/config": b"", "__MACOSX/._a.py": b"", "__pycache__/a.pyc": b"", "sub/.DS_Store": b"", "._b.py": b""}
    taken = take_in(made(tmp_path, {"a.py": b"1", **litter}))
    assert (dict(taken.files), taken.notices) == ({"a.py": b"1"}, ())


def special(made, tmp_path, kind):
    """A submission in which ``a.py`` is a link to a secret, or a FIFO."""
    secret = write(tmp_path / "secret", {"expected.py": SECRET}) / "expected.py"
    if made is as_zip:
        path = tmp_path / "work.zip"
        with zipfile.ZipFile(path, "w") as archive:
            member = zipfile.ZipInfo("a.py")
            member.external_attr = (kind | 0o644) << 16
            archive.writestr(member, str(secret))
            archive.writestr("b.py", b"2")
        return path
    folder = write(tmp_path / "folder", {"b.py": b"2"})
    if kind == stat.S_IFLNK:
        (folder / "a.py").symlink_to(secret)
    else:
        os.mkfifo(folder / "a.py")
    return folder if made is as_folder else folder / "a.py"


@every_kind
@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO])
@pytest.mark.timeout(60)  # a careless open() of a FIFO waits for ever
def test_a_link_is_never_followed_and_a_fifo_never_waited_for(made, kind, tmp_path):
    path = special(made, tmp_path, kind)
    if made is as_folder:
        taken = take_in(path)
        assert dict(taken.files) == {"b.py": b"2"}
        assert taken.notices == ("a.py was left out: it is a link or a device, not a file.",)
    else:
        with pytest.raises(IntakeRefused, match=r"a\.py"):
            take_in(path)


@every_kind
def test_a_file_that_cannot_be_read_is_refused_by_name_and_not_dropped(made, tmp_path, monkeypatch):
    path = made(tmp_path, {"a.py": b"1"})
    unreadable = path if path.is_file() else path / "a.py"
    true_open = os.open

    def refuse(opened, *args, **kwargs):
        if Path(opened).name == unreadable.name:
            raise PermissionError(13, "Permission denied", opened)
        return true_open(opened, *args, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(IntakeRefused, match=rf"{unreadable.name}.*Permission denied"):
        take_in(path)


@every_kind
def test_no_descriptor_stays_open(made, tmp_path):
    path = made(tmp_path, {"a.py": b"1"})
    before = len(list(Path("/proc/self/fd").iterdir()))
    take_in(path)
    with pytest.raises(IntakeRefused):
        take_in(path, IntakeLimits(files=0))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_no_reader_takes_is_refused_with_what_to_hand_in(tmp_path):
    write(tmp_path, {"work.docx": b"?", "README.md": b""})
    for name in ("work.docx", "README.md"):
        with pytest.raises(IntakeRefused, match=rf"{name}.*Hand in a \.zip"):
            take_in(tmp_path / name)
