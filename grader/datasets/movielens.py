"""The real MovieLens ratings, read from their CSV files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

import pandas as pd

from grader.datasets.integrity import published_file
from grader.datasets.likes import Likes
from grader.datasets.sources import Source

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


def read(source: Source) -> MovieLens:
    """Read ``ratings.csv`` and ``movies.csv``; raises DatasetError when one is not the file that is pinned."""
    ratings, movies = (BytesIO(published_file(source, name)) for name in ("ratings.csv", "movies.csv"))
    return parse(ratings, movies, source.kind)


def parse(ratings: Path | BytesIO, movies: Path | BytesIO, kind: str) -> MovieLens:
    """The tables of two CSV files; the files' row order and movie ids stay as they are."""
    table = pd.read_csv(ratings, dtype=_RATINGS)
    return MovieLens(table, pd.read_csv(movies, dtype=_MOVIES, keep_default_na=False), source=kind)
