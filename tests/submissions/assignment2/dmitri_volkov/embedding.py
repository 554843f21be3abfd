"""Learn a vector for every movie, so that inner products of vectors follow how many users liked both movies.

V minimises the sum over all pairs of different movies of (v_i . v_j - X_ij)^2, where X counts the users who liked both.
The diagonal is left out: that everybody who likes a movie likes that movie says nothing about other movies.

Left out: mini-batches, a schedule for the learning rate, and regularisation.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from torch import Tensor

OPTIMIZERS = {"adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop, "sgd": torch.optim.SGD}


def cost(V: Tensor, X: Tensor) -> Tensor:
    """Say how far the inner products of the vectors are from the counts.

    Args:
        V: one vector for each movie, shape (M, d).
        X: the co-occurrence matrix, shape (M, M), symmetric.

    Returns:
        The sum of (v_i . v_j - X[i, j])^2 over all i and j that differ, as a tensor with one element, through which
        gradients flow back to V. The diagonal counts for nothing.
    """
    raise NotImplementedError("cost is not written yet")


def fit_embeddings(
    X: Tensor,
    dim: int = 100,
    optimizer: str = "adam",
    lr: float = 1.0,
    num_steps: int = 150,
    seed: int | None = None,
) -> tuple[Tensor, list[float]]:
    """Minimise the cost over V by gradient descent, all movies in every step.

    V starts from the standard normal distribution. Every step follows the gradient of `cost(V, X)`.

    Args:
        X: the co-occurrence matrix, shape (M, M), symmetric.
        dim: the length d of each movie's vector.
        optimizer: "adam", "rmsprop" or "sgd": the one of torch.optim, with its default settings except for lr.
        lr: the learning rate.
        num_steps: how many steps to take; 0 returns the start.
        seed: the same seed gives the same start, whatever else is asked for; None starts anywhere.

    Returns:
        V of shape (M, d), floating point, and the losses: num_steps + 1 floats, the cost of the start and then the
        cost after every step. So losses[0] belongs to the start and losses[-1] to the V that is returned.
    """
    raise NotImplementedError("fit_embeddings is not written yet")


def compare_settings(X: Tensor, settings: Sequence[tuple[str, float]]) -> dict[tuple[str, float], list[float]]:
    """Fit embeddings once with each optimiser and learning rate, all from the same start.

    Args:
        X: the co-occurrence matrix, shape (M, M).
        settings: pairs (optimizer, lr), as `fit_embeddings` takes them; everything else is left at its default.

    Returns:
        For each pair its losses, as `fit_embeddings` returns them. From the same start every list begins with the same
        cost, so that the curves differ by the setting alone.
    """
    raise NotImplementedError("compare_settings is not written yet")


def plot_losses(curves: dict[tuple[str, float], list[float]], path: str | Path) -> None:
    """Draw the losses over the steps, one line for each setting, and save the picture.

    Both axes are labelled, a legend names the settings, and the losses stand on a logarithmic scale: they fall by
    several orders of magnitude.

    Args:
        curves: as `compare_settings` returns them.
        path: where to write the PNG.
    """
    raise NotImplementedError("plot_losses is not written yet")
