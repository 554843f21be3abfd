"""`grader.intake.sources`: one contract for every layout in which a class arrives, as a folder and as a zip."""

import os
import time
import zipfile
from pathlib import Path

import pytest
from handed_in import write
from lms_class import KEPT, LAYOUTS, ZIPS, zipped

from grader.errors import UsageError
from grader.intake.discover import LAYOUTS as NAMES
from grader.intake.discover import PEOPLE, SOURCES, find_class
from grader.intake.sources.source import Wanted
from grader.intake.sources.tree import node_at
from grader.intake.submission import take_in

LAB1 = Wanted("lab1", frozenset({"factorise", "complete", "rate", "truncated_svd"}))


def as_folder(place, tree):
    return write(place / "download", tree)


def as_zip(place, tree):
    place.mkdir(exist_ok=True)
    (place / "download.zip").write_bytes(zipped(tree))
    return place / "download.zip"


def as_wrapped_zip(place, tree):
    return as_zip(place, {f"Lab 1 download/{path}": content for path, content in tree.items()})


def as_zip_in_a_folder(place, tree):
    as_zip(place / "from the LMS", tree)
    return place / "from the LMS"


MADE = (as_folder, as_zip, as_wrapped_zip, as_zip_in_a_folder)
every_layout = pytest.mark.parametrize("layout", LAYOUTS)
every_way = pytest.mark.parametrize("made", MADE, ids=lambda made: made.__name__)


def source_of(layout):
    return layout.removesuffix("_flat")


def taken(found):
    return {one.name: dict(take_in(one.path, pieces=one.pieces, name=one.name).files) for one in found.submissions}


def test_every_source_is_in_the_contract_and_can_be_chosen():
    assert {source.layout for source in SOURCES} == {source_of(layout) for layout in LAYOUTS}
    assert {source.layout for source in (*SOURCES, PEOPLE)} < {*NAMES}


@every_way
@every_layout
def test_a_download_is_recognised_and_everybody_is_found_with_their_own_files(layout, made, tmp_path):
    expected = LAYOUTS[layout]()
    found = find_class([made(tmp_path, expected.tree)], LAB1)
    assert found.layout == source_of(layout)
    assert found.said == (expected.said,)
    assert taken(found) == expected.people
    assert {one.name for one in found.submissions if one.late} == {*expected.late}
    assert {one.name for one in found.submissions if one.earlier} == {*expected.again}
    assert {person.name for person in found.absent} == {*expected.absent}
    keys = {one.name: one.people[0].key for one in found.submissions}
    assert keys.items() >= expected.keys.items()


@every_layout
def test_a_shell_may_give_what_is_in_the_download(layout, tmp_path):
    expected = LAYOUTS[layout]()
    folder = write(tmp_path / "download", expected.tree)
    while len(list(folder.iterdir())) == 1:
        (folder,) = folder.iterdir()
    found = find_class(sorted(folder.iterdir()), LAB1)
    assert found.layout == source_of(layout)
    assert taken(found) == expected.people


@every_layout
def test_what_does_not_fit_the_layout_is_somebodys_work_and_litter_is_not(layout, tmp_path):
    expected = LAYOUTS[layout]()
    strange = {
        "zoe late mail.py": b"x = 1",
        "Thumbs.db": b"",
        "~$grades.xlsx": b"",
        "grades.csv": b"",
        ".DS_Store": b"",
    }
    folder = write(tmp_path / "download", expected.tree)
    inside = folder
    while len(list(inside.iterdir())) == 1:
        (inside,) = inside.iterdir()
    inside = next(iter(inside.glob("lab1-submissions")), inside)
    write(inside, strange)
    os.mkfifo(inside / "pipe.py")
    (inside / "link").symlink_to(folder)
    found = find_class([folder], LAB1)
    assert {one.name for one in found.submissions} == {*expected.people, "zoe late mail"}
    assert any("zoe late mail" in line for line in found.said[1:])
    assert all(name in found.said[0] for name in ("left aside", "link"))


@pytest.mark.parametrize("source", [*SOURCES, PEOPLE], ids=lambda source: source.layout)
def test_a_source_says_nothing_of_an_empty_or_a_foreign_folder(source, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "unreadable").mkdir()
    write(tmp_path / "foreign", {"ann/rate.py": b"", "bob/rate.py": b""})
    assert source.title
    assert source.example
    assert source.find(node_at(tmp_path / "empty"), LAB1) is None
    assert source is PEOPLE or source.find(node_at(tmp_path / "foreign"), LAB1) is None


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.layout)
def test_another_layout_may_be_chosen_and_one_that_does_not_fit_is_refused_with_an_example(source, tmp_path):
    folder = write(tmp_path / "class", {"ann/rate.py": b"", "bob/rate.py": b""})
    with pytest.raises(UsageError, match=r"choose another --layout \(auto, person, people") as refused:
        find_class([folder], LAB1, source.layout)
    assert source.example in str(refused.value)


@every_layout
def test_the_layout_that_is_given_is_used_and_no_other(layout, tmp_path):
    expected = LAYOUTS[layout]()
    archive = as_zip(tmp_path, expected.tree)
    assert taken(find_class([archive], LAB1, source_of(layout))) == expected.people
    assert find_class([archive], LAB1, "person").submissions[0].name == "download"


