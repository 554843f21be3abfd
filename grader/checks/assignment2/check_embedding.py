"""assignment2/embedding: fit vectors for movies whose inner products follow the co-occurrences.

From the same seed a fit starts at the same V, and `num_steps=0` returns that start. So the steps of an optimiser are
computed here and compared; only how good a long fit becomes is left to gates. There the movies come in random order, so
that a fixed seed inside a solution does not make every run the same.
"""

import struct

import torch

from grader import Measured, check, evidence, expect, metric

OPTIMIZERS = {"adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop, "sgd": torch.optim.SGD}
GOOD, BAD = ("sgd", 1e-5), ("sgd", 1e-9)  # on a small X one leaves a tenth of the cost, the other nearly all of it
SHOWN = {  # the settings whose costs were published
    "adam": (1.0, 0.1, 0.01, 0.001, 0.0001),
    "rmsprop": (1.0, 0.1, 0.01, 0.001, 0.0001),
    "sgd": (4e-5, 3e-5, 2e-5, 1e-5, 1e-6),
}
WELL_KNOWN = ("Apollo 13 (1995)", "Toy Story (1995)", "Home Alone (1990)")


def right_cost(V, X):
    """Return the cost by its definition, for V (M, d) and X (M, M)."""
    difference = V @ V.T - X
    return (difference - torch.diag(difference.diagonal())).square().sum()


def stepped(V, X, optimizer, lr, num_steps):
    """Return where torch.optim gets from V by steps along the gradient of the cost, in float64."""
    V = V.clone().requires_grad_()
    descent = OPTIMIZERS[optimizer]([V], lr=lr)
    for _ in range(num_steps):
        descent.zero_grad()
        right_cost(V, X.double()).backward()
        descent.step()
    return V.detach()


def few_likes(rng):
    """Return X, float32 (9, 9), of 12 users who each like about half of 9 movies."""
    L = (torch.rand(12, 9, generator=rng) < 0.5).float()
    return L.T @ L


def fitted(submission, X, *, dim, num_steps, **options):
    """Return V in float64 and the losses as floats, which may be inf or nan, as a student fitted them to X (M, M)."""
    returned = submission.fit_embeddings(X, dim=dim, num_steps=num_steps, **options)
    V, losses = expect.tuple_of(returned, "V", "losses")
    V = expect.tensor(V, "V", shape=(len(X), dim), dtype="floating").double()
    return V, expect.losses(losses, finite=False)


def whole_fit(submission, likes, sizes, **options):
    """Return V in float64 and its losses, fitted to all movies."""
    return fitted(submission, likes.cooccurrence(), dim=sizes["dim"], num_steps=sizes["num_steps"], **options)


def random_order(datasets, rng):
    """Draw an order of all movies."""
    return torch.randperm(len(datasets.movielens.movies), generator=rng)


def share_left(V, likes):
    """Return the cost of V as a share of the cost of zeros."""
    return likes.cost(V) / likes.cost(torch.zeros_like(V))


@metric
def cost_left(submission, datasets, sizes, rng):
    """How much of the cost a fit to all movies leaves."""
    likes = datasets.movielens.likes.reordered(random_order(datasets, rng))
    V, losses = whole_fit(submission, likes, sizes)
    curves = evidence.curves("cost of the fit", {"cost": losses}, x_label="step", y_label="cost", log=True)
    return Measured(value=share_left(V, likes), exhibits=[curves])


@metric
def neighbours_shared(submission, datasets, sizes, rng):
    """How many of a movie's ten largest inner products are with movies that most of its fans like; worst of three."""
    order = random_order(datasets, rng)
    likes = datasets.movielens.likes.reordered(order)
    V, _ = whole_fit(submission, likes, sizes)
    titles = datasets.movielens.movies["title"].tolist()
    titles = [titles[place] for place in order.tolist()]
    return float(min(neighbours_known(V, likes, titles.index(title)) for title in WELL_KNOWN))


def neighbours_known(V, likes, movie):
    """Count how many of the ten nearest to a movie, itself included, are among the ten that share most fans with it."""
    shared = torch.mv(likes.table.t(), likes.table.to_dense()[:, movie])
    known = shared >= shared.topk(10).values[-1]  # more than ten where the tenth is tied
    return int(known[(V @ V[movie]).topk(10).indices].sum())


def most_liked(datasets, count=60):
    """Return X, float32 (60, 60), of the movies that most users liked."""
    likes = datasets.movielens.likes
    table = likes.table.to_dense()[:, likes.counts.topk(count).indices]
    return table.T @ table


def curves_of(submission, X, settings):
    """Return what `compare_settings` returned for X, as a list of losses for each setting."""
    curves = submission.compare_settings(X, settings)
    expect.of_type(curves, dict, name="compare_settings(X, settings)", wanted="a dict")
    expect.that(set(curves) == set(settings), "The keys are not the pairs (optimizer, lr).", detail=f"{list(curves)}")
    losses = [expect.losses(curves[setting], finite=False) for setting in settings]
    expect.that(all(len(line) >= 150 for line in losses), "There are too few losses for 150 steps.")
    return losses


def right_curves(datasets, num_steps=150):
    """Return the right losses of the settings in `SHOWN`, for the movies that most users liked."""
    X = most_liked(datasets)
    start = torch.randn(len(X), 100, generator=torch.Generator().manual_seed(0))
    settings = [(optimizer, lr) for optimizer, rates in SHOWN.items() for lr in rates]
    return {setting: losses_of(start, X, *setting, num_steps) for setting in settings}


def losses_of(start, X, optimizer, lr, num_steps):
    """Return the cost of the start and after each step of torch.optim."""
    V, losses = start.clone().requires_grad_(), []
    descent = OPTIMIZERS[optimizer]([V], lr=lr)
    for _ in range(num_steps + 1):
        descent.zero_grad()
        cost = right_cost(V, X)
        losses.append(cost.item())
        cost.backward()
        descent.step()
    return losses


def picture(submission, curves, path):
    """Return the bytes of the PNG that `plot_losses` writes; check its size in pixels."""
    submission.plot_losses(curves, path)
    content = submission.file(path)
    expect.that(content is not None, "`plot_losses` wrote no file to the path it was given.")
    expect.that(content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) > 24, "`plot_losses` did not write a PNG.")
    width, height = struct.unpack(">II", content[16:24])
    expect.that(width >= 200 and height >= 150, "The picture is too small to read.", detail=f"{width} x {height}.")
    return content


