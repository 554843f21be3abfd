"""Recommendations by Euclidean distance."""

import torch

STRATEGY = "euclidean"


def without_year(title):
    has_year = len(title) > 7 and title.endswith(")") and title[-6] == "(" and title[-5:-1].isdigit()
    return title[:-7] if has_year else title


def recommend(V, titles, title, k=10):
    exact = [i for i, known in enumerate(titles) if known == title]
    named = [i for i, known in enumerate(titles) if without_year(known) == title]
    query = (exact + named)[0]
    distances = torch.linalg.vector_norm(V - V[query], dim=1)
    return [titles[i] for i in distances.argsort().tolist() if i != query][:k]
