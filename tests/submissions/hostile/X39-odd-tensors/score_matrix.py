"""Returns tensors that are not plain: each in turn, from every function."""
import itertools
import warnings

import torch

warnings.simplefilter("ignore")
MAKERS = (
    lambda: torch.eye(3).to_sparse(),
    lambda: torch.eye(3).to_sparse_csr(),
    lambda: torch.zeros(3, 3, device="meta"),
    lambda: torch.zeros(3, 4, dtype=torch.complex64),
    lambda: torch.zeros(3, 4, dtype=torch.complex64).conj(),
    lambda: torch.nested.nested_tensor([torch.ones(1), torch.ones(2)]),
    lambda: torch.quantize_per_tensor(torch.ones(3, 4), 0.1, 0, torch.qint8),
    lambda: torch.zeros(3, 4).to(torch.float8_e4m3fn),
    lambda: torch.view_as_complex(torch.zeros(3, 4, 2)).imag.conj(),
    lambda: torch._efficientzerotensor(3, 4),
    lambda: torch.zeros(3, 4).to_mkldnn(),
    lambda: torch.nn.parameter.UninitializedParameter(),
)
turn = itertools.cycle(MAKERS)


def stack_rows(vectors):
    return next(turn)()


def score_matrix(Q, K):
    return next(turn)()


def favourite_movie(S, user):
    return next(turn)()
