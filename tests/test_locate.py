"""`grader.intake.locate`: a part's file is found among the files of a submission."""

import pytest

from grader.intake.locate import Location, locate


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


def test_what_somebody_wrote_comes_before_the_untouched_template():
    for written in ("score_matrix (1).py", "my_work/score_matrix.py"):
        files = ["score_matrix.py", written]
        assert locate(files, "score_matrix", untouched=["score_matrix.py"]).path == written
        assert locate(files, "score_matrix", untouched=files).path == "score_matrix.py"


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