def test_the_kept_downloads_are_those_that_are_made_here():
    for name, made in LAYOUTS.items():
        tree = made().tree
        if name in ZIPS:
            with zipfile.ZipFile(KEPT / f"{name}.zip") as kept:
                assert {path: kept.read(path) for path in kept.namelist()} == tree
        elif name != "moodle_flat":
            there = {path for path in (KEPT / name).rglob("*") if path.is_file()}
            assert {str(path.relative_to(KEPT / name)): path.read_bytes() for path in there} == tree


def test_two_people_of_one_name_are_told_apart_by_their_ids(tmp_path):
    tree = {f"Kim Lee_{number}_assignsubmission_file_/rate.py": b"" for number in (11, 12)}
    found = find_class([write(tmp_path, tree)], LAB1)
    assert [one.name for one in found.submissions] == ["Kim Lee (11)", "Kim Lee (12)"]


def test_several_downloads_of_one_lms_are_one_class(tmp_path):
    for section, number in (("a", 1), ("b", 2)):
        write(tmp_path, {f"{section}.zip": zipped({f"Ann {number}_{number}_assignsubmission_file_/rate.py": b""})})
    found = find_class([tmp_path / "a.zip", tmp_path / "b.zip"], LAB1)
    assert (found.layout, [one.name for one in found.submissions]) == ("moodle", ["Ann 1", "Ann 2"])


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a_1_10_part-1.py", "a_1_11_part-2.py"], ["part-1.py", "part-2.py"]),
        (["a_1_10_part.py", "a_1_12_part-2.py", "a_1_11_part-1.py"], ["part-2.py"]),
        (["a_1_10_rate-3.py"], ["rate-3.py"]),
        (["a_1_10_x.py", "a_1_11_rate.py", "a_1_12_rate-1.py"], ["rate-1.py", "x.py"]),
        (["de_la_cruz_LATE_7_8_1_2_x.py"], ["1_2_x.py"]),
        (["anon_Xy12z_LATE_99_x.py"], ["x.py"]),
    ],
)
def test_of_canvas_s_numbered_files_the_last_is_taken_and_a_student_s_own_numbers_stay(names, expected, tmp_path):
    (one,) = find_class([write(tmp_path, dict.fromkeys(names, b""))], LAB1).submissions
    assert sorted(take_in(one.path, pieces=one.pieces).files) == expected


def test_nbgrader_s_other_assignments_are_not_guessed(tmp_path):
    write(tmp_path, {"submitted/ann/ps1/timestamp.txt": b"", "submitted/ann/ps2/timestamp.txt": b""})
    with pytest.raises(UsageError, match="hold ps1, ps2: none is called lab1"):
        find_class([tmp_path], LAB1)
    write(tmp_path, {"submitted/bob/Lab 1/rate.py": b""})
    found = find_class([tmp_path], LAB1)
    assert ([one.name for one in found.submissions], [p.name for p in found.absent]) == (["bob"], ["ann"])


def test_a_broken_list_of_gradescope_is_said_to_be_broken(tmp_path):
    write(tmp_path, {"submission_1/rate.py": b"", "submission_metadata.yml": b"{ not: [yaml"})
    with pytest.raises(UsageError, match=r"submission_metadata\.yml of the Gradescope export cannot be read"):
        find_class([tmp_path], LAB1)
    (tmp_path / "submission_metadata.yml").unlink()
    found = find_class([tmp_path], LAB1)
    assert [one.name for one in found.submissions] == ["submission_1"]
    assert "nobody's name is known" in found.said[1]


def test_clones_are_known_by_their_git_folder_where_nothing_else_tells(tmp_path):
    files = {f"lab1-{user}/{path}": b"" for user in ("ann", "anna") for path in ("rate.py", ".git/HEAD")}
    found = find_class([write(tmp_path, files)], LAB1)
    assert [one.name for one in found.submissions] == ["ann", "anna"]
    assert set(take_in(found.submissions[0].path).files) == {"rate.py"}


@pytest.mark.timeout(60)
def test_a_class_of_300_in_a_zip_is_found_without_reading_a_submission(tmp_path):
    tree = {
        f"Ann {number}_{number}_assignsubmission_file_/{path}": b"x" * 500
        for number in range(300)
        for path in ("rate.py", "complete.py", "answers.md", "work.zip")
    }
    archive = as_zip(tmp_path, tree)
    whole = archive.read_bytes()
    damaged = whole[: whole.index(b"PK\x01\x02")].translate(bytes(256))  # all data are zeros; the table is left
    archive.write_bytes(damaged + whole[len(damaged) :])
    began = time.perf_counter()
    found = find_class([archive], LAB1)
    assert len(found.submissions) == 300
    assert time.perf_counter() - began < 10  # a hundred times what it takes


def test_a_zip_that_lists_far_too_much_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.intake.bulk._LARGEST_TABLE", 100)
    archive = as_zip(tmp_path, {f"{number}.py": b"" for number in range(9)})
    (one,) = find_class([archive], LAB1).submissions  # `take_in` says what is wrong with it
    assert one.path == Path(archive)
