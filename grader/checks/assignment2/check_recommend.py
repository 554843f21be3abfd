"""assignment2/recommend: find the movies nearest to one, by the similarity that the student declares in `STRATEGY`.

V is given, so a ranking is right or wrong, up to ties. Students choose only which similarity they use.

How a title is found is judged by checks of its own. Others ask with the year and, where that finds nothing, without.
"""

import functools
import re

import torch

from grader import check, expect

SIMILARITIES = {
    "dot": lambda V, v: V @ v,
    "cosine": lambda V, v: V @ v / (V.norm(dim=1) * v.norm()),
    "euclidean": lambda V, v: -(V - v).norm(dim=1),
}
ASKED = ("Apollo 13 (1995)", "Toy Story (1995)", "Home Alone (1990)")
UNLIKE_OTHERS = "Quixotic Zebra (1931)"


def declared(submission):
    """Return the student's `STRATEGY`; "dot" where there is none."""
    strategy = submission.constant("STRATEGY", default="dot")
    known = ", ".join(f'"{name}"' for name in SIMILARITIES)
    expect.of_type(strategy, str, name="STRATEGY", wanted=f"one of {known}")
    expect.that(strategy in SIMILARITIES, f"`STRATEGY` is not one of {known}.", detail=f"It is {strategy[:40]!r}.")
    return strategy


def named(submission, V, titles, title, **options):
    """Return what a student recommended: a list of different titles out of `titles`."""
    return well_formed(submission.recommend(V, titles, title, **options), titles)


def named_either_way(submission, V, titles, full_title, **options):
    """Return the same for a title with its year, or without it where that finds nothing."""
    answer = expect.unless_crashed(lambda: submission.recommend(V, titles, full_title, **options))
    if answer is None or (isinstance(answer, list) and not answer):
        answer = submission.recommend(V, titles, without_year(full_title), **options)
    return well_formed(answer, titles)


def without_year(title):
    """Return a title without the year at its end."""
    return re.sub(r" \(\d{4}\)$", "", title)


def easily_found(titles):
    """Return the titles that have a year, and a name that no other title contains."""
    names = {title: without_year(title) for title in titles}
    return [title for title, name in names.items() if name != title and sum(name in other for other in titles) == 1]


def well_formed(names, titles):
    """Return an answer as a list; require different titles out of `titles`."""
    names = expect.strings(names, name="recommend(V, titles, title)")
    expect.that(len(names) <= len(titles), "`recommend` returns more names than there are movies.")
    strangers = sorted(set(names) - set(titles))
    expect.that(not strangers, "A name is not in `titles`.", detail=f"It is {strangers[:1]}.")
    expect.that(len(set(names)) == len(names), "A movie is recommended twice.", detail=f"{list(names)}")
    return list(names)


def misplaced(names, titles, similarity):
    """Return (place, expected title) of the first name that is not as near as it could be; None where all are."""
    order = similarity.argsort(descending=True).tolist()
    for place, (name, right) in enumerate(zip(names, order, strict=False)):
        if not similarity[titles.index(name)] >= similarity[right] - 1e-4 * similarity.abs().max():
            return place, titles[right]
    return None


def require_nearest(submission, V, titles, full_title, **options):
    """Require the nearest movies, nearest first, ties in any order, and return the names.

    Other checks judge whether the movie itself is among them and how many there are: here one may be missing.
    """
    names = named_either_way(submission, V, titles, full_title, **options)
    expect_nearest(names, declared(submission), V, titles, full_title, k=options.get("k", 10))
    return names


def expect_nearest(names, strategy, V, titles, full_title, k):
    """Require that the names are the k nearest by the declared strategy, or the k - 1 nearest."""
    k = min(k, len(titles) - 1)
    ranked = [name for name in names if name != full_title][:k]
    expect.that(len(ranked) >= k - 1, "There are too few recommendations.", detail=f"{len(ranked)}, expected {k}.")
    wrong = misplaced_by_each(ranked, V, titles, full_title)
    if wrong[strategy] is not None:
        fitting = [other for other, problem in wrong.items() if problem is None]
        place, right = wrong[strategy]
        expect.fail(
            f"The movies are not the nearest by {strategy}, which `STRATEGY` declares, nearest first."
            + (f" They are the nearest by {fitting[0]}." if fitting else ""),
            detail=f"For {full_title!r}, place {place + 1} is {ranked[place]!r}, expected {right!r}.",
        )


def misplaced_by_each(names, V, titles, full_title):
    """Return the first misplaced name for each similarity, None where all are the nearest; no name is the movie."""
    others = [other for other in titles if other != full_title]
    return {known: misplaced(names, others, nearness(known, V, titles, full_title)) for known in SIMILARITIES}


def nearness(strategy, V, titles, full_title):
    """Return the similarity, float64 (M - 1,), of all other movies with one of them."""
    query = titles.index(full_title)
    others = torch.tensor([place for place in range(len(titles)) if place != query])
    return SIMILARITIES[strategy](V.double(), V[query].double())[others]


def require_found(submission, V, titles, title, full_title):
    """Require that a title finds its movie: by the answer, or because a title unlike all others gives the same one.

    Other checks judge whether the answer is right.
    """
    names = named(submission, V, titles, title, k=4)
    if full_title not in names and len(names) == 4 and None in misplaced_by_each(names, V, titles, full_title).values():
        return
    place = titles.index(full_title)
    renamed = [*titles[:place], UNLIKE_OTHERS, *titles[place + 1 :]]
    same = named_either_way(submission, V, renamed, UNLIKE_OTHERS, k=4)
    expect.that(
        same == [UNLIKE_OTHERS if name == full_title else name for name in names],
        "`recommend` starts from another movie than the one with that title.",
        detail=f"{title!r} should find {full_title!r}.",
    )


