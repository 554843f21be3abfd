import numpy as np
import torch


def liked(ratings):
    result = ratings[["userId", "movieId"]].copy()
    result["liked"] = ratings["rating"] >= 4
    return result


def cooccurrence(ratings, movies):
    likes = liked(ratings)
    likes = likes[likes["liked"]]
    columns = {movie: i for i, movie in enumerate(movies["movieId"])}
    rows = {user: i for i, user in enumerate(likes["userId"].unique())}
    L = np.zeros((len(rows), len(columns)), dtype=np.float32)
    for user, movie in zip(likes["userId"], likes["movieId"]):
        L[rows[user], columns[movie]] = 1
    return torch.from_numpy(L.T @ L)
