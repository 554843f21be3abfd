"""`grader.intake.bulk`: one person's files are read out of a folder or zip of many, where it lies."""

import os
import stat
import struct
import zipfile

import pytest
from handed_in import write, zipped

from grader.errors import IntakeRefused
from grader.intake.archive import IntakeLimits
from grader.intake.bulk import Piece, head, table_of_contents
from grader.intake.submission import take_in

CLASS = {
    "ann_1_2_a.py": b"1",
    "ann_1_3_b.py": b"22",
    "bob_2_4_a.py": b"3",
    "cid/sub/c.py": b"4",
    "cid/d.py": b"5",
    "dora/work.zip": zipped({"lab/e.py": b"6"}),
}


def as_folder(place, files):
    return write(place / "class", files)


def as_zip(place, files):
    return write(place, {"class.zip": zipped(files)}) / "class.zip"


both = pytest.mark.parametrize("made", [as_folder, as_zip])


@both
@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([("ann_1_2_a.py", "a.py"), ("ann_1_3_b.py", "b.py")], {"a.py": b"1", "b.py": b"22"}),
        ([("cid", "")], {"sub/c.py": b"4", "d.py": b"5"}),
        ([("cid", "typed"), ("bob_2_4_a.py", "a.py")], {"a.py": b"3", "typed/sub/c.py": b"4", "typed/d.py": b"5"}),
        ([("cid/sub/c.py", "c.py")], {"c.py": b"4"}),
        ([("dora/work.zip", "work.zip")], {"e.py": b"6"}),
        ([("dora", "")], {"e.py": b"6"}),
    ],
    ids=str,
)
def test_a_person_gets_their_own_files_and_nobody_else_s(made, pieces, expected, tmp_path):
    taken = take_in(made(tmp_path, CLASS), pieces=[Piece(*one) for one in pieces], name="ann")
    assert (dict(taken.files), taken.name, taken.notices) == (expected, "ann", ())


@both
def test_a_piece_obeys_the_limits_of_a_submission_and_the_others_do_not_count(made, tmp_path):
    path = made(tmp_path, CLASS | {"huge.bin": os.urandom(5000)})
    ann = [Piece("ann_1_2_a.py", "a.py"), Piece("ann_1_3_b.py", "b.py")]
    assert take_in(path, IntakeLimits(total_bytes=3, files=2, members=2), pieces=ann).files
    for limits, says in ((IntakeLimits(total_bytes=2), "larger"), (IntakeLimits(files=1), "more than 1 files")):
        with pytest.raises(IntakeRefused, match=says):
            take_in(path, limits, pieces=ann)


@both
def test_what_was_there_when_the_class_was_found_and_is_gone_is_refused(made, tmp_path):
    with pytest.raises(IntakeRefused, match=r"“ann” holds no files|cannot be read"):
        take_in(made(tmp_path, CLASS), pieces=[Piece("gone.py", "gone.py")], name="ann")
    with pytest.raises(IntakeRefused, match="cannot be read"):
        take_in(tmp_path / "nowhere", pieces=[Piece("a.py", "a.py")], name="ann")


def test_a_link_that_took_a_file_s_place_is_not_followed(tmp_path):
    secret = write(tmp_path, {"secret.py": b"expected"}) / "secret.py"
    folder = write(tmp_path / "class", {"sub/b.py": b""})
    (folder / "a.py").symlink_to(secret)
    (folder / "linked").symlink_to(folder / "sub")
    for piece in (Piece("a.py", "a.py"), Piece("linked", ""), Piece("linked/b.py", "b.py")):
        with pytest.raises(IntakeRefused, match="cannot be read"):
            take_in(folder, pieces=[piece])


def test_a_zip_that_lies_is_refused_as_that_persons_alone(tmp_path):
    path = as_zip(tmp_path, CLASS)
    content = bytearray(path.read_bytes())
    content[content.index(b"ann_1_2_a.py") + len("ann_1_2_a.py")] ^= 0xFF  # the data of one member
    path.write_bytes(content)
    with pytest.raises(IntakeRefused, match="damaged"):
        take_in(path, pieces=[Piece("ann_1_2_a.py", "a.py")])
    assert take_in(path, pieces=[Piece("bob_2_4_a.py", "a.py")]).files == {"a.py": b"3"}
    with zipfile.ZipFile(path) as listed:
        at = listed.getinfo("bob_2_4_a.py").header_offset
    content[at : at + 4] = struct.pack("<I", 0)
    path.write_bytes(content)
    with pytest.raises(IntakeRefused, match="damaged"):
        take_in(path, pieces=[Piece("bob_2_4_a.py", "a.py")])


def test_links_bombs_and_paths_that_lead_out_are_refused_in_a_bulk_zip_too(tmp_path):
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        link = zipfile.ZipInfo("ann/link.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bob/bomb.py", bytes(5_000_000))
        archive.writestr("cid/../../out.py", b"x")
    with pytest.raises(IntakeRefused, match=r"link\.py” is a link"):
        take_in(path, pieces=[Piece("ann", "")])
    with pytest.raises(IntakeRefused, match="grows to more than"):
        take_in(path, pieces=[Piece("bob", "")])
    with pytest.raises(IntakeRefused, match="leads out"):
        take_in(path, pieces=[Piece("cid", "")])


def test_a_table_of_contents_is_read_anew_when_the_zip_changes(tmp_path):
    path = as_zip(tmp_path, {"a.py": b""})
    assert table_of_contents(path) is table_of_contents(path)
    as_zip(tmp_path, {"a.py": b"", "b.py": b""})
    assert {*table_of_contents(path).members} == {"a.py", "b.py"}


@both
def test_the_head_of_what_an_lms_wrote_is_read_and_nothing_if_it_cannot_be(made, tmp_path):
    path = made(tmp_path, {"about.txt": b"Name: Ann"})
    where = (path / "about.txt", "") if made is as_folder else (path, "about.txt")
    assert head(*where, 4) == b"Name"
    assert head(tmp_path / "gone.txt", "", 4) == b""
    assert head(tmp_path / "gone.zip", "about.txt", 4) == b""
