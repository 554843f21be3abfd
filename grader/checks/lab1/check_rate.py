"""lab1/rate: factorise a ratings matrix (movies x users) by full-batch steps, and predict single ratings.

Movies and users come in random order, so that a fixed seed inside a solution does not make every run the same.
"""

import torch

from grader import check, expect, metric


def ratings_matrix(datasets, movies, rng):
    """Return A (movies, users), float32, and M, int64, of the most rated movies: both 0 where there is no rating."""
    table = datasets.movielens.ratings
    counts = table["movieId"].value_counts()
    rated = table[table["movieId"].isin(counts.index[:movies])]
    rows, columns = (torch.from_numpy(rated[name].factorize()[0]) for name in ("movieId", "userId"))
    rows = torch.randperm(int(rows.max()) + 1, generator=rng)[rows]
    columns = torch.randperm(int(columns.max()) + 1, generator=rng)[columns]
    A = torch.zeros(int(rows.max()) + 1, int(columns.max()) + 1)
    A[rows, columns] = torch.tensor(rated["rating"].to_numpy(), dtype=torch.float32)
    return A, (A > 0).long()


def small_matrix(rng):
    """Return A (9, 7) of rank 2, a quarter of it zeros, and M with three quarters of the cells observed."""
    A = torch.zeros(9, 7)
    A[:6, :4] = torch.outer(1 + torch.rand(6, generator=rng), 1 + torch.rand(4, generator=rng))
    A[3:, 2:] += torch.outer(1 + torch.rand(6, generator=rng), 1 + torch.rand(5, generator=rng))
    A = A[torch.randperm(9, generator=rng)][:, torch.randperm(7, generator=rng)]
    return A, (torch.arange(9)[:, None] + torch.arange(7)).remainder(4).ne(0).long()


def factors(submission, A, M, rank, **options):
    """Return U and V in float64 from what a student returned; check their shapes."""
    U, V = expect.tuple_of(submission.gd_factorise_masked(A, M, rank, **options), "U", "V")
    U = expect.tensor(U, "U", shape=(A.shape[0], rank), dtype="floating").double()
    V = expect.tensor(V, "V", shape=(A.shape[1], rank), dtype="floating").double()
    return U, V


def predicted(submission, A, M, rank, **options):
    """Return U Vᵀ in float64 from what a student returned."""
    U, V = factors(submission, A, M, rank, **options)
    return U @ V.T


@metric
def fit_error(submission, datasets, sizes, rng):
    """The mean squared error over all ratings."""
    A, M = ratings_matrix(datasets, sizes["movies"], rng)
    product = predicted(submission, A, M, sizes["rank"], num_epochs=sizes["num_epochs"], lr=sizes["lr"])
    return float((A - product)[M == 1].square().mean())


@metric
def unseen_error(submission, datasets, sizes, rng):
    """The root of the mean squared error over a tenth of the ratings, which the student's code never sees."""
    A, M = ratings_matrix(datasets, sizes["movies"], rng)
    kept = M * (torch.rand(A.shape, generator=rng) >= 0.1)
    product = predicted(submission, A * kept, kept, sizes["rank"], num_epochs=sizes["num_epochs"], lr=sizes["lr"])
    return float((A - product)[kept < M].square().mean().sqrt())


def small_error(submission, rng, hidden_value):
    """Return the share of the small matrix that one run leaves over its observed cells, zeros included."""
    A, M = small_matrix(rng)
    given = torch.where(M == 1, A, hidden_value)
    product = predicted(submission, given, M, 3, num_epochs=800, lr=0.02)
    return float((A - product)[M == 1].square().sum() / A[M == 1].square().sum())


@metric
def mask_error(submission, rng):
    """The share of the small matrix that is left over its observed cells."""
    return small_error(submission, rng, 0.0)


@metric
def hidden_values_error(submission, rng):
    """The same share, with a large number in each hidden cell."""
    return small_error(submission, rng, 1e4)


@metric
def default_error(submission, rng):
    """The share of 40 x 30 scores out of 40 (a matrix of rank 1) that the default settings leave.

    The default lr suits a large matrix of ratings; large scores make as large errors of a small one.
    """
    A = torch.outer(1 + torch.rand(40, generator=rng), 10 + 10 * torch.rand(30, generator=rng))
    product = predicted(submission, A, torch.ones(40, 30, dtype=torch.int64), 2)
    return float((A - product).square().sum() / A.square().sum())


def settings_in_words(sizes):
    """Return what a fit to the ratings is asked for."""
    return f"`lr={sizes['lr']:g}` and `num_epochs={sizes['num_epochs']}`"


@check(points=2)
def check_shapes(submission):
    """`gd_factorise_masked` returns U with one row for each movie, and V with one row for each user."""
    with expect.asked("`num_epochs=2` and `lr=0.01`"):
        predicted(submission, torch.ones(5, 3), torch.ones(5, 3, dtype=torch.int64), 2, num_epochs=2, lr=0.01)


