"""Predict ratings from a mean, a bias for every user and movie, and a product of two small matrices.

Some users rate everything high, and some movies are liked by everybody. The biases explain this much, so the product
P Q^T only has to explain what is special about a user and a movie together:

    rating[u, i]  ~  mu  +  bu[u]  +  bi[i]  +  P[u] . Q[i]

Autograd computes the gradients, and plain gradient steps follow them, on all ratings at once.

Left out: regularisation, mini-batches, and better optimisers than the plain step.
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
    """Fit mu, the biases and the factors to the known ratings, by full-batch gradient descent.

        mu      =  the mean of the rated cells; it never changes
        bu, bi  =  0
        P, Q    =  small and random: normal, with a standard deviation of 0.1
        every step:
            prediction  =  mu + bu + bi^T + P Q^T, not clipped
            loss        =  the mean squared error of the prediction over the rated cells
            p          -=  lr * (gradient of the loss with respect to p), for each p of bu, bi, P and Q

    Compute the gradients with autograd. Take the plain step above, by hand or by torch.optim.SGD, without momentum and
    weight decay. Other random starts are right too. You may show a progress bar on the screen.

    Args:
        ratings: shape (n, m), users x movies, floating point or integer: 1 to 5, and 0 where a user has not rated a
            movie. A user or a movie may have no ratings at all.
        k: the number of columns of P and Q; with 0 the model is only the mean and the biases.
        lr: the learning rate.
        num_steps: how many steps to take, at least 1.
        device: where to compute ("cpu", "cuda", ...). Use exactly this device; do not replace it by another.
        seed: the same seed gives the same result (0 is a seed too), another seed another result; with None every call
            starts at random.

    Returns:
        A BiasedMF: bu, bi, P and Q from the step with the smallest loss, mu, and the losses of all num_steps steps in
        order. So min(losses) is the loss of the returned parameters, even if later steps made it worse. ratings stays
        unchanged.
    """
    raise NotImplementedError("fit is not written yet")


def predict(model: BiasedMF) -> Tensor:
    """Predict the rating of every user for every movie.

    Args:
        model: a fitted model, as `fit` returns it. Its losses are not used.

    Returns:
        mu + bu + bi^T + P Q^T, shape (n, m), clipped to [1, 5]: nobody can give less or more.
    """
    raise NotImplementedError("predict is not written yet")