def invented(rng, movies, dim=4):
    """Draw V (movies, dim), vectors of different lengths, and return it with titles for them."""
    V = torch.randn(movies, dim, generator=rng) * (0.5 + 2 * torch.rand(movies, 1, generator=rng))
    return V, [f"Film {number} ({1950 + number % 60})" for number in range(movies)]


@check(points=1)
def check_names(submission, expected):
    """`recommend` returns a list of titles out of `titles`, each at most once."""
    names = named_either_way(submission, expected.V, expected.titles, expected.title, k=3)
    expect.that(len(names) > 0, "`recommend` returns an empty list.")


@check(points=1, depends_on=["names"])
def check_movie_itself(submission, expected):
    """A movie is not among its own recommendations."""
    for title in easily_found(expected.titles):
        names = named_either_way(submission, expected.V, expected.titles, title, k=4)
        expect.that(title not in names, "The movie itself is recommended.", detail=f"For {title!r}: {names}")


@check(points=2, depends_on=["names"])
def check_nearest(submission, expected):
    """The movies are the nearest by the declared `STRATEGY`, the nearest first."""
    for title in easily_found(expected.titles):
        require_nearest(submission, expected.V, expected.titles, title, k=4)


@check(points=1, visibility="hidden", partial=True)
def check_other_vectors(submission, credit, rng):
    """`recommend` is right for any number of movies and length of vectors; ties may be in any order."""
    for movies, dim in ((12, 1), (30, 4), (60, 80)):
        V, titles = invented(rng, movies, dim)
        with credit.case(f"{movies} movies, d = {dim}"):
            for query in (0, movies // 2, movies - 1):
                require_nearest(submission, V, titles, titles[query])
    V, titles = invented(rng, 16, 3)
    with credit.case("ties"):
        require_nearest(submission, V.sign(), titles, titles[5], k=6)


@check(points=1, depends_on=["names"])
def check_title_with_year(submission, expected):
    """The title may be given as it is in `titles`, with its year."""
    for title in easily_found(expected.titles):
        require_found(submission, expected.V, expected.titles, title, title)


@check(points=1, depends_on=["names"])
def check_title_without_year(submission, expected):
    """The title may be given without its year."""
    for full_title, title in expected.short_titles:
        require_found(submission, expected.V, expected.titles, title, full_title)


@check(points=1, visibility="hidden", partial=True)
def check_titles_alike(submission, expected, credit, rng):
    """The movie is the one with that title, not one whose title contains it; the year tells movies of a name apart."""
    titles = expected.titles_alike
    V, _ = invented(rng, len(titles))
    for full_title, title in expected.queries_alike:
        with credit.case(f"{title} among {len(titles)} titles"):
            require_found(submission, V, titles, title, full_title)


@check(points=1, depends_on=["names"])
def check_unknown_title(submission, expected):
    """A title that no movie has raises a ValueError."""
    for title in expected.unknown_titles:
        ask = functools.partial(submission.recommend, expected.V, expected.titles, title, k=3)
        expect.raises(ask, ValueError, name="recommend(V, titles, title)")


@check(points=1, visibility="hidden", partial=True)
def check_k(submission, credit, rng):
    """`recommend` returns `k` movies, 10 by default, or all others where there are fewer."""
    V, titles = invented(rng, 15)
    V[3] *= 0.1  # a short vector is not the nearest to itself by inner product: dropping the first one shows
    for options, count in (({}, 10), ({"k": 1}, 1), ({"k": 14}, 14), ({"k": 40}, 14)):
        with credit.case(f"k = {options['k']}" if options else "k not given"):
            names = require_nearest(submission, V, titles, titles[3], **options)
            expect.equal(len(names), count, name="the number of recommendations")


@check(points=1)
def check_fitted(submission, datasets, expected, sizes, figures, exhibits):
    """`recommend` works on vectors fitted to all movies, for Apollo 13, Toy Story and Home Alone."""
    titles = datasets.movielens.movies["title"].tolist()
    # Always the same start, so that the number of published movies among the ten can be compared.
    V = datasets.movielens.likes.embedded(sizes["dim"], sizes["num_steps"], torch.Generator().manual_seed(0))
    strategy = declared(submission)
    lists = {}
    for full_title in ASKED:
        names = named_either_way(submission, V, titles, full_title)
        others = [other for other in titles if other != full_title]
        best = nearness(strategy, V, titles, full_title).topk(10).indices.tolist()
        lists[full_title] = [others[place] for place in best], names[:10]
        exhibits.rankings(f"Recommendations, the nearest by {strategy}", lists)
        if datasets.profile == "full":
            published = dict(map(tuple, expected.published))[full_title]
            name = without_year(full_title).replace(" ", "_")
            figures[f"published_ten_of_{name}"] = len({full_title, *names[:9]} & set(published))
    for full_title, (_, names) in lists.items():
        expect_nearest(names, strategy, V, titles, full_title, k=10)


@check(points=1, visibility="hidden", depends_on=["names"])
def check_arguments_unchanged(submission, expected):
    """`recommend` does not change V and the titles."""
    inputs, title = (expected.V, expected.titles), expected.title
    answer = expect.unless_crashed(lambda: submission.observe("recommend", *inputs, title, k=3, echo=True))
    answer = answer or submission.observe("recommend", *inputs, without_year(title), k=3, echo=True)
    V, titles, *_ = answer.arguments
    expect.unchanged(expected.V, V, name="V")
    expect.that(titles == expected.titles, "The call changed its argument `titles`. Work on a copy: `list(titles)`.")
