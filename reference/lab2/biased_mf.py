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
    # BEGIN SOLUTION
    ratings = ratings.to(device=device, dtype=torch.get_default_dtype())  # (n, m)
    rated = ratings != 0
    mu = ratings[rated].mean()

    # Always draw on the CPU: then a seed gives the same start on every device.
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    n, m = ratings.shape
    P = 0.1 * torch.randn(n, k, generator=generator)
    Q = 0.1 * torch.randn(m, k, generator=generator)
    parameters = [p.to(device).requires_grad_() for p in (torch.zeros(n, 1), torch.zeros(m, 1), P, Q)]

    losses: list[float] = []
    best, smallest = parameters, math.inf
    for step in range(num_steps):
        # Leave out cells without a rating: their 0 is not an opinion.
        loss = (_unclipped(mu, *parameters) - ratings)[rated].square().mean()
        losses.append(loss.item())
        if losses[-1] < smallest:
            # Copy them: the parameters themselves change with every step.
            best, smallest = [p.detach().clone() for p in parameters], losses[-1]
        # torch.autograd.grad returns new gradients at every step; `backward` would add them to the old ones.
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for p, gradient in zip(parameters, gradients, strict=True):
                p.sub_(lr * gradient)
        _show_progress(step + 1, num_steps, losses[-1])
    bu, bi, P, Q = best
    return BiasedMF(mu.item(), bu, bi, P, Q, losses)
    # END SOLUTION


def predict(model: BiasedMF) -> Tensor:
    """Predict the rating of every user for every movie.

    Args:
        model: a fitted model, as `fit` returns it. Its losses are not used.

    Returns:
        mu + bu + bi^T + P Q^T, shape (n, m), clipped to [1, 5]: nobody can give less or more.
    """
    # BEGIN SOLUTION
    scores = _unclipped(model.mu, model.bu, model.bi, model.P, model.Q)
    return scores.clip(LOWEST_RATING, HIGHEST_RATING)
    # END SOLUTION


# BEGIN SOLUTION
def _unclipped(mu: float | Tensor, bu: Tensor, bi: Tensor, P: Tensor, Q: Tensor) -> Tensor:
    """Return every prediction, shape (n, m); broadcasting repeats the column bu and the row bi^T."""
    return mu + bu + bi.T + P @ Q.T


def _show_progress(step: int, num_steps: int, loss: float) -> None:
    """Draw a progress bar over the last one, only on a terminal and not into a file or a pipe."""
    if sys.stderr.isatty():
        bar = "#" * (30 * step // num_steps)
        end = "\n" if step == num_steps else ""
        print(f"\r[{bar:<30}] step {step} of {num_steps}, loss {loss:.4f}", end=end, file=sys.stderr, flush=True)


# END SOLUTION