@check(points=3)
def check_sse(submission, expected):
    """`masked_sse` is the sum of the squared errors over the observed ratings."""
    sse = submission.masked_sse(expected.A, expected.M, expected.U, expected.V)
    expect.near(sse, expected.sse, name="masked_sse(A, M, U, V)", rtol=1e-4)


@check(points=3)
def check_prediction(submission, expected):
    """`predict_rating` gives what the factors predict for a movie and a user, both counted from 0."""
    # Ask for all before judging any: many mistakes explain one wrong rating, one explains four.
    found = [submission.predict_rating(expected.U, expected.V, *pair) for pair in expected.asked]
    for (movie, user), rating, right in zip(expected.asked, found, expected.predictions, strict=True):
        name = f"predict_rating(U, V, {movie}, {user})"
        expect.near(rating, right, name=name, rtol=1e-4)


@check(points=5, depends_on=["shapes"])
def check_fit(gates, sizes):
    """The factors fit the ratings: the mean squared error over them becomes small."""
    with expect.asked(settings_in_words(sizes)):
        gates.require("fit_error", name="the mean squared error over the ratings")


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_unseen(gates, sizes):
    """The factors predict ratings that were held back better than the mean of all ratings does."""
    with expect.asked(settings_in_words(sizes)):
        gates.require("unseen_error", name="the error over ratings held back")


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_default_settings(gates):
    """The default `num_epochs` and `lr` are right for 40 x 30 scores out of 40."""
    with expect.asked("the default settings"):
        gates.require("default_error", name="the error of a default call")


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_observed_zero(gates):
    """An observed 0 counts like any other value: only the mask says which cells are observed."""
    with expect.asked("`lr=0.02` and `num_epochs=800`"):
        gates.require("mask_error", name="the error with observed zeros")


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_hidden_values_ignored(gates):
    """Values in cells without a rating have no effect, however large they are."""
    because = (
        "Cells without a rating hold large numbers. If they have an effect, or steps are too long, values grow so far."
    )
    with expect.asked("`lr=0.02` and `num_epochs=800`", because):
        gates.require("hidden_values_error", name="the error with a large number in each hidden cell")


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_settings_count(submission):
    """`num_epochs` sets how many steps there are, and `lr` how long they are."""
    # With ratings this large and lr = 1, one step takes factors of about 1 to millions, and a second one to 1e18.
    A = torch.full((6, 5), 1e6)
    with expect.asked(
        "`num_epochs=1` and `lr=1`", "One step of that length leads to a few millions, several lead to inf."
    ):
        U, V = factors(submission, A, torch.ones(6, 5, dtype=torch.int64), 5, num_epochs=1, lr=1.0)
    largest = float(min(U.abs().max(), V.abs().max()))  # of the factor that steps first
    expect.that(
        1e5 <= largest <= 1e9,
        f"With `num_epochs=1` and `lr=1` a factor is {'nearer' if largest < 1e5 else 'farther'} than one step leads.",
        detail=f"On 6 x 5 ratings of 1000000 they grow to {largest:.3g}, not to a few millions.",
    )


@check(points=1, visibility="hidden", partial=True)
def check_other_sizes_and_dtypes(submission, credit, rng):
    """Any number of movies, users and factors works, and masks and ratings of any dtype."""
    for m, n, dtype in ((3, 6, torch.float32), (6, 2, torch.bool), (4, 4, torch.int64)):
        A = torch.randint(0, 6, (m, n), generator=rng)
        M = torch.rand(m, n, generator=rng) < 0.7
        U, V = torch.rand(m, n, generator=rng), torch.rand(n, n, generator=rng)
        with credit.case(f"masked_sse with a mask of {dtype}"):
            right = (A - U @ V.T)[M].square().sum()
            expect.near(submission.masked_sse(A, M.to(dtype), U, V), right, name="masked_sse(A, M, U, V)", rtol=1e-4)
        with credit.case(f"predict_rating for {m} movies and {n} users"):
            rating = submission.predict_rating(U, V, m - 1, 0)
            expect.near(rating, U[m - 1] @ V[0], name="the last movie's rating", rtol=1e-4)
        with credit.case(f"gd_factorise_masked with a mask of {dtype}"):
            predicted(submission, A, M.to(dtype), 3, num_epochs=2, lr=0.01)


@check(points=1, visibility="hidden")
def check_arguments_unchanged(submission, expected):
    """`gd_factorise_masked` changes neither A nor M."""
    answer = submission.observe("gd_factorise_masked", expected.A, expected.M, 2, num_epochs=2, lr=0.001, echo=True)
    expect.tuple_of(answer.value, "U", "V")  # who returns nothing has not done it without changing A
    A, M, *_ = answer.arguments
    expect.unchanged(expected.A, A, name="A")
    expect.unchanged(expected.M, M, name="M")
