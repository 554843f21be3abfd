from typing import NamedTuple

import torch


class BiasedMF(NamedTuple):
    mu: float
    bu: torch.Tensor
    bi: torch.Tensor
    P: torch.Tensor
    Q: torch.Tensor
    losses: list[float]


def fit(ratings, k=3, lr=0.008, num_steps=100, device="cuda", seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    n, m = ratings.shape
    R = ratings.float().cuda()
    mask = R > 0
    mu = R[mask].mean()
    params = [torch.zeros(n, 1), torch.zeros(m, 1), torch.randn(n, k) * 0.1, torch.randn(m, k) * 0.1]
    params = [p.cuda().requires_grad_() for p in params]
    losses, best = [], None
    for _ in range(num_steps):
        bu, bi, P, Q = params
        loss = ((mu + bu + bi.T + P @ Q.T - R)[mask] ** 2).mean()
        losses.append(loss.item())
        if best is None or losses[-1] == min(losses):
            best = [p.detach().clone() for p in params]
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= lr * p.grad
                p.grad = None
    return BiasedMF(mu, *best, losses)


def predict(model):
    return (model.mu + model.bu + model.bi.T + model.P @ model.Q.T).clamp(1, 5)
