import torch
from descent import Descent
from model import BiasedMF, score


def fit(ratings, k=3, lr=0.008, num_steps=100, device="cpu", seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    n, m = ratings.shape
    u, i = ratings.to(device).nonzero().T
    stars = ratings.to(device)[u, i].float()
    mu = stars.mean()
    sizes = [(n, 1), (m, 1), (n, k), (m, k)]
    descent = Descent([torch.randn(size, device=device) / 10 for size in sizes], lr)
    for _ in range(num_steps):
        error = score(mu, *descent.params)[u, i] - stars
        descent.step(error.square().mean())
    return BiasedMF(mu, *descent.best, descent.losses)


def predict(model):
    mu, bu, bi, P, Q, _ = model
    return torch.clamp(score(mu, bu, bi, P, Q), min=1, max=5)
