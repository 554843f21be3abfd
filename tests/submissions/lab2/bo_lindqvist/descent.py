import torch


class Descent:
    """Plain steps; remembers the losses and the best parameters."""

    def __init__(self, start, lr):
        self.params = [p.requires_grad_() for p in start]
        self.lr = lr
        self.losses = []
        self.best = None

    def step(self, loss):
        if not self.losses or float(loss) < min(self.losses):
            self.best = [p.detach() for p in self.params]
        self.losses.append(float(loss))
        gradients = torch.autograd.grad(loss, self.params)
        # new tensors every time, so the best ones stay what they are
        self.params = [(p.detach() - self.lr * g).requires_grad_() for p, g in zip(self.params, gradients)]
