"""Recommend movies that are similar to a given movie, from the movies' vectors.

Vectors that were fitted to co-occurrences have a large inner product if many users liked both movies. So the nearest
movies by inner product are those that fans of the movie like too, well-known ones first. Cosine and Euclidean distance
measure nearness in other ways: the cosine ignores how long a vector is, and so how popular a movie is.

Left out: which movies the person has already seen.
"""

import re

import torch
from torch import Tensor

# What `recommend` ranks by: "dot" (inner product), "cosine" (cosine similarity) or "euclidean" (distance).
STRATEGY = "dot"


def recommend(V: Tensor, titles: list[str], title: str, k: int = 10) -> list[str]:
    """Return the titles of the k movies most similar to one movie, by the similarity that `STRATEGY` declares.

    Args:
        V: one vector for each movie, shape (M, d), floating point.
        titles: the title of each movie, in the order of V's rows, as in MovieLens: "Apollo 13 (1995)".
        title: the movie to start from, as in `titles` or without the year: "Apollo 13". If several movies have
            that name, take the first one in `titles`.
        k: how many movies to return; if there are fewer other movies, return them all.

    Returns:
        Titles exactly as in `titles`, the most similar movie first, without the movie itself.

    Raises:
        ValueError: if no movie has this title.
    """
    raise NotImplementedError("recommend is not written yet")
