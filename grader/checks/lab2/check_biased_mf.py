"""lab2/biased_mf: fit a mean, biases and factors to ratings, and predict.

Only the start of a fit is random. From the same seed one step more must move it by lr times the gradient, which is
computed here. Without factors (k = 0) it must find planted biases from any start. Only whether factors find planted
tastes depends on the start: that is left to a gate.
"""

import math
from collections import namedtuple
from itertools import pairwise

import torch

from grader import check, expect, metric

FIELDS = ("mu", "bu", "bi", "P", "Q", "losses")
BiasedMF = namedtuple("BiasedMF", FIELDS)  # noqa: PYI024 -- the student's side gets a plain one anyway


def fitted(submission, ratings, *, k, num_steps, **options):
    """Return what a student's fit returned: mu a float, tensors in float64, losses as floats; check the shapes."""
    returned = submission.fit(ratings, k=k, num_steps=num_steps, **options)
    return as_model(returned, ratings.shape, k, num_steps)


def as_model(returned, shape, k, num_steps):
    """Return a BiasedMF from what a student returned, whatever the order of its fields; num_steps None: any number."""
    if hasattr(returned, "_fields"):
        expect.that(set(returned._fields) == set(FIELDS), f"`fit` returns fields other than {', '.join(FIELDS)}.")
        returned = [getattr(returned, name) for name in FIELDS]
    mu, bu, bi, P, Q, losses = expect.tuple_of(returned, *FIELDS)
    n, m = shape
    shapes = {"bu": (n, 1), "bi": (m, 1), "P": (n, k), "Q": (m, k)}
    tensors = [
        expect.tensor(value, name, shape=shapes[name], dtype="floating").double()
        for name, value in zip(shapes, (bu, bi, P, Q), strict=True)
    ]
    mu = expect.number(mu, "mu")
    # Steps that are too long make losses of inf and nan.
    losses = expect.losses(losses, count=num_steps, because="There is one for each step.", finite=False)
    return BiasedMF(mu, *tensors, losses)


def named(returned, name):
    """Return one of the values that a student's fit returned, whatever their order, and whatever the others are."""
    if hasattr(returned, "_fields"):
        expect.that(name in returned._fields, f"`fit` returns no field {name}.")
        return getattr(returned, name)
    return expect.tuple_of(returned, *FIELDS)[FIELDS.index(name)]


def trained(submission, ratings, *, k, lr, because=(), **options):
    """Return what a student's fit returned, with any number of losses; tell the learning rate if it diverged."""
    with expect.asked(f"`lr={lr:g}`", *because):
        return as_model(submission.fit(ratings, k=k, lr=lr, **options), ratings.shape, k, None)


def expect_seeded(submission, ratings, device):
    """Require that calls with one seed start at the same place: else no step can be followed from call to call."""
    first, again = (trained(submission, ratings, k=2, lr=0.2, num_steps=1, seed=5, device=device) for _ in range(2))
    expect.that(torch.allclose(first.P, again.P), "Two calls with the same seed start at different places.")


def scores(model):
    """Return predictions without clipping, by the definition."""
    return model.mu + model.bu + model.bi.T + model.P @ model.Q.T


def loss_of(model, ratings):
    """Return the mean squared error over the rated cells, by the definition."""
    return (scores(model) - ratings)[ratings != 0].square().mean()


def expect_best(model, ratings):
    """Require that the smallest of the losses is that of the returned parameters."""
    recomputed = float(loss_of(model, ratings))
    smallest = min((loss for loss in model.losses if not math.isnan(loss)), default=math.nan)
    expect.that(
        math.isclose(smallest, recomputed, rel_tol=1e-4, abs_tol=1e-5),
        "The smallest of the losses is not the mean squared error of the returned parameters.",
        detail=f"It is {smallest:.6g}; the returned parameters have {recomputed:.6g}.",
    )


