"""lab1/factorise: U Vᵀ close to A by stochastic gradient descent, and the loss that says how close.

The target is handed over with its rows and columns in random order (and at times transposed): the same problem, with
the same best loss, but a fixed seed inside a solution does not make every run the same run.
"""

import torch

from grader import check, expect


def relabelled(A, rng):
    """A with its rows and columns in another order, transposed half of the time: the singular values stay."""
    A = A[torch.randperm(A.shape[0], generator=rng)][:, torch.randperm(A.shape[1], generator=rng)]
    return A.T.contiguous() if torch.rand((), generator=rng) < 0.5 else A


def squared_error(A, returned, rank):
    """‖A - U Vᵀ‖² in float64, from what a student returned for A (m, n) at this rank."""
    U, V = expect.tuple_of(returned, "U", "V")
    U = expect.tensor(U, "U", shape=(A.shape[0], rank), dtype="floating").double()
    V = expect.tensor(V, "V", shape=(A.shape[1], rank), dtype="floating").double()
    return float((A.double() - U @ V.T).square().sum())


def target_loss(submission, expected, rng, **options):
    """The loss that one rank-2 run on the relabelled target leaves."""
    A = relabelled(expected.A, rng)
    return squared_error(A, submission.sgd_factorise(A, 2, **options), 2)


def rank2_loss(submission, expected, rng):
    """Gate: the call that the assignment makes."""
    return target_loss(submission, expected, rng)


def long_run_loss(submission, expected, rng):
    """Gate: three times as many epochs come near the optimum."""
    return target_loss(submission, expected, rng, num_epochs=3000)


def few_epochs_loss(submission, expected, rng):
    """Gate: two epochs are far too few."""
    return target_loss(submission, expected, rng, num_epochs=2)


def tiny_steps_loss(submission, expected, rng):
    """Gate: steps this small lead nowhere in 100 epochs."""
    return target_loss(submission, expected, rng, num_epochs=100, lr=1e-5)


def rank1_error(submission, expected, rng):
    """Gate: the share of a rank-1 matrix (4 x 3) that is left after factorising it at rank 1."""
    u, v = 0.5 + torch.rand(4, generator=rng), 0.5 + torch.rand(3, generator=rng)
    A = torch.outer(u, v)
    return squared_error(A, submission.sgd_factorise(A, 1, num_epochs=200, lr=0.03), 1) / float(A.square().sum())


@check(points=4)
def check_loss(submission, expected):
    """`reconstruction_loss` is the sum of the squared differences between A and U Vᵀ."""
    loss = expect.number(
        submission.reconstruction_loss(expected.B, expected.U, expected.V), "reconstruction_loss(A, U, V)"
    )
    expect.close(torch.tensor(loss), expected.loss, name="reconstruction_loss(A, U, V)")


@check(points=2, visibility="hidden", partial=True, depends_on=["loss"])
def check_loss_other_sizes(submission, credit, rng):
    """`reconstruction_loss` is right for matrices of any shape and rank."""
    for m, n, rank in ((4, 3, 2), (2, 6, 1), (5, 5, 3)):
        A, U, V = (torch.randn(size, generator=rng) for size in ((m, n), (m, rank), (n, rank)))
        with credit.case(f"A {m} x {n}, rank {rank}"):
            loss = expect.number(submission.reconstruction_loss(A, U, V), "reconstruction_loss(A, U, V)")
            expect.close(
                torch.tensor(loss), (A - U @ V.T).square().sum(), name="reconstruction_loss(A, U, V)", rtol=1e-4
            )


@check(points=2)
def check_shapes(submission):
    """`sgd_factorise` returns U with one row for each row of A, and V with one row for each column of A."""
    U, V = expect.tuple_of(submission.sgd_factorise(torch.ones(5, 3), 2, num_epochs=3), "U", "V")
    expect.tensor(U, "U", shape=(5, 2), dtype="floating")
    expect.tensor(V, "V", shape=(3, 2), dtype="floating")


@check(points=7, depends_on=["shapes"], timeout=60)
def check_rank2(submission, expected, gates, rng):
    """A rank-2 factorisation of the lab's matrix with the default settings leaves a small loss."""
    expect.best_of(gates["rank2_loss"], lambda: rank2_loss(submission, expected, rng), name="the loss at rank 2")


@check(points=3, visibility="hidden", depends_on=["rank2"], timeout=60)
def check_long_run(submission, expected, gates, figures, rng):
    """With 3000 epochs the loss comes near the best that any rank-2 matrix can reach."""
    gate = gates["long_run_loss"]
    figures["long_run_loss"] = expect.best_of(
        gate, lambda: long_run_loss(submission, expected, rng), name="the loss after 3000 epochs"
    )


@check(points=3, visibility="hidden", depends_on=["shapes"], timeout=60)
def check_rank1(submission, expected, gates, rng):
    """A matrix of rank 1 is recovered at rank 1: U and V both learn."""
    expect.best_of(
        gates["rank1_error"], lambda: rank1_error(submission, expected, rng), name="the relative error at rank 1"
    )


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_num_epochs(submission, expected, gates, rng):
    """`num_epochs` decides how long the factors learn: after two epochs they are not good yet."""
    # One step on one large cell leads far away, a second one out of all bounds, and none leaves the random start.
    U, V = expect.tuple_of(submission.sgd_factorise(torch.tensor([[1e4]]), 4, num_epochs=1, lr=1.0), "U", "V")
    farthest = max(expect.tensor(U, "U").abs().max(), expect.tensor(V, "V").abs().max())
    expect.that(100 < farthest < 1e10, "With `num_epochs=1` and a matrix of one cell there is not just one step.")
    expect.best_of(
        gates["few_epochs_loss"], lambda: few_epochs_loss(submission, expected, rng), name="the loss after two epochs"
    )


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_learning_rate(submission, expected, gates, rng):
    """`lr` decides how far a step goes: tiny steps change little."""
    # Whatever the error, a step with this rate moves neither U nor V: both stay near their small random start.
    U, V = expect.tuple_of(submission.sgd_factorise(torch.tensor([[1e4]]), 4, num_epochs=1, lr=1e-9), "U", "V")
    farthest = max(expect.tensor(U, "U").abs().max(), expect.tensor(V, "V").abs().max())
    expect.that(
        farthest < 100, "With `lr=1e-9` one step leads far away: `lr` is a factor of every step, of U and of V."
    )
    expect.best_of(
        gates["tiny_steps_loss"], lambda: tiny_steps_loss(submission, expected, rng), name="the loss with lr = 0.00001"
    )


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_integer_matrix(submission):
    """A matrix of integers has factors of real numbers."""
    A = torch.tensor([[4, 2], [2, 1], [6, 3]])
    U, V = expect.tuple_of(submission.sgd_factorise(A, 1, num_epochs=3), "U", "V")
    expect.tensor(U, "U", shape=(3, 1), dtype="floating")
    expect.tensor(V, "V", shape=(2, 1), dtype="floating")


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_argument_unchanged(submission, expected):
    """`sgd_factorise` leaves A as it was."""
    (A, *_) = submission.observe("sgd_factorise", expected.A, 2, num_epochs=5, echo=True).arguments
    expect.unchanged(expected.A, A, name="A")
