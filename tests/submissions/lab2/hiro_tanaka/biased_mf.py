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
    R = ratings.float().to(device)
    mask = R != 0
    mu = R[mask].mean()
    params = [torch.randn(shape, device=device, requires_grad=True) for shape in ((n, 1), (m, 1), (n, k), (m, k))]
    bu, bi, P, Q = params
    losses = []
    best_loss = float("inf")
    for step in range(num_steps):
        loss = ((mu + bu * bi.T + 1 + P @ Q.T - R)[mask] ** 2).mean()
        losses.append(loss.item())
        if loss.item() < best_loss:
            best_loss = loss.item()
            best = [p.detach().clone() for p in params]
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= lr * p.grad
    return BiasedMF(mu.item(), *best, losses)


def predict(model):
    return torch.clamp(model.mu + model.bu * model.bi.T + 1 + model.P @ model.Q.T, 1, 5)
