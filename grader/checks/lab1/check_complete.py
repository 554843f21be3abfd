"""lab1/complete: factorise from the observed cells alone, so that U Vᵀ has a value for the hidden ones.

On a 3 x 3 matrix the hidden cells are free, so only the observed ones are judged there; on a larger planted matrix of
rank 1 the hidden ones are determined, and judged. Rows and columns come in random order, as in lab1/factorise.
"""

import torch

from grader import check, expect


def completed(submission, A, M, rank, **options):
    """U Vᵀ in float64 from what a student returned, with the factors' shapes checked."""
    U, V = expect.tuple_of(submission.sgd_factorise_masked(A, M, rank, **options), "U", "V")
    U = expect.tensor(U, "U", shape=(A.shape[0], rank), dtype="floating").double()
    V = expect.tensor(V, "V", shape=(A.shape[1], rank), dtype="floating").double()
    return U @ V.T


def shuffled(A, M, rng):
    """A and M with their rows and columns in the same other order, transposed half of the time."""
    rows, columns = torch.randperm(A.shape[0], generator=rng), torch.randperm(A.shape[1], generator=rng)
    A, M = A[rows][:, columns], M[rows][:, columns]
    return (A.T.contiguous(), M.T.contiguous()) if torch.rand((), generator=rng) < 0.5 else (A, M)


def observed_error(submission, expected, rng, *, mask_dtype=torch.int64, hidden_value=None, **options):
    """Gate: squared error over the observed cells of the lab's matrix. What the hidden cells hold plays no part."""
    A, M = shuffled(expected.A, expected.M, rng)
    if hidden_value is not None:
        A = torch.where(M == 1, A, torch.tensor(hidden_value))
    product = completed(submission, A, M.to(mask_dtype), 2, **options)
    return float(((A.double() - product)[M == 1]).square().sum())


def few_epochs_error(submission, expected, rng):
    """Gate: two epochs are far too few."""
    return observed_error(submission, expected, rng, num_epochs=2)


def tiny_steps_error(submission, expected, rng):
    """Gate: steps this small lead nowhere in 100 epochs."""
    return observed_error(submission, expected, rng, num_epochs=100, lr=1e-5)


def zero_error(submission, expected, rng):
    """Gate: a matrix with zeros on its diagonal, all cells observed, is reproduced, zeros included."""
    A, M = shuffled(
        torch.tensor([[0.0, 2.0, 1.0], [1.0, 0.0, 2.0], [2.0, 1.0, 0.0]]), torch.ones(3, 3, dtype=torch.int64), rng
    )
    product = completed(submission, A, M, 3, num_epochs=300, lr=0.03)
    return float((A.double() - product).square().sum())


def hidden_error(submission, expected, rng):
    """Gate: relative squared error over the hidden quarter of a planted rank-1 matrix (6 x 5)."""
    A = torch.outer(0.5 + torch.rand(6, generator=rng), 0.5 + torch.rand(5, generator=rng))
    M = (torch.arange(6)[:, None] + torch.arange(5)[None, :]).remainder(4).ne(0).long()
    product = completed(submission, torch.where(M == 1, A, torch.tensor(0.0)), M, 1, num_epochs=200, lr=0.03)
    difference = (A.double() - product)[M == 0]
    return float(difference.square().sum() / A[M == 0].double().square().sum())


@check(points=2)
def check_shapes(submission):
    """`sgd_factorise_masked` returns U with one row for each row of A, and V with one row for each column of A."""
    completed(submission, torch.ones(4, 3), torch.ones(4, 3, dtype=torch.int64), 2, num_epochs=2)


@check(points=5, depends_on=["shapes"], timeout=60)
def check_observed(submission, expected, gates, figures, rng):
    """The observed cells of the lab's matrix are fitted closely at rank 2."""
    figures["observed_error"] = expect.best_of(
        gates["observed_error"],
        lambda: observed_error(submission, expected, rng),
        name="the squared error over observed cells",
    )


