"""Learn a vector for every movie, so that inner products of vectors follow how many users liked both movies.

V minimises the sum over all pairs of different movies of (v_i . v_j - X_ij)^2, where X counts the users who liked both.
The diagonal is left out, because X_ii only counts the users who liked movie i and says nothing about other movies.

Left out: mini-batches, a schedule for the learning rate, and regularisation.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from torch import Tensor

OPTIMIZERS = {"adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop, "sgd": torch.optim.SGD}


def cost(V: Tensor, X: Tensor) -> Tensor:
    """Measure how far the inner products of the vectors are from the counts.

    Args:
        V: one vector for each movie, shape (M, d).
        X: the co-occurrence matrix, shape (M, M), symmetric.

    Returns:
        The sum of (v_i . v_j - X[i, j])^2 over all i and j that differ, as a tensor with one element. The diagonal
        does not count.
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
    """Minimise the cost over V by gradient descent, with all movies in every step.

    V starts from the standard normal distribution. Every step follows the gradient of `cost(V, X)`.

    Args:
        X: the co-occurrence matrix, shape (M, M), symmetric.
        dim: the length d of each movie's vector.
        optimizer: "adam", "rmsprop" or "sgd": that optimiser of torch.optim, with its default settings except for lr.
        lr: the learning rate.
        num_steps: how many steps to take; with 0, return the start.
        seed: the same seed gives the same start, for every optimizer, lr and num_steps; with None every call starts at
            random.

    Returns:
        V of shape (M, d), floating point, and the losses: num_steps + 1 floats, the cost of the start and then the
        cost after every step. So losses[0] belongs to the start and losses[-1] to the returned V.
    """
    raise NotImplementedError("fit_embeddings is not written yet")


def compare_settings(X: Tensor, settings: Sequence[tuple[str, float]]) -> dict[tuple[str, float], list[float]]:
    """Fit embeddings once with each optimiser and learning rate, all from the same start.

    Args:
        X: the co-occurrence matrix, shape (M, M).
        settings: pairs (optimizer, lr), as `fit_embeddings` takes them; everything else keeps its default.

    Returns:
        For each pair its losses, as `fit_embeddings` returns them. All lists begin with the same cost, that of the
        common start, so the curves differ only by the setting.
    """
    raise NotImplementedError("compare_settings is not written yet")


def plot_losses(curves: dict[tuple[str, float], list[float]], path: str | Path) -> None:
    """Draw the losses over the steps, one line for each setting, and save the picture.

    Name the settings in a legend, and use a logarithmic scale for the losses: they fall by several orders of magnitude.
    The report shows your picture to whoever marks your work, so say in it what each axis shows.

    Args:
        curves: as `compare_settings` returns them.
        path: where to write the PNG.
    """
    raise NotImplementedError("plot_losses is not written yet")
