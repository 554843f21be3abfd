import torch

STRATEGY = "euclidean"


def recommend(V, titles, title, k=10):
    query = None
    for i, t in enumerate(titles):
        if t == title or t[:-7] == title:
            query = i
    distances = ((V - V[query]) ** 2).sum(dim=1)
    order = torch.argsort(distances, descending=True)
    return [titles[i] for i in order[:k]]