def stepped(model, ratings, lr):
    """Return where one step along the gradient leads."""
    parameters = [p.clone().requires_grad_() for p in (model.bu, model.bi, model.P, model.Q)]
    loss = loss_of(BiasedMF(model.mu, *parameters, []), ratings)
    gradients = torch.autograd.grad(loss, parameters)
    return [(p - lr * gradient).detach() for p, gradient in zip(parameters, gradients, strict=True)]


def most_rated(n, m):
    """Return which cells of an n x m matrix are rated: four of five, in every row and column."""
    return (torch.arange(n)[:, None] + 2 * torch.arange(m)).remainder(5).ne(0)


def random_ratings(n, m, rng):
    """Draw ratings from 1 to 5, float32 (n, m), with 0 in a fifth of the cells."""
    return torch.randint(1, 6, (n, m), generator=rng) * most_rated(n, m).float()


def biased_ratings(n, m, rng):
    """Draw ratings that are a mean plus biases, float32 (n, m)."""
    return 3 + 1.8 * (torch.rand(n, 1, generator=rng) - 0.5) + 1.8 * (torch.rand(m, generator=rng) - 0.5)


def unrated_error(submission, rng, device):
    """Return the root mean squared error over the unrated cells of 12 x 10 ratings with one planted taste."""
    users, movies = (
        (0.5 + 0.5 * torch.rand(size, generator=rng)) * torch.randn(size, generator=rng).sign() for size in (12, 10)
    )
    rated = most_rated(12, 10)
    ratings = 3 + (biased_ratings(12, 10, rng) - 3) / 2 + torch.outer(users, movies)
    model = fitted(submission, ratings * rated, k=1, lr=3.0, num_steps=100, device=device)
    return float((scores(model) - ratings)[~rated].square().mean().sqrt())


@metric
def planted_error(submission, rng, device):
    """The error over unrated cells, computed on the device of the run."""
    return unrated_error(submission, rng, device)


@metric
def planted_error_on_cpu(submission, rng):
    """The same error, computed on the CPU."""
    return unrated_error(submission, rng, "cpu")


@check(points=6)
def check_fields(submission, expected, device):
    """`fit` returns mu, bu, bi, P, Q and losses, in the right shapes for n users, m movies and k factors."""
    trained(submission, expected.ratings, k=2, num_steps=7, lr=0.008, device=device)
    trained(submission, expected.ratings, k=3, num_steps=100, lr=0.008, device=device)


@check(points=2)
def check_number_of_losses(submission, expected, device):
    """`losses` has one entry for each step, also for steps that make the loss larger."""
    for num_steps, lr in ((1, 0.008), (100, 0.008), (12, 5.0)):
        returned = submission.fit(expected.ratings, k=0, num_steps=num_steps, lr=lr, device=device)
        because = "There is one for each step."
        expect.losses(named(returned, "losses"), count=num_steps, because=because, finite=False)


@check(points=6)
def check_mu(submission, expected, device):
    """`mu` is the mean of all ratings, without the unrated cells."""
    returned = submission.fit(expected.ratings, k=3, num_steps=2, lr=0.008, device=device)
    expect.near(named(returned, "mu"), expected.mu, name="mu", rtol=1e-4)


@check(points=10, depends_on=["fields", "number_of_losses"])
def check_losses(submission, expected, figures, exhibits, device):
    """The losses of the 4 x 6 example fall; the smallest is the mean squared error of the returned parameters."""
    ratings = expected.ratings
    model = trained(submission, ratings, k=3, num_steps=100, lr=0.008, device=device)
    figures["example_loss"] = min(model.losses)
    exhibits.curves("Losses on the example", {"lr 0.008": model.losses}, x_label="step", y_label="loss")
    because = "With steps this small, every loss is below the one before."
    largest_rise = max(later - earlier for earlier, later in pairwise(model.losses))
    expect.at_most(largest_rise, 1e-5, name="the largest rise from one loss to the next", because=because)
    expect.at_most(model.losses[-1], 0.95 * model.losses[0], name="the last loss", because="It should fall further.")
    expect_best(model, ratings)
    expect_best(trained(submission, ratings, k=3, num_steps=20, lr=0.5, device=device), ratings)


