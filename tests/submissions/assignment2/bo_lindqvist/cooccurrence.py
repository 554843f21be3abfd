import pandas as pd
import torch

from movie_tools import likes


def liked(ratings):
    return pd.DataFrame({"userId": ratings["userId"], "movieId": ratings["movieId"], "liked": likes(ratings)})


def cooccurrence(ratings, movies):
    index = pd.Index(movies["movieId"])
    X = torch.zeros(len(index), len(index), dtype=torch.int64)
    table = liked(ratings)
    for _, group in table[table["liked"]].groupby("userId"):
        idx = torch.tensor(index.get_indexer(group["movieId"]))
        X[idx[:, None], idx] += 1
    return X
