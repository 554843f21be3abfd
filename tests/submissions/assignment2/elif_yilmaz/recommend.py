import torch

STRATEGY = "dot"


def recommend(V, titles, title, k=10):
    for i, t in enumerate(titles):
        if title in t:
            query = i
            break
    scores = V @ V[query]
    order = torch.argsort(scores, descending=True).tolist()
    return [titles[i] for i in order if i != query][:k]
