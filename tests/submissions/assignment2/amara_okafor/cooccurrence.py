# Assignment 2, co-occurrences - Amara Okafor
import torch


def liked(ratings):
    means = ratings.groupby("userId")["rating"].transform("mean")
    out = ratings[["userId", "movieId"]].copy()
    out["liked"] = ratings["rating"] >= means
    return out


def cooccurrence(ratings, movies):
    place = {movie: i for i, movie in enumerate(movies["movieId"])}
    table = liked(ratings)
    table = table[table["liked"]]
    users = sorted(table["userId"].unique())
    row = {user: u for u, user in enumerate(users)}
    L = torch.zeros(len(users), len(movies))
    for user, movie in zip(table["userId"], table["movieId"]):
        L[row[user], place[movie]] = 1
    return L.T @ L
