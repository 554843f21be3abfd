"""assignment2/embedding: vectors for movies whose inner products follow the co-occurrences.

From the same seed a fit starts at the same V, and `num_steps=0` hands that start over. So what an optimiser makes of it
is computed here and compared, step by step; only how good a long fit becomes is left to gates. Movies come in random
order there, so that a fixed seed inside a solution does not make every run the same run.
"""

import struct

import torch

from grader import check, expect

OPTIMIZERS = {"adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop, "sgd": torch.optim.SGD}
GOOD, BAD = ("sgd", 1e-5), ("sgd", 1e-9)  # on a small X one leaves a tenth of the cost, the other nearly all of it
SHOWN = [("adam", 1.0), ("adam", 0.1), ("adam", 0.01), ("rmsprop", 0.1), ("sgd", 2e-5)]
WELL_KNOWN = ("Apollo 13 (1995)", "Toy Story (1995)", "Home Alone (1990)")


def right_cost(V, X):
    """The cost by its definition, for V (M, d) and X (M, M)."""
    difference = V @ V.T - X
    return (difference - torch.diag(difference.diagonal())).square().sum()


def stepped(V, X, optimizer, lr, num_steps):
    """Where torch.optim comes from V by steps along the gradient of the cost, in float64."""
    V = V.clone().requires_grad_()
    descent = OPTIMIZERS[optimizer]([V], lr=lr)
    for _ in range(num_steps):
        descent.zero_grad()
        right_cost(V, X.double()).backward()
        descent.step()
    return V.detach()


def few_likes(rng):
    """X float32 (9, 9) of 12 users who each like about half of 9 movies."""
    L = (torch.rand(12, 9, generator=rng) < 0.5).float()
    return L.T @ L


def loss_list(losses, name):
    """The losses as floats; a fit may diverge, so they may be inf or nan."""
    expect.that(isinstance(losses, (list, tuple)), f"`{name}` is not a list of floats.")
    plain = [loss.item() if isinstance(loss, torch.Tensor) and loss.numel() == 1 else loss for loss in losses]
    expect.that(all(type(loss) in (int, float) for loss in plain), f"`{name}` holds something that is not a number.")
    return [float(loss) for loss in plain]


def fitted(submission, X, *, dim, num_steps, **options):
    """V in float64 and the losses as floats, from what a student returned for X (M, M)."""
    returned = submission.fit_embeddings(X, dim=dim, num_steps=num_steps, **options)
    V, losses = expect.tuple_of(returned, "V", "losses")
    V = expect.tensor(V, "V", shape=(len(X), dim), dtype="floating").double()
    return V, loss_list(losses, "losses")


def whole_fit(submission, likes, sizes, **options):
    """V in float64 and its losses, fitted to all movies."""
    return fitted(submission, likes.cooccurrence, dim=sizes["dim"], num_steps=sizes["num_steps"], **options)


def random_order(datasets, rng):
    """All movies' places, shuffled."""
    return torch.randperm(len(datasets.movielens.movies), generator=rng)


def share_left(V, likes):
    """The cost of V as a share of what vectors of zeros cost."""
    return likes.cost(V) / likes.cost(torch.zeros_like(V))


def cost_left(submission, datasets, sizes, rng):
    """Gate: how much of the cost a fit to all movies leaves."""
    likes = datasets.movielens.likes.reordered(random_order(datasets, rng))
    V, _ = whole_fit(submission, likes, sizes)
    return share_left(V, likes)


def neighbours_shared(submission, datasets, sizes, rng):
    """Gate: of a movie's ten largest inner products, how many are movies that most of its fans like; worst of three."""
    order = random_order(datasets, rng)
    likes = datasets.movielens.likes.reordered(order)
    V, _ = whole_fit(submission, likes, sizes)
    titles = datasets.movielens.movies["title"].tolist()
    titles = [titles[place] for place in order.tolist()]
    return float(min(neighbours_known(V, likes, titles.index(title)) for title in WELL_KNOWN))


def neighbours_known(V, likes, movie):
    """How many of the ten nearest to one movie (itself among them) share as many fans with it as ten movies do."""
    shared = torch.mv(likes.table.t(), likes.table.to_dense()[:, movie])
    known = shared >= shared.topk(10).values[-1]  # more than ten where the tenth is tied
    return int(known[(V @ V[movie]).topk(10).indices].sum())


def most_liked(datasets, count=60):
    """X float32 (60, 60) of the movies that most users liked."""
    likes = datasets.movielens.likes
    table = likes.table.to_dense()[:, likes.counts.topk(count).indices]
    return table.T @ table


def curves_of(submission, X, settings):
    """What `compare_settings` returned for X, as a list of losses for each setting."""
    curves = submission.compare_settings(X, settings)
    expect.that(isinstance(curves, dict), "`compare_settings` does not return a dict.")
    expect.that(set(curves) == set(settings), "The keys are not the pairs (optimizer, lr).", detail=f"{list(curves)}")
    losses = [loss_list(curves[setting], "losses") for setting in settings]
    expect.that(all(len(line) >= 150 for line in losses), "There are too few losses for 150 steps.")
    return losses


def picture(submission, curves, path):
    """The bytes of the PNG that `plot_losses` writes, with its size in pixels checked."""
    submission.plot_losses(curves, path)
    content = submission.file(path)
    expect.that(content is not None, "`plot_losses` wrote no file to the path it was given.")
    expect.that(content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) > 24, "What `plot_losses` wrote is not a PNG.")
    width, height = struct.unpack(">II", content[16:24])
    expect.that(width >= 200 and height >= 150, "The picture is too small to read.", detail=f"{width} x {height}.")
    return content


