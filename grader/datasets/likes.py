"""Who liked which movie, and what follows from it exactly and quickly: co-occurrences, and the cost of embeddings.

With L the (users, movies) table of 0 and 1, X = LᵀL counts for every two movies the users who liked both. X is large,
L is sparse, and most of what is asked of X can be asked of L: ‖VVᵀ‖² = ‖VᵀV‖², ⟨VVᵀ, X⟩ = ‖LV‖², ‖X‖² = ‖LLᵀ‖².
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Likes:
    """``table`` is sparse float32 (users, movies): 1 where a user rated a movie at least at their own mean."""

    table: Tensor

    @classmethod
    def of(cls, ratings: pd.DataFrame, movies: pd.DataFrame) -> Likes:
        """The likes of a table of ratings; columns in the order of ``movies``, also those that nobody rated."""
        mean = ratings.groupby("userId")["rating"].transform("mean")
        liked = ratings[ratings["rating"] >= mean]
        users = pd.factorize(liked["userId"])[0]
        places = pd.Index(movies["movieId"]).get_indexer(pd.Index(liked["movieId"]))
        cells = torch.from_numpy(np.stack([users, places]))
        size = (ratings["userId"].nunique(), len(movies))
        table = torch.sparse_coo_tensor(cells, torch.ones(len(liked)), size, check_invariants=True)
        return cls(table.coalesce())

    @cached_property
    def cooccurrence(self) -> Tensor:
        """X, dense float32 (movies, movies); kept: 380 MB for MovieLens-small."""
        product: Tensor = torch.sparse.mm(self.table.t(), self.table.to_dense())
        return product

    @cached_property
    def counts(self) -> Tensor:
        """The diagonal of X, float64 (movies,): how many users liked each movie."""
        return torch.sparse.sum(self.table, dim=0).to_dense().double()

    @cached_property
    def squared_norm(self) -> float:
        """‖X‖², by way of the (users, users) counts of movies that both liked."""
        dense = self.table.to_dense()
        return float((dense @ dense.T).double().square().sum())

    def reordered(self, order: Tensor) -> Likes:
        """The same with its movies in another order: movie ``order[i]`` comes to place i."""
        places = torch.empty_like(order)
        places[order] = torch.arange(len(order))
        users, movies = self.table.indices()
        cells = torch.stack([users, places[movies]])
        moved = torch.sparse_coo_tensor(cells, self.table.values(), self.table.shape, check_invariants=True)
        return Likes(moved.coalesce())

    def cost(self, V: Tensor) -> float:
        """Σ (vᵢ·vⱼ - Xᵢⱼ)² over i ≠ j in float64, for V (movies, d) of any floating dtype."""
        V = V.double()
        products = (V.T @ V).square().sum() - 2 * torch.sparse.mm(self.table.double(), V).square().sum()
        diagonal = (V.square().sum(1) - self.counts).square().sum()
        return float(products + self.squared_norm - diagonal)

    def embedded(self, dim: int, num_steps: int, generator: torch.Generator) -> Tensor:
        """V float32 (movies, dim) after ``num_steps`` of Adam with learning rate 1 from a standard normal start."""
        table, transposed, counts = self.table, self.table.t().coalesce(), self.counts.float()
        V = torch.randn(table.shape[1], dim, generator=generator)
        adam = torch.optim.Adam([V], lr=1.0)
        for _ in range(num_steps):
            shared = torch.sparse.mm(transposed, torch.sparse.mm(table, V))  # X V
            excess = V.square().sum(1, keepdim=True) - counts[:, None]
            V.grad = 4 * (V @ (V.T @ V) - shared - excess * V)
            adam.step()
        V.grad = None
        return V
