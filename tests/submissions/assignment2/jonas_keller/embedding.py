import matplotlib.pyplot as plt
import numpy as np
import torch


def cost(V, X):
    V, X = np.asarray(V), np.asarray(X)
    D = V @ V.T - X
    np.fill_diagonal(D, 0)
    return float((D**2).sum())


def fit_embeddings(X, dim=100, optimizer="adam", lr=1.0, num_steps=150, seed=None):
    X = np.array(X, dtype=np.float64)
    rng = np.random.default_rng(seed)
    V = rng.standard_normal((len(X), dim))
    m, s = np.zeros_like(V), np.zeros_like(V)
    losses = [cost(V, X)]
    for t in range(1, num_steps + 1):
        D = V @ V.T - X
        np.fill_diagonal(D, 0)
        g = 4 * D @ V
        if optimizer == "adam":
            m = 0.9 * m + 0.1 * g
            s = 0.999 * s + 0.001 * g**2
            V = V - lr * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
        elif optimizer == "rmsprop":
            s = 0.9 * s + 0.1 * g**2
            V = V - lr * g / (np.sqrt(s) + 1e-8)
        else:
            V = V - lr * g
        losses.append(cost(V, X))
    return torch.from_numpy(V), losses


def compare_settings(X, settings):
    return {(o, lr): fit_embeddings(X, optimizer=o, lr=lr, seed=0)[1] for o, lr in settings}


def plot_losses(curves, path):
    fig = plt.figure()
    for (o, lr), losses in curves.items():
        plt.semilogy(losses, label=f"{o} {lr}")
    plt.legend()
    fig.savefig(path)
    plt.close(fig)
