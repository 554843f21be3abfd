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
    mu = R[R > 0].mean()
    bu = torch.zeros(n, 1).to(device).requires_grad_()
    bi = torch.zeros(m, 1).to(device).requires_grad_()
    P = (0.1 * torch.randn(n, k)).to(device).requires_grad_()
    Q = (0.1 * torch.randn(m, k)).to(device).requires_grad_()
    losses = []
    best = None
    for step in range(num_steps):
        R_hat = mu + bu + bi.T + P @ Q.T
        loss = torch.mean((R - R_hat) ** 2)
        losses.append(loss.item())
        if losses[-1] == min(losses):
            best = [x.detach().clone() for x in (bu, bi, P, Q)]
        loss.backward()
        with torch.no_grad():
            for x in (bu, bi, P, Q):
                x -= lr * x.grad
                x.grad.zero_()
        if (step + 1) % 20 == 0:
            print(f"step {step + 1}: loss {loss.item():.3f}")
    return BiasedMF(mu.item(), *best, losses)


def predict(model):
    return (model.mu + model.bu + model.bi.T + model.P @ model.Q.T).clamp(1, 5)
