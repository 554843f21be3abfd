import torch

STRATEGY = "cosine"


def recommend(V, titles, title, k=10):
    names = [t.split(" (")[0] for t in titles]
    query = names.index(title.split(" (")[0])
    scores = V @ V[query]
    order = torch.argsort(scores, descending=True).tolist()
    return [titles[i] for i in order[1 : k + 1]]
