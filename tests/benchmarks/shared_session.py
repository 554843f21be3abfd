"""The checks of activity1 as a plain pytest file: one session, in one process, for the whole class of ``CLASS``.

No process, time limit or memory limit of its own for anybody, no feedback, no record: what `grader grade` is measured
against. It imports each student's file once and asks what the grader's checks ask.
"""

import importlib.util
import os
from pathlib import Path

import pytest
import torch

Q = torch.tensor([[1, 0, 2, -1], [0, 3, -2, 1], [2, 1, 0, 0]])
K = torch.tensor([[1, 2, 0, 1], [0, -1, 3, 2], [2, 0, 1, 0], [1, 1, 1, 1], [-1, 0, 2, 0]])


@pytest.fixture(scope="module", params=sorted(Path(os.environ["CLASS"]).iterdir()), ids=lambda path: path.name)
def student(request):
    spec = importlib.util.spec_from_file_location(request.param.name, request.param / "score_matrix.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_stacking(student):
    assert torch.equal(student.stack_rows(list(Q)), Q)


def test_stacking_other_sizes(student):
    for n, d in ((1, 4), (5, 1), (7, 3)):
        rows = torch.randint(-9, 9, (n, d))
        assert torch.equal(student.stack_rows(list(rows)), rows)


def test_scores(student):
    assert torch.equal(student.score_matrix(Q, K), Q @ K.T)


def test_scores_other_sizes(student):
    for n, m, d in ((4, 4, 4), (5, 2, 3), (2, 6, 5), (1, 3, 2)):
        users, movies = torch.randn(n, d), torch.randn(m, d)
        torch.testing.assert_close(student.score_matrix(users, movies), users @ movies.T)


def test_arguments_unchanged(student):
    users, movies = Q.clone(), K.clone()
    scores = student.score_matrix(users, movies)
    before = scores.clone()
    student.favourite_movie(scores, 1)
    assert torch.equal(users, Q)
    assert torch.equal(movies, K)
    assert torch.equal(scores, before)


def test_favourite(student):
    scores = Q @ K.T
    assert [student.favourite_movie(scores, user) for user in range(3)] == scores.argmax(1).tolist()


def test_favourite_ties_and_shapes(student):
    for users, movies in ((2, 4), (4, 3)):
        scores = torch.randint(-9, 9, (users, movies)).float()
        scores[:, 1:3] = 20
        assert [student.favourite_movie(scores, user) for user in range(users)] == [1] * users
