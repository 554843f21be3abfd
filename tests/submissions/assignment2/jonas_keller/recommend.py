import numpy as np

STRATEGY = "dot"


def recommend(V, titles, title, k=10):
    V = np.asarray(V)
    query = [t for t, name in enumerate(titles) if name == title or name[:-7] == title][0]
    scores = V @ V[query]
    scores[query] = -np.inf
    return np.argsort(-scores)[:k].tolist()
