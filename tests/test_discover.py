"""`grader.intake.discover` and `names`: the submissions of a class are found, each under a name of its own."""

import os
from pathlib import Path

import pytest
from handed_in import write, zipped

from grader.errors import UsageError
from grader.intake.discover import SOURCES, FoundSubmission, find_submissions
from grader.intake.names import distinct


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
    return [one.path.name for one in find_submissions(paths, *args)]


def test_a_class_directory_is_expanded_and_nothing_is_dropped(course):
    assert found([course]) == ["alice", "bob", "carol.zip", "dan", "lost.rar"]
    assert found([course, course / "bob", course / "zoe.zip"]) == [*found([course]), "zoe.zip"]


def test_submissions_of_several_directories_are_sorted_by_name(tmp_path):
    for path in ("a/zoe", "a/bob", "b/bob", "b/amy"):
        write(tmp_path / path, {"a.py": b""})
    assert [path for _, path in find_submissions([tmp_path / "b", tmp_path / "a"])] == [
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
    assert [path for _, path in find_submissions(paths)] == sorted(paths)


def test_what_is_in_an_ordinary_folder_of_one_student_does_not_make_it_a_class(tmp_path):
    write(tmp_path, {"a.py": b"", "data/b.py": b"", "__pycache__/a.pyc": b"", ".ipynb_checkpoints/a.py": b""})
    data = zipped({"ml-latest-small/ratings.csv": b"", "ml-latest-small/README.txt": b""})
    write(tmp_path, {"broken.zip": b"no zip", "folder.zip/c.py": b"", "weights.tar.gz": b"", "data.zip": data})
    os.mkfifo(tmp_path / "pipe.zip")
    assert find_submissions([tmp_path]) == [(tmp_path.name, tmp_path)]


def test_an_empty_a_missing_and_an_unreadable_directory_stay_for_take_in_to_refuse(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    assert found([tmp_path / "gone", tmp_path / "empty"]) == ["empty", "gone"]

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert found([tmp_path]) == [tmp_path.name]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: type(source).__name__)
def test_every_source_keeps_what_it_cannot_read_and_says_nothing_of_what_is_not_there(source, course):
    """The contract of a source: no exception but UsageError, and nobody's work is dropped."""
    for paths in ([], [course / "nowhere"], [course], [course / "lost.rar"], [course / "dan"]):
        assert source.recognises(paths) in (True, False)
    if source.recognises([course]):
        found = source.submissions([course], "activity1")
        assert all(isinstance(one, FoundSubmission) and one.name for one in found)
        assert {"alice", "bob", "carol", "lost"} <= {one.name for one in found}
        assert found == source.submissions([course, course], "activity1")


def test_a_new_source_comes_first_where_it_recognises_what_was_given(tmp_path, monkeypatch):
    class Lms:
        def recognises(self, paths):
            return paths[0].suffix == ".lms"

        def submissions(self, paths, _assignment):
            return [FoundSubmission("ann", paths[0]), FoundSubmission("ann", paths[0])]

    monkeypatch.setattr("grader.intake.discover.SOURCES", (Lms(), *SOURCES))
    archive = tmp_path / "class.lms"
    assert find_submissions([archive]) == [("ann", archive), ("ann (2)", archive)]
    write(tmp_path / "bob", {"a.py": b""})
    assert find_submissions([tmp_path / "bob"]) == [("bob", tmp_path / "bob")]


def test_submissions_of_one_name_in_several_places_are_told_apart(tmp_path):
    for path in ("a/lab1", "b/lab1"):
        write(tmp_path / path, {"a.py": b""})
    assert [name for name, _ in find_submissions([tmp_path / "a", tmp_path / "b"])] == ["lab1", "lab1 (2)"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "a (2)", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "a", "a (2)"], ["a", "a (3)", "a (2)"]),
        ([], []),
    ],
)
def test_two_submissions_never_share_a_name(names, expected):
    assert distinct(names) == expected
    assert len(set(expected)) == len(names)


def test_two_names_that_look_alike_are_told_apart():
    assert distinct(["ann", "ann\u200d", "bob", "ann"]) == ["ann", "ann\u200d (2)", "bob", "ann (2)"]
    assert distinct(["e\u0301va", "\u00e9va"]) == ["e\u0301va", "\u00e9va (2)"]
