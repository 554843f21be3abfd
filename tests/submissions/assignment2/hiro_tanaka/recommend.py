import torch

STRATEGY = "dot"


def recommend(V, titles, title, k=10)
    return titles[:k]
