from typing import NamedTuple

import torch


class BiasedMF(NamedTuple):
    mu: float
    bu: torch.Tensor
    bi: torch.Tensor
    P: torch.Tensor
    Q: torch.Tensor
    losses: list[float]


class Model(torch.nn.Module):
    def __init__(self, n, m, k, mu):
        super().__init__()
        self.register_buffer("mu", mu)
        self.bu = torch.nn.Parameter(torch.zeros(n, 1))
        self.bi = torch.nn.Parameter(torch.zeros(m, 1))
        self.P = torch.nn.Parameter(torch.empty(n, k).uniform_(-0.1, 0.1))
        self.Q = torch.nn.Parameter(torch.empty(m, k).uniform_(-0.1, 0.1))

    def forward(self):
        return self.mu + self.bu + self.bi.T + self.P @ self.Q.T


def fit(ratings, k=3, lr=0.008, num_steps=100, device="cpu", seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    ratings = ratings.to(device).float()
    mask = (ratings != 0).float()
    model = Model(*ratings.shape, k, ratings.sum() / mask.sum()).to(device)
    losses, states = [], []
    for _ in range(num_steps):
        loss = (mask * (model() - ratings) ** 2).sum() / mask.sum()
        losses.append(loss.item())
        states.append({name: value.clone() for name, value in model.state_dict().items()})
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
    best = min(range(num_steps), key=losses.__getitem__)
    return BiasedMF(**states[best], losses=losses)


def predict(model):
    return (model.mu + model.bu + model.bi.T + model.P @ model.Q.T).clip(1.0, 5.0)
