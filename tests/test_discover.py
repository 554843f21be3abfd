"""`grader.intake.discover` and `names`: the submissions of a class are found, each under a name of its own."""

import os

import pytest
from handed_in import write, zipped

from grader.errors import UsageError
from grader.intake.discover import SOURCES, find_class
from grader.intake.names import distinct, shown_name
from grader.intake.sources.source import Found, Person, Wanted, submission_of
from grader.intake.submission import take_in

ACTIVITY1 = Wanted("activity1", frozenset({"score_matrix"}))
LAB1 = Wanted("lab1", frozenset({"factorise", "complete", "rate", "truncated_svd"}))


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


def found(paths, wanted=ACTIVITY1, layout="auto"):
    return [one.path.name for one in find_class(paths, wanted, layout).submissions]


def names(paths, wanted=ACTIVITY1, layout="auto"):
    return [one.name for one in find_class(paths, wanted, layout).submissions]


def test_a_class_directory_is_expanded_and_nobody_s_work_is_dropped(course):
    write(course, {"zoe.zip": b""})
    everybody = find_class([course], ACTIVITY1)
    assert [one.path.name for one in everybody.submissions] == ["alice", "bob", "carol.zip", "lost.rar", "zoe.zip"]
    assert everybody.said == ("Folder of submissions: 5 students; left aside: dan",)
    assert found([course, course / "bob", course / "zoe.zip"]) == found([course])


def test_submissions_of_several_directories_are_sorted_by_name(tmp_path):
    for path in ("a/zoe", "a/bob", "b/bob", "b/amy"):
        write(tmp_path / path, {"rate.py": b""})
    assert [one.path for one in find_class([tmp_path / "b", tmp_path / "a"], LAB1).submissions] == [
        tmp_path / path for path in ("b/amy", "a/bob", "b/bob", "a/zoe")
    ]


def test_a_directory_with_code_is_one_submission(course):
    assert found([course / "bob"]) == ["bob"]
    assert find_class([course / "bob"], ACTIVITY1).said == ()
    (course / "README.md").touch()
    assert "bob" in found([course])
    write(course / "eve", {"answers.md": b""})
    assert found([course / "eve"]) == ["eve"]


def test_a_folder_named_like_the_assignment_makes_its_parent_a_submission(course):
    assert found([course / "alice"]) == ["alice"]
    assert found([course / "alice"], LAB1) == ["activity1"]
    assert found([course]) == ["alice", "bob", "carol.zip", "lost.rar"]


@pytest.mark.parametrize(
    "ordinary",
    [
        {"src/rate.py": b"", "data/x.csv": b""},
        {"factorise/main.py": b"", "complete/main.py": b""},
        {"Part 1/rate.py": b"", "Part 2/rate.py": b""},
        {"v1/rate.py": b"", "v2/rate.py": b""},
        {"rate.py": b"", "utils/mf.py": b""},
        {"rate.py": b"", "my_work/rate.py": b""},
        {"main.py": b"", "helpers.py": b""},
        {"lab1_part1.ipynb": b"", "lab1_part2.ipynb": b""},
        {"rate.py": b"", "rate.ipynb": b"", "notes.pdf": b""},
        {"report.pdf": b""},
        {"solution.py": b"", "data.zip": b"no zip"},
    ],
    ids="+".join,
)
def test_an_ordinary_project_is_one_persons_as_a_folder_and_as_a_zip(ordinary, tmp_path):
    write(tmp_path / "ann", ordinary)
    write(tmp_path, {"ann.zip": zipped(ordinary), "packed.zip": zipped({f"lab/{p}": c for p, c in ordinary.items()})})
    for name in ("ann", "ann.zip", "packed.zip"):
        assert find_class([tmp_path / name], LAB1).layout == "person"
        assert found([tmp_path / name], LAB1) == [name]


@pytest.mark.parametrize("inside", ["score_matrix.py", "carol/work.ipynb", "answers.md"])
def test_code_beside_archives_of_work_may_be_one_submission_or_a_class_and_is_refused(tmp_path, inside):
    write(tmp_path, {"ann.py": b"", "zoe.py": b"", "carol.zip": zipped({inside: b""})})
    with pytest.raises(UsageError, match=rf"ann\.py and also carol\.zip.* class, give .*\({tmp_path}/\*\); .* one sub"):
        find_class([tmp_path])
    paths = list(tmp_path.iterdir())
    assert [one.path / piece.at for one in find_class(paths).submissions for piece in one.pieces] == []
    assert [one.path for one in find_class(paths).submissions] == sorted(paths)


