"""Embeddings, with the cost expanded so that V Vᵀ is never made."""

import matplotlib.pyplot as plt
import torch


def cost(V, X):
    everything = (V.T @ V).square().sum() - 2 * (V * (X @ V)).sum() + X.square().sum()
    return everything - (V.square().sum(dim=1) - X.diagonal()).square().sum()


def fit_embeddings(X, dim=100, optimizer="adam", lr=1.0, num_steps=150, seed=None):
    X = X.double()
    generator = torch.Generator()
    if seed is not None:
        generator.manual_seed(seed)
    else:
        generator.seed()
    V = torch.randn(X.shape[0], dim, generator=generator, dtype=torch.float64).requires_grad_()
    opt = getattr(torch.optim, {"adam": "Adam", "rmsprop": "RMSprop", "sgd": "SGD"}[optimizer])([V], lr=lr)
    losses = []
    for step in range(num_steps + 1):
        loss = cost(V, X)
        losses.append(loss.item())
        if step == num_steps:
            break
        opt.zero_grad()
        loss.backward()
        opt.step()
    return V.detach().float(), losses


def compare_settings(X, settings):
    return {(name, lr): fit_embeddings(X, optimizer=name, lr=lr, seed=2024)[1] for name, lr in settings}


def plot_losses(curves, path):
    figure, axes = plt.subplots(figsize=(8, 5))
    for (name, lr), losses in curves.items():
        axes.plot(range(len(losses)), losses, label=f"{name}, lr {lr}")
    axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel("cost (log scale)")
    axes.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)
