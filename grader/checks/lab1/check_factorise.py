"""lab1/factorise: U Vᵀ close to A by stochastic gradient descent, and the loss that says how close.

The rows and columns of the target come in random order, half of the time transposed: the same problem, with the same
best loss, but a fixed seed inside a solution does not make every run the same.
"""

import torch
from _one_cell import CELL, RANK, expect_one_step, expect_short_step

from grader import check, expect, metric


def relabelled(A, rng):
    """Reorder the rows and columns of A, and transpose it half of the time: the singular values stay."""
    A = A[torch.randperm(A.shape[0], generator=rng)][:, torch.randperm(A.shape[1], generator=rng)]
    return A.T.contiguous() if torch.rand((), generator=rng) < 0.5 else A


def squared_error(A, returned, rank):
    """Return ‖A - U Vᵀ‖² in float64 for what a student returned for A (m, n) at this rank."""
    U, V = expect.tuple_of(returned, "U", "V")
    U = expect.tensor(U, "U", shape=(A.shape[0], rank), dtype="floating").double()
    V = expect.tensor(V, "V", shape=(A.shape[1], rank), dtype="floating").double()
    return float((A.double() - U @ V.T).square().sum())


def target_loss(submission, expected, rng, **options):
    """Return the loss of one rank-2 run on the relabelled target."""
    A = relabelled(expected.A, rng)
    return squared_error(A, submission.sgd_factorise(A, 2, **options), 2)


@metric
def rank2_loss(submission, expected, rng):
    """The loss of the call that the assignment makes."""
    return target_loss(submission, expected, rng)


@metric
def long_run_loss(submission, expected, rng):
    """The loss after three times as many epochs, which come near the optimum."""
    return target_loss(submission, expected, rng, num_epochs=3000)


@metric
def few_epochs_loss(submission, expected, rng):
    """The loss after two epochs, which are far too few."""
    return target_loss(submission, expected, rng, num_epochs=2)


@metric
def tiny_steps_loss(submission, expected, rng):
    """The loss after 100 epochs of steps so small that they lead nowhere."""
    return target_loss(submission, expected, rng, num_epochs=100, lr=1e-5)


@metric
def rank1_error(submission, expected, rng):
    """The share of a rank-1 matrix (4 x 3) that is left after factorising it at rank 1."""
    u, v = 0.5 + torch.rand(4, generator=rng), 0.5 + torch.rand(3, generator=rng)
    A = torch.outer(u, v)
    return squared_error(A, submission.sgd_factorise(A, 1, num_epochs=200, lr=0.03), 1) / float(A.square().sum())


@check(points=4)
def check_loss(submission, expected):
    """`reconstruction_loss` is the sum of the squared differences between A and U Vᵀ."""
    loss = submission.reconstruction_loss(expected.B, expected.U, expected.V)
    expect.near(loss, expected.loss, name="reconstruction_loss(A, U, V)")


@check(points=2, visibility="hidden", partial=True, depends_on=["loss"])
def check_loss_other_sizes(submission, credit, rng):
    """`reconstruction_loss` is right for matrices of any shape and rank."""
    for m, n, rank in ((4, 3, 2), (2, 6, 1), (5, 5, 3)):
        A, U, V = (torch.randn(size, generator=rng) for size in ((m, n), (m, rank), (n, rank)))
        with credit.case(f"A {m} x {n}, rank {rank}"):
            right = (A - U @ V.T).square().sum()
            expect.near(submission.reconstruction_loss(A, U, V), right, name="reconstruction_loss(A, U, V)", rtol=1e-4)
    with credit.case("A, U and V stay unchanged"):
        answer = submission.observe("reconstruction_loss", A, U, V, echo=True)
        for name, before, after in zip("AUV", (A, U, V), answer.arguments, strict=True):
            expect.unchanged(before, after, name=name)


@check(points=2)
def check_shapes(submission):
    """`sgd_factorise` returns U with one row for each row of A, and V with one row for each column of A."""
    U, V = expect.tuple_of(submission.sgd_factorise(torch.ones(5, 3), 2, num_epochs=3), "U", "V")
    with expect.asked("`num_epochs=3` and the default `lr`"):
        expect.tensor(U, "U", shape=(5, 2), dtype="floating")
        expect.tensor(V, "V", shape=(3, 2), dtype="floating")


@check(points=7, depends_on=["shapes"], timeout=60)
def check_rank2(gates):
    """A rank-2 factorisation of the lab's matrix with the default settings leaves a small loss."""
    with expect.asked("the default settings"):
        gates.require("rank2_loss", name="the loss at rank 2")


@check(points=3, visibility="hidden", depends_on=["rank2"], timeout=60)
def check_long_run(gates):
    """After 3000 epochs the loss is near the smallest that a rank-2 matrix can have."""
    with expect.asked("`num_epochs=3000` and the default `lr`"):
        gates.require("long_run_loss", name="the loss after 3000 epochs")


@check(points=3, visibility="hidden", depends_on=["shapes"], timeout=60)
def check_rank1(gates):
    """A matrix of rank 1 is recovered at rank 1: U and V both learn."""
    with expect.asked("`lr=0.03` and `num_epochs=200`"):
        gates.require("rank1_error", name="the relative error at rank 1")


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_num_epochs(submission, gates):
    """`num_epochs` sets how long the factors learn: after two epochs they are not good yet."""
    expect_one_step(lambda num_epochs, lr: submission.sgd_factorise(CELL, RANK, num_epochs=num_epochs, lr=lr), "")
    with expect.asked("`num_epochs=2`"):
        gates.require(
            "few_epochs_loss",
            name="the loss after two epochs",
            otherwise="With `num_epochs=2` the loss is small already. Two epochs of single steps cannot make it so.",
        )


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_learning_rate(submission, gates):
    """`lr` sets how far a step goes: tiny steps change little."""
    expect_short_step(lambda num_epochs, lr: submission.sgd_factorise(CELL, RANK, num_epochs=num_epochs, lr=lr))
    with expect.asked("`lr=1e-5` and `num_epochs=100`"):
        gates.require(
            "tiny_steps_loss",
            name="the loss with lr = 0.00001",
            otherwise="With `lr=1e-5` the loss is small after 100 epochs. Steps that short cannot make it so.",
        )


@check(points=1, visibility="hidden")
def check_integer_matrix(submission):
    """The factors of a matrix of integers have a floating dtype."""
    A = torch.tensor([[4, 2], [2, 1], [6, 3]])
    factors = expect.tuple_of(submission.sgd_factorise(A, 1, num_epochs=3), "U", "V")
    for name, factor in zip("UV", factors, strict=True):
        expect.dtype(factor, "floating", name=name)


@check(points=1, visibility="hidden")
def check_argument_unchanged(submission, expected):
    """`sgd_factorise` does not change A."""
    answer = submission.observe("sgd_factorise", expected.A, 2, num_epochs=5, echo=True)
    expect.tuple_of(answer.value, "U", "V")  # who returns nothing has not done it without changing A
    expect.unchanged(expected.A, answer.arguments[0], name="A")
