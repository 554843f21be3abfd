"""Predict ratings: factorise a matrix of movies x users by full-batch gradient descent on the known ratings.

Every movie gets a row of U and every user a row of V; their inner product is the rating that the user would give the
movie. One step uses all ratings at once, so an epoch is three matrix products instead of a loop over cells. A matrix
of a thousand movies and thousands of users takes seconds.

Left out: biases (some movies and some users are above the mean; lab 2 adds them), regularisation, and clipping.
"""

import torch
from torch import Tensor


def gd_factorise_masked(
    A: Tensor, M: Tensor, rank: int, num_epochs: int = 1000, lr: float = 1e-5
) -> tuple[Tensor, Tensor]:
    """Find U and V such that U V^T is close to A in the observed cells, by full-batch gradient descent.

        start U and V uniformly at random in [0, 1)
        for every epoch:
            E   =  A - U V^T  where a cell was observed, else 0
            U  +=  lr * E V
            V  +=  lr * E^T U

    Each step follows half the negative gradient of the sum of the squared errors. A step along the whole gradient,
    twice as long, is right too. V's step may use U from before or after U's own step.

    Args:
        A: the ratings, shape (movies, users), floating point or integer. Values in cells without a rating have no
            effect.
        M: the mask, shape (movies, users): 1 where there is a rating, else 0; of dtype int, float or bool.
        rank: the number of columns of U and V, at least 1.
        num_epochs: the number of steps.
        lr: the learning rate. A step adds up the errors of all ratings of a movie or user: the more ratings, the
            smaller lr must be.

    Returns:
        U of shape (movies, rank) and V of shape (users, rank), of a floating-point dtype. A and M stay
        unchanged.
    """
    raise NotImplementedError("gd_factorise_masked is not written yet")


def masked_sse(A: Tensor, M: Tensor, U: Tensor, V: Tensor) -> Tensor:
    """Return the sum of the squared errors (A - U V^T)^2 over the observed cells only.

    Args:
        A: the ratings, shape (movies, users), floating point or integer.
        M: the mask, shape (movies, users): 1 where there is a rating, else 0; of dtype int, float or bool.
        U: shape (movies, rank).
        V: shape (users, rank).

    Returns:
        A tensor of shape () or a number: the sum, not the mean.
    """
    raise NotImplementedError("masked_sse is not written yet")


def predict_rating(U: Tensor, V: Tensor, movie: int, user: int) -> float:
    """Predict one rating: the inner product of the movie's row of U and the user's row of V.

    Args:
        U: shape (movies, rank).
        V: shape (users, rank).
        movie: the movie's row in the ratings matrix, counted from 0.
        user: the user's column in the ratings matrix, counted from 0: user 5 of a list that starts at 1 is user 4 here.

    Returns:
        The prediction, neither rounded nor clipped to the range of ratings.
    """
    raise NotImplementedError("predict_rating is not written yet")
