"""How fast the co-occurrence and embedding references are, and what the trusted side computes for them.

Run with `make bench`: on the real ratings where they are found (`GRADER_DATA`, or `grader data fetch movielens`), and
on planted ones of 1, 2, 4 and 8 times as many users and movies, which show how the time grows with the likes.
"""

import pandas as pd
import pytest
import torch

from grader.course.catalog import find_course
from grader.course.fixture_data import load_module

DATASETS = find_course().datasets
Likes, plant = DATASETS.module("_likes").Likes, DATASETS.module("_planted").plant
REFERENCES = find_course().root / "reference/assignment2"
FACTORS = [1, 2, 4, 8]
grows = pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: f"{factor}x")


def reference(part):
    return load_module(REFERENCES / f"{part}.py", f"reference_assignment2_{part}")


@pytest.fixture(scope="module")
def folder():
    found = DATASETS.find("movielens")
    if found is None:
        pytest.skip("MovieLens-small is not here: set GRADER_DATA or run `grader data fetch movielens`")
    return found.path


@pytest.fixture(scope="module")
def real(folder):
    return Likes.of(pd.read_csv(folder / "ratings.csv"), pd.read_csv(folder / "movies.csv"))


@pytest.fixture(scope="module")
def some_vectors(real):
    return torch.randn(real.table.shape[1], 100, generator=torch.Generator().manual_seed(0))


def planted(factor, users, movies):
    """Ratings of `factor` times as many users and movies, each user with as many ratings as before."""
    return plant(users * factor, movies * factor, seed=factor)


def test_csv_files_to_cooccurrence(benchmark, folder):
    """Bound 1 s."""
    part = reference("cooccurrence")

    def read_and_count():
        return part.cooccurrence(pd.read_csv(folder / "ratings.csv"), pd.read_csv(folder / "movies.csv"))

    X = benchmark.pedantic(read_and_count, rounds=5, warmup_rounds=1)
    assert X[:3, :3].tolist() == [[147, 29, 13], [29, 53, 6], [13, 6, 21]]


def test_fit_embeddings(benchmark, real):
    """150 steps of Adam on vectors of length 100. Bound 5 s; with matrices of 9742 x 9742 it takes minutes."""
    part = reference("embedding")
    V, losses = benchmark.pedantic(part.fit_embeddings, args=(real.cooccurrence(),), kwargs={"seed": 0}, rounds=3)
    assert losses[-1] == pytest.approx(real.cost(V), rel=1e-3)
    benchmark.extra_info["cost after 135 steps"] = losses[135]


def test_one_dense_step_of_150(benchmark, real):
    """What a student's plain solution pays for each step: V Vᵀ - X, its square, and the gradient of that."""
    part, X = reference("embedding"), real.cooccurrence()
    V = torch.randn(len(X), 100).requires_grad_()
    benchmark.pedantic(lambda: part.cost(V, X).backward(), rounds=1)


def test_exact_cost_of_a_students_vectors(benchmark, real, some_vectors):
    """Bound 50 ms, once the constants of the likes are there."""
    real.cost(some_vectors)
    benchmark(real.cost, some_vectors)


def test_ten_recommendations(benchmark, folder, some_vectors):
    """Bound 10 ms."""
    titles = pd.read_csv(folder / "movies.csv")["title"].tolist()
    names = benchmark(reference("recommend").recommend, some_vectors, titles, "Apollo 13")
    assert len(names) == 10


@grows
def test_growth_of_cooccurrence(benchmark, factor):
    """Up to the size of MovieLens-small. X itself grows with the square of the movies, and so does clearing it."""
    small = planted(factor, users=76, movies=1218)
    benchmark.extra_info["likes"] = small.likes.table.values().numel()
    benchmark.pedantic(reference("cooccurrence").cooccurrence, args=(small.ratings, small.movies), rounds=3)


@grows
def test_growth_of_ten_steps(benchmark, factor):
    """From the size of MovieLens-small up, without X, which would take 24 GB: linear in users and movies."""
    likes = planted(factor, users=610, movies=9742).likes
    benchmark.extra_info["likes"] = likes.table.values().numel()
    benchmark.pedantic(lambda: likes.embedded(100, 10, torch.Generator().manual_seed(0)), rounds=3, warmup_rounds=1)


@grows
def test_growth_of_the_exact_cost(benchmark, factor):
    """Without its constants, which are computed once."""
    likes = planted(factor, users=610, movies=9742).likes
    V = torch.randn(likes.table.shape[1], 100)
    likes.cost(V)
    benchmark.extra_info["likes"] = likes.table.values().numel()
    benchmark(likes.cost, V)
