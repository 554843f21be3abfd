"""Matrix factorisation with biases, steps by torch.optim.SGD."""

from typing import NamedTuple

import torch


class BiasedMF(NamedTuple):
    mu: float
    bu: torch.Tensor
    bi: torch.Tensor
    P: torch.Tensor
    Q: torch.Tensor
    losses: list[float]


def scores(mu, bu, bi, P, Q):
    return mu + bu + bi.T + P @ Q.T


def fit(ratings, k=3, lr=0.008, num_steps=100, device="cpu", seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    n, m = ratings.shape
    ratings = ratings.float().to(device)
    rated = ratings > 0
    mu = ratings[rated].mean()
    bu = torch.zeros(n, 1, device=device, requires_grad=True)
    bi = torch.zeros(m, 1, device=device, requires_grad=True)
    P = (0.1 * torch.randn(n, k)).to(device).requires_grad_()
    Q = (0.1 * torch.randn(m, k)).to(device).requires_grad_()
    optimizer = torch.optim.SGD([bu, bi, P, Q], lr=lr)

    losses, best = [], None
    for _ in range(num_steps):
        optimizer.zero_grad()
        loss = ((scores(mu, bu, bi, P, Q) - ratings)[rated] ** 2).mean()
        if best is None or loss.item() < min(losses):
            best = [p.detach().clone() for p in (bu, bi, P, Q)]
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return BiasedMF(mu.item(), *best, losses)


def predict(model):
    return scores(*model[:5]).clamp(1, 5)
