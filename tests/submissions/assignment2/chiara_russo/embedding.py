import matplotlib.pyplot as plt
import torch


def cost(V, X):
    return ((V @ V.T - X) ** 2).sum()


def fit_embeddings(X, dim=100, optimizer="adam", lr=1.0, num_steps=150, seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    V = torch.randn(len(X), dim, requires_grad=True)
    opt = {"adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop, "sgd": torch.optim.SGD}[optimizer]([V], lr=lr)
    losses = [cost(V, X).item()]
    for i in range(num_steps):
        loss = cost(V, X)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(cost(V, X).item())
        if i % 50 == 0:
            print(f"step {i}: {losses[-1]:.0f}")
    return V.detach(), losses


def compare_settings(X, settings):
    return {(o, lr): fit_embeddings(X, optimizer=o, lr=lr, seed=0)[1] for o, lr in settings}


def plot_losses(curves, path):
    for (o, lr), losses in curves.items():
        plt.plot(losses, label=f"{o} {lr}")
    plt.legend()
    plt.savefig(path)
    plt.close()
