from typing import NamedTuple

import torch


class BiasedMF(NamedTuple):
    mu: float
    bu: torch.Tensor
    bi: torch.Tensor
    P: torch.Tensor
    Q: torch.Tensor
    losses: list[float]


def fit(ratings, k=3, lr=0.008, num_steps=100, device="cpu", seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    n, m = ratings.shape
    ratings = ratings.float().to(device)
    mask = ratings != 0
    mu = ratings[mask].mean()
    bu = torch.zeros(n, 1).to(device).requires_grad_()
    bi = torch.zeros(m, 1).to(device).requires_grad_()
    P = (torch.randn(n, k) * 0.1).to(device).requires_grad_()
    Q = (torch.randn(m, k) * 0.1).to(device).requires_grad_()
    best, best_loss, losses = None, 1e9, []
    for _ in range(num_steps):
        loss = ((mu + bu + bi.T + P @ Q.T - ratings)[mask] ** 2).mean()
        losses.append(loss.item())
        if loss < best_loss:
            best_loss = loss
            best = bu, bi, P, Q
        loss.backward()
        with torch.no_grad():
            for p in (bu, bi, P, Q):
                p -= lr * p.grad
                p.grad.zero_()
    return BiasedMF(mu.item(), *best, losses)


def predict(model):
    return model.mu + model.bu + model.bi.T + model.P @ model.Q.T
