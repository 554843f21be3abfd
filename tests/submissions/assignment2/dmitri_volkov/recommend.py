"""Recommend movies that are like one that somebody liked, from the movies' vectors.

Vectors that were fitted to co-occurrences have large inner products where many users liked both movies, so a movie's
nearest ones by inner product are those that people who like it like too, well-known ones first. Cosine and Euclidean
distance are other notions of near: the cosine forgets how long a vector is, and with that how popular a movie is.

Left out: what the person asking has already seen.
"""

import re

import torch
from torch import Tensor

# What `recommend` ranks by: "dot" (inner product), "cosine" (cosine similarity) or "euclidean" (distance).
STRATEGY = "dot"


def recommend(V: Tensor, titles: list[str], title: str, k: int = 10) -> list[str]:
    """Name the k movies that are most like one movie, by the vectors' similarity that `STRATEGY` declares.

    Args:
        V: one vector for each movie, shape (M, d), floating point.
        titles: the title of each movie, in the order of V's rows, as in MovieLens: "Apollo 13 (1995)".
        title: the movie to start from, as in `titles` or without the year: "Apollo 13". Where several movies have
            that name, the first one in `titles` is meant.
        k: how many movies to name; where there are not that many others, all of them.

    Returns:
        Titles as they stand in `titles`, the most similar movie first, without the movie itself.

    Raises:
        ValueError: no movie has this title.
    """
    raise NotImplementedError("recommend is not written yet")
