import matplotlib.pyplot as plt
import torch


def cost(V, X):
    D = V @ V.T - X
    return (D**2).sum() - (torch.diag(D) ** 2).sum()


def fit_embeddings(X, dim=100, optimizer="adam", lr=1.0, num_steps=150, seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    V = torch.randn(len(X), dim, requires_grad=True)
    opts = {"adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop, "sgd": torch.optim.SGD}
    opt = opts[optimizer]([V], lr=lr)
    losses = [cost(V, X).item()]
    for i in range(num_steps):
        loss = cost(V, X)
        loss.backward()
        opt.step()
        losses.append(cost(V, X).item())
    return V.detach(), losses


def compare_settings(X, settings):
    curves = {}
    for o, lr in settings:
        curves[o] = fit_embeddings(X, optimizer=o, lr=lr, seed=0)[1]
    return curves


def plot_losses(curves, path):
    plt.figure()
    for setting in curves:
        plt.plot(curves[setting])
    plt.yscale("log")
    plt.savefig("losses.pdf")
