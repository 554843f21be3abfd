"""What was published of MovieLens-small, computed anew by the references and by the mistakes that were made then."""

import os

import pytest
from course_examples import DATASETS

from grader.course import fixture_data
from grader.course.catalog import find_course
from grader.course.part_toml import Setting
from grader.running import published

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("GRADER_DATA" not in os.environ, reason="needs real data: set GRADER_DATA"),
]


@pytest.fixture(scope="module")
def data():
    if DATASETS.find("movielens") is None:
        pytest.skip("GRADER_DATA has no ml-latest-small")
    return DATASETS["movielens"].read(DATASETS.require("movielens"))


@pytest.fixture(scope="module")
def counts(data):
    return solution("cooccurrence").cooccurrence(data.ratings, data.movies)


def solution(part, mistake=""):
    (found,) = find_course().select([f"assignment2/{part}"])
    path = found.fixture_folder / "mistakes" / f"{mistake}.py" if mistake else found.reference
    return fixture_data.load_module(path, f"published_{part}_{mistake}")


@pytest.mark.parametrize(
    ("mistake", "figures"),
    [
        ("", (147, 53, 21, 29, 13, 6)),
        ("median", (171, 66, 29, 38, 17, 10)),
        ("at_least_four", (147, 50, 18, 21, 11, 5)),
        ("at_least_three_and_a_half", (165, 61, 23, 31, 14, 5)),
    ],
)
def test_how_many_like_the_first_three_movies(data, mistake, figures):
    X = solution("cooccurrence", mistake).cooccurrence(data.ratings.copy(), data.movies.copy())
    pairs = ((1, 1), (2, 2), (3, 3), (1, 2), (1, 3), (2, 3))
    place = {movie: number for number, movie in enumerate(data.movies["movieId"].tolist())}
    assert tuple(int(X[place[i], place[j]]) for i, j in pairs) == figures


def test_the_size_of_the_data(data, counts):
    assert len(data.ratings) == 100_836
    assert data.ratings["userId"].nunique() == 610
    assert data.ratings["movieId"].nunique() == 9_724
    assert tuple(counts.shape) == (9_742, 9_742)
    rated_only = solution("cooccurrence", "only_rated_movies").cooccurrence(data.ratings.copy(), data.movies.copy())
    assert len(rated_only) == 9_724


@pytest.mark.parametrize("name", ["cooccurrence", "embedding"])
def test_every_published_figure_is_computed_and_lies_in_its_range(name):
    (part,) = find_course().select([f"assignment2/{name}"])
    known = part.config.published
    ours = dict(published.figures(part, Setting("full", "cpu")))
    assert len(ours) == {"cooccurrence": 14, "embedding": 16}[name]
    assert {figure for figure, value in ours.items() if not known[figure].low <= value <= known[figure].high} == set()
