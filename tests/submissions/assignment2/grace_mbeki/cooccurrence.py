"""Co-occurrences by joining the likes of every user with themselves."""

import torch


def liked(ratings):
    mean = ratings.groupby("userId", as_index=False)["rating"].mean().rename(columns={"rating": "mean"})
    joined = ratings.merge(mean, on="userId", how="left")
    joined["liked"] = joined["rating"] >= joined["mean"]
    return joined[["userId", "movieId", "liked"]]


def cooccurrence(ratings, movies):
    likes = liked(ratings)
    likes = likes.loc[likes["liked"], ["userId", "movieId"]]
    pairs = likes.merge(likes, on="userId")
    counts = pairs.groupby(["movieId_x", "movieId_y"]).size().reset_index(name="n")
    place = {movie: i for i, movie in enumerate(movies["movieId"])}
    rows = torch.tensor([place[movie] for movie in counts["movieId_x"]])
    columns = torch.tensor([place[movie] for movie in counts["movieId_y"]])
    X = torch.zeros(len(movies), len(movies))
    X[rows, columns] = torch.tensor(counts["n"].to_numpy(), dtype=torch.float32)
    return X
