"""Count how many users liked each pair of movies: the co-occurrence matrix of the MovieLens ratings.

What a user likes is measured against that user's own mean, because 3 stars from one person can mean as much as 5 from
another. The matrix has a row and a column for every movie, so that row i belongs to row i of the table of movies.

Left out: how much a movie was liked, when, and by whom; only the counts remain.
"""

import pandas as pd
import torch
from pandas import DataFrame
from torch import Tensor


def liked(ratings: DataFrame) -> DataFrame:
    """Decide for every rating whether the user liked the movie.

    A user likes a movie when they rate it at least as high as the mean of all their ratings; a rating that equals the
    mean counts as liked.

    Args:
        ratings: one row for each rating, in any order, with the columns userId, movieId and rating (stars, 0.5 to 5).
            Other columns have no effect.

    Returns:
        A table with the columns userId, movieId and liked (bool), one row for each rating. `ratings` stays unchanged.
    """
    # BEGIN SOLUTION
    own_mean = ratings.groupby("userId")["rating"].transform("mean")
    return ratings[["userId", "movieId"]].assign(liked=ratings["rating"] >= own_mean)
    # END SOLUTION


def cooccurrence(ratings: DataFrame, movies: DataFrame) -> Tensor:
    """Count, for every pair of movies, the users who liked both.

    Args:
        ratings: as for `liked`; a user rates a movie at most once.
        movies: one row for each movie, with the column movieId. It holds every rated movie, and movies that nobody
            rated.

    Returns:
        X of shape (M, M) for the M rows of `movies`, in their order, float32 and dense. X[i, j] is the number of users
        who liked both movie i and movie j, so X[i, i] is the number of those who liked movie i.
    """
    # BEGIN SOLUTION
    # Turn ids into positions: every user gets a row of likes_of, every movie its place in the table of movies.
    table = liked(ratings)
    likes = table[table["liked"]]
    users, names = pd.factorize(likes["userId"])
    places = pd.Index(movies["movieId"]).get_indexer(likes["movieId"])

    # likes_of[u, i] is 1 where user u liked movie i.
    likes_of = torch.zeros(len(names), len(movies))
    likes_of[users, places] = 1

    # X = likes_of^T likes_of. Few users like a movie: a sparse factor leaves the zeros out of the sums.
    return likes_of.T.to_sparse() @ likes_of
    # END SOLUTION
