"""Count how many users liked each pair of movies: the co-occurrence matrix of the MovieLens ratings."""

import torch


def liked(ratings):
    result = ratings[["userId", "movieId"]].copy()
    result["liked"] = ratings["rating"] >= ratings.groupby("userId")["rating"].transform("mean")
    return result


def cooccurrence(ratings, movies):
    # every pair of movies that a user liked, one after the other
    likes = liked(ratings)
    place = {movie: i for i, movie in enumerate(movies["movieId"])}
    X = torch.zeros(len(movies), len(movies))
    for user, group in likes[likes["liked"]].groupby("userId"):
        ids = [place[movie] for movie in group["movieId"]]
        for n, i in enumerate(ids):
            for j in ids[n + 1 :]:
                X[i, j] += 1
                X[j, i] += 1
    return X
