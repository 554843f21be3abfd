# Assignment 2, embeddings - Amara Okafor
import matplotlib.pyplot as plt
import torch


def cost(V, X):
    D = V @ V.T - X
    D = D - torch.diag(torch.diag(D))
    return (D**2).sum()


def fit_embeddings(X, dim=100, optimizer="adam", lr=1.0, num_steps=150, seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    V = torch.randn(X.shape[0], dim, requires_grad=True)
    if optimizer == "adam":
        opt = torch.optim.Adam([V], lr=lr)
    elif optimizer == "rmsprop":
        opt = torch.optim.RMSprop([V], lr=lr)
    else:
        opt = torch.optim.SGD([V], lr=lr)
    losses = []
    for step in range(num_steps):
        opt.zero_grad()
        loss = cost(V, X)
        losses.append(loss.item())
        loss.backward()
        opt.step()
    losses.append(cost(V, X).item())
    return V.detach(), losses


def compare_settings(X, settings):
    curves = {}
    for optimizer, lr in settings:
        _, curves[(optimizer, lr)] = fit_embeddings(X, optimizer=optimizer, lr=lr, seed=1)
    return curves


def plot_losses(curves, path):
    plt.figure(figsize=(9, 5))
    for (optimizer, lr), losses in curves.items():
        plt.plot(losses, label=f"{optimizer}, lr={lr}")
    plt.yscale("log")
    plt.xlabel("step")
    plt.ylabel("loss")
    plt.legend()
    plt.savefig(path)
    plt.close()
