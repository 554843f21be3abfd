import torch


def liked(ratings):
    result = ratings[["userId", "movieId"]].copy()
    result["liked"] = ratings["rating"] >= ratings.groupby("userId")["rating"].transform("median")
    return result


def cooccurrence(ratings, movies):
    likes = liked(ratings)
    likes = likes[likes["liked"]].assign(one=1)
    table = likes.pivot_table(index="userId", columns="movieId", values="one", fill_value=0)
    table = table.reindex(columns=movies["movieId"], fill_value=0)
    L = torch.tensor(table.to_numpy(), dtype=torch.float32)
    return L.T @ L