@check(points=3)
def check_cost(submission, expected):
    """`cost` is the sum of the squared differences over all pairs of different movies."""
    found = expect.number(submission.cost(expected.V, expected.X), "cost(V, X)")
    expect.close(torch.tensor(found), expected.cost, name="cost(V, X)", rtol=1e-4)


@check(points=2, visibility="hidden", partial=True, depends_on=["cost"])
def check_cost_other_sizes(submission, credit, rng):
    """`cost` is right for any number of movies, vectors of any length, and vectors that fit exactly."""
    X = few_likes(rng)
    for dim in (1, 9, 14):
        V = torch.randn(9, dim, generator=rng)
        with credit.case(f"9 movies, d = {dim}"):
            found = expect.number(submission.cost(V, X), "cost(V, X)")
            expect.close(torch.tensor(found), right_cost(V, X), name="cost(V, X)", rtol=1e-4)
    V = torch.randn(5, 3, generator=rng)
    with credit.case("vectors that fit exactly"):
        found = expect.number(submission.cost(V, V @ V.T + torch.eye(5)), "cost(V, X)")
        expect.close(torch.tensor(found), torch.tensor(0.0), name="cost(V, X)", atol=1e-3)


@check(points=1)
def check_shapes(submission, expected):
    """`fit_embeddings` returns V with one vector for each movie, and the list of its losses."""
    fitted(submission, expected.X, dim=4, num_steps=3, lr=0.1)


@check(points=1, depends_on=["shapes"])
def check_seed(submission, expected):
    """The same `seed` gives the same start, and another one another start."""
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


@check(points=3, depends_on=["seed"], partial=True)
def check_steps(submission, expected, credit):
    """Every step is one of the named optimiser, with its learning rate, along the gradient of the cost."""
    start, _ = fitted(submission, expected.X, dim=3, num_steps=0, seed=5)
    for optimizer, lr in (("sgd", 1e-3), ("sgd", 1e-4), ("adam", 0.1), ("rmsprop", 0.01)):
        V, _ = fitted(submission, expected.X, dim=3, optimizer=optimizer, lr=lr, num_steps=4, seed=5)
        right = stepped(start, expected.X, optimizer, lr, 4)
        with credit.case(f"{optimizer}, lr = {lr:g}, 4 steps"):
            # As a part of how far the steps lead: where they are short, V hardly differs from its start.
            expect.close(V, right, name="V", rtol=0, atol=0.02 * float((right - start).abs().max()))