@check(points=12)
def check_predict(submission, expected):
    """`predict` returns mu + bu + bi transposed + P times Q transposed."""
    predictions = submission.predict(BiasedMF(*expected.model, []))
    expect.close(predictions, expected.predictions, name="predict(model)", rtol=1e-4, dtype="floating")


@check(points=6)
def check_clipped(submission, expected):
    """`predict` returns no rating below 1 or above 5."""
    predictions = submission.predict(BiasedMF(*expected.far_model, []))
    expect.close(predictions, expected.far_predictions, name="predict(model)", rtol=1e-4, dtype="floating")


@check(points=12, visibility="hidden", depends_on=["fields"])
def check_steps(submission, rng, device):
    """Every step moves bu, bi, P and Q against the gradient of the loss, by lr times its size."""
    ratings = random_ratings(7, 5, rng)
    ratings[0], ratings[1] = 5, 1  # after many steps their scores are beyond the scale; training must not clip them
    expect_seeded(submission, ratings, device)
    for num_steps in (1, 2, 3, 60):
        # One step more, from the same seed: as long as the loss falls, the best step is the last.
        before, after = (
            trained(submission, ratings, k=2, num_steps=steps, lr=0.2, seed=5, device=device)
            for steps in (num_steps, num_steps + 1)
        )
        for name, right in zip(("bu", "bi", "P", "Q"), stepped(before, ratings, 0.2), strict=True):
            expect.close(getattr(after, name), right, name=f"after one step more, {name}", rtol=1e-4, atol=1e-5)


@check(points=8, visibility="hidden", depends_on=["fields"])
def check_unrated(submission, rng, device):
    """A 0 is not a rating: a user or a movie without ratings learns nothing."""
    ratings = random_ratings(6, 5, rng)
    ratings[2], ratings[:, 3] = 0, 0
    expect_seeded(submission, ratings, device)
    start, end = (
        trained(submission, ratings, k=2, num_steps=steps, lr=0.2, seed=3, device=device) for steps in (1, 20)
    )
    for name, row in (("bu", 2), ("bi", 3), ("P", 2), ("Q", 3)):
        expect.close(
            getattr(end, name)[row], getattr(start, name)[row], name=f"{name} of a user or movie without ratings"
        )
    expect_best(end, ratings)


@check(points=8, visibility="hidden", depends_on=["fields"])
def check_best_kept(submission, rng, device):
    """`fit` returns the parameters of the best step, also when later steps are worse."""
    # With steps that are too long the loss falls at first and then rises faster and faster; for k = 0 it stays finite.
    ratings = random_ratings(8, 6, rng)
    because = ["Steps this long lead to inf and nan in the end, the best step does not."]
    for k, lr, num_steps in ((0, 5.0, 12), (0, 6.0, 8), (2, 3.0, 5)):
        options = {"num_steps": num_steps, "seed": 1, "device": device}
        expect_best(trained(submission, ratings, k=k, lr=lr, because=because, **options), ratings)


@check(points=6, visibility="hidden", depends_on=["fields"])
def check_biases(submission, rng, device):
    """Without factors (k = 0), `fit` finds planted biases exactly, also for cells without a rating."""
    ratings, rated = biased_ratings(8, 6, rng), most_rated(8, 6)
    model = trained(submission, ratings * rated, k=0, num_steps=150, lr=2.0, device=device)
    rise = len(model.losses) > 1 and not model.losses[-1] <= model.losses[0]
    expect.that(not rise, "With `lr=2` and without factors the losses rise: your steps are too long or lead uphill.")
    found = scores(model)
    expect.close(found[rated], ratings[rated], name="the prediction of rated cells", atol=0.01)
    expect.close(found[~rated], ratings[~rated], name="the prediction of unrated cells", atol=0.02)