@check(points=2)
def check_cost(submission, expected):
    """`cost` is the sum of the squared differences over all pairs of different movies."""
    expect.near(submission.cost(expected.V, expected.X), expected.cost, name="cost(V, X)", rtol=1e-4)


@check(points=1, visibility="hidden", partial=True, depends_on=["cost"])
def check_cost_other_sizes(submission, credit, rng):
    """`cost` is right for any number of movies, vectors of any length, and vectors that fit exactly."""
    X = few_likes(rng)
    for dim in (1, 9, 14):
        V = torch.randn(9, dim, generator=rng)
        with credit.case(f"9 movies, d = {dim}"):
            expect.near(submission.cost(V, X), right_cost(V, X), name="cost(V, X)", rtol=1e-4)
    V = torch.randn(5, 3, generator=rng)
    with credit.case("vectors that fit exactly"):
        expect.near(submission.cost(V, V @ V.T + torch.eye(5)), 0.0, name="cost(V, X)", atol=1e-3)


@check(points=1)
def check_shapes(submission, expected):
    """`fit_embeddings` returns V with one vector for each movie, and the list of its losses."""
    fitted(submission, expected.X, dim=4, num_steps=3, lr=0.1)


@check(points=1, depends_on=["shapes"])
def check_seed(submission, expected):
    """The same `seed` gives the same start, and another seed another start."""
    starts = [fitted(submission, expected.X, dim=3, num_steps=0, seed=seed)[0] for seed in (1, 1, 2)]
    expect.close(starts[1], starts[0], name="the start with the same seed")
    expect.that(not torch.equal(starts[0], starts[2]), "Different seeds give the same start.")


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_start(submission):
    """V starts from a standard normal distribution."""
    V, _ = fitted(submission, torch.zeros(500, 500), dim=20, num_steps=0)
    # 10,000 numbers: five standard deviations of their mean, seven of their standard deviation.
    expect.close(V.mean(), torch.tensor(0.0), name="the mean of the start", atol=0.05)
    expect.close(V.std(), torch.tensor(1.0), name="the standard deviation of the start", atol=0.05)


@check(points=2, depends_on=["seed"], partial=True)
def check_steps(submission, expected, credit):
    """Every step is a step of the named optimiser, with its learning rate, along the gradient of the cost."""
    start, _ = fitted(submission, expected.X, dim=3, num_steps=0, seed=5)
    for optimizer, lr in (("sgd", 1e-3), ("sgd", 1e-4), ("adam", 0.1), ("rmsprop", 0.01)):
        V, _ = fitted(submission, expected.X, dim=3, optimizer=optimizer, lr=lr, num_steps=4, seed=5)
        right = stepped(start, expected.X, optimizer, lr, 4)
        with credit.case(f"{optimizer}, lr = {lr:g}, 4 steps"):
            # Relative to how far the steps lead: where they are short, V hardly differs from its start.
            expect.close(V, right, name="V", rtol=0, atol=0.02 * float((right - start).abs().max()))


