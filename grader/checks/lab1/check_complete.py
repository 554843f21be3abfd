"""lab1/complete: factorise from the observed cells alone, so that U Vᵀ has values for the hidden ones too.

On a 3 x 3 matrix any value fits the hidden cells, so only the observed ones are judged there. On a larger matrix of
rank 1 the observed cells determine the hidden ones, which are judged. Rows and columns come in random order, as in
lab1/factorise.
"""

import torch
from _one_cell import CELL, RANK, expect_one_step, expect_short_step

from grader import check, expect, metric


def completed(submission, A, M, rank, **options):
    """Return U Vᵀ in float64 from what a student returned; check the shapes of the factors."""
    U, V = expect.tuple_of(submission.sgd_factorise_masked(A, M, rank, **options), "U", "V")
    U = expect.tensor(U, "U", shape=(A.shape[0], rank), dtype="floating").double()
    V = expect.tensor(V, "V", shape=(A.shape[1], rank), dtype="floating").double()
    return U @ V.T


def shuffled(A, M, rng):
    """Reorder the rows and columns of A and M alike, and transpose both half of the time."""
    rows, columns = torch.randperm(A.shape[0], generator=rng), torch.randperm(A.shape[1], generator=rng)
    A, M = A[rows][:, columns], M[rows][:, columns]
    return (A.T.contiguous(), M.T.contiguous()) if torch.rand((), generator=rng) < 0.5 else (A, M)


def target_error(submission, expected, rng, *, mask_dtype=torch.int64, hidden_value=None, **options):
    """Return the squared error over the observed cells of the lab's matrix after one run at rank 2."""
    A, M = shuffled(expected.A, expected.M, rng)
    if hidden_value is not None:
        A = torch.where(M == 1, A, torch.tensor(hidden_value))
    product = completed(submission, A, M.to(mask_dtype), 2, **options)
    return float(((A.double() - product)[M == 1]).square().sum())


@metric
def observed_error(submission, expected, rng):
    """The squared error over the observed cells, after the call that the assignment makes."""
    return target_error(submission, expected, rng)


@metric
def hidden_values_error(submission, expected, rng):
    """The squared error over the observed cells, with a large number in each hidden one."""
    return target_error(submission, expected, rng, hidden_value=1e4)


@metric
def float_mask_error(submission, expected, rng):
    """The squared error over the observed cells, with a mask of floats."""
    return target_error(submission, expected, rng, mask_dtype=torch.float32)


@metric
def bool_mask_error(submission, expected, rng):
    """The squared error over the observed cells, with a mask of bools."""
    return target_error(submission, expected, rng, mask_dtype=torch.bool)


@metric
def few_epochs_error(submission, expected, rng):
    """The squared error after two epochs, which are far too few."""
    return target_error(submission, expected, rng, num_epochs=2)


@metric
def tiny_steps_error(submission, expected, rng):
    """The squared error after 100 epochs of steps so small that they lead nowhere."""
    return target_error(submission, expected, rng, num_epochs=100, lr=1e-5)


@metric
def zero_error(submission, expected, rng):
    """The squared error on a matrix with zeros on its diagonal, all cells observed."""
    A, M = shuffled(
        torch.tensor([[0.0, 2.0, 1.0], [1.0, 0.0, 2.0], [2.0, 1.0, 0.0]]), torch.ones(3, 3, dtype=torch.int64), rng
    )
    product = completed(submission, A, M, 3, num_epochs=300, lr=0.03)
    return float((A.double() - product).square().sum())


@metric
def hidden_error(submission, expected, rng):
    """The relative squared error over the hidden quarter of a planted rank-1 matrix (6 x 5)."""
    A = torch.outer(0.5 + torch.rand(6, generator=rng), 0.5 + torch.rand(5, generator=rng))
    M = (torch.arange(6)[:, None] + torch.arange(5)[None, :]).remainder(4).ne(0).long()
    product = completed(submission, torch.where(M == 1, A, torch.tensor(0.0)), M, 1, num_epochs=200, lr=0.03)
    difference = (A.double() - product)[M == 0]
    return float(difference.square().sum() / A[M == 0].double().square().sum())


