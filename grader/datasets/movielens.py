"""The real MovieLens ratings, read from their CSV files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from grader.datasets.likes import Likes

_RATINGS: dict[str, str | type] = {"userId": "int64", "movieId": "int64", "rating": "float64", "timestamp": "int64"}
_MOVIES: dict[str, str | type] = {"movieId": "int64", "title": str, "genres": str}


@dataclass(frozen=True, eq=False)
class MovieLens:
    """Ratings and movies. Both tables are shared by every check of a process: copy before changing one.

    ``ratings``: userId int64, movieId int64, rating float64 (0.5 to 5 in halves), timestamp int64 (seconds since 1970).
    ``movies``: movieId int64, title str, genres str; also movies that nobody rated.
    """

    ratings: pd.DataFrame
    movies: pd.DataFrame
    source: str

    @cached_property
    def likes(self) -> Likes:
        """Who liked what: users by movies, the movies in the order of ``movies``."""
        return Likes.of(self.ratings, self.movies)


def read(folder: Path) -> MovieLens:
    """Read ``ratings.csv`` and ``movies.csv`` of a folder; the files' row order and movie ids stay as they are."""
    ratings = pd.read_csv(folder / "ratings.csv", dtype=_RATINGS)
    movies = pd.read_csv(folder / "movies.csv", dtype=_MOVIES, keep_default_na=False)
    return MovieLens(ratings, movies, source=folder.name)