EITHER = {
    "a file beside folders": {"ana/rate.py": b"", "ben/rate.py": b"", "cem_rate.py": b""},
    "a notebook beside folders": {"ana/rate.py": b"", "ben/rate.py": b"", "cem.ipynb": b""},
    "answers beside folders": {"ana/rate.py": b"", "ben/rate.py": b"", "answers.md": b""},
    "a notebook beside one folder": {"ana/rate.py": b"", "cem.ipynb": b""},
    "one folder named like the assignment": {"ana/rate.py": b"", "ben/rate.py": b"", "lab1/rate.py": b""},
    "one folder named like a part": {"ana/x.py": b"", "ben/y.py": b"", "rate/rate.py": b""},
    "several people's files": {"ana_rate.py": b"", "ben_rate.py": b"", "ben_complete.py": b""},
    "files with people's names": {"ana.py": b"", "ben.py": b""},
    "sections of a class": {f"{one}/rate.py": b"" for one in ("g1/ana", "g1/ben", "g2/cem", "g2/dua")},
    "notebooks with people's names": {"Lab 1 - Kim Oh.ipynb": b"", "Lab 1 - Ana.ipynb": b""},
}


@pytest.mark.parametrize("files", EITHER.values(), ids=EITHER)
def test_what_could_be_a_class_or_one_person_is_refused_and_a_flag_decides(files, tmp_path):
    folder = write(tmp_path / "in", files)
    for given in (folder, write(tmp_path, {"in.zip": zipped(files)}) / "in.zip"):
        with pytest.raises(UsageError, match=r"--layout people.*--layout person") as refused:
            find_class([given], LAB1)
        assert str(given) in str(refused.value)
        assert names([given], LAB1, "person") == ["in"]
        people = names([given], LAB1, "people")
        assert len(people) > 1
        assert "in" not in people


def test_sections_given_one_by_one_are_one_class(tmp_path):
    write(tmp_path, {f"{one}/rate.py": b"" for one in ("g1/ana", "g1/ben", "g2/cem", "g2/dua")})
    with pytest.raises(UsageError, match=rf"g1, g2, each with several people's work .*\({tmp_path}/\*\)"):
        find_class([tmp_path], LAB1)
    assert names(sorted(tmp_path.iterdir()), LAB1) == ["ana", "ben", "cem", "dua"]


def test_people_who_keep_copies_of_their_files_are_no_sections(tmp_path):
    write(tmp_path, {f"{one}/rate.py": b"" for one in ("ana/old", "ana/new", "ben/lab1", "ben/my", "cem/v1", "cem/v2")})
    assert names([tmp_path], LAB1) == ["ana", "ben", "cem"]
    write(tmp_path, {f"{one}/rate.py": b"" for one in ("cem/ada", "cem/bea")})
    assert names([tmp_path], LAB1) == ["ana", "ben", "cem"]
    write(tmp_path / "own files", {f"{one}/rate.py": b"" for one in ("a", "a/x", "a/y", "b", "b/x", "b/y")})
    assert names([tmp_path / "own files"], LAB1) == ["a", "b"]


def test_loose_files_of_one_person_are_one_submission_of_a_class(tmp_path):
    files = {"ana_rate.py": b"1", "ana_complete.py": b"2", "ben_rate (1).py": b"3", "cem.ipynb": b"4", "cem.py": b"5"}
    people = find_class([write(tmp_path, files)], LAB1, "people").submissions
    assert {one.name: dict(take_in(one.path, pieces=one.pieces).files) for one in people} == {
        "ana": {"complete.py": b"2", "rate.py": b"1"},
        "ben": {"rate (1).py": b"3"},
        "cem": {"cem.ipynb": b"4", "cem.py": b"5"},
    }


