"""`_likes`: what is computed from the sparse table is what the dense matrices give."""

import pandas as pd
import pytest
import torch
from course_examples import DATASETS

Likes, plant = DATASETS.module("_likes").Likes, DATASETS.module("_planted").plant
RATINGS = pd.DataFrame(
    {
        "userId": [7, 7, 7, 3, 3, 9],
        "movieId": [10, 30, 20, 10, 20, 30],
        "rating": [4.0, 3.0, 2.0, 1.0, 5.0, 0.5],  # user 7 rates movie 30 exactly at their mean
    }
)
MOVIES = pd.DataFrame({"movieId": [20, 99, 10, 30]})


@pytest.fixture(scope="module")
def planted():
    small = plant(users=25, movies=40, seed=3)
    return Likes.of(small.ratings, small.movies)


def off_diagonal(matrix):
    return matrix - torch.diag(matrix.diagonal())


def test_a_like_is_a_rating_at_least_at_the_users_own_mean():
    table = Likes.of(RATINGS, MOVIES).table.to_dense()
    assert table.tolist() == [[0, 0, 1, 1], [1, 0, 0, 0], [0, 0, 0, 1]]


def test_counts_and_norm_are_those_of_the_cooccurrence(planted):
    L = planted.table.to_dense()
    assert torch.equal(planted.cooccurrence(), L.T @ L)
    assert torch.equal(planted.counts.float(), planted.cooccurrence().diagonal())
    assert planted.squared_norm == float(planted.cooccurrence().square().sum())


def test_the_cooccurrence_of_many_movies_comes_in_pieces_that_cover_it():
    L = (torch.rand(20, 600, generator=torch.Generator().manual_seed(2)) < 0.2).float()
    many = Likes(L.to_sparse())
    assert [(first, len(rows)) for first, rows in many.cooccurrence_by_rows()] == [(0, 250), (250, 250), (500, 100)]
    assert torch.equal(many.cooccurrence(), L.T @ L)


def test_the_cost_is_the_sum_over_pairs_of_different_movies(planted):
    V = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    difference = V.double() @ V.double().T - planted.cooccurrence()
    assert planted.cost(V) == pytest.approx(float(off_diagonal(difference).square().sum()), rel=1e-9)
    assert planted.cost(V.bfloat16()) == pytest.approx(planted.cost(V), rel=0.02)


def test_reordered_movies_keep_their_counts(planted):
    order = torch.randperm(40, generator=torch.Generator().manual_seed(1))
    assert torch.equal(planted.reordered(order).cooccurrence(), planted.cooccurrence()[order][:, order])


def test_the_embedding_descends_along_the_gradient_of_the_cost(planted):
    def start():
        return torch.randn(40, 6, generator=torch.Generator().manual_seed(5)).double()

    V = start().requires_grad_()
    adam = torch.optim.Adam([V], lr=1.0)
    for _ in range(5):
        adam.zero_grad()
        off_diagonal(V @ V.T - planted.cooccurrence()).square().sum().backward()
        adam.step()
    found = planted.embedded(6, 5, torch.Generator().manual_seed(5))
    assert torch.allclose(found.double(), V.detach(), atol=1e-3)
    assert planted.cost(planted.embedded(6, 60, torch.Generator().manual_seed(5))) < 0.05 * planted.cost(start())
