"""Predict ratings from a mean, a bias for every user and movie, and a product of two small matrices.

Some users rate everything high, and some movies everybody likes. The biases explain that much, so that the product
P Q^T is left with what is special about a user and a movie together:

    rating[u, i]  ~  mu  +  bu[u]  +  bi[i]  +  P[u] . Q[i]

Autograd computes the gradients, and plain steps follow them, on all ratings at once.

Left out: regularisation, mini-batches, and optimisers better than the plain step.
"""

import math
import sys
from typing import NamedTuple

import torch
from torch import Tensor

LOWEST_RATING, HIGHEST_RATING = 1, 5


class BiasedMF(NamedTuple):
    """A fitted model of n users and m movies with k factors."""

    mu: float | Tensor  # the mean rating: a float, or a tensor of shape ()
    bu: Tensor  # (n, 1), the bias of each user
    bi: Tensor  # (m, 1), the bias of each movie
    P: Tensor  # (n, k), what each user likes
    Q: Tensor  # (m, k), what each movie is like
    losses: list[float]  # the loss at every step of the fit


def fit(
    ratings: Tensor,
    k: int = 3,
    lr: float = 0.008,
    num_steps: int = 100,
    device: str = "cpu",
    seed: int | None = None,
) -> BiasedMF:
    """Fit mu, the biases and the factors to the ratings there are, by full-batch gradient descent.

        mu      =  the mean of the rated cells; it stays what it is
        bu, bi  =  0
        P, Q    =  small and random: normal, with a standard deviation of 0.1
        every step:
            prediction  =  mu + bu + bi^T + P Q^T, not clipped
            loss        =  the mean squared error of the prediction over the rated cells
            p          -=  lr * (gradient of the loss with respect to p), for each p of bu, bi, P and Q

    Autograd computes the gradients, and the step is the plain one above, by hand or by torch.optim.SGD: no momentum, no
    weight decay. Other random starts are right too. A progress bar on the screen is welcome.

    Args:
        ratings: shape (n, m), users x movies, floating point or integer: 1 to 5, and 0 where a user has not rated a
            movie. A user or a movie may have no ratings at all.
        k: the number of columns of P and Q; 0 leaves the mean and the biases alone.
        lr: the learning rate.
        num_steps: how many steps to take, at least 1.
        device: where to compute ("cpu", "cuda", ...). Use exactly this device; do not put another in its place.
        seed: the same seed gives the same result (0 is a seed too), another one another result; None starts anywhere.

    Returns:
        The bu, bi, P and Q of the best step, those with the smallest loss, and with them mu and the losses of all
        num_steps steps in order. So min(losses) is the loss of what is returned, however far later steps went astray.
        ratings stays as it was.
    """
    raise NotImplementedError("fit is not written yet")


def predict(model: BiasedMF) -> Tensor:
    """Predict the rating of every user for every movie.

    Args:
        model: a fitted model, as `fit` returns it. Its losses play no part here.

    Returns:
        mu + bu + bi^T + P Q^T, shape (n, m), clipped to [1, 5]: nobody can give less or more.
    """
    raise NotImplementedError("predict is not written yet")
