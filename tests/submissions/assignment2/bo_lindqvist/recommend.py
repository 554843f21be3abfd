import torch

from movie_tools import name

STRATEGY = "cosine"


def recommend(V, titles, title, k=10):
    names = titles if title in titles else [name(t) for t in titles]
    query = names.index(title)
    similarity = torch.nn.functional.cosine_similarity(V, V[query : query + 1], dim=1)
    others = [i for i in similarity.argsort(descending=True).tolist() if i != query]
    return [titles[i] for i in others[:k]]
