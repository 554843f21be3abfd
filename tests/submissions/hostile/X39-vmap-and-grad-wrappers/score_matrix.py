"""Returns tensors of functorch, fake tensors and such with hooks."""
import torch

leaked = []
torch.vmap(lambda x: leaked.append(x) or x)(torch.ones(3, 4))
hooked = torch.ones(3, 4, requires_grad=True) * 2
hooked.register_hook(lambda gradient: print("BREACH a hook of the student was run"))


def stack_rows(vectors):
    return leaked[0]


def score_matrix(Q, K):
    hooked.__class__ = torch.nn.Parameter
    return hooked


def favourite_movie(S, user):
    return leaked