@check(points=3, visibility="hidden", depends_on=["observed"], timeout=60)
def check_hidden_values_ignored(submission, expected, gates, rng):
    """What stands in a hidden cell does not matter, however large it is."""
    expect.best_of(
        gates["observed_error"],
        lambda: observed_error(submission, expected, rng, hidden_value=1e4),
        name="the squared error over observed cells, with a large number in each hidden one",
    )


@check(points=3, visibility="hidden", depends_on=["shapes"], timeout=60)
def check_observed_zero(submission, expected, gates, rng):
    """An observed 0 counts like any other value: the mask alone says what is observed."""
    expect.best_of(
        gates["zero_error"], lambda: zero_error(submission, expected, rng), name="the squared error with observed zeros"
    )


@check(points=2, visibility="hidden", partial=True, depends_on=["observed"], timeout=60)
def check_mask_dtypes(submission, expected, gates, credit, rng):
    """The mask may be of int, float or bool, and the matrix of integers."""
    with credit.case("a matrix of integers"):
        completed(submission, torch.tensor([[4, 2], [2, 1], [6, 3]]), torch.ones(3, 2), 1, num_epochs=3)
    for dtype in (torch.int64, torch.float32, torch.bool):
        with credit.case(f"a mask of {dtype}"):
            expect.best_of(
                gates["observed_error"],
                lambda dtype=dtype: observed_error(submission, expected, rng, mask_dtype=dtype),
                name="the squared error over observed cells",
            )


@check(points=2, visibility="hidden", depends_on=["shapes"], timeout=60)
def check_prediction(submission, expected, gates, rng):
    """On a larger matrix of rank 1 the hidden cells are predicted from the observed ones."""
    expect.best_of(
        gates["hidden_error"],
        lambda: hidden_error(submission, expected, rng),
        name="the relative error over hidden cells",
    )


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_num_epochs(submission, expected, gates, rng):
    """`num_epochs` decides how long the factors learn: after two epochs they are not good yet."""
    # One step on one large cell leads far away, a second one out of all bounds, and none leaves the random start.
    U, V = expect.tuple_of(
        submission.sgd_factorise_masked(torch.tensor([[1e4]]), torch.tensor([[1]]), 4, num_epochs=1, lr=1.0), "U", "V"
    )
    farthest = max(expect.tensor(U, "U").abs().max(), expect.tensor(V, "V").abs().max())
    expect.that(100 < farthest < 1e10, "With `num_epochs=1` and a matrix of one cell there is not just one step.")
    gate = gates["few_epochs_error"]
    expect.best_of(gate, lambda: few_epochs_error(submission, expected, rng), name="the error after two epochs")


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_learning_rate(submission, expected, gates, rng):
    """`lr` decides how far a step goes: tiny steps change little."""
    # Whatever the error, a step with this rate moves neither U nor V: both stay near their small random start.
    U, V = expect.tuple_of(
        submission.sgd_factorise_masked(torch.tensor([[1e4]]), torch.tensor([[1]]), 4, num_epochs=1, lr=1e-9), "U", "V"
    )
    farthest = max(expect.tensor(U, "U").abs().max(), expect.tensor(V, "V").abs().max())
    expect.that(
        farthest < 100, "With `lr=1e-9` one step leads far away: `lr` is a factor of every step, of U and of V."
    )
    gate = gates["tiny_steps_error"]
    expect.best_of(gate, lambda: tiny_steps_error(submission, expected, rng), name="the error with lr = 0.00001")


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_arguments_unchanged(submission, expected):
    """Neither A nor M is changed."""
    A, M, *_ = submission.observe("sgd_factorise_masked", expected.A, expected.M, 2, num_epochs=3, echo=True).arguments
    expect.unchanged(expected.A, A, name="A")
    expect.unchanged(expected.M, M, name="M")