def test_a_zip_of_folders_or_of_zips_is_a_class_and_one_of_both_kinds_is_asked_about(tmp_path):
    zips = {"ada.zip": b"", "bela.zip": b""}
    homes = {"ada/rate.py": b"", "bela/rate.py": b""}
    for files in (zips, homes, zips | {"cid/rate.py": b""} | {"dora/rate.py": b""}):
        for name, content in (("a.zip", files), ("b.zip", {f"Lab 1/{path}": b"" for path in files})):
            write(tmp_path / "from somebody", {name: zipped(content)})
            assert {"ada", "bela"} <= {*names([tmp_path / "from somebody" / name], LAB1)}
            assert {"ada", "bela"} <= {*names([tmp_path / "from somebody"], LAB1)}, "the folder around it, too"
            (tmp_path / "from somebody" / name).unlink()
    write(tmp_path, {"either.zip": zipped({"ada/x.py": b"", "bela/y.py": b""})})
    with pytest.raises(UsageError, match=r"ada and also bela.* --layout people; .* --layout person"):
        find_class([tmp_path / "either.zip"], LAB1)


def test_what_is_in_an_ordinary_folder_of_one_student_does_not_make_it_a_class(tmp_path):
    write(tmp_path, {"a.py": b"", "data/b.py": b"", "__pycache__/a.pyc": b"", ".ipynb_checkpoints/a.py": b""})
    data = zipped({"ml-latest-small/ratings.csv": b"", "ml-latest-small/README.txt": b""})
    write(tmp_path, {"broken.zip": b"no zip", "folder.zip/c.py": b"", "weights.tar.gz": b"", "data.zip": data})
    os.mkfifo(tmp_path / "pipe.zip")
    assert [(one.name, one.path) for one in find_class([tmp_path]).submissions] == [(tmp_path.name, tmp_path)]


def test_what_is_not_there_or_is_nobody_s_is_wrong_usage(tmp_path, monkeypatch):
    write(tmp_path / "litter", {"Thumbs.db": b"", "desktop.ini": b"", "grades.csv": b"", "feedback/ana.pdf": b""})
    write(tmp_path, {"report.docx": b""})
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "litter")
    os.mkfifo(tmp_path / "pipe.py")
    for name, says in (
        ("gone", "gone is not there"),
        ("empty", "nobody's work in .*empty: it is empty, or"),
        ("litter", "nobody's work in .*litter"),
        ("report.docx", "report.docx is no folder, .zip, .py or .ipynb"),
        ("link", "link is a link or a device: give"),
        ("pipe.py", "pipe.py is a link or a device: give"),
    ):
        with pytest.raises(UsageError, match=says):
            find_class([tmp_path / name], LAB1)
    for layout in ("people", "canvas"):
        with pytest.raises(UsageError):
            find_class([tmp_path / "litter"], LAB1, layout)

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UsageError, match=r"litter cannot be read \(Permission denied\)"):
        find_class([tmp_path / "litter"], LAB1)


def test_a_person_who_handed_in_nothing_that_can_be_read_stays_in_the_class(tmp_path):
    write(tmp_path, {"ana/rate.py": b"", "ben/rate.py": b"", "broken.zip": b"no zip", "dora.docx": b""})
    (tmp_path / "empty").mkdir()
    assert names([tmp_path], LAB1) == ["ana", "ben", "broken", "dora", "empty"]
    assert names(sorted(tmp_path.iterdir()), LAB1) == ["ana", "ben", "broken", "dora", "empty"]


def test_paths_given_one_by_one_are_people_whatever_is_in_them(tmp_path):
    write(tmp_path, {"ana/src/rate.py": b"", "ben/lab1/rate.py": b"", "cem/a/x.py": b"", "cem/b/y.py": b""})
    write(tmp_path, {"dora.zip": zipped({"p/x.py": b"", "q/x.py": b""}), "grades.csv": b""})
    (tmp_path / "link").symlink_to(tmp_path / "ana")
    everybody = find_class(sorted(tmp_path.iterdir()), LAB1)
    assert [one.name for one in everybody.submissions] == ["ana", "ben", "cem", "dora"]
    assert everybody.said == ("Folder of submissions: 4 students; left aside: grades.csv, link",)


