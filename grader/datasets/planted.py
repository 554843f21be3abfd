"""Ratings made by seeded code, in the form of MovieLens: what ``mini`` uses, and at other sizes the benchmarks.

Every film belongs to one group of taste; a user has a taste for each group, watches more of what they like and rates it
higher. So factors have something to find, and films of one group are liked together. What else the real data have, and
code must cope with, is planted too: movie ids with gaps, films that nobody rated, titles that are no ASCII, titles that
contain other titles, and users with ratings that equal their own mean exactly.

The groups give a matrix of ratings of low rank: rating = mean + user + film + taste[user, group of film] + noise,
rounded to half a star.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count, islice, zip_longest

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from grader.datasets.movielens import MovieLens
from grader.datasets.titles import GROUPS

USERS, MOVIES = 120, 250
_FEWEST_RATINGS, _TYPICAL_RATINGS = 20, 50
_NEVER_RATED = 0.05  # of all films, among the lesser known half
_EXACT_MEANS = 5  # every how many users one has ratings that equal their own mean
_FIRST_SECOND, _SECONDS = 828_000_000, 700_000_000  # timestamps from 1996 to 2018


@dataclass(frozen=True)
class _Films:
    """Best known first: group (M,) int, and bias, log of popularity (M,) float; -inf where nobody may rate."""

    group: NDArray[np.int64]
    bias: NDArray[np.float64]
    popularity: NDArray[np.float64]


def plant(users: int = USERS, movies: int = MOVIES, seed: int = 0) -> MovieLens:
    """Ratings of ``movies`` films by ``users`` users; the same for the same arguments. Real titles go first."""
    rng = np.random.default_rng(seed)
    films = _films(movies, rng)
    place = rng.permutation(movies)  # film -> row of the table: groups and fame are not to be seen in the ids
    movie_ids = np.cumsum(rng.integers(1, 40, movies))
    ratings = _ratings(users, films, movie_ids[place], rng)
    titled = pd.DataFrame(islice(_titles(), movies), columns=["title", "genres"]).iloc[np.argsort(place)]
    titled.insert(0, "movieId", movie_ids)
    return MovieLens(ratings, titled.reset_index(drop=True), source="planted")


def _titles() -> chain[tuple[str, str]]:
    """(title, genres) without end: real ones round the groups, best known first, then made-up ones."""
    rounds = zip_longest(*([(title, genres) for title in titles] for genres, titles in GROUPS.items()))
    genres = list(GROUPS)
    made_up = ((f"Planted Film {n} ({1930 + n % 90})", genres[n % len(genres)]) for n in count())
    return chain((pair for one_round in rounds for pair in one_round if pair), made_up)


def _films(movies: int, rng: Generator) -> _Films:
    rank = np.arange(movies)
    popularity = -0.8 * np.log(rank + 8.0)
    lesser_known = rank[movies // 2 :]
    popularity[rng.choice(lesser_known, int(movies * _NEVER_RATED), replace=False)] = -np.inf
    bias = rng.normal(0.3 * np.exp(-rank / (movies / 4)), 0.3)
    return _Films(rank % len(GROUPS), bias, popularity)


def _ratings(users: int, films: _Films, movie_ids: NDArray[np.int64], rng: Generator) -> pd.DataFrame:
    """The table, by user and then by movie id."""
    drawn = [_ratings_of(user, films, rng) for user in range(1, users + 1)]
    lengths = [seen.size for seen, _ in drawn]
    table = pd.DataFrame(
        {
            "userId": np.repeat(np.arange(1, users + 1), lengths),
            "movieId": movie_ids[np.concatenate([seen for seen, _ in drawn])],
            "rating": np.concatenate([halves for _, halves in drawn]) / 2,
            "timestamp": _FIRST_SECOND + rng.integers(0, _SECONDS, sum(lengths)),
        }
    )
    return table.sort_values(["userId", "movieId"], ignore_index=True)


def _ratings_of(user: int, films: _Films, rng: Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The films that one user saw, and their rating in half stars, 1 to 10."""
    taste = rng.normal(0.0, 1.0, len(GROUPS))[films.group]
    rateable = int(np.isfinite(films.popularity).sum())
    wanted = int(np.clip(rng.lognormal(np.log(_TYPICAL_RATINGS), 0.5), _FEWEST_RATINGS, rateable))
    # The largest of log-weights plus Gumbel noise are a draw without replacement by those weights.
    draw = films.popularity + 0.6 * taste + rng.gumbel(size=taste.size)
    seen = np.sort(np.argpartition(-draw, wanted - 1)[:wanted])
    stars = 3.5 + rng.normal(0.0, 0.4) + films.bias[seen] + 0.8 * taste[seen] + rng.normal(0.0, 0.5, wanted)
    halves = np.clip(np.rint(2 * stars), 1, 10).astype(np.int64)
    if user % _EXACT_MEANS == 0:
        _make_mean_a_rating(halves)
    return seen, halves


def _make_mean_a_rating(halves: NDArray[np.int64]) -> None:
    """Shift single ratings by half a star until their mean, in half stars, is whole and equals the first of them."""
    mean = round(float(halves.mean()))
    halves[0] = mean
    others = halves[1:]
    while missing := mean * halves.size - int(halves.sum()):
        step = 1 if missing > 0 else -1
        movable = np.flatnonzero((others + step >= 1) & (others + step <= 10))  # never empty: the others' mean is off
        others[movable[: abs(missing)]] += step
