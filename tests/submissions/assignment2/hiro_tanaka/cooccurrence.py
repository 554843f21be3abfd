import torch


def liked(ratings):
    result = ratings[["userId", "movieId"]].copy()
    result["liked"] = ratings["rating"] >= ratings.groupby("userId")["rating"].transform("mean")
    return result


def cooccurrence(ratings, movies):
    likes = liked(ratings)
    X = torch.zeros(len(movies), len(movies))
    for user, group in likes[likes["liked"]].groupby("userId"):
        ids = torch.tensor(group["movieId"].to_numpy()) - 1
        X[ids[:, None], ids] += 1
    return X