def training_on_one_cell(submission):
    """Return what trains a student's factors on one observed cell, for so many epochs and with this lr."""

    def train(num_epochs, lr):
        return submission.sgd_factorise_masked(CELL, torch.tensor([[1]]), RANK, num_epochs=num_epochs, lr=lr)

    return train


@check(points=2)
def check_shapes(submission):
    """`sgd_factorise_masked` returns U with one row for each row of A, and V with one row for each column of A."""
    with expect.asked("`num_epochs=2` and the default `lr`"):
        completed(submission, torch.ones(4, 3), torch.ones(4, 3, dtype=torch.int64), 2, num_epochs=2)


@check(points=5, depends_on=["shapes"], timeout=60)
def check_observed(gates):
    """The observed cells of the lab's matrix are fitted closely at rank 2."""
    with expect.asked("the default settings"):
        gates.require("observed_error", name="the squared error over observed cells")


@check(points=3, visibility="hidden", depends_on=["observed"], timeout=60)
def check_hidden_values_ignored(gates):
    """Values in hidden cells have no effect, however large they are."""
    name = "the squared error over observed cells, with a large number in each hidden one"
    because = "The hidden cells of this matrix hold large numbers: steps that use them end at inf or nan."
    with expect.asked("the default settings", because):
        gates.require("hidden_values_error", name=name)


@check(points=3, visibility="hidden", depends_on=["shapes"], timeout=60)
def check_observed_zero(gates):
    """An observed 0 counts like any other value: only the mask says which cells are observed."""
    with expect.asked("`lr=0.03` and `num_epochs=300`"):
        gates.require("zero_error", name="the squared error with observed zeros")


@check(points=2, visibility="hidden", partial=True, depends_on=["observed"], timeout=60)
def check_mask_dtypes(submission, gates, credit):
    """The mask may hold ints, floats or bools, and the matrix integers."""
    with credit.case("a matrix of integers"):
        completed(submission, torch.tensor([[4, 2], [2, 1], [6, 3]]), torch.ones(3, 2), 1, num_epochs=3)
    with credit.case("a mask of torch.int64"):
        gates.require("observed_error", name="the squared error over observed cells")
    with credit.case("a mask of torch.float32"):
        gates.require("float_mask_error", name="the squared error over observed cells")
    with credit.case("a mask of torch.bool"):
        gates.require("bool_mask_error", name="the squared error over observed cells")


@check(points=2, visibility="hidden", depends_on=["shapes"], timeout=60)
def check_prediction(gates):
    """On a larger matrix of rank 1 the factors predict the hidden cells from the observed ones."""
    with expect.asked("`lr=0.03` and `num_epochs=200`"):
        gates.require("hidden_error", name="the relative error over hidden cells")


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_num_epochs(submission, gates):
    """`num_epochs` sets how long the factors learn: after two epochs they are not good yet."""
    expect_one_step(training_on_one_cell(submission), ", which its mask calls observed,")
    with expect.asked("`num_epochs=2`"):
        gates.require(
            "few_epochs_error",
            name="the error after two epochs",
            otherwise="With `num_epochs=2` the error is small already. Two epochs of single steps cannot make it so.",
        )


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_learning_rate(submission, gates):
    """`lr` sets how far a step goes: tiny steps change little."""
    expect_short_step(training_on_one_cell(submission))
    with expect.asked("`lr=1e-5` and `num_epochs=100`"):
        gates.require(
            "tiny_steps_error",
            name="the error with lr = 0.00001",
            otherwise="With `lr=1e-5` the error is small after 100 epochs. Steps that short cannot make it so.",
        )


@check(points=1, visibility="hidden")
def check_arguments_unchanged(submission, expected):
    """`sgd_factorise_masked` changes neither A nor M."""
    answer = submission.observe("sgd_factorise_masked", expected.A, expected.M, 2, num_epochs=3, echo=True)
    expect.tuple_of(answer.value, "U", "V")  # who returns nothing has not done it without changing A
    A, M, *_ = answer.arguments
    expect.unchanged(expected.A, A, name="A")
    expect.unchanged(expected.M, M, name="M")
