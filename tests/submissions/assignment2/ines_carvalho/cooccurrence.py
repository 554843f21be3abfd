import torch


def liked(ratings):
    result = ratings[["userId", "movieId"]].copy()
    result["liked"] = ratings["rating"] > ratings.groupby("userId")["rating"].transform("mean")
    return result


def cooccurrence(ratings, movies):
    likes = liked(ratings)
    place = {movie: i for i, movie in enumerate(movies["movieId"])}
    X = torch.zeros(len(movies), len(movies))
    for user, group in likes[likes["liked"]].groupby("userId"):
        ids = [place[movie] for movie in group["movieId"]]
        for i in ids:
            for j in ids:
                if i != j:
                    X[i, j] += 1
    return X
