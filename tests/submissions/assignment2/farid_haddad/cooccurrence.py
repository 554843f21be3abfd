import torch


def liked(ratings):
    means = ratings.groupby("userId")["rating"].mean()
    result = ratings[["userId", "movieId"]].copy()
    result["liked"] = [rating >= means[user] for user, rating in zip(ratings["userId"], ratings["rating"])]
    return result


def cooccurrence(ratings, movies):
    likes = liked(ratings)
    users = sorted(ratings["userId"].unique())
    ids = sorted(ratings["movieId"].unique())
    L = torch.zeros(len(users), len(ids))
    for user, movie, good in likes.itertuples(index=False):
        if good:
            L[users.index(user), ids.index(movie)] = 1
    return L.T @ L