@check(points=4, visibility="hidden", depends_on=["fields", "number_of_losses"])
def check_planted(gates, device):
    """With one factor, `fit` finds planted tastes: it predicts unrated cells well."""
    with expect.asked("`lr=3`"):
        if device != "cpu":  # the CPU must do as well as the GPU
            gates.require("planted_error_on_cpu", name="the error over unrated cells, on the CPU")
        gates.require("planted_error", name="the error over unrated cells")


@check(points=4, visibility="hidden")
def check_seed(submission, rng, device):
    """The same seed gives the same result, also seed 0; another seed, and every call without one, another result."""
    ratings = random_ratings(5, 4, rng)

    def factors(seed):
        returned = submission.fit(ratings, k=2, num_steps=3, seed=seed, device=device)
        return [expect.tensor(named(returned, name), name, dtype="floating").double() for name in ("P", "Q")]

    def alike(one, other):
        return one.shape == other.shape and torch.allclose(one, other)

    for seed in (0, 7):
        same = all(map(alike, factors(seed), factors(seed)))
        expect.that(same, f"Two calls with seed {seed} give different P or Q.")
    for first, second, words in ((7, 8, "Two seeds"), (None, None, "Two calls without a seed")):
        (P, _), (other, _) = factors(first), factors(second)
        expect.that(not alike(P, other), f"{words} give the same P.")


@check(points=3, visibility="hidden")
def check_device(submission, expected, device):
    """`fit` computes on the device that it is given."""
    submission.fit(expected.ratings, k=2, num_steps=2, device=device)  # what fails everywhere shows nothing
    # Tensors on "meta" have no values. Code that really computes there fails, or returns tensors that stay there.
    returned = expect.unless_crashed(lambda: submission.fit(expected.ratings, k=2, num_steps=2, device="meta"))
    values = returned if isinstance(returned, (list, tuple)) else []
    computed = any(isinstance(value, torch.Tensor) for value in values)
    expect.that(not computed, "`fit` does not compute on the device that it is given.")


@check(points=2, visibility="hidden", partial=True)
def check_other_inputs(submission, credit, rng, device):
    """`fit` accepts integer ratings and other sizes, and `predict` a mu that is a tensor."""
    for n, m, k, dtype in ((1, 4, 1, torch.int64), (5, 2, 4, torch.float64), (3, 3, 2, torch.uint8)):
        with credit.case(f"fit for {n} users, {m} movies and {k} factors, {dtype}"):
            ratings = random_ratings(n, m, rng).to(dtype)
            expect_best(trained(submission, ratings, k=k, num_steps=4, lr=0.1, device=device), ratings.double())
        with credit.case(f"predict for {n} users, {m} movies and {k} factors"):
            bu, bi, P, Q = (torch.randn(size, generator=rng) for size in ((n, 1), (m, 1), (n, k), (m, k)))
            model = BiasedMF(torch.tensor(3.25), bu, bi, P, Q, [2.0, 1.0])
            expect.close(submission.predict(model), scores(model).clip(1, 5), name="predict(model)", rtol=1e-4)


@check(points=1, visibility="hidden", depends_on=["fields", "number_of_losses"])
def check_call(submission, expected, device):
    """The defaults of `fit` are k = 3, lr = 0.008 and 100 steps, and it does not change the ratings."""
    answer = submission.observe("fit", expected.ratings, seed=2, device=device, echo=True)
    default = as_model(answer.value, expected.ratings.shape, 3, 100)
    expect.unchanged(expected.ratings, answer.arguments[0], name="ratings")
    spelt_out = fitted(submission, expected.ratings, k=3, lr=0.008, num_steps=100, seed=2, device=device)
    alike = torch.allclose(torch.tensor(default.losses), torch.tensor(spelt_out.losses))
    expect.that(alike, "The losses of a default call are not those of these settings, with the same seed.")
