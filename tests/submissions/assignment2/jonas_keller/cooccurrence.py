import numpy as np


def liked(ratings):
    result = ratings.copy()
    result["liked"] = (ratings["rating"] >= ratings["rating"].mean()).astype(int)
    return result


def cooccurrence(ratings, movies):
    likes = liked(ratings)
    place = {movie: i for i, movie in enumerate(movies["movieId"])}
    row = {user: i for i, user in enumerate(ratings["userId"].unique())}
    L = np.zeros((len(row), len(movies)))
    for user, movie, good in zip(likes["userId"], likes["movieId"], likes["liked"]):
        L[row[user], place[movie]] = good
    return L.T @ L
