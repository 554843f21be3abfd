import re

import torch

STRATEGY = "dot"


def recommend(V, titles, title, k=10):
    names = [re.sub(r" \(\d{4}\)$", "", t) for t in titles]
    query = titles.index(title) if title in titles else names.index(title)
    best = torch.topk(V @ V[query], min(k, len(titles)))
    return [titles[i] for i in best.indices.tolist()]
