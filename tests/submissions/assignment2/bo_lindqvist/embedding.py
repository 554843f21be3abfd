import matplotlib.pyplot as plt
import torch
from torch import nn

OPTIMIZERS = {"adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop, "sgd": torch.optim.SGD}


def cost(V, X):
    off = 1 - torch.eye(len(X), dtype=V.dtype)
    return (((V @ V.T - X) * off) ** 2).sum()


class Embeddings(nn.Module):
    def __init__(self, count, dim):
        super().__init__()
        self.V = nn.Parameter(torch.randn(count, dim))

    def forward(self, X):
        return cost(self.V, X)


def fit_embeddings(X, dim=100, optimizer="adam", lr=1.0, num_steps=150, seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    model = Embeddings(len(X), dim)
    descent = OPTIMIZERS[optimizer](model.parameters(), lr=lr)
    losses = [model(X).item()]
    for _ in range(num_steps):
        descent.zero_grad()
        model(X).backward()
        descent.step()
        losses.append(model(X).item())
    return model.V.detach(), losses


def compare_settings(X, settings):
    return {setting: fit_embeddings(X, optimizer=setting[0], lr=setting[1], seed=3)[1] for setting in settings}


def plot_losses(curves, path):
    fig, ax = plt.subplots()
    for setting, losses in curves.items():
        ax.semilogy(losses, label="{} (lr = {})".format(*setting))
    ax.set(xlabel="step", ylabel="cost")
    ax.legend()
    fig.savefig(path)
    plt.close(fig)
