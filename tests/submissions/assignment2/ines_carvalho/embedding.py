import matplotlib.pyplot as plt
import torch


def cost(V, X):
    W = V
    D = V @ W.T - X
    return (D**2).sum() - (D.diagonal() ** 2).sum()


def fit_embeddings(X, dim=100, optimizer="adam", lr=1.0, num_steps=150, seed=None):
    V = torch.randn(len(X), dim, requires_grad=True)
    opt = torch.optim.Adam([V], lr=lr)
    losses = [cost(V, X).item()]
    for i in range(num_steps):
        opt.zero_grad()
        loss = cost(V, X)
        loss.backward()
        opt.step()
        losses.append(cost(V, X).item())
    return V.detach(), losses


def compare_settings(X, settings):
    return {f"{o} {lr}": fit_embeddings(X, optimizer=o, lr=lr)[1] for o, lr in settings}


def plot_losses(curves, path):
    plt.figure()
    for setting, losses in curves.items():
        plt.plot(losses, label=str(setting))
    plt.xlabel("step")
    plt.ylabel("cost")
    plt.legend()
    plt.savefig(path)
    plt.close()
