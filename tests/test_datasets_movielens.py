"""MovieLens as it is read from its files."""

import hashlib
import os
from pathlib import Path

import pytest
from course_examples import DATASETS

from grader.datasets.dataset import Source
from grader.datasets.integrity import check_all
from grader.errors import DatasetError

movielens = DATASETS["movielens"]
VERSION = movielens.about.versions["ml-latest-small"]


def parsed(folder):
    return DATASETS.module("_ratings").parse(folder / "ratings.csv", folder / "movies.csv", "a few")


def given(folder, pins=VERSION.sha256):
    """The data set as it is found where GRADER_DATA is."""
    repair = f"`grader data fetch movielens --to {folder.parent}` gets it"
    return Source("movielens", "ml-latest-small", folder, "GRADER_DATA", pins, repair)


def test_files_that_are_not_the_published_ones_are_refused_with_what_to_do(tmp_path):
    folder = tmp_path / "ml-latest-small"
    folder.mkdir()
    with pytest.raises(DatasetError, match=r"ratings\.csv is missing: `grader data fetch movielens --to .*` gets it"):
        movielens.read(given(folder))
    texts = {"ratings.csv": "userId,movieId,rating,timestamp\n1,3,4,12\n", "movies.csv": "movieId,title,genres\n"}
    pins = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    for name, text in texts.items():
        (folder / name).write_text(text)
    assert movielens.read(given(folder, pins)).ratings.rating.tolist() == [4.0]
    for name, text in texts.items():
        (folder / name).write_text(f"{text}9,9,9,9\n")
        with pytest.raises(DatasetError, match=rf"{name} has SHA-256 .*: delete it; `grader data fetch movielens --to"):
            movielens.read(given(folder, pins))
        (folder / name).write_text(text)


def test_the_files_are_read_as_they_are(tmp_path):
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n7,50,4.5,964982703\n1,3,4,12\n")
    (tmp_path / "movies.csv").write_text(
        'movieId,title,genres\n3,"Misérables, Les (1995)",Drama|War\n50,None (2001),(no genres listed)\n',
        encoding="utf-8",
    )
    found = parsed(tmp_path)
    assert found.source == "a few"
    assert found.ratings.to_numpy().tolist() == [[7, 50, 4.5, 964982703], [1, 3, 4.0, 12]]
    assert [str(dtype) for dtype in found.ratings.dtypes] == ["int64", "int64", "float64", "int64"]
    assert found.movies.movieId.tolist() == [3, 50]
    assert found.movies.title.tolist() == ["Misérables, Les (1995)", "None (2001)"]
    assert found.movies.genres.tolist() == ["Drama|War", "(no genres listed)"]


def test_a_title_that_looks_like_a_missing_value_is_a_title(tmp_path):
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n")
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n1,NA,Drama\n2,null,Drama\n")
    assert parsed(tmp_path).movies.title.tolist() == ["NA", "null"]


@pytest.mark.skipif("GRADER_DATA" not in os.environ, reason="needs real data: set GRADER_DATA")
def test_the_real_files():
    folder = Path(os.environ["GRADER_DATA"], "ml-latest-small")
    if not folder.is_dir():
        pytest.skip("GRADER_DATA has no ml-latest-small")
    found = movielens.read(given(folder))
    assert len(found.ratings) == 100_836
    assert len(found.movies) == found.movies.movieId.nunique() == 9_742
    assert found.ratings.userId.nunique() == 610
    assert found.ratings.movieId.nunique() == 9_724
    assert set(found.ratings.movieId) <= set(found.movies.movieId)
    checked = [checked for checked in check_all(DATASETS) if checked.path.parent == folder]
    assert {checked.path.name for checked in checked} >= {"README.txt", "movies.csv", "ratings.csv"}
    assert not any(checked.problem for checked in checked)