@check(points=1, depends_on=["shapes"])
def check_losses(submission, expected):
    """The losses are the cost of the start and the cost after each step, up to that of the V returned."""
    start, again = (fitted(submission, expected.X, dim=3, num_steps=0, seed=6)[0] for _ in range(2))
    V, losses = fitted(submission, expected.X, dim=3, lr=0.1, num_steps=7, seed=6)
    X = expected.X.double()
    expect.that(len(losses) > 0, "`losses` is empty.")
    expect.near(losses[-1], right_cost(V, X), name="losses[-1]", rtol=1e-3)
    if torch.equal(start, again):  # else where the steps began is not known: a check of its own judges the seed
        expect.near(losses[0], right_cost(start, X), name="losses[0]", rtol=1e-3)
    expect.equal(len(losses), 8, name="len(losses) after 7 steps")


@check(points=1, visibility="hidden", depends_on=["seed"])
def check_defaults(submission, rng):
    """The defaults are 150 steps of Adam with lr = 1 on vectors of length 100."""
    X = few_likes(rng)
    plain = expect.tuple_of(submission.fit_embeddings(X, seed=8), "V", "losses")
    V = expect.tensor(plain[0], "V", shape=(9, 100), dtype="floating").double()
    same, losses = fitted(submission, X, dim=100, optimizer="adam", lr=1.0, num_steps=150, seed=8)
    expect.equal(len(expect.losses(plain[1], finite=False)), len(losses), name="len(losses)")
    expect.close(V, same, name="V", atol=1e-3)


@check(points=2, depends_on=["shapes"])
def check_fit(submission, datasets, sizes, gates, figures):
    """A fit to all movies leaves little of the cost."""
    gates.require("cost_left", name="the share of the cost that is left")
    if datasets.profile == "full":
        # Always the same start and order of movies, so that the figures can be compared with the published ones.
        _, losses = whole_fit(submission, datasets.movielens.likes, sizes, seed=0)
        if len(losses) > 135:
            figures["cost_at_the_start"], figures["cost_after_135_steps"] = losses[0], losses[135]


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_neighbours(gates):
    """The largest inner products of a well-known movie are with the movies that most of its fans like."""
    gates.require("neighbours_shared", name="the number of expected movies among the nearest ten")


@check(points=1)
def check_compare(submission, expected, datasets, exhibits):
    """`compare_settings` returns the losses of every optimiser and learning rate, all from the same start."""
    good, bad = curves_of(submission, expected.X, [GOOD, BAD])
    expect.near(bad[0], good[0], name="the first loss of another setting", rtol=1e-3)
    in_order = good[-1] < 0.5 * good[0] and bad[-1] > 0.9 * bad[0]
    expect.that(in_order, "The losses do not belong to the settings that are their keys.")
    X = most_liked(datasets)
    for optimizer, rates in SHOWN.items():
        losses = curves_of(submission, X, [(optimizer, lr) for lr in rates])
        lines = {f"lr = {lr:g}": line for lr, line in zip(rates, losses, strict=True)}
        exhibits.curves(f"cost with {optimizer}, for 60 movies", lines, x_label="step", y_label="cost", log=True)


@check(points=1)
def check_plot(submission, datasets, exhibits):
    """`plot_losses` writes a PNG with all curves and their names, on a scale that shows small and large losses."""
    exhibits.picture("Your plot of the right costs", picture(submission, right_curves(datasets), "costs.png"))
    falling = [10.0 ** (10 - step) for step in range(11)]
    other_low = [*falling[:7], 1.0, 1.0, *falling[9:]]  # on a linear scale 1 and 1000 are equally far above the axis
    shown = picture(submission, {("adam", 1.0): falling, ("sgd", 2e-5): falling}, "losses.png")
    for first, second in ((other_low, falling), (falling, other_low)):
        other = picture(submission, {("adam", 1.0): first, ("sgd", 2e-5): second}, "other.png")
        expect.that(other != shown, "Other small losses give the same picture. Is every curve in it, on a log scale?")
    renamed = picture(submission, {("adam", 1.0): falling, ("rmsprop", 0.5): falling}, "renamed.png")
    expect.that(renamed != shown, "Other settings give the same picture. Does a legend name them?")


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_argument_unchanged(submission, expected):
    """`fit_embeddings` does not change X."""
    (X, *_) = submission.observe("fit_embeddings", expected.X, dim=3, num_steps=2, echo=True).arguments
    expect.unchanged(expected.X, X, name="X")
