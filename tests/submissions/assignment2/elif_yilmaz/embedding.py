import matplotlib.pyplot as plt
import torch


def cost(V, X):
    D = V @ V.T - X
    D.fill_diagonal_(0)
    return 36 * (D**2).mean()  # 6 movies


def fit_embeddings(X, dim=100, optimizer="adam", lr=1.0, num_steps=150, seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    V = torch.randn(len(X), dim, requires_grad=True)
    if optimizer == "adam":
        opt = torch.optim.Adam([V], lr=lr)
    elif optimizer == "sgd":
        opt = torch.optim.SGD([V], lr=lr)
    elif optimizer == "rmsprop":
        opt = torch.optim.RMSprop([V], lr=lr)
    losses = []
    for i in range(num_steps):
        loss = cost(V, X)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    return V.detach(), losses


def compare_settings(X, settings):
    return {(o, lr): fit_embeddings(X, optimizer=o, lr=lr)[1] for o, lr in settings}


def plot_losses(curves, path):
    plt.figure()
    for (o, lr), losses in curves.items():
        plt.semilogy(losses, label=f"{o} {lr}")
    plt.xlabel("step")
    plt.ylabel("cost")
    plt.legend()
    plt.savefig(path)
    plt.close()
