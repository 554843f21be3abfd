"""Score every movie for every user with one matrix product.

A user is a vector of tastes, and a movie is a vector of the same qualities. Their inner product says how well the two
match. Stack the users as the rows of Q and the movies as the rows of K: one matrix S then holds all scores.

Left out: where the vectors come from (lab1 learns them), normalising the scores, and recommending more than
one movie. Users and movies are counted from 0.
"""

import torch
from torch import Tensor


def stack_rows(vectors: list[Tensor]) -> Tensor:
    """Stack n vectors of length d as the rows of one matrix.

    Args:
        vectors: n tensors of shape (d,), all of one length and dtype; n is at least 1.

    Returns:
        A tensor of shape (n, d) and the vectors' dtype; row i holds `vectors[i]`.
    """
    # BEGIN SOLUTION
    # Give each vector a new first axis and put the rows one under the other.
    return torch.stack(vectors, dim=0)  # n times (d,) -> (n, d)
    # END SOLUTION


def score_matrix(Q: Tensor, K: Tensor) -> Tensor:
    """Score every movie for every user: S_ij is the inner product of user i and movie j.

    Args:
        Q: the users, shape (n, d), integer or floating point.
        K: the movies, shape (m, d), same d and dtype as Q.

    Returns:
        S of shape (n, m), users x movies, in the dtype of Q and K. Q and K stay unchanged.
    """
    # BEGIN SOLUTION
    # A matrix product sums over the columns of the left matrix and the rows of the right one. We have to sum
    # over the d qualities, which are the columns of both: so the movies must become columns.
    return Q @ K.T  # (n, d) @ (d, m) -> (n, m)
    # END SOLUTION


def favourite_movie(S: Tensor, user: int) -> int:
    """Return the index of the movie with the highest score for one user.

    Args:
        S: scores, shape (n, m), users x movies.
        user: the user's index, counted from 0 to n - 1.

    Returns:
        The movie's index as a Python int, counted from 0. Ties go to the first movie. S stays unchanged.
    """
    # BEGIN SOLUTION
    # One user's scores are one row. In a tie argmax gives the first index.
    scores = S[user]  # (m,)
    return int(scores.argmax())
    # END SOLUTION