def test_a_new_source_comes_first_where_it_recognises_what_was_given(tmp_path, monkeypatch):
    class Lms:
        layout, title, example = "lms", "LMS download", "class.lms"

        def find(self, top, _wanted):
            if not (there := top.child("class.lms")):
                return None
            people = [Person("1", "ann"), Person("2", "ann")]
            return Found(submissions=[submission_of([one], [(there, "")]) for one in people])

    monkeypatch.setattr("grader.intake.discover.SOURCES", (Lms(), *SOURCES))
    write(tmp_path / "class", {"class.lms/rate.py": b""})
    assert names([tmp_path / "class"]) == ["ann (1)", "ann (2)"]
    write(tmp_path / "bob", {"a.py": b""})
    assert names([tmp_path / "bob"]) == ["bob"]


def test_submissions_of_one_name_in_several_places_are_told_apart(tmp_path):
    for path in ("a/ann", "a/bob", "b/ann", "b/bob"):
        write(tmp_path / path, {"rate.py": b""})
    assert names([tmp_path / "a", tmp_path / "b"], LAB1) == ["ann", "ann (2)", "bob", "bob (2)"]


def test_a_person_keeps_their_name_whatever_stands_beside_them(tmp_path):
    write(tmp_path, {"bob/rate.py": b"1", "ann/rate.py": b"1", "ann.zip": zipped({"ann/rate.py": b"1"})})
    assert found([tmp_path], LAB1) == ["ann", "bob"], "the same files twice are one submission"
    write(tmp_path, {"ann.zip": zipped({"rate.py": b"other"}), "bob.ipynb": b""})
    with pytest.raises(UsageError, match=r"ann/ and ann\.zip; bob/ and bob\.ipynb.*keep the one that counts"):
        find_class([tmp_path], LAB1, "people")
    with pytest.raises(UsageError, match=r"ann/ and ann\.zip"):
        find_class([tmp_path / "ann", tmp_path / "ann.zip"], LAB1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "a (2)", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "a", "a (2)"], ["a", "a (3)", "a (2)"]),
        ([], []),
    ],
)
def test_two_submissions_never_share_a_name(given, expected):
    assert distinct(given) == expected
    assert len(set(expected)) == len(given)


@pytest.mark.parametrize(
    "twin",
    [
        *("ann\u200d", "ann\u034f", "a\ufe0fnn", "\u0430nn", "ann ", "\uff41nn", "ann\u3164", "\u1160ann"),
    ],
    ids=ascii,
)
def test_two_names_that_look_alike_are_told_apart(twin):
    assert distinct(["ann", twin, "bob"]) == ["ann", f"{twin} (2)", "bob"]


def test_letters_that_are_composed_in_two_ways_look_alike():
    assert distinct(["ann", "ann\u200d", "bob", "ann"]) == ["ann", "ann\u200d (2)", "bob", "ann (2)"]
    assert distinct(["e\u0301va", "\u00e9va"]) == ["e\u0301va", "\u00e9va (2)"]
    assert distinct(["a\u0323\u0302", "a\u0302\u0323"]) == ["a\u0323\u0302", "a\u0302\u0323 (2)"]
    assert distinct(["ann", "anna", "\u00e1nn", "Ann"]) == ["ann", "anna", "\u00e1nn", "Ann"]


def test_a_pile_of_marks_that_paints_over_other_rows_is_cut():
    assert shown_name("z" + "\u0301" * 200 + "oe") == "z" + "\u0301" * 4 + "oe"
    assert shown_name("\u0e19\u0e49\u0e33") == "\u0e19\u0e49\u0e33"


ODD = (
    *("Same", "SAME", "same", "emoji 🎓", "123 (abc)", "50% done", "أحمد علي", "con", "c#sharp", "李小龙", "AUX"),
    *("dot.", "jane,doe", 'quote"d', "tab\tname", "=SUM(A1)", "trailing ", "a+b", "éclair", "e\u0301clair", "who?"),
    *("new\nline", "123 [abc]", "Дарья Ким", "very long " * 20, "o'brien", "@at", "\uff21 full width", "x & y"),
    *("-dash", "back\\slash"),
)


def test_people_with_the_oddest_names_are_all_found(tmp_path):
    for name in ODD:
        write(tmp_path / name, {"score_matrix.py": b""})
    write(tmp_path / "<b>bold<", {"b>/score_matrix.py": b""})
    people = find_class([tmp_path], ACTIVITY1).submissions
    assert len({one.name for one in people}) == len(people) == len(ODD) + 1
    assert all(one.name.isprintable() for one in people)
    assert all(take_in(one.path).files for one in people)