@check(points=2, depends_on=["seed"])
def check_losses(submission, expected):
    """The losses are the cost of the start and the cost after every step, up to that of the V returned."""
    start, _ = fitted(submission, expected.X, dim=3, num_steps=0, seed=6)
    V, losses = fitted(submission, expected.X, dim=3, lr=0.1, num_steps=7, seed=6)
    X = expected.X.double()
    expect.that(len(losses) > 0, "`losses` is empty.")
    expect.close(torch.tensor(losses[-1]), right_cost(V, X), name="losses[-1]", rtol=1e-3)
    expect.close(torch.tensor(losses[0]), right_cost(start, X), name="losses[0]", rtol=1e-3)
    expect.equal(len(losses), 8, name="len(losses) after 7 steps")


@check(points=1, visibility="hidden", depends_on=["seed"])
def check_defaults(submission, rng):
    """Without other arguments it is 150 steps of Adam with lr = 1 on vectors of length 100."""
    X = few_likes(rng)
    plain = expect.tuple_of(submission.fit_embeddings(X, seed=8), "V", "losses")
    V = expect.tensor(plain[0], "V", shape=(9, 100), dtype="floating").double()
    same, losses = fitted(submission, X, dim=100, optimizer="adam", lr=1.0, num_steps=150, seed=8)
    expect.equal(len(loss_list(plain[1], "losses")), len(losses), name="len(losses)")
    expect.close(V, same, name="V", atol=1e-3)


@check(points=2, depends_on=["shapes"])
def check_fit(submission, datasets, sizes, gates, figures, exhibits, rng):
    """A fit to all movies leaves little of the cost."""
    tries = []

    def run():
        # The first try is the same in every grading of the same code, so that its figures can be compared.
        likes = datasets.movielens.likes
        if tries:
            likes = likes.reordered(random_order(datasets, rng))
        V, losses = whole_fit(submission, likes, sizes, seed=len(tries))
        tries.append(losses)
        lines = {f"try {number}": line for number, line in enumerate(tries, start=1)}
        exhibits.curves("cost of the fit", lines, x_label="step", y_label="cost", log=True)
        return share_left(V, likes)

    figures["cost_left"] = expect.best_of(gates["cost_left"], run, name="the share of the cost that is left")
    if len(tries[0]) > 135:
        figures["cost_at_the_start"], figures["cost_after_135_steps"] = tries[0][0], tries[0][135]


@check(points=1, visibility="hidden", depends_on=["shapes"])
def check_neighbours(submission, datasets, sizes, gates, figures, rng):
    """The movies with the largest inner products with a well-known one are those that most of its fans like."""
    figures["neighbours_shared"] = expect.best_of(
        gates["neighbours_shared"],
        lambda: neighbours_shared(submission, datasets, sizes, rng),
        name="the number of expected movies among the nearest ten",
    )


@check(points=1, depends_on=["shapes"])
def check_compare(submission, expected, datasets, exhibits):
    """`compare_settings` gives the losses of every optimiser and learning rate, all from the same start."""
    good, bad = curves_of(submission, expected.X, [GOOD, BAD])
    expect.close(torch.tensor(bad[0]), torch.tensor(good[0]), name="the first loss of another setting", rtol=1e-3)
    in_order = good[-1] < 0.5 * good[0] and bad[-1] > 0.9 * bad[0]
    expect.that(in_order, "The losses are not those of the settings they are named after.")
    names = [f"{optimizer}, lr = {lr:g}" for optimizer, lr in SHOWN]
    lines = dict(zip(names, curves_of(submission, most_liked(datasets), SHOWN), strict=True))
    exhibits.curves("cost by setting, for 60 movies", lines, x_label="step", y_label="cost", log=True)


@check(points=1)
def check_plot(submission):
    """`plot_losses` writes a PNG of all curves and their names, on a scale where small losses show beside large."""
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
    """`fit_embeddings` leaves X as it was."""
    (X, *_) = submission.observe("fit_embeddings", expected.X, dim=3, num_steps=2, echo=True).arguments
    expect.unchanged(expected.X, X, name="X")
